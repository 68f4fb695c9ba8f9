"""What bulk encryption has done: which row of which file is which ballot, so that no row is done twice.

One SQLite file per office. It exists because a ballot goes into the record in one write and the note
about it in another, and a program can stop in between. The order is:

1. :meth:`Journal.begin`: the ballots that are about to be written are noted, durably, with the number of
   ballots that the record has.
2. They are appended to the record, which is then brought to the disk.
3. :meth:`Journal.finish`: the note says that they are there.

After a stop, :meth:`Journal.begun` tells where in the record to look, and :meth:`Journal.settle` keeps
the notes of those that are there and forgets the others, whose rows are then encrypted anew.

Rules: rows of one source are known by their numbers and by a digest that is keyed (the caller's), because
a plain digest of a row would tell the vote to whoever tries the few possible ones; so is a row's own
identifier, which is unique over all sources. A source is called by the name of its device.

It leaves out reading rows, the record, and what the digests cover.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from evote.errors import RefusedError, StorageError

FORMAT = 1

_WAIT_SECONDS = 30.0

_TABLES = (
    "CREATE TABLE journal (format INTEGER NOT NULL, election BLOB NOT NULL)",
    "CREATE TABLE sources (digest BLOB PRIMARY KEY, source TEXT NOT NULL)",
    """
    CREATE TABLE rows (
        number INTEGER PRIMARY KEY,
        source TEXT NOT NULL,
        row INTEGER NOT NULL,
        digest BLOB NOT NULL,
        name BLOB UNIQUE,
        device TEXT NOT NULL,
        place INTEGER NOT NULL,
        code BLOB NOT NULL UNIQUE,
        identifier BLOB NOT NULL UNIQUE,
        position INTEGER,
        UNIQUE (source, row),
        UNIQUE (device, place)
    )
    """,
    "CREATE INDEX begun ON rows (number) WHERE position IS NOT NULL",
)


@dataclass(frozen=True, slots=True)
class Note:
    """One row and its ballot."""

    row: int
    """The number of the row in its source, from 1."""
    digest: bytes
    """Keyed digest of what the row says."""
    name: bytes | None
    """Keyed digest of the identifier that the row has, None if it has none."""
    device: str
    code: bytes
    identifier: bytes


class Journal:
    """The journal at ``path``; a context manager. Safe among processes, not among threads.

    ``election`` is H_E. With ``make`` the file is made if it is not there, readable by its owner alone;
    without, it must be there. Raises :class:`StorageError` for a file that is absent, damaged or no
    journal, and :class:`RefusedError` for one of another election.
    """

    def __init__(self, path: Path, election: bytes, *, make: bool = False) -> None:
        self.path = path
        if make:
            _make(path)
        elif not path.is_file():
            raise StorageError(f"{path} is not there; bulk encryption makes it with its first rows")
        with self._sentences():
            self._connection = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)
        try:
            with self._sentences():
                self._connection.execute("PRAGMA synchronous = FULL")
            self._open(election, make=make)
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; closing twice does nothing."""
        self._connection.close()

    # --- what is done ------------------------------------------------------------------------------

    def open_source(self, source: str, digest: bytes) -> None:
        """Say that the file with this digest is worked on under this name.

        A name may stand for several files, as when one was corrected: rows are compared one by one. Raises
        :class:`RefusedError` for a file of which rows were done under another name: they would be there
        twice. ``digest`` is keyed.
        """
        with self._transaction() as connection:
            row = connection.execute("SELECT source FROM sources WHERE digest = ?", (digest,)).fetchone()
            if row is not None and row[0] != source:
                done = connection.execute("SELECT 1 FROM rows WHERE source = ?", row).fetchone()
                if done is not None:
                    raise RefusedError(
                        f"this file was encrypted for the device {row[0]!r}; its ballots would count twice"
                    )
            connection.execute("INSERT OR REPLACE INTO sources VALUES (?, ?)", (digest, source))

    def digest_of(self, source: str, row: int) -> bytes | None:
        """The digest of a row that is done, None if it is not."""
        with self._sentences():
            found = self._connection.execute(
                "SELECT digest FROM rows WHERE source = ? AND row = ?", (source, row)
            ).fetchone()
        return None if found is None else bytes(found[0])

    def row_named(self, name: bytes) -> tuple[str, int] | None:
        """Source and number of the row that has this identifier, None if none has."""
        with self._sentences():
            found = self._connection.execute(
                "SELECT source, row FROM rows WHERE name = ?", (name,)
            ).fetchone()
        return None if found is None else (str(found[0]), int(found[1]))

    def devices(self) -> tuple[str, ...]:
        """The devices that made ballots, in the order of their first one."""
        with self._sentences():
            rows = self._connection.execute(
                "SELECT device FROM rows GROUP BY device ORDER BY min(number)"
            ).fetchall()
        return tuple(row[0] for row in rows)

    def codes(self, device: str) -> tuple[bytes, ...]:
        """The confirmation codes of a device, in the order in which it made them."""
        with self._sentences():
            rows = self._connection.execute(
                "SELECT code FROM rows WHERE device = ? ORDER BY place", (device,)
            ).fetchall()
        return tuple(bytes(row[0]) for row in rows)

    def last_codes(self) -> dict[str, bytes]:
        """The last confirmation code of every device."""
        with self._sentences():
            rows = self._connection.execute(
                "SELECT device, code FROM rows AS own WHERE place ="
                " (SELECT max(place) FROM rows WHERE device = own.device)"
            ).fetchall()
        return {row[0]: bytes(row[1]) for row in rows}

    def count(self) -> int:
        """The number of ballots that were noted."""
        with self._sentences():
            (count,) = self._connection.execute("SELECT count(*) FROM rows").fetchone()
        return int(count)

    # --- writing -----------------------------------------------------------------------------------

    def begin(self, source: str, position: int, notes: Sequence[Note]) -> None:
        """Note ballots that are about to be written behind the ``position`` ballots of the record.

        Raises :class:`RefusedError`, and notes nothing, if a row, identifier or ballot is noted already, or
        if other ballots were begun and are not settled.
        """
        with self._transaction() as connection:
            if connection.execute("SELECT 1 FROM rows WHERE position IS NOT NULL").fetchone() is not None:
                raise RefusedError("ballots of a run that was stopped are not settled; start it again")
            places: dict[str, int] = {}
            for note in notes:
                if note.device not in places:
                    (places[note.device],) = connection.execute(
                        "SELECT count(*) FROM rows WHERE device = ?", (note.device,)
                    ).fetchone()
                try:
                    connection.execute(
                        "INSERT INTO rows (source, row, digest, name, device, place, code, identifier,"
                        " position) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        (
                            source,
                            note.row,
                            note.digest,
                            note.name,
                            note.device,
                            places[note.device],
                            note.code,
                            note.identifier,
                            position,
                        ),
                    )
                except sqlite3.IntegrityError:
                    raise RefusedError(f"row {note.row}, or its ballot, is in the journal already") from None
                places[note.device] += 1

    def finish(self) -> None:
        """Say that everything begun stands in the record."""
        with self._transaction() as connection:
            connection.execute("UPDATE rows SET position = NULL WHERE position IS NOT NULL")

    def begun(self) -> tuple[int, frozenset[bytes]] | None:
        """How many ballots the record had, and the identifiers of those begun; None if none are."""
        with self._sentences():
            rows = self._connection.execute(
                "SELECT position, identifier FROM rows WHERE position IS NOT NULL"
            ).fetchall()
        return (rows[0][0], frozenset(bytes(row[1]) for row in rows)) if rows else None

    def settle(self, recorded: Collection[bytes]) -> int:
        """Keep those begun whose identifiers are ``recorded``, forget the others; how many were kept."""
        with self._transaction() as connection:
            rows = connection.execute(
                "SELECT number, identifier FROM rows WHERE position IS NOT NULL"
            ).fetchall()
            kept = [row[0] for row in rows if bytes(row[1]) in recorded]
            connection.executemany(
                "UPDATE rows SET position = NULL WHERE number = ?", [(number,) for number in kept]
            )
            connection.execute("DELETE FROM rows WHERE position IS NOT NULL")
        return len(kept)

    # --- inside ------------------------------------------------------------------------------------

    def _open(self, election: bytes, *, make: bool) -> None:
        if make:
            with self._transaction() as connection:
                if connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
                    for statement in _TABLES:
                        connection.execute(statement)
                    connection.execute("INSERT INTO journal VALUES (?, ?)", (FORMAT, election))
        with self._sentences():
            row = self._connection.execute("SELECT format, election FROM journal").fetchone()
        if row is None or row[0] != FORMAT:
            raise StorageError(f"{self.path} is not a journal that this version of evote reads")
        if bytes(row[1]) != election:
            raise RefusedError(
                f"{self.path} is the journal of the election {bytes(row[1]).hex()}, not of {election.hex()}"
            )

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """A write that is on the disk when the block ends, or did not happen."""
        connection = self._connection
        with self._sentences():
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _sentences(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            name = getattr(error, "sqlite_errorname", "")
            if name == "SQLITE_FULL":
                text = "the disk is full; make room and start again, nothing is half written"
            elif name.startswith("SQLITE_BUSY"):
                text = "another program is using it; wait until that has ended and start again"
            elif isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
                text = f"it is damaged or no journal ({error}); restore it from a copy"
            else:
                text = str(error)
            raise StorageError(f"{self.path}: {text}") from error


def _make(path: Path) -> None:
    """An empty file that only its owner reads, if there is none."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}; choose another folder") from error
