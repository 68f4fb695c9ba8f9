"""Ranges: a ciphertext (alpha, beta) encrypts one of 0..R (specification sections 3.3.7, 3.3.8).

Branch j claims ``alpha = g^nonce`` and ``beta * K^-j = K^nonce``. A verifier recomputes
``a_j = g^v_j * alpha^c_j`` and ``b_j = K^(v_j - j c_j) * beta^c_j`` (6.1, 6.2). Contest limits are
the same proof on the product of a contest's ciphertexts (7.1 to 7.4).
"""

from __future__ import annotations

from evote.elgamal import PublicKey
from evote.groups import Claimed
from evote.proofs.relation import Disjunction, Equation, LinearRelation


def range_statement(key: PublicKey, alpha: Claimed, beta: Claimed, limit: int) -> Disjunction:
    """``(alpha, beta)`` encrypts a value in ``0 <= value <= limit`` under ``key``."""
    generator = key.group.generator
    branches = []
    for value in range(limit + 1):
        shifted = ((beta, 1), (key.base, -value)) if value else ((beta, 1),)
        branches.append(
            LinearRelation(
                1,
                (
                    Equation(((alpha, 1),), ((0, generator),)),
                    Equation(shifted, ((0, key.base),)),
                ),
            )
        )
    return Disjunction(tuple(branches))
