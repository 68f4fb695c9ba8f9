"""The container of an archive: an old-style tar of which every byte is determined ("Public data").

Blocks of 512 bytes, no end marker. The first file is ``BELENIOS``; each other one is
``<SHA-256>.data.json`` or ``<SHA-256>.event.json``. A header is rebuilt from its name, size and time, and
must be equal to the byte, so that links, folders, owners, absolute paths and other kinds of tar have no
place; the time is that of the first file, and the padding is zeros.

Reads as a stream, one file at a time; a file has :data:`~evote.interop.belenios1.texts.MAX_BYTES` at most.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from evote.errors import DecodeError
from evote.interop.belenios1 import texts
from evote.record.files import sentences

BLOCK: Final = 512
HEADER: Final = b"BELENIOS"

_NAME = re.compile(r"([0-9a-f]{64})\.(data|event)\.json")
_OCTAL = re.compile(rb"[0-7]{11}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the archive, data or event; ``digest`` is the hash in its name, not yet compared."""

    digest: str
    is_event: bool
    body: bytes
    where: str


def is_archive(path: Path) -> bool:
    """Whether the file starts as an archive does; False for anything that cannot be read."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return file.read(len(HEADER) + 1) == HEADER + b"\x00"
    except OSError:
        return False


def header(name: bytes, size: int, time: int) -> bytes:
    """The header of a file: 512 bytes."""
    block = bytearray(BLOCK)
    for place, text in (
        (0, name),
        (100, b"0000644"),
        (108, b"0000000"),
        (116, b"0000000"),
        (124, b"%011o" % size),
        (136, b"%011o" % time),
        (148, b" " * 8),
        (156, b"0"),
    ):
        block[place : place + len(text)] = text
    block[148:156] = b"%06o\x00 " % sum(block)
    return bytes(block)


class Archive:
    """An archive that is read once, from its beginning to its end.

    ``digest`` is the SHA-256 of what was read so far, ``done`` and ``size`` are bytes. Use
    :meth:`entries` inside ``with``. Raises :class:`~evote.errors.StorageError` where the machine cannot
    read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._hash = hashlib.sha256()
        self._file: BinaryIO | None = None
        self._time = 0
        self.done = 0
        with sentences(path, "read"):
            self.size = path.stat().st_size

    def __enter__(self) -> Archive:
        with sentences(self._path, "read"):
            self._file = self._path.open("rb")
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def digest(self) -> bytes:
        """SHA-256 of all bytes read so far."""
        return self._hash.digest()

    def entries(self) -> Iterator[Entry]:
        """Every file after the first; raises :class:`DecodeError` where the container is not right."""
        name, body = self._next(first=True)
        if name != HEADER:
            raise DecodeError("an archive starts with the file BELENIOS")
        fields = texts.members(texts.read_compact(body), ("version", "timestamp"))
        if fields["version"].integer(0, 1000) != 1:
            raise DecodeError(f"version {fields['version'].value} of the archive format is not known")
        stamp = fields["timestamp"]
        if str(stamp.value) != str(self._time) or type(stamp.value) not in (str, int):
            raise DecodeError("the time of the archive is not that of its first file", "timestamp")
        number = 0
        while self.done < self.size:
            number += 1
            where = f"file {number}"
            try:
                name, body = self._next(first=False)
                found = _NAME.fullmatch(name.decode("ascii", "replace"))
                if found is None:
                    raise DecodeError(f"{name[:100]!r} is not a name of a file in an archive")
            except DecodeError as error:
                raise DecodeError(error.message, where) from None
            yield Entry(found[1], found[2] == "event", body, f"{where} ({found[1][:16]}…)")

    def rest(self) -> None:
        """Read to the end, for the digest."""
        while self.done < self.size:
            self._read(min(BLOCK * 2048, self.size - self.done))

    def _next(self, *, first: bool) -> tuple[bytes, bytes]:
        block = self._read(BLOCK)
        name = block[:100].split(b"\x00", 1)[0]
        size_text, time_text = block[124:135], block[136:147]
        if not name or not _OCTAL.fullmatch(size_text) or not _OCTAL.fullmatch(time_text):
            raise DecodeError("the block is no header of a file")
        size, time = int(size_text, 8), int(time_text, 8)
        if len(name) >= 100 or block != header(name, size, time):
            raise DecodeError("the header of the file has something that the format does not write")
        if first:
            self._time = time
        elif time != self._time:
            raise DecodeError("the file has another time than the archive")
        if size > texts.MAX_BYTES:
            raise DecodeError(f"a file of {size} bytes is larger than the limit of {texts.MAX_BYTES}")
        padded = self._read(-(-size // BLOCK) * BLOCK)
        if any(padded[size:]):
            raise DecodeError("the padding of the file is not zeros")
        return name, padded[:size]

    def _read(self, count: int) -> bytes:
        if self._file is None:
            raise ValueError("the archive is not open")
        with sentences(self._path, "read"):
            data = self._file.read(count)
        self._hash.update(data)
        self.done += len(data)
        if len(data) != count:
            self.size = self.done
            raise DecodeError("the archive ends in the middle of a file")
        return data
