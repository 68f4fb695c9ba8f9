"""Every hash of a pre-encrypted ballot, one named function each (specification sections 4.1, 4.2).

H_E, H_I and codes are 32 bytes; elements come encoded; indices are 1-based integers. The selection
encryption identifier and its hash are those of every ballot (:mod:`evote.ballots.hashes`). The hash inside
the closing field is equation 120 as it is written (``specs/decisions/specification-slips.md``).
"""

from __future__ import annotations

from collections.abc import Sequence

from evote.groups import Group, Scalar
from evote.hashing import hmac, text, u32


def selection_hash(key: bytes, ciphertexts: Sequence[bytes]) -> bytes:
    """psi of one vector, alpha and beta of every option in order (equations 113, 114)."""
    return hmac(key, 0x40, *ciphertexts)


def contest_hash(key: bytes, contest: int, selection_hashes: Sequence[bytes]) -> bytes:
    """chi over the selection hashes in ascending order, null vectors included (equation 115)."""
    return hmac(key, 0x41, u32(contest), *selection_hashes)


def confirmation_code(key: bytes, contest_hashes: Sequence[bytes], chaining_field: bytes) -> bytes:
    """H_C, printed on the ballot before anything is chosen (equation 116)."""
    return hmac(key, 0x42, *contest_hashes, chaining_field)


def chain_code(extended_hash: bytes, chaining_field: bytes) -> bytes:
    """H_0 of an encrypting tool's chain, and its closing hash (equations 117, 118)."""
    return hmac(extended_hash, 0x42, chaining_field)


def device_hash(extended_hash: bytes, device: str) -> bytes:
    """H_DI of the encrypting tool's information string (equation 119)."""
    return hmac(extended_hash, 0x43, text(device))


def closing_digest(extended_hash: bytes, last_code: bytes, initial_field: bytes) -> bytes:
    """The hash inside the closing field (equation 120)."""
    return hmac(extended_hash, 0x44, last_code, initial_field)


def nonce(group: Group, key: bytes, contest: int, vector: int, option: int, ballot_nonce: bytes) -> Scalar:
    """xi_i,j,k of encryption ``option`` in vector ``vector``; null vectors follow the options (121)."""
    digest = hmac(key, 0x45, u32(contest), u32(vector), u32(option), ballot_nonce)
    return group.scalar_from_digest(digest)
