"""Merkle trees of RFC 9162 section 2.1 over SHA-256: hashes, ranges, proofs.

* :mod:`evote.merkle.hasher`: the hash of a leaf, of a node and of the empty tree.
* :mod:`evote.merkle.compact`: :class:`CompactRange`, a stretch of leaves held as the roots of the
  perfect subtrees that cover it; ranges merge with their neighbours.
* :mod:`evote.merkle.proof`: inclusion and consistency proofs, made and verified.
* :mod:`evote.merkle.tree`: :class:`Tree`, which keeps its nodes and so makes any proof at once.

What is left out: what a leaf means, who signs a root, and where leaves are kept. Trees know nothing
of ballots.

>>> from evote.merkle import RangeBuilder, inclusion_proof, leaf_hash, verify_inclusion
>>> leaves = [leaf_hash(entry) for entry in (b"a", b"b", b"c")]
>>> root = RangeBuilder.of(leaves).value().root()
>>> verify_inclusion(leaves[1], 1, 3, inclusion_proof(leaves, 1), root)
"""

from __future__ import annotations

from evote.merkle.compact import CompactRange, RangeBuilder
from evote.merkle.hasher import HASH_BYTES, empty_root, leaf_hash, node_hash
from evote.merkle.proof import (
    consistency_proof,
    inclusion_length,
    inclusion_proof,
    root_from_inclusion,
    verify_consistency,
    verify_inclusion,
)
from evote.merkle.tree import Tree

__all__ = [
    "HASH_BYTES",
    "CompactRange",
    "RangeBuilder",
    "Tree",
    "consistency_proof",
    "empty_root",
    "inclusion_length",
    "inclusion_proof",
    "leaf_hash",
    "node_hash",
    "root_from_inclusion",
    "verify_consistency",
    "verify_inclusion",
]
