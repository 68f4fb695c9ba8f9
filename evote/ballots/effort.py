"""What checking proofs costs, in multiplications of the standard group: the plain way and in a batch.

Nominal figures, so that decisions that rest on them are the same for every group and machine: an order
of 256 bits, tables of 8 bits a window, and 27 us for a Jacobi symbol where a multiplication takes 4.3.
``specs/decisions/batch-bisection.md`` says what they are compared with.
"""

from __future__ import annotations

from dataclasses import dataclass

from evote.ballots.preencrypted_shape import shown_vectors
from evote.ballots.values import BallotState, SubmittedBallot

_ORDER_BITS = 256
_TABLE = 32
"""A power of g or K."""
_CHAIN = 274
"""Squarings that all powers of one value share, and its membership test."""
_POWER = 68
"""Each power of a value on its chain."""
_SYMBOL = 7
"""A Jacobi symbol."""
_HANDLING = 3
"""Reading, hashing and weighing one value of a batch."""


@dataclass(frozen=True, slots=True)
class Effort:
    """The proofs of some ballots: what they cost in the plain way, and what a batch has to take in."""

    plain: int
    """Multiplications of the plain way."""
    images: int
    """Values whose exponents have the bits of the order and a weight more: alpha, beta, C0."""
    commitments: int
    """Values whose exponents are weights; as many as there are equations."""

    def __add__(self, other: Effort) -> Effort:
        return Effort(
            self.plain + other.plain, self.images + other.images, self.commitments + other.commitments
        )

    def __sub__(self, other: Effort) -> Effort:
        return Effort(
            self.plain - other.plain, self.images - other.images, self.commitments - other.commitments
        )

    def batched(self, bits: int) -> int:
        """Multiplications of one decision over all of them with weights of so many bits."""
        values = self.images + self.commitments
        return (
            _windows(values, bits)
            + _windows(self.images, _ORDER_BITS)
            + _ORDER_BITS
            + bits
            + (_SYMBOL + _HANDLING) * values
        )


NOTHING = Effort(0, 0, 0)


def effort_of(submitted: SubmittedBallot) -> Effort:
    """The proofs that are checked on one ballot, by those that stand on it."""
    ballot = submitted.ballot
    total = _schnorr(1 + sum(contest.data is not None for contest in ballot.contests))
    if submitted.state is BallotState.CAST:
        for contest in ballot.contests:
            for selection in contest.selections:
                total += _range(len(selection.proof), images=2)
            # The product of a contest's ciphertexts has no image of its own.
            total += _range(len(contest.limit_proof), images=0)
        for selection in shown_vectors(submitted):
            total += _range(len(selection.proof), images=2)
    return total


def _range(branches: int, images: int) -> Effort:
    return Effort(2 * (_CHAIN + (_POWER + _TABLE) * branches), images, 2 * branches)


def _schnorr(count: int) -> Effort:
    return Effort(count * (_CHAIN + _POWER + _TABLE), count, count)


def _windows(values: int, bits: int) -> int:
    """Buckets over so many bits: the window is chosen, every value and bucket counts once per window."""
    return min(-(-bits // width) * (values + (3 << width) // 2) for width in range(1, 17))
