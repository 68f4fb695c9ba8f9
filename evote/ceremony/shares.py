"""Shares on their way from one guardian to another (specification section 3.2.2, equations 15 to 23, 28, 29).

Hashed ElGamal under the receiver's communication key κ_ℓ, with a Schnorr proof of the nonce. Its
nonce is used once and protects a long-term secret, so its powers are taken like those of one.

What it leaves out: a share is not signed. Its sender is whoever the message road says, as in 2.1; a
share that does not fit the sender's committed keys is refused in any case.
"""

from __future__ import annotations

from collections.abc import Sequence

from evote.ceremony.check import VerifiedGuardian
from evote.ceremony.hashes import share_challenge, share_key, share_key_stream
from evote.ceremony.joint import evaluate_commitments
from evote.ceremony.messages import ShareMessage, ShareProof
from evote.ceremony.setting import Setting
from evote.errors import DecodeError, VerificationError
from evote.groups import Element, Scalar
from evote.groups.base import SCALAR_BYTES
from evote.hashing import xor
from evote.proofs.prove import Exponents, prove
from evote.proofs.relation import Challenge, RelationProof, knowledge
from evote.proofs.verify import verify
from evote.randomness import Randomness
from evote.secret import Secret


def seal_share(
    setting: Setting,
    sender: int,
    receiver: VerifiedGuardian,
    vote_share: Secret[Scalar],
    data_share: Secret[Scalar],
    rng: Randomness,
) -> ShareMessage:
    """E_ℓ(P_i(ℓ), P̂_i(ℓ)) for guardian ℓ (equations 15 to 22)."""
    group = setting.group
    nonce = Secret(group.random_scalar(rng))
    alpha = group.power_secret(group.generator, nonce)
    beta = group.power_secret(receiver.communication_key, nonce)
    stream = _key_stream(setting, sender, receiver, alpha, beta)
    c0 = alpha.encode()
    c1 = xor(vote_share.reveal().encode() + data_share.reveal().encode(), stream)
    proof = prove(
        group,
        knowledge((group.generator, alpha)),
        (nonce,),
        _challenge(setting, sender, receiver.index, c0, c1),
        exponents=Exponents.LONG_TERM,
        rng=rng,
    ).proof
    return ShareMessage(
        sender=sender,
        receiver=receiver.index,
        c0=c0,
        c1=c1,
        proof=ShareProof(proof.challenge.encode(), proof.responses[0].encode()),
    )


def open_share(
    setting: Setting,
    message: ShareMessage,
    sender: VerifiedGuardian,
    receiver: VerifiedGuardian,
    communication: Secret[Scalar],
) -> tuple[Secret[Scalar], Secret[Scalar]]:
    """P_i(ℓ) and P̂_i(ℓ), after the proof (22) and checked against the sender's keys (28, 29).

    ``communication`` is ζ_ℓ of the receiver. Raises :class:`VerificationError` if the proof or a value
    is wrong; its text holds nothing of the share.
    """
    group = setting.group
    where = f"share from guardian {sender.index} to guardian {receiver.index}"
    try:
        claimed = group.claim(message.c0)
        proof = RelationProof(
            group.decode_scalar(message.proof.challenge), (group.decode_scalar(message.proof.response),)
        )
        members = verify(
            group,
            knowledge((group.generator, claimed)),
            proof,
            _challenge(setting, sender.index, receiver.index, message.c0, message.c1),
        )
    except (DecodeError, VerificationError) as error:
        raise VerificationError(f"the proof of the encryption fails: {error.message}", where=where) from None
    alpha = members[claimed]
    beta = group.power_secret(alpha, communication)
    plain = xor(message.c1, _key_stream(setting, sender.index, receiver, alpha, beta))
    vote = _checked(setting, plain[:SCALAR_BYTES], sender.vote_commitments, receiver.index, f"{where}, P")
    data = _checked(setting, plain[SCALAR_BYTES:], sender.data_commitments, receiver.index, f"{where}, P^")
    return vote, data


def _checked(
    setting: Setting, encoded: bytes, commitments: Sequence[Element], receiver: int, where: str
) -> Secret[Scalar]:
    group = setting.group
    try:
        share = Secret(group.decode_scalar(encoded))
    except DecodeError:
        raise VerificationError("the decrypted share is not below q", where=where) from None
    if group.power_secret(group.generator, share) != evaluate_commitments(group, commitments, receiver):
        raise VerificationError("the share does not fit the sender's keys", where=where)
    return share


def _key_stream(
    setting: Setting, sender: int, receiver: VerifiedGuardian, alpha: Element, beta: Element
) -> bytes:
    key = share_key(
        setting,
        sender,
        receiver.index,
        receiver.record.communication_key,
        alpha.encode(),
        beta.encode(),
    )
    return share_key_stream(key, sender, receiver.index)


def _challenge(setting: Setting, sender: int, receiver: int, c0: bytes, c1: bytes) -> Challenge:
    return lambda commitments: share_challenge(setting, sender, receiver, commitments[0], c0, c1)
