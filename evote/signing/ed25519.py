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
_A = 486662
"""The coefficient of the curve's Montgomery form."""
_HALF = (P + 1) // 2


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
    p = gmpy2.mpz(P)
    square = y * y % p
    u = (square - 1) % p
    v = (_D * square + 1) % p
    third = v * v * v % p
    root = u * third * gmpy2.powmod(u * third * third * v, (P - 5) // 8, p) % p
    residue = v * root * root % p
    if residue == P - u and u:
        root = root * _SQRT_MINUS_ONE % p
    elif residue != u:
        raise DecodeError("no point of the curve has this y coordinate")
    x = int(root)
    if x == 0 and odd:
        raise DecodeError("the point has x = 0 and the sign bit set")
    return (P - x if x & 1 != odd else x), y


def compress(x: int, y: int) -> bytes:
    """The canonical encoding of an affine point: y with the lowest bit of x on top, 32 bytes.

    Requires ``0 <= x, y < p``.
    """
    return (y | (x & 1) << 255).to_bytes(POINT_BYTES, "little")


def in_prime_subgroup(x: int, y: int) -> bool:
    """Whether a point of the curve is in the subgroup of order L; about 0.1 ms.

    The identity itself is in the subgroup. Requires a point of the curve.

    The group is cyclic of order 8 L, so its subgroup of order L is that of the multiples of 8: a point
    lies in it exactly if it can be halved three times. On the Montgomery form v^2 = u^3 + A u^2 + u
    (u = (1 + y) / (1 - y)) a point other than those of order 1 and 2 is twice another one exactly if u is
    a square: 2-descent asks that also of u - e for the other two roots e of the right side, which lie in
    the quadratic extension, and there an element is a square exactly if its norm is one; the norm of
    u - e is u^2 + A u + 1 = v^2 / u.
    """
    if y == 1:
        return True
    if x == 0:
        return False
    p = gmpy2.mpz(P)
    u = (1 + y) * gmpy2.invert(1 - y, p) % p
    for halvings_left in (2, 1, 0):
        if gmpy2.jacobi(u, p) != 1:
            return False
        if halvings_left:
            u = _half(u, p)
    return True


def _half(u: gmpy2.mpz, p: gmpy2.mpz) -> gmpy2.mpz:
    """The u coordinate of a point that is half of one with u coordinate ``u``, a square.

    Doubling is the 2-isogeny u + A + 1/u = U to V^2 = U (U^2 - 2 A U + A^2 - 4), followed by its dual. U
    solves U^2 - (2 A + 4 u) U + A^2 - 4 = 0. The product of both solutions is no square, so one of them
    is, and this is the one whose own equation u^2 - (U - A) u + 1 = 0 has solutions. These differ by the
    point of order 2, which is four times another point; so it does not matter which one is taken.
    """
    root = 2 * _square_root(u * u + _A * u + 1, p)
    isogenous = _A + 2 * u + root
    if gmpy2.jacobi(isogenous, p) != 1:
        isogenous = _A + 2 * u - root
    trace = isogenous - _A
    return (trace + _square_root(trace * trace - 4, p)) * _HALF % p


def _square_root(number: gmpy2.mpz, p: gmpy2.mpz) -> gmpy2.mpz:
    """A root of a square modulo p = 5 (mod 8)."""
    number %= p
    root = gmpy2.powmod(number, (P + 3) // 8, p)
    return root if root * root % p == number else root * _SQRT_MINUS_ONE % p
