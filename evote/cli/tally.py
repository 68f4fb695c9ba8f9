"""``evote tally``: closes the voting and adds the ballots up without opening them."""

from __future__ import annotations

from pathlib import Path

import click

from evote.cli.deciding import open_box
from evote.cli.ending import reading, say
from evote.cli.executors import executor_of
from evote.cli.options import cluster_option, private_option, record_argument, workers_option
from evote.cli.passphrase import passphrase_options, read_passphrase
from evote.cli.progress import progress
from evote.cli.world import World
from evote.office.count import close
from evote.office.private import PrivateFolder, journal_of
from evote.record import Stage


@click.command("tally")
@record_argument
@private_option
@workers_option
@cluster_option
@passphrase_options
@click.pass_obj
def command(
    world: World,
    record: Path,
    private: Path,
    workers: int | None,
    cluster: str | None,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Close the voting of RECORD: verify every ballot, add the cast ones up, seal the record.

    Nothing is decrypted here. Afterwards no ballot can be cast or challenged; the guardians decrypt the
    sums. With chained confirmation codes every ballot must be decided first. What is sent to workers is
    in the record: they verify ballots and add them up, and the result is the same whoever does.

    \b
    Examples:  evote tally record --private office
               evote tally record --private office --workers 0
    """
    passphrase = read_passphrase(passphrase_file, passphrase_fd, "the authority's key", new=False)
    with reading(private):
        authority = PrivateFolder(private, passphrase).authority()
    with (
        open_box(world, record, private) as (opened, store),
        journal_of(private, opened.election) as journal,
        executor_of(workers, cluster, plaintext=False) as executor,
        progress() as report,
    ):
        counts = store.counts()
        cast = counts.cast + (0 if journal is None else journal.count())
        total = cast + counts.challenged
        tally = close(
            opened.election,
            record,
            store,
            world.groups,
            lambda done: report("Tally", done, total),
            journal=journal,
            warn=say,
            executor=executor,
        )
        undecided = counts.undecided
    opened.writer.seal(Stage.VOTING, world.now(), authority, tally.head)
    click.echo(f"Closed with {cast} cast and {counts.challenged} challenged ballots.")
    if undecided:
        click.echo(f"{undecided} ballots were never decided; they are not in the record.")
    click.echo(f"Closing head: {tally.head.size} ballots, root {tally.head.root.hex()}")
    click.echo("Next: give each guardian the record; then 'evote decrypt'.")
