"""The log of a unit as somebody shows it to the holder of a receipt: all leaves, the head, its place.

That a leaf is absent cannot be shown by a path; it is shown by all leaves of a witnessed head (rule A64).
:class:`ShownLog` has them, for evidence too, and :meth:`ShownLog.verify` gives a :class:`UnitLog`, the only
form in which a check believes them. What became of the ballots needs the entries behind the leaves:
:func:`show` makes a shown log of them, and :meth:`UnitLog.counting` adds their fates.

What is left out: files, and everything that the verifier of a record checks beyond what one receipt needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Final

from evote.board.checkpoint import Checkpoint, open_checkpoint
from evote.board.counting import CountedSet, counted_set
from evote.board.entries import Entry, UnitHeadEntry, consistency_hash, leaf_data, unit_head_leaf_data
from evote.board.note import Note, NoteKey
from evote.board.policy import WitnessedHead
from evote.board.receipt_setting import ReceiptSetting
from evote.board.reissue import Credentials
from evote.codec import AtMost, Count, Digest, Path
from evote.errors import VerificationError
from evote.hashing import DIGEST_BYTES
from evote.merkle import Tree, leaf_hash

MAX_LEAVES_BYTES: Final = 256 * 1024 * 1024
"""Eight million leaves."""
MAX_NOTE_BYTES: Final = 64 * 1024

NoteBytes = Annotated[bytes, AtMost(MAX_NOTE_BYTES)]
Leaves = Annotated[bytes, AtMost(MAX_LEAVES_BYTES)]
"""Leaf data of 32 bytes each, one behind the other."""


@dataclass(frozen=True, slots=True)
class ShownLog:
    """Both logs that matter to a ballot of ``unit``, from their first leaf to a head; nothing verified."""

    unit: Path
    leaves: Leaves
    """Of the unit's log."""
    head: NoteBytes
    """The signed head of the unit's log over these leaves."""
    election: Leaves
    """Leaf data of the election's log."""
    place: Count
    """Index of the unit's head in the election's log."""
    consistency: Digest
    """The :func:`~evote.board.entries.consistency_hash` of that entry's proof."""
    closing: bool
    """Whether that entry says that the unit's log ends there."""
    checkpoint: NoteBytes
    """The witnessed head of the election's log over ``election``."""

    def verify(self, setting: ReceiptSetting) -> UnitLog:
        """The same, believed.

        Raises :class:`~evote.errors.DecodeError` for notes that are no checkpoints, ``ValueError`` for a
        unit that does not report, :class:`VerificationError` unless both heads are signed and have exactly
        these leaves, the election's is witnessed, and it has the unit's head at its place.
        """
        key = setting.unit_log(self.unit)
        head = open_checkpoint(Note.parse(self.head), key)
        tree = _tree(key, head, self.leaves)
        witnessed = setting.policy.verify(Note.parse(self.checkpoint), setting.log)
        election = _tree(setting.log, witnessed.checkpoint, self.election)
        leaf = unit_head_leaf_data(
            setting.fingerprint,
            setting.log.name,
            self.unit,
            head.size,
            head.root,
            self.consistency,
            self.closing,
        )
        found = self.election[self.place * DIGEST_BYTES :][:DIGEST_BYTES]
        if found != leaf:
            raise VerificationError(
                "the head of the unit's log does not stand in the log of the election",
                where=f"{setting.log.name}, entry {self.place}",
                expected=leaf.hex(),
                computed=found.hex() or "no entry",
            )
        return UnitLog(self, tree, election, head, witnessed, None)


@dataclass(frozen=True, slots=True, eq=False)
class UnitLog:
    """A shown log that was verified; made by :meth:`ShownLog.verify`."""

    shown: ShownLog
    tree: Tree
    election: Tree
    head: Checkpoint
    witnessed: WitnessedHead
    counted: CountedSet | None
    """The fates of all ballots, where the entries were looked at."""

    @property
    def closed(self) -> bool:
        """Whether the unit's log ends with this head."""
        return self.shown.closing

    def counting(
        self, setting: ReceiptSetting, entries: Iterable[Entry], credentials: Credentials | None
    ) -> UnitLog:
        """The same with the fates of all ballots.

        ``credentials`` are those of :func:`~evote.board.counting.counted_set`, which changes them. Raises
        ``ValueError`` for a log that is not closed, :class:`VerificationError` for entries that are not
        those of the leaves.
        """
        if not self.closed:
            raise ValueError("what counts is known when the log is closed")
        held = tuple(entries)
        key = setting.unit_log(self.shown.unit)
        if leaves_of(setting, key, self.shown.unit, held) != self.shown.leaves:
            raise VerificationError("the entries are not those of the leaves", where=key.name)
        return replace(self, counted=counted_set(self.shown.unit, held, credentials))

    def find(self, leaf: bytes) -> int | None:
        """The index of the first entry with this leaf data (32 bytes), or None."""
        at = self.shown.leaves.find(leaf)
        while at % DIGEST_BYTES and at >= 0:
            at = self.shown.leaves.find(leaf, at + 1)
        return None if at < 0 else at // DIGEST_BYTES

    def excludes(self, checkpoint: Checkpoint) -> bool:
        """Whether a head that the same log signed cannot be one of this history.

        A larger head can, unless the unit's log ends here.
        """
        if checkpoint.origin == self.head.origin:
            tree, ended = self.tree, self.closed
        elif checkpoint.origin == self.witnessed.checkpoint.origin:
            tree, ended = self.election, False
        else:
            return False
        if checkpoint.size > tree.size:
            return ended
        return tree.root(checkpoint.size) != checkpoint.root


def leaves_of(setting: ReceiptSetting, log: NoteKey, unit: str, entries: Iterable[Entry]) -> bytes:
    """The leaf data of entries, one behind the other; ``unit`` is empty for the election's log."""
    return b"".join(leaf_data(setting.fingerprint, log.name, unit, entry) for entry in entries)


def show(
    setting: ReceiptSetting,
    unit: str,
    entries: Sequence[Entry],
    head: Note,
    election: Sequence[UnitHeadEntry],
    checkpoint: Note,
) -> ShownLog:
    """What the entries of both logs show of ``unit``; ``head`` and ``checkpoint`` are their signed heads.

    The unit's head is looked for from the end of the election's log. Raises ``ValueError`` for a unit
    that does not report, :class:`~evote.errors.DecodeError` for a head that is no checkpoint,
    :class:`VerificationError` if the election's log has no such head.
    """
    log, size = setting.unit_log(unit), Checkpoint.parse(head.text).size
    for place in range(len(election) - 1, -1, -1):
        entry = election[place]
        if entry.unit == unit and entry.size == size:
            return ShownLog(
                unit,
                leaves_of(setting, log, unit, entries),
                head.encode(),
                leaves_of(setting, setting.log, "", election),
                place,
                consistency_hash(entry.proof),
                entry.closing,
                checkpoint.encode(),
            )
    raise VerificationError(
        f"the log of the election has no head of {size} leaves of this log", where=log.name
    )


def _tree(log: NoteKey, head: Checkpoint, leaves: bytes) -> Tree:
    if len(leaves) != head.size * DIGEST_BYTES:
        raise VerificationError(
            "the leaves that are shown are not all that the head counts",
            where=log.name,
            expected=f"{head.size}",
            computed=f"{len(leaves) / DIGEST_BYTES:g}",
        )
    tree = Tree(leaf_hash(leaves[at : at + DIGEST_BYTES]) for at in range(0, len(leaves), DIGEST_BYTES))
    if tree.root() != head.root:
        raise VerificationError(
            "the leaves do not lead to the root of the head",
            where=log.name,
            expected=head.root.hex(),
            computed=tree.root().hex(),
        )
    return tree
