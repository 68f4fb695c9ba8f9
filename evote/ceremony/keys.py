"""A guardian's secrets and the record that proves them.

Specification section 3.2.2, equations 7 to 13, and the binding proof of round 0. Secrets are the k
coefficients of P_i, the k of P̂_i, and the communication key ζ_i.

Rules: every power with a secret exponent, those of proof nonces included, goes through
:meth:`~evote.groups.Group.power_secret` (rule A62). Arithmetic modulo q is Python's and not
constant-time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evote.ceremony.hashes import binding_challenge, data_key_challenge, vote_key_challenge
from evote.ceremony.messages import GroupedProof, GuardianRecord
from evote.ceremony.setting import Setting
from evote.groups import Element, Scalar
from evote.proofs.prove import Exponents, prove
from evote.proofs.relation import knowledge
from evote.randomness import Randomness
from evote.secret import Secret


@dataclass(frozen=True, slots=True, eq=False)
class GuardianSecrets:
    """What a guardian draws at the start and forgets when its shares are out."""

    vote: tuple[Secret[Scalar], ...]
    """a_i,0 … a_i,k-1."""
    data: tuple[Secret[Scalar], ...]
    """â_i,0 … â_i,k-1."""
    communication: Secret[Scalar]
    """ζ_i."""


def draw_secrets(setting: Setting, rng: Randomness) -> GuardianSecrets:
    """Fresh uniform secrets (equations 7, 9)."""

    def draw() -> Secret[Scalar]:
        return Secret(setting.group.random_scalar(rng))

    return GuardianSecrets(
        tuple(draw() for _ in range(setting.quorum)),
        tuple(draw() for _ in range(setting.quorum)),
        draw(),
    )


def make_record(setting: Setting, index: int, secrets: GuardianSecrets, rng: Randomness) -> GuardianRecord:
    """The public keys (equations 8, 9) with the proofs of equations 11 and 13 and the binding proof."""
    group = setting.group
    vote = [group.power_secret(group.generator, secret) for secret in secrets.vote]
    data = [group.power_secret(group.generator, secret) for secret in secrets.data]
    communication = group.power_secret(group.generator, secrets.communication)
    vote_bytes = tuple(key.encode() for key in vote)
    data_bytes = tuple(key.encode() for key in data)
    kappa = communication.encode()

    def grouped(
        keys: Sequence[Element],
        witness: Sequence[Secret[Scalar]],
        challenge: Callable[[Sequence[bytes]], Scalar],
    ) -> GroupedProof:
        relation = knowledge(*((group.generator, key) for key in keys))
        proof = prove(group, relation, witness, challenge, exponents=Exponents.LONG_TERM, rng=rng).proof
        return GroupedProof(
            proof.challenge.encode(), tuple(response.encode() for response in proof.responses)
        )

    return GuardianRecord(
        index=index,
        vote_commitments=vote_bytes,
        data_commitments=data_bytes,
        communication_key=kappa,
        vote_proof=grouped(
            (*vote, communication),
            (*secrets.vote, secrets.communication),
            lambda nonces: vote_key_challenge(setting, index, vote_bytes, kappa, nonces),
        ),
        data_proof=grouped(
            (*data, communication),
            (*secrets.data, secrets.communication),
            lambda nonces: data_key_challenge(setting, index, data_bytes, kappa, nonces),
        ),
        binding_proof=grouped(
            (*vote, *data, communication),
            (*secrets.vote, *secrets.data, secrets.communication),
            lambda nonces: binding_challenge(setting, index, vote_bytes, data_bytes, kappa, nonces),
        ),
    )


def evaluate(coefficients: Sequence[Secret[Scalar]], point: int) -> Secret[Scalar]:
    """P(point) = sum of a_j * point^j modulo q (equation 7); requires one coefficient or more."""
    value = coefficients[-1].reveal()
    at = Scalar(point % value.order, value.order)
    for coefficient in reversed(coefficients[:-1]):
        value = value * at + coefficient.reveal()
    return Secret(value)
