"""The tables of a ballot box, and which box they are.

=============  =====================================================================================
``box``        one row: format, election (H_E), unit, origin, public key of the log
``state``      one row, changed by every writing transaction: size and frontier of the log, phase
``entries``    the log: one row per leaf, in order; nothing here is ever changed or deleted
``ballots``    one row per cast or challenged ballot: identifier (unique), hash, slot, receipt
``frames``     the ballots as the record will hold them, with their hints
``pending``    ballots without a verdict
``slots``      the last admitted cast ballot of each slot of the roll
``counts``     what was refused in minutes that are not in the log yet
``heads``      every head that was signed
=============  =====================================================================================

A file of another format is refused: there are no migrations, since a box lives for one election.
"""

from __future__ import annotations

from dataclasses import dataclass

from evote.errors import RefusedError, StorageError
from evote.hashing import tagged
from evote.storage.box_database import Session

FORMAT = 1

# Rare entries have an index; the questions repeat its condition word for word, so that every database
# sees that it will do.
REISSUES = (
    "SELECT body FROM entries WHERE kind IN ('closing', 'reissue') AND kind = 'reissue' ORDER BY position"
)
CLOSINGS = (
    "SELECT body FROM entries WHERE kind IN ('closing', 'reissue') AND kind = 'closing' ORDER BY position"
)

TABLES = (
    """
    CREATE TABLE box (
        format BIGINT NOT NULL,
        election {blob} NOT NULL,
        unit TEXT NOT NULL,
        origin TEXT NOT NULL,
        key {blob} NOT NULL
    )
    """,
    """
    CREATE TABLE state (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        size BIGINT NOT NULL,
        frontier {blob} NOT NULL,
        phase INTEGER NOT NULL,
        reissues BIGINT NOT NULL,
        seen BIGINT NOT NULL,
        counted BIGINT NOT NULL
    )
    """,
    "CREATE TABLE entries (position BIGINT PRIMARY KEY, kind TEXT NOT NULL, leaf {blob} NOT NULL,"
    " body {blob} NOT NULL)",
    "CREATE INDEX rare_entries ON entries (position) WHERE kind IN ('closing', 'reissue')",
    """
    CREATE TABLE ballots (
        position BIGINT PRIMARY KEY,
        identifier {blob} NOT NULL UNIQUE,
        ballot {blob} NOT NULL,
        challenged INTEGER NOT NULL,
        slot BIGINT,
        elements {blob} NOT NULL,
        receipt {blob} NOT NULL
    )
    """,
    "CREATE TABLE frames (position BIGINT PRIMARY KEY, frame {blob} NOT NULL, hint {blob} NOT NULL)",
    "CREATE TABLE pending (position BIGINT PRIMARY KEY, ballot {blob} NOT NULL)",
    "CREATE TABLE slots (slot BIGINT PRIMARY KEY, head {blob} NOT NULL)",
    "CREATE TABLE counts (minute BIGINT NOT NULL, what TEXT NOT NULL, count BIGINT NOT NULL,"
    " PRIMARY KEY (minute, what))",
    "CREATE TABLE heads (size BIGINT PRIMARY KEY, root {blob} NOT NULL, note {blob} NOT NULL)",
)


@dataclass(frozen=True, slots=True)
class Identity:
    """Which box it is: it never changes."""

    election: bytes
    """H_E."""
    unit: str
    origin: str
    key: bytes
    """Public key of the unit's log."""

    def digest(self) -> bytes:
        """32 bytes that name the box, in its anchor file and for its schema."""
        return tagged(
            "evote/v1/box", self.election, self.unit.encode("utf-8"), self.origin.encode("utf-8"), self.key
        )


def fill(session: Session, identity: Identity, now: int) -> None:
    """The first rows of a new box."""
    session.change(
        "INSERT INTO box (format, election, unit, origin, key) VALUES (?, ?, ?, ?, ?)",
        (FORMAT, identity.election, identity.unit, identity.origin, identity.key),
    )
    session.change(
        "INSERT INTO state (id, size, frontier, phase, reissues, seen, counted)"
        " VALUES (1, 0, ?, 0, 0, ?, -1)",
        (b"", now),
    )


def check(session: Session, identity: Identity, name: str) -> None:
    """That the tables are those of this box.

    Raises :class:`StorageError` for another format and :class:`RefusedError` for another box.
    """
    # The number comes first and alone: of another format nothing else is known.
    found = session.rows("SELECT format FROM box")
    if len(found) != 1:
        raise StorageError(f"{name} is no ballot box; give the path or address of one")
    if found[0][0] != FORMAT:
        raise StorageError(
            f"{name} has format {found[0][0]} and this program uses {FORMAT}; "
            "finish the election with the version of evote that began it"
        )
    ((election, unit, origin, key),) = session.rows("SELECT election, unit, origin, key FROM box")
    if bytes(election) != identity.election:
        raise RefusedError(f"{name} is the box of another election; nothing was changed")
    if unit != identity.unit:
        raise RefusedError(f"{name} is the box of {unit!r} and not of {identity.unit!r}; nothing was changed")
    if origin != identity.origin or bytes(key) != identity.key:
        raise RefusedError(f"{name} belongs to another log; nothing was changed")
