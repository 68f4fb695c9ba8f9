"""A log as its keeper sees it: the tree of its leaves, and the heads and proofs made from it.

The tree is :class:`evote.merkle.Tree`; the leaf data of an entry is made by
:func:`evote.board.entries.leaf_data`, and the leaf hash of RFC 9162 is taken over it.

What is left out: where entries are kept, when a head is signed, and that no two signed heads
contradict each other; the ballot box does that.
"""

from __future__ import annotations

from evote.board.checkpoint import Checkpoint
from evote.board.note import Note
from evote.board.proof import LogProof
from evote.board.witness import Request
from evote.merkle import Tree, leaf_hash

__all__ = ["Tree", "leaf_hash", "proof_in", "request_for"]


def proof_in(tree: Tree, index: int, note: Note) -> LogProof:
    """The proof of leaf ``index`` under a checkpoint of this tree, with all signatures of the note.

    Raises ``ValueError`` for a checkpoint that is not one of the tree, or that does not cover the leaf;
    :class:`~evote.errors.DecodeError` for a note that is no checkpoint.
    """
    return LogProof(index, tree.inclusion(index, _size(tree, note)), note)


def request_for(tree: Tree, old: int, note: Note) -> Request:
    """What a witness is asked that saw ``old`` leaves last (0 for none): to cosign a checkpoint of this tree.

    Raises ``ValueError`` for a checkpoint that is not one of the tree, or that has fewer leaves than
    ``old``; :class:`~evote.errors.DecodeError` for a note that is no checkpoint.
    """
    size = _size(tree, note)
    return Request(old, tree.consistency(old, size) if old else (), note)


def _size(tree: Tree, note: Note) -> int:
    """The size of a checkpoint, which must be one of the tree."""
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.size > tree.size or tree.root(checkpoint.size) != checkpoint.root:
        raise ValueError(f"the checkpoint of size {checkpoint.size} is not a head of this tree")
    return checkpoint.size
