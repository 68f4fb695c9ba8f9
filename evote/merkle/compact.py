"""Compact ranges: a stretch of leaves [begin, end) held in O(log n) hashes.

The leaves of a tree are cut by perfect subtrees: one of level l covers 2^l leaves and starts at a
multiple of 2^l, and its root is the same in every tree that holds those leaves. A range is the list
of the roots of the largest such subtrees that tile it, from left to right. Leaves [3, 9):

::

    level 2              x                      (4..7)
    level 0      x               x              (3) (8)
    leaf         3   4 5 6 7     8

Rules:

* A range merges only with the neighbour that starts where it ends, so that no leaf can be counted
  twice or skipped. Merging is associative, and the empty range at a position is neutral there.
* One stretch of leaves has one form: a value with a wrong number of hashes cannot be built. That
  its hashes are those of the leaves is known only to the one who appended them.
* Only a range that begins at leaf 0 has a root.

:class:`CompactRange` is the value; :class:`RangeBuilder` appends many leaves at amortised constant
cost (one hash per leaf on average) and holds the one merging rule that both use.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from evote.merkle.hasher import HASH_BYTES, empty_root, node_hash


def cover(begin: int, end: int) -> tuple[int, ...]:
    """Levels of the perfect subtrees that tile the leaves [begin, end), from left to right.

    Each step takes the largest subtree that starts at its place and fits into what remains.
    Requires ``0 <= begin <= end``; the result has fewer than ``2 * end.bit_length()`` entries.
    """
    levels = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        if begin:
            level = min(level, (begin & -begin).bit_length() - 1)
        levels.append(level)
        begin += 1 << level
    return tuple(levels)


@dataclass(frozen=True, slots=True)
class CompactRange:
    """The leaves [begin, end) as the roots of the subtrees that tile them, from left to right.

    Raises ``ValueError`` unless ``0 <= begin <= end``, there is one hash per subtree of
    :func:`cover`, and each has 32 bytes.
    """

    begin: int
    end: int
    hashes: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if not 0 <= self.begin <= self.end:
            raise ValueError(f"no range of leaves goes from {self.begin} to {self.end}")
        needed = len(cover(self.begin, self.end))
        if len(self.hashes) != needed:
            raise ValueError(
                f"leaves {self.begin} to {self.end} need {needed} hashes, not {len(self.hashes)}"
            )
        for piece in self.hashes:
            _check_hash(piece)

    @classmethod
    def empty(cls, begin: int = 0) -> CompactRange:
        """The range without leaves that starts, and ends, at ``begin``."""
        return cls(begin, begin, ())

    @property
    def size(self) -> int:
        """Number of leaves covered."""
        return self.end - self.begin

    def append(self, leaf: bytes) -> CompactRange:
        """The range with one more leaf hash at its end (a new value; for many, use a builder)."""
        builder = RangeBuilder.resume(self)
        builder.append(leaf)
        return builder.value()

    def merge(self, right: CompactRange) -> CompactRange:
        """The range over both stretches.

        Raises ``ValueError`` unless ``right`` starts where this one ends.
        """
        builder = RangeBuilder.resume(self)
        builder.extend(right)
        return builder.value()

    def root(self) -> bytes:
        """The root of the tree of ``end`` leaves: MTH(D_end) of RFC 9162 section 2.1.1.

        Raises ``ValueError`` for a range that does not begin at leaf 0: it has no root.
        """
        if self.begin != 0:
            raise ValueError(f"a range that begins at leaf {self.begin} has no root")
        if not self.hashes:
            return empty_root()
        root = self.hashes[-1]
        for piece in reversed(self.hashes[:-1]):
            root = node_hash(piece, root)
        return root


class RangeBuilder:
    """A compact range that grows in place: leaves and neighbouring ranges are added at its end.

    Not safe for use by several threads at once. ``value()`` may be taken at any time and as often
    as wanted; it costs O(log n).
    """

    __slots__ = ("_begin", "_end", "_hashes")

    def __init__(self, begin: int = 0) -> None:
        """An empty range at ``begin``; raises ``ValueError`` below 0."""
        if begin < 0:
            raise ValueError(f"no leaf has the number {begin}")
        self._begin = begin
        self._end = begin
        self._hashes: list[bytes] = []

    @classmethod
    def resume(cls, covered: CompactRange) -> RangeBuilder:
        """A builder that goes on where a range ends."""
        builder = cls(covered.begin)
        builder._end = covered.end
        builder._hashes = list(covered.hashes)
        return builder

    @classmethod
    def of(cls, leaves: Iterable[bytes], begin: int = 0) -> RangeBuilder:
        """A builder that holds the given leaf hashes from ``begin`` on."""
        builder = cls(begin)
        for leaf in leaves:
            builder.append(leaf)
        return builder

    @property
    def end(self) -> int:
        """Number of the next leaf."""
        return self._end

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash (32 bytes, else ``ValueError``)."""
        _check_hash(leaf)
        self._push(0, leaf)

    def extend(self, right: CompactRange) -> None:
        """Add a range. Raises ``ValueError``, and changes nothing, unless it starts at ``end``."""
        if right.begin != self._end:
            raise ValueError(
                f"a range from leaf {right.begin} does not continue one that ends at leaf {self._end}"
            )
        for level, piece in zip(cover(right.begin, right.end), right.hashes, strict=True):
            self._push(level, piece)

    def value(self) -> CompactRange:
        """What has been added so far, as a value."""
        return CompactRange(self._begin, self._end, tuple(self._hashes))

    def _push(self, level: int, piece: bytes) -> None:
        # A right child whose left sibling lies inside the range finds that sibling on top of the
        # list (largest subtrees first leave nothing smaller there), and both become their parent.
        index = self._end >> level
        self._end += 1 << level
        while index & 1 and (index - 1) << level >= self._begin:
            piece = node_hash(self._hashes.pop(), piece)
            index >>= 1
            level += 1
        self._hashes.append(piece)


def _check_hash(value: bytes) -> None:
    if len(value) != HASH_BYTES:
        raise ValueError(f"a hash of the tree has 32 bytes, not {len(value)}")
