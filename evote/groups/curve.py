"""Points of the curve NIST P-256 on plain integers: y^2 = x^3 - 3x + b over the field of p (SP 800-186).

A point is a pair (x, y) of integers below p, or None for the point at infinity. Single sums run in
Jacobian coordinates (X, Y, Z) with x = X / Z^2 and y = Y / Z^3; Z = 0 is infinity. The formulas are the
textbook's (Explicit-Formulas Database, ``dbl-2001-b`` and ``madd``), which are wrong where both summands
are equal, opposite or infinite, so :func:`add` tells these cases apart every time: whoever can choose a
value of a batch could otherwise choose it to make one (rule A69).

Many independent sums stay affine and share one inversion (Montgomery's trick): six multiplications
instead of eleven. A pair of equal or opposite points would make the shared product 0 and with it every
sum of the round, which :func:`sums` sees by that 0, and then looks at each pair. Infinity never enters.

Variable time: for public values and the nonces of one ballot. Long-term secrets go elsewhere
(:mod:`evote.groups.p256`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

import gmpy2
from gmpy2 import mpz

from evote.groups.chains import Law, check_factors
from evote.groups.multiexp import interleaving_pays, plan

P: Final = mpz(2**256 - 2**224 + 2**192 + 2**96 - 1)
B: Final = mpz(0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B)
N: Final = mpz(0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551)
G: Final = (
    mpz(0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296),
    mpz(0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5),
)

Point: TypeAlias = "tuple[mpz, mpz]"
Affine: TypeAlias = "Point | None"
Jacobian: TypeAlias = "tuple[mpz, mpz, mpz]"

_ZERO, _ONE = mpz(0), mpz(1)
INFINITY: Final[Jacobian] = (_ONE, _ONE, _ZERO)

_SQUARE_ROOT = (P + 1) // 4

SHARED: Final = 512
"""Sums over one inversion: more save nothing, and fewer stay in the processor's cache."""

_FEW = 32
"""So many points or buckets are added one after the other."""


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


def sums(lefts: Sequence[Point], rights: Sequence[Point]) -> list[Affine]:
    """``lefts[i] + rights[i]`` for every i, any finite points, with one inversion for all."""
    gaps = [right[0] - left[0] for left, right in zip(lefts, rights, strict=True)]
    before, product = _running_products(gaps)
    if not product:
        return _sums_of_any(lefts, rights, gaps)
    inverse, prime = gmpy2.invert(product, P), P
    found: list[Affine] = []
    for (x1, y1), (x2, y2) in zip(reversed(lefts), reversed(rights), strict=True):
        slope = (y2 - y1) * (inverse * before.pop() % prime) % prime
        inverse = inverse * gaps.pop() % prime
        x3 = (slope * slope - (x1 + x2)) % prime
        found.append((x3, (slope * (x1 - x3) - y1) % prime))
    found.reverse()
    return found


def _sums_of_any(lefts: Sequence[Point], rights: Sequence[Point], gaps: Sequence[mpz]) -> list[Affine]:
    """The same where some pairs have one x: those are equal or opposite, and added apart from the rest."""
    apart = [index for index, gap in enumerate(gaps) if not gap]
    rest = [index for index, gap in enumerate(gaps) if gap]
    found: list[Affine] = [None] * len(gaps)
    for index, point in zip(rest, sums([lefts[i] for i in rest], [rights[i] for i in rest]), strict=True):
        found[index] = point
    # The doubles have one inversion too: a batch may be full of such pairs.
    doubles = [index for index in apart if lefts[index] == rights[index]]
    twice = affine_all([double((*lefts[index], _ONE)) for index in doubles])
    for index, point in zip(doubles, twice, strict=True):
        found[index] = point
    return found


def _running_products(factors: Sequence[mpz]) -> tuple[list[mpz], mpz]:
    """Of the factors before each, and of all."""
    product, before, prime = _ONE, [], P
    for factor in factors:
        before.append(product)
        product = product * factor % prime
    return before, product


def gather(places: Iterable[int], points: Iterable[Affine], count: int) -> list[Affine]:
    """Per place from 0 to ``count - 1``, the sum of the points that have it; None for none.

    A point waits at its place for another one; the two make a pair. Pairs are added as soon as there are
    enough to share an inversion, and their sums are sent to the places again, until every place has one.
    """
    waiting: list[Affine] = [None] * count
    while True:
        ready: list[int] = []
        added: list[Affine] = []
        lefts: list[Point] = []
        rights: list[Point] = []
        for place, point in zip(places, points, strict=True):
            if point is None:
                continue
            held = waiting[place]
            if held is None:
                waiting[place] = point
                continue
            waiting[place] = None
            ready.append(place)
            lefts.append(held)
            rights.append(point)
            if len(lefts) == SHARED:
                added += sums(lefts, rights)
                lefts.clear()
                rights.clear()
        if lefts:
            added += sums(lefts, rights)
        if not ready:
            return waiting
        places, points = ready, added


def total(points: Iterable[Affine]) -> Affine:
    """The sum of any number of points."""
    held = list(points)
    if len(held) > _FEW:
        return gather([0] * len(held), held, 1)[0]
    result = INFINITY
    for point in held:
        result = add(result, point)
    return affine(result)


LAW: Final[Law[Jacobian, Affine]] = Law(INFINITY, add_jacobian, add, double, jacobian, affine_all)


def multiples(point: Affine, factors: Sequence[int]) -> list[Jacobian]:
    """``factor * point`` for each factor from 0 on, over one chain of doublings."""
    return LAW.multiples(point, factors)


def combination(points: Sequence[Affine], factors: Sequence[int]) -> Jacobian:
    """``sum factors[i] * points[i]``, for factors from 0 on: few interleaved, many by affine buckets.

    The digits of a window of w bits are signed, from -2^(w - 1) to 2^(w - 1), because an opposite point
    costs nothing: half as many buckets.
    """
    check_factors(points, factors)
    lengths = [factor.bit_length() for factor in factors]
    if interleaving_pays(lengths):
        return LAW.interleaved(points, factors)
    # One bit more: the highest digit may carry.
    windows = plan([length + 1 for length in lengths])
    ordered = sorted(range(len(points)), key=lengths.__getitem__, reverse=True)
    rest = [factors[index] for index in ordered]
    forth = [points[index] for index in ordered]
    back = [negate(point) for point in forth]
    weighted = []
    for _, width in windows:
        weighted.append(_window(rest, forth, back, width))
    result = INFINITY
    for (_, width), part in zip(reversed(windows), reversed(weighted), strict=True):
        for _ in range(width):
            result = double(result)
        result = add_jacobian(result, part)
    return result


def _window(rest: list[int], forth: Sequence[Affine], back: Sequence[Affine], width: int) -> Jacobian:
    """What the lowest digits of the factors contribute; the factors lose them.

    ``rest`` has the longest factors first: where one is used up, it and those behind it are cut off.
    """
    half, mask = 1 << width - 1, (1 << width) - 1
    places, chosen = [], []
    used = 0
    for index, factor in enumerate(rest):
        digit = factor & mask
        factor >>= width
        if digit > half:
            factor += 1
            places.append(mask + 1 - digit)
            chosen.append(back[index])
        elif digit:
            places.append(digit)
            chosen.append(forth[index])
        rest[index] = factor
        if factor:
            used = index + 1
    del rest[used:]
    return _join(gather(places, chosen, half + 1))


def _join(buckets: Sequence[Affine]) -> Jacobian:
    """``sum d * buckets[d]``.

    With ``d = high * side + low``, the buckets of one high digit and those of one low digit are summed,
    independently of each other, and only these sums are joined one after the other.
    """
    count = len(buckets)
    if count <= _FEW:
        return LAW.weighted([None if point is None else (*point, _ONE) for point in buckets[1:]])
    shift = (count.bit_length() + 1) // 2
    side = 1 << shift
    highs = -(-count // side)
    places = [index >> shift for index in range(count)]
    places += [highs + (index & side - 1) for index in range(count)]
    parts = gather(places, [*buckets, *buckets], highs + side)
    high, low = _join(parts[:highs]), _join(parts[highs:])
    for _ in range(shift):
        high = double(high)
    return add_jacobian(high, low)
