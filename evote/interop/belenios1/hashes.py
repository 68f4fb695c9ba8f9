"""What is hashed in protocol 1: one function per use, named as the specification names the proofs.

Every challenge is SHA-256 of a prefix and the commitments, joined by commas, as texts; the digest is
reduced modulo q. ``S0`` is the election's fingerprint and the ballot's credential, ``S`` the same with
all ciphertexts of the answer, so that a proof belongs to one ballot and one answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evote.groups import Scalar
from evote.hashing import sha256
from evote.interop.belenios1.groups import TextGroup
from evote.interop.belenios1.values import Pair
from evote.proofs.relation import Challenge


def challenge(group: TextGroup, prefix: str) -> Challenge:
    """H: the challenge function with that prefix."""

    def hashed(commitments: Sequence[bytes]) -> Scalar:
        text = prefix + ",".join(group.text_of(encoded) for encoded in commitments)
        return number(group, text)

    return hashed


def number(group: TextGroup, text: str) -> Scalar:
    """SHA-256 of a text, modulo q."""
    return group.scalar_from_digest(sha256(text.encode("utf-8")))


def ballot_context(fingerprint: str, credential: str) -> str:
    """S0."""
    return f"{fingerprint}|{credential}"


def answer_context(ballot: str, choices: Iterable[Pair]) -> str:
    """S, from S0 and every ciphertext of an answer."""
    return f"{ballot}|{','.join(pair.text for pair in choices)}"


def interval(context: str, ciphertext: str) -> str:
    """A value of an interval ("Proofs of interval membership"); ``context`` is S0 or S."""
    return f"prove|{context}|{ciphertext}|"


def blank(context: str) -> str:
    """Blank, or no choice ("Proofs of possibly-blank votes", the proof of blankness)."""
    return f"bproof0|{context}|"


def blank_overall(context: str) -> str:
    """Blank, or an allowed number of choices (the same, the overall proof)."""
    return f"bproof1|{context}|"


def list_or_nothing(context: str) -> str:
    """The list is chosen, or none of its candidates is ("Proofs of list constraints")."""
    return f"lproof|{context}|"


def nonzero(context: str) -> str:
    """A ciphertext does not encrypt 0 ("Proof of encryption of non-zero")."""
    return f"nonzero|{context}|"


def encryption(context: str, public_key: str, ciphertext: str) -> str:
    """The sender knows what a ciphertext encrypts ("Non-homomorphic answers"); ``context`` is S0."""
    return f"raweg|{context}|{public_key},{ciphertext}|"


def ballot_signature(ballot_hash: str) -> str:
    """A ballot ("Signatures"); the hash is that of the ballot without its signature, in base 64."""
    return f"sig|{ballot_hash}|"


def partial_decryption(fingerprint: str, key: str) -> str:
    """A decryption factor by the trustee with that key ("Partial decryptions")."""
    return f"decrypt|{fingerprint}|{key}|"


def trustee_key(group: TextGroup, key: str) -> str:
    """Knowledge of the secret behind a trustee's key ("Verification keys")."""
    return f"pok|{group.name}|{key}|"


def message_signature(message: str) -> str:
    """A signed message of a trustee or an authority ("Public key infrastructure")."""
    return f"sigmsg|{message}|"
