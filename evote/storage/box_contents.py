"""What a ballot box holds, for reading: its standing, its entries and ballots as streams, its tree.

Every question sees one state of the database. Reading works on a box that was stopped, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from evote.ballots.values import SubmittedBallot
from evote.board.entries import EntryKind
from evote.board.note import Note
from evote.board.submission import NO_PREVIOUS
from evote.codec import decode
from evote.errors import DecodeError, StorageError
from evote.merkle import Tree
from evote.storage.box_core import BoxCore
from evote.storage.box_intake import hint_of
from evote.storage.box_setting import BoxSetting
from evote.storage.box_values import BoxStatus, PendingBallot, PendingFrame, StoredBallot, StoredEntry

_BALLOTS = (
    "SELECT ballots.position, identifier, ballot, challenged, slot, frame, hint FROM ballots"
    " JOIN frames ON frames.position = ballots.position"
)


class Contents:
    """The reading side of :class:`evote.storage.box.BallotBox`."""

    _core: BoxCore
    _setting: BoxSetting

    def status(self) -> BoxStatus:
        """How the box stands."""
        with self._core.reading() as session:
            ((size, phase),) = session.rows("SELECT size, phase FROM state WHERE id = 1")
            counted: dict[int, int] = dict(
                session.rows("SELECT challenged, count(*) FROM ballots GROUP BY challenged")
            )
            ((pending,),) = session.rows("SELECT count(*) FROM pending")
            ((signed,),) = session.rows("SELECT coalesce(max(size), 0) FROM heads")
        return BoxStatus(size, phase, counted.get(0, 0), counted.get(1, 0), pending, signed, self._core.fault)

    def entries(self, begin: int = 0, end: int | None = None) -> Iterator[StoredEntry]:
        """The entries of the log from position ``begin`` on, before ``end``, in order."""
        most = 2**62 if end is None else end
        question = (
            "SELECT position, kind, leaf, body FROM entries"
            " WHERE position >= ? AND position < ? ORDER BY position"
        )
        with self._core.reading() as session:
            for position, kind, leaf, body in session.stream(question, (begin, most)):
                yield StoredEntry(position, EntryKind(kind), bytes(leaf), bytes(body))

    def ballots(self, begin: int = 0) -> Iterator[StoredBallot]:
        """All cast and challenged ballots, admitted at position ``begin`` or later, in the log's order."""
        question = f"{_BALLOTS} WHERE ballots.position >= ? ORDER BY ballots.position"
        with self._core.reading() as session:
            for row in session.stream(question, (begin,)):
                yield self._stored(row)

    def find(self, identifier: bytes) -> StoredBallot | None:
        """The ballot that was admitted under an identifier, or None."""
        rows = self._core.ask(lambda session: session.rows(f"{_BALLOTS} WHERE identifier = ?", (identifier,)))
        if not rows:
            return None
        return self._stored(rows[0])

    def pending_frames(self, most: int, after: int = -1) -> list[PendingFrame]:
        """The first ballots without a verdict, at most so many, behind the position ``after``, as bytes."""
        question = (
            "SELECT pending.position, pending.ballot, frame, hint FROM pending"
            " JOIN frames ON frames.position = pending.position"
            " WHERE pending.position > ? ORDER BY pending.position LIMIT ?"
        )
        rows = self._core.ask(lambda session: session.rows(question, (after, most)))
        return [
            PendingFrame(position, bytes(ballot), bytes(frame), bytes(hint))
            for position, ballot, frame, hint in rows
        ]

    def pending(self, most: int, after: int = -1) -> list[PendingBallot]:
        """The same, decoded."""
        width = self._setting.election.group.element_bytes
        try:
            return [
                PendingBallot(
                    each.position,
                    decode(SubmittedBallot, each.frame, element_bytes=width),
                    hint_of(each.hint, width),
                )
                for each in self.pending_frames(most, after)
            ]
        except DecodeError as error:
            raise StorageError(f"a stored ballot is damaged ({error}); go on with an intact copy") from error

    def _stored(self, row: Sequence[Any]) -> StoredBallot:
        position, identifier, ballot, challenged, slot, frame, hint = row
        width = self._setting.election.group.element_bytes
        return StoredBallot(
            position,
            bytes(identifier),
            bytes(ballot),
            bool(challenged),
            slot,
            bytes(frame),
            hint_of(bytes(hint), width),
        )

    def slot_head(self, slot: int) -> bytes:
        """The hash of the slot's last admitted cast ballot, which the next one is signed over (32 bytes)."""
        rows = self._core.ask(lambda session: session.rows("SELECT head FROM slots WHERE slot = ?", (slot,)))
        return bytes(rows[0][0]) if rows else NO_PREVIOUS

    def heads(self) -> list[Note]:
        """Every head that was signed, from the smallest to the largest."""
        with self._core.reading() as session:
            return [
                Note.parse(bytes(note)) for (note,) in session.rows("SELECT note FROM heads ORDER BY size")
            ]

    def tree(self) -> Tree:
        """The tree of the log, at least up to all that was admitted before this call; for reading only."""
        return self._core.tree()
