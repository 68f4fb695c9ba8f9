"""Inclusion and consistency proofs (RFC 9162 sections 2.1.3 and 2.1.4), made and verified.

Makers take the whole sequence of leaf hashes and cost O(n) hashes each; verifiers cost O(log n).

Rules of the verifying side, which reads what an untrusted log sent:

* Everything that is wrong with a proof is one :class:`~evote.errors.VerificationError` that carries
  both sides; a verifier never fails in another way on what the log sent.
* Every hash has exactly 32 bytes. The number of hashes follows from the positions alone, and
  another number is refused before anything is hashed.
* The tree of size 0 contains no leaf, so nothing is included in it. Every tree continues the empty
  one, so a proof from size 0 would prove nothing: it is refused, and a caller that has no earlier
  head has nothing to compare with yet.
* Two heads of one size are consistent only if their roots are equal and the path is empty.
"""

from __future__ import annotations

from collections.abc import Sequence

from evote.errors import VerificationError
from evote.merkle.compact import RangeBuilder
from evote.merkle.hasher import HASH_BYTES, node_hash


def inclusion_proof(leaf_hashes: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """PATH(index, D_n): the siblings from the leaf up to the root (section 2.1.3.1).

    Requires ``0 <= index < len(leaf_hashes)``; raises ``ValueError`` otherwise.
    """
    if not 0 <= index < len(leaf_hashes):
        raise ValueError(f"no leaf {index} in a tree of {len(leaf_hashes)}")
    path = []
    low, high = 0, len(leaf_hashes)
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_root(leaf_hashes, middle, high))
            high = middle
        else:
            path.append(_root(leaf_hashes, low, middle))
            low = middle
    return tuple(reversed(path))


def consistency_proof(leaf_hashes: Sequence[bytes], old_size: int) -> tuple[bytes, ...]:
    """PROOF(old_size, D_n): that the first ``old_size`` leaves are a prefix (section 2.1.4.1).

    Requires ``1 <= old_size <= len(leaf_hashes)``; raises ``ValueError`` otherwise. The proof
    between equal sizes is empty.
    """
    if not 1 <= old_size <= len(leaf_hashes):
        raise ValueError(f"no proof leads from {old_size} leaves to {len(leaf_hashes)}")
    path = []
    low, high = 0, len(leaf_hashes)
    while old_size < high:
        middle = low + _split(high - low)
        if old_size <= middle:
            path.append(_root(leaf_hashes, middle, high))
            high = middle
        else:
            path.append(_root(leaf_hashes, low, middle))
            low = middle
    # Here the old tree ends where a subtree [low, high) ends. The verifier holds the root of that
    # subtree only if it is the old tree itself.
    if low > 0:
        path.append(_root(leaf_hashes, low, high))
    return tuple(reversed(path))


def inclusion_length(index: int, size: int) -> int:
    """How many hashes the inclusion proof of leaf ``index`` in a tree of ``size`` leaves has.

    Requires ``0 <= index < size``.
    """
    inner = (index ^ (size - 1)).bit_length()
    return inner + (index >> inner).bit_count()


def root_from_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that an inclusion proof leads to (section 2.1.3.2), for the caller to compare.

    Raises :class:`VerificationError` unless ``0 <= index < size``, ``leaf`` and every hash of the
    path have 32 bytes, and the path is as long as the positions demand.
    """
    if not 0 <= index < size:
        raise VerificationError(
            "the tree has no such leaf", expected=f"a leaf below {size}", computed=f"leaf {index}"
        )
    # Up to where the paths of this leaf and of the last one meet, siblings lie on both sides;
    # above, the tree ends on the right, and every sibling lies on the left.
    inner = (index ^ (size - 1)).bit_length()
    _check_path(path, inclusion_length(index, size))
    _check_hash("leaf", leaf)
    root = leaf
    for level in range(inner):
        root = node_hash(path[level], root) if index >> level & 1 else node_hash(root, path[level])
    for sibling in path[inner:]:
        root = node_hash(sibling, root)
    return root


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """That the tree of ``size`` leaves with this root has ``leaf`` at ``index`` (section 2.1.3.2).

    Raises :class:`VerificationError` if not, with the root given as expected and the root that the
    proof leads to as computed.
    """
    _check_hash("root", root)
    _compare("root", root, root_from_inclusion(leaf, index, size, path))


def verify_consistency(
    old_size: int, new_size: int, path: Sequence[bytes], *, old_root: bytes, new_root: bytes
) -> None:
    """That the tree of the new head starts with the leaves of the old one (section 2.1.4.2).

    Raises :class:`VerificationError` unless ``1 <= old_size <= new_size`` and the path leads to
    both roots.
    """
    if not 1 <= old_size <= new_size:
        raise VerificationError(
            "no consistency proof leads from one size to the other",
            expected=f"an earlier size from 1 to {new_size}",
            computed=f"{old_size}",
        )
    _check_hash("old root", old_root)
    _check_hash("new root", new_root)
    if old_size == new_size:
        _check_path(path, 0)
        _compare("new root", new_root, old_root)
        return
    # The path starts at the largest subtree that ends where the old tree ends: `shift` levels up.
    # From there it is that of the last old leaf, walked once for each tree.
    shift = (old_size & -old_size).bit_length() - 1
    inner = ((old_size - 1) ^ (new_size - 1)).bit_length() - shift
    position = (old_size - 1) >> shift
    border = (position >> inner).bit_count()
    whole = old_size == 1 << shift
    _check_path(path, inner + border + (0 if whole else 1))
    seed, siblings = (old_root, path) if whole else (path[0], path[1:])
    old, new = seed, seed
    for level in range(inner):
        sibling = siblings[level]
        if position >> level & 1:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
        else:
            new = node_hash(new, sibling)
    for sibling in siblings[inner:]:
        old, new = node_hash(sibling, old), node_hash(sibling, new)
    _compare("old root", old_root, old)
    _compare("new root", new_root, new)


def _split(size: int) -> int:
    """k of RFC 9162: the largest power of two smaller than ``size`` (at least 2)."""
    return 1 << ((size - 1).bit_length() - 1)


def _root(leaf_hashes: Sequence[bytes], low: int, high: int) -> bytes:
    """MTH(D[low:high])."""
    builder = RangeBuilder()
    for index in range(low, high):
        builder.append(leaf_hashes[index])
    return builder.value().root()


def _check_path(path: Sequence[bytes], length: int) -> None:
    if len(path) != length:
        raise VerificationError(
            "the proof has the wrong length", expected=f"{length} hashes", computed=f"{len(path)} hashes"
        )
    for number, sibling in enumerate(path):
        _check_hash(f"path[{number}]", sibling)


def _check_hash(where: str, value: bytes) -> None:
    if len(value) != HASH_BYTES:
        raise VerificationError(
            "a hash has the wrong length",
            where=where,
            expected=f"{HASH_BYTES} bytes",
            computed=f"{len(value)} bytes",
        )


def _compare(where: str, expected: bytes, computed: bytes) -> None:
    if expected != computed:
        raise VerificationError(
            "the proof leads to another root", where=where, expected=expected.hex(), computed=computed.hex()
        )
