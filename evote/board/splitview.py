"""Evidence of a split view: two heads of one log, of one size, with different roots.

A log that shows different people different histories has to sign both. Whoever holds two such heads
holds a proof against the log's key that needs nothing else to be checked (attack A27).

What is left out: two heads of different sizes that contradict each other. The heads alone do not
show it; a proof of inclusion or consistency that cannot be made does.

Rules: the evidence carries the log's signatures only, and the head with the smaller root first, so
that one contradiction has one form whoever found it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from evote.board.checkpoint import Checkpoint, open_checkpoint
from evote.board.note import Note, NoteKey
from evote.codec import AtMost, Between, decode, encode
from evote.errors import VerificationError

MAX_EVIDENCE_BYTES: Final = 16 * 1024

NoteBytes = Annotated[bytes, AtMost(4096)]


@dataclass(frozen=True, slots=True)
class SplitView:
    """Two notes as they were signed; believed only after :meth:`verify`."""

    format: Annotated[int, Between(1, 1)]
    first: NoteBytes
    second: NoteBytes

    @classmethod
    def of(cls, one: Note, other: Note, log: NoteKey) -> SplitView:
        """The evidence in two heads; raises what :meth:`verify` does if there is none."""
        pair = sorted((one.of_key(log), other.of_key(log)), key=lambda note: Checkpoint.parse(note.text).root)
        evidence = cls(1, pair[0].encode(), pair[1].encode())
        evidence.verify(log)
        return evidence

    def verify(self, log: NoteKey) -> tuple[Checkpoint, Checkpoint]:
        """The two heads that the log signed although they contradict each other.

        ``log`` is the log's key, from the manifest or policy and not from whoever shows the evidence.
        Raises :class:`~evote.errors.DecodeError` for what are no checkpoints, and
        :class:`VerificationError` if one is not the log's or they are consistent.
        """
        notes = Note.parse(self.first), Note.parse(self.second)
        first, second = (open_checkpoint(note, log) for note in notes)
        if any(len(note.signatures) != 1 for note in notes):
            raise VerificationError("evidence carries the log's signature and no other", where=log.name)
        if first.size != second.size or first.root >= second.root:
            raise VerificationError(
                "the two heads are no contradiction",
                where=log.name,
                expected="one size, and two roots in order",
                computed=f"{first.size} and {second.size}, {first.root.hex()} and {second.root.hex()}",
            )
        return first, second

    def encode(self) -> bytes:
        """The canonical bytes, for a file."""
        return encode(self)

    @classmethod
    def parse(cls, data: bytes) -> SplitView:
        """Evidence that somebody sent; raises :class:`~evote.errors.DecodeError` for its form."""
        return decode(cls, data, element_bytes=0, limit=MAX_EVIDENCE_BYTES)
