"""Files that wait for a line: a folder from which they go to every collector, also those of other offices.

::

    waiting/<hash>.return     the files, by the hash of their content
    sent/<hash>.<collector>   an empty file for each collector that has it

Rules: a file is on the disk before it is said to wait; it is marked when the collector said that it arrived;
a file whose content has not its hash any more is not sent.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Final

from evote.errors import StorageError
from evote.hashing import sha256, sha256_stream
from evote.record.files import NO_FOLLOW, open_regular, sentences, write_atomic
from evote.web.sender import Parcel

SUFFIX: Final = ".return"
MAX_BYTES: Final = 1024 * 1024 * 1024
_CHUNK: Final = 1024 * 1024


def parcel_of(path: Path) -> Parcel:
    """The parcel of a file, which is read when it is sent. Raises :class:`StorageError`."""
    running, size = sha256_stream(), 0
    with open_regular(path, NO_FOLLOW) as stream, sentences(path, "read"):
        while chunk := stream.read(_CHUNK):
            running.update(chunk)
            size += len(chunk)
    if not 0 < size <= MAX_BYTES:
        raise StorageError(f"{path} has {size} bytes, and a return has 1 to {MAX_BYTES}")
    return Parcel(path.name, running.hexdigest(), size, _reader(path))


class Spool:
    """The folder, which is made if it is absent. Raises :class:`StorageError`."""

    def __init__(self, folder: Path) -> None:
        self._waiting, self._sent = folder / "waiting", folder / "sent"
        with sentences(folder, "written"):
            for each in (self._waiting, self._sent):
                each.mkdir(parents=True, exist_ok=True)

    def add(self, parcel: Parcel) -> None:
        """Keep a copy of a file; the same again changes nothing."""
        path = self._waiting / f"{parcel.sha256}{SUFFIX}"
        if not path.exists():
            data = parcel.read(0, parcel.size)
            if sha256(data).hex() != parcel.sha256:
                raise StorageError(f"{parcel.name} changed while it was read; start again")
            write_atomic(path, data)

    def parcels(self) -> list[Parcel]:
        """All files that wait, or did. Raises :class:`StorageError` for one that is damaged."""
        found = []
        with sentences(self._waiting, "read"):
            paths = sorted(self._waiting.glob(f"*{SUFFIX}"))
        for path in paths:
            parcel = parcel_of(path)
            if path.name != f"{parcel.sha256}{SUFFIX}":
                raise StorageError(f"{path} is damaged: its content has another hash; take it away")
            found.append(parcel)
        return found

    def due(self, collector: str, parcels: Iterable[Parcel]) -> list[Parcel]:
        """Those that a collector has not."""
        return [each for each in parcels if not self._mark(each, collector).exists()]

    def sent(self, collector: str, parcel: Parcel) -> None:
        """A collector has a file."""
        write_atomic(self._mark(parcel, collector), b"")

    def _mark(self, parcel: Parcel, collector: str) -> Path:
        return self._sent / f"{parcel.sha256}.{sha256(collector.encode()).hex()[:16]}"


def _reader(path: Path) -> Callable[[int, int], bytes]:
    return partial(_read, path)


def _read(path: Path, begin: int, size: int) -> bytes:
    with open_regular(path, NO_FOLLOW, 0) as stream, sentences(path, "read"):
        data = b""
        while len(data) < size:
            piece = os.pread(stream.fileno(), size - len(data), begin + len(data))
            if not piece:
                raise StorageError(f"{path} became shorter while it was sent")
            data += piece
        return data
