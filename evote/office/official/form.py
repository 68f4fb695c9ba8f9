"""What every form of export has in common: who issues it, and what it could not carry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evote.manifest import Contest
from evote.office.official.levels import Levels
from evote.office.official.sheet import Figures, ResultSheet, UnitStatus

UNDETERMINED = "und"
"""The language tag of a text whose language is not stated (ISO 639-2)."""

MAX_NOTES = 1000
"""Most sentences about one kind of thing that a form cannot carry; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Exported:
    """The bytes of a file, and a sentence for everything on the sheet that has no place in it."""

    data: bytes
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues a report: name and abbreviation, and the program that wrote it."""

    name: str
    abbreviation: str
    application: str


def shown(label: str, names: Mapping[str, str], language: str | None) -> str:
    """The name in that language, or the label where there is none or no language was chosen."""
    return label if language is None else names.get(language, label)


def unusual_units(sheet: ResultSheet) -> Iterator[str]:
    """A sentence per unit that has not simply reported."""
    for path, line in sheet.units.items():
        if line.status is not UnitStatus.REPORTED:
            yield f"unit {path}: {line.status.value}"


def withheld_cells(sheet: ResultSheet) -> Iterator[str]:
    """A sentence per cell that is withheld."""
    for line in sheet.cells:
        if line.withheld is not None:
            contest = sheet.manifest.contest(line.contest)
            yield f"contest {contest.label}, cell {line.cell}: withheld, {line.withheld}"


def facts(contest: Contest, figures: Figures) -> Iterator[tuple[str, str, int]]:
    """Kind, label and count of every supplemental field; devices counted them and nothing proves them."""
    for option in contest.options:
        if not option.in_limit:
            yield option.kind.value, option.label, figures.counts[option.index - 1]


def unproved_facts(sheet: ResultSheet, levels: Levels) -> Iterator[str]:
    """A sentence per supplemental field and contest, with its count over everything."""
    top = levels.places[0].id
    for level in levels.contests:
        subtotal = level.subtotals.get(top)
        total = None if subtotal is None else subtotal.total
        if total is not None:
            for kind, label, count in facts(level.contest, total):
                yield f"contest {level.contest.label}, field {label} ({kind}, not proved): {count}"


def other_languages(sheet: ResultSheet, carried: str | None) -> Iterator[str]:
    """A sentence about the names in languages that a form with one language does not carry."""
    left = [language for language in sheet.manifest.languages if language != carried]
    if left:
        yield f"names in {', '.join(left)}"


def bounded(sentences: Iterator[str]) -> tuple[str, ...]:
    """The sentences, and how many more there are behind the first :data:`MAX_NOTES`."""
    found: list[str] = []
    more = 0
    for sentence in sentences:
        if len(found) < MAX_NOTES:
            found.append(sentence)
        else:
            more += 1
    return (*found, f"and {more} more like these") if more else tuple(found)
