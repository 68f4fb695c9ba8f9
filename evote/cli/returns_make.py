"""``evote returns make`` and ``cosign``: a unit's return, and the unit above under its correction."""

from __future__ import annotations

from pathlib import Path

import click

from evote.ballots import Election
from evote.cli.ending import UnusableError, reading
from evote.cli.passphrase import passphrase_options, read_passphrase
from evote.cli.progress import progress
from evote.cli.returns_options import (
    new_file,
    open_record,
    out_option,
    path_type,
    record_option,
    roster_option,
    rosters_of,
    unit_option,
    unit_private_option,
)
from evote.cli.world import World
from evote.codec import MAX_RETURN_BYTES
from evote.manifest.declarations import ROSTER_ORIGIN
from evote.office.returns_counts import MAX_COUNTS_BYTES, Place, read_counts
from evote.office.returns_keys import open_roster_authority, open_unit_key
from evote.office.returns_making import Version, ballots_return, handed_over, in_record, open_return
from evote.record import RecordReader, read_limited, write_atomic
from evote.returns import (
    ReturnError,
    ReturnVerdict,
    Rosters,
    UnitReturn,
    check_return,
    read_uncosigned,
    reconcile,
    seal_correction,
    short_code,
    sign_correction,
    sign_return,
    uncosigned_file,
)
from evote.returns import (
    cosign as cosign_return,
)
from evote.returns.shortcode import printed
from evote.returns.signed import parent_of


@click.command("make")
@record_option
@unit_option
@click.option(
    "--counts",
    "counts_file",
    type=path_type,
    help="CSV (style,contest,field,count) or JSON: a whole paper count; of ballots what no log says.",
)
@click.option(
    "--box", "box_folder", type=path_type, help="What the unit's closed box handed over; else the record."
)
@click.option("--corrects", type=path_type, metavar="FILE", help="The return that this one corrects.")
@click.option("--reason", default="", help="Why, in words.")
@roster_option
@unit_private_option
@out_option
@passphrase_options
@click.pass_obj
def make(
    world: World,
    record: Path,
    unit: str,
    counts_file: Path | None,
    box_folder: Path | None,
    corrects: Path | None,
    reason: str,
    roster_files: tuple[Path, ...],
    private: Path,
    out: Path,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> int:
    """Make the return of a unit, signed with its key, and print the short code for the paper minutes.

    A unit that counts paper gives everything in a file; a zero is written as 0, because votes that nobody
    typed in look like a zero. Its first lines:

    \b
      style,contest,field,count
      full,,registered,120
      full,,signed_in,80
      full,,counted,79
      full,,rejected_only,1
      full,Mayor,Ada,41

    A unit with ballots needs its closed log: what its box handed over, or the record. Its totals are
    products of ballots that are verified here once more; nothing is decrypted. Where voters have no
    credentials, the file also has registered, signed_in and rejected_only, which no log tells.

    With --corrects the result goes to the unit above, for 'evote returns cosign'.

    \b
    Examples:
      evote returns make --record record --unit Land/Paper --counts paper.csv \\
        --private unit --out paper.return
      evote returns make --record record --unit Land/North --box north --private unit --out north.return
      evote returns make … --corrects paper.return --reason "list 3 was read twice" --out paper-2.draft

    Exit code 1: the figures do not agree with each other; the return is made, and names them.
    """
    new_file(out)
    election, reader = open_record(world, record)
    rosters = rosters_of(election, roster_files)
    version = _version(world, rosters, unit, corrects, reason)
    counts: dict[Place, int] = {}
    if counts_file is not None:
        with reading(counts_file):
            counts = read_counts(read_limited(counts_file, MAX_COUNTS_BYTES))
    if unit in election.manifest.open_paths():
        if counts_file is None or box_folder is not None:
            raise UnusableError(f"unit {unit!r} counts paper: give --counts, and no --box")
        with reading(counts_file):
            made = open_return(election, unit, counts, version)
    else:
        with reading(counts_file or box_folder or record), progress() as report:
            report(f"Ballots of {unit}", 0, 0)
            made = _of_ballots(election, reader, unit, box_folder, counts, version)
    passphrase = read_passphrase(passphrase_file, passphrase_fd, f"the key of {unit}", new=False)
    with reading(private):
        key = open_unit_key(election.manifest, rosters.latest(), unit, private, passphrase)
    if made.corrects:
        data = uncosigned_file(made, sign_correction(made, key))
    else:
        data = sign_return(made, key)
    write_atomic(out, data)
    return _tell(election, made, data, out)


def _of_ballots(
    election: Election,
    reader: RecordReader,
    unit: str,
    box: Path | None,
    counts: dict[Place, int],
    version: Version,
) -> UnitReturn:
    if box is None:
        source = in_record(election, reader, unit)
    else:
        source = handed_over(election, Path(reader.directory), box)
        if source.unit != unit:
            raise UnusableError(f"{box} is of {source.unit!r}, not of {unit!r}")
    return ballots_return(election, source, counts, version)


def _version(world: World, rosters: Rosters, unit: str, corrects: Path | None, reason: str) -> Version:
    if unit not in {each.path for each in rosters.election.manifest.reporting_units()}:
        raise UnusableError(f"{unit!r} is no unit that reports")
    if corrects is None:
        if reason:
            raise UnusableError("--reason goes with --corrects; a first return has none")
        return Version(world.now(), rosters.latest().name)
    if not reason.strip():
        raise UnusableError("a correction says why: give --reason")
    with reading(corrects):
        before = check_return(rosters, read_limited(corrects, MAX_RETURN_BYTES))
    if before.unit != unit:
        raise UnusableError(f"{corrects} is the return of {before.unit!r}")
    return Version(world.now(), rosters.latest().name, before.version + 1, before.digest, reason)


def _tell(election: Election, made: UnitReturn, data: bytes, out: Path) -> int:
    click.echo(f"Unit:     {made.unit}, {made.kind.value}, version {made.version}")
    counted = sum(each.counted for each in made.counts)
    click.echo(f"Voters:   {counted} counted of {sum(each.signed_in for each in made.counts)} who came")
    findings = reconcile(election, made)
    for finding in findings:
        click.echo(f"{'Look at' if finding.rule.flag else 'WRONG'}:  {finding}")
    if made.corrects:
        above = parent_of(made.unit) or ROSTER_ORIGIN
        click.echo(f"Next: {above} looks at {out} and signs it: 'evote returns cosign'")
    else:
        click.echo("Short code for the minutes:")
        click.echo("  " + printed(short_code(data)).replace("\n", "\n  "))
        click.echo(f"The return is in {out}; it may be copied as often as anybody likes.")
    return 1 if any(not finding.rule.flag for finding in findings) else 0


@click.command("cosign")
@click.argument("file", type=path_type)
@record_option
@roster_option
@click.option(
    "--private",
    required=True,
    type=path_type,
    help="The folder with the key of the unit above; of a root, that of the roster's authority.",
)
@out_option
@passphrase_options
@click.pass_obj
def cosign(
    world: World,
    file: Path,
    record: Path,
    roster_files: tuple[Path, ...],
    private: Path,
    out: Path,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> int:
    """Sign the correction in FILE as the unit above, which has looked at it and at its reason.

    Only then is it a return that counts. It must be signed before corrections end.

    \b
    Example:  evote returns cosign paper-2.draft --record record --private land --out paper-2.return
    """
    new_file(out)
    election, _ = open_record(world, record)
    rosters = rosters_of(election, roster_files)
    with reading(file):
        made, signature = read_uncosigned(rosters, read_limited(file, MAX_RETURN_BYTES))
    above = parent_of(made.unit)
    passphrase = read_passphrase(
        passphrase_file, passphrase_fd, f"the key of {above or ROSTER_ORIGIN}", new=False
    )
    with reading(private):
        if above is None:
            key = open_roster_authority(election.manifest, private, passphrase)
        else:
            roster = rosters.find(made.roster) or rosters.latest()
            key = open_unit_key(election.manifest, roster, above, private, passphrase)
    data = seal_correction(made, signature, cosign_return(made, key, world.now()))
    try:
        check_return(rosters, data)
    except ReturnError as error:
        if error.verdict is ReturnVerdict.LATE_CORRECTION:
            raise UnusableError(f"{file}: corrections have ended; nothing was signed") from error
        raise
    write_atomic(out, data)
    click.echo(f"{made.unit}, version {made.version}: {made.reason}")
    click.echo("Short code for the minutes:")
    click.echo("  " + printed(short_code(data)).replace("\n", "\n  "))
    return 0
