"""The result sheet of a decrypted record (``specs/official-formats.md#record``).

The figures are computed from the decrypted cells, as ``result.json`` is, and must be the published
ones byte for byte. What it leaves out: every other check of the record; ``evote verify`` does them.

All units with ballots in a closed record have reported: one without a ballot is one whose count is 0. A
unit of which the record has no count reports otherwise, and what came from it is unknown here.
"""

from __future__ import annotations

from collections import Counter

from evote.errors import DecodeError, RefusedError, VerificationError
from evote.manifest import Contest, Manifest
from evote.office.official.sheet import (
    CellLine,
    Figures,
    ResultSheet,
    Standing,
    UnitKind,
    UnitLine,
    UnitStatus,
)
from evote.record import RecordReader, load_setup
from evote.record.counts import count_record
from evote.record.layout import DECRYPTION, RESULT_JSON, ROLL
from evote.record.result import CellResult, Result, compute_result, result_json


def sheet_of_record(
    reader: RecordReader,
    *,
    moment: str,
    standing: Standing = Standing.FINAL,
    first_day: str | None = None,
    last_day: str | None = None,
) -> ResultSheet:
    """The sheet of a record whose results are published.

    ``first_day`` and ``last_day`` are the days of voting, which a manifest does not state; the last is
    that of the declared end of voting where there is a board, and otherwise must be given. Without a
    ``first_day`` voting took one day.

    Raises :class:`RefusedError` where nothing is decrypted yet, ``ValueError`` where the days are not
    known, :class:`VerificationError` where the published result is not that of the decrypted cells, and as
    :class:`RecordReader` for files that are absent or do not decode.
    """
    if not reader.has(DECRYPTION):
        raise RefusedError("the record is not decrypted yet, so it has no results to export")
    _, manifest = load_setup(reader)
    if last_day is None and manifest.board is not None:
        last_day = manifest.board.closes[:10]
    if last_day is None:
        raise ValueError("the manifest does not say when voting ended; give the day")
    keys = reader.keys()
    result = compute_result(
        manifest,
        reader.tally(),
        reader.decryption(),
        count_record(reader, manifest),
        fingerprint=keys.extended_hash,
    )
    if reader.raw(RESULT_JSON) != result_json(result):
        raise VerificationError("the published result is not that of the decrypted cells", where=RESULT_JSON)
    return ResultSheet(
        manifest,
        moment,
        first_day or last_day,
        last_day,
        standing,
        _units(manifest, reader, result),
        tuple(_cells(manifest, result)),
        fingerprint=keys.extended_hash,
    )


def _units(manifest: Manifest, reader: RecordReader, result: Result) -> dict[str, UnitLine]:
    registered: Counter[str] = Counter()
    if manifest.roll is not None and reader.has(ROLL):
        for _, _, entry in reader.roll():
            if isinstance(entry, DecodeError):
                raise entry
            registered[entry.unit] += 1
    found = {
        unit["unit"]: UnitLine(
            UnitStatus.REPORTED,
            ballots=unit["cast"],
            challenged=unit["challenged"],
            registered=registered[unit["unit"]] if manifest.roll is not None else None,
        )
        for unit in result["units"]
    }
    absent = UnitLine(UnitStatus.UNKNOWN, UnitKind.OPEN)
    return {unit.path: found.get(unit.path, absent) for unit in manifest.reporting_units()}


def _cells(manifest: Manifest, result: Result) -> list[CellLine]:
    found = []
    for contest, entry in zip(manifest.contests, result["contests"], strict=True):
        for cell in entry["cells"]:
            found.append(
                CellLine(contest.index, cell["cell"], _figures(contest, cell), withheld=cell["withheld"])
            )
    return found


def _figures(contest: Contest, cell: CellResult) -> Figures | None:
    counts = cell["counts"]
    if counts is None:
        return None
    found = {item["option"]: item["votes"] for item in counts["votes"]}
    found |= {item["option"]: item["count"] for item in counts["facts"]}
    return Figures(
        cell["ballots"],
        cell["weight"],
        tuple(found[option.label] for option in contest.options),
        counts["overvotes"],
    )
