"""Every check of the board has a record on which it alone fails, or the documented smallest set."""

from __future__ import annotations

from pathlib import Path

import pytest

from evote.record import RecordReader, Stage
from evote.report import Report, Status, Verdict
from evote.testing.elections import Kit
from evote.verifier.board.ids import BOARD
from evote.verifier.registry import CHECKS
from evote.verifier.verify import _verify
from tests.verifier.board_alone import CASES, boxes, honest

KINDS = ("roll", "attended", "two parts", "unwitnessed")


def verify(directory: Path, kit: Kit, stage: Stage = Stage.FINAL) -> Report:
    return _verify(RecordReader(directory, {kit.group.name: kit.group}), stage=stage)


@pytest.mark.parametrize("kind", KINDS)
def test_the_honest_record_that_every_case_starts_from_passes(kind: str, tmp_path: Path) -> None:
    box = boxes(kind)
    report = verify(box.kit.write(honest(box), tmp_path / "record"), box.kit)
    assert [(check.id, *map(str, check.findings)) for check in report.checks if check.findings] == []
    assert report.verdict is Verdict.PASS, report.having(Status.NOT_CHECKED)
    if kind == "roll":
        assert all(report.check(identifier).status is Status.PASS for identifier in BOARD)


@pytest.mark.parametrize("name", CASES)
def test_a_board_that_is_wrong_in_one_place_fails_exactly_there(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    box = boxes(case.kind)
    report = verify(box.kit.write(case.make(box), tmp_path / "record"), box.kit)
    findings = [f"{check.id} {finding}" for check in report.checks for finding in check.findings]
    assert set(report.failed) == case.fails, findings
    assert report.verdict is Verdict.FAIL and report.exit_code == 1


def test_no_check_of_the_board_is_without_a_record_on_which_it_alone_fails() -> None:
    alone = {check for case in CASES.values() if len(case.fails) == 1 for check in case.fails}
    assert set(BOARD) <= alone
    assert {check for case in CASES.values() for check in case.fails} <= {check.id for check in CHECKS}
