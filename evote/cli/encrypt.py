"""``evote encrypt``: plaintext ballots become pending ones, or cast vote records become cast ballots."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from evote.cli.ending import UnusableError, reading
from evote.cli.executors import executor_of
from evote.cli.intake import take_in
from evote.cli.options import cluster_option, private_option, record_argument, workers_option
from evote.cli.passphrase import passphrase_options, read_passphrase
from evote.cli.progress import progress
from evote.cli.world import World
from evote.errors import RefusedError
from evote.office.booth import encrypt_ballots
from evote.office.cvr import CvrReport
from evote.office.open import OpenElection, open_election
from evote.office.plain import MAX_BYTES, read_ballots
from evote.office.private import PrivateFolder, journal_of, pending_store
from evote.office.rows import RowSource
from evote.office.table import Table
from evote.record import read_limited


@click.command("encrypt")
@record_argument
@click.argument("ballots", required=False)
@private_option
@click.option("--device", required=True, help="The name of the device, which is published.")
@click.option("--from-csv", "table", type=click.Path(path_type=Path), help="Cast vote records as a table.")
@click.option(
    "--from-cvr", "report", type=click.Path(path_type=Path), help="Cast vote records as NIST 1500-103 JSON."
)
@click.option("--separator", help="What separates the cells of the table.  [default: ,]")
@click.option("--skip-refused", is_flag=True, help="Encrypt the rows that can be, and leave the others out.")
@workers_option
@cluster_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per ballot.")
@passphrase_options
@click.pass_obj
def command(
    world: World,
    record: Path,
    ballots: str | None,
    private: Path,
    device: str,
    table: Path | None,
    report: Path | None,
    separator: str | None,
    skip_refused: bool,
    workers: int | None,
    cluster: str | None,
    as_json: bool,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Encrypt the ballots in BALLOTS (a file, or - for stdin) for the election in RECORD.

    One JSON object per line, or one list of them; unit and style may be left out where there is only
    one:

    \b
      {"unit": "Town/North", "style": "all", "contests": {"Chair": {"Ada": 1}}}
      {"contests": {"Chair": {}}}
      {"contests": {"Chair": {"marks": {"Bo": 1}, "write_ins": ["Dee"]}}}

    Prints a confirmation code per ballot, in the order of the file. The ballots wait in the private
    folder, their nonces sealed under the passphrase, until their voters cast or challenge them. All
    are checked before the first is encrypted; what is interrupted leaves the ballots so far.

    With --from-csv or --from-cvr, FILE has ballots that were cast before, on paper or elsewhere: they are
    cast at once and go into the record. A table has one row per ballot and one column per contest, called
    by its label; columns unit, style and id where they are needed. A cell has the marks, separated by |:

    \b
      id,unit,Chair,Council
      A-1,Town/North,Ada,Al|Em
      A-2,Town/South,,Ku=2|write-in: Dee

    An empty cell is a contest without marks, too many marks are an overvote and encrypted as such. Every
    row that cannot be encrypted is listed, and nothing is encrypted then, except with --skip-refused.
    Started again with the same file, or a corrected one, and the same device, it goes on with the rows that
    are not done; no row is ever done twice. The ballots stand in the record in the order of the rows: who
    has the file knows which is which. Workers see the votes; with chained codes each is a device of its own,
    called after --device.

    \b
    Examples:  evote encrypt record ballots.jsonl --private office --device "Booth 1" > codes.txt
               evote encrypt record --from-csv north.csv --private office --device "Scanner 7" --workers 0
    """
    chosen = [name for name in (ballots, table, report) if name is not None]
    if len(chosen) != 1:
        raise UnusableError("give one file: BALLOTS, --from-csv FILE or --from-cvr FILE")
    if separator is not None and table is None:
        raise UnusableError("--separator belongs to --from-csv")
    with reading(record):
        opened = open_election(record, world.groups)
        opened.require_no_board()
        opened.require_voting()
    if ballots is not None:
        if workers is not None or cluster is not None or skip_refused:
            raise UnusableError(
                "--workers, --cluster and --skip-refused belong to --from-csv and --from-cvr: "
                "voters' ballots are made one after the other, each on the disk before the next"
            )
        passphrase = (passphrase_file, passphrase_fd)
        _encrypt_voters(opened, record, ballots, private, device, as_json, passphrase)
        return
    source: RowSource
    if table is not None:
        with reading("--separator"):
            source = Table(opened.election.manifest, table, "," if separator is None else separator)
    else:
        source = CvrReport(opened.election.manifest, Path(chosen[0]))
    with reading(source.path):
        if not source.path.is_file():
            raise UnusableError(f"{source.path} is no file; its rows are read twice, so not from a pipe")
    secret = read_passphrase(passphrase_file, passphrase_fd, "the office's ballots", new=False)
    with executor_of(workers, cluster, plaintext=True) as executor:
        take_in(
            world,
            opened,
            private,
            PrivateFolder(private, secret),
            source,
            device,
            executor,
            skip_refused=skip_refused,
            as_json=as_json,
        )


def _encrypt_voters(
    opened: OpenElection,
    record: Path,
    ballots: str,
    private: Path,
    device: str,
    as_json: bool,
    sealed: tuple[Path | None, int | None],
) -> None:
    """Ballots whose voters decide later."""
    with reading("stdin" if ballots == "-" else ballots):
        raw = sys.stdin.buffer.read(MAX_BYTES + 1) if ballots == "-" else read_limited(ballots, MAX_BYTES)
        plaintexts = read_ballots(opened.election.manifest, raw)
    passphrase = read_passphrase(*sealed, "the office's ballots", new=False)
    with reading(private):
        PrivateFolder.make(private, record)
        vault = PrivateFolder(private, passphrase).vault(make=True)
        with journal_of(private, opened.election) as journal:
            if journal is not None and device in journal.devices():
                raise RefusedError(f"the device {device!r} is one of cast vote records; use another one")
        store = pending_store(private, opened.election, make=True)
    with store, progress() as report:
        with reading("--device"):
            codes = encrypt_ballots(opened.election, store, vault, device, plaintexts)
        for number, code in enumerate(codes, 1):
            click.echo(json.dumps({"ballot": number, "code": code}) if as_json else code)
            report("Encryption", number, len(plaintexts))
