"""A Merkle tree that keeps its nodes: any root and any proof in O(log n) (RFC 9162 section 2.1).

Level 0 holds the leaf hashes, and level l the roots of the perfect subtrees of 2^l leaves, as soon
as such a subtree is full. Full subtrees never change, so nothing that is kept is ever computed
again. What a proof needs beyond them is one subtree at the right edge of the tree of the size asked
for. For the size asked for last, that edge and the upper parts of paths are remembered.

Cost: 64 bytes of memory per leaf (2 n hashes in one byte array per level; an array that grows may
briefly be held twice), and at most 8 more for the remembered paths; one hash per appended leaf on
average; no hash for a proof of the remembered size, and O(log n) for another one.

Rules: leaves are hashes of 32 bytes, made by the caller. One writer at a time; readers in other
threads see the sizes that they ask for, since nothing below a size changes except through
:meth:`Tree.cut`, which takes back leaves that were never promised to anyone.
"""

from __future__ import annotations

from collections.abc import Iterable

from evote.hashing import sha256
from evote.merkle.hasher import HASH_BYTES, NODE_PREFIX, empty_root, node_hash

_PAIR = 2 * HASH_BYTES
_BLOCK = 8
"""Leaves that agree in their index but for so many bits share the upper part of their paths."""


class Tree:
    """A tree that grows at its end.

    >>> from evote.merkle import Tree, leaf_hash, verify_inclusion
    >>> tree = Tree(leaf_hash(entry) for entry in (b"a", b"b", b"c"))
    >>> verify_inclusion(tree.leaf(1), 1, 3, tree.inclusion(1), tree.root())
    """

    __slots__ = ("_edge", "_levels", "_upper")

    def __init__(self, leaf_hashes: Iterable[bytes] = ()) -> None:
        """A tree of these leaf hashes; raises ``ValueError`` unless each has 32 bytes."""
        self._levels: list[bytearray] = [bytearray()]
        self._edge: tuple[int, tuple[bytes, ...]] = (0, ())
        self._upper: tuple[int, dict[int, tuple[bytes, ...]]] = (0, {})
        self.extend(leaf_hashes)

    @property
    def size(self) -> int:
        """Number of leaves."""
        return len(self._levels[0]) // HASH_BYTES

    def append(self, leaf: bytes) -> int:
        """Add one leaf hash (32 bytes, else ``ValueError``); returns its index."""
        self.extend((leaf,))
        return self.size - 1

    def extend(self, leaf_hashes: Iterable[bytes]) -> None:
        """Add leaf hashes; raises ``ValueError``, and adds none, unless each has 32 bytes."""
        leaves = list(leaf_hashes)
        for leaf in leaves:
            if len(leaf) != HASH_BYTES:
                raise ValueError(f"a hash of the tree has {HASH_BYTES} bytes, not {len(leaf)}")
        self.extend_packed(b"".join(leaves))

    def extend_packed(self, leaves: bytes) -> None:
        """Add leaf hashes that stand one behind the other, as a tile or a file holds them.

        Raises ``ValueError``, and adds none, unless their length is a multiple of 32.
        """
        if len(leaves) % HASH_BYTES:
            raise ValueError(f"{len(leaves)} bytes are no row of hashes of {HASH_BYTES}")
        self._levels[0] += leaves
        level = 0
        while (parents := len(self._levels[level]) // _PAIR) > self._held(level + 1):
            if level + 1 == len(self._levels):
                self._levels.append(bytearray())
            below, above = self._levels[level], self._levels[level + 1]
            begin = len(above) // HASH_BYTES
            pairs = bytes(below[begin * _PAIR : parents * _PAIR])
            above += b"".join(
                [sha256(NODE_PREFIX, pairs[at : at + _PAIR]) for at in range(0, len(pairs), _PAIR)]
            )
            level += 1

    def cut(self, size: int) -> None:
        """Take back all leaves from ``size`` on, as when a transaction fails before it is committed.

        Never cut below a size whose root was signed. Requires ``0 <= size <= self.size``
        (``ValueError``).
        """
        self._check_size(size)
        self._edge, self._upper = (0, ()), (0, {})
        for level, nodes in enumerate(self._levels):
            del nodes[(size >> level) * HASH_BYTES :]

    def leaf(self, index: int) -> bytes:
        """The hash of one leaf; raises ``ValueError`` if there is none at ``index``."""
        self._check_index(index, self.size)
        return self._node(0, index)

    def nodes(self, level: int, begin: int, end: int) -> bytes:
        """The roots of the full subtrees ``begin`` to ``end - 1`` of 2^level leaves each, joined.

        Raises ``ValueError`` unless all of them are full.
        """
        if level < 0 or not 0 <= begin <= end <= self._held(level):
            raise ValueError(f"the tree has no full subtrees {begin} to {end} of level {level}")
        if begin == end:
            return b""
        return bytes(self._levels[level][begin * HASH_BYTES : end * HASH_BYTES])

    def root(self, size: int | None = None) -> bytes:
        """The root of the first ``size`` leaves, by default of all: MTH(D_size) of section 2.1.1.

        Requires ``0 <= size <= self.size`` (``ValueError``).
        """
        size = self._check_size(size)
        return self._edge_of(size)[-1] if size else empty_root()

    def inclusion(self, index: int, size: int | None = None) -> tuple[bytes, ...]:
        """PATH(index, D_size) of section 2.1.3.1, for :func:`~evote.merkle.verify_inclusion`.

        ``size`` is by default that of the tree. Requires ``0 <= index < size <= self.size``
        (``ValueError``).
        """
        size = self._check_size(size)
        self._check_index(index, size)
        return self._climb(index, 0, size)

    def consistency(self, old: int, new: int | None = None) -> tuple[bytes, ...]:
        """PROOF(old, D_new) of section 2.1.4.1, for :func:`~evote.merkle.verify_consistency`.

        ``new`` is by default the size of the tree. Requires ``1 <= old <= new <= self.size``
        (``ValueError``); the proof between equal sizes is empty.
        """
        new = self._check_size(new)
        if not 1 <= old <= new:
            raise ValueError(f"no proof leads from {old} leaves to {new}")
        if old == new:
            return ()
        # The largest subtree that ends where the old tree ends; the verifier holds its root only if
        # it is the old tree itself.
        level = (old & -old).bit_length() - 1
        path = self._climb(old - 1, level, new)
        return path if old == 1 << level else (self._node(level, (old - 1) >> level), *path)

    # --- inside ------------------------------------------------------------------------------------

    def _climb(self, index: int, level: int, size: int) -> tuple[bytes, ...]:
        """The siblings on the way from the subtree of ``level`` over leaf ``index`` to the root."""
        height = (size - 1).bit_length()
        if level >= _BLOCK or height <= _BLOCK:
            return self._siblings(index, level, height, size)
        known, upper = self._upper
        if known != size:
            upper = {}
            self._upper = (size, upper)
        block = index >> _BLOCK
        above = upper.get(block)
        if above is None:
            above = upper[block] = self._siblings(index, _BLOCK, height, size)
        return self._siblings(index, level, _BLOCK, size) + above

    def _siblings(self, index: int, begin: int, end: int, size: int) -> tuple[bytes, ...]:
        """The part of a path on the levels from ``begin`` to below ``end``."""
        levels = self._levels
        # Below `top` all siblings are full subtrees. On it, the sibling is the right edge of the tree;
        # above, the edge is on the way itself, and has siblings on its left only.
        top = (index ^ (size - 1)).bit_length() - 1
        path = []
        for level in range(begin, min(top, end)):
            at = ((index >> level) ^ 1) * HASH_BYTES
            path.append(bytes(levels[level][at : at + HASH_BYTES]))
        if begin <= top < end:
            path.append(self._edge_of(size)[top])
        for level in range(max(begin, top + 1), end):
            place = index >> level
            if place & 1:
                path.append(self._node(level, place - 1))
        return tuple(path)

    def _edge_of(self, size: int) -> tuple[bytes, ...]:
        """By level, the root of the subtree that holds the last of ``size`` leaves, as far as it is full."""
        known, edge = self._edge
        if known == size:
            return edge
        last = size - 1
        roots = [self._node(0, last)]
        for level in range(last.bit_length()):
            place = last >> level
            root = roots[-1]
            # A subtree at the right edge without a right half is its left half.
            roots.append(node_hash(self._node(level, place - 1), root) if place & 1 else root)
        edge = tuple(roots)
        self._edge = (size, edge)
        return edge

    def _node(self, level: int, index: int) -> bytes:
        return bytes(self._levels[level][index * HASH_BYTES : (index + 1) * HASH_BYTES])

    def _held(self, level: int) -> int:
        return len(self._levels[level]) // HASH_BYTES if level < len(self._levels) else 0

    def _check_size(self, size: int | None) -> int:
        if size is None:
            return self.size
        if not 0 <= size <= self.size:
            raise ValueError(f"a tree of {self.size} leaves was never one of {size}")
        return size

    @staticmethod
    def _check_index(index: int, size: int) -> None:
        if not 0 <= index < size:
            raise ValueError(f"no leaf {index} in a tree of {size}")
