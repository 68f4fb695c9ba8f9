"""The statements of protocol 1 for the proof engine: intervals of one or several ciphertexts, signatures.

ElGamal of Belenios is to the base g: ``(alpha, beta) = (g^r, y^r g^m)``. That a ciphertext encrypts m is
``alpha = g^r`` and ``beta g^-m = y^r`` for one r; that it encrypts one of several values is a disjunction
of such relations, and so is "this one encrypts 0, or that one does".
"""

from __future__ import annotations

from collections.abc import Iterable

from evote.elgamal import PublicKey
from evote.errors import VerificationError
from evote.groups import Claimed, Element
from evote.interop.belenios1 import hashes
from evote.interop.belenios1.groups import TextGroup
from evote.proofs.relation import Disjunction, Equation, LinearRelation, RelationProof, knowledge
from evote.proofs.verify import verify


def encrypts(key: PublicKey, alpha: Claimed, beta: Claimed, value: int) -> LinearRelation:
    """``(alpha, beta)`` encrypts ``value``."""
    generator = key.group.generator
    image = ((beta, 1), (generator, -value)) if value else ((beta, 1),)
    return LinearRelation(1, (Equation(((alpha, 1),), ((0, generator),)), Equation(image, ((0, key.base),))))


def encrypts_one_of(key: PublicKey, alpha: Claimed, beta: Claimed, values: Iterable[int]) -> Disjunction:
    """``(alpha, beta)`` encrypts one of ``values``."""
    return Disjunction(tuple(encrypts(key, alpha, beta, value) for value in values))


def is_nonzero(key: PublicKey, alpha: Element, beta: Element, commitment: Claimed) -> LinearRelation:
    """There are s, t with ``1 = alpha^s g^t`` and ``commitment = beta^s y^t``.

    Then s is the inverse of -t times the nonce, and the commitment is ``g^(m s)``: if it is not 1, m is
    not 0. The caller looks at the commitment.
    """
    return LinearRelation(
        2,
        (
            Equation((), ((0, alpha), (1, key.group.generator))),
            Equation(((commitment, 1),), ((0, beta), (1, key.base))),
        ),
    )


def holds(group: TextGroup, key: Claimed, prefix: str, proof: RelationProof) -> bool:
    """Whether the proof shows knowledge of the secret behind ``key``, under that prefix."""
    try:
        verify(group, knowledge((group.generator, key)), proof, hashes.challenge(group, prefix))
    except VerificationError:
        return False
    return True


def signed(group: TextGroup, key: Claimed, message: str, proof: RelationProof) -> bool:
    """Whether the message is signed by the key ("Public key infrastructure")."""
    return holds(group, key, hashes.message_signature(message), proof)
