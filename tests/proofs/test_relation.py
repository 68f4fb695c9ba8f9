"""Statements as data, and the recomputation of commitments against the specification's equations."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evote.elgamal import PublicKey
from evote.errors import VerificationError
from evote.groups import Claimed, Element, Group, MembershipError, Scalar, reduced_group, standard_group
from evote.proofs.ranges import range_statement
from evote.proofs.relation import (
    Disjunction,
    Equation,
    LinearRelation,
    RelationProof,
    knowledge,
    recompute,
    same_exponent,
)
from evote.testing.groups import toy48
from tests.counting import CountingGroup
from tests.oracle import commitments_2, commitments_6, commitments_10
from tests.proofs.setting import GROUP, KEY, claimed, negated, number, parameters, random_element

scalars = st.integers(0, GROUP.order - 1).map(GROUP.scalar)
elements = scalars.map(lambda exponent: GROUP.power(GROUP.generator, exponent))


def proof(group: Group, *values: int) -> RelationProof:
    """(c, v, …)"""
    challenge, *responses = (group.scalar(value) for value in values)
    return RelationProof(challenge, tuple(responses))


# --- against the oracle --------------------------------------------------------------------------


def compare_range(key: PublicKey, alpha: Element, beta: Element, pairs: list[tuple[Scalar, Scalar]]) -> None:
    group = key.group
    statement = range_statement(key, claimed(alpha), claimed(beta), len(pairs) - 1)
    proofs = [RelationProof(challenge, (response,)) for challenge, response in pairs]
    found = recompute(group, statement.branches, proofs)
    expected = commitments_6(
        parameters(group),
        number(key.base),
        number(alpha),
        number(beta),
        [challenge.value for challenge, _ in pairs],
        [response.value for _, response in pairs],
    )
    assert [number(element) for element in found] == expected


@given(elements, elements, elements, st.lists(st.tuples(scalars, scalars), min_size=1, max_size=6))
def test_range_commitments_are_those_of_6_1_and_6_2(
    key: Element, alpha: Element, beta: Element, pairs: list[tuple[Scalar, Scalar]]
) -> None:
    compare_range(PublicKey.of(key, 4), alpha, beta, pairs)


@pytest.mark.parametrize("group", [reduced_group, standard_group, toy48], ids=["3072", "4096", "toy48"])
def test_range_commitments_are_those_of_6_1_and_6_2_in_other_groups(group: Callable[[], Group]) -> None:
    chosen = group()
    key = PublicKey.of(random_element(chosen))
    pairs = [(chosen.random_scalar(), chosen.random_scalar()) for _ in range(2)]
    compare_range(key, random_element(chosen), random_element(chosen), pairs)


def test_range_commitments_agree_at_the_ends_of_the_scalars() -> None:
    ends = [GROUP.scalar(value) for value in (0, 1, 2, -1, -2)]
    for challenge in ends:
        for response in ends:
            pairs = [(challenge, response), (response, challenge)]
            compare_range(KEY, random_element(), random_element(), pairs)
    compare_range(KEY, GROUP.identity, GROUP.identity, [(ends[1], ends[3])] * 3)


@given(st.lists(st.tuples(elements, scalars), min_size=1, max_size=5), scalars)
def test_grouped_schnorr_commitments_are_those_of_2_1(pairs: list[tuple[Element, Scalar]], c: Scalar) -> None:
    relation = knowledge(*((GROUP.generator, claimed(image)) for image, _ in pairs))
    keys, responses = [number(image) for image, _ in pairs], tuple(response for _, response in pairs)
    found = recompute(GROUP, (relation,), (RelationProof(c, responses),))
    expected = commitments_2(parameters(GROUP), keys, c.value, [response.value for response in responses])
    assert [number(element) for element in found] == expected


@given(elements, elements, elements, scalars, scalars)
def test_decryption_commitments_are_those_of_10_2_and_10_3(
    key: Element, a: Element, m: Element, c: Scalar, v: Scalar
) -> None:
    relation = same_exponent((GROUP.generator, claimed(key)), (a, claimed(m)))
    found = recompute(GROUP, (relation,), (RelationProof(c, (v,)),))
    expected = commitments_10(parameters(GROUP), number(key), number(a), number(m), c.value, v.value)
    assert [number(element) for element in found] == expected


@settings(max_examples=40)
@given(st.data())
def test_any_linear_relation_recomputes_by_its_definition(data: st.DataObject) -> None:
    """a = prod base^v * prod image^(coefficient * c), also where values repeat inside an equation."""
    p, q = parameters(GROUP).p, GROUP.order
    bases = [GROUP.generator, KEY.base, random_element()]
    images: list[Claimed] = [claimed(random_element()) for _ in range(2)] + [KEY.base]
    count = data.draw(st.integers(1, 3))
    places = st.tuples(st.integers(0, count - 1), st.integers(0, 2))
    parts = st.tuples(st.integers(0, 2), st.integers(-3, 3))
    shape = st.tuples(st.lists(places, max_size=4), st.lists(parts, max_size=3))
    shapes = data.draw(st.lists(shape, max_size=3))
    # Every secret has to stand somewhere.
    shapes.append(([(index, 0) for index in range(count)], [(0, 1)]))
    relation = LinearRelation(
        count,
        tuple(
            Equation(
                tuple((images[image], coefficient) for image, coefficient in image_parts),
                tuple((index, bases[base]) for index, base in terms),
            )
            for terms, image_parts in shapes
        ),
    )
    c, *v = (GROUP.random_scalar().value for _ in range(count + 1))
    found = recompute(GROUP, (relation,), (proof(GROUP, c, *v),))
    expected = []
    for terms, image_parts in shapes:
        value = 1
        for index, base in terms:
            value = value * pow(number(bases[base]), v[index], p) % p
        for image, coefficient in image_parts:
            value = value * pow(number(images[image]), coefficient * c % q, p) % p
        expected.append(value)
    assert [number(element) for element in found] == expected


# --- membership ----------------------------------------------------------------------------------


@pytest.mark.parametrize("place", range(3))
def test_a_non_member_among_the_images_stops_everything(place: int) -> None:
    images = [claimed(random_element()) for _ in range(3)]
    images[place] = negated(images[place])
    relation = knowledge(*((GROUP.generator, image) for image in images))
    for challenge in (0, 1, 2, GROUP.order - 1):
        with pytest.raises(MembershipError):
            recompute(GROUP, (relation,), (proof(GROUP, challenge, 1, 2, 3),))


def test_a_non_member_with_a_coefficient_that_would_cancel_is_found() -> None:
    stranger = negated(random_element())
    for coefficients in ((2,), (0,), (1, 1), (1, -1)):
        image = tuple((stranger, coefficient) for coefficient in coefficients)
        relation = LinearRelation(1, (Equation(image, ((0, GROUP.generator),)),))
        with pytest.raises(MembershipError):
            recompute(GROUP, (relation,), (proof(GROUP, 2, 1),))


def test_members_are_handed_out_and_only_those_that_were_shown() -> None:
    good, bad = claimed(random_element()), negated(random_element())
    members: dict[Claimed, Element] = {}
    recompute(GROUP, (knowledge((GROUP.generator, good)),), (proof(GROUP, 5, 6),), members)
    assert isinstance(members[good], Element)
    assert members[good] == good
    with pytest.raises(MembershipError):
        recompute(GROUP, (knowledge((GROUP.generator, bad)),), (proof(GROUP, 5, 6),), members)
    assert bad not in members


def test_values_of_another_group_are_a_callers_mistake() -> None:
    stranger = toy48().claim(toy48().generator.encode())
    with pytest.raises(TypeError):
        recompute(GROUP, (knowledge((GROUP.generator, stranger)),), (proof(GROUP, 5, 6),))
    with pytest.raises(TypeError):
        recompute(GROUP, (knowledge((GROUP.generator, KEY.base)),), (proof(toy48(), 5, 6),))


# --- shape ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("responses", [(), (1,), (1, 2, 3)], ids=["none", "too few", "too many"])
def test_a_proof_has_one_response_per_secret_before_any_power_is_taken(responses: tuple[int, ...]) -> None:
    group = CountingGroup()
    relation = knowledge(*((group.generator, claimed(group.generator)) for _ in range(2)))
    group.spent()
    with pytest.raises(VerificationError, match="one response per secret"):
        recompute(group, (relation,), (proof(group, 5, *responses),))
    assert group.spent() == {}


@pytest.mark.parametrize("count", [0, 1, 3])
def test_there_is_one_proof_per_relation_before_any_power_is_taken(count: int) -> None:
    group = CountingGroup()
    relation = knowledge((group.generator, claimed(group.generator)))
    group.spent()
    with pytest.raises(VerificationError, match="one response per secret"):
        recompute(group, (relation,) * 2, (proof(group, 5, 6),) * count)
    assert group.spent() == {}


def test_every_secret_stands_in_an_equation() -> None:
    equation = Equation(((KEY.base, 1),), ((0, GROUP.generator),))
    LinearRelation(1, (equation,))
    for count in (0, 2, 3):
        with pytest.raises(ValueError, match="every secret"):
            LinearRelation(count, (equation,))
    with pytest.raises(ValueError, match="every secret"):
        LinearRelation(1, (Equation(((KEY.base, 1),), ((1, GROUP.generator),)),))
    with pytest.raises(ValueError, match="every secret"):
        LinearRelation(1, (equation, Equation(((KEY.base, 1),), ((-1, GROUP.generator),))))


def test_a_statement_says_something() -> None:
    with pytest.raises(ValueError, match="at least one equation"):
        LinearRelation(0, ())
    with pytest.raises(ValueError, match="at least one equation"):
        knowledge()
    with pytest.raises(ValueError, match="at least one branch"):
        Disjunction(())
    with pytest.raises(ValueError, match="at least one branch"):
        range_statement(KEY, KEY.base, KEY.base, -1)
