"""A ballot box in one SQLite file, for one machine; several processes may share it.

Write-ahead log, ``synchronous = FULL``: a commit returns when its bytes are on the disk.
``BEGIN IMMEDIATE`` lets one writer in at a time. Left out: network file systems, on which SQLite's locks
do not hold.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from evote.errors import StorageError
from evote.record.files import sentences
from evote.storage.box_database import Row, Values
from evote.storage.box_rows import inserts, padded

_WAIT_SECONDS = 30.0
_LOOK_SECONDS = 0.0005
_CHECKPOINT_PAGES = 4000
"""Pages in the write-ahead log before they move to the file: 16 MB, so that few commits pay for it."""
_CACHE_KIB = 64 * 1024
_AT_ONCE = 512
_READERS = 8
"""Reading connections that are kept for the next question."""


class SqliteDatabase:
    """The file at ``path``. With ``make`` it may be new, readable by its owner alone; else it must exist."""

    def __init__(self, path: Path, *, make: bool) -> None:
        self.path = path
        self.name = str(path)
        self._lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._idle_lock = threading.Lock()
        self._closed = False
        if make and not path.exists():
            with sentences(path, "written"):
                flags = os.O_CREAT | os.O_RDWR | getattr(os, "O_CLOEXEC", 0)
                os.close(os.open(path, flags, 0o600))
        elif not path.is_file():
            raise StorageError(f"{path} is not there; give the path of the box, or make a new one")
        with self._sentences():
            self._writer = self._connect()
            self._writer.execute("PRAGMA busy_timeout = 0")

    def exists(self) -> bool:
        """Whether a box was made in the file."""
        with self._lock, self._sentences():
            return _made(self._writer)

    @contextmanager
    def make(self, statements: Sequence[str]) -> Iterator[_SqliteSession]:
        """Make the tables, if nobody did yet, and go on in the same transaction."""
        with self.writing() as session:
            if not _made(self._writer):
                for statement in statements:
                    session.change(statement.format(blob="BLOB"))
            yield session

    @contextmanager
    def writing(self) -> Iterator[_SqliteSession]:
        """A writing transaction; durable when the block has ended."""
        with self._lock, self._sentences():
            if self._closed:
                raise StorageError(f"{self.path} is closed")
            self._begin()
            try:
                yield _SqliteSession(self._writer)
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    def _begin(self) -> None:
        """Wait for the one place of a writer. SQLite itself would look again less and less often."""
        until = time.monotonic() + _WAIT_SECONDS
        while True:
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
            time.sleep(_LOOK_SECONDS)

    @contextmanager
    def reading(self) -> Iterator[_SqliteSession]:
        """A reading transaction on a connection of its own, so that it waits for no writer."""
        with self._sentences():
            connection = self._reader()
            try:
                connection.execute("BEGIN")
                yield _SqliteSession(connection)
                connection.execute("COMMIT")
            except BaseException:
                connection.close()
                raise
            with self._idle_lock:
                if not self._closed and len(self._idle) < _READERS:
                    self._idle.append(connection)
                    return
            connection.close()

    def _reader(self) -> sqlite3.Connection:
        with self._idle_lock:
            if self._idle:
                return self._idle.pop()
        connection = self._connect()
        connection.execute("PRAGMA query_only = ON")
        return connection

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._writer.close()
        with self._idle_lock:
            self._closed = True
            for connection in self._idle:
                connection.close()
            self._idle.clear()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
            connection.execute(f"PRAGMA cache_size = {-_CACHE_KIB}")
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def _sentences(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StorageError(_sentence(self.path, error)) from error


class _SqliteSession:
    """A transaction on one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, statement: str, values: Values = ()) -> list[Row]:
        return self._connection.execute(statement, tuple(values)).fetchall()

    def among(self, statement: str, members: Sequence[object]) -> list[Row]:
        found: list[Row] = []
        for start in range(0, len(members), _AT_ONCE):
            some = padded(members[start : start + _AT_ONCE])
            marks = ", ".join("?" * len(some))
            found += self.rows(statement.format(among=f"IN ({marks})"), some)
        return found

    def stream(self, statement: str, values: Values = ()) -> Iterator[Row]:
        yield from self._connection.execute(statement, tuple(values))

    def change(self, statement: str, values: Values = ()) -> int:
        return self._connection.execute(statement, tuple(values)).rowcount

    def insert(self, into: str, rows: Sequence[Values], conflict: str = "") -> None:
        for statement, values in inserts(into, rows, conflict):
            self._connection.execute(statement, values)

    def many(self, statement: str, rows: Sequence[Values]) -> None:
        self._connection.executemany(statement, rows)


def _made(connection: sqlite3.Connection) -> bool:
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'box'")
    return found.fetchone() is not None


def _sentence(path: Path, error: sqlite3.Error) -> str:
    text = str(error)
    if "full" in text:
        return f"{path} could not be written because the disk is full; free some space and try again"
    if "locked" in text:
        return f"{path} has been busy for {_WAIT_SECONDS:.0f} seconds; look for a program that holds it"
    if isinstance(error, sqlite3.DatabaseError) and ("malformed" in text or "not a database" in text):
        return f"{path} is damaged ({text}); stop, keep the file, and go on with an intact copy of it"
    return f"{path} could not be used: {text}"
