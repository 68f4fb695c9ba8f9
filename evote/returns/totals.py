"""Sums of returns: ciphertext products and plain counts side by side, never mixed (rule A50).

The sum over units is taken after the weight W of each style: a plain count becomes W times itself, a
ciphertext its W-th power (specification section 3.5, equation 80). Adding is commutative and
associative, so the total of a unit in the tree is the sum of those of its children.

What it leaves out: decryption. A product of returns of kind BALLOTS is for comparison with the product of
the ballots; only that one is ever decrypted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from evote.ballots import Election
from evote.elgamal import Ciphertext
from evote.returns.unitreturn import COUNTS, PlainTotal, SealedTotal, UnitReturn

_NO_COUNTS = (0,) * len(COUNTS)


@dataclass(frozen=True, slots=True)
class Counted:
    """Voters and ballots of so many units of one kind; ``counts`` are in the order of ``COUNTS``."""

    units: int = 0
    counts: tuple[int, ...] = _NO_COUNTS

    def __add__(self, other: Counted) -> Counted:
        counts = tuple(left + right for left, right in zip(self.counts, other.counts, strict=True))
        return Counted(self.units + other.units, counts)

    def count(self, name: str) -> int:
        """One of the counts by its name."""
        return self.counts[COUNTS.index(name)]


@dataclass(frozen=True, slots=True)
class Totals:
    """What units reported together, by label of the contest; fields in the manifest's order."""

    ballots: Counted = Counted()
    """Units of kind BALLOTS."""
    open: Counted = Counted()
    """Units of kind OPEN."""
    plain: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    sealed: Mapping[str, tuple[Ciphertext, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, election: Election, returned: UnitReturn) -> Totals:
        """The totals of one return that fits the manifest; ``ValueError`` or
        :class:`~evote.errors.DecodeError` for one that does not."""
        rows = [tuple(getattr(each, name) for name in COUNTS) for each in returned.counts]
        counted = Counted(1, tuple(map(sum, zip(*rows, strict=True))))
        if returned.log is None:
            one = cls(open=counted)
        else:
            one = cls(ballots=counted)
        weights = {each.style: election.manifest.style(each.style).weight for each in returned.counts}
        parts = [_plain(row, weights[row.style]) for row in returned.plain]
        parts += [_sealed(election, row, weights[row.style]) for row in returned.sealed]
        return total((one, *parts))

    def __add__(self, other: Totals) -> Totals:
        plain = dict(self.plain)
        for contest, numbers in other.plain.items():
            held = plain.get(contest)
            plain[contest] = (
                numbers if held is None else tuple(a + b for a, b in zip(held, numbers, strict=True))
            )
        sealed = dict(self.sealed)
        for contest, pairs in other.sealed.items():
            before = sealed.get(contest)
            sealed[contest] = (
                pairs
                if before is None
                else tuple(_multiplied(a, b) for a, b in zip(before, pairs, strict=True))
            )
        return Totals(
            self.ballots + other.ballots,
            self.open + other.open,
            MappingProxyType(plain),
            MappingProxyType(sealed),
        )


def total(parts: Iterable[Totals]) -> Totals:
    """The sum of totals; that of none is empty."""
    held = Totals()
    for part in parts:
        held = held + part
    return held


def _plain(row: PlainTotal, weight: int) -> Totals:
    return Totals(plain={row.contest: tuple(weight * each.count for each in row.fields)})


def _sealed(election: Election, row: SealedTotal, weight: int) -> Totals:
    group = election.group
    scalar = group.scalar(weight)
    pairs = []
    for each in row.fields:
        alpha, beta = group.decode(each.alpha), group.decode(each.beta)
        if weight != 1:
            alpha, beta = group.power(alpha, scalar), group.power(beta, scalar)
        pairs.append(Ciphertext(alpha, beta))
    return Totals(sealed={row.contest: tuple(pairs)})


def _multiplied(left: Ciphertext, right: Ciphertext) -> Ciphertext:
    group = left.alpha.group
    return Ciphertext(group.multiply(left.alpha, right.alpha), group.multiply(left.beta, right.beta))
