"""Every check fails on a record in which what it speaks of is wrong, and no other check with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from evote.report import Status, Verdict
from evote.verifier.registry import CHECKS, PRE_ENCRYPTION
from tests.verifier.cases import CASES, Case
from tests.verifier.records import report_of


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_exactly_these_checks_fail(case: Case, tmp_path: Path) -> None:
    made, record = case.make()
    report = report_of(made, record, tmp_path, **case.options)
    shown = {result.id: [str(finding) for finding in result.findings] for result in report.checks}
    assert set(report.failed) == case.fails, {id_: shown[id_] for id_ in report.failed}
    assert report.verdict is Verdict.FAIL
    assert report.exit_code == 1
    assert case.not_checked <= set(report.having(Status.NOT_CHECKED))


def test_every_check_has_a_record_that_it_rejects() -> None:
    covered = {identifier for case in CASES for identifier in case.fails}
    elsewhere = {
        "E.16",  # test_files.py
        "E.17",  # this program has no check of rolls, and says so: test_stages.py
    }
    assert {check.id for check in CHECKS} - set(PRE_ENCRYPTION) - covered == elsewhere


def test_every_check_but_those_of_one_fact_fails_alone() -> None:
    alone = {next(iter(case.fails)) for case in CASES if len(case.fails) == 1}
    together = {identifier for case in CASES for identifier in case.fails} - alone
    assert together == {"6.A", "7.A"}
