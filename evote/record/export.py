"""The whole record as JSON, for people and for programs that do not read msgpack.

Every wire value becomes an object with the same field names; byte strings become upper-case
hexadecimal digits, texts and integers stay, absent values are null. Segments become JSON lines, one
object per frame: ``position`` and ``value``, or ``position``, ``error`` and ``bytes`` where a frame does
not decode. Of provisional results and requests the content stands there. Nothing is hashed or signed
in this form: it is for reading only.
"""

from __future__ import annotations

import dataclasses
import enum
import json
from typing import TypeVar

from evote.codec import decode
from evote.decryption.requestlog import MAX_REQUEST_ENTRY, RequestEntry, RequestFrame, RequestFrameKind
from evote.errors import DecodeError
from evote.record import layout
from evote.record.files import AppendFile, Location
from evote.record.folder import Folder, new_folder
from evote.record.index import open_index
from evote.record.provisional import ProvisionalResult, open_provisional
from evote.record.reader import Frames, RecordReader
from evote.record.values import SealedIndex

T = TypeVar("T")


def export_json(reader: RecordReader, out: Location) -> None:
    """Write the record as JSON into a new folder, which appears only when it is complete.

    Raises :class:`~evote.errors.RefusedError` if ``out`` is there already, :class:`DecodeError` for a
    single file that does not decode or frames that end too early, :class:`~evote.errors.StorageError`
    if the disk does not take it.
    """
    with new_folder(out) as folder:
        for name in (layout.MANIFEST, layout.RESULT_JSON, layout.RESULT_CSV, layout.RETURNS_JSON):
            if reader.has(name):
                folder.write(name, reader.raw(name))
        for name, read in (
            (layout.PARAMETERS, reader.parameters),
            (layout.GUARDIANS, reader.guardians),
            (layout.KEYS, reader.keys),
            (layout.DEVICES, reader.devices),
            (layout.TALLY, reader.tally),
            (layout.DECRYPTION, reader.decryption),
            (layout.CHECKPOINTS, reader.checkpoints),
        ):
            if reader.has(name):
                folder.write(name.replace(".msgpack", ".json"), _text(to_json(read()), indent=1))
        if reader.has(layout.BALLOTS):
            _lines(folder, layout.BALLOTS, reader.ballots())
        if reader.has(layout.OPENINGS):
            _lines(folder, layout.OPENINGS, reader.openings())
        if reader.has(layout.DATA):
            _lines(folder, layout.DATA, reader.contest_data())
        if reader.has(layout.ROLL):
            _lines(folder, layout.ROLL, reader.roll())
        if reader.has(layout.LOG):
            _lines(folder, layout.LOG, reader.log())
        if reader.has(layout.ASIDE):
            _lines(folder, layout.ASIDE, reader.aside())
        if reader.has(layout.RETURNS):
            _lines(folder, layout.RETURNS, reader.returns())
        if reader.has(layout.CLOSINGS):
            _lines(folder, layout.CLOSINGS, reader.closings())
        if reader.has(layout.PROVISIONAL):
            _lines(folder, layout.PROVISIONAL, _opened(reader))
        if reader.has(layout.REQUESTS):
            _lines(folder, layout.REQUESTS, _requests(reader))
        for path, raw, sealed in reader.indexes():
            folder.write(path.replace(".msgpack", ".json"), _text(_index(raw, sealed), indent=1))


def to_json(value: object) -> object:
    """A wire value as JSON: dict, list, str, int, bool or None.

    Raises ``TypeError`` for what is none.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, bytes):
        return value.hex().upper()
    if isinstance(value, tuple):
        return [to_json(item) for item in value]
    if isinstance(value, enum.Enum):
        return to_json(value.value)
    if value is None or isinstance(value, bool | int | str):
        return value
    raise TypeError(f"{type(value).__name__} is no wire value")


def _index(raw: bytes, sealed: SealedIndex | DecodeError) -> object:
    if isinstance(sealed, DecodeError):
        return {"error": str(sealed), "bytes": to_json(raw)}
    return {"index": to_json(open_index(sealed)), "signature": to_json(sealed.signature)}


def _opened(reader: RecordReader) -> Frames[ProvisionalResult]:
    """The publications without their seals."""
    for position, frame, sealed in reader.provisional():
        if isinstance(sealed, DecodeError):
            yield position, frame, sealed
            continue
        try:
            yield position, frame, open_provisional(sealed, reader.element_bytes)
        except DecodeError as error:
            yield position, frame, error


def _requests(reader: RecordReader) -> Frames[RequestEntry | RequestFrame]:
    """Entries by what they say; heads as they are."""
    for position, frame, value in reader.requests():
        if isinstance(value, DecodeError) or value.kind is RequestFrameKind.HEAD:
            yield position, frame, value
            continue
        try:
            entry = decode(RequestEntry, value.body, element_bytes=0, limit=MAX_REQUEST_ENTRY)
            yield position, frame, entry
        except DecodeError as error:
            yield position, frame, error


def _lines(folder: Folder, name: str, frames: Frames[T]) -> None:
    file = AppendFile(folder.path(f"{name}.jsonl"), new=True)
    try:
        for position, frame, value in frames:
            line: dict[str, object] = {"position": position}
            if isinstance(value, DecodeError):
                line |= {"error": str(value), "bytes": to_json(frame)}
            else:
                line["value"] = to_json(value)
            file.append(_text(line))
    finally:
        file.close()


def _text(value: object, indent: int | None = None) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=indent) + "\n").encode("utf-8")
