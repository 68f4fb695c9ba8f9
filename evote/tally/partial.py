"""What one worker added up: the sums of a stretch of leaves, in a form that can be sent (rules A54, A68).

Ballots are verified and added in one process; what leaves it are products and the hashes of the leaves
they cover, never a verified ballot. Whoever takes a partial tally in trusts the worker that made it for
the verification, and checks itself what stretch it covers and that every value is in the group.
"""

from __future__ import annotations

from dataclasses import dataclass

from evote.merkle import CompactRange


@dataclass(frozen=True, slots=True)
class PartialCell:
    """The products of one cell: alpha and beta of each field by turns, encoded."""

    contest: int
    cell: str
    classes: tuple[tuple[int, int], ...]
    """Each weight that occurs, and how many ballots have it."""
    products: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class PartialTally:
    """The sums over the leaves of ``covered``, for the election with H_E ``extended_hash``."""

    extended_hash: bytes
    covered: CompactRange
    cells: tuple[PartialCell, ...]
