"""The log inside one writing transaction: its state, entries added at its end, minutes counted.

Rules: positions are given out under the lock of the transaction, without gaps; the frontier (the
compact range of RFC 9162 leaves) goes on from where the state left it, so that adding costs one hash
per leaf; nothing is written before :meth:`OpenLog.finish`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evote.board.entries import ClosingEntry, Counted, CountsEntry, Entry, EntryKind, kind_of, leaf_data
from evote.codec import encode
from evote.errors import StorageError
from evote.manifest.moments import moment_of
from evote.merkle import CompactRange, RangeBuilder, leaf_hash
from evote.merkle.compact import cover
from evote.storage.box_anchor import Mark
from evote.storage.box_database import Session
from evote.storage.box_schema import Identity

OPEN, FIRST_CLOSED, CLOSED = 0, 1, 2
"""Phases of a box: the number of closing entries in its log."""
MINUTE = 60


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that is counted, and the minute in which it happened."""

    minute: int
    what: str


class OpenLog:
    """The log of the box ``identity`` in a writing transaction; ``now`` is in seconds since 1970."""

    def __init__(self, session: Session, identity: Identity, now: int) -> None:
        self._session = session
        self._identity = identity
        self._now = now
        ((size, frontier, self.phase, self.reissues, self.seen, self._counted),) = session.rows(
            "SELECT size, frontier, phase, reissues, seen, counted FROM state WHERE id = 1"
        )
        self._tree = RangeBuilder.resume(frontier_of(size, bytes(frontier)))
        self._rows: list[tuple[int, str, bytes, bytes]] = []
        self._before = size

    @property
    def size(self) -> int:
        """Number of entries, with those that were added here."""
        return self._tree.end

    @property
    def grew(self) -> bool:
        """Whether entries were added here."""
        return bool(self._rows)

    def mark(self) -> Mark:
        """Size and root, with what was added here."""
        return Mark(self._tree.end, self._tree.value().root())

    def add(self, entry: Entry) -> int:
        """Add an entry; its position."""
        identity, position = self._identity, self._tree.end
        leaf = leaf_data(identity.election, identity.origin, identity.unit, entry)
        self.add_made(kind_of(entry), leaf, encode(entry))
        return position

    def add_made(self, kind: EntryKind, leaf: bytes, body: bytes) -> int:
        """Add an entry whose leaf and bytes were made before the transaction; its position."""
        position = self._tree.end
        self._rows.append((position, kind.value, leaf, body))
        self._tree.append(leaf_hash(leaf))
        return position

    def close(self, entry: ClosingEntry) -> ClosingEntry:
        """Add a closing entry, which must be the next one."""
        if entry.phase != self.phase + 1:
            raise ValueError(f"closing entry {entry.phase} does not follow phase {self.phase}")
        self.add(entry)
        self.phase = entry.phase
        return entry

    def count(self, happened: Mapping[Happened, int]) -> None:
        """Book what happened; a minute that is in the log already passes it on to a later one.

        That is the current one, or the first that is not in the log if the clock was put back: the minutes
        in the log only rise.
        """
        current = max(self._now - self._now % MINUTE, self._counted + MINUTE)
        for each, count in happened.items():
            minute = each.minute if each.minute > self._counted else current
            self._session.change(
                "INSERT INTO counts (minute, what, count) VALUES (?, ?, ?)"
                " ON CONFLICT (minute, what) DO UPDATE SET count = counts.count + excluded.count",
                (minute, each.what, count),
            )

    def log_minutes(self, before: int = 2**62) -> None:
        """An entry for every minute before ``before`` in which something was counted; without it, for all.

        Nothing after the first closing entry, behind which counts have no place.
        """
        if self.phase != OPEN:
            return
        rows = self._session.rows(
            "SELECT minute, what, count FROM counts WHERE minute < ? ORDER BY minute, what", (before,)
        )
        minutes: dict[int, list[Counted]] = {}
        for minute, what, count in rows:
            minutes.setdefault(minute, []).append(Counted(what, count))
        for minute, counted in minutes.items():
            # The order of databases is that of their locale.
            counted.sort(key=lambda each: each.what.encode("utf-8"))
            self.add(CountsEntry(moment_of(minute), tuple(counted)))
            self._counted = minute
        if rows:
            self._session.change("DELETE FROM counts WHERE minute < ?", (before,))

    def finish(self) -> None:
        """Write entries and state."""
        if self._rows:
            self._session.insert("entries (position, kind, leaf, body)", self._rows)
        changed = self._session.change(
            "UPDATE state SET size = ?, frontier = ?, phase = ?, reissues = ?, seen = ?, counted = ?"
            " WHERE id = 1 AND size = ?",
            (
                self._tree.end,
                b"".join(self._tree.value().hashes),
                self.phase,
                self.reissues,
                max(self.seen, self._now),
                self._counted,
                self._before,
            ),
        )
        if changed != 1:
            raise StorageError("the log grew beside the one who writes it; the database does not lock")


def frontier_of(size: int, joined: bytes) -> CompactRange:
    """The compact range of a log from its stored hashes; :class:`StorageError` if they are not so many."""
    if len(joined) != 32 * len(cover(0, size)):
        raise StorageError("the state of the box is damaged; go on with an intact copy of the database")
    return CompactRange(0, size, tuple(joined[at : at + 32] for at in range(0, len(joined), 32)))
