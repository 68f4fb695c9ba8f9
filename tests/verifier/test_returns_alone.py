"""Every check of unit returns has a record on which it alone fails, or the documented smallest set."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from evote.record import RecordReader, Stage
from evote.report import Report, Status, Verdict
from evote.verifier.preparing import StateOptions
from evote.verifier.returns.ids import OF_BALLOTS, RETURNS
from evote.verifier.verify import _verify
from tests.verifier.returns_alone import (
    CASES,
    ISLAND,
    NORTH,
    PAPER,
    boxes,
    changed,
    correction,
    files,
    first_style,
    honest,
    record,
    voted,
)


def verify(directory: Path, stage: Stage = Stage.FINAL) -> Report:
    group = boxes().kit.group
    return _verify(RecordReader(directory, {group.name: group}), stage=stage)


def findings(report: Report) -> list[str]:
    return [f"{check.id} {finding}" for check in report.checks for finding in check.findings]


def test_the_honest_record_that_every_case_starts_from_passes(tmp_path: Path) -> None:
    report = verify(boxes().kit.write(honest(boxes()), tmp_path / "record"))
    assert findings(report) == []
    assert report.verdict is Verdict.PASS, report.having(Status.NOT_CHECKED)
    assert all(report.check(identifier).status is Status.PASS for identifier in RETURNS)
    assert report.counts["units reported"] == report.counts["units expected"] == 4


@pytest.mark.parametrize("name", CASES)
def test_a_record_of_returns_that_is_wrong_in_one_place_fails_exactly_there(
    name: str, tmp_path: Path
) -> None:
    case = CASES[name]
    report = verify(boxes().kit.write(case.make(boxes()), tmp_path / "record"))
    assert set(report.failed) == {each for each in case.fails if each != "E.37"}, findings(report)
    assert report.verdict is Verdict.FAIL and report.exit_code == 1
    missing = report.check("E.37").status is Status.NOT_CHECKED
    assert missing == ("E.37" in case.fails or "E.15" in case.fails)


def test_every_check_of_returns_but_completeness_has_its_record() -> None:
    alone = {check for case in CASES.values() if len(case.fails) == 1 for check in case.fails}
    assert set(RETURNS) - alone == {"E.34", "E.37"} - alone
    assert {"E.34"} <= {check for case in CASES.values() for check in case.fails}


def test_e37_a_unit_that_has_not_reported_makes_the_record_incomplete(tmp_path: Path) -> None:
    box = voted(boxes())
    held = [data for unit, data in files(box).items() if unit != PAPER]
    report = verify(box.kit.write(record(box, *held), tmp_path / "record"))
    assert findings(report) == [] and report.verdict is Verdict.INCOMPLETE and report.exit_code == 3
    assert report.having(Status.NOT_CHECKED) == ("E.37",)
    assert "Land/Paper" in report.check("E.37").note


def test_a_correction_counts_and_its_figures_are_in_the_result(tmp_path: Path) -> None:
    box = voted(boxes())
    second = correction(box, PAPER, lambda made: first_style(made, registered=120))
    directory = box.kit.write(record(box, *files(box).values(), second), tmp_path / "record")
    report = verify(directory)
    assert report.verdict is Verdict.PASS, findings(report)
    result = json.loads((directory / "returns.json").read_bytes())
    land = result["units"][0]
    assert land["voters"]["open"]["registered"] == 120
    assert land["units"][2]["version"] == 2


def test_sums_stand_side_by_side_and_together_at_every_level(tmp_path: Path) -> None:
    box = boxes()
    result = json.loads(box.kit.files(honest(box))["returns.json"])
    question = result["contests"][0]
    # ballots: 2 + 1 yes, 1 + 1 no and one of weight 2
    assert question["ballots"] == [3, 4]
    assert question["open"] == [70, 40] and question["sum"] == [73, 44]
    paper_only = result["contests"][1]
    assert paper_only["ballots"] is None and paper_only["sum"] == paper_only["open"] == [80, 30, 4, 6]
    _require_sums(result)


def _require_sums(node: dict[str, object]) -> None:
    children = node["units"]
    assert isinstance(children, list)
    if not children:
        return
    for kind in ("open", "ballots", "sum"):
        total: dict[str, list[int]] = {}
        for child in children:
            for contest in child["contests"]:
                if contest[kind] is not None:
                    held = total.get(contest["contest"], [0] * len(contest[kind]))
                    total[contest["contest"]] = [a + b for a, b in zip(held, contest[kind], strict=True)]
        contests = node["contests"]
        assert isinstance(contests, list)
        stated = {contest["contest"]: contest[kind] for contest in contests if contest[kind] is not None}
        assert stated == total, kind
    for child in children:
        _require_sums(child)


def test_a_list_at_zero_is_a_warning_and_no_failure(tmp_path: Path) -> None:
    box = boxes()

    def edit(made):  # type: ignore[no-untyped-def]
        row = made.plain[0]
        fields = (replace(row.fields[0], count=0), *row.fields[1:])
        return replace(made, plain=(replace(row, fields=fields), made.plain[1]))

    report = verify(box.kit.write(changed(box, ISLAND, edit), tmp_path / "record"))
    assert report.verdict is Verdict.PASS, findings(report)
    assert any("list-at-zero" in sentence and "Island" in sentence for sentence in report.warnings)


def test_totals_without_ballots_on_a_closed_log_are_not_checked(tmp_path: Path) -> None:
    box = boxes()
    published = honest(box)
    published.left_out.add("log/000001.seg")
    report = verify(box.kit.write(published, tmp_path / "record"))
    for identifier in OF_BALLOTS:
        assert report.check(identifier).status is Status.NOT_CHECKED
        assert "never decrypted" in report.check(identifier).note
    assert NORTH in report.check("E.38").note


def test_before_the_decryption_returns_are_checked_against_ballots_already(tmp_path: Path) -> None:
    box = boxes()
    directory = box.kit.write(honest(box), tmp_path / "good", stage=Stage.VOTING)
    assert verify(directory, Stage.VOTING).verdict is Verdict.PASS
    bad = CASES["totals with a ballot more"].make(box)
    directory = box.kit.write(bad, tmp_path / "bad", stage=Stage.VOTING)
    assert verify(directory, Stage.VOTING).failed == ("E.38",)
    published = honest(box)
    published.returns = None
    directory = box.kit.write(published, tmp_path / "none", stage=Stage.VOTING)
    assert verify(directory, Stage.VOTING).verdict is Verdict.PASS


def test_a_resumed_verification_finds_the_same_in_returns(tmp_path: Path) -> None:
    box = boxes()
    group = box.kit.group
    directory = box.kit.write(CASES["totals with a ballot more"].make(box), tmp_path / "record")
    state = tmp_path / "state"
    for finished in (False, True):
        reader = RecordReader(directory, {group.name: group})
        report = _verify(reader, stage=Stage.FINAL, state=StateOptions(state, finished))
        assert report.failed == ("E.38",) and report.check("E.38").findings
