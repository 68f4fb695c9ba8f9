"""Products of powers of many values modulo p: the inner loops of batch verification, on plain integers.

Bucket method (Pippenger): the exponents are cut into windows; in a window of c bits every value is
multiplied into the bucket of its digit, and the buckets are then joined. Two ways to join them:

* a running product from the highest digit down gives ``prod bucket[d]^d``;
* peeling: the product of the upper half of the buckets is the product of all values whose digit has
  its top bit set; the upper half is then folded onto the lower one, and the next bit is on top. This
  gives every *subset product* ``S_j``, the product of the values whose exponent has bit j.

Both cost the same. A window of c bits over n values takes about ``n + 2^c`` multiplications and holds
``2^c`` buckets, at most 2^16 of them; the squarings between the windows are as many as the longest
exponent has bits. :func:`plan` chooses the windows: wide where many exponents reach, narrow above.

For few values (up to about 250) buckets stay almost empty. There a table of odd powers per value and one
chain of squarings for all (Straus, with sliding windows) is cheaper, and :func:`combination` takes it.

Rules: values are reduced modulo p and not 0; exponents are plain integers from 0 on, of any length,
never reduced modulo a group order, because values need not be members of any subgroup; digits are
unsigned. Variable time: for public values. Nothing here knows groups or proofs, so that another
implementation can stand in for :func:`combination`, :func:`combination_and_subsets`, :func:`non_squares`
and :func:`all_of_order`; the rest serves these four.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import gmpy2
from gmpy2 import mpz

MAX_WINDOW: Final = 16
"""Most bits of a window: 2^16 buckets of 4096 bits are about 40 MB."""

_Buckets = list[mpz | None]
"""One product per digit; None where no value has that digit."""


def combination(p: mpz, values: Sequence[mpz], exponents: Sequence[int]) -> mpz:
    """``prod values[i] ** exponents[i] mod p``; 1 for no value at all. Lengths must be equal."""
    values, exponents, lengths = _longest_first(values, exponents)
    if interleaving_pays(lengths):
        return _interleaved(p, values, exponents)
    result: mpz | None = None
    for position, width in reversed(plan(lengths)):
        if result is not None:
            for _ in range(width):
                result = result * result % p
        product = _weighted(p, _fill(p, values, exponents, position, width))
        if product is not None:
            result = product if result is None else result * product % p
    return mpz(1) if result is None else result


def combination_and_subsets(
    p: mpz, values: Sequence[mpz], exponents: Sequence[int], bits: int
) -> tuple[mpz, list[mpz]]:
    """The combination, and the subset products S_0 .. S_(bits - 1) of the lowest exponent bits.

    ``S_j`` is the product of the values whose exponent has bit j; 1 for none.
    """
    values, exponents, lengths = _longest_first(values, exponents)
    subsets = [mpz(1)] * bits
    result: mpz | None = None
    for position, width in reversed(plan(lengths, bits)):
        buckets = _fill(p, values, exponents, position, width)
        if position >= bits:
            if result is not None:
                for _ in range(width):
                    result = result * result % p
            product = _weighted(p, buckets)
            if product is not None:
                result = product if result is None else result * product % p
            continue
        for offset, product in enumerate(_peel(p, buckets)):
            if result is not None:
                result = result * result % p
            if product is not None:
                subsets[position + width - 1 - offset] = product
                result = product if result is None else result * product % p
    return mpz(1) if result is None else result, subsets


def non_squares(p: mpz, values: Sequence[mpz]) -> list[int]:
    """Positions of the values whose Jacobi symbol modulo p is not 1."""
    return [position for position, value in enumerate(values) if gmpy2.jacobi(value, p) != 1]


def all_of_order(p: mpz, order: mpz, values: Sequence[mpz]) -> bool:
    """Whether ``value ** order = 1`` for each of the values, every one tested by itself."""
    return all(gmpy2.powmod(value, order, p) == 1 for value in values)


def plan(lengths: Sequence[int], border: int = 0) -> list[tuple[int, int]]:
    """The cheapest windows for exponents of these bit lengths: (lowest bit, width), lowest first.

    No window crosses ``border``. The price of a window is the number of exponents that reach it plus
    the number of its buckets; the cheapest cut is found from the top bit down.
    """
    held = Counter(lengths)
    top = max(held, default=0)
    price = [0] * (top + 1)
    widths = [0] * top
    reaching = 0
    for position in range(top - 1, -1, -1):
        reaching += held[position + 1]
        end = border if position < border < top else top
        widest = min(end - position, max(reaching.bit_length(), 1), MAX_WINDOW)
        price[position], widths[position] = min(
            (reaching + (1 << width) + price[position + width], width) for width in range(1, widest + 1)
        )
    windows = []
    position = 0
    while position < top:
        windows.append((position, widths[position]))
        position += widths[position]
    return windows


def planned_multiplications(lengths: Sequence[int], border: int = 0) -> int:
    """About the price of a combination of uniform exponents: multiplications, squarings included.

    With a ``border`` it is the price of :func:`combination_and_subsets` for so many bits.
    """
    buckets = _bucket_price(lengths, border)
    return buckets if border else min(buckets, _interleaved_price(lengths))


def interleaving_pays(lengths: Sequence[int]) -> bool:
    """Whether exponents of these bit lengths are so few that buckets would stay almost empty."""
    return _interleaved_price(lengths) < _bucket_price(lengths, 0)


def _bucket_price(lengths: Sequence[int], border: int) -> int:
    held = Counter(lengths)
    reached = sum(
        sum(count for length, count in held.items() if length > position) + (1 << width)
        for position, width in plan(lengths, border)
    )
    return reached + max(lengths, default=0)


def _interleaved_price(lengths: Sequence[int]) -> int:
    digits = sum(
        count * ((1 << _digit_bits(length) - 1) + length // (_digit_bits(length) + 1) + 1)
        for length, count in Counter(lengths).items()
    )
    return digits + max(lengths, default=0)


def _digit_bits(length: int) -> int:
    """Bits of an odd digit: a table of 2^(bits - 1) powers against one digit every ``bits + 1`` bits."""
    return min(range(1, 8), key=lambda bits: (1 << bits - 1) + length // (bits + 1))


def _interleaved(p: mpz, values: Sequence[mpz], exponents: Sequence[int]) -> mpz:
    """Every exponent as a sum of odd digits times powers of 2; all share one chain of squarings."""
    due: list[list[mpz]] = [[] for _ in range(max(map(int.bit_length, exponents), default=0))]
    for value, exponent in zip(values, exponents, strict=True):
        if not exponent:
            continue
        width = _digit_bits(exponent.bit_length())
        odd = [value]
        if width > 1:
            square = value * value % p
            for _ in range((1 << width - 1) - 1):
                odd.append(odd[-1] * square % p)
        mask = (1 << width) - 1
        position, rest = 0, exponent
        while rest:
            zeros = (rest & -rest).bit_length() - 1
            position += zeros
            rest >>= zeros
            due[position].append(odd[(rest & mask) >> 1])
            position += width
            rest >>= width
    result: mpz | None = None
    for factors in reversed(due):
        if result is not None:
            result = result * result % p
        for factor in factors:
            result = factor if result is None else result * factor % p
    return mpz(1) if result is None else result


def _longest_first(values: Sequence[mpz], exponents: Sequence[int]) -> tuple[list[mpz], list[int], list[int]]:
    """Values, exponents and bit lengths, the longest exponents first: those that reach a window lead."""
    if len(values) != len(exponents):
        raise ValueError("there is one exponent per value")
    if any(exponent < 0 for exponent in exponents):
        raise ValueError("exponents are not negative")
    lengths = [exponent.bit_length() for exponent in exponents]
    order = sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True)
    return [values[i] for i in order], [exponents[i] for i in order], [lengths[i] for i in order]


def _fill(p: mpz, values: Sequence[mpz], exponents: Sequence[int], position: int, width: int) -> _Buckets:
    """Every value in the bucket of its digit; the digit 0 needs none."""
    mask = (1 << width) - 1
    buckets: _Buckets = [None] * (1 << width)
    # Longest first: beyond the first exponent that is used up, all are.
    digits = []
    for exponent in exponents:
        rest = exponent >> position
        if not rest:
            break
        digits.append(rest & mask)
    for value, digit in zip(values, digits, strict=False):
        if digit:
            held = buckets[digit]
            buckets[digit] = value if held is None else held * value % p
    return buckets


def _weighted(p: mpz, buckets: _Buckets) -> mpz | None:
    """``prod bucket[d] ** d``: a running product from the top is multiplied in once per digit."""
    running: mpz | None = None
    total: mpz | None = None
    for held in reversed(buckets[1:]):
        if held is not None:
            running = held if running is None else running * held % p
        if running is not None:
            total = running if total is None else total * running % p
    return total


def _peel(p: mpz, buckets: _Buckets) -> _Buckets:
    """Per bit of the digit, highest first: the product of all values whose digit has that bit."""
    products: _Buckets = []
    while len(buckets) > 1:
        half = len(buckets) // 2
        product = buckets[half]  # what would be folded onto 0 has no bit left
        folded: _Buckets = [None]
        for low, high in zip(buckets[1:half], buckets[half + 1 :], strict=True):
            if high is None:
                folded.append(low)
                continue
            product = high if product is None else product * high % p
            folded.append(high if low is None else low * high % p)
        products.append(product)
        buckets = folded
    return products
