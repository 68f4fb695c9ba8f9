"""The front of every file of returns: what it is, how long, its hash, whose (``specs/unit-returns.md``).

::

    89 "evote" 0D 0A | kind, 1 byte | format, 1 byte | length, 8 bytes | SHA-256, 32 bytes | the rest
    the rest: length of the path, 2 bytes | path of the unit | body

``length`` and the hash are those of the rest, so that a copy that was cut short, or whose end was never
written, is recognised before anything is read, and says from its front whose file it claims to be. The
first bytes are changed by whatever takes the file for text. Numbers are big-endian.

The name of a file is the SHA-256 of all its bytes (:attr:`OpenedFile.digest`).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from evote.codec import MAX_MERGED_BYTES, MAX_PATH_BYTES, MAX_RETURN_BYTES
from evote.hashing import sha256
from evote.returns.verdicts import ReturnError, ReturnVerdict

MAGIC: Final = b"\x89evote\r\n"
FORMAT: Final = 1
FRONT_BYTES: Final = len(MAGIC) + 2 + 8 + 32
"""Bytes before the path of the unit."""

_LENGTH_AT: Final = len(MAGIC) + 2
_HASH_AT: Final = _LENGTH_AT + 8


class FileKind(enum.Enum):
    """What a file holds, by the byte that says so."""

    RETURN = 1
    ROSTER = 2
    RESOLUTION = 3
    MERGED = 4
    EVIDENCE = 5


_LIMITS: Final = {
    FileKind.RETURN: MAX_RETURN_BYTES,
    FileKind.ROSTER: MAX_RETURN_BYTES,
    FileKind.RESOLUTION: MAX_RETURN_BYTES,
    FileKind.MERGED: MAX_MERGED_BYTES,
    FileKind.EVIDENCE: 3 * MAX_RETURN_BYTES,
}


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A complete file: its kind, the unit on its front, what it holds, its name and all its bytes."""

    kind: FileKind
    unit: str
    body: bytes
    digest: bytes
    data: bytes


def seal(kind: FileKind, unit: str, body: bytes) -> bytes:
    """The file with this content; ``unit`` is empty where it is no unit's.

    Raises ``ValueError`` for a path or content that is too long.
    """
    path = unit.encode("utf-8")
    if len(path) > MAX_PATH_BYTES:
        raise ValueError(f"the path of a unit has at most {MAX_PATH_BYTES} bytes")
    rest = len(path).to_bytes(2, "big") + path + body
    if FRONT_BYTES + len(rest) > _LIMITS[kind]:
        raise ValueError(f"a file of this kind has at most {_LIMITS[kind]} bytes")
    front = MAGIC + bytes((kind.value, FORMAT)) + len(rest).to_bytes(8, "big") + sha256(rest)
    return front + rest


def open_file(data: bytes) -> OpenedFile:
    """The file in ``data``, complete and unchanged.

    Raises :class:`ReturnError`: NOT_A_RETURN, UNKNOWN_FORMAT, OVERSIZED, PARTIAL (with the unit of the
    front, if it is there) or MALFORMED.
    """
    if not isinstance(data, bytes):
        raise TypeError("a file is bytes, and nothing else")
    if not data.startswith(MAGIC):
        if MAGIC.startswith(data):
            raise ReturnError(ReturnVerdict.PARTIAL, f"only {len(data)} bytes of a file are there")
        raise ReturnError(ReturnVerdict.NOT_A_RETURN, "the file does not begin like a file of returns")
    if len(data) >= _LENGTH_AT and data[len(MAGIC) + 1] != FORMAT:
        raise ReturnError(
            ReturnVerdict.UNKNOWN_FORMAT,
            "this program does not know the format of the file",
            expected=str(FORMAT),
            computed=str(data[len(MAGIC) + 1]),
        )
    unit = _front_unit(data)
    if len(data) < FRONT_BYTES:
        raise ReturnError(ReturnVerdict.PARTIAL, f"only {len(data)} bytes of a file are there", unit=unit)
    kind = _kind(data[len(MAGIC)])
    length = int.from_bytes(data[_LENGTH_AT:_HASH_AT], "big")
    whole = FRONT_BYTES + length
    if whole > _LIMITS[kind]:
        raise ReturnError(
            ReturnVerdict.OVERSIZED,
            "the file states a length that no file of its kind may have",
            unit=unit,
            expected=f"at most {_LIMITS[kind]} bytes",
            computed=f"{whole} bytes",
        )
    if len(data) > whole:
        raise ReturnError(
            ReturnVerdict.OVERSIZED,
            "the file is longer than it states",
            unit=unit,
            expected=f"{whole} bytes",
            computed=f"{len(data)} bytes",
        )
    if len(data) < whole:
        raise ReturnError(
            ReturnVerdict.PARTIAL,
            "the file was copied in part only",
            unit=unit,
            expected=f"{whole} bytes",
            computed=f"{len(data)} bytes",
        )
    stated, found = data[_HASH_AT:FRONT_BYTES], sha256(data[FRONT_BYTES:])
    if stated != found:
        raise ReturnError(
            ReturnVerdict.PARTIAL,
            "the bytes of the file are not those that were written; copy it again",
            unit=unit,
            expected=stated.hex(),
            computed=found.hex(),
        )
    return OpenedFile(kind, *_rest(data), sha256(data), data)


def _rest(data: bytes) -> tuple[str, bytes]:
    if len(data) < FRONT_BYTES + 2:
        raise ReturnError(ReturnVerdict.MALFORMED, "the file has no path of a unit")
    size = int.from_bytes(data[FRONT_BYTES : FRONT_BYTES + 2], "big")
    at = FRONT_BYTES + 2 + size
    if size > MAX_PATH_BYTES or at > len(data):
        raise ReturnError(ReturnVerdict.MALFORMED, "the path of the unit is longer than the file or any path")
    try:
        return data[FRONT_BYTES + 2 : at].decode("utf-8"), data[at:]
    except UnicodeDecodeError:
        raise ReturnError(ReturnVerdict.MALFORMED, "the path of the unit is no UTF-8") from None


def _kind(number: int) -> FileKind:
    try:
        return FileKind(number)
    except ValueError:
        raise ReturnError(ReturnVerdict.UNKNOWN_FORMAT, f"no kind of file has the number {number}") from None


def _front_unit(data: bytes) -> str:
    """Whose file a beginning claims to be; empty if it ends before that, or is no text."""
    try:
        return _rest(data)[0]
    except ReturnError:
        return ""
