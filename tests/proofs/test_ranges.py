"""Range proofs: what verifications 6 and 7 accept and refuse, beside the specification's equations."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import pytest

from evote.elgamal import Ciphertext, PublicKey
from evote.errors import DecodeError, VerificationError
from evote.groups import Claimed, Element, Group, MembershipError, Scalar, reduced_group, standard_group
from evote.hashing import hmac
from evote.proofs.prove import Defect, prove_disjunction
from evote.proofs.range_prover import prove_range
from evote.proofs.ranges import range_statement
from evote.proofs.relation import Challenge, Disjunction, DisjunctionProof, RelationProof, recompute
from evote.proofs.verify import verify_disjunction
from evote.secret import Secret
from evote.testing.groups import tiny, toy48
from evote.testing.randomness import SeededRandomness
from tests.oracle import equations_6_hold
from tests.proofs.setting import (
    CONTEST,
    GROUP,
    IDENTIFIER_HASH,
    KEY,
    OPTION,
    claimed,
    encrypted,
    negated,
    number,
    parameters,
    random_element,
    range_challenge,
)

ONE = GROUP.scalar(1)


def proven(value: int, limit: int, key: PublicKey = KEY) -> tuple[Ciphertext, DisjunctionProof]:
    ciphertext, nonce = encrypted(value, key)
    challenge = range_challenge(ciphertext.alpha, ciphertext.beta)
    return ciphertext, prove_range(key, ciphertext, value, nonce, limit, challenge).proof


def check(
    alpha: Claimed,
    beta: Claimed,
    proof: DisjunctionProof,
    limit: int,
    key: PublicKey = KEY,
    challenge: Challenge | None = None,
) -> dict[Claimed, Element]:
    statement = range_statement(key, alpha, beta, limit)
    return verify_disjunction(key.group, statement, proof, challenge or range_challenge(alpha, beta))


def check_ciphertext(
    ciphertext: Ciphertext, proof: DisjunctionProof, limit: int, key: PublicKey = KEY
) -> None:
    check(claimed(ciphertext.alpha), claimed(ciphertext.beta), proof, limit, key)


def by_the_equations(
    alpha: Claimed, beta: Claimed, proof: DisjunctionProof, key: PublicKey = KEY, option: int | None = OPTION
) -> bool:
    """The oracle's answer on 6.D alone."""
    return equations_6_hold(
        parameters(key.group),
        IDENTIFIER_HASH,
        CONTEST,
        option,
        number(key.base),
        number(alpha),
        number(beta),
        [branch.challenge.value for branch in proof.branches],
        [branch.responses[0].value for branch in proof.branches],
    )


# --- completeness --------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", range(6))
def test_every_value_of_a_range_is_proven(limit: int) -> None:
    for value in range(limit + 1):
        ciphertext, proof = proven(value, limit)
        alpha, beta = claimed(ciphertext.alpha), claimed(ciphertext.beta)
        members = check(alpha, beta, proof, limit)
        assert (members[alpha], members[beta]) == (ciphertext.alpha, ciphertext.beta)
        assert by_the_equations(alpha, beta, proof)
        assert len(proof.branches) == limit + 1


@pytest.mark.parametrize("group", [reduced_group, standard_group, toy48], ids=["3072", "4096", "toy48"])
def test_ranges_are_proven_in_other_groups(group: Callable[[], Group]) -> None:
    key = PublicKey.of(random_element(group()))
    for value in (0, 1):
        ciphertext, proof = proven(value, 1, key)
        check_ciphertext(ciphertext, proof, 1, key)
        assert by_the_equations(ciphertext.alpha, ciphertext.beta, proof, key)


def test_a_contest_limit_is_the_same_proof_on_the_product() -> None:
    """Verification 7: the nonces add up, and so do the values."""
    votes = [encrypted(value) for value in (1, 0, 2, 0)]
    alpha = GROUP.product_of_claimed([claimed(ciphertext.alpha) for ciphertext, _ in votes])
    beta = GROUP.product_of_claimed([claimed(ciphertext.beta) for ciphertext, _ in votes])
    total = Ciphertext(GROUP.decode(alpha.encode()), GROUP.decode(beta.encode()))
    nonce = GROUP.scalar(sum(nonce.reveal().value for _, nonce in votes))
    challenge = range_challenge(alpha, beta, option=None)
    proof = prove_range(KEY, total, 3, Secret(nonce), 5, challenge).proof
    check(alpha, beta, proof, 5, challenge=challenge)
    assert by_the_equations(alpha, beta, proof, option=None)
    assert not by_the_equations(alpha, beta, proof)  # the option index tells the two challenges apart
    with pytest.raises(VerificationError, match="challenge"):
        check(alpha, beta, proof, 5)


def test_commitments_are_returned_for_a_batch_verifier() -> None:
    ciphertext, nonce = encrypted(1)
    challenge = range_challenge(ciphertext.alpha, ciphertext.beta)
    made = prove_range(KEY, ciphertext, 1, nonce, 2, challenge)
    statement = range_statement(KEY, ciphertext.alpha, ciphertext.beta, 2)
    assert made.commitments == recompute(GROUP, statement.branches, made.proof.branches)
    assert len(made.commitments) == 6


@pytest.mark.parametrize("values", [(0, 5), (0, 2, 10), (7,), (3, 1, 2)])
def test_any_small_set_of_values_may_stand_for_a_range(values: tuple[int, ...]) -> None:
    """Note 3.4: the branches claim the values of the set."""
    for true, value in enumerate(values):
        ciphertext, nonce = encrypted(value)
        alpha, beta = claimed(ciphertext.alpha), claimed(ciphertext.beta)
        branches = range_statement(KEY, alpha, beta, max(values) + 1).branches
        statement = Disjunction(tuple(branches[candidate] for candidate in values))
        defects: list[Defect] = [((), ((KEY.base, value - candidate),)) for candidate in values]
        challenge = range_challenge(alpha, beta)
        made = prove_disjunction(GROUP, statement, true, (nonce,), defects, challenge)
        verify_disjunction(GROUP, statement, made.proof, challenge)
        shifted = Disjunction(tuple(branches[candidate + 1] for candidate in values))
        with pytest.raises(VerificationError, match="challenge"):
            verify_disjunction(GROUP, shifted, made.proof, challenge)


# --- values outside the range --------------------------------------------------------------------


@pytest.mark.parametrize(("value", "limit"), [(-1, 1), (2, 1), (1, 0), (100, 5), (0, -1)])
def test_a_value_outside_the_range_is_not_even_attempted(value: int, limit: int) -> None:
    ciphertext, nonce = encrypted(max(value, 0))
    challenge = range_challenge(ciphertext.alpha, ciphertext.beta)
    with pytest.raises(ValueError, match="outside the range"):
        prove_range(KEY, ciphertext, value, nonce, limit, challenge)


@pytest.mark.parametrize("value", [2, 3, 1000, GROUP.order - 1, GROUP.order - 2])
@pytest.mark.parametrize("pretended", [0, 1])
def test_an_overvote_with_the_honest_provers_code_is_caught(value: int, pretended: int) -> None:
    """A13: votes beyond the limit and negative ones."""
    ciphertext, nonce = encrypted(value)
    challenge = range_challenge(ciphertext.alpha, ciphertext.beta)
    proof = prove_range(KEY, ciphertext, pretended, nonce, 1, challenge).proof
    with pytest.raises(VerificationError, match="challenge"):
        check_ciphertext(ciphertext, proof, 1)
    assert not by_the_equations(ciphertext.alpha, ciphertext.beta, proof)


def test_a_pair_of_votes_that_cancel_needs_two_false_proofs() -> None:
    """+1000 and -1000 add up to nothing, so a contest limit alone would pass."""
    (plus, plus_nonce), (minus, minus_nonce) = encrypted(1000), encrypted(GROUP.order - 1000)
    total = Ciphertext(GROUP.multiply(plus.alpha, minus.alpha), GROUP.multiply(plus.beta, minus.beta))
    nonce = Secret(plus_nonce.reveal() + minus_nonce.reveal())
    challenge = range_challenge(total.alpha, total.beta, option=None)
    limit_proof = prove_range(KEY, total, 0, nonce, 1, challenge).proof
    check(claimed(total.alpha), claimed(total.beta), limit_proof, 1, challenge=challenge)
    for ciphertext, own in ((plus, plus_nonce), (minus, minus_nonce)):
        selection = range_challenge(ciphertext.alpha, ciphertext.beta)
        proof = prove_range(KEY, ciphertext, 0, own, 1, selection).proof
        with pytest.raises(VerificationError, match="challenge"):
            check_ciphertext(ciphertext, proof, 1)


def test_random_proofs_pass_once_in_q_tries() -> None:
    """In a group of 127 elements luck can be measured; elsewhere it is the same share of the challenges."""
    group, rng = tiny(), SeededRandomness("lucky proofs")
    key = PublicKey.of(group.power(group.generator, group.scalar(5)))
    alpha, beta = group.generator, group.power(group.generator, group.scalar(77))
    statement = range_statement(key, alpha, beta, 1)
    challenge = range_challenge(alpha, beta)
    tries, lucky = 127 * 40, 0
    for _ in range(tries):
        pairs = [RelationProof(group.random_scalar(rng), (group.random_scalar(rng),)) for _ in range(2)]
        try:
            verify_disjunction(group, statement, DisjunctionProof(tuple(pairs)), challenge)
        except VerificationError:
            continue
        lucky += 1
    assert 20 < lucky < 60


# --- every field, changed alone ------------------------------------------------------------------


@pytest.mark.parametrize("change", [1, -1, 2, 2**60])
@pytest.mark.parametrize("place", range(3))
def test_each_changed_number_of_a_proof_is_caught(place: int, change: int) -> None:
    ciphertext, proof = proven(1, 2)
    step = GROUP.scalar(change)
    branch = proof.branches[place]
    for changed in (
        RelationProof(branch.challenge + step, branch.responses),
        RelationProof(branch.challenge, (branch.responses[0] + step,)),
        RelationProof(branch.challenge + step, (branch.responses[0] + step,)),
        RelationProof(-branch.challenge, branch.responses),
        RelationProof(branch.challenge, (-branch.responses[0],)),
    ):
        branches = (*proof.branches[:place], changed, *proof.branches[place + 1 :])
        with pytest.raises(VerificationError, match="challenge"):
            check_ciphertext(ciphertext, DisjunctionProof(branches), 2)
        assert not by_the_equations(ciphertext.alpha, ciphertext.beta, DisjunctionProof(branches))


def test_challenges_moved_between_branches_are_caught_though_their_sum_stands() -> None:
    ciphertext, proof = proven(0, 1)
    first, second = proof.branches
    moved = DisjunctionProof(
        (
            dataclasses.replace(first, challenge=first.challenge + ONE),
            dataclasses.replace(second, challenge=second.challenge - ONE),
        )
    )
    with pytest.raises(VerificationError, match="challenge"):
        check_ciphertext(ciphertext, moved, 1)


def test_branches_that_change_places_are_caught() -> None:
    for value in (0, 1):
        ciphertext, proof = proven(value, 1)
        with pytest.raises(VerificationError, match="challenge"):
            check_ciphertext(ciphertext, DisjunctionProof(proof.branches[::-1]), 1)


def test_each_changed_part_of_the_statement_is_caught() -> None:
    ciphertext, proof = proven(1, 1)
    alpha, beta = claimed(ciphertext.alpha), claimed(ciphertext.beta)
    other = claimed(random_element())
    times_key = claimed(GROUP.multiply(ciphertext.beta, KEY.base))
    other_key = PublicKey.of(random_element())
    original = range_challenge(alpha, beta)
    for a, b, key in (
        (other, beta, KEY),
        (alpha, other, KEY),
        (alpha, times_key, KEY),
        (beta, alpha, KEY),
        (alpha, beta, other_key),
        (claimed(GROUP.identity), beta, KEY),
        (alpha, claimed(GROUP.identity), KEY),
    ):
        for challenge in (original, range_challenge(a, b)):
            with pytest.raises(VerificationError, match="challenge"):
                check(a, b, proof, 1, key, challenge)


def test_each_changed_part_of_the_context_is_caught() -> None:
    ciphertext, proof = proven(1, 1)
    alpha, beta = claimed(ciphertext.alpha), claimed(ciphertext.beta)
    for challenge in (
        range_challenge(alpha, beta, context=IDENTIFIER_HASH[::-1]),
        range_challenge(alpha, beta, contest=CONTEST + 1),
        range_challenge(alpha, beta, option=OPTION + 1),
        range_challenge(alpha, beta, option=None),
    ):
        with pytest.raises(VerificationError, match="challenge"):
            check(alpha, beta, proof, 1, challenge=challenge)


@pytest.mark.parametrize("limit", [0, 1, 3, 4])
def test_a_proof_of_another_limit_is_caught(limit: int) -> None:
    ciphertext, proof = proven(0, 2)
    with pytest.raises(VerificationError, match="one response per secret"):
        check_ciphertext(ciphertext, proof, limit)


@pytest.mark.parametrize("responses", [0, 2])
def test_a_branch_has_one_response(responses: int) -> None:
    ciphertext, proof = proven(0, 1)
    wrong = dataclasses.replace(proof.branches[1], responses=(ONE,) * responses)
    with pytest.raises(VerificationError, match="one response per secret"):
        check_ciphertext(ciphertext, DisjunctionProof((proof.branches[0], wrong)), 1)


def test_a_copied_proof_does_not_fit_another_ciphertext_of_the_same_value() -> None:
    _, proof = proven(1, 1)
    other, _ = encrypted(1)
    with pytest.raises(VerificationError, match="challenge"):
        check_ciphertext(other, proof, 1)


def test_scalars_of_another_order_are_a_callers_mistake() -> None:
    ciphertext, proof = proven(1, 1)
    strange = toy48().scalar(5)
    for branch in (RelationProof(strange, (ONE,)), RelationProof(ONE, (strange,))):
        with pytest.raises(TypeError):
            check_ciphertext(ciphertext, DisjunctionProof((proof.branches[0], branch)), 1)


def test_a_number_plus_q_has_no_form_in_memory_or_on_the_wire() -> None:
    """6.B and 6.C: c + q and v + q would satisfy every equation."""
    ciphertext, proof = proven(1, 1)
    params = parameters(GROUP)
    c = [branch.challenge.value for branch in proof.branches]
    v = [branch.responses[0].value for branch in proof.branches]
    for raised_c, raised_v in (([c[0] + params.q, c[1]], v), (c, [v[0], v[1] + params.q])):
        place = (IDENTIFIER_HASH, CONTEST, OPTION, number(KEY.base))
        alpha, beta = number(ciphertext.alpha), number(ciphertext.beta)
        assert equations_6_hold(params, *place, alpha, beta, raised_c, raised_v)
        for value in (*raised_c, *raised_v):
            if value >= params.q:
                with pytest.raises(ValueError, match="group order"):
                    Scalar(value, params.q)
                with pytest.raises(DecodeError, match="below the group order"):
                    GROUP.decode_scalar(value.to_bytes(32, "big"))


# --- non-members ---------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["alpha", "beta", "both"])
def test_a_forgery_whose_signs_cancel_is_caught_by_membership_alone(which: str) -> None:
    """6.A: for even c_j the equations hold for p - alpha and p - beta as well."""
    for value in (0, 1):
        ciphertext, nonce = encrypted(value)
        alpha, beta = claimed(ciphertext.alpha), claimed(ciphertext.beta)
        if which in ("alpha", "both"):
            alpha = negated(alpha)
        if which in ("beta", "both"):
            beta = negated(beta)
        challenge = range_challenge(alpha, beta)
        while True:
            proof = prove_range(KEY, ciphertext, value, nonce, 1, challenge).proof
            if all(branch.challenge.value % 2 == 0 for branch in proof.branches):
                break
        assert by_the_equations(alpha, beta, proof)
        assert not parameters(GROUP).is_member(number(alpha if which == "alpha" else beta))
        with pytest.raises(MembershipError):
            check(alpha, beta, proof, 1)


def test_two_signs_that_cancel_in_a_product_are_caught() -> None:
    """p - x twice: the product of a contest is a member although two of its factors are not."""
    first, second = random_element(), random_element()
    product = GROUP.product_of_claimed([negated(first), negated(second)])
    assert product == GROUP.multiply(first, second)
    for factor in (negated(first), negated(second)):
        with pytest.raises(MembershipError):
            GROUP.decode(factor.encode())


def test_a_component_of_large_order_is_caught() -> None:
    ciphertext, proof = proven(1, 1)
    params = parameters(GROUP)
    component = pow(2, 2 * params.q, params.p)
    assert component != 1
    alpha = GROUP.claim(params.b(number(ciphertext.alpha) * component % params.p))
    with pytest.raises(MembershipError):
        check(alpha, claimed(ciphertext.beta), proof, 1)
    with pytest.raises(MembershipError):
        check(claimed(ciphertext.alpha), alpha, proof, 1)


# --- weak Fiat-Shamir ----------------------------------------------------------------------------


def test_a_challenge_over_the_commitments_alone_lets_any_count_pass_for_0_or_1() -> None:
    """A1: the challenge function is given the commitments only; to absorb the statement is its own duty."""

    def weak(commitments: Sequence[bytes]) -> Scalar:
        return GROUP.scalar_from_digest(hmac(IDENTIFIER_HASH, 0x24, *commitments))

    # Commitments of a prover who does not yet know what will be encrypted.
    u_0, u_1, t_1, nonce = (GROUP.random_scalar() for _ in range(4))
    g, k = GROUP.generator, KEY.base
    commitments = [GROUP.power(g, u_0), GROUP.power(k, u_0), GROUP.power(g, u_1), GROUP.power(k, t_1)]
    c = weak([element.encode() for element in commitments])
    # Then the count that fits: t_1 - u_1 = c * (count - 1), with challenge 0 in the first branch.
    count = ONE + (t_1 - u_1) * GROUP.scalar(pow(c.value, -1, GROUP.order))
    assert count.value > 10**6
    alpha, beta = claimed(GROUP.power(g, nonce)), claimed(GROUP.power(k, nonce + count))
    forged = DisjunctionProof((RelationProof(GROUP.scalar(0), (u_0,)), RelationProof(c, (u_1 - c * nonce,))))
    check(alpha, beta, forged, 1, challenge=weak)
    with pytest.raises(VerificationError, match="challenge"):
        check(alpha, beta, forged, 1)
