"""The arithmetic limit of a step: its multiplications modulo p, and nothing else, timed in the same rounds.

What a step takes beyond its limit is not arithmetic. Squarings, which are a little cheaper, are counted
as multiplications. The counts follow from the windows in use (:mod:`evote.groups.modp`); a test holds
them to it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from gmpy2 import mpz

from evote.ballots.bisection import MAX_BALLOTS, MAX_VALUES
from evote.bench.shape import Shape
from evote.bench.subject import Base, Kind
from evote.groups import Group
from evote.groups.modp import ModPGroup
from evote.groups.multiexp import planned_multiplications
from evote.proofs.batch import SUBSET_POWERS_IN_SYMBOLS
from evote.proofs.weights import FRESH_BITS
from evote.randomness import SYSTEM

EXPONENT_BITS = 256
TABLE_WINDOW = 8
SHARED_WINDOW = 4
"""Windows of the tables and of several powers of one base (:mod:`evote.groups.modp`)."""

NAME = "arithmetic limit"


def encrypt_multiplications(shape: Shape) -> int:
    """Multiplications to encrypt one ballot: a table power per base and commitment, and the products."""
    per_option = 2 + 2 * (shape.option_limit + 1)
    powers = shape.options * per_option + 2 * (shape.selection_limit + 1) + 3
    return powers * EXPONENT_BITS // TABLE_WINDOW + 2 * shape.options


def verify_multiplications(shape: Shape) -> int:
    """Multiplications to verify one ballot; shared powers by their average number of digits."""
    branches = shape.options * (shape.option_limit + 1) + shape.selection_limit + 1
    squarings = (2 * shape.options + 2 + 1) * EXPONENT_BITS
    digits = EXPONENT_BITS // (SHARED_WINDOW + 1) + (1 << SHARED_WINDOW)
    tables = (2 * branches + 1) * EXPONENT_BITS // TABLE_WINDOW
    return squarings + (2 * branches + 1) * digits + tables


def tally_multiplications(shape: Shape) -> int:
    """Multiplications to add one ballot: one per half of a ciphertext."""
    return 2 * shape.options


def batch_multiplications(shape: Shape, ballots: int) -> int:
    """Multiplications to verify so many ballots, in decisions of at most :data:`MAX_BALLOTS` ballots.

    Per ballot: each alpha, beta and C0 with an exponent of the order's bits and a weight's, each
    commitment with a weight, and the products that the contest limit is about. Per decision: three powers
    of fixed bases, and the q-th powers of the subset products where there are enough values for them.
    Jacobi symbols, which stand in for those where there are not, are no multiplications.
    """
    whole, rest = divmod(ballots, batch_size(shape))
    return whole * _decision(shape, batch_size(shape)) + (_decision(shape, rest) if rest else 0)


def batch_size(shape: Shape) -> int:
    """Ballots that are decided together."""
    return max(1, min(MAX_BALLOTS, MAX_VALUES // sum(values_of(shape))))


def values_of(shape: Shape) -> tuple[int, int]:
    """Images and commitments of one ballot: values with an exponent of their own."""
    images = 2 * shape.options + 1
    commitments = 2 * (shape.options * (shape.option_limit + 1) + shape.selection_limit + 1) + 1
    return images, commitments


@cache
def _decision(shape: Shape, ballots: int) -> int:
    images, commitments = (ballots * each for each in values_of(shape))
    lengths = [EXPONENT_BITS + FRESH_BITS] * images + [FRESH_BITS] * commitments
    subsets = images + commitments > FRESH_BITS * SUBSET_POWERS_IN_SYMBOLS
    total = planned_multiplications(lengths, FRESH_BITS if subsets else 0)
    total += 2 * shape.options * ballots + 3 * EXPONENT_BITS // TABLE_WINDOW
    return total + FRESH_BITS * (EXPONENT_BITS + EXPONENT_BITS // 5) * subsets


Count = Callable[[Shape, int], int]
"""Multiplications for so many ballots of a shape."""


class ArithmeticLimit(Base):
    """Nothing but multiplications modulo p, as many as ``count`` says for the ballots of a round."""

    kind: Kind = "limit"

    def __init__(
        self, shape: Shape, group: Group, count: Count, *, of: str = "", most: int | None = 20
    ) -> None:
        super().__init__(f"{NAME} of {of}" if of else NAME)
        if not isinstance(group, ModPGroup):
            raise ValueError("the arithmetic limit is known for integers modulo p")
        self.shape = shape
        self.modulus = mpz(group.modulus)
        self.count = count
        self.most = most

    def setup(self, ballots: int) -> None:
        """Count, and draw the factor; every product then differs from the one before."""
        self.counts = {number: self.count(self.shape, number) for number in (1, ballots)}
        self.factor = mpz(self.modulus - 2 - SYSTEM.below(min(2**64, int(self.modulus) // 2)))

    def run(self, ballots: int) -> int:
        """Multiply."""
        value, factor, modulus = self.factor, self.factor, self.modulus
        self.done = self.counts[ballots]
        for _ in range(self.done):
            value = value * factor % modulus
        self.value = value
        return self.shape.selections(ballots)

    def check(self) -> None:
        """The product is the power that it should be."""
        expected = pow(self.factor, self.done + 1, self.modulus)
        self.require(self.value == expected, "the product is wrong")


def each(multiplications: Callable[[Shape], int]) -> Count:
    """The count of a step that takes as many for every ballot."""
    return lambda shape, ballots: ballots * multiplications(shape)
