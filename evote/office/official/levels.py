"""The counts of a sheet at every level of the tree of units (``specs/official-formats.md#levels``).

A place is the whole election, a unit of the tree, or a cell that is no unit. The figures of a place are
the sum of the cells and OPEN counts that lie wholly in it; where a cell has units on both sides of its
border, nobody knows the figures of that place, and there are none. One walk over the tree per contest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evote.manifest import Contest, Unit
from evote.manifest.coverage import Coverage
from evote.office.official.sheet import VOTERS, Figures, ResultSheet, UnitKind, UnitStatus


@dataclass(frozen=True, slots=True)
class Place:
    """Where counts belong to. ``id`` is a name of letters, digits and hyphens, unique in the sheet."""

    id: str
    label: str
    names: Mapping[str, str]
    path: str | None
    """The unit's path; None for the election as a whole and for a cell."""
    children: tuple[str, ...]
    """Ids of the places right below."""
    leaves: tuple[str, ...]
    """Paths of the reporting units in it."""
    cell: bool = False


@dataclass(frozen=True, slots=True)
class Subtotal:
    """The figures of one contest at one place, by kind; None where nothing of that kind was counted."""

    decrypted: Figures | None
    open: Figures | None
    withheld: tuple[str, ...]
    """Labels of the cells in it that are withheld."""
    counted: int
    """Units whose votes are in the figures."""
    expected: int
    """Units that vote on the contest."""

    @property
    def total(self) -> Figures | None:
        """Both kinds together."""
        if self.decrypted is None or self.open is None:
            return self.decrypted or self.open
        return self.decrypted + self.open

    @property
    def complete(self) -> bool:
        """Whether every unit of the place is counted."""
        return self.counted == self.expected


@dataclass(frozen=True, slots=True)
class Voters:
    """Ballots and voters of a place, None where one of its units does not say; and its units' statuses."""

    numbers: tuple[int | None, ...]
    """In the order of :data:`~evote.office.official.sheet.VOTERS`."""
    reported: int
    expected: int
    statuses: frozenset[UnitStatus]

    def number(self, name: str) -> int | None:
        """One of the numbers by name."""
        return self.numbers[VOTERS.index(name)]


@dataclass(frozen=True, slots=True)
class ContestLevels:
    """One contest at every place that has figures of it."""

    contest: Contest
    scope: str
    """Id of the smallest unit, or the election, that has all units that vote on it."""
    subtotals: Mapping[str, Subtotal]
    """By id of the place, in the order of the places."""
    parts: tuple[str, ...]
    """Ids of places that do not overlap and together have everything that was counted."""


@dataclass(frozen=True, slots=True)
class Levels:
    """A sheet's counts at all places; the first place is the whole election."""

    places: tuple[Place, ...]
    voters: Mapping[str, Voters]
    """By id; cells that are no units have none."""
    contests: tuple[ContestLevels, ...]


def levels_of(sheet: ResultSheet) -> Levels:
    """Sum a sheet up."""
    tree = _Tree(sheet)
    coverage = Coverage(sheet.manifest.styles, sheet.manifest.units)
    contests = tuple(
        tree.contest(contest, coverage.units_of(contest.index)) for contest in sheet.manifest.contests
    )
    return Levels((*tree.places, *tree.cells.values()), tree.voters(), contests)


class _Tree:
    """The places of a sheet, and who lies in whom."""

    def __init__(self, sheet: ResultSheet) -> None:
        self.sheet = sheet
        self.places: list[Place] = []
        self.cells: dict[tuple[str, ...], Place] = {}
        self._units = 0
        self._above: dict[str, tuple[str, ...]] = {}
        """Path of a reporting unit -> ids of the places that it lies in, the largest first."""
        roots = sheet.manifest.units
        if len(roots) == 1:
            self._add(roots[0], ())
        else:
            self.places.append(Place("election", "", {}, None, (), ()))
            children = tuple(self._add(root, ("election",)) for root in roots)
            label, names = sheet.manifest.label, sheet.manifest.names
            self.places[0] = Place("election", label, names, None, children, tuple(self._above))

    def _add(self, unit: Unit, above: tuple[str, ...]) -> str:
        at = len(self.places)
        self._units += 1
        mine = f"unit-{self._units}"
        chain = (*above, mine)
        self.places.append(Place(mine, unit.label, unit.names, unit.path, (), ()))
        if unit.reports:
            self._above[unit.path] = chain
        children = tuple(self._add(child, chain) for child in unit.children)
        leaves = tuple(leaf.path for leaf in unit.leaves())
        self.places[at] = Place(mine, unit.label, unit.names, unit.path, children, leaves)
        return mine

    def voters(self) -> dict[str, Voters]:
        found = {}
        for place in self.places:
            lines = [self.sheet.units[path] for path in place.leaves]
            numbers: list[int | None] = []
            for name in VOTERS:
                known = [value for line in lines if (value := getattr(line, name)) is not None]
                numbers.append(sum(known) if len(known) == len(lines) else None)
            statuses = frozenset(line.status for line in lines)
            reported = sum(line.status is UnitStatus.REPORTED for line in lines)
            found[place.id] = Voters(tuple(numbers), reported, len(lines), statuses)
        return found

    def contest(self, contest: Contest, carrying: tuple[str, ...]) -> ContestLevels:
        sums = _Sums()
        for path in carrying:
            for place in self._above[path]:
                sums.expected[place] = sums.expected.get(place, 0) + 1
        lines = {line.cell: line for line in self.sheet.cells if line.contest == contest.index}
        parts = []
        for cell in self.sheet.manifest.cells(contest.index):
            units = tuple(path for path in cell.units if self.sheet.units[path].kind is UnitKind.BALLOTS)
            if not units:
                continue
            home = self._home(units)
            for path in units:
                sums.crossed.update(self._above[path][len(home) :])
            part = home[-1]
            if sums.expected[part] != len(units):
                part = self._cell(cell.label, units).id
                sums.expected[part] = len(units)
            line = lines.get(cell.label)
            if line is None:
                continue
            for place in home if part == home[-1] else (*home, part):
                sums.add(place, decrypted=line.figures, units=len(units) if line.figures else 0)
                if line.withheld is not None:
                    sums.withheld.setdefault(place, []).append(cell.label)
            if line.figures is not None:
                parts.append(part)
        for open_line in self.sheet.open:
            if open_line.contest == contest.index:
                for place in self._above[open_line.unit]:
                    sums.add(place, open=open_line.figures, units=1)
                parts.append(self._above[open_line.unit][-1])
        scope = self._home(carrying)[-1]
        order = [place.id for place in (*self.places, *self.cells.values())]
        return ContestLevels(
            contest,
            scope,
            dict(sums.subtotals(order)),
            tuple(sorted(parts, key={place: at for at, place in enumerate(order)}.__getitem__)),
        )

    def _home(self, units: tuple[str, ...]) -> tuple[str, ...]:
        """The ids that all units have above them, the largest place first; never none."""
        chains = [self._above[path] for path in units]
        shared = chains[0]
        for chain in chains[1:]:
            depth = 0
            while depth < min(len(shared), len(chain)) and shared[depth] == chain[depth]:
                depth += 1
            shared = shared[:depth]
        return shared

    def _cell(self, label: str, units: tuple[str, ...]) -> Place:
        if units not in self.cells:
            self.cells[units] = Place(f"cell-{len(self.cells) + 1}", label, {}, None, (), units, cell=True)
        return self.cells[units]


class _Sums:
    """Sums of one contest by place, while they are made."""

    def __init__(self) -> None:
        self.expected: dict[str, int] = {}
        self.counted: dict[str, int] = {}
        self.decrypted: dict[str, Figures] = {}
        self.open: dict[str, Figures] = {}
        self.withheld: dict[str, list[str]] = {}
        self.crossed: set[str] = set()

    def add(
        self, place: str, *, decrypted: Figures | None = None, open: Figures | None = None, units: int
    ) -> None:
        for held, figures in ((self.decrypted, decrypted), (self.open, open)):
            if figures is not None:
                held[place] = held[place] + figures if place in held else figures
        self.counted[place] = self.counted.get(place, 0) + units

    def subtotals(self, order: list[str]) -> Iterator[tuple[str, Subtotal]]:
        for place in order:
            if place in self.expected and place not in self.crossed:
                yield (
                    place,
                    Subtotal(
                        self.decrypted.get(place),
                        self.open.get(place),
                        tuple(self.withheld.get(place, ())),
                        self.counted.get(place, 0),
                        self.expected[place],
                    ),
                )
