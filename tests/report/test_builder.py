"""A builder gives every check a result, and never a success that nobody earned."""

from __future__ import annotations

import pytest

from evote.errors import VerificationError
from evote.report import Status, Verdict
from evote.report.builder import MAX_FINDINGS, NOTHING_SEEN
from tests.report.samples import builder, passing


def test_a_check_that_nobody_spoke_of_is_not_checked() -> None:
    result = builder().build().check("6.D")
    assert (result.status, result.note) == (Status.NOT_CHECKED, NOTHING_SEEN)


def test_a_check_that_looked_at_something_and_found_nothing_passes() -> None:
    made = builder()
    made.count("6.D", 3)
    result = made.build().check("6.D")
    assert (result.status, result.count, result.findings) == (Status.PASS, 3, ())


def test_a_count_of_zero_statements_does_not_make_a_check_pass() -> None:
    made = builder()
    made.count("6.D", 0)
    assert made.build().check("6.D").status is Status.NOT_CHECKED


def test_a_finding_outweighs_every_reason_not_to_check() -> None:
    made = builder()
    made.count("6.D")
    made.not_applicable("6.D", "nothing there")
    made.skip("6.D", "could not")
    made.fail("6.D", "ballot 1", "false", expected="a", computed="b")
    result = made.build().check("6.D")
    assert result.status is Status.FAIL
    assert [str(finding) for finding in result.findings] == ["ballot 1: false (expected a, found b)"]


def test_what_was_skipped_is_not_checked_although_the_rest_passed() -> None:
    made = builder()
    made.count("6.D", 5)
    made.skip("6.D", "one ballot could not be read")
    made.skip("6.D", "a later reason")
    made.not_applicable("6.D", "nothing there")
    result = made.build().check("6.D")
    assert (result.status, result.note, result.count) == (
        Status.NOT_CHECKED,
        "one ballot could not be read",
        5,
    )


def test_unknown_checks_are_the_callers_mistake() -> None:
    made = builder()
    for call in (
        lambda: made.count("99.Z"),
        lambda: made.fail("99.Z", "", "x"),
        lambda: made.skip(["6.D", "99.Z"], "x"),
        lambda: made.not_applicable("99.Z", "x"),
        lambda: made.status("99.Z"),
    ):
        with pytest.raises(ValueError, match="99.Z"):
            call()


def test_findings_are_kept_up_to_a_limit_and_counted_beyond() -> None:
    made = builder()
    for number in range(MAX_FINDINGS + 5):
        made.fail("6.D", f"ballot {number}", "false")
    result = made.build().check("6.D")
    assert (len(result.findings), result.found) == (MAX_FINDINGS, MAX_FINDINGS + 5)


def test_a_comparison_counts_and_shows_both_sides_where_they_differ() -> None:
    made = builder()
    made.compare("1.A", "here", "another", expected=b"\x01", computed=b"\x01")
    made.compare("1.A", "there", "another", expected=b"\x01", computed=b"\x02")
    result = made.build().check("1.A")
    assert (result.count, result.found) == (2, 1)
    assert (result.findings[0].expected, result.findings[0].computed) == ("01", "02")


def test_an_error_becomes_a_finding_under_its_own_number_or_the_given_one() -> None:
    made = builder()
    made.fail_with(VerificationError("false", check="6.D", where="x", expected="1", computed="2"))
    made.fail_with(VerificationError("false too", where="y"), "E.1")
    report = made.build()
    assert report.failed == ("6.D", "E.1")
    assert report.check("6.D").findings[0].computed == "2"


def test_a_warning_is_given_once_and_does_not_change_the_verdict() -> None:
    made = passing()
    made.warn("careful")
    made.warn("careful")
    report = made.build()
    assert report.warnings == ("careful",)
    assert report.verdict is Verdict.PASS
