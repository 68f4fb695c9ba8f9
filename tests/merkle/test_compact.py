"""Laws of compact ranges, against the recursive definition of the root."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evote.merkle import CompactRange, RangeBuilder, empty_root
from evote.merkle.compact import cover
from tests.merkle.reference import leaves, mth

LEAVES = leaves(200)

positions = st.integers(0, 90)
sizes = st.integers(0, 40)


def over(begin: int, end: int) -> CompactRange:
    return RangeBuilder.of(LEAVES[begin:end], begin).value()


@pytest.mark.parametrize("size", range(70))
def test_the_root_is_that_of_the_recursive_definition(size: int) -> None:
    assert over(0, size).root() == mth(LEAVES[:size])


@given(positions, sizes)
def test_the_hashes_are_the_roots_of_the_subtrees_that_tile_the_range(begin: int, size: int) -> None:
    value = over(begin, begin + size)
    place = begin
    for level, piece in zip(cover(begin, begin + size), value.hashes, strict=True):
        assert place % (1 << level) == 0
        assert piece == mth(LEAVES[place : place + (1 << level)])
        place += 1 << level
    assert place == value.end == begin + size
    assert value.size == size


@given(positions, sizes)
def test_no_two_subtrees_of_a_cover_are_siblings(begin: int, size: int) -> None:
    place = begin
    levels = cover(begin, begin + size)
    for level, following in pairwise(levels):
        assert level != following or (place >> level) & 1
        place += 1 << level


@given(positions, sizes, sizes)
def test_merging_two_neighbours_gives_the_range_over_both(begin: int, first: int, second: int) -> None:
    middle, end = begin + first, begin + first + second
    assert over(begin, middle).merge(over(middle, end)) == over(begin, end)


@given(positions, sizes, sizes, st.integers(0, 29))
def test_merging_is_associative(begin: int, first: int, second: int, third: int) -> None:
    b, c = begin + first, begin + first + second
    x, y, z = over(begin, b), over(b, c), over(c, c + third)
    assert x.merge(y).merge(z) == x.merge(y.merge(z))


@given(positions, sizes)
def test_the_empty_range_is_neutral_at_both_ends(begin: int, size: int) -> None:
    value = over(begin, begin + size)
    assert CompactRange.empty(begin).merge(value) == value
    assert value.merge(CompactRange.empty(begin + size)) == value


@given(positions, sizes)
def test_appending_leaf_by_leaf_equals_building(begin: int, size: int) -> None:
    value = CompactRange.empty(begin)
    for leaf in LEAVES[begin : begin + size]:
        value = value.append(leaf)
    assert value == over(begin, begin + size)


@given(positions, sizes, sizes)
def test_a_builder_resumed_from_a_value_goes_on_as_if_never_stopped(
    begin: int, first: int, second: int
) -> None:
    middle, end = begin + first, begin + first + second
    builder = RangeBuilder.resume(over(begin, middle))
    for leaf in LEAVES[middle:end]:
        builder.append(leaf)
    assert builder.value() == over(begin, end)
    assert builder.end == end


def test_appending_to_a_value_leaves_it_as_it_was() -> None:
    value = over(0, 3)
    value.append(LEAVES[3])
    value.merge(over(3, 8))
    assert value == over(0, 3)


def test_a_value_taken_from_a_builder_does_not_grow_with_it() -> None:
    builder = RangeBuilder.of(LEAVES[:3])
    value = builder.value()
    builder.append(LEAVES[3])
    assert value == over(0, 3)
    assert builder.value() == over(0, 4)


@pytest.mark.parametrize(("begin", "end"), [(0, 3), (4, 7), (6, 9), (5, 5), (3, 9)])
def test_a_range_merges_only_with_the_neighbour_that_starts_where_it_ends(begin: int, end: int) -> None:
    left = over(0, 5)
    if begin == left.end:
        assert left.merge(over(begin, end)) == left
        return
    with pytest.raises(ValueError, match="does not continue"):
        left.merge(over(begin, end))


def test_a_refused_merge_leaves_the_builder_as_it_was() -> None:
    builder = RangeBuilder.of(LEAVES[:5])
    with pytest.raises(ValueError, match="does not continue"):
        builder.extend(over(6, 8))
    assert builder.value() == over(0, 5)


def test_a_range_cannot_be_added_twice() -> None:
    part = over(4, 8)
    whole = over(0, 4).merge(part)
    with pytest.raises(ValueError, match="does not continue"):
        whole.merge(part)


def test_the_empty_range_at_the_start_has_the_root_of_the_empty_tree() -> None:
    assert CompactRange.empty().root() == empty_root()


@pytest.mark.parametrize(("begin", "end"), [(1, 1), (1, 2), (8, 16)])
def test_a_range_that_begins_later_has_no_root(begin: int, end: int) -> None:
    with pytest.raises(ValueError, match="has no root"):
        over(begin, end).root()


@pytest.mark.parametrize(
    ("begin", "end", "hashes"),
    [
        (-1, 0, ()),
        (3, 2, ()),
        (0, 1, ()),
        (0, 0, (bytes(32),)),
        (0, 4, (bytes(32), bytes(32))),
        (0, 3, (bytes(32),)),
        (0, 1, (bytes(31),)),
        (0, 1, (bytes(33),)),
        (0, 3, (bytes(32), b"")),
    ],
)
def test_a_value_of_the_wrong_form_cannot_be_built(begin: int, end: int, hashes: tuple[bytes, ...]) -> None:
    with pytest.raises(ValueError, match=r"no range|need \d hashes|32 bytes"):
        CompactRange(begin, end, hashes)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_only_hashes_of_32_bytes_are_appended(length: int) -> None:
    builder = RangeBuilder()
    with pytest.raises(ValueError, match="32 bytes"):
        builder.append(bytes(length))
    with pytest.raises(ValueError, match="32 bytes"):
        CompactRange.empty().append(bytes(length))
    assert builder.value() == CompactRange.empty()


def test_a_builder_does_not_begin_below_zero() -> None:
    with pytest.raises(ValueError, match="-1"):
        RangeBuilder(-1)


def test_a_value_cannot_be_changed() -> None:
    value = over(0, 3)
    with pytest.raises(dataclasses.FrozenInstanceError):
        value.end = 4  # type: ignore[misc]


def test_a_million_leaves_are_covered_by_at_most_twice_the_logarithm() -> None:
    assert cover(0, 2**20) == (20,)
    assert len(cover(0, 2**20 - 1)) == 20
    assert len(cover(1, 2**20 - 1)) == 38
    assert len(cover(1, 2**63 - 1)) == 2 * 62
