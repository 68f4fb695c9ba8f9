"""The rules of ballot styles, units and cells: who votes on what, and what is decrypted together (A51)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence

from evote.codec import MAX_WEIGHT
from evote.manifest.coverage import Coverage
from evote.manifest.model import BallotStyle, BrokenRule, Cell, Contest, Unit
from evote.manifest.texts import quoted, unique, well_labelled


def rules_of_places(
    contests: Sequence[Contest],
    styles: Sequence[BallotStyle],
    units: Sequence[Unit],
    cells: Sequence[tuple[Cell, ...]],
    open_paths: Container[str] = (),
) -> Iterator[BrokenRule]:
    """The rules that styles, units and the cells of each contest break.

    Units of ``open_paths`` have no encrypted ballots, so no cell has them.
    """
    yield from unique("the election", "ballot style", (style.label for style in styles))
    for style in styles:
        yield from _style(style, len(contests))
    yield from _use_of_contests(contests, styles)
    yield from _units(units, styles)
    coverage = Coverage(styles, units, open_paths)
    for contest, row in zip(contests, cells, strict=True):
        yield from _cells(contest, row, coverage.units_of(contest.index))


def _style(style: BallotStyle, contests: int) -> Iterator[BrokenRule]:
    where = f"ballot style {quoted(style.label)}"
    yield from well_labelled(where, style.label)
    if not style.contests:
        yield BrokenRule(where, "a ballot has at least one contest")
    for index, times in Counter(style.contests).items():
        if not 1 <= index <= contests:
            yield BrokenRule(where, f"there is no contest {index}; contests count from 1 to {contests}")
        if times > 1:
            yield BrokenRule(where, f"contest {index} stands there {times} times; once is enough")
    if not 1 <= style.weight <= MAX_WEIGHT:
        yield BrokenRule(where, f"the weight is {style.weight}; it lies between 1 and {MAX_WEIGHT}")


def _use_of_contests(contests: Iterable[Contest], styles: Iterable[BallotStyle]) -> Iterator[BrokenRule]:
    used = {index for style in styles for index in style.contests}
    for contest in contests:
        if contest.index not in used:
            yield BrokenRule(f"contest {quoted(contest.label)}", "no ballot style has this contest")


def _units(roots: Sequence[Unit], styles: Iterable[BallotStyle]) -> Iterator[BrokenRule]:
    known = {style.label for style in styles}
    used: set[str] = set()
    if not roots:
        yield BrokenRule("the election", "there is no unit that reports")
    yield from unique("the election", "unit", (unit.label for unit in roots))
    for unit in (unit for root in roots for unit in root.tree()):
        where = f"unit {quoted(unit.path)}"
        yield from well_labelled(where, unit.label)
        if "/" in unit.label:
            yield BrokenRule(where, "the label holds a '/', which separates the labels of a path")
        yield from unique(where, "unit", (child.label for child in unit.children))
        if unit.reports and not unit.styles:
            yield BrokenRule(where, "a unit that reports has at least one ballot style")
        if not unit.reports and unit.styles:
            yield BrokenRule(where, "ballot styles belong to units that report, and this one has units below")
        for label, times in Counter(unit.styles).items():
            if label not in known:
                yield BrokenRule(where, f"there is no ballot style {quoted(label)}")
            if times > 1:
                yield BrokenRule(where, f"ballot style {quoted(label)} stands there {times} times")
        if unit.reports:
            used.update(unit.styles)
    for label in sorted(known - used):
        yield BrokenRule(f"ballot style {quoted(label)}", "no unit that reports has this style")


def _cells(contest: Contest, cells: tuple[Cell, ...], carrying: tuple[str, ...]) -> Iterator[BrokenRule]:
    where = f"contest {quoted(contest.label)}"
    yield from unique(where, "cell", (cell.label for cell in cells))
    wanted = set(carrying)
    seen: dict[str, str] = {}
    for cell in cells:
        place = f"{where}, cell {quoted(cell.label)}"
        yield from well_labelled(place, cell.label)
        if not cell.units:
            yield BrokenRule(place, "a cell has at least one unit")
        for path in cell.units:
            if path not in wanted:
                yield BrokenRule(place, f"{quoted(path)} is no reporting unit with a ballot for this contest")
            if path in seen:
                yield BrokenRule(
                    place,
                    f"unit {quoted(path)} is in cell {quoted(seen[path])} already; "
                    "a ballot enters one decrypted sum only",
                )
            seen.setdefault(path, cell.label)
    for path in carrying:
        if path not in seen:
            yield BrokenRule(where, f"unit {quoted(path)} votes on it and is in none of its cells")
