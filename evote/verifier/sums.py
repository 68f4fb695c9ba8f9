"""What the cast ballots of a stretch add to the cells: one part of the products of verification 9.

Every cast ballot enters, weighted, also one that fails another check: otherwise one wrong proof
would make all sums look wrong. Ballots that verify go through a :class:`~evote.tally.Tallier`; of the
others the values enter as they stand, members or not. A value out of range spoils its field.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from evote.ballots import Election, EncryptedBallot, VerifiedBallot
from evote.codec import MAX_COUNT, MAX_OPTIONS, AtMost, Between, Count, ElementBytes, Index, Label, Path
from evote.errors import DecodeError
from evote.groups import Claimed, Group
from evote.tally import Tallier

CellKey = tuple[int, str]
"""Contest index and cell label."""

Pair = tuple[Claimed, Claimed]


@dataclass(frozen=True, slots=True)
class WeightClass:
    """How many ballots have a weight."""

    weight: Annotated[int, Between(1, MAX_COUNT)]
    ballots: Count


@dataclass(frozen=True, slots=True)
class FieldPart:
    """The product over the values of one field; members or not, but between 1 and p - 1."""

    option: Index
    alpha: ElementBytes
    beta: ElementBytes


@dataclass(frozen=True, slots=True)
class CellPart:
    """One cell of a contest; ``spoiled`` are the options with a value out of range."""

    contest: Index
    cell: Label
    classes: tuple[WeightClass, ...]
    fields: Annotated[tuple[FieldPart, ...], AtMost(MAX_OPTIONS)]
    spoiled: Annotated[tuple[Index, ...], AtMost(MAX_OPTIONS)]


UnitKey = tuple[str, str, int]
"""Path of a unit, label of a style, contest index."""


@dataclass(frozen=True, slots=True)
class UnitPart:
    """One contest over the ballots of one style in one unit, before the weight of the style."""

    unit: Path
    style: Label
    contest: Index
    classes: tuple[WeightClass, ...]
    fields: Annotated[tuple[FieldPart, ...], AtMost(MAX_OPTIONS)]
    spoiled: Annotated[tuple[Index, ...], AtMost(MAX_OPTIONS)]

    @property
    def key(self) -> UnitKey:
        """What the part is of."""
        return self.unit, self.style, self.contest


@dataclass(frozen=True, slots=True)
class CellName:
    """A cell that a submitted ballot of either kind has a contest for."""

    contest: Index
    cell: Label


class CellSums:
    """Products and weights of one cell; parts are merged in any order."""

    __slots__ = ("_group", "classes", "fields")

    def __init__(self, group: Group) -> None:
        self._group = group
        self.classes: dict[int, int] = {}
        """Ballots by weight."""
        self.fields: dict[int, Pair | None] = {}
        """(A, B) by option index; None where a value was out of range."""

    def weigh(self, weight: int, ballots: int = 1) -> None:
        """So many ballots of a weight."""
        self.classes[weight] = self.classes.get(weight, 0) + ballots

    def multiply(self, option: int, pair: Pair | None) -> None:
        """Multiply a field; None spoils it."""
        if option not in self.fields:
            self.fields[option] = pair
            return
        held = self.fields[option]
        if held is None or pair is None:
            self.fields[option] = None
            return
        product = self._group.product_of_claimed
        self.fields[option] = product((held[0], pair[0])), product((held[1], pair[1]))

    def merge(self, part: CellPart | UnitPart) -> None:
        """Add a part; raises :class:`DecodeError` for one whose values are none of the group."""
        for entry in part.classes:
            self.weigh(entry.weight, entry.ballots)
        claim = self._group.claim
        for one in part.fields:
            self.multiply(one.option, (claim(one.alpha), claim(one.beta)))
        for option in part.spoiled:
            self.multiply(option, None)

    def part(self, key: CellKey) -> CellPart:
        """This, as a part."""
        contest, cell = key
        return CellPart(contest, cell, *self._content())

    def unit_part(self, key: UnitKey) -> UnitPart:
        """This, as the part of a unit and style."""
        unit, style, contest = key
        return UnitPart(unit, style, contest, *self._content())

    def _content(self) -> tuple[tuple[WeightClass, ...], tuple[FieldPart, ...], tuple[int, ...]]:
        fields = sorted((option, pair) for option, pair in self.fields.items() if pair is not None)
        return (
            tuple(WeightClass(*entry) for entry in sorted(self.classes.items())),
            tuple(FieldPart(option, alpha.encode(), beta.encode()) for option, (alpha, beta) in fields),
            tuple(sorted(option for option, pair in self.fields.items() if pair is None)),
        )


class UnitSums:
    """What units report of their ballots: products per unit, style and contest, each of weight 1.

    For one process; takes cast ballots only. A unit's return states these products (equation 79).
    """

    __slots__ = ("_cells", "_group", "_options")

    def __init__(self, election: Election) -> None:
        self._group = election.group
        self._options = {contest.index: len(contest.options) for contest in election.manifest.contests}
        self._cells: dict[UnitKey, CellSums] = {}

    def add(self, ballot: EncryptedBallot) -> None:
        """A cast ballot, verified or not: its values enter as they stand, and one out of range spoils."""
        claim = self._group.claim
        for encrypted in ballot.contests:
            options = self._options.get(encrypted.contest, 0)  # E.2 names other contests and options
            if not options:
                continue
            cell = self._cell((ballot.unit, ballot.style, encrypted.contest))
            cell.weigh(1)
            for selection in encrypted.selections:
                if selection.option > options:
                    continue
                try:
                    pair: Pair | None = claim(selection.alpha), claim(selection.beta)
                except DecodeError:
                    pair = None
                cell.multiply(selection.option, pair)

    def merge(self, part: UnitPart) -> None:
        """Add a part; raises :class:`DecodeError` for one whose values are none of the group."""
        self._cell(part.key).merge(part)

    def parts(self) -> tuple[UnitPart, ...]:
        """Everything, as parts."""
        return tuple(self._cells[key].unit_part(key) for key in sorted(self._cells))

    def fields(self, unit: str, style: str, contest: int) -> tuple[Pair | None, ...]:
        """(A, B) of each field of a contest, (1, 1) where there was no ballot, None where one spoiled it."""
        held = self._cells.get((unit, style, contest))
        one, options = self._group.identity, self._options[contest]
        if held is None:
            return ((one, one),) * options
        return tuple(held.fields.get(option, (one, one)) for option in range(1, options + 1))

    def _cell(self, key: UnitKey) -> CellSums:
        return self._cells.setdefault(key, CellSums(self._group))


class Summing:
    """Adds up the ballots of one stretch."""

    def __init__(self, election: Election) -> None:
        self._election = election
        self._tallier = Tallier(election)
        self._cells: dict[CellKey, CellSums] = {}
        self._submitted: set[CellKey] = set()
        self._units = None if election.manifest.returns is None else UnitSums(election)

    def see(self, ballot: EncryptedBallot) -> None:
        """A submitted ballot of either kind."""
        self._submitted.update(key for _, key in self._keys(ballot))

    def add(self, ballot: VerifiedBallot) -> None:
        """A cast ballot without findings."""
        self._tallier.add(ballot)
        if self._units is not None:
            self._units.add(ballot.submitted.ballot)

    def add_irregular(self, ballot: EncryptedBallot) -> None:
        """A cast ballot with findings."""
        if self._units is not None:
            self._units.add(ballot)
        for place, key in self._keys(ballot):
            cell = self._cell(key)
            cell.weigh(ballot.weight)
            encrypted = ballot.contests[place]
            options = len(self._election.manifest.contest(encrypted.contest).options)
            for selection in encrypted.selections:
                if selection.option <= options:  # E.2 names the others
                    pair = self._weighted(selection.alpha, selection.beta, ballot.weight)
                    cell.multiply(selection.option, pair)

    def submitted(self) -> tuple[CellName, ...]:
        """The cells that ballots were submitted for."""
        return tuple(CellName(*key) for key in sorted(self._submitted))

    def parts(self) -> tuple[CellPart, ...]:
        """What the cells have got."""
        tally = self._tallier.tally(self._tallier.head())
        for key, held in tally.sums.items():
            cell = self._cell(key)
            for weight, ballots in held.classes:
                cell.weigh(weight, ballots)
            for option, pair in enumerate(held.fields, 1):
                cell.multiply(option, (pair.alpha, pair.beta))
        return tuple(self._cells[key].part(key) for key in sorted(self._cells))

    def unit_parts(self) -> tuple[UnitPart, ...]:
        """What the units have got, where they report with returns."""
        return () if self._units is None else self._units.parts()

    def _cell(self, key: CellKey) -> CellSums:
        return self._cells.setdefault(key, CellSums(self._election.group))

    def _keys(self, ballot: EncryptedBallot) -> Iterable[tuple[int, CellKey]]:
        for place, encrypted in enumerate(ballot.contests):
            try:
                cell = self._election.manifest.cell_of(encrypted.contest, ballot.unit)
            except ValueError:
                continue
            yield place, (encrypted.contest, cell.label)

    def _weighted(self, alpha: bytes, beta: bytes, weight: int) -> Pair | None:
        group = self._election.group
        try:
            claimed = group.claim(alpha), group.claim(beta)
        except DecodeError:
            return None
        return _power(group, claimed[0], weight), _power(group, claimed[1], weight)


def _power(group: Group, value: Claimed, exponent: int) -> Claimed:
    """``value ** exponent`` for a small positive exponent, whether or not the value is a member."""
    result = value
    for bit in bin(exponent)[3:]:
        result = group.product_of_claimed((result, result))
        if bit == "1":
            result = group.product_of_claimed((result, value))
    return result
