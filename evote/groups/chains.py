"""Multiples of points on any curve: tables, Yao's and Straus's chains of doublings, buckets.

What a curve has to give is a :class:`Law`: sums of two points, whatever they are, doubling, and two forms
of a point. *Running* points are what sums are computed in (projective coordinates); *settled* points are
what tables hold, cheaper to add and dearer to make, so that they are made for many points at once.

Rules: a law is complete. Equal, opposite and neutral summands meet in buckets whenever somebody chooses
values so that they do, and nothing here tells them apart (rule A69). Factors are integers from 0 on, of any
length, never reduced. Variable time: for public values and the nonces of one ballot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from evote.groups.multiexp import interleaving_pays, plan

R = TypeVar("R")
S = TypeVar("S")

YAO_WINDOW: Final = 4
STRAUS_WINDOW: Final = 5
"""Bits per odd digit, for factors of about 256 bits."""


@dataclass(frozen=True, slots=True)
class Law(Generic[R, S]):
    """The sums of a curve, for running points R and settled points S."""

    neutral: R
    add: Callable[[R, R], R]
    add_settled: Callable[[R, S], R]
    double: Callable[[R], R]
    running: Callable[[S], R]
    settle: Callable[[Sequence[R]], list[S]]

    # --- one point -------------------------------------------------------------------------------

    def table(self, point: S, window: int, bits: int) -> list[list[S]]:
        """``rows[i][d] = d * 2^(window i) * point`` for digits d of ``window`` bits."""
        add = self.add_settled
        rows: list[list[S]] = []
        step = point
        for _ in range(-(-bits // window)):
            row = [self.neutral, self.running(step)]
            for _ in range(2, 1 << window):
                row.append(add(row[-1], step))
            rows.append(self.settle(row))
            (step,) = self.settle([add(row[-1], step)])
        return rows

    def by_table(self, rows: Sequence[Sequence[S]], digits: Iterable[int]) -> R:
        """The multiple of a tabled point: one addition per row."""
        add, result = self.add_settled, self.neutral
        for row, digit in zip(rows, digits, strict=True):
            result = add(result, row[digit])
        return result

    def multiples(self, point: S, factors: Sequence[int]) -> list[R]:
        """``factor * point`` for each factor, over one chain of doublings (Yao's method).

        When the chain arrives at ``2^i * point``, that point goes into the bucket of every odd digit that
        stands at bit i; the buckets are joined in the end.
        """
        add, double = self.add, self.double
        length = max((factor.bit_length() for factor in factors), default=0)
        due: list[list[tuple[list[R | None], int]]] = [[] for _ in range(length)]
        buckets: list[list[R | None]] = [[None] * (1 << YAO_WINDOW - 1) for _ in factors]
        for row, factor in zip(buckets, factors, strict=True):
            for position, digit in odd_digits(factor, YAO_WINDOW):
                due[position].append((row, digit >> 1))
        current = self.running(point)
        for here in due:
            for row, index in here:
                held = row[index]
                row[index] = current if held is None else add(held, current)
            current = double(current)
        return [self._join_odd(row) for row in buckets]

    def _join_odd(self, row: Sequence[R | None]) -> R:
        """``sum (2k + 1) * row[k]``: a running sum from the highest k down gives the k-fold ones."""
        weighted, running = self._weighted(row[1:])
        result = self.add(self.double(weighted), running)
        first = row[0]
        return result if first is None else self.add(result, first)

    def _weighted(self, row: Sequence[R | None]) -> tuple[R, R]:
        """``sum (k + 1) * row[k]``, and the sum of the row."""
        add = self.add
        running: R | None = None
        weighted: R | None = None
        for held in reversed(row):
            if held is not None:
                running = held if running is None else add(running, held)
            if running is not None:
                weighted = running if weighted is None else add(weighted, running)
        return (
            self.neutral if weighted is None else weighted,
            self.neutral if running is None else running,
        )

    def weighted(self, row: Sequence[R | None]) -> R:
        """``sum (k + 1) * row[k]``; None is a place without a point."""
        return self._weighted(row)[0]

    # --- many points -----------------------------------------------------------------------------

    def combination(self, points: Sequence[S], factors: Sequence[int]) -> R:
        """``sum factors[i] * points[i]``: interleaved for few points, by buckets for many."""
        check_factors(points, factors)
        if interleaving_pays([factor.bit_length() for factor in factors]):
            return self.interleaved(points, factors)
        return self.bucketed(points, factors)

    def interleaved(self, points: Sequence[S], factors: Sequence[int]) -> R:
        """Every factor as odd digits times powers of 2, from tables; all share one chain (Straus)."""
        add, double = self.add, self.double
        odd: list[R] = []
        for point in points:
            own = self.running(point)
            twice = double(own)
            odd.append(own)
            for _ in range((1 << STRAUS_WINDOW - 1) - 1):
                own = add(own, twice)
                odd.append(own)
        settled = self.settle(odd)
        due: list[list[S]] = [[] for _ in range(max((f.bit_length() for f in factors), default=0))]
        for place, factor in enumerate(factors):
            start = place << STRAUS_WINDOW - 1
            for position, digit in odd_digits(factor, STRAUS_WINDOW):
                due[position].append(settled[start + (digit >> 1)])
        result, add_settled = self.neutral, self.add_settled
        for here in reversed(due):
            result = double(result)
            for point in here:
                result = add_settled(result, point)
        return result

    def bucketed(self, points: Sequence[S], factors: Sequence[int]) -> R:
        """In each window every point goes into the bucket of its digit (Pippenger)."""
        add, double, running = self.add_settled, self.double, self.running
        result = self.neutral
        for position, width in reversed(plan([factor.bit_length() for factor in factors])):
            for _ in range(width):
                result = double(result)
            mask = (1 << width) - 1
            buckets: list[R | None] = [None] * mask
            for point, factor in zip(points, factors, strict=True):
                digit = factor >> position & mask
                if digit:
                    held = buckets[digit - 1]
                    buckets[digit - 1] = running(point) if held is None else add(held, point)
            result = self.add(result, self.weighted(buckets))
        return result


def odd_digits(factor: int, width: int) -> Iterator[tuple[int, int]]:
    """Positions i and odd digits d below 2^width with ``factor = sum of d * 2^i``, lowest first."""
    mask = (1 << width) - 1
    position = 0
    while factor:
        zeros = (factor & -factor).bit_length() - 1
        position += zeros
        factor >>= zeros
        yield position, factor & mask
        position += width
        factor >>= width


def check_factors(points: Sequence[object], factors: Sequence[int]) -> None:
    """``ValueError`` unless there is one factor from 0 on per point."""
    if len(points) != len(factors):
        raise ValueError("there is one exponent per value")
    if any(factor < 0 for factor in factors):
        raise ValueError("exponents are not negative")
