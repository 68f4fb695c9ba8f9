"""An election in which one unit has ballots on a log and another counts paper is a sound record."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import pytest

from evote.ballots import PlaintextBallot, PlaintextContest
from evote.ballots.plaintext import interpret
from evote.manifest import ReturnKind
from evote.record import RecordReader, Stage
from evote.report import Status, Verdict
from evote.testing.boxes import Boxes
from evote.testing.elections import Kit
from evote.verifier.returns.ids import RETURNS
from evote.verifier.verify import _verify

DRAFT = {
    "label": "Question",
    "test": True,
    "minimum_cell": 1,
    "contests": [
        {"label": "Question", "options": ["yes", "no"]},
        {"label": "Asked on paper only", "options": ["red", "blue"]},
    ],
    "styles": [
        {"label": "plain", "contests": ["Question"]},
        {"label": "long", "contests": ["Question", "Asked on paper only"]},
    ],
    "units": [{"label": "North", "styles": ["plain"]}, {"label": "Paper", "styles": ["long"]}],
}
VOTERS = {
    ("plain", "", "registered"): 8,
    ("plain", "", "signed_in"): 3,
    ("plain", "", "rejected_only"): 0,
    ("plain", "", "challenged_only"): 1,
}
PAPER = {
    ("long", "", "registered"): 9,
    ("long", "", "signed_in"): 5,
    ("long", "", "counted"): 5,
    ("long", "", "rejected_only"): 0,
    ("long", "Question", "yes"): 3,
    ("long", "Question", "no"): 2,
    ("long", "Asked on paper only", "red"): 1,
    ("long", "Asked on paper only", "blue"): 4,
}
OFFICES = {"North": ReturnKind.BALLOTS, "Paper": ReturnKind.OPEN}


@functools.cache
def boxes() -> Boxes:
    return Kit.with_board(draft=DRAFT, attended=True, offices=OFFICES, seed="mixed")


def test_its_record_holds_and_counts_the_ballots_only(tmp_path: Path) -> None:
    box = boxes()
    box.restart()
    box.cast(unit="North")
    box.cast(unit="North")
    box.challenge(unit="North")
    box.close()
    published = box.publish()
    published.returns = [box.reported("North", VOTERS), box.reported("Paper", PAPER)]
    directory = box.kit.write(published, tmp_path / "record")
    report = _verify(RecordReader(directory, {box.kit.group.name: box.kit.group}), stage=Stage.FINAL)
    assert report.verdict is Verdict.PASS, [
        (check.id, *map(str, check.findings)) for check in report.checks if check.findings
    ]
    result = json.loads((directory / "result.json").read_bytes())
    assert [unit["unit"] for unit in result["units"]] == ["North"]
    assert [len(contest["cells"]) for contest in result["contests"]] == [1, 0]


def test_its_record_without_the_returns_that_it_declares_fails(tmp_path: Path) -> None:
    box = boxes()
    box.restart()
    box.cast(unit="North")
    box.close()
    directory = box.kit.write(box.publish(), tmp_path / "record")
    report = _verify(RecordReader(directory, {box.kit.group.name: box.kit.group}), stage=Stage.FINAL)
    assert report.failed == ("E.15",) and report.having(Status.NOT_CHECKED) == RETURNS


def test_no_ballot_of_a_unit_that_counts_paper_is_encrypted() -> None:
    ballot = PlaintextBallot(
        "Paper", "long", {"Question": PlaintextContest(), "Asked on paper only": PlaintextContest()}
    )
    with pytest.raises(ValueError, match="counts on paper"):
        interpret(boxes().manifest, ballot)
