"""The prover's side of :mod:`evote.proofs.ranges` (equations 57 to 61)."""

from __future__ import annotations

from evote.elgamal import Ciphertext, PublicKey
from evote.groups import Scalar
from evote.proofs.prove import ProvenDisjunction, prove_disjunction
from evote.proofs.ranges import range_statement
from evote.proofs.relation import Challenge
from evote.randomness import SYSTEM, Randomness
from evote.secret import Secret


def prove_range(
    key: PublicKey,
    ciphertext: Ciphertext,
    value: int,
    nonce: Secret[Scalar],
    limit: int,
    challenge: Challenge,
    *,
    rng: Randomness = SYSTEM,
) -> ProvenDisjunction:
    """Prove ``0 <= value <= limit`` for ``ciphertext = Enc(value, nonce)``.

    Raises ``ValueError`` for a value outside the range: such a proof would not verify.
    """
    if not 0 <= value <= limit:
        raise ValueError("the value is outside the range to be proven")
    statement = range_statement(key, ciphertext.alpha, ciphertext.beta, limit)
    # In branch j the image of the second equation is K^nonce * K^(value - j).
    defects = tuple(((), ((key.base, value - branch),)) for branch in range(limit + 1))
    return prove_disjunction(key.group, statement, value, (nonce,), defects, challenge, rng=rng)
