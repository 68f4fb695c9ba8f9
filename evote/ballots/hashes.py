"""Every hash of a ballot, one named function each, shared by those who make and those who check.

Specification sections 3.3.2 to 3.3.10, 3.4 and 5.5. H_E, H_I and codes are 32 bytes; elements come
encoded; indices are 1-based integers. The last two functions are evote's own and use a tagged
SHA-256 (see :func:`evote.hashing.tagged`).
"""

from __future__ import annotations

from collections.abc import Sequence

from evote.groups import Group, Scalar
from evote.hashing import hmac, key_block, tagged, text, u32

CHAINING_FIELD_BYTES = 36


def identifier_hash(extended_hash: bytes, identifier: bytes) -> bytes:
    """H_I = H(H_E; 20, id_B) (equation 32): the key of every other hash on the ballot."""
    return hmac(extended_hash, 0x20, identifier)


def selection_nonce(group: Group, key: bytes, contest: int, option: int, ballot_nonce: bytes) -> Scalar:
    """The nonce of one selection (equation 33)."""
    return group.scalar_from_digest(hmac(key, 0x21, u32(contest), u32(option), ballot_nonce))


def ballot_nonce_key(key: bytes, alpha: bytes, beta: bytes) -> bytes:
    """The secret key h that hides the ballot nonce (equation 35)."""
    return hmac(key, 0x22, alpha, beta)


def ballot_nonce_pad(secret_key: bytes) -> bytes:
    """The 32-byte pad k_1 over the ballot nonce (equation 36)."""
    return key_block(
        secret_key, 1, b"ballot_nonce", b"ballot_nonce_encrypt", 256, counter_bytes=1, bits_bytes=2
    )


def ballot_nonce_challenge(group: Group, key: bytes, commitment: bytes, c0: bytes, c1: bytes) -> Scalar:
    """Challenge of the Schnorr proof of the encrypted ballot nonce (equation 38)."""
    return group.scalar_from_digest(hmac(key, 0x23, commitment, c0, c1))


def selection_challenge(
    group: Group,
    key: bytes,
    contest: int,
    option: int,
    alpha: bytes,
    beta: bytes,
    commitments: Sequence[bytes],
) -> Scalar:
    """Challenge of a range proof: a_0, b_0, a_1, b_1 … follow the ciphertext (equation 59)."""
    return group.scalar_from_digest(hmac(key, 0x24, u32(contest), u32(option), alpha, beta, *commitments))


def limit_challenge(
    group: Group, key: bytes, contest: int, alpha: bytes, beta: bytes, commitments: Sequence[bytes]
) -> Scalar:
    """Challenge of a contest limit (equation 62); its length alone tells it from a selection's."""
    return group.scalar_from_digest(hmac(key, 0x24, u32(contest), alpha, beta, *commitments))


def contest_data_nonce(group: Group, key: bytes, contest: int, ballot_nonce: bytes) -> Scalar:
    """The nonce of a contest-data field (equation 64)."""
    return group.scalar_from_digest(hmac(key, 0x25, u32(contest), ballot_nonce))


def contest_data_key(key: bytes, contest: int, alpha: bytes, beta: bytes) -> bytes:
    """The secret key h that hides a contest-data field (equation 65)."""
    return hmac(key, 0x26, u32(contest), alpha, beta)


def contest_data_pad(secret_key: bytes, contest: int, blocks: int) -> bytes:
    """The key stream k_1 … k_b, 32 bytes a block, counters from 1 (equation 66)."""
    context = b"contest_data" + u32(contest)
    return b"".join(
        key_block(secret_key, counter, b"data_enc_keys", context, 256 * blocks, counter_bytes=4, bits_bytes=4)
        for counter in range(1, blocks + 1)
    )


def contest_data_challenge(
    group: Group, key: bytes, contest: int, commitment: bytes, c0: bytes, c1: bytes
) -> Scalar:
    """Challenge of the Schnorr proof of a contest-data field (equation 69)."""
    return group.scalar_from_digest(hmac(key, 0x27, u32(contest), commitment, c0, c1))


def contest_hash(key: bytes, contest: int, ciphertexts: Sequence[bytes], data: Sequence[bytes]) -> bytes:
    """The contest hash (equation 70).

    ``ciphertexts``: alpha, beta of every field in order; ``data``: C0, C1, challenge and response
    of the contest data, or nothing where the manifest has none.
    """
    return hmac(key, 0x28, u32(contest), *ciphertexts, *data)


def confirmation_code(key: bytes, contest_hashes: Sequence[bytes], chaining_field: bytes) -> bytes:
    """H_C, the voter's code (equation 71)."""
    return hmac(key, 0x29, *contest_hashes, chaining_field)


def device_hash(extended_hash: bytes, device: str) -> bytes:
    """H_DI of the device information string (equation 72)."""
    return hmac(extended_hash, 0x2A, text(device))


def chain_code(extended_hash: bytes, chaining_field: bytes) -> bytes:
    """H_0 of a chain, and its closing hash (equations 74, 77)."""
    return hmac(extended_hash, 0x29, chaining_field)


def closing_digest(extended_hash: bytes, last_code: bytes, initial_field: bytes) -> bytes:
    """The hash inside the closing field (equation 78)."""
    return hmac(extended_hash, 0x2B, last_code, initial_field)


def context_identifier(
    extended_hash: bytes, unit: str, style: str, pseudonym: bytes | None, randomness: bytes
) -> bytes:
    """id_B as the ballot context: what the ballot is for, and 32 random bytes.

    A ballot without a pseudonym hashes an explicit NONE, which no pseudonym can equal.
    """
    return tagged(
        "evote/v1/context",
        extended_hash,
        unit.encode("utf-8"),
        style.encode("utf-8"),
        b"NONE" if pseudonym is None else b"SOME" + pseudonym,
        randomness,
    )


def submitted_hash(extended_hash: bytes, frame: bytes) -> bytes:
    """Hash of a submitted ballot as stored: state, ciphertexts and all proofs. A leaf of the record."""
    return tagged("evote/v1/submitted", extended_hash, frame)
