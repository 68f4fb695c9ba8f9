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

from evote.groups.multiexp import plan
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


def table(point: Affine, window: int, bits: int) -> list[list[Extended]]:
    """``rows[i][d] = d * 2^(window i) * point`` for digits d of ``window`` bits, all with Z = 1."""
    rows: list[list[Extended]] = []
    step = extended(point)
    for _ in range(-(-bits // window)):
        row = [NEUTRAL, step]
        for _ in range(2, 1 << window):
            row.append(add(row[-1], step))
        rows.append([extended(found) for found in affine_all(row)])
        step = extended(affine(add(row[-1], step)))
    return rows


def by_table(rows: Sequence[Sequence[Extended]], digits: Iterable[int]) -> Extended:
    """The multiple of a tabled point: one addition per row."""
    result = NEUTRAL
    for row, digit in zip(rows, digits, strict=True):
        result = add(result, row[digit])
    return result


def multiples(point: Affine, factors: Sequence[int], window: int = 4) -> list[Extended]:
    """``factor * point`` for each factor from 0 on, over one chain of doublings (Yao's method).

    When the chain arrives at ``2^i * point``, that point goes into the bucket of every odd digit that
    stands at bit i; the buckets are joined in the end.
    """
    length = max((factor.bit_length() for factor in factors), default=0)
    due: list[list[tuple[list[Extended | None], int]]] = [[] for _ in range(length)]
    buckets: list[list[Extended | None]] = [[None] * (1 << window - 1) for _ in factors]
    mask = (1 << window) - 1
    for row, factor in zip(buckets, factors, strict=True):
        position, rest = 0, factor
        while rest:
            zeros = (rest & -rest).bit_length() - 1
            position += zeros
            rest >>= zeros
            due[position].append((row, (rest & mask) >> 1))
            position += window
            rest >>= window
    current = extended(point)
    for here in due:
        for row, index in here:
            held = row[index]
            row[index] = current if held is None else add(held, current)
        current = double(current)
    return [_fold(row) for row in buckets]


def _fold(row: Sequence[Extended | None]) -> Extended:
    """The sum of ``(2k + 1) * row[k]``: a running sum from the highest k down gives the k-fold ones."""
    running: Extended | None = None
    double_part = NEUTRAL
    for held in reversed(row[1:]):
        if held is not None:
            running = held if running is None else add(running, held)
        if running is not None:
            double_part = add(double_part, running)
    result = double(double_part)
    if running is not None:
        result = add(result, running)
    first = row[0]
    return result if first is None else add(result, first)


def combination(points: Sequence[Affine], factors: Sequence[int]) -> Extended:
    """``sum factors[i] * points[i]`` by buckets; the factors are from 0 on and are not reduced."""
    lengths = [factor.bit_length() for factor in factors]
    result = NEUTRAL
    for position, width in reversed(plan(lengths)):
        for _ in range(width):
            result = double(result)
        mask = (1 << width) - 1
        buckets: list[Extended | None] = [None] * (1 << width)
        for point, factor in zip(points, factors, strict=True):
            digit = factor >> position & mask
            if digit:
                held = buckets[digit]
                own = extended(point)
                buckets[digit] = own if held is None else add(held, own)
        running: Extended | None = None
        for held in reversed(buckets[1:]):
            if held is not None:
                running = held if running is None else add(running, held)
            if running is not None:
                result = add(result, running)
    return result


def is_neutral(point: Extended) -> bool:
    """Whether the point is (0, 1)."""
    x, y, z, _ = point
    return bool(x == 0 and y == z)
