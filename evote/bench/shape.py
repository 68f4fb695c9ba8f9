"""What is measured: ballots of one contest, in named shapes and sizes.

The benchmark record is one contest of 10 options with option limit 1 and selection limit 1. Its
contest-limit proof and its encrypted ballot nonce are part of the work, contest data is not, and
the cost of a ballot is divided by the 10 options. The series repeats it with other numbers of
options, where the fixed cost of a ballot weighs more or less.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

SINGLE_ROUND_ABOVE = 10_000
"""Runs of more ballots than this take one round; at this size one round is long enough to be steady."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One contest: ``options`` fields, at most ``option_limit`` (R) on one, ``selection_limit`` (L) in all.

    Raises ValueError unless all three are at least 1.
    """

    options: int
    option_limit: int = 1
    selection_limit: int = 1

    def __post_init__(self) -> None:
        if min(self.options, self.option_limit, self.selection_limit) < 1:
            raise ValueError("a shape has at least one option, and limits of at least 1")

    def selections(self, ballots: int) -> int:
        """The number of selections on that many ballots, by which a cost is divided."""
        return ballots * self.options


def shape_of(text: str) -> Shape:
    """The shape written ``OPTIONS``, ``OPTIONS:LIMIT`` or ``OPTIONS:LIMIT:OPTION_LIMIT``, as ``4:2``.

    Raises ValueError for anything else.
    """
    parts = text.split(":")
    if len(parts) > 3 or not all(part.isdecimal() and part.isascii() for part in parts):
        raise ValueError(f"{text!r} is no shape: write OPTIONS:LIMIT, for example 4:2")
    options, limit, option_limit = (*map(int, parts), 1, 1)[:3]
    return Shape(options, option_limit, limit)


class Size(NamedTuple):
    """A name for a number of ballots per round."""

    name: str
    ballots: int


RECORD = Shape(options=10)
FOUR = Shape(options=4, selection_limit=2)
"""Up to two of four answers: the ballot on which Belenios is measured, see ``benches/``."""
SERIES = (Shape(options=1), Shape(options=5), Shape(options=20), Shape(options=100))

SIZES = (
    Size("smoke", 2),
    Size("small", 20),
    Size("medium", 200),
    Size("large", 10_000),
    Size("huge", 100_000),
)


def ballots_of(size: str) -> int:
    """The number of ballots of a named size; raises ValueError for an unknown name."""
    for name, ballots in SIZES:
        if name == size:
            return ballots
    raise ValueError(f"no size is called {size!r}: choose from {', '.join(name for name, _ in SIZES)}")


def rounds_for(ballots: int, rounds: int) -> int:
    """How many rounds are run with that many ballots: one above 10,000, else what was asked for."""
    return 1 if ballots > SINGLE_ROUND_ABOVE else rounds
