"""``evote challenge``: ballots that are opened and never counted."""

from __future__ import annotations

from pathlib import Path

import click

from evote.ballots import OpenedBallot
from evote.cli.deciding import chosen, open_box
from evote.cli.ending import reading, say
from evote.cli.openings import opened_votes, print_opened
from evote.cli.options import json_flag, private_option, record_argument
from evote.cli.output import print_json
from evote.cli.passphrase import passphrase_options, read_passphrase
from evote.cli.world import World
from evote.manifest import Manifest
from evote.office.box import challenge
from evote.office.private import PrivateFolder


@click.command("challenge")
@record_argument
@click.argument("codes", nargs=-1)
@private_option
@click.option(
    "--codes",
    "file",
    type=click.Path(path_type=Path),
    help="A file with one confirmation code per line.",
)
@click.option(
    "--undecided",
    is_flag=True,
    help="Challenge every ballot that is not decided yet: their votes are shown and not counted.",
)
@json_flag
@passphrase_options
@click.pass_obj
def command(
    world: World,
    record: Path,
    codes: tuple[str, ...],
    private: Path,
    file: Path | None,
    undecided: bool,
    as_json: bool,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Challenge the ballots with these confirmation CODES: they are opened and never counted.

    Shows what each was encrypted as, for the voter to compare; the published record lets anybody check
    that the code belongs to it. The voter then votes anew. The first decision about a ballot is for
    ever. Where the manifest leaves the opening to the guardians, the votes are shown after their
    decryption only.

    \b
    Example:  evote challenge record 5A0C93E1 --private office
    """
    with open_box(world, record, private) as (opened, store):
        entries = chosen(store, codes, file, undecided)
        passphrase = read_passphrase(passphrase_file, passphrase_fd, "the office's ballots", new=False)
        with reading(private):
            vault = PrivateFolder(private, passphrase).vault()
        found = challenge(opened.election, store, vault, opened.writer, entries, say)
        waiting = store.counts().waiting
        manifest = opened.election.manifest
    votes = [{"code": entry.code, "contests": _votes(manifest, opening)} for entry, opening in found]
    if as_json:
        print_json(votes)
    else:
        for (entry, opening), _ in zip(found, votes, strict=True):
            click.echo(f"{entry.code} challenged; it is not counted")
            _print(manifest, opening)
    if waiting:
        click.echo(f"{waiting} wait for ballots before them in the chain of their device", err=True)


def _votes(manifest: Manifest, opening: OpenedBallot | None) -> dict[str, object] | None:
    return None if opening is None else opened_votes(manifest, opening)


def _print(manifest: Manifest, opening: OpenedBallot | None) -> None:
    if opening is None:
        click.echo("  the guardians open it after the voting")
    else:
        print_opened(manifest, opening)
