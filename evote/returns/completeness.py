"""Who has reported and who has not, for every unit of the tree, with sums at every level (R9, R11, R14).

The status of a reporting unit is that of :mod:`evote.returns.standing`; what only the road shows is added
from a report of arrivals, if there is one: a copy that came twice (DUPLICATE) and a torn one (PARTIAL). A
unit above others is REPORTED when all of them have, MISSING when none has, CONFLICT or UNKNOWN if one of
them is, else PARTIAL. Files of units that are not in the tree are listed beside it.

The totals of a unit above others are the sum of its children's and nothing else; only units that count
are in them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from evote.manifest import Unit
from evote.returns.merge import Arrival, IntakeReport, MergedReturns
from evote.returns.standing import Standing, UnitStatus, standings
from evote.returns.totals import Totals, total
from evote.returns.verdicts import ReturnVerdict


@dataclass(frozen=True, slots=True)
class UnitNode:
    """A unit of the tree: its status, what it or those below it reported, and how many of them."""

    path: str
    status: UnitStatus
    standing: Standing | None
    """Of a reporting unit; None for one with others below it."""
    partial: tuple[str, ...]
    """Names of torn files that claim to be of this unit."""
    expected: int
    """Reporting units in and below this one."""
    reported: int
    """Those that count."""
    totals: Totals
    children: tuple[UnitNode, ...]

    def tree(self) -> Iterator[UnitNode]:
        """This node and everything below it, parents first."""
        yield self
        for child in self.children:
            yield from child.tree()


@dataclass(frozen=True, slots=True)
class Completeness:
    """The tree, its sum, and what came for units that it does not have."""

    roots: tuple[UnitNode, ...]
    totals: Totals
    expected: int
    reported: int
    unknown: tuple[Arrival, ...]
    """Files that cannot be placed: of unknown units, or torn before they say whose they are."""
    forked: bool
    """Whether the authority signed two successors of one roster."""
    roster_missing: bool = False
    """Whether the authority signed a roster that follows one that is not here: keys may be replaced that
    still count here."""

    def nodes(self) -> Iterator[UnitNode]:
        """Every unit of the tree, parents first."""
        for root in self.roots:
            yield from root.tree()

    def units(self, *wanted: UnitStatus) -> tuple[str, ...]:
        """Paths of the reporting units with one of these statuses."""
        return tuple(node.path for node in self.nodes() if not node.children and node.status in wanted)

    @property
    def exit_code(self) -> int:
        """1 for a conflict, 3 while a unit or a roster is missing or a file cannot be placed, else 0."""
        codes = {node.status.exit_code for node in self.nodes() if not node.children}
        if self.forked or 1 in codes:
            return 1
        return 3 if 3 in codes or self.unknown or self.roster_missing else 0


def completeness(merged: MergedReturns, report: IntakeReport | None = None) -> Completeness:
    """How the tree stands with these returns; ``report`` adds what was seen of the road."""
    by_unit = {standing.unit: standing for standing in standings(merged)}
    arrivals = () if report is None else report.arrivals
    torn: dict[str, list[str]] = {}
    unknown = []
    for arrival in arrivals:
        if arrival.verdict is ReturnVerdict.PARTIAL and arrival.unit in by_unit:
            torn.setdefault(arrival.unit, []).append(arrival.name)
        elif arrival.verdict in (ReturnVerdict.PARTIAL, ReturnVerdict.UNKNOWN_UNIT):
            unknown.append(arrival)
    twice = Counter(arrival.digest for arrival in arrivals if arrival.verdict is ReturnVerdict.DUPLICATE)
    walker = _Walker(merged, by_unit, torn, twice)
    roots = tuple(walker.node(unit) for unit in merged.election.manifest.units)
    return Completeness(
        roots,
        total(node.totals for node in roots),
        sum(node.expected for node in roots),
        sum(node.reported for node in roots),
        tuple(unknown),
        bool(merged.rosters.forks),
        bool(merged.rosters.waiting),
    )


@dataclass(frozen=True, slots=True)
class _Walker:
    merged: MergedReturns
    by_unit: Mapping[str, Standing]
    torn: Mapping[str, list[str]]
    twice: Mapping[bytes, int]

    def node(self, unit: Unit) -> UnitNode:
        if unit.reports:
            return self._leaf(unit)
        children = tuple(self.node(child) for child in unit.children)
        return UnitNode(
            unit.path,
            _status_above(children),
            None,
            (),
            sum(child.expected for child in children),
            sum(child.reported for child in children),
            total(child.totals for child in children),
            children,
        )

    def _leaf(self, unit: Unit) -> UnitNode:
        standing = self.by_unit[unit.path]
        partial = tuple(self.torn.get(unit.path, ()))
        if standing.counted is not None and self.twice.get(standing.counted.digest):
            standing = replace(standing, status=UnitStatus.DUPLICATE)
        elif standing.status is UnitStatus.MISSING and partial:
            standing = replace(standing, status=UnitStatus.PARTIAL)
        totals = Totals()
        if standing.counted is not None:
            totals = Totals.of(self.merged.election, standing.counted.returned)
        reported = 1 if standing.counted is not None else 0
        return UnitNode(unit.path, standing.status, standing, partial, 1, reported, totals, ())


def _status_above(children: tuple[UnitNode, ...]) -> UnitStatus:
    found = {child.status for child in children}
    for worst in (UnitStatus.CONFLICT, UnitStatus.UNKNOWN):
        if worst in found:
            return worst
    if all(status.counts for status in found):
        return UnitStatus.REPORTED
    return UnitStatus.MISSING if found == {UnitStatus.MISSING} else UnitStatus.PARTIAL
