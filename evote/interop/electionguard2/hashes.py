"""Every hash of a 2.0 record, as the Kotlin programs compute it.

H is HMAC-SHA-256 (2.0 specification section 5.2), keys and domain bytes are those of the specification.
Byte strings of variable length enter without their length, except the manifest; in the challenge of
contest data C1 enters as the text of its upper-case hexadecimal digits. Elements enter at the fixed width
of their group; a hash becomes a scalar in the way of the profile.
"""

from __future__ import annotations

import hmac as _hmac
from collections.abc import Iterable, Sequence

from evote.groups import Scalar
from evote.hashing import hmac, key_block, prefixed, u32, xor
from evote.interop.electionguard2.profile import Profile
from evote.interop.electionguard2.values import Pair, Sealed
from evote.proofs.relation import Challenge

CLOSE = b"CLOSE"


def parameter_hash(profile: Profile) -> bytes:
    """H_P: domain 00, keyed by the version."""
    key = profile.version.encode("ascii").ljust(32, b"\x00")
    return hmac(key, 0x00, profile.group.parameter_bytes())


def manifest_hash(parameter: bytes, manifest: bytes) -> bytes:
    """H_M: domain 01 over the raw manifest behind its length."""
    return hmac(parameter, 0x01, prefixed(manifest))


def base_hash(parameter: bytes, manifest: bytes, guardians: int, quorum: int) -> bytes:
    """H_B: domain 02."""
    return hmac(parameter, 0x02, manifest, u32(guardians), u32(quorum))


def extended_hash(base: bytes, key: bytes) -> bytes:
    """H_E: domain 12."""
    return hmac(base, 0x12, key)


def commitment_challenge(
    profile: Profile, parameter: bytes, guardian: int, place: int, key: bytes
) -> Challenge:
    """Challenge of the Schnorr proof for K_i,j (2.C): domain 10."""

    def challenge(commitments: Sequence[bytes]) -> Scalar:
        return profile.to_scalar(hmac(parameter, 0x10, u32(guardian), u32(place), key, *commitments))

    return challenge


def range_challenge(profile: Profile, extended: bytes, key: bytes, alpha: bytes, beta: bytes) -> Challenge:
    """Challenge of range proofs and contest limits (5.3, 6.5): domain 21."""

    def challenge(commitments: Sequence[bytes]) -> Scalar:
        return profile.to_scalar(hmac(extended, 0x21, key, alpha, beta, *commitments))

    return challenge


def contest_hash(extended: bytes, order: int, key: bytes, pairs: Iterable[Pair]) -> bytes:
    """chi (7.A): domain 23."""
    return hmac(extended, 0x23, u32(order), key, *_flat(pairs))


def confirmation_code(extended: bytes, contests: Iterable[bytes], aux: bytes) -> bytes:
    """H(B) (7.B): domain 24."""
    return hmac(extended, 0x24, *contests, aux)


def start_code(extended: bytes, device: bytes) -> bytes:
    """H_0 (7.D): domain 24."""
    return hmac(extended, 0x24, device)


def closing_hash(extended: bytes, last: bytes, device: bytes) -> bytes:
    """The closing hash of a chain (7.F, 7.G): domain 24."""
    return hmac(extended, 0x24, last, device, CLOSE)


def decryption_challenge(
    profile: Profile, extended: bytes, key: bytes, alpha: bytes, beta: bytes, factor: bytes
) -> Challenge:
    """Challenge of a decryption (9.B, 12.B): domain 30; ``factor`` is M."""

    def challenge(commitments: Sequence[bytes]) -> Scalar:
        return profile.to_scalar(hmac(extended, 0x30, key, alpha, beta, *commitments, factor))

    return challenge


def data_challenge(profile: Profile, extended: bytes, key: bytes, sealed: Sealed, beta: bytes) -> Challenge:
    """Challenge of a decryption of contest data (11.B, 14.B): domain 31."""
    body = sealed.c1.hex().upper().encode("ascii")

    def challenge(commitments: Sequence[bytes]) -> Scalar:
        return profile.to_scalar(hmac(extended, 0x31, key, sealed.c0, body, sealed.c2, *commitments, beta))

    return challenge


# --- contest data ------------------------------------------------------------------------------------

_BLOCK = 32


def data_key(extended: bytes, key: bytes, sealed: Sealed, beta: bytes) -> bytes:
    """k of contest data: domain 22."""
    return hmac(extended, 0x22, key, sealed.c0, beta)


def data_mac(key: bytes, contest: str, sealed: Sealed) -> bytes:
    """What C2 has to be: HMAC(k_0, C0 || C1)."""
    return _hmac.digest(_stream(key, 0, contest, sealed.size), sealed.c0 + sealed.c1, "sha256")


def data_plaintext(key: bytes, contest: str, sealed: Sealed) -> bytes:
    """C1 without its key stream; blocks count from 1."""
    blocks = [sealed.c1[start : start + _BLOCK] for start in range(0, len(sealed.c1), _BLOCK)]
    return b"".join(
        xor(block, _stream(key, number, contest, sealed.size)[: len(block)])
        for number, block in enumerate(blocks, 1)
    )


def _stream(key: bytes, counter: int, contest: str, size: int) -> bytes:
    context = b"contest_data" + contest.encode("utf-8")
    return key_block(key, counter, b"share_enc_keys", context, 8 * size, counter_bytes=4, bits_bytes=4)


# --- pre-encrypted ballots ---------------------------------------------------------------------------


def vector_hash(extended: bytes, key: bytes, pairs: Iterable[Pair]) -> bytes:
    """psi (17.A): domain 40."""
    return hmac(extended, 0x40, key, *_flat(pairs))


def pre_encrypted_contest_hash(extended: bytes, order: int, key: bytes, hashes: Iterable[bytes]) -> bytes:
    """chi of a pre-encrypted contest (17.B): domain 41; ``hashes`` in ascending order."""
    return hmac(extended, 0x41, u32(order), key, *hashes)


def pre_encrypted_code(extended: bytes, contests: Iterable[bytes], aux: bytes) -> bytes:
    """The confirmation code of a pre-encrypted ballot (17.C): domain 42."""
    return hmac(extended, 0x42, *contests, aux)


def _flat(pairs: Iterable[Pair]) -> list[bytes]:
    return [part for pair in pairs for part in (pair.alpha, pair.beta)]
