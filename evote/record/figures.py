"""The figures of a provisional result, for people and programs: n of m units, and what was counted of them.

Every number is a sum of decrypted cells, or a number of ballots that anybody counts in the record. Nothing
here is stored: the publication is, and whoever has it computes the same.
"""

from __future__ import annotations

from typing import TypedDict

from evote.manifest import Manifest
from evote.record.provisional import ProvisionalResult
from evote.tally.closings import ballot_units


class Changed(TypedDict):
    """A unit that was closed with another head later."""

    unit: str
    reason: str
    counted: str
    """Root of the head that counts, 64 hexadecimal digits."""
    stated: str
    """Root of the other one."""


class OptionFigure(TypedDict):
    """Votes of one option so far."""

    option: str
    votes: int


class ContestFigures(TypedDict):
    """What is known of one contest."""

    contest: str
    cells: int
    """Decrypted cells."""
    of: int
    """Cells of the contest."""
    withheld: int
    units: int
    """Units whose votes are in the figures."""
    ballots: int
    """Counted ballots in the figures."""
    votes: list[OptionFigure]


class Figures(TypedDict):
    """A provisional result in numbers."""

    election: str
    test: bool
    fingerprint: str
    sequence: int
    date: str
    reported: int
    """n: units that are closed."""
    units: int
    """m: units in which ballots are cast; plain counts of others stand beside these figures."""
    closed: list[str]
    missing: list[str]
    replaced: list[Changed]
    discrepancies: list[Changed]
    contests: list[ContestFigures]


def figures(manifest: Manifest, result: ProvisionalResult) -> Figures:
    """The figures of a publication that was verified."""
    closed = [one.unit for one in result.units]
    every = ballot_units(manifest)
    known = set(closed)
    return {
        "election": manifest.label,
        "test": manifest.test,
        "fingerprint": result.fingerprint.hex(),
        "sequence": result.sequence,
        "date": result.date,
        "reported": len(closed),
        "units": len(every),
        "closed": closed,
        "missing": [path for path in every if path not in known],
        "replaced": [
            {
                "unit": one.unit,
                "reason": one.reason,
                "counted": one.new.root.hex(),
                "stated": one.old.root.hex(),
            }
            for one in result.replaced
        ],
        "discrepancies": [
            {
                "unit": one.unit,
                "reason": one.reason,
                "counted": one.old.root.hex(),
                "stated": one.new.root.hex(),
            }
            for one in result.discrepancies
        ],
        "contests": [_contest(manifest, result, contest.index) for contest in manifest.contests],
    }


def _contest(manifest: Manifest, result: ProvisionalResult, index: int) -> ContestFigures:
    contest, cells = manifest.contest(index), manifest.cells(index)
    decrypted = {cell.cell: cell for cell in result.cells if cell.contest == contest.label}
    ballots = {cell.cell: cell.ballots for cell in result.tally if cell.contest == contest.label}
    counts = [{field.option: field.count for field in cell.fields} for cell in decrypted.values()]
    return {
        "contest": contest.label,
        "cells": len(decrypted),
        "of": len(cells),
        "withheld": sum(cell.contest == contest.label for cell in result.withheld),
        "units": sum(len(cell.units) for cell in cells if cell.label in decrypted),
        "ballots": sum(ballots.get(label, 0) for label in decrypted),
        "votes": [
            {"option": option.label, "votes": sum(each.get(option.label, 0) for each in counts)}
            for option in contest.selectable
        ],
    }
