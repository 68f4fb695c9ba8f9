"""What the proofs of 1.x say, for evote's proof engine.

1.x encrypts m as (g^r, g^m K^r) and answers with v = u + c w, where the engine has v = u - c w: every
challenge therefore enters with the other sign. Commitments are published, so that each equation is decided
either by computing its commitment again or together with others (:mod:`evote.interop.electionguard1.settle`).

================  ===========================================================================
selection         g^v0 = a0 alpha^c0, K^v0 = b0 beta^c0; g^v1 = a1 alpha^c1, g^c1 K^v1 = b1 beta^c1
contest           g^v = a A^c, g^(L c) K^v = b B^c
share             g^v = a K_i^c, A^v = b M_i^c
key               g^u = h K_ij^c
================  ===========================================================================
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evote.elgamal import PublicKey
from evote.groups import Claimed, Element, Group
from evote.proofs.relation import (
    Disjunction,
    DisjunctionProof,
    Equation,
    LinearRelation,
    RelationProof,
    knowledge,
    same_exponent,
)


@dataclass(frozen=True, slots=True)
class Total:
    """A contest total by its selections, and the number of votes that it holds."""

    alphas: tuple[Claimed, ...]
    betas: tuple[Claimed, ...]
    limit: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement with its proof and the published commitments, and the checks that speak of it.

    ``member`` is the check of membership, ``equation`` that of the proof; ``total`` is what a contest's
    statement is made of; ``batchable`` says that challenges and responses are in range, as a batch
    demands.
    """

    where: str
    member: str
    equation: str
    statement: LinearRelation | Disjunction
    proof: RelationProof | DisjunctionProof
    commitments: tuple[Claimed, ...]
    batchable: bool = True
    total: Total | None = None


def selection(key: PublicKey, alpha: Claimed, beta: Claimed) -> Disjunction:
    """(alpha, beta) holds 0 or 1."""
    generator = key.group.generator
    one = LinearRelation(
        1,
        (
            Equation(((alpha, 1),), ((0, generator),)),
            Equation(((beta, 1), (generator, -1)), ((0, key.base),)),
        ),
    )
    return Disjunction((same_exponent((generator, alpha), (key.base, beta)), one))


def total(key: PublicKey, alphas: Sequence[Claimed], betas: Sequence[Claimed], limit: int) -> LinearRelation:
    """The product of the pairs holds ``limit``."""
    generator = key.group.generator
    return LinearRelation(
        1,
        (
            Equation(tuple((alpha, 1) for alpha in alphas), ((0, generator),)),
            Equation((*((beta, 1) for beta in betas), (generator, -limit)), ((0, key.base),)),
        ),
    )


def share(group: Group, alpha: Element, public: Element, factor: Claimed) -> LinearRelation:
    """``factor`` is alpha to the secret of ``public``."""
    return same_exponent((group.generator, public), (alpha, factor))


def key(group: Group, public: Claimed) -> LinearRelation:
    """Somebody knows the secret of ``public``."""
    return knowledge((group.generator, public))


def answered(group: Group, challenge: int, response: int) -> RelationProof:
    """A proof as the engine has it; numbers out of range go on modulo q."""
    return RelationProof(group.scalar(-challenge), (group.scalar(response),))
