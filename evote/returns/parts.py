"""A file in numbered parts, short enough for a QR code each, joined in any order (R13).

A part is a text in the signs of a QR code's alphanumeric mode::

    EVOTE1/<number>/<parts>/<SHA-256 of the file, 64 hexadecimal digits>/<base 32 of a piece, no padding>

Every part names the whole by its hash, so parts of two files are never joined, and what is joined is the
file or nothing. What it leaves out: pictures.
"""

from __future__ import annotations

import base64
import re
from typing import Final

from evote.errors import DecodeError, RefusedError
from evote.hashing import sha256

PART_BYTES: Final = 800
"""Bytes of the file in one part: about 1,370 signs, a code of version 25 with error correction M."""
MAX_PART_BYTES: Final = 2500
MAX_PARTS: Final = 9999

_FORM: Final = re.compile(r"EVOTE1/([1-9][0-9]{0,3})/([1-9][0-9]{0,3})/([0-9A-F]{64})/([A-Z2-7]{2,4000})")


def split_file(data: bytes, part_bytes: int = PART_BYTES) -> tuple[str, ...]:
    """The parts of a file, in order.

    Raises ``ValueError`` for an empty file, for parts of another size than 1 to 2500 bytes, and for more
    than 9999 parts.
    """
    if not 1 <= part_bytes <= MAX_PART_BYTES:
        raise ValueError(f"a part has 1 to {MAX_PART_BYTES} bytes of the file")
    pieces = [data[at : at + part_bytes] for at in range(0, len(data), part_bytes)]
    if not 1 <= len(pieces) <= MAX_PARTS:
        raise ValueError(f"a file is split into 1 to {MAX_PARTS} parts, not {len(pieces)}")
    name = sha256(data).hex().upper()
    return tuple(
        f"EVOTE1/{number}/{len(pieces)}/{name}/{base64.b32encode(piece).decode('ascii').rstrip('=')}"
        for number, piece in enumerate(pieces, start=1)
    )


class PartJoiner:
    """Collects the parts of one file, whichever comes first."""

    __slots__ = ("_name", "_parts", "_pieces")

    def __init__(self) -> None:
        self._name = b""
        self._parts = 0
        self._pieces: dict[int, bytes] = {}

    def add(self, part: str) -> bool:
        """Take one part; whether it is new.

        Raises :class:`DecodeError` for what is no part, and :class:`RefusedError` for a part of another file
        or one that differs from the part of this number. Nothing is taken then.
        """
        number, parts, name, piece = _read(part)
        if self._parts and (parts, name) != (self._parts, self._name):
            raise RefusedError(f"part {number} of {parts} is of another file")
        held = self._pieces.get(number)
        if held is not None and held != piece:
            raise RefusedError(f"part {number} was read twice, and differently; start again")
        self._parts, self._name = parts, name
        self._pieces[number] = piece
        return held is None

    def missing(self) -> tuple[int, ...]:
        """Numbers of the parts that are still to come; empty before the first part too."""
        return tuple(number for number in range(1, self._parts + 1) if number not in self._pieces)

    def file(self) -> bytes:
        """The file.

        Raises :class:`RefusedError` while parts are missing, :class:`DecodeError` if the parts are not those
        of the file that they name.
        """
        missing = self.missing()
        if not self._parts or missing:
            raise RefusedError(f"{len(missing)} of {self._parts} parts are missing")
        data = b"".join(self._pieces[number] for number in range(1, self._parts + 1))
        if sha256(data) != self._name:
            raise DecodeError("the parts are not those of the file that they name")
        return data


def _read(part: str) -> tuple[int, int, bytes, bytes]:
    found = _FORM.fullmatch(part)
    if found is None:
        raise DecodeError("this is no part of a file of returns")
    number, parts = int(found[1]), int(found[2])
    if number > parts:
        raise DecodeError(f"there is no part {number} of {parts}")
    digits = found[4]
    try:
        piece = base64.b32decode(digits + "=" * (-len(digits) % 8))
    except ValueError:
        raise DecodeError("the piece of the file is no base 32") from None
    if base64.b32encode(piece).decode("ascii").rstrip("=") != digits:
        raise DecodeError("the piece of the file is not written in its one form")
    return number, parts, bytes.fromhex(found[3]), piece
