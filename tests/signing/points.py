"""Points and secrets that honest code never makes: of small order, of mixed order, forged on purpose."""

from __future__ import annotations

import hashlib
from itertools import product
from typing import Any

from Crypto.PublicKey.ECC import construct

from evote.signing.ed25519 import BASE, L, P, compress

_Y = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
ORDER_8_Y = (_Y, P - _Y)

SMALL_ORDER = {
    "order 1": compress(0, 1),
    "order 2": compress(0, P - 1),
    **{f"order 4, sign {sign}": compress(sign, 0) for sign in (0, 1)},
    **{
        f"order 8, y {number}, sign {sign}": compress(sign, y)
        for (number, y), sign in product(enumerate(ORDER_8_Y), (0, 1))
    },
}
"""The eight points of small order in their canonical encodings."""

NON_CANONICAL = {
    "y = p": P.to_bytes(32, "little"),
    "y = p + 1": (P + 1).to_bytes(32, "little"),
    "y = p, sign 1": (P | 1 << 255).to_bytes(32, "little"),
    "y = p + 1, sign 1": (P + 1 | 1 << 255).to_bytes(32, "little"),
    "y = p + 4, not of small order": (P + 4).to_bytes(32, "little"),
    "y = p + 18": (P + 18).to_bytes(32, "little"),
    "x = -0, y = 1": (1 | 1 << 255).to_bytes(32, "little"),
    "x = -0, y = -1": (P - 1 | 1 << 255).to_bytes(32, "little"),
}
"""Encodings that name a point, or would, in a second way."""


def add(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """The sum of two points."""
    x, y = (_point(one) + _point(other)).xy
    return x, y


def multiple(scalar: int, point: tuple[int, int] = BASE) -> tuple[int, int]:
    """[scalar]point, for a point of any order and any scalar that is not negative."""
    x, y = (_point(point) * scalar).xy
    return x, y


def secret_scalar(seed: bytes) -> int:
    """The scalar s of RFC 8032 section 5.1.5."""
    number = int.from_bytes(hashlib.sha512(seed).digest()[:32], "little")
    return number & (1 << 254) - 8 | 1 << 254


def signature_with(scalar: int, public: bytes, nonce: int, r: bytes, message: bytes) -> bytes:
    """R || S with S = nonce + k scalar mod L for a chosen R, which an honest signer does not choose."""
    k = int.from_bytes(hashlib.sha512(r + public + message).digest(), "little")
    return r + ((nonce + k * scalar) % L).to_bytes(32, "little")


def _point(xy: tuple[int, int]) -> Any:
    return construct(curve="Ed25519", point_x=xy[0], point_y=xy[1]).pointQ
