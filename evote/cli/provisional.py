"""Commands of ``evote results`` for provisional results, while units are open."""

from __future__ import annotations

from pathlib import Path

import click

from evote.cli.ending import UnusableError, reading
from evote.cli.options import json_flag, private_option, record_argument
from evote.cli.outcome import print_report
from evote.cli.output import print_json
from evote.cli.passphrase import passphrase_options, read_passphrase
from evote.cli.progress import progress
from evote.cli.tables import show as show_table
from evote.cli.world import World
from evote.codec import MAX_FRAME_BYTES, decode, encode
from evote.errors import VerificationError
from evote.guardian import open_record
from evote.manifest.extensions import INDEX
from evote.office.count import devices_file
from evote.office.open import OpenElection, open_election
from evote.office.private import BALLOTS, PrivateFolder, journal_of, pending_store
from evote.office.provisional import close_units, correct_unit, publish_provisional
from evote.office.requestlog import OfficeRequests
from evote.record import RecordReader, Stage, read_limited, write_atomic
from evote.record.figures import Figures, figures
from evote.record.provisional import FOLLOWS, SealedProvisional, follow_faults, verify_provisional
from evote.record.standing import Standing, standing
from evote.report import Verdict
from evote.signing import VerifyKey
from evote.tally import ClosingHead
from evote.tally.closings import ballot_units
from evote.verifier.verify import verify_reader

_file = click.Path(path_type=Path, dir_okay=False)


@click.command("close")
@record_argument
@private_option
@click.option("--unit", "units", multiple=True, required=True, help="The unit that is closed; several times.")
@click.option("--reason", default="", help="Why a unit that was closed is closed again.")
@passphrase_options
@click.pass_obj
def close(
    world: World,
    record: Path,
    private: Path,
    units: tuple[str, ...],
    reason: str,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Close units of RECORD with the ballots that it has of them, and seal that.

    Ballots that come later must be there before the unit is decrypted: then the unit is closed again, with a
    reason. After that they are a discrepancy, and are never counted.

    \b
    Example:  evote results close record --private office --unit Town/North --unit Town/South
    """
    opened, folder = _office(world, record, private, passphrase_file, passphrase_fd)
    with reading(record):
        closings = close_units(opened.election, opened.writer, units, reason)
    _seal(opened, folder, private, world)
    for closing in closings:
        again = ", again" if closing.previous is not None else ""
        click.echo(f"{closing.unit}: closed{again} at {closing.head.size}, root {closing.head.root.hex()}")
    click.echo("Next: 'evote decrypt --provisional' for the cells that are complete now.")


@click.command("correct")
@record_argument
@private_option
@click.option("--unit", required=True, help="The unit that was decrypted.")
@click.option("--size", required=True, type=click.IntRange(min=0), help="Size of the head that is right.")
@click.option("--root", required=True, help="Its root, 64 hexadecimal digits.")
@click.option("--reason", required=True, help="What happened; everybody reads it.")
@passphrase_options
@click.pass_obj
def correct(
    world: World,
    record: Path,
    private: Path,
    unit: str,
    size: int,
    root: str,
    reason: str,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Publish that a unit of RECORD was decrypted with other ballots than it should have been.

    Nothing that was published changes, and nothing is decrypted for it: the difference would show the votes
    in which both differ. Every report names the discrepancy.

    \b
    Example:  evote results correct record --private office --unit North --size 812 --root 5f… \\
                --reason "one box was found on Monday"
    """
    opened, folder = _office(world, record, private, passphrase_file, passphrase_fd)
    with reading("--root"):
        digest = bytes.fromhex(root)
        if len(digest) != 32:
            raise UnusableError("a root has 64 hexadecimal digits")
    with reading(record):
        correct_unit(opened.election, opened.writer, unit, ClosingHead(size, digest), reason)
        _seal(opened, folder, private, world)
    click.echo(f"{unit}: the correction is in the record. Next: 'evote results publish'.")


@click.command("publish")
@record_argument
@private_option
@passphrase_options
@click.pass_obj
def publish(
    world: World, record: Path, private: Path, passphrase_file: Path | None, passphrase_fd: int | None
) -> None:
    """Publish which units are closed or corrected, where nothing new was decrypted.

    \b
    Example:  evote results publish record --private office
    """
    opened, folder = _office(world, record, private, passphrase_file, passphrase_fd)
    with reading(record), progress() as report:
        verified = open_record(RecordReader(record, world.groups), report)
        shown = None
        if opened.election.manifest.requests is not None:
            shown = OfficeRequests(opened.election, private).shown()
        made = publish_provisional(verified, opened.writer, None, folder.authority(), world.now(), shown)
        _seal(opened, folder, private, world)
    _print(figures(opened.election.manifest, made))


@click.command("show")
@record_argument
@json_flag
@click.pass_obj
def show(world: World, record: Path, as_json: bool) -> None:
    """Show the last provisional result in RECORD: n of m units, and the figures so far.

    Its signature is checked and that it follows from those before; 'evote results check' verifies the rest.

    \b
    Example:  evote results show record
    """
    with reading(record):
        opened = open_election(record, world.groups)
        stands = standing(opened.reader, opened.election.manifest, opened.election.extended_hash)
    if stands.latest is None:
        _unpublished(opened, stands, as_json=as_json)
        return
    found = figures(opened.election.manifest, stands.latest)
    if as_json:
        print_json(found)
    else:
        _print(found)


@click.command("save")
@record_argument
@click.option("--out", required=True, type=_file, help="The file to keep.")
@click.pass_obj
def save(world: World, record: Path, out: Path) -> None:
    """Keep the last provisional result of RECORD in a file of its own, to compare with what comes later.

    \b
    Example:  evote results save record --out kept-at-nine.result
    """
    with reading(record):
        opened = open_election(record, world.groups)
        stands = standing(opened.reader, opened.election.manifest, opened.election.extended_hash)
        if stands.latest is None:
            raise UnusableError("nothing was published yet")
    write_atomic(out, stands.last)
    click.echo(f"Provisional result {stands.latest.sequence} is in {out}")


@click.command("check")
@record_argument
@click.argument("kept", type=_file, nargs=-1)
@click.pass_obj
def check(world: World, record: Path, kept: tuple[Path, ...]) -> int:
    """Verify RECORD and its provisional results, and compare them with results that were KEPT.

    A kept result must stand in the record as it is, or, where it is later than the record, follow from
    what the record has. Exit codes as of 'evote verify'.

    \b
    Example:  evote results check record kept-at-nine.result kept-at-ten.result
    """
    with reading(record), progress() as report:
        reader = RecordReader(record, world.groups)
        opened = open_election(record, world.groups)
        latest = reader.latest_index()
        stage = Stage.VOTING if latest is None else latest.stage
        found = verify_reader(reader, stage=stage, progress=report)
    print_report(found)
    if found.verdict is Verdict.FAIL:
        return found.exit_code
    for path in kept:
        _compare(opened, path)
        click.echo(f"{path}: it is in this record, or follows from it")
    return found.exit_code


def _compare(opened: OpenElection, path: Path) -> None:
    """Raises :class:`VerificationError` unless the kept result is of the record, or follows from it."""
    election, reader = opened.election, opened.reader
    index = election.manifest.extensions[INDEX]
    with reading(path):
        data = read_limited(path, MAX_FRAME_BYTES)
        sealed = decode(SealedProvisional, data, element_bytes=reader.element_bytes)
        key = VerifyKey(bytes.fromhex(index.key or ""))
        result = verify_provisional(sealed, key, election.extended_hash, reader.element_bytes)
    stands = standing(reader, election.manifest, election.extended_hash)
    if result.sequence <= len(stands.results):
        if encode(stands.results[result.sequence - 1]) != sealed.result:
            raise VerificationError(
                f"the authority signed another provisional result {result.sequence} than the one in the "
                "record: "
                "two views of one count",
                check=FOLLOWS,
                where=str(path),
            )
        return
    for fault in () if stands.latest is None else follow_faults(election.manifest, stands.latest, result):
        raise VerificationError(
            f"it does not follow from the last one in the record: {fault.message}",
            check=fault.check,
            where=f"{path}, {fault.where}",
        )


# --- inside --------------------------------------------------------------------------------------------


def _office(
    world: World, record: Path, private: Path, passphrase_file: Path | None, passphrase_fd: int | None
) -> tuple[OpenElection, PrivateFolder]:
    passphrase = read_passphrase(passphrase_file, passphrase_fd, "the authority's key", new=False)
    with reading(record):
        opened = open_election(record, world.groups)
    folder = PrivateFolder(private, passphrase)
    with reading(private):
        folder.authority()
    return opened, folder


def _seal(opened: OpenElection, folder: PrivateFolder, private: Path, world: World) -> None:
    """Seal the record as it is; while people vote, with the devices that there are now."""
    last = opened.reader.latest_index()
    head = None if last is None else last.head
    if head is None and (private / BALLOTS).exists():
        with (
            pending_store(private, opened.election) as store,
            journal_of(private, opened.election) as journal,
        ):
            opened.writer.put_devices(devices_file(opened.election, store, journal))
    stage = Stage.VOTING if last is None or last.stage is not Stage.FINAL else Stage.FINAL
    opened.writer.seal(stage, world.now(), folder.authority(), head)


def _unpublished(opened: OpenElection, stands: Standing, *, as_json: bool) -> None:
    closed = [one.unit for one in stands.states.units()]
    every = ballot_units(opened.election.manifest)
    if as_json:
        print_json({"sequence": 0, "reported": len(closed), "units": len(every), "closed": closed})
        return
    click.echo(f"{len(closed)} of {len(every)} units are closed; nothing is published yet.")


def _print(found: Figures) -> None:
    test = " (a TEST)" if found["test"] else ""
    click.echo(f"{found['election']}{test}: provisional result {found['sequence']}, {found['date']}")
    click.echo(f"{found['reported']} of {found['units']} units: {', '.join(found['closed']) or 'none'}")
    if found["missing"]:
        click.echo(f"Not closed yet: {', '.join(found['missing'])}")
    for contest in found["contests"]:
        withheld = f", {contest['withheld']} withheld" if contest["withheld"] else ""
        show_table(
            f"{contest['contest']}: {contest['ballots']} ballots of {contest['units']} units, "
            f"{contest['cells']} of {contest['of']} cells{withheld}",
            ("", "counted"),
            [(each["option"], each["votes"]) for each in contest["votes"]],
        )
    for change in found["replaced"]:
        click.echo(f"Replaced: {change['unit']}; {change['reason']}")
    for change in found["discrepancies"]:
        click.echo(f"DISCREPANCY, not counted: {change['unit']}; {change['reason']}")


COMMANDS = (close, correct, publish, show, save, check)
"""What ``evote results`` has of this module."""
