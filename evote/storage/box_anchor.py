"""The anchor: a small file outside the database that says how far the box has promised.

A database that was restored from a copy looks whole and lacks its end. So the box keeps size and
root of its log in a file of its own as well, and brings it up to date, durably, after each commit
and before any receipt or head of it leaves. The file never comes from the database's backups: leave
it out of them.

The file has two records of one length, and the shorter log is overwritten in turn, so that a write that
is cut off leaves the other one::

    identity (32) || size (8) || root (32) || SHA-256 of these under a tag (32)

Several processes may use one anchor; the longer log stays.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from evote.errors import RefusedError, StorageError
from evote.hashing import tagged
from evote.record.files import sentences, sync_folder

try:
    import fcntl
except ImportError:  # systems without advisory locks: there, one process per anchor is up to the user
    fcntl = None  # type: ignore[assignment]

_RECORD = 104
_SYNC = getattr(os, "fdatasync", os.fsync)
_FLAGS = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Mark:
    """Size and root of a log."""

    size: int
    root: bytes


class Anchor:
    """The anchor at ``path`` of the box with that identity (32 bytes). For one thread at a time.

    Raises :class:`StorageError` if the file cannot be used, and :class:`RefusedError` if it belongs to
    another box.
    """

    def __init__(self, path: Path, identity: bytes) -> None:
        self.path = path
        self._identity = identity
        self._handle: int | None = None
        with sentences(path, "written"):
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT | _FLAGS, 0o600)
            sync_folder(path.parent)
        self.mark: Mark | None = None
        """How far the box has promised; None if the file is new or holds no whole record."""
        try:
            self.read()
        except BaseException:
            self.close()
            raise

    def read(self) -> None:
        """Read the file again."""
        self.mark = _newest(self._read())

    def keep(self, mark: Mark) -> None:
        """Bring the file up to ``mark``, durably, unless it is there. Raises :class:`StorageError`."""
        with sentences(self.path, "written"):
            handle = self._opened()
            if fcntl is not None:
                fcntl.flock(handle, fcntl.LOCK_EX)
            try:
                records = self._read()
                newest = _newest(records)
                if newest is None or newest.size < mark.size:
                    place = 0 if newest is None or records[0] != newest else 1
                    os.pwrite(handle, self._record(mark), place * _RECORD)
                    _SYNC(handle)
                    newest = mark
                self.mark = newest
            finally:
                if fcntl is not None:
                    fcntl.flock(handle, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the file; closing twice does nothing."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)

    def _opened(self) -> int:
        if self._handle is None:
            raise ValueError(f"{self.path} is closed")
        return self._handle

    def _record(self, mark: Mark) -> bytes:
        body = self._identity + mark.size.to_bytes(8, "big") + mark.root
        return body + tagged("evote/v1/anchor", body)

    def _read(self) -> tuple[Mark | None, Mark | None]:
        with sentences(self.path, "read"):
            data = os.pread(self._opened(), 2 * _RECORD + 1, 0)
        if len(data) > 2 * _RECORD:
            raise StorageError(f"{self.path} is no anchor of a ballot box; check the path")
        return self._parse(data[:_RECORD]), self._parse(data[_RECORD:])

    def _parse(self, record: bytes) -> Mark | None:
        body, digest = record[:72], record[72:]
        if len(record) != _RECORD or tagged("evote/v1/anchor", body) != digest:
            return None
        if body[:32] != self._identity:
            raise RefusedError(f"{self.path} is the anchor of another box; nothing was changed")
        return Mark(int.from_bytes(body[32:40], "big"), body[40:])


def _newest(records: tuple[Mark | None, Mark | None]) -> Mark | None:
    valid = [record for record in records if record is not None]
    return max(valid, key=lambda mark: mark.size, default=None)
