"""Receipts with a record: whom to believe, the log of a ballot's unit, and receipts of any form.

A record whose logs are closed says what became of a ballot; one of an earlier stage says at least which
election it is. What is read is checked as far as one receipt needs it: the manifest and keys against
H_E, both logs against their signed and witnessed heads, the roll against the manifest. All the rest is
for the verifier of the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from evote.board.credential import BUILT_IN, Schemes
from evote.board.entries import TYPES, Entry, UnitHeadEntry
from evote.board.note import Note
from evote.board.receipt import MAX_RECEIPT_BYTES, Receipt
from evote.board.receipt_compact import MAGIC, PREFIX, read_letters, unpack
from evote.board.receipt_log import UnitLog, show
from evote.board.receipt_setting import ReceiptSetting
from evote.board.receipt_text import read_text
from evote.board.reissue import Credentials
from evote.board.roll import Roll
from evote.codec import decode
from evote.errors import DecodeError, VerificationError
from evote.record import RecordReader, layout, load_election
from evote.record.values import ELECTION_LOG, MAX_ENTRY_BYTES, LogFrame

_CHEAP: Final = 1
"""Width of the tables of keys under which nothing is encrypted."""


def read_receipt(data: bytes, setting: ReceiptSetting | None) -> Receipt:
    """The receipt in a file: its text, its compact bytes, or the letters of a printed code.

    ``setting`` is needed for the last two (``ValueError`` without it). Raises :class:`DecodeError`.
    """
    if len(data) > MAX_RECEIPT_BYTES:
        raise DecodeError(f"{len(data)} bytes are more than a receipt has", "receipt")
    packed = data.startswith(MAGIC)
    if not packed:
        return read_text(data)
    if setting is None:
        raise ValueError("a compact receipt leaves out what the manifest says; give the manifest or record")
    if data.startswith(PREFIX.encode("ascii")):
        try:
            data = read_letters(data.decode("ascii").rstrip("\r\n"))
        except UnicodeDecodeError:
            raise DecodeError("a printed receipt has letters of one byte", "receipt") from None
    return unpack(setting, data)


def record_setting(reader: RecordReader) -> ReceiptSetting:
    """The election of a record, whose H_E is computed and compared with what is stated.

    Raises as :func:`~evote.record.load_election`, and ``ValueError`` for an election without a board.
    """
    election = load_election(reader, window=_CHEAP)
    return ReceiptSetting(election.manifest, election.extended_hash)


def record_log(
    reader: RecordReader, setting: ReceiptSetting, unit: str, known: Schemes = BUILT_IN
) -> UnitLog | None:
    """The closed log of a unit with the fates of its ballots; None for a record in which it is not closed.

    ``known`` are the schemes of credentials. Holds the entries of this log and of the election's. Raises
    :class:`DecodeError`, :class:`~evote.errors.StorageError`, ``ValueError`` for what is no reporting unit,
    and :class:`VerificationError` for a roll or logs that are not what manifest and heads say.
    """
    found = read_entries(reader, setting, unit)
    if found is None:
        return None
    entries, heads, notes = found
    number = setting.unit_number(unit)
    shown = show(setting, unit, entries, Note.parse(notes[number]), heads, Note.parse(notes[ELECTION_LOG]))
    log = shown.verify(setting)
    if not log.closed:
        raise VerificationError("the closing checkpoint is not that of a closed log", where=unit)
    return log.counting(setting, entries, _credentials(reader, setting, known))


def read_entries(
    reader: RecordReader, setting: ReceiptSetting, unit: str
) -> tuple[list[Entry], tuple[UnitHeadEntry, ...], Mapping[int, bytes]] | None:
    """The entries of a unit's log, those of the election's, and the closing notes of both by log number.

    None for a record in which the unit's log is not closed. Nothing is compared. Raises as
    :func:`record_log`.
    """
    if not reader.has(layout.CHECKPOINTS):
        return None
    number = setting.unit_number(unit)
    notes = {closing.log: closing.note for closing in reader.checkpoints().closing}
    latest = reader.latest_index() if number not in notes else None
    if latest is not None and latest.head is None and ELECTION_LOG in notes:
        return None  # the record goes on, and this unit is still open
    if not {ELECTION_LOG, number} <= notes.keys():
        raise VerificationError("the closing checkpoint of a log is absent", where=layout.CHECKPOINTS)
    logs = _entries(_frames(reader.log()), (ELECTION_LOG, number))
    heads = tuple(entry for entry in logs[ELECTION_LOG] if isinstance(entry, UnitHeadEntry))
    if len(heads) != len(logs[ELECTION_LOG]):
        raise VerificationError("the log of the election holds more than heads", where=layout.LOG)
    return logs[number], heads, notes


def _entries(frames: Iterable[LogFrame], wanted: tuple[int, ...]) -> dict[int, list[Entry]]:
    logs: dict[int, list[Entry]] = {number: [] for number in wanted}
    for frame in frames:
        if frame.log in logs:
            kind: type[Entry] = TYPES[frame.kind]
            logs[frame.log].append(decode(kind, frame.body, element_bytes=0, limit=MAX_ENTRY_BYTES))
    return logs


def _frames(read: Iterable[tuple[int, bytes, LogFrame | DecodeError]]) -> Iterator[LogFrame]:
    for _, _, frame in read:
        if isinstance(frame, DecodeError):
            raise frame
        yield frame


def _credentials(reader: RecordReader, setting: ReceiptSetting, known: Schemes) -> Credentials | None:
    if setting.manifest.roll is None:
        return None
    roll = Roll.read(setting.manifest, (frame for _, frame, _ in reader.roll()))
    return Credentials(roll, setting.fingerprint, known)
