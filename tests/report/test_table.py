"""The rows for a terminal: what is fine is short, what is wrong has a row of its own."""

from __future__ import annotations

from evote.report import Status, rows
from evote.report.table import SHOWN_FINDINGS
from tests.report.samples import passing, report


def test_checks_of_one_verification_that_pass_share_a_row() -> None:
    found = rows(report())
    assert [(row.ids, row.status) for row in found] == [
        ("1.A", Status.PASS),
        ("6.D", Status.PASS),
        ("15.A", Status.NOT_APPLICABLE),
        ("E.1", Status.PASS),
    ]


def test_a_failed_check_has_its_own_row_with_its_first_findings() -> None:
    made = passing()
    for number in range(SHOWN_FINDINGS + 3):
        made.fail("6.D", str(number), "false")
    row = next(row for row in rows(made.build()) if row.ids == "6.D")
    assert (row.status, len(row.findings), row.more) == (Status.FAIL, SHOWN_FINDINGS, 3)


def test_details_give_every_check_a_row() -> None:
    assert [row.ids for row in rows(report(), details=True)] == [check.id for check in report().checks]


def test_no_count_is_lost_between_the_two_forms() -> None:
    assert sum(row.count for row in rows(report())) == sum(row.count for row in rows(report(), details=True))
