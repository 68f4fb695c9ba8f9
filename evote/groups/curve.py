"""Points of the curve NIST P-256 on plain integers: y^2 = x^3 - 3x + b over the field of p (SP 800-186).

A point is a pair (x, y) of integers below p, or None for the point at infinity. Sums run in Jacobian
coordinates (X, Y, Z) with x = X / Z^2 and y = Y / Z^3; Z = 0 is infinity. The formulas are the
textbook's (Explicit-Formulas Database, ``dbl-2001-b`` and ``madd``), which are wrong where both summands
are equal, opposite or infinite, so :func:`add` tells these cases apart every time: whoever can choose a
value of a batch could otherwise choose it to make one (rule A69). Several points are made affine with
one inversion (Montgomery), over which infinity never enters.

Variable time: for public values and the nonces of one ballot. Long-term secrets go elsewhere
(:mod:`evote.groups.p256`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

import gmpy2
from gmpy2 import mpz

from evote.groups.multiexp import plan

P: Final = mpz(2**256 - 2**224 + 2**192 + 2**96 - 1)
B: Final = mpz(0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B)
N: Final = mpz(0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551)
G: Final = (
    mpz(0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296),
    mpz(0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5),
)

Affine: TypeAlias = "tuple[mpz, mpz] | None"
Jacobian: TypeAlias = "tuple[mpz, mpz, mpz]"

_ZERO, _ONE = mpz(0), mpz(1)
INFINITY: Final[Jacobian] = (_ONE, _ONE, _ZERO)

_SQUARE_ROOT = (P + 1) // 4


def is_on_curve(x: mpz, y: mpz) -> bool:
    """Whether (x, y), both from 0 to p - 1, satisfies the equation."""
    return bool((y * y - (x * x - 3) * x - B) % P == 0)


def lift(x: mpz, odd: int) -> Affine:
    """The point with this x (0 to p - 1) whose y is odd (1) or even (0); None if there is none.

    No point of P-256 has y = 0, because its order is an odd prime.
    """
    right = ((x * x - 3) * x + B) % P
    y = gmpy2.powmod(right, _SQUARE_ROOT, P)
    if y * y % P != right:
        return None
    return x, y if y & 1 == odd else P - y


def negate(point: Affine) -> Affine:
    """The opposite point."""
    return None if point is None else (point[0], P - point[1])


def jacobian(point: Affine) -> Jacobian:
    """The same point with Z = 1, or infinity."""
    return INFINITY if point is None else (*point, _ONE)


def double(point: Jacobian) -> Jacobian:
    """Twice a point; infinity stays infinity, and no point has order 2."""
    x, y, z = point
    delta = z * z % P
    gamma = y * y % P
    beta = x * gamma % P
    alpha = 3 * (x - delta) * (x + delta) % P
    x3 = (alpha * alpha - 8 * beta) % P
    return x3, (alpha * (4 * beta - x3) - 8 * gamma * gamma) % P, 2 * y * z % P


def add(left: Jacobian, right: Affine) -> Jacobian:
    """The sum of any two points, the right one affine."""
    if right is None:
        return left
    x1, y1, z1 = left
    x2, y2 = right
    if not z1:
        return x2, y2, _ONE
    square = z1 * z1 % P
    h = (x2 * square - x1) % P
    r = (y2 * square * z1 - y1) % P
    if not h:
        return INFINITY if r else double((x2, y2, _ONE))
    hh = h * h % P
    hhh = hh * h % P
    v = x1 * hh % P
    x3 = (r * r - hhh - 2 * v) % P
    return x3, (r * (v - x3) - y1 * hhh) % P, z1 * h % P


def add_jacobian(left: Jacobian, right: Jacobian) -> Jacobian:
    """The sum of any two points."""
    x1, y1, z1 = left
    x2, y2, z2 = right
    if not z1:
        return right
    if not z2:
        return left
    square1, square2 = z1 * z1 % P, z2 * z2 % P
    u = x1 * square2 % P
    s = y1 * square2 * z2 % P
    h = (x2 * square1 - u) % P
    r = (y2 * square1 * z1 - s) % P
    if not h:
        return INFINITY if r else double(left)
    hh = h * h % P
    hhh = hh * h % P
    v = u * hh % P
    x3 = (r * r - hhh - 2 * v) % P
    return x3, (r * (v - x3) - s * hhh) % P, z1 * z2 * h % P


def affine(point: Jacobian) -> Affine:
    """The point as a pair."""
    x, y, z = point
    if not z:
        return None
    inverse = gmpy2.invert(z, P)
    square = inverse * inverse % P
    return x * square % P, y * square * inverse % P


def affine_all(points: Sequence[Jacobian]) -> list[Affine]:
    """All points as pairs, with one inversion; points at infinity stay out of the shared product."""
    product = _ONE
    before = []
    for _, _, z in points:
        before.append(product)
        if z:
            product = product * z % P
    inverse = gmpy2.invert(product, P)
    found: list[Affine] = [None] * len(points)
    for index in range(len(points) - 1, -1, -1):
        x, y, z = points[index]
        if z:
            own = inverse * before[index] % P
            inverse = inverse * z % P
            square = own * own % P
            found[index] = x * square % P, y * square * own % P
    return found


def total(points: Iterable[Affine]) -> Affine:
    """The sum of any number of points."""
    result = INFINITY
    for point in points:
        result = add(result, point)
    return affine(result)


def table(point: Affine, window: int, bits: int) -> list[list[Affine]]:
    """``rows[i][d] = d * 2^(window i) * point`` for digits d of ``window`` bits."""
    rows: list[list[Affine]] = []
    step = point
    for _ in range(-(-bits // window)):
        row = [INFINITY, jacobian(step)]
        for _ in range(2, 1 << window):
            row.append(add(row[-1], step))
        rows.append(affine_all(row))
        step = affine(add(row[-1], step))
    return rows


def by_table(rows: Sequence[Sequence[Affine]], digits: Iterable[int]) -> Jacobian:
    """The multiple of a tabled point: one addition per row."""
    result = INFINITY
    for row, digit in zip(rows, digits, strict=True):
        result = add(result, row[digit])
    return result


def multiples(point: Affine, factors: Sequence[int], window: int = 4) -> list[Jacobian]:
    """``factor * point`` for each factor from 0 on, over one chain of doublings (Yao's method).

    When the chain arrives at ``2^i * point``, that point goes into the bucket of every odd digit that
    stands at bit i; the buckets are joined in the end.
    """
    length = max((factor.bit_length() for factor in factors), default=0)
    due: list[list[tuple[list[Jacobian], int]]] = [[] for _ in range(length)]
    buckets = [[INFINITY] * (1 << window - 1) for _ in factors]
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
    current = jacobian(point)
    for here in due:
        for row, index in here:
            row[index] = add_jacobian(row[index], current)
        current = double(current)
    return [_join_odd(row) for row in buckets]


def _join_odd(row: Sequence[Jacobian]) -> Jacobian:
    """``sum (2k + 1) * row[k]``: a running sum from the highest k down gives the k-fold ones."""
    running = weighted = INFINITY
    for held in reversed(row[1:]):
        running = add_jacobian(running, held)
        weighted = add_jacobian(weighted, running)
    return add_jacobian(double(weighted), add_jacobian(running, row[0]))


def combination(points: Sequence[Affine], factors: Sequence[int]) -> Jacobian:
    """``sum factors[i] * points[i]`` by buckets, as :func:`evote.groups.multiexp.combination`.

    Factors are integers from 0 on; the windows are unsigned and planned in the same way.
    """
    if len(points) != len(factors):
        raise ValueError("there is one exponent per value")
    if any(factor < 0 for factor in factors):
        raise ValueError("exponents are not negative")
    result = INFINITY
    for position, width in reversed(plan([factor.bit_length() for factor in factors])):
        for _ in range(width):
            result = double(result)
        mask = (1 << width) - 1
        buckets = [INFINITY] * (1 << width)
        for point, factor in zip(points, factors, strict=True):
            digit = factor >> position & mask
            if digit:
                buckets[digit] = add(buckets[digit], point)
        running = weighted = INFINITY
        for held in reversed(buckets[1:]):
            running = add_jacobian(running, held)
            weighted = add_jacobian(weighted, running)
        result = add_jacobian(result, weighted)
    return result
