"""Schnorr, Chaum-Pedersen and other linear relations: honest proofs pass, every change is caught."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pytest

from evote.errors import VerificationError
from evote.groups import Claimed, Element, MembershipError, Scalar
from evote.hashing import hmac
from evote.proofs.prove import Exponents, commit, prove, respond
from evote.proofs.relation import (
    Challenge,
    Disjunction,
    DisjunctionProof,
    Equation,
    LinearRelation,
    RelationProof,
    knowledge,
    recompute,
    same_exponent,
)
from evote.proofs.verify import verify, verify_disjunction
from evote.secret import Secret
from tests.proofs.setting import (
    GROUP,
    IDENTIFIER_HASH,
    KEY,
    challenge_over,
    claimed,
    negated,
    number,
    parameters,
    random_element,
)

G = GROUP.generator


def secrets(count: int) -> list[Secret[Scalar]]:
    return [Secret(GROUP.random_scalar()) for _ in range(count)]


def raised(base: Element, secret: Secret[Scalar]) -> Claimed:
    return claimed(GROUP.power_secret(base, secret))


def images(relation: LinearRelation) -> list[Claimed]:
    return [image for equation in relation.equations for image, _ in equation.image]


def bound(relation: LinearRelation) -> Challenge:
    """A challenge function over the statement's images."""
    return challenge_over(*images(relation))


# --- completeness --------------------------------------------------------------------------------


@pytest.mark.parametrize("exponents", Exponents)
@pytest.mark.parametrize("count", [1, 2, 3, 6])
def test_grouped_schnorr_proofs_verify(count: int, exponents: Exponents) -> None:
    witness = secrets(count)
    relation = knowledge(*((G, raised(G, secret)) for secret in witness))
    proven = prove(GROUP, relation, witness, bound(relation), exponents=exponents)
    members = verify(GROUP, relation, proven.proof, bound(relation))
    assert all(members[image] == image and isinstance(members[image], Element) for image in images(relation))
    assert proven.commitments == recompute(GROUP, (relation,), (proven.proof,))


@pytest.mark.parametrize("exponents", Exponents)
@pytest.mark.parametrize("count", [1, 2, 3])
def test_chaum_pedersen_proofs_verify(count: int, exponents: Exponents) -> None:
    bases = [G, KEY.base, random_element()][:count]
    witness = secrets(1)
    relation = same_exponent(*((base, raised(base, witness[0])) for base in bases))
    proven = prove(GROUP, relation, witness, bound(relation), exponents=exponents)
    verify(GROUP, relation, proven.proof, bound(relation))
    assert len(proven.commitments) == count
    assert proven.commitments == recompute(GROUP, (relation,), (proven.proof,))


def pedersen() -> tuple[LinearRelation, list[Secret[Scalar]]]:
    """image = g^w0 * K^w1 and, with a coefficient, second^2 * K^-3 = g^w1."""
    witness = secrets(2)
    w0, w1 = (secret.reveal() for secret in witness)
    image = GROUP.multiply(GROUP.power(G, w0), GROUP.power(KEY.base, w1))
    half = GROUP.scalar(pow(2, -1, GROUP.order))
    square = GROUP.multiply(GROUP.power(G, w1), GROUP.power(KEY.base, GROUP.scalar(3)))
    second = GROUP.power(square, half)
    relation = LinearRelation(
        2,
        (
            Equation(((claimed(image), 1),), ((0, G), (1, KEY.base))),
            Equation(((claimed(second), 2), (KEY.base, -3)), ((1, G),)),
        ),
    )
    return relation, witness


@pytest.mark.parametrize("exponents", Exponents)
def test_relations_with_several_bases_and_coefficients_verify(exponents: Exponents) -> None:
    relation, witness = pedersen()
    proven = prove(GROUP, relation, witness, bound(relation), exponents=exponents)
    verify(GROUP, relation, proven.proof, bound(relation))
    assert proven.commitments == recompute(GROUP, (relation,), (proven.proof,))
    for place in range(2):
        wrong = [*witness]
        wrong[place] = Secret(witness[place].reveal() + GROUP.scalar(1))
        false = prove(GROUP, relation, wrong, bound(relation), exponents=exponents)
        with pytest.raises(VerificationError, match="challenge"):
            verify(GROUP, relation, false.proof, bound(relation))


def test_ends_of_the_scalars_are_proven_too() -> None:
    for value in (0, 1, GROUP.order - 1):
        witness = [Secret(GROUP.scalar(value))]
        relation = same_exponent(*((base, raised(base, witness[0])) for base in (G, KEY.base)))
        for exponents in Exponents:
            proven = prove(GROUP, relation, witness, bound(relation), exponents=exponents)
            verify(GROUP, relation, proven.proof, bound(relation))


def test_two_moves_apart_make_a_proof() -> None:
    """Joint decryption: parties commit, one challenge, responses and challenges' shares add up."""
    parties = secrets(3)
    key = GROUP.product(GROUP.power_secret(G, secret) for secret in parties)
    base = random_element()
    image = GROUP.product(GROUP.power_secret(base, secret) for secret in parties)
    relation = same_exponent((G, claimed(key)), (base, claimed(image)))
    moves = [commit(GROUP, relation, exponents=Exponents.LONG_TERM) for _ in parties]
    joint = [GROUP.product(column) for column in zip(*(commitments for _, commitments in moves), strict=True)]
    challenge = bound(relation)([element.encode() for element in joint])
    responses = [
        respond(nonces, (secret,), challenge)[0] for (nonces, _), secret in zip(moves, parties, strict=True)
    ]
    total = GROUP.scalar(sum(response.value for response in responses))
    verify(GROUP, relation, RelationProof(challenge, (total,)), bound(relation))


# --- every field, changed alone ------------------------------------------------------------------


def honest(relation_kind: str) -> tuple[LinearRelation, RelationProof]:
    if relation_kind == "pedersen":
        relation, witness = pedersen()
    elif relation_kind == "schnorr":
        witness = secrets(3)
        relation = knowledge(*((G, raised(G, secret)) for secret in witness))
    else:
        witness = secrets(1)
        relation = same_exponent(*((base, raised(base, witness[0])) for base in (G, KEY.base)))
    proven = prove(GROUP, relation, witness, bound(relation), exponents=Exponents.EPHEMERAL)
    verify(GROUP, relation, proven.proof, bound(relation))
    return relation, proven.proof


KINDS = ["schnorr", "chaum-pedersen", "pedersen"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("change", [1, 2, -1, 2**63])
def test_a_changed_challenge_is_caught(kind: str, change: int) -> None:
    relation, proof = honest(kind)
    wrong = dataclasses.replace(proof, challenge=proof.challenge + GROUP.scalar(change))
    with pytest.raises(VerificationError, match="challenge") as caught:
        verify(GROUP, relation, wrong, bound(relation))
    assert caught.value.computed == wrong.challenge.encode().hex().upper()
    assert caught.value.expected not in ("", caught.value.computed)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("change", [1, 2, -1, 2**63])
def test_each_changed_response_is_caught(kind: str, change: int) -> None:
    relation, proof = honest(kind)
    for place in range(len(proof.responses)):
        responses = [*proof.responses]
        responses[place] = responses[place] + GROUP.scalar(change)
        with pytest.raises(VerificationError, match="challenge"):
            verify(GROUP, relation, RelationProof(proof.challenge, tuple(responses)), bound(relation))


def with_image(relation: LinearRelation, place: int, image: Claimed) -> LinearRelation:
    """The relation with its ``place``-th claimed image replaced."""
    seen = -1
    equations = []
    for equation in relation.equations:
        parts = []
        for old, coefficient in equation.image:
            seen += not isinstance(old, Element)
            parts.append((image if seen == place and not isinstance(old, Element) else old, coefficient))
        equations.append(Equation(tuple(parts), equation.terms))
    return LinearRelation(relation.scalars, tuple(equations))


def claimed_images(relation: LinearRelation) -> list[Claimed]:
    return [image for image in images(relation) if not isinstance(image, Element)]


@pytest.mark.parametrize("kind", KINDS)
def test_each_changed_image_is_caught_whether_it_is_hashed_or_not(kind: str) -> None:
    relation, proof = honest(kind)
    for place, image in enumerate(claimed_images(relation)):
        near = claimed(GROUP.multiply(GROUP.decode(image.encode()), G))
        for other in (near, claimed(GROUP.identity), claimed(random_element())):
            wrong = with_image(relation, place, other)
            for challenge in (bound(relation), bound(wrong)):
                with pytest.raises(VerificationError, match="challenge"):
                    verify(GROUP, wrong, proof, challenge)


@pytest.mark.parametrize("kind", KINDS)
def test_each_changed_base_is_caught(kind: str) -> None:
    relation, proof = honest(kind)
    for place, equation in enumerate(relation.equations):
        for term, (index, _) in enumerate(equation.terms):
            terms = [*equation.terms]
            terms[term] = (index, random_element())
            equations = [*relation.equations]
            equations[place] = Equation(equation.image, tuple(terms))
            with pytest.raises(VerificationError, match="challenge"):
                verify(GROUP, LinearRelation(relation.scalars, tuple(equations)), proof, bound(relation))


@pytest.mark.parametrize("kind", KINDS)
def test_each_non_member_is_caught_before_the_challenge(kind: str) -> None:
    relation, proof = honest(kind)

    def never(commitments: Sequence[bytes]) -> Scalar:
        raise AssertionError("a challenge was computed for a statement with a non-member")

    for place, image in enumerate(claimed_images(relation)):
        with pytest.raises(MembershipError):
            verify(GROUP, with_image(relation, place, negated(image)), proof, never)


@pytest.mark.parametrize("kind", KINDS)
def test_another_context_is_caught(kind: str) -> None:
    relation, proof = honest(kind)
    for other in (challenge_over(*images(relation), b"\x00"), challenge_over(b"\x00", *images(relation))):
        with pytest.raises(VerificationError, match="challenge"):
            verify(GROUP, relation, proof, other)


def test_the_challenge_function_sees_every_commitment_in_order() -> None:
    relation, witness = pedersen()
    seen: list[list[bytes]] = []

    def spy(commitments: Sequence[bytes]) -> Scalar:
        seen.append([*commitments])
        return bound(relation)(commitments)

    proven = prove(GROUP, relation, witness, spy, exponents=Exponents.EPHEMERAL)
    verify(GROUP, relation, proven.proof, spy)
    assert seen == [[element.encode() for element in proven.commitments]] * 2
    assert all(len(commitment) == GROUP.element_bytes for commitment in seen[0])


def test_equations_in_another_order_are_another_statement() -> None:
    relation, proof = honest("schnorr")
    reordered = LinearRelation(relation.scalars, relation.equations[::-1])
    with pytest.raises(VerificationError, match="challenge"):
        verify(GROUP, reordered, proof, bound(relation))


@pytest.mark.parametrize("count", [0, 1, 2, 4])
def test_another_number_of_responses_is_caught(count: int) -> None:
    relation, proof = honest("schnorr")
    responses = (proof.responses * 2)[:count]
    with pytest.raises(VerificationError, match="one response per secret"):
        verify(GROUP, relation, RelationProof(proof.challenge, responses), bound(relation))


def test_a_random_challenge_with_a_matching_response_is_caught() -> None:
    """A verifier that never compares the challenge accepts this one (A4)."""
    relation, _ = honest("chaum-pedersen")
    witness = GROUP.random_scalar()
    with pytest.raises(VerificationError, match="challenge"):
        verify(GROUP, relation, RelationProof(GROUP.random_scalar(), (witness,)), bound(relation))


def test_an_all_zero_proof_is_caught() -> None:
    for kind in KINDS:
        relation, proof = honest(kind)
        zero = GROUP.scalar(0)
        with pytest.raises(VerificationError, match="challenge"):
            verify(GROUP, relation, RelationProof(zero, (zero,) * len(proof.responses)), bound(relation))


def test_a_challenge_plus_q_is_no_scalar() -> None:
    _, proof = honest("schnorr")
    for scalar in (proof.challenge, *proof.responses):
        with pytest.raises(ValueError, match="group order"):
            Scalar(scalar.value + GROUP.order, GROUP.order)
        assert GROUP.scalar(scalar.value + GROUP.order) == scalar


# --- forgeries -----------------------------------------------------------------------------------


def test_a_statement_chosen_after_the_challenge_is_a_forgery_that_only_hashing_it_stops() -> None:
    """A1: with a challenge over the commitments alone, two different exponents pass as one."""

    def weak(commitments: Sequence[bytes]) -> Scalar:
        return GROUP.scalar_from_digest(hmac(IDENTIFIER_HASH, 0x31, *commitments))

    base = random_element()
    u, u_other, v = GROUP.random_scalar(), GROUP.random_scalar(), GROUP.random_scalar()
    commitments = [GROUP.power(G, u), GROUP.power(base, u_other)]
    c = weak([element.encode() for element in commitments])
    inverse = GROUP.scalar(pow(c.value, -1, GROUP.order))
    key = GROUP.power(G, (u - v) * inverse)
    image = GROUP.power(base, (u_other - v) * inverse)
    relation = same_exponent((G, claimed(key)), (base, claimed(image)))
    assert GROUP.power(base, (u - v) * inverse) != image  # the statement is false
    forged = RelationProof(c, (v,))
    verify(GROUP, relation, forged, weak)
    with pytest.raises(VerificationError, match="challenge"):
        verify(GROUP, relation, forged, bound(relation))


@pytest.mark.parametrize("both", [False, True])
def test_a_sign_that_cancels_in_the_equation_is_caught_by_membership_alone(both: bool) -> None:
    """(p - x)^c = x^c for even c: the equations hold for a value that is no member."""
    params = parameters(GROUP)
    witness = secrets(1)
    good = [raised(base, witness[0]) for base in (G, KEY.base)]
    bad = [negated(good[0]), negated(good[1]) if both else good[1]]
    relation = same_exponent((G, good[0]), (KEY.base, good[1]))
    forged = same_exponent((G, bad[0]), (KEY.base, bad[1]))
    challenge = challenge_over(*bad)
    while True:
        proof = prove(GROUP, relation, witness, challenge, exponents=Exponents.EPHEMERAL).proof
        if proof.challenge.value % 2 == 0:
            break
    c, v = proof.challenge.value, proof.responses[0].value
    recomputed = [
        pow(number(base), v, params.p) * pow(number(image), c, params.p) % params.p
        for base, image in ((G, bad[0]), (KEY.base, bad[1]))
    ]
    assert challenge([params.b(x) for x in recomputed]) == proof.challenge
    with pytest.raises(MembershipError):
        verify(GROUP, forged, proof, challenge)


# --- disjunctions --------------------------------------------------------------------------------


def bound_disjunction(statement: Disjunction) -> Challenge:
    return challenge_over(*(image for branch in statement.branches for image in images(branch)))


def hand_made(count: int, true: int) -> tuple[Disjunction, DisjunctionProof]:
    """One of ``count`` logarithms is known (Cramer, Damgard, Schoenmakers), without the package's prover."""
    witness = GROUP.random_scalar()
    targets = [claimed(random_element()) for _ in range(count)]
    targets[true] = claimed(GROUP.power(G, witness))
    statement = Disjunction(tuple(knowledge((G, target)) for target in targets))
    u = GROUP.random_scalar()
    pairs = [(GROUP.random_scalar(), GROUP.random_scalar()) for _ in range(count)]
    commitments = [
        GROUP.multiply(GROUP.power(G, v), GROUP.power(GROUP.decode(target.encode()), c))
        for target, (c, v) in zip(targets, pairs, strict=True)
    ]
    commitments[true] = GROUP.power(G, u)
    total = bound_disjunction(statement)([element.encode() for element in commitments])
    for place, (c, _) in enumerate(pairs):
        if place != true:
            total = total - c
    pairs[true] = (total, u - total * witness)
    return statement, DisjunctionProof(tuple(RelationProof(c, (v,)) for c, v in pairs))


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_disjunctions_of_various_sizes_verify(count: int) -> None:
    for true in range(count):
        statement, proof = hand_made(count, true)
        members = verify_disjunction(GROUP, statement, proof, bound_disjunction(statement))
        for branch in statement.branches:
            assert members[images(branch)[0]] == images(branch)[0]


def test_every_field_of_a_disjunction_counts() -> None:
    statement, proof = hand_made(3, 1)
    challenge = bound_disjunction(statement)
    one = GROUP.scalar(1)
    for place, branch in enumerate(proof.branches):
        for changed in (
            RelationProof(branch.challenge + one, branch.responses),
            RelationProof(branch.challenge - one, branch.responses),
            RelationProof(branch.challenge, (branch.responses[0] + one,)),
            RelationProof(branch.responses[0], (branch.challenge,)),
        ):
            branches = [*proof.branches]
            branches[place] = changed
            with pytest.raises(VerificationError, match="challenge"):
                verify_disjunction(GROUP, statement, DisjunctionProof(tuple(branches)), challenge)
        targets = [*statement.branches]
        targets[place] = knowledge((G, claimed(random_element())))
        with pytest.raises(VerificationError, match="challenge"):
            verify_disjunction(GROUP, Disjunction(tuple(targets)), proof, challenge)
        targets[place] = knowledge((G, negated(images(statement.branches[place])[0])))
        with pytest.raises(MembershipError):
            verify_disjunction(GROUP, Disjunction(tuple(targets)), proof, challenge)


def test_challenges_moved_between_branches_are_caught_though_their_sum_stands() -> None:
    statement, proof = hand_made(3, 0)
    challenge = bound_disjunction(statement)
    one = GROUP.scalar(1)
    for giver, taker in ((0, 1), (1, 2), (2, 0)):
        branches = [*proof.branches]
        branches[giver] = dataclasses.replace(branches[giver], challenge=branches[giver].challenge - one)
        branches[taker] = dataclasses.replace(branches[taker], challenge=branches[taker].challenge + one)
        with pytest.raises(VerificationError, match="challenge"):
            verify_disjunction(GROUP, statement, DisjunctionProof(tuple(branches)), challenge)


def test_branches_in_another_order_are_caught() -> None:
    statement, proof = hand_made(3, 2)
    reordered = DisjunctionProof((proof.branches[1], proof.branches[0], proof.branches[2]))
    with pytest.raises(VerificationError, match="challenge"):
        verify_disjunction(GROUP, statement, reordered, bound_disjunction(statement))


@pytest.mark.parametrize("count", [0, 1, 2, 4, 6])
def test_a_disjunction_has_one_pair_per_branch(count: int) -> None:
    statement, proof = hand_made(3, 1)
    branches = (proof.branches * 2)[:count]
    with pytest.raises(VerificationError, match="one response per secret"):
        verify_disjunction(GROUP, statement, DisjunctionProof(branches), bound_disjunction(statement))


def test_no_branch_known_means_no_proof() -> None:
    """Whoever may choose all challenges but one is bound by the last: simulated branches do not add up."""
    statement, _ = hand_made(2, 0)
    simulated = DisjunctionProof(
        tuple(RelationProof(GROUP.random_scalar(), (GROUP.random_scalar(),)) for _ in range(2))
    )
    with pytest.raises(VerificationError, match="challenge"):
        verify_disjunction(GROUP, statement, simulated, bound_disjunction(statement))
