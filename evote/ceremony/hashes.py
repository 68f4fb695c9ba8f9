"""The hashes of key generation, one function per use, shared by prover, receiver and verifier.

Specification sections 3.2.2, 3.2.3 and 5.5.2. Fields enter as the bytes that were published. The
last two functions are evote's own (``specs/decisions/ceremony-round0.md``): they hash with a text
tag and length-prefixed fields, so that they never meet an input of the specification's H.

========  ===  ===================================================
domain    key  use
========  ===  ===================================================
10        H_P  :func:`vote_key_challenge`, :func:`data_key_challenge`
11        H_P  :func:`share_key`
12        H_P  :func:`share_challenge`
13        H_B  :func:`guardian_hash`
14        H_B  :func:`extended_base_hash`
tagged    H_B  :func:`binding_challenge`, :func:`record_commitment`
========  ===  ===================================================
"""

from __future__ import annotations

from collections.abc import Sequence

from evote.ceremony.messages import GroupedProof, GuardianRecord
from evote.ceremony.setting import Setting
from evote.groups import Scalar
from evote.hashing import hmac, key_block, tagged, u32

BINDING_TAG = "evote/v1/ceremony/binding"
COMMITMENT_TAG = "evote/v1/ceremony/round0"

_SHARE_LABEL = b"share_enc_keys"
_SHARE_CONTEXT = b"share_encrypt"


def vote_key_challenge(
    setting: Setting,
    index: int,
    commitments: Sequence[bytes],
    communication_key: bytes,
    nonce_commitments: Sequence[bytes],
) -> Scalar:
    """c_i (equation 11); ``nonce_commitments`` are h_i,0 … h_i,k."""
    return _key_challenge(setting, b"pk_vote", index, commitments, communication_key, nonce_commitments)


def data_key_challenge(
    setting: Setting,
    index: int,
    commitments: Sequence[bytes],
    communication_key: bytes,
    nonce_commitments: Sequence[bytes],
) -> Scalar:
    """ĉ_i (equation 13); ``nonce_commitments`` are ĥ_i,0 … ĥ_i,k."""
    return _key_challenge(setting, b"pk_data", index, commitments, communication_key, nonce_commitments)


def _key_challenge(
    setting: Setting,
    label: bytes,
    index: int,
    commitments: Sequence[bytes],
    communication_key: bytes,
    nonce_commitments: Sequence[bytes],
) -> Scalar:
    digest = hmac(
        setting.parameter_hash, 0x10, label, u32(index), *commitments, communication_key, *nonce_commitments
    )
    return setting.group.scalar_from_digest(digest)


def share_key(
    setting: Setting, sender: int, receiver: int, communication_key: bytes, alpha: bytes, beta: bytes
) -> bytes:
    """The symmetric key k_i,ℓ of a share (equation 16): 32 bytes, secret. ``communication_key`` is κ_ℓ."""
    return hmac(setting.parameter_hash, 0x11, u32(sender), u32(receiver), communication_key, alpha, beta)


def share_key_stream(key: bytes, sender: int, receiver: int) -> bytes:
    """k_i,ℓ,1 followed by k_i,ℓ,2 (equations 17, 18): 64 bytes, secret."""
    context = _SHARE_CONTEXT + u32(sender) + u32(receiver)
    return b"".join(
        key_block(key, counter, _SHARE_LABEL, context, 512, counter_bytes=1, bits_bytes=2)
        for counter in (1, 2)
    )


def share_challenge(
    setting: Setting, sender: int, receiver: int, nonce_commitment: bytes, c0: bytes, c1: bytes
) -> Scalar:
    """c̄_i,ℓ (equation 22); ``nonce_commitment`` is γ_i,ℓ."""
    digest = hmac(setting.parameter_hash, 0x12, u32(sender), u32(receiver), nonce_commitment, c0, c1)
    return setting.group.scalar_from_digest(digest)


def guardian_hash(
    base_hash: bytes, vote_key: bytes, data_key: bytes, records: Sequence[GuardianRecord]
) -> bytes:
    """H_G (equation 27) of K, K̂ and the records of guardians 1 to n in order."""
    return hmac(
        base_hash,
        0x13,
        vote_key,
        data_key,
        *(commitment for record in records for commitment in record.vote_commitments),
        *(commitment for record in records for commitment in record.data_commitments),
        *(record.communication_key for record in records),
    )


def extended_base_hash(base_hash: bytes, vote_key: bytes, data_key: bytes) -> bytes:
    """H_E (equation 30)."""
    return hmac(base_hash, 0x14, vote_key, data_key)


def binding_challenge(
    setting: Setting,
    index: int,
    vote_commitments: Sequence[bytes],
    data_commitments: Sequence[bytes],
    communication_key: bytes,
    nonce_commitments: Sequence[bytes],
) -> Scalar:
    """The challenge of the binding proof, keyed by H_B.

    ``nonce_commitments`` are 2k + 1 elements: for the k coefficients of P_i, then the k of P̂_i, then ζ_i.
    """
    digest = tagged(
        BINDING_TAG,
        setting.base_hash,
        u32(index),
        b"".join(vote_commitments),
        b"".join(data_commitments),
        communication_key,
        b"".join(nonce_commitments),
    )
    return setting.group.scalar_from_digest(digest)


def record_commitment(base_hash: bytes, record: GuardianRecord) -> bytes:
    """The round 0 commitment to a record: 32 bytes over H_B and every field of the record.

    It hides the record because the keys in it are uniform, and binds its sender because the index
    and all proofs are in it.
    """
    return tagged(
        COMMITMENT_TAG,
        base_hash,
        u32(record.index),
        b"".join(record.vote_commitments),
        b"".join(record.data_commitments),
        record.communication_key,
        _proof_bytes(record.vote_proof),
        _proof_bytes(record.data_proof),
        _proof_bytes(record.binding_proof),
    )


def _proof_bytes(proof: GroupedProof) -> bytes:
    return proof.challenge + b"".join(proof.responses)
