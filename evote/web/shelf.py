"""Files on their way in, by the hash of their content (the collector's disk).

::

    incoming/<office>/<hash>      what came so far; its length is the offset at which to go on
    arrived/<hash>.return         whole, and of use
    refused/<hash>.return         whole, and of none: kept as evidence
    arrivals.jsonl                what arrived, in order

Nothing else is known of an upload, so that any process can go on with it, after any crash. Every office has a
folder of its own: what one sends under a hash cannot spoil what another sends.

Rules:

- A file gets its name behind ``incoming`` only when its SHA-256 was computed from the disk under the lock
  that writers need, after which no writer can touch it; it and its line in ``arrivals.jsonl`` are durable
  before :meth:`Piece.finish` returns.
- A piece overwrites what is held at its place: what is wrong is healed by sending it again. A whole file
  with another hash is forgotten at once.
- A piece that begins behind what is held is refused, so that there are no holes.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final

from evote.errors import StorageError
from evote.hashing import sha256_stream
from evote.manifest.moments import moment_of
from evote.record.files import sentences, sync_folder
from evote.web.arrivals import Arrival, Arrivals
from evote.web.inspection import Inspect, Verdict, looked_at
from evote.web.limits import Limits

SUFFIX: Final = ".return"
_MAX_MESSAGE: Final = 1000
_CHUNK: Final = 1024 * 1024
_DAY: Final = 24 * 3600
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_OPEN: Final = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


class DiskFullError(StorageError):
    """There is no room."""


class QuotaError(StorageError):
    """An office holds too much that is not finished or of no use."""


class GapError(Exception):
    """A piece begins behind what is held; ``offset`` is where to go on."""

    def __init__(self, offset: int) -> None:
        self.offset = offset
        super().__init__(f"{offset} bytes are held")


class WrongHashError(Exception):
    """All bytes came, and they have another hash; they were forgotten."""


@dataclass(frozen=True, slots=True)
class Held:
    """How a file stands: bytes that are held, and its arrival if it is whole."""

    offset: int
    number: int | None = None
    arrival: Arrival | None = None


class Shelf:
    """The collector's folder, which is made if it is absent. Raises :class:`StorageError`."""

    def __init__(
        self,
        folder: Path,
        limits: Limits,
        inspect: Inspect = looked_at,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.folder = folder
        self.limits = limits
        self._inspect, self._clock = inspect, clock
        with _disk(folder):
            for name in ("incoming", "arrived", "refused"):
                (folder / name).mkdir(parents=True, exist_ok=True)
        self.arrivals = Arrivals(folder / "arrivals.jsonl")
        self._recover()

    def held(self, office: str, sha256: str) -> Held:
        """How a file stands for an office."""
        found = self.arrivals.find(sha256)
        if found is not None and found[1].accepted and self.path(sha256).exists():
            return Held(found[1].size, *found)
        try:
            return Held(self._incoming(office, sha256).stat().st_size)
        except FileNotFoundError:
            return Held(0)

    def path(self, sha256: str) -> Path:
        """Where the whole file of use stands, or would."""
        return self.folder / "arrived" / f"{sha256}{SUFFIX}"

    def refused_path(self, sha256: str) -> Path:
        """Where the whole file of no use stands, or would."""
        return self.folder / "refused" / f"{sha256}{SUFFIX}"

    def piece(self, office: str, sha256: str, begin: int, total: int) -> Piece:
        """Take a piece that begins at byte ``begin`` of ``total``.

        Raises :class:`GapError`, :class:`DiskFullError`, :class:`QuotaError` and :class:`StorageError`.
        """
        path = self._incoming(office, sha256)
        with _disk(path):
            path.parent.mkdir(exist_ok=True)
            self._require_room(path, office, total)
            handle = os.open(path, _OPEN, 0o640)
        return Piece(self, office, sha256, path, handle, begin, total)

    def room(self) -> bool:
        """Whether a small file could come now."""
        with _disk(self.folder):
            return shutil.disk_usage(self.folder).free > self.limits.reserve_bytes

    def forget_old(self) -> int:
        """Forget what got no byte for a long time; how many files that were."""
        oldest, forgotten = self._clock() - self.limits.keep_days * _DAY, 0
        with _disk(self.folder):
            for path in (self.folder / "incoming").glob("*/*"):
                with suppress(FileNotFoundError):
                    if path.stat().st_mtime < oldest:
                        path.unlink()
                        forgotten += 1
        return forgotten

    def _incoming(self, office: str, sha256: str) -> Path:
        return self.folder / "incoming" / office / sha256

    def _require_room(self, path: Path, office: str, total: int) -> None:
        if shutil.disk_usage(self.folder).free < self.limits.reserve_bytes + total:
            raise DiskFullError("there is no room for this file")
        others = 0
        names = 0
        for each in path.parent.iterdir():
            if each != path:
                with suppress(FileNotFoundError):
                    others += each.stat().st_size
                    names += 1
        if others + total > self.limits.office_bytes:
            raise QuotaError("this office has too many bytes in files that are not finished")
        if names + self.arrivals.count(office) >= self.limits.office_files:
            raise QuotaError("this office has brought as many files as it may")

    def _recover(self) -> None:
        """Give their line to files that a crash left without one."""
        with _disk(self.folder):
            for path in sorted((self.folder / "arrived").glob(f"*{SUFFIX}")):
                sha256 = path.name.removesuffix(SUFFIX)
                if self.arrivals.find(sha256) is None:
                    self.enter(sha256, "", path.stat().st_size, self.inspected(path))

    def inspected(self, path: Path) -> Verdict:
        """What the inspection says of a whole file."""
        with _disk(path):
            return self._inspect(path.read_bytes())

    def keeps_refused(self, size: int) -> bool:
        """Whether one more refused file of this size is kept: together they take no more than one office."""
        held = sum(path.stat().st_size for path in (self.folder / "refused").iterdir())
        return held + size <= self.limits.office_bytes

    def enter(self, sha256: str, office: str, size: int, verdict: Verdict) -> Held:
        """Write down that a file arrived."""
        moment = moment_of(int(self._clock()))
        message = "".join(letter if letter.isprintable() else "?" for letter in verdict.message)[
            :_MAX_MESSAGE
        ]
        arrival = Arrival(sha256, size, office, moment, verdict.accepted, verdict.name, message)
        number = self.arrivals.add(arrival)
        return Held(size, number, self.arrivals.page(number - 1, 1)[0][1])


class Piece:
    """A piece that is being written; a context manager. For one thread at a time."""

    def __init__(
        self, shelf: Shelf, office: str, sha256: str, path: Path, handle: int, begin: int, total: int
    ) -> None:
        self._shelf, self._office, self._sha256 = shelf, office, sha256
        self._path, self._handle, self._total = path, handle, total
        self._at = begin
        try:
            with self._locked():
                held = os.fstat(handle).st_size
                if held > total:  # of another length: one of the two is wrong, and what comes now decides
                    os.ftruncate(handle, 0)
                    held = 0
                if begin > held:
                    raise GapError(held)
        except BaseException:
            os.close(handle)
            raise

    def __enter__(self) -> Piece:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._handle)

    def write(self, data: bytes) -> None:
        """Write the next bytes. Raises as :meth:`Shelf.piece`; what was written stays."""
        with self._locked(), _disk(self._path):
            rest = memoryview(data)
            while rest:
                written = os.pwrite(self._handle, rest, self._at)
                self._at += written
                rest = rest[written:]

    def finish(self) -> Held:
        """After the last byte of the piece: how the file stands now; durable.

        Raises :class:`WrongHashError` if all bytes are there and are not those of the hash, and
        :class:`StorageError`, after which the same may be sent again.
        """
        with self._locked(), _disk(self._path):
            size = os.fstat(self._handle).st_size
            os.fsync(self._handle)
            if size < self._total:
                return Held(size)
            if self._digest() != self._sha256:
                self._path.unlink()
                raise WrongHashError
            return self._arrive(size)

    def _arrive(self, size: int) -> Held:
        shelf = self._shelf
        verdict = shelf.inspected(self._path)
        target = (shelf.path if verdict.accepted else shelf.refused_path)(self._sha256)
        if verdict.accepted or shelf.keeps_refused(size):
            os.replace(self._path, target)
            sync_folder(target.parent)
        else:
            self._path.unlink()
        held = shelf.enter(self._sha256, self._office, size, verdict)
        if verdict.accepted:
            shelf.refused_path(self._sha256).unlink(missing_ok=True)
        return held

    def _digest(self) -> str:
        running, at = sha256_stream(), 0
        while chunk := os.pread(self._handle, _CHUNK, at):
            running.update(chunk)
            at += len(chunk)
        return running.hexdigest()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """No other writer has the file, and it is still on its way in."""
        fcntl.flock(self._handle, fcntl.LOCK_EX)
        try:
            own = os.fstat(self._handle)
            try:
                named = os.stat(self._path, follow_symlinks=False)
            except FileNotFoundError:
                named = None
            if named is None or (named.st_dev, named.st_ino) != (own.st_dev, own.st_ino):
                raise StorageError("another request finished or dropped this file; ask how it stands")
            yield
        finally:
            fcntl.flock(self._handle, fcntl.LOCK_UN)


@contextmanager
def _disk(path: Path) -> Iterator[None]:
    """Errors of the system as sentences; a full disk by its own name."""
    try:
        with sentences(path, "written"):
            yield
    except StorageError as error:
        cause = error.__cause__
        if isinstance(cause, OSError) and cause.errno in _FULL:
            raise DiskFullError(str(error)) from cause
        raise
