"""Batch verification: what it accepts and refuses, and that it agrees with one proof at a time."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from evote.elgamal import PublicKey
from evote.errors import DecodeError, VerificationError
from evote.groups import Claimed, Element, Group, Scalar, reduced_group, standard_group
from evote.proofs.batch import Batch, DerivedWeights, FreshWeights, Method
from evote.proofs.prove import Exponents, prove
from evote.proofs.ranges import range_statement
from evote.proofs.relation import (
    Equation,
    LinearRelation,
    RelationProof,
    knowledge,
    recompute,
    same_exponent,
)
from evote.proofs.verify import verify, verify_disjunction
from evote.secret import Secret
from evote.testing.groups import tiny, toy48
from evote.testing.randomness import SeededRandomness
from tests.counting import CountingGroup
from tests.groups.subjects import UNEVEN
from tests.proofs.batching import (
    METHODS,
    Listed,
    Ranged,
    contest,
    decide,
    equations_hold,
    images_of,
    modp,
    of_order_2,
    of_order_r,
    oracle,
    selection,
    times,
)
from tests.proofs.setting import (
    GROUP,
    KEY,
    challenge_over,
    claimed,
    number,
    random_element,
    range_challenge,
)

G = GROUP.generator
BOTH = pytest.mark.parametrize("method", METHODS)


def fresh(method: Method = "jacobi", group: Group = GROUP) -> Batch:
    return Batch(group, FreshWeights(), method=method)


# --- what holds is accepted ------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("limit", range(4))
def test_ranges_of_every_size_are_accepted(method: Method, limit: int) -> None:
    statements = [selection(value, limit) for value in range(limit + 1)]
    accepted = decide(statements, method)
    assert accepted is not None
    for statement in statements:
        for value in (*statement.alphas, *statement.betas):
            member = accepted.element(value)
            assert type(member) is Element
            assert member == value


@BOTH
def test_contests_with_their_limits_are_accepted(method: Method) -> None:
    statements = [*contest((1, 0, 1, 0), 2), *contest((0, 0), 1), *contest((1,), 1)]
    assert decide(statements, method) is not None
    # The limit alone shows the membership of its factors too.
    limit = contest((1, 1, 0), 3)[-1]
    accepted = decide([limit], method)
    assert accepted is not None
    assert accepted.element(limit.alphas[2]) == limit.alphas[2]


@BOTH
@pytest.mark.parametrize(
    "group", [toy48, lambda: UNEVEN, reduced_group, standard_group], ids=["toy48", "uneven", "3072", "4096"]
)
def test_other_groups_are_batched(group: Callable[[], Group], method: Method) -> None:
    key = PublicKey.of(random_element(group()))
    good = contest((0, 1), 1, key)
    assert decide(good, method) is not None
    step, sign, far = number(key.group.generator), of_order_2(key.group), of_order_r(key.group)
    for position, factor in ((0, sign), (0, far), (1, step), (2, sign), (5, far)):
        assert decide([good[0].changed(position, times(factor)), *good[1:]], method) is None


def test_a_member_is_named_by_its_value_and_strangers_are_not_members() -> None:
    good, other = selection(), selection()
    accepted = decide([good])
    assert accepted is not None
    again = claimed(good.alphas[0])
    assert accepted.element(again) == again
    assert accepted.element(good.key.base) is good.key.base
    for unknown in (other.alphas[0], good.commitments[0], times(of_order_2(GROUP))(good.alphas[0])):
        with pytest.raises(KeyError):
            accepted.element(unknown)
    twin_group = toy48()
    with pytest.raises(KeyError):
        accepted.element(twin_group.claim(random_element(twin_group).encode()))


def test_a_value_with_the_same_bytes_in_another_group_is_no_member() -> None:
    twin = modp(GROUP)
    other = type(twin)("twin", twin.profile, p=twin.modulus, q=twin.order, g=number(G))
    good = selection()
    accepted = decide([good])
    assert accepted is not None
    with pytest.raises(KeyError):
        accepted.element(other.claim(good.alphas[0].encode()))


def test_elements_among_the_images_and_the_commitments_stay_what_they_are() -> None:
    good = selection(1)
    known = dataclasses.replace(
        good,
        alphas=(GROUP.decode(good.alphas[0].encode()),),
        commitments=(GROUP.decode(good.commitments[0].encode()), *good.commitments[1:]),
    )
    for method in METHODS:
        accepted = decide([known], method)
        assert accepted is not None
        assert accepted.element(known.alphas[0]) is known.alphas[0]
        assert accepted.element(good.betas[0]) == good.betas[0]
        assert decide([known.answered(0, response=1)], method) is None
        assert decide([known.answered(0, challenge=1)], method) is None


# --- Schnorr proofs and general relations ----------------------------------------------------------


def schnorr(base: Element = G) -> tuple[Claimed, tuple[int, int], Claimed]:
    witness = Secret(GROUP.random_scalar())
    image = claimed(GROUP.power_secret(base, witness))
    relation, challenge = knowledge((base, image)), challenge_over(image)
    made = prove(GROUP, relation, [witness], challenge, exponents=Exponents.EPHEMERAL)
    return image, (made.proof.challenge.value, made.proof.responses[0].value), claimed(made.commitments[0])


@BOTH
@pytest.mark.parametrize("with_table", [True, False])
def test_schnorr_proofs_are_batched(method: Method, with_table: bool) -> None:
    base = G if with_table else random_element()
    proofs = [schnorr(base) for _ in range(3)]

    def accepted(spoil: Callable[[tuple[Claimed, tuple[int, int], Claimed]], Any] = lambda x: x) -> bool:
        batch = fresh(method)
        for image, pair, commitment in (spoil(proofs[0]), *proofs[1:]):
            batch.add_schnorr(base, image, pair, commitment)
        return batch.decide() is not None

    assert accepted()
    for factor in (2, number(G), of_order_2(GROUP), of_order_r(GROUP)):
        assert not accepted(lambda x, f=factor: (times(f)(x[0]), x[1], x[2]))
        assert not accepted(lambda x, f=factor: (x[0], x[1], times(f)(x[2])))
    assert not accepted(lambda x: (x[0], ((x[1][0] + 1) % GROUP.order, x[1][1]), x[2]))
    assert not accepted(lambda x: (x[0], (x[1][0], (x[1][1] + 1) % GROUP.order), x[2]))
    assert not accepted(lambda x: (proofs[1][0], x[1], x[2]))
    assert not accepted(lambda x: (x[0], x[1], proofs[1][2]))


def relations() -> list[tuple[LinearRelation, list[Secret[Scalar]]]]:
    """Grouped Schnorr, Chaum-Pedersen with a base without table, and one with coefficients."""
    w = [Secret(GROUP.random_scalar()) for _ in range(3)]
    plain = [secret.reveal() for secret in w]
    bare = random_element()
    images = [claimed(GROUP.power(G, scalar)) for scalar in plain]
    product = GROUP.multiply(GROUP.power(G, plain[0]), GROUP.power(KEY.base, plain[1]))
    root = GROUP.power(
        GROUP.multiply(GROUP.power(G, plain[1]), GROUP.power(KEY.base, GROUP.scalar(3))),
        GROUP.scalar(pow(2, -1, GROUP.order)),
    )
    return [
        (knowledge(*((G, image) for image in images)), w),
        (same_exponent((G, images[0]), (bare, claimed(GROUP.power(bare, plain[0])))), w[:1]),
        (
            LinearRelation(
                2,
                (
                    Equation(((claimed(product), 1),), ((0, G), (1, KEY.base))),
                    Equation(((claimed(root), 2), (KEY.base, -3)), ((1, G),)),
                ),
            ),
            w[:2],
        ),
    ]


@BOTH
def test_every_linear_relation_is_batched(method: Method) -> None:
    made = []
    for relation, witness in relations():
        images = [image for equation in relation.equations for image, _ in equation.image]
        proven = prove(GROUP, relation, witness, challenge_over(*images), exponents=Exponents.EPHEMERAL)
        verify(GROUP, relation, proven.proof, challenge_over(*images))
        made.append((relation, proven.proof, proven.commitments))

    def accepted(place: int = 0, proof: RelationProof | None = None, swap: Any = None) -> bool:
        batch = fresh(method)
        for index, (relation, honest, commitments) in enumerate(made):
            changed = index == place
            batch.add(
                relation, proof if changed and proof else honest, swap if changed and swap else commitments
            )
        return batch.decide() is not None

    assert accepted()
    one = GROUP.scalar(1)
    for place, (_, proof, commitments) in enumerate(made):
        assert not accepted(place, RelationProof(proof.challenge + one, proof.responses))
        for index in range(len(proof.responses)):
            responses = list(proof.responses)
            responses[index] = responses[index] + one
            assert not accepted(place, RelationProof(proof.challenge, tuple(responses)))
        for index in range(len(commitments)):
            for factor in (number(G), of_order_2(GROUP), of_order_r(GROUP)):
                spoiled: list[Claimed] = list(commitments)
                spoiled[index] = times(factor)(spoiled[index])
                assert not accepted(place, swap=spoiled)


@BOTH
def test_the_two_ways_to_add_a_range_decide_alike(method: Method) -> None:
    honest = selection(1, 2)
    cases = [honest, honest.answered(2, response=1), honest.changed(0, times(of_order_r(GROUP)))]
    cases += [honest.changed(position, times(number(G))) for position in range(8)]
    for case in cases:
        batch = fresh(method)
        statement = range_statement(case.key, case.alphas[0], case.betas[0], 2)
        batch.add(statement, case.proof, case.commitments)
        assert (batch.decide() is None) == (decide([case], method) is None) == (case is not honest)


# --- what does not hold is refused -----------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("position", range(8))
@pytest.mark.parametrize("kind", ["g", "K", "-1", "of order r'", "2"])
def test_a_factor_in_one_position_is_found(method: Method, position: int, kind: str) -> None:
    factors = {"g": number(G), "K": number(KEY.base), "-1": of_order_2(GROUP), "2": 2}
    factor = factors.get(kind) or of_order_r(GROUP)
    bad = selection(1, 2).changed(position, times(factor))
    assert decide([selection(), bad, selection(1)], method) is None
    assert decide([bad], method) is None


@BOTH
@pytest.mark.parametrize("branch", range(3))
@pytest.mark.parametrize("step", [1, -1, 2**40])
def test_a_changed_number_is_found(method: Method, branch: int, step: int) -> None:
    good = selection(2, 2)
    assert decide([good.answered(branch, challenge=step)], method) is None
    assert decide([good.answered(branch, response=step)], method) is None
    # As if the branch claimed another value: the exponent of K is v - j c.
    assert decide([good.answered(branch, step, step)], method) is None


@BOTH
def test_a_wrong_limit_on_right_selections_is_found(method: Method) -> None:
    statements = contest((1, 0, 1), 2)
    *selections, limit = statements
    without = dataclasses.replace(limit, alphas=limit.alphas[:2], betas=limit.betas[:2])
    twice = dataclasses.replace(
        limit, alphas=(*limit.alphas, limit.alphas[0]), betas=(*limit.betas, limit.betas[0])
    )
    for wrong in (without, twice, limit.answered(1, response=1), limit.changed(7, times(number(G)))):
        assert decide([*selections, wrong], method) is None
        assert decide([wrong], method) is None


def test_a_proof_under_another_key_is_found() -> None:
    good = selection()
    other = PublicKey.of(random_element())
    assert decide([dataclasses.replace(good, key=other)]) is None
    assert decide([good, selection(key=other)]) is not None


def test_the_identity_passes_where_the_equations_hold_and_nowhere_else() -> None:
    """Whether a ciphertext may be the identity is another check's question."""
    one = claimed(GROUP.identity)
    v = 12345
    commitments = [claimed(GROUP.power(base, GROUP.scalar(v))) for base in (G, KEY.base)]
    trivial = Ranged(KEY, (one,), (one,), ((7, v),), tuple(commitments))
    assert equations_hold(trivial)
    good = selection()
    for method in METHODS:
        assert decide([trivial], method) is not None
        for position in range(6):
            assert decide([good.changed(position, lambda _: one)], method) is None


def test_zero_and_p_are_refused_before_anything_is_added() -> None:
    p, size = modp(GROUP).modulus, GROUP.element_bytes
    for value in (0, p):
        with pytest.raises(DecodeError):
            GROUP.claim(value.to_bytes(size, "big"))


# --- fast and plain --------------------------------------------------------------------------------


def plain_accepts(statement: Ranged) -> bool:
    """One proof at a time, without commitments from outside."""
    alpha = GROUP.product_of_claimed(statement.alphas)
    beta = GROUP.product_of_claimed(statement.betas)
    relation = range_statement(statement.key, alpha, beta, len(statement.pairs) - 1)
    try:
        verify_disjunction(GROUP, relation, statement.proof, range_challenge(alpha, beta))
    except VerificationError:
        return False
    return True


def hashed(statement: Ranged) -> bool:
    """What the caller of a batch checks: the challenge over these commitments is the sum of the c_j."""
    alpha = GROUP.product_of_claimed(statement.alphas)
    beta = GROUP.product_of_claimed(statement.betas)
    challenge = range_challenge(alpha, beta)([value.encode() for value in statement.commitments])
    return challenge.value == sum(c for c, _ in statement.pairs) % GROUP.order


@BOTH
def test_fast_and_plain_agree_on_random_good_and_bad_statements(method: Method) -> None:
    rng = SeededRandomness(f"agreement {method}")
    step, sign, far = number(G), of_order_2(GROUP), of_order_r(GROUP)
    verdicts = set()
    for _ in range(150):
        statements = contest((rng.below(2), rng.below(2)), 2)
        if rng.below(3):
            place = rng.below(3)
            bad = statements[place]
            match rng.below(4):
                case 0:
                    bad = bad.answered(rng.below(2), response=1 + rng.below(9))
                case 1:  # the sum of the challenges stays what it is
                    shift = 1 + rng.below(9)
                    bad = bad.answered(0, challenge=shift).answered(1, challenge=-shift)
                case 2:
                    bad = bad.changed(rng.below(len(bad.values())), times((step, sign, far)[rng.below(3)]))
                case _:
                    bad = dataclasses.replace(bad, pairs=bad.pairs[::-1])
            statements[place] = bad
        # A statement's commitments are what its proof opens, where that can be said at all.
        honest = []
        for statement in statements:
            alpha = GROUP.product_of_claimed(statement.alphas)
            beta = GROUP.product_of_claimed(statement.betas)
            relation = range_statement(KEY, alpha, beta, len(statement.pairs) - 1)
            try:
                opened: tuple[Claimed, ...] = recompute(GROUP, relation.branches, statement.proof.branches)
            except VerificationError:
                opened = statement.commitments
            honest.append(dataclasses.replace(statement, commitments=opened))
        plain = all(plain_accepts(statement) for statement in statements)
        for given in (statements, honest):
            fast = all(hashed(statement) for statement in given) and decide(given, method) is not None
            # Where a commitment alone is wrong, the batch refuses what holds: then one looks again.
            assert fast <= plain
            if given is honest:
                assert fast == plain
        verdicts.add(plain)
    assert verdicts == {True, False}


@BOTH
def test_the_decision_is_that_of_the_oracle_weight_by_weight(method: Method) -> None:
    group = tiny()
    key = PublicKey.of(group.power(group.generator, group.scalar(5)))
    good = contest((1, 0), 1, key)
    rng = SeededRandomness("oracle")
    far = times(of_order_r(group))
    cases = [good, [good[0].answered(0, response=1), *good[1:]]]
    cases += [[good[2].changed(4, far)], [good[0].changed(0, far), *good[1:]]]
    outcomes = set()
    for statements in cases:
        for _ in range(150):
            count = sum(2 * len(s.pairs) for s in statements) + len(images_of(statements))
            drawn = [rng.below(8) for _ in range(count)]
            found = decide(statements, method, weights=Listed(drawn, 3)) is not None
            expected = oracle(statements, drawn)
            if method == "jacobi":
                assert found == expected
            assert found <= expected
            outcomes.add(found)
    assert outcomes == {True, False}


# --- one weight each, drawn last -------------------------------------------------------------------


@BOTH
def test_every_equation_and_every_image_has_one_weight_drawn_when_all_is_fixed(method: Method) -> None:
    statements = contest((1, 0, 0), 1)
    image, pair, commitment = schnorr()
    weights = Listed(range(2**127, 2**127 + 1000), 128)
    batch = Batch(GROUP, weights, method=method)
    for statement in statements:
        statement.add_to(batch)
    batch.add_schnorr(G, image, pair, commitment)
    assert len(batch) == 4 * 4 + 1
    assert weights.drawn == 0
    assert batch.decide() is not None
    # The limit brings no image of its own: 3 ciphertexts and the image of the Schnorr proof.
    assert weights.drawn == 17 + 2 * 3 + 1


def test_equal_images_share_a_weight_even_as_two_objects() -> None:
    good = selection()
    again = dataclasses.replace(good, alphas=(claimed(good.alphas[0]),), betas=(claimed(good.betas[0]),))
    weights = Listed(range(100), 128)
    assert decide([good, again], weights=weights) is not None
    assert weights.drawn == 8 + 2


def test_derived_weights_decide_the_same_way_again() -> None:
    good = contest((1, 0), 1)
    bad = [good[0].answered(0, response=1), *good[1:]]
    for method in METHODS:
        for bits in (192, 256):
            assert decide(good, method, weights=DerivedWeights(bytes(32), bits)) is not None
            assert decide(bad, method, weights=DerivedWeights(bytes(32), bits)) is None


def test_auto_takes_subset_products_once_they_are_cheaper() -> None:
    batch = Batch(GROUP, FreshWeights(bits=1), method="auto")
    good = selection()
    assert not batch.by_subsets
    added = 0
    while not batch.by_subsets:
        good.add_to(batch)
        added += 1
    assert 43 < 2 + 2 + 4 * added <= 43 + 4
    assert batch.decide() is not None
    with pytest.raises(ValueError, match="method"):
        Batch(GROUP, FreshWeights(), method="none")  # type: ignore[arg-type]


# --- what a caller may not ask ---------------------------------------------------------------------


def test_numbers_of_q_or_more_are_refused_one_by_one() -> None:
    """The batch cannot see c + q: the equations hold modulo q."""
    good = selection()
    q = GROUP.order
    (c, v), other = good.pairs
    for pair in ((c + q, v), (c, v + q), (-1, v), (c, -1), (q, v), (c, q)):
        for pairs in ((pair, other), (other, pair)):
            batch = fresh()
            with pytest.raises(ValueError, match="group order"):
                batch.add_range(KEY, good.alphas, good.betas, pairs, good.commitments)
            assert len(batch) == 0
        with pytest.raises(ValueError, match="group order"):
            fresh().add_schnorr(G, good.alphas[0], pair, good.commitments[0])
    for number_like in (1.0, "1", None, GROUP.scalar(1)):
        wrong: Any = (number_like, v)
        with pytest.raises(TypeError):
            fresh().add_range(KEY, good.alphas, good.betas, (wrong, other), good.commitments)


def test_statements_of_another_shape_are_refused_and_leave_nothing_behind() -> None:
    good = selection()
    a, b, pairs, hints = good.alphas, good.betas, good.pairs, good.commitments
    batch: Any = fresh()
    for alphas, betas, some, commitments in (
        ((), (), pairs, hints),
        (a, (), pairs, hints),
        ((), b, pairs, hints),
        (a * 2, b, pairs, hints),
        (a, b, (), ()),
        (a, b, pairs, hints[:-1]),
        (a, b, pairs, (*hints, hints[0])),
        (a, b, pairs[:1], hints),
        (a, b, ((1, 2, 3), (4, 5, 6)), hints),
    ):
        with pytest.raises(ValueError):
            batch.add_range(KEY, alphas, betas, some, commitments)
    relation = knowledge((G, a[0]))
    one = GROUP.scalar(1)
    with pytest.raises(ValueError, match="response"):
        batch.add(relation, RelationProof(one, (one, one)), hints[:1])
    with pytest.raises(ValueError, match="response"):
        batch.add(range_statement(KEY, a[0], b[0], 2), good.proof, (*hints, *hints[:2]))
    with pytest.raises(ValueError, match="commitment"):
        batch.add(relation, RelationProof(one, (one,)), hints[:2])
    assert len(batch) == 0
    good.add_to(batch)
    assert batch.decide() is not None


def test_values_of_another_group_or_kind_are_refused() -> None:
    good = selection()
    other = toy48()
    foreign, stray = random_element(other), other.claim(random_element(other).encode())
    batch: Any = fresh()
    a, b, pairs, hints = good.alphas, good.betas, good.pairs, good.commitments
    one = GROUP.scalar(1)
    proof = RelationProof(one, (one,))
    mistakes: list[Callable[[], object]] = [
        lambda: batch.add_range(PublicKey.of(foreign), a, b, pairs, hints),
        lambda: batch.add_range(KEY, (stray,), b, pairs, hints),
        lambda: batch.add_range(KEY, a, (stray,), pairs, hints),
        lambda: batch.add_range(KEY, a, b, pairs, (*hints[:-1], stray)),
        lambda: batch.add_range(KEY, a, b, pairs, (*hints[:-1], number(hints[-1]))),
        lambda: batch.add_range(KEY, (one,), b, pairs, hints),
        lambda: batch.add_schnorr(a[0], a[0], pairs[0], hints[0]),
        lambda: batch.add_schnorr(foreign, a[0], pairs[0], hints[0]),
        lambda: batch.add_schnorr(G, stray, pairs[0], hints[0]),
        lambda: batch.add_schnorr(G, a[0], pairs[0], stray),
        lambda: batch.add(knowledge((G, stray)), proof, hints[:1]),
        lambda: batch.add(knowledge((foreign, a[0])), proof, hints[:1]),
        lambda: batch.add(knowledge((a[0], a[0])), proof, hints[:1]),
        lambda: batch.add(knowledge((G, a[0])), proof, [stray]),
        lambda: batch.add(
            knowledge((G, a[0])), RelationProof(other.scalar(1), (other.scalar(1),)), hints[:1]
        ),
    ]
    for mistake in mistakes:
        with pytest.raises(TypeError):
            mistake()
    assert len(batch) == 0


def test_a_batch_decides_once_and_not_about_nothing() -> None:
    with pytest.raises(ValueError, match="nothing"):
        fresh().decide()
    good = selection()
    batch = fresh()
    good.add_to(batch)
    assert batch.decide() is not None
    for late in (
        batch.decide,
        lambda: good.add_to(batch),
        lambda: batch.add_schnorr(G, good.alphas[0], (1, 1), good.commitments[0]),
        lambda: batch.add(knowledge((G, good.alphas[0])), good.proof.branches[0], good.commitments[:1]),
    ):
        with pytest.raises(ValueError, match="decided"):
            late()


@pytest.mark.parametrize("group", [reduced_group, standard_group])
def test_short_weights_are_for_toys(group: Callable[[], Group]) -> None:
    with pytest.raises(ValueError, match="128 bits"):
        Batch(group(), FreshWeights(bits=127))
    assert Batch(group(), FreshWeights()).error == 2**-128
    assert Batch(group(), FreshWeights(), method="subsets").error == 2**-128
    assert Batch(GROUP, FreshWeights(bits=5)).error == 2**-5


# --- the price -------------------------------------------------------------------------------------


class Priced(CountingGroup):
    """Counts what a decision asks for: powers, lengths of exponents, symbols, subset products."""

    def combination(self, values: Sequence[Claimed], exponents: Sequence[int]) -> Claimed:
        self.counts.update(_lengths(exponents))
        return super().combination(values, exponents)

    def combination_by_subsets(
        self, values: Sequence[Claimed], exponents: Sequence[int], bits: int
    ) -> Claimed | None:
        self.counts.update(_lengths(exponents))
        self.counts["subset products"] += bits
        return super().combination_by_subsets(values, exponents, bits)

    def suspects(self, values: Sequence[Claimed]) -> list[int]:
        self.counts["symbols"] += len(values)
        return super().suspects(values)


def _lengths(exponents: Sequence[int]) -> Counter[str]:
    """How many exponents are longer than a weight, and how many are not."""
    return Counter("long" if exponent.bit_length() > 128 else "short" for exponent in exponents)


def test_the_price_of_a_decision_is_one_combination_and_two_powers() -> None:
    """Two long exponents per selection and none per limit; the powers of g and K collapse to one each."""
    group = Priced()
    key = PublicKey.of(random_element(group))
    statements = contest((1, 0, 0, 1), 3, key)
    expected = {"fixed": 2, "multiply": 2, "long": 2 * 4, "short": 4 * 4 + 8}
    group.spent()
    assert decide(statements, "jacobi") is not None
    assert group.spent() == {**expected, "symbols": 2 * 4 + 4 * 4 + 8}
    assert decide(statements, "subsets") is not None
    assert group.spent() == {**expected, "subset products": 128}


def test_a_sign_is_found_before_the_combination() -> None:
    group = Priced()
    key = PublicKey.of(random_element(group))
    bad = selection(0, 1, key).changed(3, times(of_order_2(group)))
    group.spent()
    assert decide([bad], "jacobi") is None
    spent = group.spent()
    assert spent["symbols"] == 6
    assert "long" not in spent
