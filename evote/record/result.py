"""``result.json`` and ``result.csv``: the counts, from what was decrypted and nothing else.

The form is fixed by ``result.schema.json`` beside this module and described in
``specs/record-format.md#result``. Whoever has the record computes the same bytes, so a verifier
compares them whole. Per cell and over all decrypted cells of a contest:

* ``votes``: the decrypted count of every option, weights included;
* ``unused``: L times the weight of the ballots, less all votes. These are the votes that nobody gave:
  left out, or void because the ballot marked too much. It follows from proven figures alone;
* ``overvotes``: the weight of the ballots that marked too much, where the manifest counts them, or
  where the contest data of every ballot of the cell was opened and says so; otherwise null;
* ``undervotes``: ``unused - L * overvotes``, the votes left out; null where overvotes are null, or
  contradict the votes;
* ``facts``: fields that a device counts beside the options. No proof ties them to the votes, and each
  says so.

A total is a sum of decrypted counts; nothing is decrypted for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypedDict, TypeVar

from evote.errors import VerificationError
from evote.manifest import Cell, Contest, FieldKind, Manifest
from evote.record.counts import DataCount, RecordCounts
from evote.record.values import DecryptionFile
from evote.tally import DecryptedCell, PublishedTally, TalliedCell, WithheldCell

FORMAT: Final = 1

T = TypeVar("T", TalliedCell, DecryptedCell, WithheldCell)


class OptionCount(TypedDict):
    """Votes of one option."""

    option: str
    votes: int


class FactCount(TypedDict):
    """A supplemental field: counted by devices, not proven."""

    option: str
    kind: str
    count: int
    proved: bool


class Counts(TypedDict):
    """The figures of a cell, or of all decrypted cells of a contest."""

    votes: list[OptionCount]
    facts: list[FactCount]
    unused: int
    overvotes: int | None
    undervotes: int | None


class CellResult(TypedDict):
    """One cell of a contest; ``counts`` is null where it is withheld."""

    cell: str
    units: list[str]
    ballots: int
    weight: int
    withheld: str | None
    counts: Counts | None


class TotalResult(TypedDict):
    """All decrypted cells of a contest together."""

    complete: bool
    cells: int
    withheld: int
    ballots: int
    weight: int
    counts: Counts


class ContestResult(TypedDict):
    """One contest."""

    contest: str
    limit: int
    cells: list[CellResult]
    total: TotalResult


class UnitResult(TypedDict):
    """Submitted ballots of one unit."""

    unit: str
    cast: int
    challenged: int


class BallotResult(TypedDict):
    """Submitted ballots of the election."""

    cast: int
    challenged: int


class Result(TypedDict):
    """The whole of ``result.json``."""

    format: int
    election: str
    test: bool
    fingerprint: str
    guardians: list[int]
    ballots: BallotResult
    units: list[UnitResult]
    contests: list[ContestResult]


def compute_result(
    manifest: Manifest,
    tally: PublishedTally,
    decryption: DecryptionFile,
    counts: RecordCounts,
    *,
    fingerprint: bytes,
) -> Result:
    """The result of a decrypted record; ``fingerprint`` is its H_E.

    Raises :class:`VerificationError` if tally or decryption does not have every cell of the manifest
    once, or the counts are not possible.
    """
    units: list[UnitResult] = [
        {"unit": path, "cast": count.cast, "challenged": count.challenged}
        for path, count in counts.units.items()
    ]
    return {
        "format": FORMAT,
        "election": manifest.label,
        "test": manifest.test,
        "fingerprint": fingerprint.hex(),
        "guardians": list(decryption.guardians),
        "ballots": {
            "cast": sum(unit["cast"] for unit in units),
            "challenged": sum(unit["challenged"] for unit in units),
        },
        "units": units,
        "contests": _contests(manifest, tally, decryption, counts),
    }


def result_json(result: Result) -> bytes:
    """The bytes of ``result.json``: UTF-8, one space per level, a line feed at the end."""
    return (json.dumps(result, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


# --- figures -----------------------------------------------------------------------------------------


def _contests(
    manifest: Manifest, tally: PublishedTally, decryption: DecryptionFile, counts: RecordCounts
) -> list[ContestResult]:
    tallied = _by_cell(tally.cells, "tally")
    decrypted = _by_cell(decryption.cells, "decryption")
    withheld = _by_cell(decryption.withheld, "withheld cells")
    contests: list[ContestResult] = []
    for contest in manifest.contests:
        cells = []
        for cell in manifest.cells(contest.index):
            key = (contest.label, cell.label)
            where = f"contest {contest.label!r}, cell {cell.label!r}"
            sums, opened, held = tallied.pop(key, None), decrypted.pop(key, None), withheld.pop(key, None)
            if sums is None:
                raise VerificationError("the cell is not in the tally", where=where)
            if (opened is None) == (held is None):
                raise VerificationError("the cell is not either decrypted or withheld", where=where)
            overvotes = None
            if manifest.decrypt_contest_data and contest.data is not None:
                data = counts.data.get(key, DataCount())
                overvotes = data.overvotes if data.ballots == sums.ballots else None
            cells.append(_cell(where, contest, cell, sums, opened, held, overvotes))
        contests.append(
            {
                "contest": contest.label,
                "limit": contest.limit,
                "cells": cells,
                "total": _total(contest, cells),
            }
        )
    for left in (*tallied, *decrypted, *withheld):
        raise VerificationError(f"the manifest has no cell {left[1]!r} of a contest {left[0]!r}")
    return contests


def _by_cell(cells: Sequence[T], where: str) -> dict[tuple[str, str], T]:
    found: dict[tuple[str, str], T] = {}
    for cell in cells:
        if (cell.contest, cell.cell) in found:
            raise VerificationError(f"cell {cell.cell!r} of {cell.contest!r} stands there twice", where=where)
        found[cell.contest, cell.cell] = cell
    return found


def _cell(
    where: str,
    contest: Contest,
    cell: Cell,
    sums: TalliedCell,
    opened: DecryptedCell | None,
    held: WithheldCell | None,
    overvotes: int | None,
) -> CellResult:
    return {
        "cell": cell.label,
        "units": list(cell.units),
        "ballots": sums.ballots,
        "weight": sums.weight,
        "withheld": None if held is None else held.reason,
        "counts": None if opened is None else _counts(where, contest, sums.weight, opened, overvotes),
    }


def _counts(
    where: str, contest: Contest, weight: int, opened: DecryptedCell, overvotes: int | None
) -> Counts:
    found = {field.option: field.count for field in opened.fields}
    if [field.option for field in opened.fields] != [option.label for option in contest.options]:
        raise VerificationError("the decrypted options are not those of the contest, in order", where=where)
    votes: list[OptionCount] = [
        {"option": option.label, "votes": found[option.label]} for option in contest.selectable
    ]
    facts: list[FactCount] = [
        {"option": option.label, "kind": option.kind.value, "count": found[option.label], "proved": False}
        for option in contest.options
        if not option.in_limit
    ]
    counted = contest.field(FieldKind.OVERVOTE)
    if counted is not None:
        overvotes = found[counted.label]
    unused = contest.limit * weight - sum(item["votes"] for item in votes)
    if unused < 0:
        raise VerificationError("there are more votes than the ballots can have", where=where)
    return {
        "votes": votes,
        "facts": facts,
        "unused": unused,
        "overvotes": overvotes,
        "undervotes": _undervotes(contest, unused, overvotes),
    }


def _undervotes(contest: Contest, unused: int, overvotes: int | None) -> int | None:
    if overvotes is None or unused < contest.limit * overvotes:
        return None
    return unused - contest.limit * overvotes


def _total(contest: Contest, cells: Sequence[CellResult]) -> TotalResult:
    opened = [(cell, cell["counts"]) for cell in cells if cell["counts"] is not None]
    counts = [count for _, count in opened if count is not None]
    overvotes = [count["overvotes"] for count in counts]
    known = [value for value in overvotes if value is not None]
    total = sum(known) if known and len(known) == len(overvotes) else None
    unused = sum(count["unused"] for count in counts)
    return {
        "complete": len(counts) == len(cells),
        "cells": len(counts),
        "withheld": len(cells) - len(counts),
        "ballots": sum(cell["ballots"] for cell, _ in opened),
        "weight": sum(cell["weight"] for cell, _ in opened),
        "counts": {
            "votes": [
                {"option": option.label, "votes": sum(count["votes"][place]["votes"] for count in counts)}
                for place, option in enumerate(contest.selectable)
            ],
            "facts": [
                {
                    "option": option.label,
                    "kind": option.kind.value,
                    "count": sum(count["facts"][place]["count"] for count in counts),
                    "proved": False,
                }
                for place, option in enumerate(option for option in contest.options if not option.in_limit)
            ],
            "unused": unused,
            "overvotes": total,
            "undervotes": _undervotes(contest, unused, total),
        },
    }


# --- the table for spreadsheets ----------------------------------------------------------------------

COLUMNS: Final = ("election", "test", "level", "units", "contest", "cell", "measure", "option", "count")


def result_csv(result: Result) -> bytes:
    """The bytes of ``result.csv``: one figure per line (RFC 4180, UTF-8), in the order of the JSON.

    ``level`` is election, unit, cell or contest; ``units`` joins paths with " + "; ``count`` is empty where
    a figure is not known, or where ``option`` holds a text instead.
    """
    head = (result["election"], "yes" if result["test"] else "no")
    lines = [COLUMNS, *((*head, *row) for row in _rows(result))]
    return "".join(csv_line(line) for line in lines).encode("utf-8")


def _rows(result: Result) -> Iterator[tuple[object, ...]]:
    yield "election", "", "", "", "fingerprint", result["fingerprint"], ""
    yield "election", "", "", "", "cast", "", result["ballots"]["cast"]
    yield "election", "", "", "", "challenged", "", result["ballots"]["challenged"]
    for unit in result["units"]:
        yield "unit", unit["unit"], "", "", "cast", "", unit["cast"]
        yield "unit", unit["unit"], "", "", "challenged", "", unit["challenged"]
    for contest in result["contests"]:
        label = contest["contest"]
        for cell in contest["cells"]:
            place = ("cell", " + ".join(cell["units"]), label, cell["cell"])
            yield *place, "ballots", "", cell["ballots"]
            yield *place, "weight", "", cell["weight"]
            if cell["withheld"] is not None:
                yield *place, "withheld", cell["withheld"], ""
            if cell["counts"] is not None:
                yield from _count_rows(place, cell["counts"])
        total = contest["total"]
        place = ("contest", "", label, "")
        yield *place, "cells", "", total["cells"]
        yield *place, "withheld cells", "", total["withheld"]
        yield *place, "ballots", "", total["ballots"]
        yield *place, "weight", "", total["weight"]
        yield from _count_rows(place, total["counts"])


def _count_rows(place: tuple[str, ...], counts: Counts) -> Iterator[tuple[object, ...]]:
    for item in counts["votes"]:
        yield *place, "votes", item["option"], item["votes"]
    for fact in counts["facts"]:
        yield *place, f"{fact['kind']} (not proved)", fact["option"], fact["count"]
    yield *place, "unused", "", counts["unused"]
    for name, value in (("overvotes", counts["overvotes"]), ("undervotes", counts["undervotes"])):
        yield *place, name, "", "" if value is None else value


_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_line(fields: Iterable[object]) -> str:
    """One line of a table for spreadsheets: RFC 4180, with formulas made harmless."""
    return ",".join(_quoted(str(field)) for field in fields) + "\r\n"


def _quoted(field: str) -> str:
    """RFC 4180 quotes, and an apostrophe before what a spreadsheet would take for a formula."""
    if field.startswith(_FORMULA) and not field.lstrip("-").isdigit():
        field = "'" + field
    if any(letter in field for letter in ',"\r\n'):
        return '"' + field.replace('"', '""') + '"'
    return field
