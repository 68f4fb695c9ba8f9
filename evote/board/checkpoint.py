"""Checkpoints: the head of a log as the text of a signed note (C2SP tlog-checkpoint v1.0.0).

Three lines: the origin, which names the log; the number of leaves; the root in base 64.

What is left out: extension lines. Nobody audits them, so a checkpoint that has some is refused.

Rules:

* The log's key has the origin for its name, and only a signature under that name counts.
* The empty tree has one root.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from evote.board.lines import MAX_NUMBER, decode64, decode_number, encode64
from evote.board.note import Note, NoteKey, sign_note
from evote.codec import MAX_LABEL_BYTES
from evote.errors import DecodeError, VerificationError
from evote.merkle import HASH_BYTES, Tree, empty_root

if TYPE_CHECKING:
    from evote.signing import SigningKey

MAX_ORIGIN_BYTES: Final = MAX_LABEL_BYTES


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself: that its first ``size`` leaves have this root.

    Raises ``ValueError`` for an origin that is empty, longer than 256 bytes or not one line of text, a
    size outside 0 to 2^63 - 1, a root that has not 32 bytes, and another root of the empty tree.
    """

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not self.origin or any(letter < " " for letter in self.origin):
            raise ValueError("an origin is one line of text")
        if len(self.origin.encode("utf-8")) > MAX_ORIGIN_BYTES:
            raise ValueError(f"an origin has at most {MAX_ORIGIN_BYTES} bytes")
        if not 0 <= self.size <= MAX_NUMBER:
            raise ValueError(f"no log has {self.size} leaves")
        if len(self.root) != HASH_BYTES:
            raise ValueError(f"a root has {HASH_BYTES} bytes, not {len(self.root)}")
        if self.size == 0 and self.root != empty_root():
            raise ValueError("the tree without leaves has the hash of nothing for its root")

    @property
    def text(self) -> str:
        """The text of the note."""
        return f"{self.origin}\n{self.size}\n{encode64(self.root)}\n"

    @classmethod
    def of_tree(cls, origin: str, tree: Tree, size: int | None = None) -> Checkpoint:
        """The head of the first ``size`` leaves of a tree, by default of all.

        Raises ``ValueError`` for a size that the tree never had.
        """
        return cls(origin, tree.size if size is None else size, tree.root(size))

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """The checkpoint of a note's text; :class:`DecodeError` if it is none, or has extension lines."""
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop():
            raise DecodeError("a checkpoint has three lines: origin, size and root", "checkpoint")
        if len(lines) > 3:
            raise DecodeError("a checkpoint with extension lines is not accepted", "checkpoint")
        size = decode_number(lines[1], "checkpoint size")
        root = decode64(lines[2], "checkpoint root", HASH_BYTES)
        try:
            return cls(lines[0], size, root)
        except ValueError as error:
            raise DecodeError(str(error), "checkpoint") from None


def sign_checkpoint(checkpoint: Checkpoint, key: SigningKey) -> Note:
    """The checkpoint as a note signed by the log's key, whose name is the origin.

    A log signs only what is consistent with all that it signed before; that is the caller's duty.
    Raises ``ValueError`` for an origin that is no key name.
    """
    return Note(checkpoint.text, (sign_note(checkpoint.text, checkpoint.origin, key),))


def open_checkpoint(note: Note, log: NoteKey) -> Checkpoint:
    """The checkpoint in a note that the log signed.

    Raises :class:`DecodeError` for a text that is no checkpoint, :class:`VerificationError` for another
    origin than the name of the log's key, and for a signature that is absent or does not verify.
    """
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != log.name:
        raise VerificationError(
            "the checkpoint is of another log",
            where="origin",
            expected=log.name,
            computed=checkpoint.origin,
        )
    note.verify(log)
    return checkpoint
