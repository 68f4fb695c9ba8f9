"""What the commands on unit returns share: the election, the versions of the roster, how units are shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from evote.ballots import Election
from evote.cli.ending import UnusableError, reading
from evote.cli.world import World
from evote.office.returns_files import read_rosters
from evote.record import RecordReader, load_election
from evote.record.layout import MANIFEST
from evote.returns import Rosters

path_type = click.Path(path_type=Path)

record_option = click.option(
    "--record",
    "--manifest",
    "record",
    required=True,
    type=path_type,
    help="The record, or its manifest.json with parameters, guardians and keys beside it; offline.",
)
roster_option = click.option(
    "--roster",
    "roster_files",
    multiple=True,
    type=path_type,
    help="A later version of the roster; repeat it.",
)
unit_option = click.option(
    "--unit", required=True, metavar="PATH", help="The unit, as in the tree: Land/North."
)
unit_private_option = click.option(
    "--private", required=True, type=path_type, help="The folder with the sealed key."
)
out_option = click.option("--out", required=True, type=path_type, metavar="FILE", help="The new file.")


def open_record(world: World, record: Path) -> tuple[Election, RecordReader]:
    """The election of a record, which may have nothing but its setup, and its files.

    Raises :class:`UnusableError` if there is none, or it has no unit returns.
    """
    folder = record.parent if record.name == MANIFEST else record
    with reading(folder):
        reader = RecordReader(folder, world.groups)
        election = load_election(reader, window=4)
    if election.manifest.returns is None:
        raise UnusableError(f"{folder}: the election has no unit returns")
    return election, reader


def rosters_of(election: Election, files: Sequence[Path]) -> Rosters:
    """The manifest's roster and the later versions in files."""
    with reading("--roster"):
        return read_rosters(election, files)


def new_file(path: Path) -> None:
    """Raises :class:`UnusableError` if there is something of that name: what was signed stays."""
    if path.exists():
        raise UnusableError(f"{path} exists; choose a new file")
