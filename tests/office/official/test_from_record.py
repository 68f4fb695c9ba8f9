"""The sheet of a decrypted record: the figures of result.json, or none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evote.board.roll import RollEntry
from evote.errors import RefusedError, VerificationError
from evote.office.official.from_record import sheet_of_record
from evote.office.official.levels import levels_of
from evote.office.official.sheet import ResultSheet, Standing, UnitStatus
from evote.record import RecordReader
from evote.testing.boxes import Boxes
from evote.testing.elections import SMALL, Kit
from evote.testing.groups import toy
from tests.office.official.kit import DAY, MOMENT
from tests.record.kit import GROUPS, begin, write_final

SPLIT = {**SMALL, "minimum_cell": 2, "cells": "each"}


def of(reader: RecordReader) -> ResultSheet:
    return sheet_of_record(reader, moment=MOMENT, last_day=DAY)


def test_the_figures_are_those_of_the_result(tmp_path: Path) -> None:
    reader = write_final(tmp_path / "record")
    filled = of(reader)
    levels = levels_of(filled)
    published = json.loads((tmp_path / "record" / "result.json").read_bytes())
    for level, contest in zip(levels.contests, published["contests"], strict=True):
        total = level.subtotals["election"].total
        assert total is not None
        counts = contest["total"]["counts"]
        assert list(total.counts[: len(counts["votes"])]) == [each["votes"] for each in counts["votes"]]
        assert (total.ballots, total.weight) == (contest["total"]["ballots"], contest["total"]["weight"])
        assert (total.overvotes, total.undervotes(level.contest)) == (
            counts["overvotes"],
            counts["undervotes"],
        )
    assert [line.status for line in filled.units.values()] == [UnitStatus.REPORTED] * 2
    assert [(line.ballots, line.challenged) for line in filled.units.values()] == [(2, 1), (3, 0)]
    assert filled.fingerprint is not None and filled.fingerprint.hex() == published["fingerprint"]
    assert filled.standing is Standing.FINAL and filled.whole
    assert (filled.first_day, filled.last_day, filled.moment) == (DAY, DAY, MOMENT)


def test_a_withheld_cell_stays_withheld(tmp_path: Path) -> None:
    kit = Kit(SPLIT, seed="withheld")
    for unit in ("North", "North", "South"):
        kit.vote(unit, {"Mayor": {"Ada": 1}, "Council": {"Kurt": 2}})
    kit.write(kit.publish(), tmp_path / "record")
    filled = of(RecordReader(tmp_path / "record", {toy().name: toy()}))
    assert [(line.cell, line.withheld is None) for line in filled.cells] == [
        ("North", True),
        ("South", False),
    ] * 2
    assert not filled.whole


def test_a_record_with_a_roll_says_who_may_vote_and_when_voting_ended(tmp_path: Path) -> None:
    boxes = Boxes()
    boxes.cast(boxes.voters[0])
    boxes.cast(boxes.voters[0])
    boxes.challenge(boxes.voters[1])
    boxes.close()
    reader = RecordReader(boxes.kit.write(boxes.publish(), tmp_path / "record"), GROUPS)
    filled = sheet_of_record(reader, moment=MOMENT, first_day="2020-01-01")
    slots = [entry.unit for _, _, entry in reader.roll() if isinstance(entry, RollEntry)]
    assert len(slots) == len(boxes.voters)
    assert {path: line.registered for path, line in filled.units.items()} == {
        "North": slots.count("North"),
        "South": slots.count("South"),
    }
    assert (filled.units["North"].ballots, filled.units["North"].challenged) == (1, 1)
    assert boxes.manifest.board is not None
    assert filled.last_day == boxes.manifest.board.closes[:10]


def test_a_record_that_is_not_decrypted_has_no_results(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="not decrypted yet"):
        of(begin(tmp_path / "record").reader)


def test_a_published_result_that_was_changed_is_not_exported(tmp_path: Path) -> None:
    reader = write_final(tmp_path / "record")
    path = tmp_path / "record" / "result.json"
    whole = path.read_bytes()
    assert b'"cast": 5' in whole
    path.write_bytes(whole.replace(b'"cast": 5', b'"cast": 6', 1))
    with pytest.raises(VerificationError, match="not that of the decrypted cells"):
        of(reader)


def test_the_day_of_voting_is_asked_for_where_the_manifest_does_not_say(tmp_path: Path) -> None:
    reader = write_final(tmp_path / "record")
    with pytest.raises(ValueError, match="give the day"):
        sheet_of_record(reader, moment=MOMENT)
