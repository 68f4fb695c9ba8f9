"""One small election with unit returns, made once, and short ways to look at what was merged."""

from __future__ import annotations

import functools

from evote.hashing import sha256
from evote.manifest import ReturnKind
from evote.returns import Completeness, IntakeReport, MergedReturns, completeness, merge_returns
from evote.testing.returns import ReturnsKit

KINDS = {
    "A/1": ReturnKind.BALLOTS,
    "A/2": ReturnKind.OPEN,
    "A/3": ReturnKind.OPEN,
    "B": ReturnKind.OPEN,
}


@functools.cache
def kit() -> ReturnsKit:
    """Two roots: A, above a unit of ballots and two of paper, and B, a root that reports."""
    return ReturnsKit.drawn(KINDS)


@functools.cache
def foreign() -> ReturnsKit:
    """Another election with the same tree and the same keys' names."""
    return ReturnsKit.drawn(KINDS, seed="foreign")


def digest(data: bytes) -> bytes:
    """The name of a file."""
    return sha256(data)


def merged(*files: bytes) -> tuple[MergedReturns, IntakeReport]:
    """These files merged, named by their place."""
    return merge_returns(kit().election, [(str(place), data) for place, data in enumerate(files)])


def state(*files: bytes) -> Completeness:
    """How the tree stands after these files."""
    return completeness(*merged(*files))


def verdicts(*files: bytes) -> list[str]:
    """What became of each of these files."""
    return [arrival.verdict.value for arrival in merged(*files)[1].arrivals]
