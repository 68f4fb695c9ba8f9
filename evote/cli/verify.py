"""``evote verify``: checks a published record from its files alone."""

from __future__ import annotations

from pathlib import Path

import click

from evote.cli.ending import UnusableError, reading
from evote.cli.outcome import print_report
from evote.cli.output import write_output
from evote.cli.progress import progress
from evote.record import Stage
from evote.report import Report, html_page
from evote.verifier import verify_record

STAGES = {stage.value: stage for stage in Stage}


@click.command("verify")
@click.argument("record", type=click.Path(path_type=Path))
@click.option("--json", "json_file", metavar="FILE", help="Write the report as JSON; - is stdout.")
@click.option(
    "--report",
    "page",
    metavar="FILE.html",
    help="Write the report as one self-contained page in plain language.",
)
@click.option(
    "--expect",
    metavar="FINGERPRINT",
    help="The election's fingerprint (64 hexadecimal digits), known from elsewhere. Without it, a "
    "whole made-up record passes as well.",
)
@click.option(
    "--stage",
    type=click.Choice(list(STAGES)),
    default=Stage.FINAL.value,
    show_default=True,
    help="How far the election is: setup (keys), voting (ballots so far), final (everything).",
)
@click.option("--zero-ballots", is_flag=True, help="An election without a single ballot is expected.")
@click.option("--details", is_flag=True, help="A row for every sub-letter.")
def command(
    record: Path,
    json_file: str | None,
    page: str | None,
    expect: str | None,
    stage: str,
    zero_ballots: bool,
    details: bool,
) -> int:
    """Check the published record in the folder RECORD, and say what was checked and found.

    Needs nothing but the files: no key, no network, no trust in whoever wrote them. Every verification
    of ElectionGuard 2.1 runs with all its sub-letters, and evote's own (E.1 and so on).

    \b
    A finished election:       evote verify record
    The fingerprint is known:  evote verify record --expect 92C1…
    While people vote:         evote verify record --stage voting
    For a program:             evote verify record --json -
    For the newspaper:         evote verify record --report report.html

    Exit code 0: all passed. 1: a check failed. 3: something could not be checked. 2: no record there.
    """
    if json_file == "-" and page == "-":
        raise UnusableError("--json and --report cannot both write to stdout")
    with reading(record), progress() as report:
        found = verify_record(
            record,
            expect=expect,
            stage=STAGES[stage],
            zero_ballots_expected=zero_ballots,
            progress=report,
        )
    _write(found, json_file, page)
    if "-" not in (json_file, page):
        print_report(found, details=details)
    return found.exit_code


def _write(found: Report, json_file: str | None, page: str | None) -> None:
    if json_file is not None:
        write_output(json_file, found.to_json())
    if page is not None:
        write_output(page, html_page(found))
