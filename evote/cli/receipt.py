"""``evote receipt``: show a receipt, and check what it proves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from evote import __version__
from evote.board.evidence import MAX_EVIDENCE_BYTES, CheckedReceipt, Evidence
from evote.board.note import MAX_NOTE_BYTES, Note
from evote.board.receipt import MAX_RECEIPT_BYTES, Receipt
from evote.board.receipt_check import check_receipt
from evote.board.receipt_compact import letters, pack
from evote.board.receipt_log import UnitLog
from evote.board.receipt_setting import ReceiptSetting
from evote.board.receipt_text import write_text
from evote.cli.ending import Exit, UnusableError, reading, say
from evote.cli.options import json_flag
from evote.cli.output import print_json
from evote.cli.world import World
from evote.codec import MAX_MANIFEST_BYTES
from evote.errors import VerificationError
from evote.manifest import Manifest
from evote.manifest.moments import moment_of, seconds_of
from evote.office import qr
from evote.office.inclusion import record_proofs
from evote.office.receipts import read_receipt, record_log, record_setting
from evote.office.receiptwords import facts, sentences
from evote.record import RecordReader, read_limited, write_atomic

WITNESSES = "witnesses"
"""In the place of a time: only witnesses are believed."""
EVIDENCE = ".evidence"

_path = click.Path(path_type=Path)
_file = click.Path(path_type=Path, dir_okay=False)
_manifest = click.option(
    "--manifest", type=_file, help="The manifest of the election, from a source that you trust."
)
_record = click.option("--record", type=_path, help="The published record of the election.")


@click.group("receipt")
def command() -> None:
    """Show the receipt of a ballot, and check what it proves.

    A receipt does not say how you voted. Checking needs no network, and nothing from the ballot box:
    it believes the manifest, and the witnesses that the manifest names.

    \b
      evote receipt check my.receipt --manifest manifest.json     during voting
      evote receipt check my.receipt --record record              when the record is published
      evote receipt complete my.receipt --record record           puts the proof into it, for good
      evote receipt show my.receipt --manifest manifest.json --png my.png
    """


@command.command("show")
@click.argument("file", type=_file)
@_manifest
@_record
@click.option("--qr", "on_terminal", is_flag=True, help="Draw it as a QR code on the terminal.")
@click.option("--png", type=_file, help="Write it as a QR code to this PNG file.")
@click.option("--svg", type=_file, help="Write it as a QR code to this SVG file.")
@click.option("--compact", type=_file, help="Write its compact bytes to this file.")
@click.option("--text", type=_file, help="Write its text to this file, whatever form FILE has.")
@click.pass_obj
def show(
    world: World,
    file: Path,
    manifest: Path | None,
    record: Path | None,
    on_terminal: bool,
    png: Path | None,
    svg: Path | None,
    compact: Path | None,
    text: Path | None,
) -> None:
    """Show what stands in the receipt FILE, and write it in other forms. Nothing is checked.

    FILE may be the text, the compact bytes, or the letters that a reader of QR codes gave back. All but the
    text leave out what the manifest says, so they need --manifest or --record.

    \b
    Example:  evote receipt show my.receipt --manifest manifest.json --qr
    """
    with reading(file):
        data = read_limited(file, MAX_RECEIPT_BYTES)
    setting = _setting(world, manifest, record, None)
    with reading(file):
        receipt = read_receipt(data, setting)
        shown = facts(setting, receipt)
    for name, value in shown:
        click.echo(f"{name + ':':10}{value}")
    if text is not None:
        write_atomic(text, write_text(receipt))
    if not (on_terminal or png or svg or compact):
        return
    if setting is None:
        raise UnusableError("a code leaves out what the manifest says; give --manifest or --record")
    with reading(file):
        packed = pack(setting, receipt)
        code = letters(packed)
        if compact is not None:
            write_atomic(compact, packed)
        if png is not None:
            write_atomic(png, qr.png(code))
        if svg is not None:
            write_atomic(svg, qr.svg(code))
        if on_terminal:
            click.echo(qr.terminal(code))


@command.command("complete")
@click.argument("file", type=_file)
@click.option("--record", required=True, type=_path, help="The published record of the election.")
@click.option("--out", type=_file, help="Where the complete receipt goes; in the place of FILE without.")
@click.pass_obj
def complete(world: World, file: Path, record: Path, out: Path | None) -> None:
    """Put the proof into the receipt FILE: from the ballot to the witnessed closing head.

    The record needs to be there once. With the proof in it, the receipt shows for ever, and without the
    record, that the ballot is on the closed log.

    \b
    Example:  evote receipt complete my.receipt --record record
    """
    with reading(record):
        reader = RecordReader(record, world.groups)
        setting = record_setting(reader)
    with reading(file):
        receipt = read_receipt(read_limited(file, MAX_RECEIPT_BYTES), setting)
        if receipt.ballot.unit not in setting.board.units:
            raise VerificationError("this is no receipt of a unit of the election", where=str(file))
    with reading(record):
        proofs = record_proofs(reader, setting, receipt.ballot.unit)
    made = proofs.complete(receipt)
    write_atomic(out or file, write_text(made))
    size = len(pack(setting, made))
    click.echo(f"{out or file} has the proof in it: {size} bytes in compact form, which a QR code holds.")


@command.command("check")
@click.argument("receipt", type=_file)
@_manifest
@_record
@click.option("--expect", metavar="FINGERPRINT", help="The fingerprint of the election, as it was announced.")
@click.option(
    "--at",
    metavar="TIME",
    help="Now, as 2026-06-30T20:00:00Z, in the place of this machine's clock; 'witnesses' believes only "
    "them.",
)
@click.option(
    "--checkpoint",
    "checkpoints",
    type=_file,
    multiple=True,
    help="Another signed head of a log, to compare; from a neighbour, a newspaper, a witness.",
)
@click.option("--evidence", type=_file, help="Where evidence goes; RECEIPT.evidence without.")
@json_flag
@click.pass_obj
def check(
    world: World,
    receipt: Path,
    manifest: Path | None,
    record: Path | None,
    expect: str | None,
    at: str | None,
    checkpoints: tuple[Path, ...],
    evidence: Path | None,
    as_json: bool,
) -> int:
    """Check what RECEIPT proves; RECEIPT may also be evidence that somebody shows.

    Exit codes: 0 the log kept its promise and says what became of the ballot; 3 all is well so far, but
    what became of it is not known yet; 1 the receipt is forged, or the log is caught: the evidence is written
    to a file. Evidence that shows something else than it says ends with 2.

    \b
    Examples:
      evote receipt check my.receipt --manifest manifest.json
      evote receipt check my.receipt --record record --expect 4F1C…
    """
    with reading(receipt):
        data = read_limited(receipt, MAX_EVIDENCE_BYTES)
    wanted = None if expect is None else _fingerprint(expect)
    setting = _setting(world, manifest, record, wanted)
    if setting is None:
        raise UnusableError("whom to believe stands in the manifest: give --manifest or --record")
    claim = None
    with reading(receipt):
        if _is_evidence(data):
            claim = Evidence.parse(data)
            data = claim.receipt
        made = read_receipt(data, setting)
    if wanted is None and record is None:
        setting = ReceiptSetting(setting.manifest, made.fingerprint)
    notes, log = [_note(path) for path in checkpoints], None
    if claim is not None:
        with reading(receipt), _unusable(receipt):
            notes += [Note.parse(note) for note in claim.checkpoints]
            log = None if claim.log is None else claim.log.verify(setting)
    if record is not None and log is None:
        log = _log(world, record, setting, made)
    now = int(time.time()) if at is None else None if at == WITNESSES else _moment(at)
    with reading(receipt), _unusable("the checkpoint"):
        found = check_receipt(setting, made, at=now, checkpoints=notes, log=log)
    file = None
    if claim is None and found.evidence is not None:
        file = evidence or receipt.with_name(receipt.name + EVIDENCE)
        write_atomic(file, found.evidence.encode())
    if as_json:
        print_json(_facts(setting, made, found, file, claim))
    else:
        _print(setting, made, found, file, sure=wanted is not None)
    if claim is not None and claim.verdict is not found.verdict:
        say(f"{receipt} says {claim.verdict.value}, and does not show it")
        return Exit.UNUSABLE
    return found.exit_code


def _print(
    setting: ReceiptSetting, receipt: Receipt, found: CheckedReceipt, file: Path | None, *, sure: bool
) -> None:
    for line in sentences(setting, receipt, found):
        click.echo(line)
    expected = "" if sure else " (compare it with the one that was announced)"
    click.echo(f"Fingerprint of the election: {setting.fingerprint.hex()}{expected}")
    if file is not None:
        click.echo(f"Evidence: {file}")


def _facts(
    setting: ReceiptSetting,
    receipt: Receipt,
    found: CheckedReceipt,
    file: Path | None,
    claim: Evidence | None,
) -> dict[str, object]:
    ballot = receipt.ballot
    return {
        "tool": f"evote {__version__}",
        "verdict": found.verdict.value,
        "reason": found.reason,
        "fingerprint": setting.fingerprint.hex(),
        "unit": ballot.unit,
        "style": ballot.style,
        "decision": "challenge" if ballot.challenged else "cast",
        "ballot": ballot.ballot.hex(),
        "leaf": None if found.leaf is None else found.leaf.hex(),
        "index": found.index,
        "final": found.final,
        "due": None if found.due is None else moment_of(found.due),
        "witnessed": None if found.witnessed is None else moment_of(found.witnessed),
        "witnesses": setting.policy.witnessed,
        "superseded_by": found.superseded_by,
        "check": found.check or None,
        "claimed": None if claim is None else claim.verdict.value,
        "evidence": None if file is None else str(file),
    }


# --- inputs ------------------------------------------------------------------------------------------


def _setting(
    world: World, manifest: Path | None, record: Path | None, expected: bytes | None
) -> ReceiptSetting | None:
    """Whom to believe; from a manifest alone, with the fingerprint that is expected or a placeholder."""
    if manifest is not None and record is not None:
        raise UnusableError("the record has its manifest: give --manifest or --record, not both")
    if record is not None:
        with reading(record):
            setting = record_setting(RecordReader(record, world.groups))
        if expected is not None and setting.fingerprint != expected:
            raise VerificationError(
                f"{record} is the record of another election: its fingerprint is {setting.fingerprint.hex()}"
            )
        return setting
    if manifest is None:
        return None
    with reading(manifest):
        parsed = Manifest.parse(read_limited(manifest, MAX_MANIFEST_BYTES))
        return ReceiptSetting(parsed, expected or bytes(32))


def _log(world: World, record: Path, setting: ReceiptSetting, receipt: Receipt) -> UnitLog | None:
    unit = receipt.ballot.unit
    if unit not in setting.board.units:
        return None  # the check says that the receipt is forged
    with reading(record):
        return record_log(RecordReader(record, world.groups), setting, unit)


@contextmanager
def _unusable(what: object) -> Iterator[None]:
    """Around inputs beside the receipt: what is false there is not the receipt's fault."""
    try:
        yield
    except VerificationError as error:
        raise UnusableError(f"{what}: {error}") from error


def _is_evidence(data: bytes) -> bool:
    """A map of five members, as the codec writes it; no receipt starts so."""
    return data[:1] == b"\x85"


def _note(path: Path) -> Note:
    with reading(path):
        return Note.parse(read_limited(path, MAX_NOTE_BYTES))


def _fingerprint(text: str) -> bytes:
    try:
        value = bytes.fromhex(text)
    except ValueError:
        value = b""
    if len(value) != 32:
        raise UnusableError(f"--expect {text}: a fingerprint has 64 hexadecimal digits")
    return value


def _moment(text: str) -> int:
    with reading(f"--at {text}"):
        return seconds_of(text)
