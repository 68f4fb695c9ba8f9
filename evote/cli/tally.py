"""``evote tally``: closes the voting and adds the ballots up without opening them."""

from __future__ import annotations

from pathlib import Path

import click

from evote.cli.deciding import open_box
from evote.cli.ending import reading
from evote.cli.options import private_option, record_argument
from evote.cli.passphrase import passphrase_options, read_passphrase
from evote.cli.progress import progress
from evote.cli.world import World
from evote.office.count import close
from evote.office.private import PrivateFolder
from evote.record import Stage


@click.command("tally")
@record_argument
@private_option
@passphrase_options
@click.pass_obj
def command(
    world: World, record: Path, private: Path, passphrase_file: Path | None, passphrase_fd: int | None
) -> None:
    """Close the voting of RECORD: verify every ballot, add the cast ones up, seal the record.

    Nothing is decrypted here. Afterwards no ballot can be cast or challenged; the guardians decrypt the
    sums. With chained confirmation codes every ballot must be decided first.

    \b
    Example:  evote tally record --private office
    """
    passphrase = read_passphrase(passphrase_file, passphrase_fd, "the authority's key", new=False)
    with reading(private):
        authority = PrivateFolder(private, passphrase).authority()
    with open_box(world, record, private) as (opened, store), progress() as report:
        counts = store.counts()
        total = counts.cast + counts.challenged
        tally = close(
            opened.election, record, store, world.groups, lambda done: report("Tally", done, total)
        )
        undecided = counts.undecided
    opened.writer.seal(Stage.VOTING, world.now(), authority, tally.head)
    click.echo(f"Closed with {counts.cast} cast and {counts.challenged} challenged ballots.")
    if undecided:
        click.echo(f"{undecided} ballots were never decided; they are not in the record.")
    click.echo(f"Closing head: {tally.head.size} ballots, root {tally.head.root.hex()}")
    click.echo("Next: give each guardian the record; then 'evote decrypt'.")
