"""The result sheet: what may stand on one, and its sums at every level."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from evote.errors import DecodeError
from evote.office.official.levels import levels_of
from evote.office.official.sheet import (
    CellLine,
    Figures,
    OpenLine,
    ResultSheet,
    Standing,
    UnitKind,
    UnitLine,
    UnitStatus,
)
from tests.manifest.samples import sample
from tests.office.official.kit import DAY, MOMENT, build, mixed, opened, reported, sheet, sheets

LINES = {"North/N1": reported(), "North/N2": opened(), "South": opened()}
NORTH = Figures(1, 1, (1, 0, 0, 0, 0, 0, 0))


# --- what may stand on a sheet -----------------------------------------------------------------------


def test_every_unit_has_exactly_one_line() -> None:
    manifest = sample()
    with pytest.raises(ValueError, match="not one line for each unit"):
        sheet(manifest, {"South": reported()})
    with pytest.raises(ValueError, match="'West'"):
        sheet(manifest, {**LINES, "West": reported()})


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ((CellLine(1, "west", NORTH),), "no cell 'west'"),
        ((CellLine(3, "north", NORTH),), "no contest 3"),
        ((CellLine(1, "north", NORTH), CellLine(1, "north", NORTH)), "twice"),
        ((CellLine(1, "north", Figures(1, 1, (1,))),), "7 fields, not 1"),
    ],
)
def test_a_cell_fits_the_manifest_and_stands_there_once(cells: tuple[CellLine, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sheet(sample(), LINES, cells=cells)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ((OpenLine(1, "North/N1", NORTH),), "no open counts"),
        ((OpenLine(2, "South", Figures(1, 1, (1, 0, 0))),), "does not vote on"),
        ((OpenLine(1, "North/N2", NORTH), OpenLine(1, "North/N2", NORTH)), "twice"),
        ((OpenLine(1, "North/N2", Figures(1, 1, (1, 0, 0))),), "7 fields, not 3"),
    ],
)
def test_an_open_count_belongs_to_an_open_unit(lines: tuple[OpenLine, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sheet(sample(), LINES, open=lines)


def test_a_cell_of_open_units_only_is_never_decrypted() -> None:
    lines = {"North/N1": opened(), "North/N2": opened(), "South": reported()}
    with pytest.raises(ValueError, match="OPEN units only"):
        sheet(sample(), lines, cells=(CellLine(1, "north", NORTH),))


def test_a_cell_is_either_decrypted_or_withheld() -> None:
    with pytest.raises(ValueError, match="either decrypted or withheld"):
        CellLine(1, "north", NORTH, "too few")
    with pytest.raises(ValueError, match="either decrypted or withheld"):
        CellLine(1, "north", None)


@pytest.mark.parametrize("count", [-1, 2**53])
def test_counts_are_never_negative_or_beyond_what_json_carries(count: int) -> None:
    with pytest.raises(ValueError, match="no count"):
        Figures(1, 1, (count,))
    with pytest.raises(ValueError, match="no count"):
        reported(registered=count)


def test_a_count_is_an_integer() -> None:
    with pytest.raises(TypeError, match="integer, not float"):
        Figures(1, 1, (1.0,))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="integer, not bool"):
        Figures(True, 1, (1,))


@pytest.mark.parametrize(
    ("moment", "first", "last"),
    [("yesterday", DAY, DAY), (MOMENT, "2026-6-30", DAY), (MOMENT, DAY, "2026-06-31")],
)
def test_moments_and_days_have_one_form(moment: str, first: str, last: str) -> None:
    with pytest.raises(DecodeError):
        ResultSheet(sample(), moment, first, last, Standing.FINAL, LINES)


def test_voting_does_not_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="before it begins"):
        ResultSheet(sample(), MOMENT, DAY, "2026-06-29", Standing.FINAL, LINES)


def test_figures_of_different_contests_do_not_add_up() -> None:
    with pytest.raises(ValueError, match="different contests"):
        Figures(1, 1, (1,)) + Figures(1, 1, (1, 1))


def test_overvotes_of_a_sum_are_unknown_where_one_part_does_not_know() -> None:
    known, unknown = Figures(1, 1, (1,), 1), Figures(1, 1, (1,))
    assert (known + unknown).overvotes is None
    assert (known + known).overvotes == 2


def test_undervotes_are_what_is_left_of_the_ballots() -> None:
    contest = sample().contest(2)  # L = 4
    assert Figures(5, 5, (4, 4, 2), 1).undervotes(contest) == 4 * 4 - 10
    assert Figures(5, 5, (4, 4, 2)).undervotes(contest) is None
    assert Figures(5, 5, (20, 0, 0), 1).undervotes(contest) is None


def test_a_sheet_is_whole_when_every_unit_cell_and_open_count_is_there() -> None:
    manifest = build({"label": "E", "contests": [{"label": "C", "options": ["a"]}], "units": ["X", "Y"]})
    units = {"X": reported(), "Y": opened()}
    cells = (CellLine(1, "all", Figures(1, 1, (1,))),)
    plain = (OpenLine(1, "Y", Figures(1, 1, (1,))),)
    assert sheet(manifest, units, cells=cells, open=plain).whole
    assert not sheet(manifest, units, cells=cells).whole
    assert not sheet(manifest, units, open=plain).whole
    late = {"X": reported(), "Y": opened(UnitStatus.CONFLICT)}
    assert not sheet(manifest, late, cells=cells, open=plain).whole
    withheld = (CellLine(1, "all", None, "too few"),)
    assert not sheet(manifest, units, cells=withheld, open=plain).whole


# --- sums --------------------------------------------------------------------------------------------


def test_both_kinds_stand_beside_their_sum() -> None:
    levels = levels_of(mixed())
    north = next(place for place in levels.places if place.path == "North")
    subtotal = levels.contests[0].subtotals[north.id]
    assert subtotal.decrypted is not None and subtotal.decrypted.counts[:3] == (3, 4, 2)
    assert subtotal.open is not None and subtotal.open.counts[:3] == (2, 1, 1)
    assert subtotal.total is not None and subtotal.total.counts[:3] == (5, 5, 3)
    assert subtotal.complete
    assert not levels.contests[0].subtotals["election"].complete


def test_a_cell_that_crosses_a_border_gives_no_figures_on_either_side() -> None:
    manifest = build(
        {
            "label": "E",
            "contests": [
                {
                    "label": "C",
                    "options": ["a"],
                    "cells": [{"label": "x", "units": ["A/1", "B/1"]}, {"label": "y", "units": ["A/2"]}],
                }
            ],
            "units": [{"label": "A", "units": ["1", "2"]}, {"label": "B", "units": ["1"]}],
        }
    )
    units = {path: reported() for path in ("A/1", "A/2", "B/1")}
    cells = (CellLine(1, "x", Figures(3, 3, (3,))), CellLine(1, "y", Figures(4, 4, (4,))))
    levels = levels_of(sheet(manifest, units, cells=cells))
    places = {place.id: place for place in levels.places}
    found = {
        places[key].path or places[key].label: subtotal.total
        for key, subtotal in levels.contests[0].subtotals.items()
    }
    assert found == {"E": Figures(7, 7, (7,)), "A/2": Figures(4, 4, (4,)), "x": Figures(3, 3, (3,))}


def test_voters_are_unknown_where_one_unit_does_not_say() -> None:
    levels = levels_of(mixed())
    north = next(place for place in levels.places if place.path == "North")
    assert levels.voters[north.id].numbers == (15, 1, 2, 29, 18)
    assert levels.voters["election"].numbers == (None,) * 5
    assert (levels.voters["election"].reported, levels.voters["election"].expected) == (2, 3)


def test_a_single_root_is_the_whole_election() -> None:
    manifest = build({"label": "E", "contests": [{"label": "C", "options": ["a"]}]})
    levels = levels_of(sheet(manifest, {"all": reported()}))
    assert [(place.id, place.path) for place in levels.places] == [("unit-1", "all")]


@given(sheets())
@settings(max_examples=25)
def test_figures_of_a_place_are_the_sum_of_what_lies_wholly_in_it(filled: ResultSheet) -> None:
    levels = levels_of(filled)
    manifest = filled.manifest
    for level in levels.contests:
        index = level.contest.index
        lines = {line.cell: line for line in filled.cells if line.contest == index}
        sources = []  # (units, figures, kind)
        for cell in manifest.cells(index):
            ballots = {path for path in cell.units if filled.units[path].kind is UnitKind.BALLOTS}
            if ballots:
                line = lines.get(cell.label)
                sources.append((ballots, None if line is None else line.figures, UnitKind.BALLOTS))
        sources += [
            ({line.unit}, line.figures, UnitKind.OPEN) for line in filled.open if line.contest == index
        ]
        carrying = {path for cell in manifest.cells(index) for path in cell.units}
        for place in levels.places:
            leaves = set(place.leaves)
            crossed = any(units & leaves and units - leaves for units, _, _ in sources)
            subtotal = level.subtotals.get(place.id)
            if place.cell:
                continue
            assert (subtotal is not None) == (bool(carrying & leaves) and not crossed)
            if subtotal is None:
                continue
            inside = [(units, found, kind) for units, found, kind in sources if units <= leaves]
            for kind, figures in ((UnitKind.BALLOTS, subtotal.decrypted), (UnitKind.OPEN, subtotal.open)):
                wanted = [found for _, found, of in inside if of is kind and found is not None]
                if wanted:
                    assert figures is not None
                    assert figures.counts == tuple(map(sum, zip(*(f.counts for f in wanted), strict=True)))
                    assert figures.weight == sum(f.weight for f in wanted)
                else:
                    assert figures is None
            assert subtotal.expected == len(carrying & leaves)
            assert subtotal.counted == sum(len(units) for units, found, _ in inside if found is not None)


@given(sheets())
@settings(max_examples=25)
def test_the_parts_of_a_contest_are_disjoint_and_add_up_to_its_total(filled: ResultSheet) -> None:
    levels = levels_of(filled)
    for level in levels.contests:
        total = level.subtotals[levels.places[0].id].total
        parts = [level.subtotals[key].total for key in level.parts]
        if total is None:
            assert not parts
            continue
        sums = [part.counts for part in parts if part is not None]
        assert len(sums) == len(set(level.parts))
        assert total.counts == tuple(map(sum, zip(*sums, strict=True)))


def test_an_unknown_status_is_none_of_the_others() -> None:
    line = UnitLine(UnitStatus.UNKNOWN)
    assert sheet(sample(), {**LINES, "South": line}).reported == 2
