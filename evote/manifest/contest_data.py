"""The contest data field: what a ballot says beside its counted fields (specification 3.3.10).

A :class:`ContestRecord` says whether the contest was overvoted, undervoted or left empty, what was
marked if it was overvoted, and the written-in texts. It is written into exactly ``32 * b_Lambda``
bytes, the same number for every ballot of a style, so that the length of a ciphertext says nothing
(A32). The form is evote's own; the specification leaves it open and asks that padding cannot be
taken for data:

====================  ================================================================
bytes                 meaning
====================  ================================================================
1                     form, 01
1                     status: 00 normal, 01 undervote, 02 overvote, 03 null vote
2, then 2 each        number of marks, and the marks; as many as options, or none
2, then 2 + n each    number of write-ins, and each one as its length and UTF-8 bytes
the rest              00
====================  ================================================================

Numbers are big-endian. Every part has its length before it, so the end of the data is known
before the padding starts; bytes other than 00 after it are refused, and so is every record that
would be written differently (A44).
"""

from __future__ import annotations

import enum
import unicodedata
from dataclasses import dataclass

from evote.errors import DecodeError
from evote.manifest.model import Contest, ContestData

BLOCK_BYTES = 32
MAX_MARK = 2**16 - 1
"""Largest value that a mark may have: what a voter wrote beside one option."""

_FORM = 1
_HEADER_BYTES = 6
_NUMBER_BYTES = 2


class ContestStatus(enum.IntEnum):
    """How a contest was filled in."""

    NORMAL = 0
    """As much as the limit L allows."""
    UNDERVOTE = 1
    """Something, but less than L."""
    OVERVOTE = 2
    """More than a limit allows; all options are encrypted as 0."""
    NULL_VOTE = 3
    """Nothing."""


@dataclass(frozen=True, slots=True)
class ContestRecord:
    """What the contest data field of one ballot and contest says.

    ``marks`` has one number from 0 to 65535 per option of an overvoted contest and is empty for
    every other status. ``write_ins`` has the text of each write-in field in order, empty where a
    field in between was not used; fields after the last one used are left out. Texts have no
    control characters, so that showing them is harmless. Raises ``ValueError`` for anything else.
    """

    status: ContestStatus = ContestStatus.NORMAL
    marks: tuple[int, ...] = ()
    write_ins: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.status is ContestStatus.OVERVOTE) != bool(self.marks):
            raise ValueError("marks are recorded for an overvote, and only for one")
        for mark in self.marks:
            if not 0 <= mark <= MAX_MARK:
                raise ValueError(f"a mark lies between 0 and {MAX_MARK}")
        if self.write_ins and not self.write_ins[-1]:
            raise ValueError("write-in fields after the last one used are left out")
        for text in self.write_ins:
            if any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in text):
                raise ValueError("a write-in has no line breaks, tabs or other control characters")

    def encode(self, contest: Contest) -> bytes:
        """The record in the ``32 * b_Lambda`` bytes that ``contest`` has for it.

        Raises ``ValueError`` if the contest has no contest data field, or if the record does not
        belong to it: another number of marks, marks that are no overvote, too many or too long texts.
        """
        data = _field(contest)
        self._check(contest, data)
        parts = [bytes((_FORM, self.status)), _number(len(self.marks))]
        parts += [_number(mark) for mark in self.marks]
        parts.append(_number(len(self.write_ins)))
        for text in self.write_ins:
            letters = text.encode("utf-8")
            parts += [_number(len(letters)), letters]
        return b"".join(parts).ljust(BLOCK_BYTES * data.blocks, b"\x00")

    @classmethod
    def decode(cls, data: bytes, contest: Contest) -> ContestRecord:
        """The record of which ``data`` is the one form; raises :class:`DecodeError` otherwise.

        Raises ``ValueError`` if the contest has no contest data field.
        """
        field = _field(contest)
        size = BLOCK_BYTES * field.blocks
        if len(data) != size:
            raise DecodeError(f"contest data of this contest has {size} bytes, not {len(data)}")
        reader = _Reader(data)
        if reader.take(1)[0] != _FORM:
            raise DecodeError("contest data of a form that is not known")
        status = reader.take(1)[0]
        if status not in (0, 1, 2, 3):
            raise DecodeError(f"{status} is no status of a contest")
        marks = tuple(reader.number() for _ in range(reader.number()))
        write_ins = tuple(reader.text() for _ in range(reader.number()))
        if any(reader.rest()):
            raise DecodeError("contest data is padded with zero bytes only")
        try:
            record = cls(ContestStatus(status), marks, write_ins)
            record._check(contest, field)
        except ValueError as error:
            raise DecodeError(str(error)) from None
        return record

    def _check(self, contest: Contest, data: ContestData) -> None:
        """That the record belongs to the contest; raises ``ValueError``."""
        where = f"contest {contest.label!r}"
        options = contest.selectable
        if self.marks:
            if len(self.marks) != len(options):
                raise ValueError(f"{where}: an overvote has {len(options)} marks, not {len(self.marks)}")
            too_high = any(mark > option.limit for mark, option in zip(self.marks, options, strict=True))
            if not too_high and sum(self.marks) <= contest.limit:
                raise ValueError(f"{where}: the marks keep every limit, which is no overvote")
        most, size = data.write_ins, data.write_in_bytes
        if len(self.write_ins) > most:
            raise ValueError(f"{where}: {len(self.write_ins)} write-ins are more than {most}")
        if any(len(text.encode("utf-8")) > size for text in self.write_ins):
            raise ValueError(f"{where}: a write-in is longer than {size} bytes")


def contest_data_bytes(contest: Contest) -> int:
    """The length of the contest data field of a contest, ``32 * b_Lambda``.

    Raises ``ValueError`` if the contest has none.
    """
    return BLOCK_BYTES * _field(contest).blocks


def contest_data_blocks(options: int, write_ins: int, write_in_bytes: int) -> int:
    """b_Lambda: the fewest blocks that hold the longest record of such a contest.

    That is an overvote with a mark for each of ``options`` options, and ``write_ins`` texts of
    ``write_in_bytes`` bytes.
    """
    longest = _HEADER_BYTES + _NUMBER_BYTES * options + write_ins * (_NUMBER_BYTES + write_in_bytes)
    return -(-longest // BLOCK_BYTES)


def _field(contest: Contest) -> ContestData:
    if contest.data is None:
        raise ValueError(f"contest {contest.label!r} has no contest data field")
    return contest.data


def _number(value: int) -> bytes:
    return value.to_bytes(_NUMBER_BYTES, "big")


class _Reader:
    """Takes parts off the front of a byte string."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        part = self._data[self._at : self._at + size]
        if len(part) != size:
            raise DecodeError("a length in the contest data goes beyond its end")
        self._at += size
        return part

    def number(self) -> int:
        return int.from_bytes(self.take(_NUMBER_BYTES), "big")

    def text(self) -> str:
        try:
            return self.take(self.number()).decode("utf-8")
        except UnicodeDecodeError:
            raise DecodeError("a write-in is not UTF-8") from None

    def rest(self) -> bytes:
        return self._data[self._at :]
