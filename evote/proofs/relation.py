"""Statements of the form "I know scalars w with image = product of base^w", and their proofs.

An :class:`Equation` says ``prod image^coefficient = prod base^w[index]`` where the coefficients
are small public integers: ``beta * K^-j = K^nonce`` is one equation. A :class:`LinearRelation` is
several equations over the same scalars; Schnorr, grouped Schnorr and Chaum-Pedersen proofs are
relations with different data. A :class:`Disjunction` claims that one of several relations holds
(Cramer, Damgard, Schoenmakers 1994; specification section 3.3.6).

All proofs follow the specification's sign: commitment ``a = prod base^u``, response
``v = u - c * w``, so that a verifier recomputes ``a = prod base^v * prod image^(coefficient * c)``.

An image may be :class:`Claimed`: the verifier then shows its membership itself. Exponents of one
value are added modulo q before the power is taken, which is right for members only; this is why
:func:`recompute` returns nothing unless every claimed value is a member.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evote.errors import VerificationError
from evote.groups import Claimed, Element, Group, Scalar

Challenge = Callable[[Sequence[bytes]], Scalar]
"""The caller's challenge function: encoded commitments, in order, to the challenge c.

Statement, keys and context belong to the function; it must absorb all of them (A1, A2, A3).
"""


@dataclass(frozen=True, slots=True)
class Equation:
    """``prod image^coefficient = prod base^w[index]``."""

    image: tuple[tuple[Claimed, int], ...]
    terms: tuple[tuple[int, Element], ...]


@dataclass(frozen=True, slots=True)
class LinearRelation:
    """One or more equations over ``scalars`` common secrets."""

    scalars: int
    equations: tuple[Equation, ...]

    def __post_init__(self) -> None:
        if not self.equations:
            raise ValueError("a relation has at least one equation")
        used = {index for equation in self.equations for index, _ in equation.terms}
        if used != set(range(self.scalars)):
            raise ValueError("every secret of a relation stands in one of its equations, and no other")


@dataclass(frozen=True, slots=True)
class Disjunction:
    """One of the branches holds; the proof does not say which."""

    branches: tuple[LinearRelation, ...]

    def __post_init__(self) -> None:
        if not self.branches:
            raise ValueError("a disjunction has at least one branch")


@dataclass(frozen=True, slots=True)
class RelationProof:
    """Challenge c and one response v per secret."""

    challenge: Scalar
    responses: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class DisjunctionProof:
    """One (c_j, v_j) per branch; the c_j add up to the challenge."""

    branches: tuple[RelationProof, ...]


Commitments = tuple[Element, ...]
"""One element per equation, branch after branch."""


def knowledge(*pairs: tuple[Element, Claimed]) -> LinearRelation:
    """Grouped Schnorr: knowledge of w_j with ``image_j = base_j^w_j`` for every pair."""
    return LinearRelation(
        len(pairs),
        tuple(Equation(((image, 1),), ((index, base),)) for index, (base, image) in enumerate(pairs)),
    )


def same_exponent(*pairs: tuple[Element, Claimed]) -> LinearRelation:
    """Chaum-Pedersen: one w with ``image_j = base_j^w`` for every pair."""
    return LinearRelation(1, tuple(Equation(((image, 1),), ((0, base),)) for base, image in pairs))


class _Gathered:
    """The powers that a recomputation needs of one base, over all its equations."""

    __slots__ = ("base", "exponents", "slots")

    def __init__(self, base: Claimed) -> None:
        self.base = base
        self.exponents: list[Scalar] = []
        self.slots: list[int] = []


def recompute(
    group: Group,
    relations: Sequence[LinearRelation],
    proofs: Sequence[RelationProof],
    members: dict[Claimed, Element] | None = None,
) -> Commitments:
    """The commitments that the proofs open, relation after relation.

    Every claimed image is tested for membership in the same pass, and all powers of one value share
    their squarings; those found to be members are entered into ``members``. Raises
    :class:`~evote.groups.MembershipError` for a non-member and
    :class:`~evote.errors.VerificationError`, before any power is taken, unless there is one proof
    per relation with one response per secret.
    """
    if [len(proof.responses) for proof in proofs] != [relation.scalars for relation in relations]:
        raise VerificationError("a proof has one response per secret of its statement")
    gathered: dict[int, _Gathered] = {}
    slot = 0
    for relation, proof in zip(relations, proofs, strict=True):
        for equation in relation.equations:
            exponents: dict[int, tuple[Claimed, Scalar]] = {}
            for index, base in equation.terms:
                _add(exponents, base, proof.responses[index])
            for image, coefficient in equation.image:
                exponent = proof.challenge
                if coefficient != 1:
                    exponent *= group.scalar(coefficient)
                _add(exponents, image, exponent)
            for key, (value, exponent) in exponents.items():
                entry = gathered.get(key)
                if entry is None:
                    entry = gathered[key] = _Gathered(value)
                entry.exponents.append(exponent)
                entry.slots.append(slot)
            slot += 1
    factors: list[list[Element]] = [[] for _ in range(slot)]
    for entry in gathered.values():
        powers, element = group.powers_of_claimed(entry.base, entry.exponents)
        if members is not None:
            members[entry.base] = element
        for index, power in zip(entry.slots, powers, strict=True):
            factors[index].append(power)
    return tuple(group.product(parts) for parts in factors)


def _add(exponents: dict[int, tuple[Claimed, Scalar]], base: Claimed, exponent: Scalar) -> None:
    held = exponents.get(id(base))
    exponents[id(base)] = (base, exponent if held is None else held[1] + exponent)
