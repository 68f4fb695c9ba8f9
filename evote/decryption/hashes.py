"""Every hash of a decryption, by name (specification sections 3.6.5, 3.6.6 and 5.5.4).

Elements come encoded, indices are 1-based integers, ``guardians`` is U in increasing order. The
functions for ballot nonces and requests are evote's own and use a tagged SHA-256
(``specs/decisions/nonce-decryption-hashes.md``).

========  ====  =======================================================================
domain    key   use
========  ====  =======================================================================
30        H_E   :func:`tally_commitment`, what a guardian commits to for one field
31        H_E   :func:`tally_challenge`, of the published proof of one field
32        H_I   :func:`data_commitment`, the same for contest data
33        H_I   :func:`data_challenge`
tagged    H_I   :func:`nonce_commitment`, :func:`nonce_challenge`, for ballot nonces
tagged    H_E   :func:`request_digest`, what all messages of one session carry
========  ====  =======================================================================
"""

from __future__ import annotations

from collections.abc import Sequence

from evote.groups import Group, Scalar
from evote.hashing import hmac, tagged, text, u32

NONCE_COMMITMENT_TAG = "evote/v1/decryption/nonce-commitment"
NONCE_CHALLENGE_TAG = "evote/v1/decryption/nonce-challenge"
REQUEST_TAG = "evote/v1/decryption/request"
PROVISIONAL_TAG = "evote/v1/decryption/provisional-request"


def guardian_set(guardians: Sequence[int]) -> bytes:
    """U as it enters a hash: its size and its members in increasing order, 4 bytes each.

    The specification does not state the order (``specs/decisions/order-of-guardians.md``).
    """
    return u32(len(guardians)) + b"".join(u32(guardian) for guardian in guardians)


def tally_commitment(
    extended_hash: bytes,
    contest: int,
    option: int,
    guardian: int,
    alpha: bytes,
    beta: bytes,
    a: bytes,
    b: bytes,
    partial: bytes,
    guardians: Sequence[int],
) -> bytes:
    """d_i (equation 88); ``partial`` is M_i."""
    return hmac(
        extended_hash,
        0x30,
        u32(contest),
        u32(option),
        u32(guardian),
        alpha,
        beta,
        a,
        b,
        partial,
        guardian_set(guardians),
    )


def tally_challenge(
    group: Group,
    extended_hash: bytes,
    contest: int,
    option: int,
    alpha: bytes,
    beta: bytes,
    a: bytes,
    b: bytes,
    combined: bytes,
) -> Scalar:
    """c (equation 90); ``combined`` is M = A^s."""
    return group.scalar_from_digest(
        hmac(extended_hash, 0x31, u32(contest), u32(option), alpha, beta, a, b, combined)
    )


def data_commitment(
    identifier_hash: bytes,
    contest: int,
    guardian: int,
    data: Sequence[bytes],
    a: bytes,
    b: bytes,
    partial: bytes,
    guardians: Sequence[int],
) -> bytes:
    """d_i for contest data (equation 99), keyed by H_I (``specs/decisions/key-of-hash-32.md``).

    ``data`` is C0, C1 and both halves of C2; ``partial`` is m_i.
    """
    return hmac(
        identifier_hash,
        0x32,
        u32(contest),
        u32(guardian),
        *data,
        a,
        b,
        partial,
        guardian_set(guardians),
    )


def data_challenge(
    group: Group,
    identifier_hash: bytes,
    contest: int,
    data: Sequence[bytes],
    a: bytes,
    b: bytes,
    combined: bytes,
) -> Scalar:
    """c for contest data (equation 101); ``combined`` is beta = C0^s."""
    return group.scalar_from_digest(hmac(identifier_hash, 0x33, u32(contest), *data, a, b, combined))


def nonce_commitment(
    identifier_hash: bytes,
    guardian: int,
    sealed: Sequence[bytes],
    a: bytes,
    b: bytes,
    partial: bytes,
    guardians: Sequence[int],
) -> bytes:
    """d_i for an encrypted ballot nonce; ``sealed`` is C0, C1 and both halves of C2."""
    return tagged(
        NONCE_COMMITMENT_TAG,
        identifier_hash,
        u32(guardian),
        b"".join(sealed),
        a,
        b,
        partial,
        guardian_set(guardians),
    )


def nonce_challenge(
    group: Group, identifier_hash: bytes, sealed: Sequence[bytes], a: bytes, b: bytes, combined: bytes
) -> Scalar:
    """c for an encrypted ballot nonce; ``combined`` is beta = C0^s."""
    return group.scalar_from_digest(
        tagged(NONCE_CHALLENGE_TAG, identifier_hash, b"".join(sealed), a, b, combined)
    )


def provisional_digest(
    extended_hash: bytes,
    units: Sequence[tuple[str, int, bytes]],
    session: int,
    guardians: Sequence[int],
    statements: Sequence[bytes],
) -> bytes:
    """What names a session while units are open: the heads of the closed ones stand for the closing head."""
    heads = (text(unit) + size.to_bytes(8, "big") + root for unit, size, root in units)
    return tagged(
        PROVISIONAL_TAG,
        extended_hash,
        u32(len(units)),
        *heads,
        u32(session),
        guardian_set(guardians),
        *statements,
    )


def request_digest(
    extended_hash: bytes,
    size: int,
    root: bytes,
    session: int,
    guardians: Sequence[int],
    statements: Sequence[bytes],
) -> bytes:
    """What names a session: election, closing head, session number, U and every statement."""
    return tagged(
        REQUEST_TAG,
        extended_hash,
        size.to_bytes(8, "big") + root,
        u32(session),
        guardian_set(guardians),
        *statements,
    )
