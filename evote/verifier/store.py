"""Frames by key, on disk: for what may stand in a record in any order.

A private temporary SQLite database holds the frames; a bounded part of it is in memory, and it is
gone when it is closed. Errors of the machine are :class:`StorageError`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from evote.errors import StorageError

_CACHE_KIB = 4096


class FrameStore:
    """Frames with keys, each taken once. For one thread; use it as a context manager, or close it."""

    __slots__ = ("_database",)

    def __init__(self) -> None:
        with _sentences():
            # The empty name is SQLite's private temporary database: on disk as far as it is large.
            self._database: sqlite3.Connection | None = sqlite3.connect("", isolation_level=None)
            self._database.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            self._database.execute("PRAGMA journal_mode = OFF")
            self._database.execute("PRAGMA synchronous = OFF")
            self._database.execute(
                "CREATE TABLE frames (key BLOB PRIMARY KEY, position INTEGER, frame BLOB) WITHOUT ROWID"
            )

    def __enter__(self) -> FrameStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def add(self, key: bytes, position: int, frame: bytes) -> bool:
        """Keep a frame; False, and nothing is kept, if the key is there already."""
        with _sentences():
            statement = "INSERT OR IGNORE INTO frames VALUES (?, ?, ?)"
            done = self._open().execute(statement, (key, position, frame))
            return done.rowcount == 1

    def take(self, key: bytes) -> bytes | None:
        """The frame with that key, which is then no longer kept; None if there is none."""
        with _sentences():
            found = self._open().execute("SELECT frame FROM frames WHERE key = ?", (key,)).fetchone()
            if found is None:
                return None
            self._open().execute("DELETE FROM frames WHERE key = ?", (key,))
            return bytes(found[0])

    def left(self, most: int) -> list[tuple[int, bytes]]:
        """Position and key of the frames that nobody took, in their order; at most so many."""
        with _sentences():
            rows = self._open().execute("SELECT position, key FROM frames ORDER BY position LIMIT ?", (most,))
            return [(int(position), bytes(key)) for position, key in rows]

    def close(self) -> None:
        """Forget everything; closing twice does nothing."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _open(self) -> sqlite3.Connection:
        if self._database is None:
            raise ValueError("the store is closed")
        return self._database


@contextmanager
def _sentences() -> Iterator[None]:
    """Turns what SQLite says into a sentence."""
    try:
        yield
    except sqlite3.Error as error:
        raise StorageError(
            f"a temporary database could not be used ({error}); free some space, or set TMPDIR to another "
            "folder"
        ) from error
