"""Every check has an archive on which it fails, and no other check with it."""

from __future__ import annotations

import pytest

from evote.interop.belenios1 import CHECKS
from evote.report import Status, Verdict
from tests.interop.belenios1.conftest import Check
from tests.interop.belenios1.twins import REQUESTS, TWINS
from tests.interop.belenios1.writer import Maker, mixed, whole


@pytest.mark.parametrize("name", TWINS)
def test_a_bad_twin_fails_exactly_its_checks(name: str, check: Check) -> None:
    make, expected = TWINS[name]
    report = check(make(), **REQUESTS[name])
    assert set(report.failed) == expected, [
        (each.id, each.findings[:2]) for each in report.checks if each.findings
    ]
    assert report.exit_code == 1


def test_every_check_has_a_bad_twin() -> None:
    assert {identifier for _, checks in TWINS.values() for identifier in checks} == {
        each.id for each in CHECKS
    }


@pytest.mark.parametrize(
    "maker",
    [
        pytest.param(whole, id="threshold"),
        pytest.param(lambda: whole(threshold=False), id="one trustee"),
        pytest.param(lambda: whole(certificate=True), id="certificate of credentials"),
        pytest.param(mixed, id="lists and sealed answers"),
    ],
)
def test_the_originals_of_the_twins_pass(maker: object, check: Check) -> None:
    made = maker()  # type: ignore[operator]
    assert isinstance(made, Maker)
    report = check(made.parts.build())
    assert (report.verdict, report.failed) == (Verdict.PASS, ())
    assert not report.having(Status.NOT_CHECKED)


def test_every_check_passes_on_an_original(check: Check) -> None:
    passed: set[str] = set()
    for maker in (whole(certificate=True), mixed()):
        data = maker.parts.build()
        fingerprint = check(data).subject.fingerprint
        passed |= set(check(data, expect=fingerprint).having(Status.PASS))
    assert passed == {each.id for each in CHECKS}
