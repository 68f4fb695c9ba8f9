"""The curve: known answers, and every pair of points for which the formulas of a sum are not valid."""

from __future__ import annotations

import itertools

import pytest
from Crypto.PublicKey.ECC import EccPoint
from gmpy2 import mpz

from evote.errors import DecodeError
from evote.groups import curve, named, standard_group
from evote.groups.curve import INFINITY, Affine, G, N, P
from evote.groups.p256 import scalar_of
from evote.hashing import expand_message
from evote.secret import Secret

GROUP = named("p256")


def times(factor: int) -> Affine:
    """The multiple of the generator by another program."""
    product = EccPoint(int(G[0]), int(G[1]), "P-256") * (factor % int(N))
    if product.is_point_at_infinity():
        return None
    return mpz(int(product.x)), mpz(int(product.y))


SMALL = {factor: times(factor) for factor in range(-9, 10)}


def scaled(point: Affine, factor: int) -> curve.Jacobian:
    """The same point with another Z."""
    if point is None:
        return mpz(factor) ** 2 % P, mpz(factor) ** 3 % P, mpz(0)
    x, y = point
    return x * factor**2 % P, y * factor**3 % P, mpz(factor)


@pytest.mark.parametrize("left", range(-3, 4))
@pytest.mark.parametrize("right", range(-3, 4))
def test_sums_are_right_for_equal_opposite_and_infinite_points(left: int, right: int) -> None:
    for z in (1, 7):
        start = scaled(SMALL[left], z)
        assert curve.affine(curve.add(start, SMALL[right])) == SMALL[left + right]
        for other in (1, 11):
            total = curve.add_jacobian(start, scaled(SMALL[right], other))
            assert curve.affine(total) == SMALL[left + right]
    assert curve.affine(curve.double(scaled(SMALL[left], 5))) == SMALL[2 * left]


def test_many_points_are_made_affine_at_once_with_infinity_among_them() -> None:
    for pattern in itertools.product((0, 1, -1, 5), repeat=4):
        points = [scaled(SMALL[factor], 3 + index) for index, factor in enumerate(pattern)]
        assert curve.affine_all(points) == [SMALL[factor] for factor in pattern]
    assert curve.affine_all([]) == []


@pytest.mark.parametrize(
    "factors",
    [
        [1, 1, 1, 1],  # one bucket: P + P
        [1, -1, 1, -1],  # one bucket: P + P, P - P
        [0, 0, 1],
        [2, -2],
        [1, 2, 3, -6],  # everything cancels
        [5],
        [],
    ],
)
@pytest.mark.parametrize("exponents", ["equal", "counted", "zero", "long"])
def test_combinations_hold_where_values_meet_in_a_bucket(factors: list[int], exponents: str) -> None:
    powers = {
        "equal": [37] * len(factors),
        "counted": list(range(len(factors))),
        "zero": [0] * len(factors),
        "long": [2**256 + 5 + index for index in range(len(factors))],
    }[exponents]
    points = [SMALL[factor] for factor in factors]
    wanted = times(sum(factor * power for factor, power in zip(factors, powers, strict=True)))
    assert curve.affine(curve.combination(points, powers)) == wanted
    assert curve.total(points) == times(sum(factors))


def test_combinations_refuse_unequal_lengths_and_negative_exponents() -> None:
    with pytest.raises(ValueError, match="one exponent"):
        curve.combination([G], [])
    with pytest.raises(ValueError, match="negative"):
        curve.combination([G], [-1])
    element = GROUP.generator
    with pytest.raises(ValueError, match="negative"):
        GROUP.combination([element], [-1])
    with pytest.raises(ValueError, match="subset"):
        GROUP.combination_by_subsets([element], [1], 0)


def test_multiples_agree_with_another_program() -> None:
    order = int(N)
    factors = [0, 1, 2, 3, 15, 16, 17, 2**255, order - 1, order, order + 1, 2**256 - 1, 0x1234 << 200]
    assert [curve.affine(point) for point in curve.multiples(G, factors)] == [times(f) for f in factors]
    assert [curve.affine(point) for point in curve.multiples(None, [0, 5])] == [None, None]
    for window in (1, 4, 8):
        rows = curve.LAW.table(SMALL[3], window, 256)
        for factor in (0, 1, order - 1, 0xABCDEF):
            digits = [factor >> window * row & (1 << window) - 1 for row in range(len(rows))]
            assert curve.affine(curve.LAW.by_table(rows, digits)) == times(3 * factor)


def test_the_constants_are_those_of_the_standard() -> None:
    assert curve.is_on_curve(*G)
    assert not curve.is_on_curve(G[0], G[1] + 1)
    assert times(int(N)) is None
    assert curve.affine(curve.multiples(G, [int(N)])[0]) is None


def test_both_points_of_one_coordinate_are_read_and_written() -> None:
    for factor, point in SMALL.items():
        element = GROUP.claim(GROUP.encode(GROUP.power(GROUP.generator, GROUP.scalar(factor))))
        assert element.raw == point
        if point is not None:
            data = element.encode()
            assert data[0] == 2 + point[1] % 2
            mirrored = GROUP.claim(bytes([data[0] ^ 1]) + data[1:])
            assert mirrored.raw == curve.negate(point)
    assert GROUP.identity.encode() == b"\xff" * 33
    with pytest.raises(DecodeError, match="33 bytes"):
        GROUP.claim(standard_group().generator.encode())


def test_secret_powers_are_the_same_powers() -> None:
    order = int(N)
    for factor in (0, 1, 2, order - 1, 2**200 + 7):
        secret = Secret(GROUP.scalar(factor))
        assert GROUP.power_secret(GROUP.generator, secret).raw == times(factor)
        assert GROUP.power_secret(GROUP.identity, secret) == GROUP.identity
    with pytest.raises(TypeError, match="Secret"):
        GROUP.power_secret(GROUP.generator, GROUP.scalar(1))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("message", "size", "digest"),
    [
        # RFC 9380, appendix K.1.
        (b"", 32, "68a985b87eb6b46952128911f2a4412bbc302a9d759667f87f7a21d803f07235"),
        (b"abc", 32, "d8ccab23b5985ccea865c6c97b6e5b8350e794e603b4b97902f53a8a0d605615"),
    ],
)
def test_messages_are_expanded_as_the_rfc_shows(message: bytes, size: int, digest: str) -> None:
    tag = b"QUUX-V01-CS02-with-expander-SHA256-128"
    assert expand_message(message, tag, size).hex() == digest


def test_expansions_have_their_limits() -> None:
    assert len(expand_message(b"", b"tag", 255 * 32)) == 255 * 32
    for tag, size in ((b"", 32), (b"t" * 256, 32), (b"tag", 0), (b"tag", 255 * 32 + 1)):
        with pytest.raises(ValueError, match="tag"):
            expand_message(b"", tag, size)


def test_the_tag_separates_profiles() -> None:
    digest = bytes(32)
    assert scalar_of(digest, b"one") != scalar_of(digest, b"another")
    assert curve.affine(INFINITY) is None
