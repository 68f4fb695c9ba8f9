"""``evote cast``: ballots that count."""

from __future__ import annotations

from pathlib import Path

import click

from evote.cli.deciding import chosen, open_box
from evote.cli.ending import say
from evote.cli.options import private_option, record_argument
from evote.cli.progress import progress
from evote.cli.world import World
from evote.office.box import cast


@click.command("cast")
@record_argument
@click.argument("codes", nargs=-1)
@private_option
@click.option(
    "--codes",
    "file",
    type=click.Path(path_type=Path),
    help="A file with one confirmation code per line.",
)
@click.option("--undecided", is_flag=True, help="Cast every ballot that is not decided yet.")
@click.pass_obj
def command(
    world: World, record: Path, codes: tuple[str, ...], private: Path, file: Path | None, undecided: bool
) -> None:
    """Cast the ballots with these confirmation CODES: they go into RECORD and will be counted.

    The first decision about a ballot is for ever: a cast ballot is never opened, a challenged one never
    counted. The first 8 or more digits of a code are enough. When the command ends, the decision is on
    the disk, and the ballot is in the record; in an election with chained codes it follows as soon as
    the ballots that its device made before are decided. Before the record is published, 'evote record seal'
    seals what was added.

    \b
    Examples:  evote cast record 5A0C93E1 --private office
               evote cast record --codes codes.txt --private office
    """
    with open_box(world, record, private) as (opened, store):
        entries = chosen(store, codes, file, undecided)
        with progress() as report:
            cast(
                opened.election,
                store,
                opened.writer,
                entries,
                lambda done: report("Casting", done, len(entries)),
                say,
            )
        waiting = store.counts().waiting
    click.echo(f"{len(entries)} cast")
    if waiting:
        click.echo(f"{waiting} wait for ballots before them in the chain of their device", err=True)
