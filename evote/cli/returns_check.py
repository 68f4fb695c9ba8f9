"""``evote returns check``: one return by itself, offline."""

from __future__ import annotations

from pathlib import Path

import click

from evote.ballots import Election
from evote.cli.ending import reading
from evote.cli.options import json_flag
from evote.cli.output import print_json
from evote.cli.returns_options import open_record, path_type, record_option, roster_option, rosters_of
from evote.cli.world import World
from evote.manifest import ReturnKind
from evote.office.returns_checking import FileCheck, TotalsCheck, check_file
from evote.office.returns_files import gather
from evote.office.returns_making import UnitLogSource, handed_over, in_record
from evote.record import RecordReader
from evote.record.layout import LOG
from evote.report.text import shown as printable
from evote.returns import ReturnError, Rosters, open_file, short_code
from evote.returns.shortcode import printed
from evote.returns.signed import read_return


@click.command("check")
@click.argument("files", type=path_type, nargs=-1, required=True)
@record_option
@roster_option
@click.option(
    "--ballots",
    "folders",
    multiple=True,
    type=path_type,
    help="What a unit's box handed over: log and ballots. Without, the record's, if it has them.",
)
@json_flag
@click.pass_obj
def check(
    world: World,
    files: tuple[Path, ...],
    record: Path,
    roster_files: tuple[Path, ...],
    folders: tuple[Path, ...],
    as_json: bool,
) -> int:
    """Check returns one by one, offline: form, election, unit, signatures, figures, totals.

    Totals of ballots are products that are computed again from the unit's ballots, by the hashes on its
    closed log. Where these are not here, the totals are NOT_CHECKED and the verdict is incomplete:
    a total without its ballots says nothing, and is never decrypted.

    \b
    Exit code 0: good. 1: forged, wrong, or figures that do not agree. 2: no return. 3: torn,
    unknown, or totals whose ballots are not here.

    \b
    Examples:
      evote returns check paper.return --record record
      evote returns check north.return --manifest manifest.json --ballots north
    """
    election, reader = open_record(world, record)
    rosters = rosters_of(election, roster_files)
    sources: dict[str, UnitLogSource] = {}
    for folder in folders:
        with reading(folder):
            source = handed_over(election, Path(reader.directory), folder)
        sources[source.unit] = source
    with reading(files[0], *files[1:]):
        given = list(gather(files))
    checks = [(name, data, _check(election, reader, rosters, sources, data)) for name, data in given]
    if as_json:
        print_json([_document(name, data, found) for name, data, found in checks])
    else:
        for name, data, found in checks:
            _show(name, data, found)
    codes = {found.exit_code for _, _, found in checks} or {2}
    return next((code for code in (1, 2, 3) if code in codes), 0)


def _check(
    election: Election,
    reader: RecordReader,
    rosters: Rosters,
    sources: dict[str, UnitLogSource],
    data: bytes,
) -> FileCheck:
    try:
        returned = read_return(election, data).returned
    except ReturnError as error:
        return FileCheck(None, error, TotalsCheck.NOT_CHECKED, (), ())
    source = sources.get(returned.unit)
    if source is None and returned.kind is ReturnKind.BALLOTS and reader.has(LOG):
        source = in_record(election, reader, returned.unit)
    return check_file(rosters, data, source)


def _verdict(found: FileCheck) -> str:
    if found.error is not None:
        return found.error.verdict.value
    return "clock-skewed" if found.signed is not None and found.signed.oddity else "good"


def _show(name: str, data: bytes, found: FileCheck) -> None:
    click.echo(f"{printable(name)}: {_verdict(found)}")
    if found.error is not None:
        click.echo(f"  {printable(str(found.error))}")
        return
    if found.signed is None:
        raise TypeError("a file without error is a return")
    made = found.signed.returned
    click.echo(f"  Unit:    {made.unit}, {made.kind.value}, version {made.version}, made {made.made_at}")
    if made.corrects:
        click.echo(f"  Reason:  {printable(made.reason)}")
    if found.signed.oddity:
        click.echo(f"  Clock:   {found.signed.oddity}")
    if made.kind is ReturnKind.BALLOTS:
        click.echo(f"  Totals:  {found.totals.value}")
        if found.totals is TotalsCheck.NOT_CHECKED:
            click.echo("           the ballots are not here; give them with --ballots")
    for sentence in found.differences:
        click.echo(f"  WRONG:   {sentence}")
    for finding in found.findings:
        click.echo(f"  {'Look at' if finding.rule.flag else 'WRONG'}: {finding}")
    click.echo("  Code:    " + printed(short_code(data)).replace("\n", "\n           "))
    if found.exit_code == 3:
        click.echo("  Verdict: INCOMPLETE")


def _document(name: str, data: bytes, found: FileCheck) -> dict[str, object]:
    signed = found.signed
    unit = ""
    if signed is not None:
        unit = signed.unit
    elif found.error is not None:
        unit = found.error.unit
    return {
        "name": name,
        "verdict": _verdict(found),
        "message": "" if found.error is None else found.error.message,
        "unit": unit,
        "kind": None if signed is None else signed.returned.kind.value,
        "version": None if signed is None else signed.version,
        "file": None if signed is None else open_file(data).digest.hex(),
        "short_code": None if signed is None else " ".join(short_code(data)),
        "totals": found.totals.value,
        "differences": list(found.differences),
        "findings": [str(finding) for finding in found.findings],
        "exit": found.exit_code,
    }
