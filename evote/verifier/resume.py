"""The state of a verification on disk: what was looked at already, and of which bytes.

One SQLite file holds the result of every finished stretch (:class:`~evote.verifier.chunk.ChunkResult`),
and for every segment how far it was read and the SHA-256 of that prefix. It is bound to the form of
the file, the version of the program, the method, the size of a stretch, the group, K and H_E; for
anything else it is refused. ``specs/resuming.md`` says what a state is trusted for: it is a private file,
and whoever can write to it decides what the old part of the record is said to be.

Every stretch is committed by itself, so that a program that is stopped loses the stretch it was at.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from evote import __version__
from evote.codec import decode, encode
from evote.errors import DecodeError, RefusedError, StorageError
from evote.hashing import sha256, tagged
from evote.record import layout
from evote.record.files import Location
from evote.record.layout import Kind
from evote.record.stretches import Stretch
from evote.verifier.chunk import ChunkResult

FORMAT = 3
"""Format 1 had no style and no pseudonym of a ballot, format 2 no sums of units."""
_APPLICATION = 0x65766F74  # "evot"
_LIMIT = 1024 * 1024 * 1024

_TABLES = """
CREATE TABLE binding (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE stretches (
    number INTEGER PRIMARY KEY, stretch BLOB NOT NULL, result BLOB NOT NULL, digest BLOB NOT NULL
);
CREATE TABLE prefixes (path TEXT PRIMARY KEY, size INTEGER NOT NULL, digest BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE finished (at INTEGER PRIMARY KEY);
"""


@dataclass(frozen=True, slots=True)
class Binding:
    """What a state belongs to; every field is a text."""

    fingerprint: str
    """H_E."""
    key: str
    """SHA-256 of the vote key K."""
    group: str
    method: str
    stretch: str
    """Ballots of a stretch."""
    version: str = __version__
    format: str = str(FORMAT)


class StateFile:
    """The open state of one verification; for one thread of one program at a time.

    Use it as a context manager, or call :meth:`close`.
    """

    def __init__(self, path: Location, binding: Binding, *, finished: bool) -> None:
        """Open the state, or begin one; ``finished`` demands that of a verification that ended.

        Raises :class:`RefusedError` for the state of something else, :class:`StorageError` for a file
        that cannot be used, or that another program has open.
        """
        self._path = Path(path)
        self._bound = encode_binding(binding)
        if finished and not self._path.exists():
            raise StorageError(f"{self._path} does not exist; verify the record with --resume first")
        self._database: sqlite3.Connection | None = None
        try:
            with self._sentences():
                self._database = sqlite3.connect(self._path, isolation_level=None, timeout=1)
                self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
                self._begin(binding)
            self._compare(binding)
            if finished and not self._rows((int,), "SELECT at FROM finished"):
                raise RefusedError(
                    f"{self._path} is the state of a verification that did not end; continue it with --resume"
                )
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> StateFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- what it covers --------------------------------------------------------------------------

    def prefixes(self) -> dict[str, tuple[int, bytes]]:
        """By path in the record: how many bytes of a segment were read, and their SHA-256."""
        rows = self._rows((str, int, bytes), "SELECT path, size, digest FROM prefixes")
        if any(layout.kind_of(path) is not Kind.SEGMENT for path, _, _ in rows):
            raise self._damaged("it names files that no record has")
        return {path: (size, digest) for path, size, digest in rows}

    def require(self, found: Mapping[str, Mapping[int, bytes]]) -> None:
        """Raise :class:`RefusedError` unless every prefix is among the digests of the record now."""
        for path, (size, digest) in self.prefixes().items():
            if found.get(path, {}).get(size) != digest:
                raise RefusedError(
                    f"the first {size} bytes of {path} are not those that {self._path} was made from; the "
                    "record was changed or is another one. Verify it whole, without the state"
                )

    def usable(self, stretches: Iterable[Stretch]) -> set[int]:
        """The numbers of the stretches whose results are here, for exactly these bytes."""
        rows = self._rows((int, bytes), "SELECT number, stretch FROM stretches")
        held: dict[int, bytes] = dict(rows)
        return {each.number for each in stretches if held.get(each.number) == sha256(encode(each))}

    def result(self, stretch: Stretch, element_bytes: int) -> ChunkResult:
        """The result of a stretch that is here; raises :class:`RefusedError` if the file was damaged."""
        statement = "SELECT result, digest FROM stretches WHERE number = ?"
        rows = self._rows((bytes, bytes), statement, stretch.number)
        data, digest = rows[0] if rows else (b"", b"")
        if digest != self._digest(stretch, data):
            raise self._damaged(f"the result of stretch {stretch.number} is not what was written")
        try:
            return decode(ChunkResult, data, element_bytes=element_bytes, limit=_LIMIT)
        except DecodeError as error:
            raise self._damaged(f"the result of stretch {stretch.number} cannot be read") from error

    # --- growing ---------------------------------------------------------------------------------

    def put(self, stretch: Stretch, result: ChunkResult) -> None:
        """Keep the result of the next stretch, durably."""
        data = encode(result)
        with self._sentences(), self._transaction() as database:
            database.execute(
                "INSERT OR REPLACE INTO stretches VALUES (?, ?, ?, ?)",
                (stretch.number, sha256(encode(stretch)), data, self._digest(stretch, data)),
            )
            for prefix in stretch.prefixes:
                path = f"{layout.BALLOTS}/{prefix.segment}"
                database.execute(
                    "INSERT OR REPLACE INTO prefixes VALUES (?, ?, ?)", (path, prefix.size, prefix.digest)
                )

    def finish(self, prefixes: Mapping[str, tuple[int, bytes]]) -> None:
        """The verification ended; ``prefixes`` are those of segments that are no ballots."""
        with self._sentences(), self._transaction() as database:
            for path, (size, digest) in prefixes.items():
                database.execute("INSERT OR REPLACE INTO prefixes VALUES (?, ?, ?)", (path, size, digest))
            database.execute("INSERT OR REPLACE INTO finished VALUES (1)")

    def close(self) -> None:
        """Close the file; closing twice does nothing."""
        if self._database is not None:
            self._database.close()
            self._database = None

    # --- inside ----------------------------------------------------------------------------------

    def _begin(self, binding: Binding) -> None:
        """Make the tables in an empty file; take the lock in any."""
        with self._transaction() as database:
            if database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                application = database.execute("PRAGMA application_id").fetchone()[0]
                if application != _APPLICATION:
                    raise RefusedError(f"{self._path} is a database, and no state of a verification")
                return
            for statement in _TABLES.split(";"):
                database.execute(statement)
            database.execute(f"PRAGMA application_id = {_APPLICATION}")
            database.executemany("INSERT INTO binding VALUES (?, ?)", asdict(binding).items())

    def _compare(self, binding: Binding) -> None:
        held = dict(self._rows((str, str), "SELECT name, value FROM binding"))
        for name, value in asdict(binding).items():
            if held.get(name) != value:
                raise RefusedError(
                    f"{self._path} is the state of another verification: its {name} is "
                    f"{held.get(name)!r}, and this one's is {value!r}. Choose another file, or none"
                )

    def _digest(self, stretch: Stretch, data: bytes) -> bytes:
        return tagged("evote/v1/verification-state", self._bound, encode(stretch), data)

    def _damaged(self, what: str) -> RefusedError:
        return RefusedError(f"{self._path} is damaged: {what}. Verify the record whole, without the state")

    def _rows(self, kinds: tuple[type, ...], statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows with columns of these types; SQLite itself takes any value in any column."""
        with self._sentences():
            rows = self._open().execute(statement, values).fetchall()
        if any(tuple(map(type, row)) != kinds for row in rows):
            raise self._damaged("it holds values that nobody wrote there")
        return rows

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        database = self._open()
        database.execute("BEGIN EXCLUSIVE")
        try:
            yield database
            database.execute("COMMIT")
        except BaseException:
            if database.in_transaction:
                database.execute("ROLLBACK")
            raise

    def _open(self) -> sqlite3.Connection:
        if self._database is None:
            raise ValueError("the state is closed")
        return self._database

    @contextmanager
    def _sentences(self) -> Iterator[None]:
        """Turns what SQLite says into a sentence."""
        try:
            yield
        except sqlite3.Error as error:
            if "locked" in str(error):
                raise StorageError(f"{self._path} is in use by another program; wait for it") from error
            advice = "; free some space there and run it again" if "full" in str(error) else ""
            raise StorageError(f"{self._path} could not be used as a state: {error}{advice}") from error
        except UnicodeDecodeError as error:
            raise self._damaged("it holds a text that is none") from error


def encode_binding(binding: Binding) -> bytes:
    """A hash over the binding."""
    fields = [f"{name}={value}".encode() for name, value in sorted(asdict(binding).items())]
    return tagged("evote/v1/verification-binding", *fields)
