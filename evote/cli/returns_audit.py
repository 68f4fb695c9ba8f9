"""``evote returns audit``: what was sent is what was added, or where it is not."""

from __future__ import annotations

from pathlib import Path

import click

from evote.cli.ending import reading
from evote.cli.options import json_flag
from evote.cli.output import print_json
from evote.cli.returns_options import open_record, path_type, record_option
from evote.cli.tables import show
from evote.cli.world import World
from evote.office.returns_audit import Outcome
from evote.office.returns_audit import audit as audit_of
from evote.office.returns_files import gather
from evote.office.returns_published import read_publication
from evote.report.text import shown as printable


@click.command("audit")
@click.argument("published", type=path_type)
@click.option(
    "--sent",
    "sent",
    required=True,
    multiple=True,
    type=path_type,
    help="Files or folders of what units sent.",
)
@click.option(
    "--all", "everything", is_flag=True, help="All that was sent is here: anything else is a failure."
)
@record_option
@json_flag
@click.pass_obj
def audit(
    world: World, published: Path, sent: tuple[Path, ...], everything: bool, record: Path, as_json: bool
) -> int:
    """Show that what was sent is what was added, or name the unit and the difference.

    PUBLISHED is a folder of 'evote returns publish --out', or a record. Its signature, every file in it
    and every sum are checked again; then each file that was sent is looked for in it.

    \b
    Exit code 0: everything that was sent is in there. 1: something is not, is something else, or does
    not count because of a conflict. 3: a file that was sent is no authentic return, or names a roster
    that is neither in the publication nor among what was sent.

    \b
    Example:  evote returns audit published --sent inbox/ --record record
    """
    election, _ = open_record(world, record)
    with reading(published):
        publication = read_publication(election, published)
    with reading(sent[0], *sent[1:]):
        rows = audit_of(publication, gather(sent))
    codes = {row.outcome.exit_code for row in rows}
    if everything and any(row.outcome is Outcome.UNSENT for row in rows):
        codes.add(1)
    code = next((code for code in (1, 3) if code in codes), 0)
    if as_json:
        print_json(
            {
                "rows": [
                    {
                        "unit": row.unit,
                        "outcome": row.outcome.value,
                        "file": row.name,
                        "differences": list(row.differences),
                    }
                    for row in rows
                ],
                "reported": publication.state.reported,
                "expected": publication.state.expected,
                "exit": code,
            }
        )
        return code
    show(
        "What was sent",
        ("unit", "outcome", "file"),
        [(printable(row.unit), row.outcome.value, printable(row.name)) for row in rows],
    )
    for row in rows:
        for sentence in row.differences:
            click.echo(f"{printable(row.unit)}: {row.outcome.value}: {printable(sentence)}")
    added = sum(row.outcome is Outcome.ADDED for row in rows)
    reported = publication.state.reported
    click.echo(f"{added} of the {reported} returns that count there are the ones that were sent.")
    click.echo("Every sum in the publication is that of these returns.")
    return code
