"""The file in which an office writes down what it counted, as CSV or JSON (``specs/unit-returns.md#counts``).

CSV, UTF-8, with exactly these columns; a row without contest is a count of voters or ballots::

    style,contest,field,count
    full,,registered,120
    full,,signed_in,80
    full,,counted,79
    full,,rejected_only,1
    full,Mayor,Ada,41

JSON says the same as ``{"full": {"counts": {"registered": 120, …}, "contests": {"Mayor": {"Ada": 41, …}}}}``.

Rules: everything that the unit reports stands there, a zero too, because votes that were never typed in look
like a zero; nothing else does, and nothing twice. A count that may be left out has its own rule
(:data:`DERIVED`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Final

from evote.codec import MAX_COUNT
from evote.errors import DecodeError
from evote.manifest import Manifest, read_json
from evote.returns import PlainField, PlainTotal, StyleCount
from evote.returns.unitreturn import COUNTS

MAX_COUNTS_BYTES: Final = 16 * 1024 * 1024
COLUMNS: Final = ["style", "contest", "field", "count"]

DERIVED: Final = {
    "accepted": "counted",
    "rejected": "rejected_only",
    "challenged": "challenged_only",
    "challenged_only": "",
    "superseded": "",
}
"""A count that may be left out -> the one that it then is, or zero. A voter on paper has one ballot."""

Place = tuple[str, str, str]
"""Style, contest (empty for counts of voters and ballots), field."""


def read_counts(raw: bytes) -> dict[Place, int]:
    """The numbers in a file; raises :class:`DecodeError` for anything but the form above."""
    text = raw.decode("utf-8-sig", "strict") if _utf8(raw) else ""
    if not text.strip():
        raise DecodeError("a file of counts is UTF-8 text, CSV or JSON, and not empty")
    found: dict[Place, int] = {}
    for place, count in _json(raw) if text.lstrip().startswith("{") else _csv(text):
        if place in found:
            raise DecodeError(f"{_shown(place)} stands there twice")
        if not 0 <= count <= MAX_COUNT:
            raise DecodeError(f"{_shown(place)}: {count} is no count")
        found[place] = count
    return found


def open_figures(
    manifest: Manifest, unit: str, counts: Mapping[Place, int]
) -> tuple[tuple[StyleCount, ...], tuple[PlainTotal, ...]]:
    """What a unit of kind OPEN reports, complete; raises :class:`DecodeError` for more or less than that."""
    left = dict(counts)
    styles = manifest.unit(unit).styles
    rows = tuple(style_count(left, style, {}) for style in styles)
    plain = tuple(
        PlainTotal(
            style,
            contest.label,
            tuple(
                PlainField(option.label, _take(left, (style, contest.label, option.label)))
                for option in contest.options
            ),
        )
        for style in styles
        for contest in manifest.contests_of(style)
    )
    require_nothing_left(left, unit)
    return rows, plain


def style_count(left: dict[Place, int], style: str, known: Mapping[str, int]) -> StyleCount:
    """The counts of one style, taken out of ``left``; ``known`` are those that something else says.

    Raises :class:`DecodeError` for one that is missing, or that contradicts what is known.
    """
    found: dict[str, int] = {}
    for name in COUNTS:
        place = (style, "", name)
        if name in known:
            stated = left.pop(place, known[name])
            if stated != known[name]:
                raise DecodeError(f"{_shown(place)}: the file says {stated}, and it is {known[name]}")
            found[name] = stated
        elif name not in DERIVED or place in left:
            found[name] = _take(left, place)
    for name in ("superseded", "challenged_only", "accepted", "rejected", "challenged"):
        source = DERIVED[name]
        found.setdefault(name, found[source] if source else 0)
    return StyleCount(style, **found)


def require_nothing_left(left: Mapping[Place, int], unit: str) -> None:
    """Raises :class:`DecodeError` for numbers of something that the unit does not report."""
    if left:
        raise DecodeError(f"unit {unit!r} does not report {_shown(next(iter(left)))}")


def _take(left: dict[Place, int], place: Place) -> int:
    if place not in left:
        raise DecodeError(f"{_shown(place)} is missing; write 0 if there was none")
    return left.pop(place)


def _utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return True


def _csv(text: str) -> Iterator[tuple[Place, int]]:
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise DecodeError(f"this is no CSV: {error}") from error
    if not rows or rows[0] != COLUMNS:
        raise DecodeError(f"the first line is {','.join(COLUMNS)}")
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(COLUMNS):
            raise DecodeError(f"line {number} has {len(row)} columns, not {len(COLUMNS)}")
        style, contest, field, count = row
        if not count.isascii() or not count.isdigit() or len(count) > 16:
            raise DecodeError(f"line {number}: {count[:40]!r} is no count; write digits only")
        yield (style, contest, field), int(count)


def _json(raw: bytes) -> Iterator[tuple[Place, int]]:
    for style, members in _object(read_json(raw), "the file").items():
        parts = _object(members, f"style {style!r}")
        if set(parts) - {"counts", "contests"}:
            raise DecodeError(f"style {style!r} has members other than 'counts' and 'contests'")
        for name, count in _object(parts.get("counts", {}), f"the counts of style {style!r}").items():
            yield (style, "", name), _number(count, name)
        for contest, fields in _object(parts.get("contests", {}), f"the contests of {style!r}").items():
            for field, count in _object(fields, f"contest {contest!r}").items():
                yield (style, contest, field), _number(count, field)


def _object(value: object, what: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise DecodeError(f"{what} is no JSON object")
    return value


def _number(value: object, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise DecodeError(f"{what!r}: {value!r} is no whole number")
    return value


def _shown(place: Place) -> str:
    style, contest, field = place
    return f"style {style!r}, " + (f"contest {contest!r}, field {field!r}" if contest else f"count {field!r}")
