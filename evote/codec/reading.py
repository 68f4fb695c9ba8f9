"""Reading MessagePack strictly: one accepted form per value, and nothing built that was not asked for.

:class:`Input` walks over the bytes in the order in which a type asks for its fields. It accepts only
the shortest form of every integer and length (what :func:`msgpack.packb` writes), never reads past
the end, and takes memory only for bytes that are there: a length that is declared and absent, a
nesting that the type does not have, and every kind that no wire type uses (floating point,
extensions, timestamps) fail at their first byte. Reading a whole tree first and looking at it
afterwards, as general decoders do, would let a sender choose how much memory that tree takes.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from evote.errors import DecodeError

_FALSE: Final = 0xC2
_TRUE: Final = 0xC3
NIL_BYTES: Final = b"\xc0"


@dataclass(frozen=True, slots=True)
class Sized:
    """A kind of value that begins with its length.

    Tags from ``first`` on hold a length below ``room`` themselves; ``wide`` gives, for every other
    tag, the number of bytes of the length and the least length that may be written so.
    """

    name: str
    first: int
    room: int
    wide: dict[int, tuple[int, int]]


TEXT: Final = Sized("a text", 0xA0, 32, {0xD9: (1, 32), 0xDA: (2, 2**8), 0xDB: (4, 2**16)})
DATA: Final = Sized("a byte string", 0x00, 0, {0xC4: (1, 0), 0xC5: (2, 2**8), 0xC6: (4, 2**16)})
LIST: Final = Sized("a list", 0x90, 16, {0xDC: (2, 16), 0xDD: (4, 2**16)})
MAP: Final = Sized("a map", 0x80, 16, {0xDE: (2, 16), 0xDF: (4, 2**16)})

# Tag: number of bytes, and the least (for negative numbers the greatest) that may be written so.
_UNSIGNED: Final = {0xCC: (1, 2**7), 0xCD: (2, 2**8), 0xCE: (4, 2**16), 0xCF: (8, 2**32)}
_SIGNED: Final = {0xD0: (1, -33), 0xD1: (2, -(2**7) - 1), 0xD2: (4, -(2**15) - 1), 0xD3: (8, -(2**31) - 1)}


@dataclass(frozen=True, slots=True)
class Layout:
    """Byte strings of fixed lengths with constant bytes before each: one canonical form at one length."""

    between: tuple[bytes, ...]
    form: struct.Struct

    @classmethod
    def of(cls, before: Sequence[bytes], sizes: Sequence[int]) -> Layout:
        """Of what stands before the header of each byte string, and the length of each."""
        between = tuple(left + data_header(size) for left, size in zip(before, sizes, strict=True))
        form = "".join(f"{len(left)}s{size}s" for left, size in zip(between, sizes, strict=True))
        return cls(between, struct.Struct(form))


def map_header(count: int) -> bytes:
    """What stands before the fields of a map with so many."""
    if count < MAP.room:
        return bytes((MAP.first + count,))
    if count < 2**16:
        return b"\xde" + count.to_bytes(2, "big")
    raise ValueError(f"a map has no {count} fields")


def data_header(size: int) -> bytes:
    """What stands before a byte string of this length."""
    for tag, width in ((0xC4, 1), (0xC5, 2), (0xC6, 4)):
        if size < 1 << 8 * width:
            return bytes((tag,)) + size.to_bytes(width, "big")
    raise ValueError(f"a byte string has no {size} bytes")


class Input:
    """Bytes and how far they have been read. Every method raises :class:`DecodeError`."""

    __slots__ = ("_at", "_data", "element_bytes")

    def __init__(self, data: bytes, element_bytes: int) -> None:
        self._data = data
        self._at = 0
        self.element_bytes = element_bytes

    def take(self, size: int) -> bytes:
        """The next ``size`` bytes."""
        end = self._at + size
        if end > len(self._data):
            raise DecodeError("the bytes end too early")
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def accept(self, written: bytes) -> bool:
        """Skip these bytes if they come next; whether they did."""
        if not self._data.startswith(written, self._at):
            return False
        self._at += len(written)
        return True

    @property
    def at(self) -> int:
        """How many bytes have been read."""
        return self._at

    def since(self, begin: int) -> bytes:
        """The bytes that were read from the place ``begin`` on."""
        return self._data[begin : self._at]

    def pieces(self, layout: Layout) -> tuple[bytes, ...] | None:
        """The data of a layout if it comes next; None, with nothing read, if anything else does."""
        end = self._at + layout.form.size
        if end > len(self._data):
            return None
        found: tuple[bytes, ...] = layout.form.unpack_from(self._data, self._at)
        if found[::2] != layout.between:
            return None
        self._at = end
        return found[1::2]

    def end(self) -> None:
        """Nothing is left over."""
        left = len(self._data) - self._at
        if left:
            raise DecodeError(f"{left} bytes are left over")

    def nil(self) -> bool:
        """Skip nil if it comes next; whether it did."""
        return self.accept(NIL_BYTES)

    def boolean(self) -> bool:
        """True or false."""
        tag = self._tag()
        if tag not in (_FALSE, _TRUE):
            raise DecodeError("true or false is wanted here")
        return tag == _TRUE

    def integer(self) -> int:
        """An integer from -2^63 to 2^64 - 1, in its shortest form."""
        tag = self._tag()
        if tag < 0x80:
            return tag
        if tag >= 0xE0:
            return tag - 0x100
        if tag in _UNSIGNED:
            size, least = _UNSIGNED[tag]
            value = int.from_bytes(self.take(size), "big")
            short = value >= least
        elif tag in _SIGNED:
            size, greatest = _SIGNED[tag]
            value = int.from_bytes(self.take(size), "big", signed=True)
            short = value <= greatest
        else:
            raise DecodeError("an integer is wanted here")
        if not short:
            raise DecodeError("not the canonical form: a number is written longer than needed")
        return value

    def size(self, kind: Sized) -> int:
        """The length of a text, byte string, list or map, in its shortest form."""
        tag = self._tag()
        if kind.first <= tag < kind.first + kind.room:
            return tag - kind.first
        if tag not in kind.wide:
            raise DecodeError(f"{kind.name} is wanted here")
        width, least = kind.wide[tag]
        size = int.from_bytes(self.take(width), "big")
        if size < least:
            raise DecodeError("not the canonical form: a length is written longer than needed")
        return size

    def text(self, limit: int) -> str:
        """A text of at most ``limit`` bytes of UTF-8 (which has no surrogates)."""
        size = self.size(TEXT)
        if size > limit:
            raise DecodeError(f"the text is longer than {limit} bytes")
        try:
            return self.take(size).decode("utf-8")
        except UnicodeDecodeError:
            raise DecodeError("the text is not UTF-8") from None

    def _tag(self) -> int:
        at = self._at
        if at == len(self._data):
            raise DecodeError("the bytes end too early")
        self._at = at + 1
        return self._data[at]
