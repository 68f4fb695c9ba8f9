"""The one prover. It returns the commitments beside the proof: a batch verifier needs them.

Two kinds of secrets, told apart by a required argument (rule A62):

* ``Exponents.LONG_TERM``: polynomial coefficients, key shares, and every nonce whose response
  involves one. Powers go through :meth:`Group.power_secret`: constant time, no table.
* ``Exponents.EPHEMERAL``: encryption nonces of one ballot. Powers use the tables; the number and
  kind of operations do not depend on what is encrypted.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from evote.groups import Element, Group, Scalar
from evote.proofs.relation import (
    Challenge,
    Commitments,
    Disjunction,
    DisjunctionProof,
    LinearRelation,
    RelationProof,
)
from evote.randomness import SYSTEM, Randomness
from evote.secret import Secret


class Exponents(enum.Enum):
    """What an exponent is, which decides how its powers are taken."""

    LONG_TERM = "long-term"
    EPHEMERAL = "ephemeral"


@dataclass(frozen=True, slots=True)
class Proven:
    """A proof of one relation with the commitments that it opens."""

    proof: RelationProof
    commitments: Commitments


@dataclass(frozen=True, slots=True)
class ProvenDisjunction:
    """A proof of a disjunction with the commitments of all branches."""

    proof: DisjunctionProof
    commitments: Commitments


Nonces = Secret[tuple[Scalar, ...]]
"""One fresh u per secret of a relation; answering two challenges with one of them gives the secret away."""


def commit(
    group: Group, relation: LinearRelation, *, exponents: Exponents, rng: Randomness = SYSTEM
) -> tuple[Nonces, Commitments]:
    """First move: fresh nonces u and the commitments ``prod base^u``, one per equation."""
    nonces = tuple(group.random_scalar(rng) for _ in range(relation.scalars))
    commitments = []
    for equation in relation.equations:
        factors = [_power(group, base, nonces[index], exponents) for index, base in equation.terms]
        commitments.append(factors[0] if len(factors) == 1 else group.product(factors))
    return Secret(nonces), tuple(commitments)


def respond(nonces: Nonces, witness: Sequence[Secret[Scalar]], challenge: Scalar) -> tuple[Scalar, ...]:
    """Last move: ``v = u - c * w`` for every secret (equations 61, 92)."""
    return tuple(
        nonce - challenge * secret.reveal() for nonce, secret in zip(nonces.reveal(), witness, strict=True)
    )


def prove(
    group: Group,
    relation: LinearRelation,
    witness: Sequence[Secret[Scalar]],
    challenge: Challenge,
    *,
    exponents: Exponents,
    rng: Randomness = SYSTEM,
) -> Proven:
    """Prove a relation whose secrets are ``witness``."""
    nonces, commitments = commit(group, relation, exponents=exponents, rng=rng)
    value = challenge([element.encode() for element in commitments])
    return Proven(RelationProof(value, respond(nonces, witness, value)), commitments)


Defect = tuple[tuple[tuple[Element, int], ...], ...]
"""For one branch, per equation: by which powers the image differs from ``prod base^w``.

``image = prod base^w * prod defect_base^d``. All exponents are zero in the branch that holds.
Knowing the defects, the prover makes the commitments of a false branch from powers of the fixed
bases alone: ``a = prod base^u * prod defect_base^(d * c)`` (equation 58).
"""


def prove_disjunction(
    group: Group,
    statement: Disjunction,
    true_branch: int,
    witness: Sequence[Secret[Scalar]],
    defects: Sequence[Defect],
    challenge: Challenge,
    *,
    rng: Randomness = SYSTEM,
) -> ProvenDisjunction:
    """Prove that one branch holds; the same secrets ``witness`` open every branch up to its defect.

    Requires ``0 <= true_branch < len(branches)`` and one defect per branch; ``ValueError`` otherwise.
    Every branch takes the same operations, the true one included: its challenge is drawn too,
    meets zero defects, and is thrown away (A62). For ephemeral secrets only.
    """
    if not 0 <= true_branch < len(statement.branches):
        raise ValueError("the branch that holds is one of the statement's")
    secrets = [secret.reveal() for secret in witness]
    drawn: list[tuple[tuple[Scalar, ...], Scalar]] = []
    commitments: list[Element] = []
    for branch, defect in zip(statement.branches, defects, strict=True):
        nonces = tuple(group.random_scalar(rng) for _ in range(branch.scalars))
        share = group.random_scalar(rng)
        drawn.append((nonces, share))
        for equation, off in zip(branch.equations, defect, strict=True):
            exponents: dict[int, tuple[Element, Scalar]] = {}
            for index, base in equation.terms:
                _add(exponents, base, nonces[index])
            for base, distance in off:
                _add(exponents, base, share * group.scalar(distance))
            factors = [group.power(base, exponent) for base, exponent in exponents.values()]
            commitments.append(factors[0] if len(factors) == 1 else group.product(factors))
    total = challenge([element.encode() for element in commitments])
    rest = total
    for index, (_, share) in enumerate(drawn):
        if index != true_branch:
            rest = rest - share
    proofs = []
    for index, (nonces, share) in enumerate(drawn):
        answer = rest if index == true_branch else share
        proofs.append(
            RelationProof(
                answer,
                tuple(nonce - answer * secret for nonce, secret in zip(nonces, secrets, strict=True)),
            )
        )
    return ProvenDisjunction(DisjunctionProof(tuple(proofs)), tuple(commitments))


def _power(group: Group, base: Element, exponent: Scalar, kind: Exponents) -> Element:
    if kind is Exponents.LONG_TERM:
        return group.power_secret(base, Secret(exponent))
    return group.power(base, exponent)


def _add(exponents: dict[int, tuple[Element, Scalar]], base: Element, exponent: Scalar) -> None:
    held = exponents.get(id(base))
    exponents[id(base)] = (base, exponent if held is None else held[1] + exponent)
