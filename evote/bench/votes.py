"""Votes from a seed: the same seed, shape and number give the same marks, and nothing else.

Only what is voted comes from the seed, so that a record can be described by it. Nonces, identifiers
and keys are drawn from the system by whoever encrypts (rule A63, ``specs/decisions/bench-seeds.md``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from evote.ballots import PlaintextBallot, PlaintextContest
from evote.bench.shape import Shape
from evote.hashing import DIGEST_BYTES, tagged
from evote.manifest import Manifest

CONTEST = "measured"
MAX_SEED = 2**64 - 1


@dataclass(frozen=True, slots=True)
class Votes:
    """The votes that a seed, ``0 <= seed < 2^64``, decides for ballots of a shape (ValueError otherwise)."""

    shape: Shape
    seed: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.seed <= MAX_SEED:
            raise ValueError("a seed is a number from 0 to 2^64 - 1")

    def marks(self, number: int) -> dict[int, int]:
        """The marks on ballot ``number``, by position of the option from 0; absent means none.

        How many marks there are is spread evenly over 0 to the most that the limits allow; each falls
        on an option that has room for it.
        """
        shape = self.shape
        draws = self._draws(number)
        most = min(shape.selection_limit, shape.options * shape.option_limit)
        marks: dict[int, int] = {}
        for _ in range(next(draws) % (most + 1)):
            place = next(draws) % shape.options
            while marks.get(place, 0) == shape.option_limit:
                place = (place + 1) % shape.options
            marks[place] = marks.get(place, 0) + 1
        return marks

    def ballot(self, number: int) -> PlaintextBallot:
        """Ballot ``number`` of the election that :meth:`manifest` describes."""
        marks = {option(place): mark for place, mark in self.marks(number).items()}
        return PlaintextBallot("all", "all", {CONTEST: PlaintextContest(marks)})

    def totals(self, ballots: int) -> list[int]:
        """The sum of the marks on the first so many ballots, option by option."""
        sums = [0] * self.shape.options
        for number in range(ballots):
            for place, mark in self.marks(number).items():
                sums[place] += mark
        return sums

    def manifest(self, *, label: str, salt: bytes, authority_key: bytes | None) -> Manifest:
        """The manifest of an election of that shape, marked as a test; see :meth:`Manifest.build`."""
        shape = self.shape
        options: list[dict[str, Any]] = [
            {"label": option(place), "limit": shape.option_limit} for place in range(shape.options)
        ]
        contest = {"label": CONTEST, "limit": shape.selection_limit, "options": options}
        draft = {"label": label, "test": True, "minimum_cell": 1, "contests": [contest]}
        return Manifest.build(draft, salt=salt, authority_key=authority_key)

    def _draws(self, number: int) -> Iterator[int]:
        """Numbers below 2^64, without end."""
        counter = 0
        while True:
            fields = (self.seed.to_bytes(8, "big"), number.to_bytes(8, "big"), counter.to_bytes(8, "big"))
            block = tagged("evote/v1/bench-votes", *fields)
            for start in range(0, DIGEST_BYTES, 8):
                yield int.from_bytes(block[start : start + 8], "big")
            counter += 1


def option(place: int) -> str:
    """The label of the option at that place, from 0."""
    return f"option {place + 1}"
