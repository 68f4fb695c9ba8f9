"""One table of results for spreadsheets (``specs/official-formats.md#csv``): a figure per line.

RFC 4180, UTF-8, columns :data:`COLUMNS` in every file, lines in the order of the manifest: the election,
every unit's status and voters, then each contest at every place, decrypted and open counts before their
sum. A figure that is not known has no line.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Final

from evote.manifest import Contest
from evote.office.official.form import Exported, bounded, facts, other_languages, shown
from evote.office.official.levels import Levels, Place, Subtotal, levels_of
from evote.office.official.sheet import VOTERS, Figures, ResultSheet
from evote.record.result import csv_line

COLUMNS: Final = (
    "election",
    "test",
    "standing",
    "moment",
    "level",
    "place",
    "name",
    "units reported",
    "units expected",
    "contest",
    "kind",
    "measure",
    "option",
    "count",
)

_Row = tuple[object, ...]


def results_table(sheet: ResultSheet, *, language: str | None = None) -> Exported:
    """The table; ``language`` chooses the names in column "name", which are labels without it."""
    levels = levels_of(sheet)
    head = (
        sheet.manifest.label,
        "yes" if sheet.manifest.test else "no",
        sheet.standing.value,
        sheet.moment,
    )
    lines = chain([COLUMNS], ((*head, *row) for row in _rows(sheet, levels, language)))
    data = "".join(csv_line(line) for line in lines).encode("utf-8")
    return Exported(data, bounded(_left_out(sheet, language)))


def _left_out(sheet: ResultSheet, language: str | None) -> Iterator[str]:
    yield from other_languages(sheet, language)
    yield f"days of voting: {sheet.first_day} to {sheet.last_day}"


def _rows(sheet: ResultSheet, levels: Levels, language: str | None) -> Iterator[_Row]:
    for place in levels.places:
        voters = levels.voters.get(place.id)
        if voters is None:
            continue
        start = (*_place(place, language), voters.reported, voters.expected, "", "")
        if place is levels.places[0] and sheet.fingerprint is not None:
            yield *start, "fingerprint", sheet.fingerprint.hex(), ""
        if place.path is not None and not place.children:
            line = sheet.units[place.path]
            yield *start, "status", line.status.value, ""
            yield *start, "kind of unit", line.kind.value, ""
        for name in VOTERS:
            value = voters.number(name)
            if value is not None:
                yield *start, name, "", value
    places = {place.id: place for place in levels.places}
    for level in levels.contests:
        for key, subtotal in level.subtotals.items():
            start = (*_place(places[key], language), subtotal.counted, subtotal.expected, level.contest.label)
            for label in subtotal.withheld:
                yield *start, "decrypted", "withheld cell", label, ""
            for kind, figures in _kinds(subtotal):
                for row in _figures(level.contest, figures):
                    yield *start, kind, *row


def _place(place: Place, language: str | None) -> _Row:
    level = "cell" if place.cell else "election" if place.path is None else "unit"
    return level, place.label if place.cell else place.path or "", shown(place.label, place.names, language)


def _kinds(subtotal: Subtotal) -> Iterator[tuple[str, Figures]]:
    for kind, figures in (
        ("decrypted", subtotal.decrypted),
        ("open", subtotal.open),
        ("total", subtotal.total),
    ):
        if figures is not None:
            yield kind, figures


def _figures(contest: Contest, figures: Figures) -> Iterator[_Row]:
    yield "ballots", "", figures.ballots
    yield "weight", "", figures.weight
    for option in contest.selectable:
        yield "votes", option.label, figures.counts[option.index - 1]
    for kind, label, count in facts(contest, figures):
        yield f"{kind} (not proved)", label, count
    for name, value in (("overvotes", figures.overvotes), ("undervotes", figures.undervotes(contest))):
        if value is not None:
            yield name, "", value
