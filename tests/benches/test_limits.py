"""The arithmetic limit of a batch counts what a batch decides, and its multiplications."""

from __future__ import annotations

import pytest
from gmpy2 import mpz

from evote.ballots.batch import examine_chunk
from evote.bench import limits
from evote.bench.limits import batch_multiplications, batch_size, values_of
from evote.bench.shape import RECORD, SERIES, Shape
from evote.bench.stock import Stock
from evote.groups import multiexp
from evote.testing.groups import toy

SHAPE = Shape(options=3, option_limit=2, selection_limit=2)


def test_a_batch_decides_as_many_equations_as_are_counted() -> None:
    held = Stock(toy())
    stored = held.record(SHAPE, 30)
    reader = stored.reader()
    submitted = [ballot for _, _, ballot in reader.ballots()]
    hints = list(reader.hints(limit=100_000, warn=lambda text: pytest.fail(text)))
    found = examine_chunk(stored.election, submitted, hints)  # type: ignore[arg-type]
    held.close()
    assert found.batched == 30
    assert found.equations == 30 * values_of(SHAPE)[1]


def test_the_planned_count_is_what_the_buckets_take() -> None:
    """The count that the limit is made of, held to the multiplications of a real combination."""
    p = mpz(toy().modulus)
    made = 0

    class Counted:
        """A number modulo p that counts how often it is multiplied."""

        def __init__(self, value: mpz) -> None:
            self.value = value

        def __mul__(self, other: object) -> Counted:
            nonlocal made
            made += 1
            assert isinstance(other, Counted)
            return Counted(self.value * other.value)

        def __mod__(self, modulus: mpz) -> Counted:
            return Counted(self.value % modulus)

    ballots = 40
    images, commitments = (ballots * each for each in values_of(RECORD))
    exponents = [(1 << 384) - 1 - 97 * number for number in range(images)]
    exponents += [(1 << 128) - 1 - 89 * number for number in range(commitments)]
    values = [Counted(mpz(3 + number)) for number in range(len(exponents))]
    multiexp.combination(p, values, exponents)  # type: ignore[arg-type]
    planned = multiexp.planned_multiplications([exponent.bit_length() for exponent in exponents])
    assert 0.7 * planned < made <= planned
    assert planned <= batch_multiplications(RECORD, ballots) < 1.1 * planned


def test_larger_batches_take_less_per_ballot_and_whole_ones_add_up() -> None:
    for shape in (RECORD, SERIES[-1]):
        size = batch_size(shape)
        assert 100 <= size <= 1000
        counts = [batch_multiplications(shape, ballots) / ballots for ballots in (5, 50, size)]
        assert counts == sorted(counts, reverse=True)
        whole = batch_multiplications(shape, size)
        assert batch_multiplications(shape, 2 * size) == 2 * whole
        assert batch_multiplications(shape, size + 5) == whole + batch_multiplications(shape, 5)
        assert batch_multiplications(shape, size) < size * limits.verify_multiplications(shape) / 4
