"""Points of edwards25519: strict decoding, encoding and the subgroup test (RFC 8032 section 5.1).

The curve is -x^2 + y^2 = 1 + d x^2 y^2 over p = 2^255 - 19, with 8 L points, L prime. This module
holds what the strict key check of evote needs and nothing else; multiplication for signatures is
done elsewhere. All values here are public: nothing runs in constant time.

Rules: an encoding is accepted only if encoding its point again gives the same bytes.
"""

from __future__ import annotations

import gmpy2

from evote.errors import DecodeError

POINT_BYTES = 32
P = 2**255 - 19
"""Order of the field."""
L = 2**252 + 27742317777372353535851937790883648493
"""Order of the base point: a prime."""
BASE = (
    0x216936D3CD6E53FEC0A4E231FDD6DC5C692CC7609525A7B2C9562D608F25D51A,
    0x6666666666666666666666666666666666666666666666666666666666666658,
)
"""The base point B as (x, y), with y = 4/5 and x even."""

_D = -121665 * pow(121666, -1, P) % P
_SQRT_MINUS_ONE = pow(2, (P - 1) // 4, P)
_SIGN_BIT = 1 << 255


def decompress(encoded: bytes) -> tuple[int, int]:
    """The affine point (x, y) of a canonical encoding (RFC 8032 section 5.1.3).

    Raises :class:`DecodeError` for another length than 32 bytes, y >= p, a y that no point has, and
    x = 0 with the sign bit set.
    """
    if len(encoded) != POINT_BYTES:
        raise DecodeError(f"a point has {POINT_BYTES} bytes, not {len(encoded)}")
    number = int.from_bytes(encoded, "little")
    y, odd = number & (_SIGN_BIT - 1), number >> 255
    if y >= P:
        raise DecodeError("the y coordinate of the point is not below 2^255 - 19")
    # x^2 = u / v; the candidate root u v^3 (u v^7)^((p-5)/8) is right up to a square root of -1.
    u = (y * y - 1) % P
    v = (_D * y * y + 1) % P
    x = int(u * v**3 * gmpy2.powmod(u * v**7, (P - 5) // 8, P) % P)
    residue = v * x * x % P
    if residue == P - u and u:
        x = x * _SQRT_MINUS_ONE % P
    elif residue != u:
        raise DecodeError("no point of the curve has this y coordinate")
    if x == 0 and odd:
        raise DecodeError("the point has x = 0 and the sign bit set")
    return (P - x if x & 1 != odd else x), y


def compress(x: int, y: int) -> bytes:
    """The canonical encoding of an affine point: y with the lowest bit of x on top, 32 bytes.

    Requires ``0 <= x, y < p``.
    """
    return (y | (x & 1) << 255).to_bytes(POINT_BYTES, "little")


def in_prime_subgroup(x: int, y: int) -> bool:
    """Whether [L](x, y) is the identity; about 0.5 ms, the greater part of loading a key.

    The identity itself is in the subgroup. Requires a point of the curve.
    """
    # Extended coordinates (X : Y : Z : T), x = X/Z, y = Y/Z, T = XY/Z; the formulas are complete,
    # so that no point, of small order or not, needs a case of its own.
    p, twice_d = gmpy2.mpz(P), gmpy2.mpz(2 * _D % P)
    x1, y1 = gmpy2.mpz(x), gmpy2.mpz(y)
    sum1, difference1, product1 = y1 + x1, y1 - x1, twice_d * x1 * y1 % p
    x2, y2, z2 = x1, y1, gmpy2.mpz(1)
    for bit in f"{L:b}"[1:]:
        a, b, c = x2 * x2, y2 * y2, 2 * z2 * z2
        e, g = ((x2 + y2) * (x2 + y2) - a - b) % p, (b - a) % p
        f, h = (g - c) % p, (-a - b) % p
        x2, y2, z2 = e * f % p, g * h % p, f * g % p
        if bit == "1":
            t2 = e * h % p
            a, b = (y2 - x2) * difference1 % p, (y2 + x2) * sum1 % p
            c, e = t2 * product1 % p, 2 * z2
            f, g = e - c, e + c
            x2, y2, z2 = (b - a) * f % p, g * (b + a) % p, f * g % p
    return bool(x2 == 0 and y2 == z2)
