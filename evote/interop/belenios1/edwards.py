"""Points of edwards25519 on plain integers: sums, multiples and tables (RFC 8032 section 5.1).

A point is a pair (x, y) of integers below p = 2^255 - 19; (0, 1) is neutral. Sums run in extended
coordinates (X, Y, Z, T) with x = X / Z, y = Y / Z and T = X Y / Z. The formulas (Hisil, Wong, Carter,
Dawson 2008, for a = -1) are complete: -1 is a square modulo p and d is none, so that equal, opposite,
neutral and small-order points need no case of their own, and Z is never 0.

Variable time: for public values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

import gmpy2
from gmpy2 import mpz

from evote.groups.chains import Law
from evote.signing import ed25519

P: Final = mpz(ed25519.P)
L: Final = mpz(ed25519.L)
BASE: Final = (mpz(ed25519.BASE[0]), mpz(ed25519.BASE[1]))

_TWICE_D: Final = 2 * -121665 * gmpy2.invert(mpz(121666), P) % P
_ZERO, _ONE = mpz(0), mpz(1)

Affine: TypeAlias = "tuple[mpz, mpz]"
Extended: TypeAlias = "tuple[mpz, mpz, mpz, mpz]"

ORIGIN: Final[Affine] = (_ZERO, _ONE)
NEUTRAL: Final[Extended] = (_ZERO, _ONE, _ONE, _ZERO)


def extended(point: Affine) -> Extended:
    """The same point with Z = 1."""
    x, y = point
    return x, y, _ONE, x * y % P


def _same(point: Extended) -> Extended:
    """Tables hold extended points too."""
    return point


def negate(point: Affine) -> Affine:
    """The opposite point."""
    x, y = point
    return P - x if x else x, y


def add(left: Extended, right: Extended) -> Extended:
    """The sum of any two points."""
    x1, y1, z1, t1 = left
    x2, y2, z2, t2 = right
    a = (y1 - x1) * (y2 - x2) % P
    b = (y1 + x1) * (y2 + x2) % P
    c = _TWICE_D * t1 % P * t2 % P
    d = 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def double(point: Extended) -> Extended:
    """Twice a point."""
    x, y, z, _ = point
    a, b = x * x % P, y * y % P
    h = a + b
    total = x + y
    e = h - total * total % P
    g = a - b
    f = 2 * z * z % P + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def affine(point: Extended) -> Affine:
    """The point as a pair."""
    x, y, z, _ = point
    inverse = gmpy2.invert(z, P)
    return x * inverse % P, y * inverse % P


def affine_all(points: Sequence[Extended]) -> list[Affine]:
    """All points as pairs, with one inversion; Z is never 0."""
    product = _ONE
    before = []
    for point in points:
        before.append(product)
        product = product * point[2] % P
    inverse = gmpy2.invert(product, P)
    found: list[Affine] = [ORIGIN] * len(points)
    for index in range(len(points) - 1, -1, -1):
        x, y, z, _ = points[index]
        own = inverse * before[index] % P
        inverse = inverse * z % P
        found[index] = x * own % P, y * own % P
    return found


def total(points: Iterable[Affine]) -> Affine:
    """The sum of any number of points."""
    result = NEUTRAL
    for point in points:
        result = add(result, extended(point))
    return affine(result)


def _extended_all(points: Sequence[Extended]) -> list[Extended]:
    """The same points with Z = 1."""
    return [extended(point) for point in affine_all(points)]


LAW: Final[Law[Extended, Extended]] = Law(NEUTRAL, add, add, double, _same, _extended_all)


def multiples(point: Affine, factors: Sequence[int]) -> list[Extended]:
    """``factor * point`` for each factor from 0 on, over one chain of doublings."""
    return LAW.multiples(extended(point), factors)


def combination(points: Sequence[Affine], factors: Sequence[int]) -> Extended:
    """``sum factors[i] * points[i]``; the factors are from 0 on and are not reduced."""
    return LAW.combination([extended(point) for point in points], factors)


def is_neutral(point: Extended) -> bool:
    """Whether the point is (0, 1)."""
    x, y, z, _ = point
    return bool(x == 0 and y == z)
