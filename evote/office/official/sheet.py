"""The result sheet: what is known of an election's results, whatever it was taken from.

Implements the neutral value of ``specs/official-formats.md#sheet``; every form of export reads it and
nothing else. Two kinds of units report, and their figures are never mixed: votes of BALLOTS units
were decrypted, in sums over cells; those of OPEN units are plain counts that the unit signed. A sum of
both is made for display, with both parts beside it.

What it leaves out: whether a figure is true. Who fills the sheet has verified it, or says so.

Rules: counts are integers and never negative; what is not known is None and never 0; every unit that
reports has a line; a cell stands there once per contest, and so does an OPEN count.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evote.codec import MAX_COUNT
from evote.manifest import Contest, Manifest
from evote.manifest.coverage import Coverage
from evote.manifest.moments import seconds_of


class UnitStatus(enum.Enum):
    """What has come from a unit."""

    REPORTED = "reported"
    MISSING = "missing"
    PARTIAL = "partial"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"


class UnitKind(enum.Enum):
    """How a unit's votes come: as ballots that are tallied encrypted, or as plain counts."""

    BALLOTS = "ballots"
    OPEN = "open"


class Standing(enum.Enum):
    """How much weight the sheet has; that it is certified is the office's word."""

    PROVISIONAL = "provisional"
    FINAL = "final"
    CERTIFIED = "certified"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit that reports; numbers of ballots and voters are None where they are not known."""

    status: UnitStatus
    kind: UnitKind = UnitKind.BALLOTS
    ballots: int | None = None
    """Ballots that were counted."""
    rejected: int | None = None
    challenged: int | None = None
    registered: int | None = None
    """Who may vote here."""
    signed_in: int | None = None
    """Who came."""

    def __post_init__(self) -> None:
        for name in VOTERS:
            value = getattr(self, name)
            if value is not None:
                _count(name, value)


VOTERS = ("ballots", "rejected", "challenged", "registered", "signed_in")
"""The numbers on a unit's line, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of all fields of one contest, in the manifest's order: options, then supplemental fields.

    ``ballots`` carry the contest, ``weight`` is the sum of their weights; ``overvotes`` is the weight
    of those that marked too much, None where nobody counted them.
    """

    ballots: int
    weight: int
    counts: tuple[int, ...]
    overvotes: int | None = None

    def __post_init__(self) -> None:
        for name, value in (("ballots", self.ballots), ("weight", self.weight)):
            _count(name, value)
        for value in self.counts:
            _count("votes", value)
        if self.overvotes is not None:
            _count("overvotes", self.overvotes)

    def __add__(self, other: Figures) -> Figures:
        if len(self.counts) != len(other.counts):
            raise ValueError("figures of different contests do not add up to anything")
        known = self.overvotes is not None and other.overvotes is not None
        return Figures(
            self.ballots + other.ballots,
            self.weight + other.weight,
            tuple(left + right for left, right in zip(self.counts, other.counts, strict=True)),
            (self.overvotes or 0) + (other.overvotes or 0) if known else None,
        )

    def undervotes(self, contest: Contest) -> int | None:
        """L times the weight, less all votes and L times the overvotes; None where that is not known.

        As in ``specs/record-format.md#result``: also None where overvotes contradict the votes.
        """
        if self.overvotes is None:
            return None
        left = contest.limit * (self.weight - self.overvotes) - sum(self.counts[: len(contest.selectable)])
        return left if left >= 0 else None


@dataclass(frozen=True, slots=True)
class CellLine:
    """A cell whose ballots were tallied: its decrypted figures, or the reason why they are withheld."""

    contest: int
    cell: str
    figures: Figures | None
    withheld: str | None = None

    def __post_init__(self) -> None:
        if (self.figures is None) == (self.withheld is None):
            raise ValueError(f"cell {self.cell!r} is either decrypted or withheld with a reason")


@dataclass(frozen=True, slots=True)
class OpenLine:
    """The plain counts of one contest from an OPEN unit."""

    contest: int
    unit: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class ResultSheet:
    """The results of an election at one moment.

    ``units`` has a line for each reporting unit of the manifest, by path; ``moment`` is UTC as
    ``2026-06-30T20:00:00Z``; ``first_day`` and ``last_day`` are the days of voting as ``2026-06-30``;
    ``fingerprint`` is H_E, where it is known. Raises ``ValueError`` for what does not fit the
    manifest, and :class:`~evote.errors.DecodeError` for a moment in another form.
    """

    manifest: Manifest
    moment: str
    first_day: str
    last_day: str
    standing: Standing
    units: Mapping[str, UnitLine]
    cells: tuple[CellLine, ...] = ()
    open: tuple[OpenLine, ...] = ()
    fingerprint: bytes | None = None

    def __post_init__(self) -> None:
        seconds_of(self.moment)
        if seconds_of(f"{self.first_day}T00:00:00Z") > seconds_of(f"{self.last_day}T00:00:00Z"):
            raise ValueError(f"voting ends on {self.last_day}, before it begins on {self.first_day}")
        paths = {unit.path for unit in self.manifest.reporting_units()}
        if set(self.units) != paths:
            odd = min(paths ^ set(self.units))
            raise ValueError(f"there is not one line for each unit that reports: {odd!r}")
        _once("cell", ((line.contest, line.cell) for line in self.cells))
        _once("open count", ((line.contest, line.unit) for line in self.open))
        known = {(cell.contest, cell.label): cell.units for row in self.manifest.cell_table for cell in row}
        for cell in self.cells:
            contest = self.manifest.contest(cell.contest)
            units = known.get((contest.index, cell.cell))
            if units is None:
                raise ValueError(f"contest {contest.label!r} has no cell {cell.cell!r}")
            if all(self.units[path].kind is UnitKind.OPEN for path in units):
                raise ValueError(f"cell {cell.cell!r} of contest {contest.label!r} has OPEN units only")
            if cell.figures is not None:
                _fits(contest, cell.figures)
        coverage = Coverage(self.manifest.styles, self.manifest.units)
        carrying = {
            contest.index: set(coverage.units_of(contest.index)) for contest in self.manifest.contests
        }
        for line in self.open:
            contest = self.manifest.contest(line.contest)
            if line.unit not in carrying[contest.index]:
                raise ValueError(f"unit {line.unit!r} does not vote on contest {contest.label!r}")
            if self.units[line.unit].kind is not UnitKind.OPEN:
                raise ValueError(f"unit {line.unit!r} has ballots that are tallied, so it has no open counts")
            _fits(contest, line.figures)

    @property
    def reported(self) -> int:
        """How many units have reported: n of ``len(units)``."""
        return sum(line.status is UnitStatus.REPORTED for line in self.units.values())

    @property
    def whole(self) -> bool:
        """Whether nothing is open: every unit has reported, and every cell and OPEN count is there."""
        if self.reported != len(self.units):
            return False
        opened = {(line.contest, line.cell) for line in self.cells if line.figures is not None}
        plain = {(line.contest, line.unit) for line in self.open}
        coverage = Coverage(self.manifest.styles, self.manifest.units)
        for contest in self.manifest.contests:
            for cell in self.manifest.cells(contest.index):
                ballots = any(self.units[path].kind is UnitKind.BALLOTS for path in cell.units)
                if ballots and (contest.index, cell.label) not in opened:
                    return False
            for path in coverage.units_of(contest.index):
                if self.units[path].kind is UnitKind.OPEN and (contest.index, path) not in plain:
                    return False
        return True


def _count(name: str, value: int) -> None:
    if type(value) is not int:
        raise TypeError(f"{name}: a count is an integer, not {type(value).__name__}")
    if not 0 <= value <= MAX_COUNT:
        raise ValueError(f"{name}: {value} is no count")


def _fits(contest: Contest, figures: Figures) -> None:
    if len(figures.counts) != len(contest.options):
        raise ValueError(
            f"contest {contest.label!r} has {len(contest.options)} fields, not {len(figures.counts)}"
        )


def _once(what: str, keys: Iterable[tuple[int, str]]) -> None:
    seen = set()
    for key in keys:
        if key in seen:
            raise ValueError(f"{what} {key[1]!r} of contest {key[0]} stands there twice")
        seen.add(key)
