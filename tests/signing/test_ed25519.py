"""Strict decoding of points and the subgroup test."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evote.errors import DecodeError
from evote.signing.ed25519 import BASE, L, P, compress, decompress, in_prime_subgroup
from tests.signing.points import NON_CANONICAL, SMALL_ORDER, add, multiple

scalars = st.integers(1, L - 1)


def test_the_base_point_is_four_fifths_with_even_x() -> None:
    x, y = BASE
    assert y == 4 * pow(5, -1, P) % P
    assert x % 2 == 0
    assert (-x * x + y * y - 1 - (-121665 * pow(121666, -1, P)) * x * x * y * y) % P == 0
    assert compress(x, y) == b"\x58" + b"\x66" * 31
    assert in_prime_subgroup(x, y)


@settings(max_examples=30)
@given(scalars)
def test_decoding_undoes_encoding(scalar: int) -> None:
    point = multiple(scalar)
    assert decompress(compress(*point)) == point


@settings(max_examples=200)
@given(st.binary(min_size=32, max_size=32))
def test_whatever_decodes_encodes_to_the_same_bytes_and_is_on_the_curve(encoded: bytes) -> None:
    try:
        x, y = decompress(encoded)
    except DecodeError:
        return
    assert compress(x, y) == encoded
    assert (-x * x * 121666 + y * y * 121666 - 121666 + 121665 * x * x * y * y) % P == 0


@pytest.mark.parametrize("name", NON_CANONICAL)
def test_a_second_encoding_of_a_point_is_refused(name: str) -> None:
    with pytest.raises(DecodeError, match=r"not below 2\^255 - 19|x = 0"):
        decompress(NON_CANONICAL[name])


def test_a_y_without_a_point_is_refused() -> None:
    with pytest.raises(DecodeError, match="no point"):
        decompress((2).to_bytes(32, "little"))


@settings(max_examples=60)
@given(st.binary(min_size=32, max_size=32))
def test_the_subgroup_is_that_of_points_whose_multiple_by_l_is_the_identity(encoded: bytes) -> None:
    try:
        point = decompress(encoded)
    except DecodeError:
        return
    for _ in range(4):  # one doubling after another leads from a random point into the subgroup
        assert in_prime_subgroup(*point) is (multiple(L, point) == (0, 1))
        point = multiple(2, point)
    assert in_prime_subgroup(*point)


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_only_32_bytes_are_a_point(length: int) -> None:
    with pytest.raises(DecodeError, match=f"not {length}"):
        decompress(bytes(length))


@settings(max_examples=20)
@given(scalars)
def test_multiples_of_the_base_point_are_in_the_subgroup(scalar: int) -> None:
    assert in_prime_subgroup(*multiple(scalar))


@pytest.mark.parametrize("name", SMALL_ORDER)
def test_of_the_points_of_small_order_only_the_identity_is_in_the_subgroup(name: str) -> None:
    point = decompress(SMALL_ORDER[name])
    assert multiple(8, point) == (0, 1)
    assert in_prime_subgroup(*point) is (name == "order 1")


@pytest.mark.parametrize("name", [name for name in SMALL_ORDER if name != "order 1"])
def test_a_component_of_small_order_takes_a_point_out_of_the_subgroup(name: str) -> None:
    mixed = add(multiple(123456789), decompress(SMALL_ORDER[name]))
    assert decompress(compress(*mixed)) == mixed
    assert not in_prime_subgroup(*mixed)
    assert in_prime_subgroup(*multiple(8, mixed))
