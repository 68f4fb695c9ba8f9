"""Attacks on batch verification: each passes where one step is left out, and fails against the package.

Probabilities are exact: in a group of 127 elements with weights of few bits all draws are tried. What
is left out is left out of the oracle (``batching.oracle``); the package has no such switch.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from fractions import Fraction

import pytest

from evote.elgamal import PublicKey
from evote.groups import Group
from evote.hashing import tagged
from evote.proofs.batch import Batch, DerivedWeights, FreshWeights, Method
from evote.testing.groups import tiny
from evote.testing.randomness import SeededRandomness
from tests.proofs.batching import (
    METHODS,
    Listed,
    Ranged,
    contest,
    decide,
    equations_hold,
    every_draw,
    images_of,
    modp,
    of_order_2,
    of_order_r,
    oracle,
    selection,
    share,
    times,
)
from tests.proofs.setting import GROUP, claimed, number, random_element

BOTH = pytest.mark.parametrize("method", METHODS)
TINY = tiny()
TINY_KEY = PublicKey.of(TINY.power(TINY.generator, TINY.scalar(5)))


def draws(statements: Sequence[Ranged]) -> int:
    """How many weights a decision takes."""
    return sum(len(statement.commitments) for statement in statements) + len(images_of(statements))


def accepted_share(statements: Sequence[Ranged], bits: int, method: Method) -> Fraction:
    """The exact probability with which the package accepts."""
    tries = every_draw(draws(statements), bits)
    return share(decide(statements, method, weights=Listed(drawn, bits)) is not None for drawn in tries)


def error(group: Group, bits: int, method: Method) -> Fraction:
    return group.admission_error(bits, by_subsets=method == "subsets")


def trivial_range(challenge: int = 50) -> Ranged:
    """The range 0..0 with numbers that never change: two equations, two images, four weights."""
    nonce, v = 3, 20
    exponents = [nonce, nonce, v + nonce * challenge, v + nonce * challenge]
    bases = [TINY.generator, TINY_KEY.base] * 2
    powers = [TINY.power(base, TINY.scalar(e)) for base, e in zip(bases, exponents, strict=True)]
    alpha, beta, *commitments = (claimed(power) for power in powers)
    return Ranged(TINY_KEY, (alpha,), (beta,), ((challenge, v),), tuple(commitments))


def inverse(factor: int, group: Group = GROUP) -> int:
    return pow(factor, -1, modp(group).modulus)


# --- equations that do not hold --------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("bits", [1, 2])
@pytest.mark.parametrize("position", range(4))
def test_a_false_equation_among_members_passes_once_in_as_many_as_there_are_weights(
    position: int, bits: int, method: Method
) -> None:
    bad = trivial_range().changed(position, times(number(TINY.generator)))
    assert not equations_hold(bad)
    found = accepted_share([bad], bits, method)
    assert found <= error(TINY, bits, method) == Fraction(1, 2**bits)
    # No draw but e = 0 can satisfy one false equation (c is not 0 here).
    assert found == Fraction(1, 2**bits)


@BOTH
def test_two_false_equations_that_cancel_pass_as_seldom(method: Method) -> None:
    step = number(TINY.generator)
    bad = trivial_range().changed(2, times(step)).changed(3, times(inverse(step, TINY)))
    assert accepted_share([bad], 2, method) == Fraction(1, 4)
    one_weight_for_all = share(
        oracle([bad], (e, e, *ts)) for e in range(4) for ts in every_draw(2, 2)
    )
    assert one_weight_for_all == 1


@BOTH
def test_errors_that_cancel_with_equal_weights_are_found(method: Method) -> None:
    """Across equations of one proof, across branches, across ballots."""
    step = number(random_element())
    first, second = selection(1), selection(0)
    for i, j in ((2, 3), (2, 4), (3, 5)):
        pair = first.changed(i, times(step)).changed(j, times(inverse(step)))
        assert decide([pair, second], method) is None
    across = [first.changed(2, times(step)), second.changed(2, times(inverse(step)))]
    assert decide(across, method) is None
    assert oracle(across, [77] * 8 + [1, 2, 3, 4])


@BOTH
def test_swapped_commitments_are_found(method: Method) -> None:
    first, second = selection(1), selection(0)
    a0, b0, a1, b1 = first.commitments
    for order in ((b0, a0, a1, b1), (a1, b0, a0, b1), (a0, b1, a1, b0), (a1, b1, a0, b0)):
        swapped = dataclasses.replace(first, commitments=order)
        assert decide([swapped, second], method) is None
    exchanged = [
        dataclasses.replace(first, commitments=second.commitments),
        dataclasses.replace(second, commitments=first.commitments),
    ]
    assert decide(exchanged, method) is None
    assert decide([first, second], method) is not None


# --- parts of order 2 (Boyd and Pavlovski) ---------------------------------------------------------


@BOTH
@pytest.mark.parametrize("position", range(6))
def test_one_flipped_sign_is_found(position: int, method: Method) -> None:
    flipped = selection(1).changed(position, times(of_order_2(GROUP)))
    for _ in range(8):
        assert decide([flipped, selection()], method) is None


@BOTH
@pytest.mark.parametrize("pair", [(0, 1), (0, 2), (0, 4), (1, 3), (2, 3), (2, 4), (3, 5)])
def test_two_flipped_signs_in_one_proof_are_found(pair: tuple[int, int], method: Method) -> None:
    minus = times(of_order_2(GROUP))
    bad = selection(1).changed(pair[0], minus).changed(pair[1], minus)
    for _ in range(8):
        assert decide([selection(), bad], method) is None


@BOTH
@pytest.mark.parametrize("pair", [(0, 0), (1, 1), (0, 2), (2, 2), (5, 3)])
def test_two_flipped_signs_on_two_ballots_are_found(pair: tuple[int, int], method: Method) -> None:
    minus = times(of_order_2(GROUP))
    bad = [selection(1).changed(pair[0], minus), selection().changed(pair[1], minus)]
    for _ in range(8):
        assert decide(bad, method) is None


@BOTH
def test_a_sign_that_a_contest_product_swallows_is_found(method: Method) -> None:
    """-alpha on two selections: the product, and with it the limit proof, is as it was."""
    minus = times(of_order_2(GROUP))
    first, second, limit = contest((1, 0), 1)
    spoiled = [first.changed(0, minus), second.changed(0, minus)]
    limit = dataclasses.replace(limit, alphas=(spoiled[0].alphas[0], spoiled[1].alphas[0]))
    assert equations_hold(limit)
    for _ in range(8):
        assert decide([*spoiled, limit], method) is None
        assert decide([limit], method) is None


def test_without_symbols_every_second_flipped_sign_passes() -> None:
    minus = times(of_order_2(TINY))
    single = trivial_range().changed(2, minus)
    double = single.changed(3, minus)
    for bad in (single, double):
        for bits in (1, 2):
            tries = list(every_draw(4, bits))
            assert share(oracle([bad], drawn, symbols=False) for drawn in tries) == Fraction(1, 2)
            assert not any(oracle([bad], drawn) for drawn in tries)
            assert accepted_share([bad], bits, "jacobi") == 0
            assert accepted_share([bad], bits, "subsets") <= Fraction(1, 2**bits)


def test_without_symbols_longer_weights_do_not_help() -> None:
    bad = [selection(1).changed(2, times(of_order_2(GROUP))), selection()]
    bad[1] = bad[1].changed(4, times(of_order_2(GROUP)))
    rng = SeededRandomness("long weights")
    passed = sum(
        oracle(bad, [rng.below(2**128) for _ in range(draws(bad))], symbols=False) for _ in range(100)
    )
    assert 30 < passed < 70


# --- parts of order r' -----------------------------------------------------------------------------


def hidden(statement: Ranged, factor: int) -> Ranged:
    """alpha times a stranger, and the commitments a_j times what that changes: all equations hold."""
    p = modp(statement.group).modulus
    bad = statement.changed(0, times(factor))
    for j, (c, _) in enumerate(statement.pairs):
        bad = bad.changed(2 + 2 * j, times(pow(factor, c, p)))
    return bad


@BOTH
@pytest.mark.parametrize("limit", [0, 1, 2])
def test_a_stranger_hidden_in_alpha_and_compensated_in_the_commitments_is_found(
    limit: int, method: Method
) -> None:
    bad = hidden(selection(0, limit), of_order_r(GROUP))
    assert equations_hold(bad)
    for _ in range(8):
        assert decide([selection(), bad], method) is None
    negative = hidden(selection(0, limit), of_order_2(GROUP))
    assert equations_hold(negative)
    for _ in range(8):
        assert decide([selection(), negative], method) is None


@BOTH
@pytest.mark.parametrize("bits", [1, 2, 3])
def test_a_hidden_stranger_passes_once_in_as_many_as_there_are_weights(bits: int, method: Method) -> None:
    bad = hidden(trivial_range(), of_order_r(TINY))
    assert equations_hold(bad)
    found = accepted_share([bad], bits, method)
    assert found <= error(TINY, bits, method) == Fraction(1, 2**bits)


def test_without_weights_of_their_own_hidden_strangers_pass() -> None:
    """t is what decides membership: without it strangers pass with full exponents and with reduced ones."""
    factor, q = of_order_r(TINY), TINY.order
    bad = hidden(trivial_range(), factor)
    # With c = q - 1 a reduced exponent -e c is e: a stranger in alpha and its inverse in the commitment.
    other = trivial_range(q - 1).changed(0, times(factor)).changed(2, times(inverse(factor, TINY)))
    for bits in (1, 2):
        tries = list(every_draw(4, bits))
        assert share(oracle([bad], drawn, lifted=False, reduced=False) for drawn in tries) == 1
        assert share(oracle([other], drawn, lifted=False) for drawn in tries) == 1
        for method in METHODS:
            assert accepted_share([bad], bits, method) <= Fraction(1, 2**bits)
            assert accepted_share([other], bits, method) <= Fraction(1, 2**bits)


@BOTH
def test_a_stranger_in_a_commitment_alone_is_found_by_its_equation(method: Method) -> None:
    for position in (2, 3):
        bad = trivial_range().changed(position, times(of_order_r(TINY)))
        for bits in (1, 2):
            assert accepted_share([bad], bits, method) == Fraction(1, 2**bits)


@BOTH
def test_strangers_in_two_images_do_not_hide_each_other(method: Method) -> None:
    factor = of_order_r(TINY)
    back = inverse(factor, TINY)
    bad = trivial_range(TINY.order - 1)
    for position, part in enumerate((factor, back, back, factor)):
        bad = bad.changed(position, times(part))
    for bits in (1, 2):
        assert accepted_share([bad], bits, method) <= Fraction(1, 2**bits)
    # One t for both: whatever it is, it cancels.
    assert share(oracle([bad], (e, f, t, t)) for e, f, t in every_draw(3, 2)) == 1


@BOTH
def test_the_bound_of_a_toy_group_is_the_stated_one_where_weights_are_long(method: Method) -> None:
    """Weights of more bits than an order has repeat modulo that order: 127 and 233 here."""
    assert error(TINY, 8, "jacobi") == Fraction(3, 256)
    assert error(TINY, 8, "subsets") == Fraction(3, 256)
    assert error(TINY, 7, "subsets") == Fraction(2, 128)
    assert error(GROUP, 128, "jacobi") == Fraction(2**64 + 60, 2**128)  # q = 2^64 - 59
    step = number(TINY.generator)
    bad = trivial_range().changed(2, times(step))
    fixed = [(e, 1, 1, 1) for e in range(256)]
    passed = share(decide([bad], method, weights=Listed(drawn, 8)) is not None for drawn in fixed)
    assert passed == Fraction(3, 256)  # e = 0, 127, 254


# --- weights that somebody knows -------------------------------------------------------------------


def cancelled(statement: Ranged, weights: Sequence[int]) -> Ranged:
    """Two commitments changed by what the weights of their equations make of it: g^(ef - fe) = 1."""
    e, f = weights[:2]
    q, g = statement.group.order, number(statement.group.generator)
    p = modp(statement.group).modulus
    return statement.changed(2, times(pow(g, f, p))).changed(3, times(pow(g, -e % q, p)))


@BOTH
def test_whoever_knows_the_weights_passes_anything_and_fresh_ones_cannot_be_known(method: Method) -> None:
    """The attack works against a source that can be predicted; the package asks the system, last."""
    foreseen = FreshWeights(SeededRandomness("predictable"), 128)
    bad = cancelled(selection(1), [foreseen.draw(), foreseen.draw()])
    assert not equations_hold(bad)
    assert decide([bad], method, rng=SeededRandomness("predictable")) is not None
    assert decide([bad], method, rng=SeededRandomness("another")) is None
    for _ in range(5):
        assert decide([bad], method) is None


@BOTH
def test_weights_that_are_drawn_before_the_values_are_fixed_would_be_known(method: Method) -> None:
    """A source that tells its numbers: the attacker reads what was drawn so far, which is nothing."""

    class Telling:
        def __init__(self) -> None:
            self.told: list[int] = []
            self.bits = 128
            self._fresh = FreshWeights()

        def draw(self) -> int:
            self.told.append(self._fresh.draw())
            return self.told[-1]

    weights = Telling()
    batch = Batch(GROUP, weights, method=method)
    selection().add_to(batch)
    assert weights.told == []
    cancelled(selection(1), weights.told or [1, 1]).add_to(batch)
    assert batch.decide() is None
    # Used again for another decision, the numbers that were told are worth everything.
    replayed = cancelled(selection(1), weights.told)
    assert decide([replayed], method, weights=Listed(weights.told, 128)) is not None
    assert decide([replayed], method) is None


def chunk_seed(statements: Sequence[Ranged]) -> bytes:
    """As a caller makes it: over all that is decided, commitments too (A67)."""
    numbers = [n.to_bytes(32, "big") for s in statements for pair in s.pairs for n in pair]
    values = [value.encode() for s in statements for value in s.values()]
    return tagged("evote/testing/chunk", *numbers, *values)


@BOTH
@pytest.mark.parametrize("bits", [192, 256])
def test_weights_from_a_seed_over_everything_change_with_what_the_attacker_changes(
    bits: int, method: Method
) -> None:
    honest = [selection(1)]
    assert decide(honest, method, weights=DerivedWeights(chunk_seed(honest), bits)) is not None
    known = DerivedWeights(chunk_seed(honest), bits)
    bad = [cancelled(honest[0], [known.draw(), known.draw()])]
    # Had the seed left the commitments out, this would pass.
    assert decide(bad, method, weights=DerivedWeights(chunk_seed(honest), bits)) is not None
    assert decide(bad, method, weights=DerivedWeights(chunk_seed(bad), bits)) is None


# --- subset products -------------------------------------------------------------------------------


def test_each_subset_product_is_tested_by_itself() -> None:
    """Signs: the product of the subset products weighted by 2^j would forget all bits but the lowest."""
    bad = trivial_range().changed(2, times(of_order_2(TINY)))
    bits = 3
    weighted = share(oracle([bad], drawn, symbols=False) for drawn in every_draw(4, bits))
    assert weighted == Fraction(1, 2)
    assert accepted_share([bad], bits, "subsets") <= Fraction(1, 2**bits)


@pytest.mark.parametrize("position", range(4))
@pytest.mark.parametrize("kind", [of_order_2, of_order_r])
def test_subset_products_keep_their_bound_for_every_order_and_position(position: int, kind: object) -> None:
    factor = of_order_2(TINY) if kind is of_order_2 else of_order_r(TINY)
    bad = trivial_range().changed(position, times(factor))
    for bits in (1, 2):
        assert accepted_share([bad], bits, "subsets") <= Fraction(1, 2**bits)


def test_subset_bits_of_images_are_uniform_whatever_the_equations_ask() -> None:
    """The lowest bits of s + q t run through all values with t, because q is odd."""
    q, bits = TINY.order, 3
    for asked in (0, 1, 5, q - 1):
        assert {(asked + q * t) % 2**bits for t in range(2**bits)} == set(range(2**bits))
