"""The verdict, the exit code and the JSON form of a report."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import evote.report
from evote.report import Check, CheckResult, Finding, Report, Status, Subject, Verdict, shown
from evote.report.report import MAX_JSON_FINDINGS
from evote.report.status import verdict_of
from tests.report.samples import passing, report

SCHEMA = json.loads((Path(evote.report.__file__).parent / "report.schema.json").read_text("utf-8"))


def valid(made: Report) -> dict[str, object]:
    """The JSON form, read back and held against the schema."""
    data: dict[str, object] = json.loads(made.to_json())
    jsonschema.validate(data, SCHEMA)
    return data


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@given(st.lists(st.sampled_from(Status)))
def test_one_failure_is_a_fail_and_one_missing_check_is_incomplete(statuses: list[Status]) -> None:
    verdict = verdict_of(statuses)
    assert (verdict is Verdict.FAIL) == (Status.FAIL in statuses)
    if verdict is Verdict.PASS:
        assert Status.PASS in statuses and Status.NOT_CHECKED not in statuses


def test_nothing_but_inapplicable_checks_is_incomplete() -> None:
    assert verdict_of([Status.NOT_APPLICABLE]) is Verdict.INCOMPLETE
    assert verdict_of([]) is Verdict.INCOMPLETE


@pytest.mark.parametrize(("verdict", "code"), [(Verdict.PASS, 0), (Verdict.FAIL, 1), (Verdict.INCOMPLETE, 3)])
def test_exit_codes(verdict: Verdict, code: int) -> None:
    assert verdict.exit_code == code


def test_a_failure_weighs_more_than_a_missing_check_in_the_exit_code() -> None:
    made = passing()
    made.skip("1.A", "could not")
    assert made.build().exit_code == 3
    made.fail("6.D", "x", "false")
    assert made.build().exit_code == 1


def test_a_report_has_no_truth_value() -> None:
    with pytest.raises(TypeError, match="verdict"):
        bool(report())


def test_the_json_form_has_the_documented_parts() -> None:
    data = valid(report())
    assert list(data) == ["tool", "subject", "format", "verdict", "counts", "checks", "warnings", "work"]
    assert data["verdict"] == "PASS"
    assert data["counts"] == {"ballots": 3, "cast": 2, "challenged": 1, "selections": 12}
    first = data["checks"][0]  # type: ignore[index]
    assert first == {
        "id": "1.A",
        "title": "The version is right",
        "status": "PASS",
        "count": 1,
        "found": 0,
        "note": "",
        "findings": [],
    }


def test_a_finding_in_the_json_form_has_place_sides_and_message() -> None:
    made = passing()
    made.fail("6.D", "ballot 1", "false", expected="a", computed="b")
    data = valid(made.build())
    assert data["checks"][1]["findings"] == [  # type: ignore[index]
        {"where": "ballot 1", "expected": "a", "computed": "b", "message": "false"}
    ]


def test_findings_are_capped_in_the_json_form_with_their_number_beside_them() -> None:
    made = passing()
    for number in range(MAX_JSON_FINDINGS + 20):
        made.fail("6.D", str(number), "false")
    check = valid(made.build())["checks"][1]  # type: ignore[index]
    assert (len(check["findings"]), check["found"]) == (MAX_JSON_FINDINGS, MAX_JSON_FINDINGS + 20)


def test_a_record_of_which_nothing_could_be_read_still_has_a_valid_form() -> None:
    made = passing()
    made.subject = Subject()
    valid(made.build())


def test_the_expected_fingerprint_stands_in_the_form() -> None:
    made = passing()
    made.subject = Subject(expected="ef" * 32)
    assert valid(made.build())["subject"]["expected"] == "ef" * 32  # type: ignore[index]


def test_a_check_stands_once_in_a_report() -> None:
    result = CheckResult(Check("1.A", "t", "a"), Status.PASS, 1)
    with pytest.raises(ValueError, match="twice"):
        Report(Subject(), "x", {}, (result, result))


@pytest.mark.parametrize(
    ("status", "count", "findings", "found"),
    [
        (Status.PASS, 0, (), 0),
        (Status.PASS, 1, (Finding("", "", "", "m"),), 1),
        (Status.FAIL, 1, (), 0),
        (Status.FAIL, 1, (Finding("", "", "", "m"),), 0),
        (Status.NOT_CHECKED, 0, (), 1),
    ],
)
def test_a_result_that_contradicts_itself_cannot_be_made(
    status: Status, count: int, findings: tuple[Finding, ...], found: int
) -> None:
    with pytest.raises(ValueError):
        CheckResult(Check("1.A", "t", "a"), status, count, findings, found)


def test_what_a_terminal_could_obey_is_escaped() -> None:
    finding = Finding("a\x1b[31mb", "one\ntwo", "\u202eright to left", "m" * 1000)
    assert finding.where == "a\\x1b[31mb"
    assert finding.expected == "one\\ntwo"
    assert finding.computed == "\\u202eright to left"
    assert len(finding.message) == 400 and finding.message.endswith("…")


@given(st.text())
def test_a_shown_text_is_always_printable(text: str) -> None:
    assert shown(text).isprintable()


def test_notes_and_warnings_are_escaped_too() -> None:
    made = passing()
    made.skip("1.A", "because \x1b[2J")
    made.warn("hm \x07")
    report = made.build()
    assert report.check("1.A").note == "because \\x1b[2J"
    assert report.warnings == ("hm \\x07",)
