"""Evidence of a log that went on after its end: it signed a closed log, and a longer one.

The last entry of a closed log says that the log ends (``specs/board.md#entries``, phase 2). Whoever holds the
proof that such an entry is the last one under a head, and a head of the same log with more leaves, holds a
proof against the key of the log: either the entry was a lie, or it is no longer the last one. The manifest is
all that is needed to check it.

What is left out: two heads of one size (:mod:`evote.board.splitview`), and a longer log that nobody signed.

Rules: the evidence carries the log's signatures only, so that one deed has one form whoever found it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from evote.board.checkpoint import Checkpoint, open_checkpoint
from evote.board.entries import ClosingEntry, Entry, leaf_data
from evote.board.log import proof_in
from evote.board.note import Note, NoteKey
from evote.board.proof import LogProof
from evote.codec import AtMost, Between, decode, encode
from evote.errors import DecodeError, VerificationError
from evote.merkle import Tree, leaf_hash

MAX_EVIDENCE_BYTES: Final = 32 * 1024
LAST_PHASE: Final = 2
"""Phase of the entry with which a log ends."""


@dataclass(frozen=True, slots=True)
class WentOn:
    """What a log signed after its end; believed only after :meth:`verify`."""

    format: Annotated[int, Between(1, 1)]
    ending: Annotated[bytes, AtMost(16 * 1024)]
    """Text of the proof that the entry is the last one under the closing head (C2SP tlog-proof)."""
    entry: Annotated[bytes, AtMost(1024)]
    """The canonical bytes of the :class:`ClosingEntry`."""
    later: Annotated[bytes, AtMost(4096)]
    """The note of the longer log."""

    @classmethod
    def of(cls, tree: Tree, entry: Entry, ending: Note, later: Note, log: NoteKey) -> WentOn:
        """The evidence in the last entry of a closed log, its closing head, and a later head.

        Raises ``ValueError`` for a closing head that is not that of the tree; whether it shows something
        :meth:`verify` says.
        """
        proof = proof_in(tree, tree.size - 1, ending.of_key(log))
        return cls(1, proof.encode(), encode(entry), later.of_key(log).encode())

    def verify(self, election: bytes, unit: str, log: NoteKey) -> tuple[Checkpoint, Checkpoint]:
        """The closing head, and the longer one that the log of ``unit`` signed nevertheless.

        ``election`` is H_E; ``log`` is the key of the unit's log, from the manifest and not from whoever
        shows the evidence. Raises :class:`DecodeError` for what has another form, and
        :class:`VerificationError` if a head is not the log's, the entry does not end it, or no log is longer
        than the closed one.
        """
        proof, later_note = LogProof.parse(self.ending), Note.parse(self.later)
        if any(len(note.signatures) != 1 for note in (proof.note, later_note)):
            raise VerificationError("evidence carries the log's signature and no other", where=log.name)
        entry = decode(ClosingEntry, self.entry, element_bytes=0)
        if entry.phase != LAST_PHASE:
            raise VerificationError("the entry does not end the log", where=log.name)
        closed = proof.verify_included(leaf_hash(leaf_data(election, log.name, unit, entry)), log)
        later = open_checkpoint(later_note, log)
        if proof.index != closed.size - 1 or later.size <= closed.size:
            raise VerificationError(
                "the log did not go on after its end",
                where=log.name,
                expected=f"entry {closed.size - 1}, and a head of more than {closed.size} leaves",
                computed=f"entry {proof.index}, and a head of {later.size} leaves",
            )
        return closed, later

    def encode(self) -> bytes:
        """The canonical bytes, for a file."""
        return encode(self)

    @classmethod
    def parse(cls, data: bytes) -> WentOn:
        """Evidence that somebody sent; raises :class:`~evote.errors.DecodeError` for its form."""
        if len(data) > MAX_EVIDENCE_BYTES:
            raise DecodeError(f"{len(data)} bytes are more than this evidence has", "evidence")
        return decode(cls, data, element_bytes=0, limit=MAX_EVIDENCE_BYTES)
