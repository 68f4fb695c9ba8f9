"""What several builders were told is what one would have been told."""

from __future__ import annotations

import pytest

from evote.report import Check, ReportBuilder, Status
from evote.report.builder import MAX_FINDINGS

CHECKS = (Check("1.A", "one", ""), Check("1.B", "two", ""), Check("1.C", "three", ""))


def builder() -> ReportBuilder:
    """A builder of three checks."""
    return ReportBuilder(CHECKS, format_name="test")


def test_counts_findings_reasons_and_warnings_add_up() -> None:
    whole, part = builder(), builder()
    whole.count("1.A")
    whole.skip("1.B", "first")
    part.count("1.A", 2)
    part.fail("1.A", "there", "wrong")
    part.skip("1.B", "second")
    part.not_applicable("1.C", "absent")
    part.add("ballots", 3)
    part.warn("look")
    whole.merge(part)
    report = whole.build()
    assert [check.status for check in report.checks] == [
        Status.FAIL,
        Status.NOT_CHECKED,
        Status.NOT_APPLICABLE,
    ]
    assert (report.check("1.A").count, report.check("1.B").note) == (3, "first")
    assert (report.counts, report.warnings) == ({"ballots": 3}, ("look",))


def test_findings_stay_bounded_and_counted() -> None:
    whole = builder()
    for _ in range(2):
        part = builder()
        for number in range(MAX_FINDINGS):
            part.fail("1.A", str(number), "wrong")
        whole.merge(part)
    assert whole.found("1.A") == 2 * MAX_FINDINGS
    assert len(whole.build().check("1.A").findings) == MAX_FINDINGS


def test_reports_of_other_checks_are_refused() -> None:
    with pytest.raises(ValueError, match="other checks"):
        builder().merge(ReportBuilder(CHECKS[:2], format_name="test"))
