"""ElGamal to the base of the key: what it computes, that it adds up, and the bounded search."""

from __future__ import annotations

import functools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evote import elgamal
from evote.elgamal import MAX_BOUND, Ciphertext, DiscreteLog, PublicKey, encrypt
from evote.errors import DiscreteLogError
from evote.groups import Element, FixedBase, Scalar, standard_group
from evote.groups.modp import ModPGroup
from evote.secret import Secret
from evote.testing.groups import tiny, toy, toy48
from tests.counting import CountingGroup, random_element

GROUP = toy()
SECRET_KEY = GROUP.scalar(0x1234567890ABCDEF)
KEY = PublicKey.of(GROUP.power(GROUP.generator, SECRET_KEY))
SEARCH = DiscreteLog(KEY.base, 10_000)

scalars = st.integers(0, GROUP.order - 1).map(GROUP.scalar)


def number(element: Element) -> int:
    return int.from_bytes(element.encode(), "big")


def decrypted(ciphertext: Ciphertext) -> Element:
    """``beta / alpha^s``: K to the power of what was encrypted."""
    blinding = GROUP.power_secret(ciphertext.alpha, Secret(SECRET_KEY))
    return GROUP.multiply(ciphertext.beta, GROUP.invert(blinding))


def total(ciphertexts: list[Ciphertext]) -> Ciphertext:
    return Ciphertext(
        GROUP.product(ciphertext.alpha for ciphertext in ciphertexts),
        GROUP.product(ciphertext.beta for ciphertext in ciphertexts),
    )


# --- encryption ----------------------------------------------------------------------------------


@given(st.integers(0, 2**40), scalars)
def test_a_ciphertext_is_the_pair_of_equation_31(value: int, nonce: Scalar) -> None:
    assert isinstance(GROUP, ModPGroup)
    p, q = GROUP.modulus, GROUP.order
    ciphertext = encrypt(KEY, value, nonce)
    assert number(ciphertext.alpha) == pow(number(GROUP.generator), nonce.value, p)
    assert number(ciphertext.beta) == pow(number(KEY.base), (value + nonce.value) % q, p)


def test_a_ciphertext_of_the_standard_group_is_the_pair_of_equation_31() -> None:
    group = standard_group()
    assert isinstance(group, ModPGroup)
    key = PublicKey.of(random_element(group))
    nonce = group.random_scalar()
    ciphertext = encrypt(key, 1, nonce)
    p, q = group.modulus, group.order
    assert number(ciphertext.alpha) == pow(2, (p - 1) // q * nonce.value, p)
    assert number(ciphertext.beta) == pow(number(key.base), nonce.value + 1, p)


@given(st.lists(st.tuples(st.integers(0, 100), scalars), max_size=8))
def test_products_of_ciphertexts_encrypt_the_sum(votes: list[tuple[int, Scalar]]) -> None:
    aggregate = total([encrypt(KEY, value, nonce) for value, nonce in votes])
    assert SEARCH.find(decrypted(aggregate)) == sum(value for value, _ in votes)
    nonces = GROUP.scalar(sum(nonce.value for _, nonce in votes))
    assert aggregate == encrypt(KEY, sum(value for value, _ in votes), nonces)


def test_a_weight_multiplies_what_is_encrypted() -> None:
    ciphertext = encrypt(KEY, 3, GROUP.random_scalar())
    weight = GROUP.scalar(7)
    weighted = Ciphertext(GROUP.power(ciphertext.alpha, weight), GROUP.power(ciphertext.beta, weight))
    assert SEARCH.find(decrypted(weighted)) == 21


def test_negative_counts_are_not_encrypted() -> None:
    with pytest.raises(ValueError, match="counts"):
        encrypt(KEY, -1, GROUP.scalar(5))


def test_encryption_costs_two_table_powers_whatever_is_encrypted() -> None:
    group = CountingGroup()
    key = PublicKey.of(random_element(group))
    group.spent()
    for value in (0, 1, 2, 10**9):
        encrypt(key, value, group.random_scalar())
        assert group.spent() == {"fixed": 2}


def test_a_nonce_of_another_group_is_refused() -> None:
    with pytest.raises(TypeError):
        encrypt(KEY, 1, toy48().scalar(5))


def test_a_ciphertext_is_hashed_as_alpha_then_beta() -> None:
    ciphertext = encrypt(KEY, 1, GROUP.scalar(5))
    assert ciphertext.encode() == ciphertext.alpha.encode() + ciphertext.beta.encode()
    assert len(ciphertext.encode()) == 2 * GROUP.element_bytes


def test_a_key_knows_its_group_and_has_a_table() -> None:
    for window in (4, 8):
        key = PublicKey.of(random_element(GROUP), window)
        assert key.group is GROUP
        assert isinstance(key.base, FixedBase)


# --- discrete logarithm --------------------------------------------------------------------------


@pytest.mark.parametrize("bound", [0, 1, 2, 3, 4, 8, 9, 10, 15, 16, 17, 99, 100, 101])
def test_every_count_up_to_the_bound_is_found_and_none_beyond(bound: int) -> None:
    search = DiscreteLog(KEY.base, bound)
    power = GROUP.identity
    for count in range(bound + 1):
        assert search.find(power) == count
        power = GROUP.multiply(power, KEY.base)
    for _ in range(2 * bound + 5):
        with pytest.raises(DiscreteLogError) as caught:
            search.find(power)
        assert caught.value.bound == bound
        power = GROUP.multiply(power, KEY.base)


def test_negative_counts_are_not_found() -> None:
    for count in (1, 2, 100, 9_999, 10_000):
        with pytest.raises(DiscreteLogError):
            SEARCH.find(GROUP.power(KEY.base, GROUP.scalar(-count)))


@pytest.mark.parametrize("cap", [1, 2, 7, 10])
def test_beyond_the_cap_of_the_table_only_the_giant_steps_grow(
    cap: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elgamal, "_MAX_TABLE", cap)
    bound = 500
    search = DiscreteLog(KEY.base, bound)
    counts = {0, 1, bound - 1, bound} | {
        step * cap + offset for step in (1, 2, 49) for offset in (-1, 0, 1) if step * cap + offset <= bound
    }
    for count in counts:
        assert search.find(GROUP.power(KEY.base, GROUP.scalar(count))) == count
    for count in (bound + 1, bound + cap, bound + cap + 1, 10 * bound):
        with pytest.raises(DiscreteLogError):
            search.find(GROUP.power(KEY.base, GROUP.scalar(count)))


@functools.cache
def search_to_a_thousand_million() -> DiscreteLog:
    return DiscreteLog(KEY.base, 10**9)


@pytest.mark.parametrize("count", [31_621, 31_622, 31_623, 31_624, 63_246, 63_247, 999_999_999, 10**9])
def test_a_search_to_a_thousand_million_finds_the_borders_of_giant_steps(count: int) -> None:
    assert search_to_a_thousand_million().find(GROUP.power(KEY.base, GROUP.scalar(count))) == count


def test_a_hopeless_search_ends() -> None:
    search = search_to_a_thousand_million()
    started = time.monotonic()
    for hopeless in (GROUP.power(KEY.base, GROUP.scalar(10**9 + 1)), random_element(GROUP)):
        with pytest.raises(DiscreteLogError):
            search.find(hopeless)
    assert time.monotonic() - started < 30


@pytest.mark.parametrize(("bound", "cap"), [(0, 100), (1, 100), (10_000, 1000), (10_000, 10)])
def test_a_search_costs_no_more_than_its_steps(bound: int, cap: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elgamal, "_MAX_TABLE", cap)
    group = CountingGroup()
    base = random_element(group)
    group.spent()
    search = DiscreteLog(base, bound)
    size = min(int(bound**0.5) + 1, cap)
    assert group.spent() == {"multiply": size}
    with pytest.raises(DiscreteLogError):
        search.find(group.power(base, group.scalar(-1)))
    assert group.spent()["multiply"] <= bound // size + 1


@pytest.mark.parametrize("bound", [-1, MAX_BOUND + 1, 2**64])
def test_a_bound_outside_the_allowed_range_is_refused(bound: int) -> None:
    with pytest.raises(ValueError, match="bound"):
        DiscreteLog(KEY.base, bound)


def test_a_bound_above_the_group_order_gives_the_least_count() -> None:
    group = tiny()
    search = DiscreteLog(group.generator, 1000)
    power = group.identity
    for count in range(2 * 127):
        assert search.find(power) == count % 127
        power = group.multiply(power, group.generator)


def test_a_key_that_is_the_identity_has_only_the_count_zero() -> None:
    search = DiscreteLog(GROUP.identity, 1000)
    assert search.find(GROUP.identity) == 0
    with pytest.raises(DiscreteLogError):
        search.find(KEY.base)


def test_only_elements_of_the_own_group_are_searched() -> None:
    other = toy48()
    for stranger in (other.identity, other.generator, GROUP.claim(KEY.base.encode()), GROUP.scalar(1), 1):
        with pytest.raises(TypeError):
            SEARCH.find(stranger)  # type: ignore[arg-type]
