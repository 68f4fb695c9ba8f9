"""The hashes of a Merkle tree (RFC 9162 section 2.1.1), over SHA-256.

A leaf is hashed behind the byte 00 and an inner node behind the byte 01, so that no leaf can pass
for a node: whatever a leaf holds, its preimage starts differently. For the same reason a node takes
exactly two hashes of 32 bytes; a longer or shorter part could move the border between its children.
"""

from __future__ import annotations

from evote.hashing import DIGEST_BYTES, sha256

HASH_BYTES = DIGEST_BYTES
"""Every hash in a tree has 32 bytes."""

NODE_PREFIX = b"\x01"
"""What stands before two hashes in the preimage of their node."""

_LEAF = b"\x00"
_EMPTY = sha256()


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(00 || data): the hash of a leaf, 32 bytes; ``data`` may be empty."""
    return sha256(_LEAF, data)


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(01 || left || right): the hash of an inner node, 32 bytes.

    Requires two hashes of 32 bytes; raises ``ValueError`` otherwise.
    """
    if len(left) != HASH_BYTES or len(right) != HASH_BYTES:
        raise ValueError(f"a node joins two hashes of 32 bytes, not {len(left)} and {len(right)}")
    return sha256(NODE_PREFIX, left, right)


def empty_root() -> bytes:
    """SHA-256 of nothing: the root of the tree without leaves."""
    return _EMPTY
