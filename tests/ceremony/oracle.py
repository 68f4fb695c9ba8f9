"""Key generation by its definition: plain integers, one line per equation, nothing of the package."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence


def big(number: int, width: int) -> bytes:
    return number.to_bytes(width, "big")


def mac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def as_int(data: bytes) -> int:
    return int.from_bytes(data, "big")


def key_challenge(
    q: int, parameter_hash: bytes, label: bytes, index: int, keys: Sequence[bytes], nonces: Sequence[bytes]
) -> int:
    """Equations 11 and 13; ``keys`` end with kappa."""
    return as_int(mac(parameter_hash, b"\x10" + label + big(index, 4) + b"".join([*keys, *nonces]))) % q


def share_keys(
    parameter_hash: bytes, sender: int, receiver: int, kappa: bytes, alpha: bytes, beta: bytes
) -> bytes:
    """Equations 16 to 18."""
    key = mac(parameter_hash, b"\x11" + big(sender, 4) + big(receiver, 4) + kappa + alpha + beta)
    context = b"share_encrypt" + big(sender, 4) + big(receiver, 4)
    return b"".join(
        mac(key, counter + b"share_enc_keys" + b"\x00" + context + b"\x02\x00")
        for counter in (b"\x01", b"\x02")
    )


def share_challenge(
    q: int, parameter_hash: bytes, sender: int, receiver: int, gamma: bytes, c0: bytes, c1: bytes
) -> int:
    """Equation 22."""
    return as_int(mac(parameter_hash, b"\x12" + big(sender, 4) + big(receiver, 4) + gamma + c0 + c1)) % q


def guardian_hash(
    base_hash: bytes,
    joint: Sequence[bytes],
    vote: Sequence[Sequence[bytes]],
    data: Sequence[Sequence[bytes]],
    kappas: Sequence[bytes],
) -> bytes:
    """Equation 27."""
    fields = [
        *joint,
        *(key for keys in vote for key in keys),
        *(key for keys in data for key in keys),
        *kappas,
    ]
    return mac(base_hash, b"\x13" + b"".join(fields))


def extended_base_hash(base_hash: bytes, vote_key: bytes, data_key: bytes) -> bytes:
    """Equation 30."""
    return mac(base_hash, b"\x14" + vote_key + data_key)


def tagged(tag: str, fields: Sequence[bytes]) -> bytes:
    """The project's own hash: SHA-256 over length-prefixed tag and fields, their number between."""
    message = big(len(tag), 4) + tag.encode() + big(len(fields), 4)
    for field in fields:
        message += big(len(field), 4) + field
    return hashlib.sha256(message).digest()


def polynomial(coefficients: Sequence[int], point: int, q: int) -> int:
    """Equation 7."""
    return sum(coefficient * point**power for power, coefficient in enumerate(coefficients)) % q


def interpolate_at_zero(points: dict[int, int], q: int) -> int:
    """P(0) from values of P."""
    total = 0
    for i, value in points.items():
        weight = 1
        for j in points:
            if j != i:
                weight = weight * j * pow(j - i, -1, q) % q
        total += weight * value
    return total % q
