"""Ballots between encryption and the record: pending until the voter decides, once and for ever.

One SQLite file per place of voting holds every ballot that its devices made, in their order, so
that chains of confirmation codes go on after a stop, and what the voter decided. It implements the
rule that a challenged ballot is never cast and a cast one never challenged (rule A57; specification
section 3.6.7) across crashes and against other processes.

Rules:

- A decision is one transaction that changes a row only if nobody has decided it; it is on the disk
  before anything follows from it. The same decision again is no new one: it lets a program that was
  stopped finish what it had begun.
- A decided ballot waits here until it is in the record (:meth:`PendingStore.waiting`), so that none is
  lost and none of a chain comes before its turn.
- A pre-encrypted ballot gets its selections with the decision, in the same transaction.
- The hint (the commitments of the proofs, not secret) waits beside the ballot and is deleted once both are
  in the record; a damaged one is none.
- The nonce comes sealed and is deleted as soon as the decision makes it useless; the file
  overwrites what it deletes.

It leaves out sealing, the record, and showing anything to voters.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from evote.ballots import BallotState, ContextOpening, EncryptedBallot, OpenedBallot, SubmittedBallot
from evote.ballots.hints import BallotHint
from evote.ballots.values import PreEncryption
from evote.codec import decode, encode
from evote.errors import DecodeError, RefusedError, StorageError

FORMAT = 3
"""Format 1 had no hints, format 2 no pre-encrypted ballots; such a store is brought up to this one when it is
opened."""

_WAIT_SECONDS = 30.0

_ADDED = {1: ("hint", "pre"), 2: ("pre",)}
"""Older format -> the columns that it lacks."""

_TABLES = (
    "CREATE TABLE store (format INTEGER NOT NULL, election BLOB NOT NULL)",
    """
    CREATE TABLE ballots (
        number INTEGER PRIMARY KEY,
        device TEXT NOT NULL,
        place INTEGER NOT NULL,
        code BLOB NOT NULL UNIQUE,
        identifier BLOB NOT NULL UNIQUE,
        ballot BLOB NOT NULL,
        context BLOB NOT NULL,
        nonce BLOB,
        decision TEXT CHECK (decision IN ('cast', 'challenged')),
        turn INTEGER UNIQUE,
        opening BLOB,
        recorded INTEGER UNIQUE,
        hint BLOB,
        pre BLOB,
        UNIQUE (device, place)
    )
    """,
    "CREATE INDEX waiting ON ballots (number) WHERE recorded IS NULL",
)
_Row = tuple[
    int, bytes, bytes, bytes | None, str | None, bytes | None, int | None, bytes | None, bytes | None
]
_COLUMNS = "SELECT number, ballot, context, nonce, decision, opening, recorded, hint, pre FROM ballots"


@dataclass(frozen=True, slots=True)
class Entry:
    """A ballot in the store.

    ``nonce`` is the sealed ballot nonce until the decision; ``opening`` is there once a challenged
    ballot was opened; ``recorded`` says that it stands in the record; ``hint`` has all commitments
    until then, if the device gave them.
    """

    number: int
    ballot: EncryptedBallot
    context: ContextOpening
    nonce: bytes | None
    decision: BallotState | None
    opening: OpenedBallot | None
    recorded: bool
    hint: BallotHint | None = None
    pre: PreEncryption | None = None
    """What a pre-encrypted ballot has besides, once it is decided."""

    @property
    def code(self) -> str:
        """The confirmation code as the voter has it."""
        return self.ballot.confirmation_code.hex().upper()

    def submitted(self) -> SubmittedBallot:
        """What goes into the record; raises :class:`RefusedError` before the voter decided."""
        if self.decision is None:
            raise RefusedError(f"ballot {self.code} is not decided; cast or challenge it first")
        return self.as_if(self.decision)

    def submitted_hint(self) -> BallotHint | None:
        """The hint that goes beside :meth:`submitted`, None where there is none that fits."""
        if self.hint is None:
            return None
        try:
            return self.hint.fitting(self.submitted(), len(self.ballot.nonce.c0))
        except ValueError:
            return None

    def as_if(self, decision: BallotState) -> SubmittedBallot:
        """What would go into the record after that decision, for checking it beforehand."""
        cast = decision is BallotState.CAST
        return SubmittedBallot(decision, self.ballot, self.context if cast else None, self.pre)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many ballots are in which state."""

    undecided: int
    cast: int
    challenged: int
    waiting: int
    """Decided, and not in the record yet."""


class PendingStore:
    """The ballots of one place of voting; a context manager. Safe among processes, not among threads.

    ``election`` is H_E, ``element_bytes`` the width of the group's elements. With ``make`` the file
    is made if it is not there, readable by its owner alone; without, it must be there. Raises
    :class:`StorageError` for a file that is absent, damaged or not such a store, and
    :class:`RefusedError` for one of another election.
    """

    def __init__(self, path: Path, election: bytes, element_bytes: int, *, make: bool = False) -> None:
        self.path = path
        self._element_bytes = element_bytes
        if make:
            _make(path)
        elif not path.is_file():
            raise StorageError(f"{path} is not there; 'evote encrypt' makes it with the first ballot")
        with self._sentences():
            self._connection = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)
        try:
            with self._sentences():
                self._connection.execute("PRAGMA synchronous = FULL")
                self._connection.execute("PRAGMA secure_delete = ON")
            self._open(election, make=make)
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> PendingStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; closing twice does nothing."""
        self._connection.close()

    # --- encryption ------------------------------------------------------------------------------

    def codes(self, device: str) -> tuple[bytes, ...]:
        """The confirmation codes of a device, in the order in which it made them."""
        with self._sentences():
            rows = self._connection.execute(
                "SELECT code FROM ballots WHERE device = ? ORDER BY place", (device,)
            ).fetchall()
        return tuple(bytes(row[0]) for row in rows)

    def devices(self) -> tuple[str, ...]:
        """The devices that made ballots, in the order of their first one."""
        with self._sentences():
            rows = self._connection.execute(
                "SELECT device FROM ballots GROUP BY device ORDER BY min(number)"
            ).fetchall()
        return tuple(row[0] for row in rows)

    def add(
        self,
        place: int,
        ballot: EncryptedBallot,
        context: ContextOpening,
        nonce: bytes,
        hint: BallotHint | None = None,
    ) -> None:
        """Keep the ballot that is number ``place`` (from 0) of its device; durable on return.

        Raises :class:`RefusedError` if the device made another ballot in the meantime: its chain
        would fork. ``nonce`` is sealed, ``hint`` has the commitments of all proofs.
        """
        with self._transaction() as connection:
            (held,) = connection.execute(
                "SELECT count(*) FROM ballots WHERE device = ?", (ballot.device,)
            ).fetchone()
            if held != place:
                raise RefusedError(
                    f"device {ballot.device!r} made another ballot at the same time; one program at a time "
                    "may encrypt for a device"
                )
            try:
                connection.execute(
                    "INSERT INTO ballots (device, place, code, identifier, ballot, context, nonce, hint)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        ballot.device,
                        place,
                        ballot.confirmation_code,
                        ballot.identifier,
                        encode(ballot),
                        encode(context),
                        nonce,
                        None if hint is None else hint.encode(),
                    ),
                )
            except sqlite3.IntegrityError:
                raise RefusedError("a ballot with this identifier or code is in the store already") from None

    # --- decision --------------------------------------------------------------------------------

    def find(self, code: str) -> Entry:
        """The ballot with that confirmation code, given whole or by its first 8 or more digits.

        Raises ``ValueError`` for what is no code, one that no ballot has, or a start that several have.
        """
        wanted = "".join(code.split()).upper()
        if not 8 <= len(wanted) <= 64 or any(digit not in "0123456789ABCDEF" for digit in wanted):
            raise ValueError(
                f"{code!r} is no confirmation code, which is 64 hexadecimal digits, or the first 8 or more"
            )
        low, high = bytes.fromhex(wanted.ljust(64, "0")), bytes.fromhex(wanted.ljust(64, "F"))
        with self._sentences():
            rows = self._connection.execute(
                f"{_COLUMNS} WHERE code BETWEEN ? AND ? LIMIT 2", (low, high)
            ).fetchall()
        if not rows:
            raise ValueError(f"no ballot here has the confirmation code {wanted}")
        if len(rows) > 1:
            raise ValueError(f"several ballots have codes that start with {wanted}; give more digits")
        return self._entry(rows[0])

    def decide(self, entry: Entry, decision: BallotState, submitted: SubmittedBallot | None = None) -> Entry:
        """Record what the voter decided; durable on return.

        ``submitted`` is what a pre-encrypted ballot becomes by it: ballot and vectors stand from then on.

        The same decision again returns the ballot as it stands. Raises :class:`RefusedError` for the
        other one: the first decision is for ever.
        """
        with self._transaction() as connection:
            connection.execute(
                "UPDATE ballots SET decision = ?, turn = (SELECT coalesce(max(turn), 0) + 1 FROM ballots),"
                " nonce = CASE WHEN ? THEN NULL ELSE nonce END, ballot = coalesce(?, ballot), pre = ?"
                " WHERE number = ? AND decision IS NULL",
                (
                    decision.value,
                    decision is BallotState.CAST,
                    None if submitted is None else encode(submitted.ballot),
                    None if submitted is None or submitted.pre is None else encode(submitted.pre),
                    entry.number,
                ),
            )
        found = self._by_number(entry.number)
        if found.decision is not decision:
            held = decision.value if found.decision is None else found.decision.value
            raise RefusedError(
                f"ballot {entry.code} is already {held}, and that decision is for ever; "
                f"it cannot be {decision.value} too"
            )
        return found

    def keep_opening(self, entry: Entry, opening: OpenedBallot) -> Entry:
        """Keep the opening of a challenged ballot and delete its nonce."""
        with self._transaction() as connection:
            changed = connection.execute(
                "UPDATE ballots SET opening = ?, nonce = NULL WHERE number = ? AND decision = 'challenged'",
                (encode(opening), entry.number),
            ).rowcount
        if changed != 1:
            raise RefusedError(f"ballot {entry.code} is not challenged, so it is not opened")
        return self._by_number(entry.number)

    # --- into the record -------------------------------------------------------------------------

    def waiting(self, *, chained: bool) -> Iterator[Entry]:
        """Decided ballots that can go into the record now and are not there yet.

        In the order of the decisions; if the codes are ``chained``, in the order of each device,
        because a chain is followed in the order of the record: a decided ballot waits until those that
        its device made before are decided.
        """
        if not chained:
            return self._select("WHERE decision IS NOT NULL AND recorded IS NULL ORDER BY turn")
        return self._select(
            "AS own WHERE decision IS NOT NULL AND recorded IS NULL AND NOT EXISTS"
            " (SELECT 1 FROM ballots WHERE device = own.device AND place < own.place AND decision IS NULL)"
            " ORDER BY number"
        )

    def mark_recorded(self, entry: Entry) -> None:
        """Say that a decided ballot stands in the record, behind those that were marked before; durably.

        Marking it again changes nothing.
        """
        with self._transaction() as connection:
            connection.execute(
                "UPDATE ballots SET hint = NULL,"
                " recorded = (SELECT coalesce(max(recorded), 0) + 1 FROM ballots)"
                " WHERE number = ? AND decision IS NOT NULL AND recorded IS NULL",
                (entry.number,),
            )

    def undecided(self) -> Iterator[Entry]:
        """Ballots whose voter has not decided, in the order in which they were made."""
        return self._select("WHERE decision IS NULL ORDER BY number")

    def recorded_codes(self, device: str) -> tuple[bytes, ...]:
        """The codes of a device's ballots that stand in the record, in the order of the record."""
        with self._sentences():
            rows = self._connection.execute(
                "SELECT code FROM ballots WHERE device = ? AND recorded IS NOT NULL ORDER BY recorded",
                (device,),
            ).fetchall()
        return tuple(bytes(row[0]) for row in rows)

    def challenged(self) -> Iterator[Entry]:
        """Challenged ballots in the order of the decisions."""
        return self._select("WHERE decision = 'challenged' ORDER BY turn")

    def counts(self) -> Counts:
        """How many ballots are in which state."""
        with self._sentences():
            rows = dict(
                self._connection.execute(
                    "SELECT coalesce(decision, ''), count(*) FROM ballots GROUP BY decision"
                ).fetchall()
            )
            (waiting,) = self._connection.execute(
                "SELECT count(*) FROM ballots WHERE decision IS NOT NULL AND recorded IS NULL"
            ).fetchone()
        return Counts(rows.get("", 0), rows.get("cast", 0), rows.get("challenged", 0), waiting)

    # --- inside ----------------------------------------------------------------------------------

    def _open(self, election: bytes, *, make: bool) -> None:
        if make:
            with self._transaction() as connection:
                tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
                if tables == (0,):
                    for statement in _TABLES:
                        connection.execute(statement)
                    connection.execute("INSERT INTO store VALUES (?, ?)", (FORMAT, election))
        with self._sentences():
            row = self._connection.execute("SELECT format, election FROM store").fetchone()
        if row is not None and row[0] in _ADDED:
            with self._transaction() as connection:
                # Asked again inside: another program may have done it meanwhile.
                (held,) = connection.execute("SELECT format FROM store").fetchone()
                for column in _ADDED.get(held, ()):
                    connection.execute(f"ALTER TABLE ballots ADD COLUMN {column} BLOB")
                connection.execute("UPDATE store SET format = ?", (FORMAT,))
            row = FORMAT, row[1]
        if row is None or row[0] != FORMAT:
            raise StorageError(f"{self.path} is not a store of ballots that this version of evote reads")
        if bytes(row[1]) != election:
            raise RefusedError(
                f"{self.path} holds ballots of the election {bytes(row[1]).hex()}, not of {election.hex()}"
            )

    def _select(self, condition: str) -> Iterator[Entry]:
        # The rows are read one by one from their numbers, because the caller changes them meanwhile.
        with self._sentences():
            numbers = self._connection.execute(f"SELECT number FROM ballots {condition}").fetchall()  # noqa: S608 - own text
        for (number,) in numbers:
            yield self._by_number(number)

    def _by_number(self, number: int) -> Entry:
        with self._sentences():
            row = self._connection.execute(f"{_COLUMNS} WHERE number = ?", (number,)).fetchone()
        if row is None:
            raise StorageError(f"{self.path}: ballot {number} has disappeared")
        return self._entry(row)

    def _entry(self, row: _Row) -> Entry:
        number, ballot, context, nonce, decision, opening, recorded, hint, pre = row
        width = self._element_bytes
        try:
            return Entry(
                number,
                decode(EncryptedBallot, ballot, element_bytes=width),
                decode(ContextOpening, context, element_bytes=width),
                nonce,
                None if decision is None else BallotState(decision),
                None if opening is None else decode(OpenedBallot, opening, element_bytes=width),
                recorded is not None,
                _hint(hint, width),
                None if pre is None else decode(PreEncryption, pre, element_bytes=width),
            )
        except DecodeError as error:
            raise StorageError(
                f"{self.path}: ballot {number} is damaged ({error}); restore the file from a copy"
            ) from error

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
            elif name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")) or isinstance(
                error, sqlite3.DatabaseError
            ):
                text = f"it is damaged or no store of ballots ({error}); restore it from a copy"
            else:
                text = str(error)
            raise StorageError(f"{self.path}: {text}") from error


def _hint(content: bytes | None, element_bytes: int) -> BallotHint | None:
    if content is None:
        return None
    try:
        return BallotHint.decode(content, element_bytes)
    except DecodeError:
        return None  # nothing depends on it but speed


def _make(path: Path) -> None:
    """An empty file that only its owner reads, if there is none."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}; choose another folder") from error
