"""``evote results``: provisional results, and results in the forms that election offices exchange."""

from __future__ import annotations

from pathlib import Path

import click

from evote import __version__
from evote.cli.ending import reading
from evote.cli.options import record_argument
from evote.cli.output import write_output
from evote.cli.provisional import COMMANDS
from evote.cli.world import World
from evote.codec import MAX_MERGED_BYTES
from evote.office.official.eml510 import eml_count
from evote.office.official.form import Exported, Issuer
from evote.office.official.from_record import sheet_of_record
from evote.office.official.from_returns import sheet_of_merged
from evote.office.official.nist_err import ELECTION_TYPES, nist_report
from evote.office.official.results_csv import results_table
from evote.office.official.sheet import ResultSheet, Standing
from evote.record import RecordReader, read_limited

_FORMATS = ("nist-err", "csv", "eml510")
_STANDINGS = tuple(standing.value for standing in Standing)


@click.group("results")
def command() -> None:
    """Publish results while places still count, check what others published, and export results.

    Units are closed one by one; as soon as all units of a cell are closed, the guardians decrypt it, once
    and for ever. What is published later has everything that was published before.

    \b
    As often as you like while units close:
      1. evote results close record --private office --unit North
      2. evote decrypt record --private office --exchange exchange --provisional --guardians 1,3,5
      3. each guardian:  evote guardian decrypt record --private mine --exchange exchange
      4. evote decrypt record --private office --exchange exchange --provisional
    Anybody:
      evote results show record
      evote results check record kept-at-nine.result
    At the end 'evote tally' and 'evote decrypt' go on with what is left.

    \b
    In the forms that election offices exchange:
      evote results export record --format nist-err --last-day 2027-05-04 --out results.json
    """


for each in COMMANDS:
    command.add_command(each)


@command.command("export")
@record_argument
@click.option("--format", "form", type=click.Choice(_FORMATS), required=True, help="The form.")
@click.option("--out", default="-", show_default=True, metavar="FILE", help="The file; - is stdout.")
@click.option("--last-day", metavar="YYYY-MM-DD", help="When voting ended, if the manifest does not say.")
@click.option("--first-day", metavar="YYYY-MM-DD", help="When voting began, if not on its last day.")
@click.option(
    "--returns",
    "merged",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The merged unit returns: statuses, voters and plain counts; RECORD may then be undecrypted.",
)
@click.option("--issuer", metavar="NAME", help="Who issues the results; without it, the election's label.")
@click.option("--issuer-abbreviation", metavar="NAME", help="The same, in short.")
@click.option(
    "--standing",
    type=click.Choice(_STANDINGS),
    default=Standing.FINAL.value,
    show_default=True,
    help="What the office says of these results.",
)
@click.option(
    "--election-type",
    type=click.Choice(ELECTION_TYPES),
    default="other",
    show_default=True,
    help="For nist-err.",
)
@click.option("--language", metavar="TAG", help="The language of names, for csv and eml510; else labels.")
@click.pass_obj
def export(
    world: World,
    record: Path,
    form: str,
    out: str,
    last_day: str | None,
    first_day: str | None,
    merged: Path | None,
    issuer: str | None,
    issuer_abbreviation: str | None,
    standing: str,
    election_type: str,
    language: str | None,
) -> None:
    """Write the results of RECORD in another form. Nothing is verified: 'evote verify' does that.

    \b
    nist-err   NIST SP 1500-100 version 2, JSON: the tree of units, statuses, every count
    csv        one table, a figure per line
    eml510     OASIS EML 5.0, message 510 (count), XML

    What the form has no place for is said on stderr, line by line.

    \b
    Example:  evote results export record --format eml510 --last-day 2027-05-04 --out count.xml

    With unit returns, also before anything is decrypted:

    \b
    Example:  evote results export record --returns merged --standing provisional --format csv
    """
    with reading(record, merged):
        reader = RecordReader(record, world.groups)
        stated = Standing(standing)
        if merged is None:
            sheet = sheet_of_record(
                reader, moment=world.now(), standing=stated, first_day=first_day, last_day=last_day
            )
        else:
            sheet = sheet_of_merged(
                reader,
                read_limited(merged, MAX_MERGED_BYTES),
                moment=world.now(),
                standing=stated,
                first_day=first_day,
                last_day=last_day,
            )
        who = issuer or sheet.manifest.label
        by = Issuer(who, issuer_abbreviation or who, f"evote {__version__}")
        exported = _exported(sheet, form, by, election_type, language)
    write_output(out, exported.data.decode("utf-8"))
    for sentence in exported.left_out:
        click.echo(f"not carried: {sentence}", err=True)


def _exported(
    sheet: ResultSheet, form: str, issuer: Issuer, election_type: str, language: str | None
) -> Exported:
    if language is not None and language not in sheet.manifest.languages:
        known = ", ".join(sheet.manifest.languages) or "none"
        raise ValueError(f"the election has no names in {language!r}; it has: {known}")
    if form == "csv":
        return results_table(sheet, language=language)
    if form == "eml510":
        return eml_count(sheet, issuer, language=language)
    return nist_report(sheet, issuer, election_type=election_type)
