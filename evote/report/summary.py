"""The counts that a record states, as plain values for people: by contest, cell and option.

They are the record's words; the report beside them says whether they hold. Names are shown in the
language that the maker of the summary chose.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldSummary:
    """One option of a contest, or a supplemental field (``counted`` is then False), with its count."""

    label: str
    name: str
    count: int
    counted: bool = True


@dataclass(frozen=True, slots=True)
class CellSummary:
    """One cell of a contest: its units by name, its ballots, and the counts or why there are none.

    ``withheld`` is empty where the counts are published.
    """

    label: str
    units: tuple[str, ...]
    ballots: int
    weight: int
    fields: tuple[FieldSummary, ...]
    withheld: str = ""


@dataclass(frozen=True, slots=True)
class ContestSummary:
    """One contest with its cells; ``limit`` is the number of votes that one ballot has."""

    label: str
    name: str
    limit: int
    cells: tuple[CellSummary, ...]

    @property
    def totals(self) -> tuple[FieldSummary, ...]:
        """The sums over all published cells, in the order of the fields; none if all are withheld."""
        published = [cell.fields for cell in self.cells if not cell.withheld]
        if not published:
            return ()
        return tuple(
            FieldSummary(
                first.label, first.name, sum(fields[place].count for fields in published), first.counted
            )
            for place, first in enumerate(published[0])
        )

    @property
    def withheld(self) -> int:
        """How many cells are withheld."""
        return sum(1 for cell in self.cells if cell.withheld)


@dataclass(frozen=True, slots=True)
class ElectionSummary:
    """The whole result as the record states it."""

    label: str
    name: str
    contests: tuple[ContestSummary, ...]
    guardians: int
    quorum: int
    present: int
    """Guardians who took part in the decryption."""
