"""The bucket method on plain integers: right for every shape of input, and for the stated price."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import prod
from typing import Any

import pytest
from gmpy2 import mpz
from hypothesis import given
from hypothesis import strategies as st

from evote.groups import multiexp
from evote.testing.randomness import SeededRandomness

P = mpz(59183)
TERMS = st.lists(st.tuples(st.integers(1, 59182), st.integers(0, 2**70)), max_size=25)


class Counted(int):
    """An integer that counts multiplications."""

    spent = 0

    def __mul__(self, other: int) -> Counted:
        Counted.spent += 1
        return Counted(int(self) * int(other))

    def __mod__(self, other: int) -> Counted:
        return Counted(int(self) % int(other))


def by_definition(terms: Sequence[tuple[int, int]]) -> int:
    return prod((pow(value, exponent, int(P)) for value, exponent in terms), start=1) % int(P)


def split(terms: Sequence[tuple[int, int]]) -> tuple[list[mpz], list[int]]:
    return [mpz(value) for value, _ in terms], [exponent for _, exponent in terms]


@pytest.mark.parametrize("count", [1, 3])
def test_a_value_without_an_exponent_is_never_passed_over(count: int) -> None:
    values = [mpz(2)] * 2
    with pytest.raises(ValueError, match="one exponent per value"):
        multiexp.combination(P, values, [5] * count)
    with pytest.raises(ValueError, match="one exponent per value"):
        multiexp.combination_and_subsets(P, values, [5] * count, 4)


@given(TERMS)
def test_a_combination_is_the_product_of_powers(terms: list[tuple[int, int]]) -> None:
    assert multiexp.combination(P, *split(terms)) == by_definition(terms)


@given(TERMS, st.integers(0, 80))
def test_each_subset_product_holds_the_values_with_its_bit(terms: list[tuple[int, int]], bits: int) -> None:
    product, subsets = multiexp.combination_and_subsets(P, *split(terms), bits)
    assert product == by_definition(terms)
    assert subsets == [
        prod(value for value, exponent in terms if exponent >> bit & 1) % int(P) for bit in range(bits)
    ]


@given(st.lists(st.integers(0, 60), max_size=300), st.integers(0, 70))
def test_windows_cover_every_bit_once_and_none_crosses_the_border(lengths: list[int], border: int) -> None:
    windows = multiexp.plan(lengths, border)
    covered = [position + bit for position, width in windows for bit in range(width)]
    assert covered == list(range(max(lengths, default=0)))
    assert all(1 <= width <= multiexp.MAX_WINDOW for _, width in windows)
    assert not any(position < border < position + width for position, width in windows)


def test_no_other_cut_into_windows_is_cheaper() -> None:
    lengths = [12] * 30 + [7] * 50 + [3] * 100

    @cache
    def cheapest(position: int) -> int:
        if position >= 12:
            return 0
        reaching = sum(length > position for length in lengths)
        return min(reaching + 2**width + cheapest(position + width) for width in range(1, 13 - position))

    assert multiexp.planned_multiplications(lengths, 12) == cheapest(0) + 12


@pytest.mark.parametrize("count", [1, 2, 5, 40, 600])
def test_the_price_is_the_planned_one(count: int) -> None:
    """Per window as many multiplications as exponents reach it and as it has buckets; squarings beside."""
    rng = SeededRandomness(f"price {count}")
    exponents = [rng.below(1 << 384) for _ in range(count)] + [rng.below(1 << 128) for _ in range(2 * count)]
    values: list[Any] = [Counted(rng.below(59182) + 1) for _ in exponents]
    lengths = [exponent.bit_length() for exponent in exponents]
    expected = by_definition([(int(value), power) for value, power in zip(values, exponents, strict=True)])
    Counted.spent = 0
    assert multiexp.combination(P, values, exponents) == expected
    plain, planned = Counted.spent, multiexp.planned_multiplications(lengths)
    assert 0.75 * planned < plain <= 1.02 * planned
    Counted.spent = 0
    assert multiexp.combination_and_subsets(P, values, exponents, 128)[0] == expected
    # Digits that are 0 are free; every subset product is multiplied in by itself.
    by_subsets, planned = Counted.spent, multiexp.planned_multiplications(lengths, 128)
    assert (0.75 if count > 4 else 0.4) * planned < by_subsets <= planned + 128


@pytest.mark.parametrize("count", [0, 1, 3, 20, 60, 300])
def test_few_values_and_many_take_other_roads_to_the_same_product(count: int) -> None:
    rng = SeededRandomness(f"roads {count}")
    values = [mpz(rng.below(59182) + 1) for _ in range(count)]
    for bits in (1, 5, 64, 200):
        exponents = [rng.below(1 << bits) for _ in values]
        expected = by_definition([(int(v), e) for v, e in zip(values, exponents, strict=True)])
        assert multiexp.combination(P, values, exponents) == expected
        # The road through buckets alone.
        assert multiexp.combination_and_subsets(P, values, exponents, 0)[0] == expected


def test_a_small_batch_never_costs_more_than_its_powers_one_by_one() -> None:
    """Selections by the handful, as when a refused chunk is cut up: a power of 256 bits is about 300."""
    for selections, price in ((1, 710), (2, 520), (5, 400), (10, 360), (50, 310)):
        lengths = [384] * (2 * selections) + [128] * (4 * selections)
        assert multiexp.planned_multiplications(lengths) < price * selections


def test_ten_thousand_selections_cost_less_than_160_multiplications_each() -> None:
    """Two values with 384 bits and four with 128 per selection, and the limit of every tenth."""
    selections = 10_000
    lengths = [384] * (2 * selections) + [128] * (4 * selections + 4 * selections // 10)
    for border in (0, 128):
        assert multiexp.planned_multiplications(lengths, border) < 130 * selections
    few = [384] * 2_000 + [128] * 4_400
    assert multiexp.planned_multiplications(few) < 170 * 1_000


def test_there_are_never_more_than_65536_buckets() -> None:
    for count in (10**6, 10**7):
        widths = [width for _, width in multiexp.plan([128] * count)]
        assert max(widths) == 16


def test_long_exponents_do_not_make_short_ones_dearer() -> None:
    short, both = [128] * 500, [128] * 500 + [4096]
    extra = multiexp.planned_multiplications(both) - multiexp.planned_multiplications(short)
    assert extra < 4 * 4096


def test_squares_and_orders_are_told_value_by_value() -> None:
    values = [mpz(value) for value in range(1, 300)]
    squares = {pow(value, 2, 59183) for value in range(1, 59183)}
    assert multiexp.non_squares(P, values) == [i for i, value in enumerate(values) if value not in squares]
    member, order = mpz(32616), mpz(127)
    assert multiexp.all_of_order(P, order, [mpz(1), member, member * member % P])
    for stranger in (P - 1, P - member, mpz(2)):
        assert not multiexp.all_of_order(P, order, [member, stranger])
        # Two that cancel in a product do not cancel one by one.
        assert not multiexp.all_of_order(P, order, [stranger, stranger])
