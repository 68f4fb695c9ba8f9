"""Second ways to be wrong: the same checks fail, and what cannot be looked at is never called right."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evote.ceremony.keys import GuardianSecrets
from evote.record import RecordReader
from evote.report import Report, Status, Verdict
from evote.secret import Secret
from evote.testing.elections import Kit
from evote.verifier.verify import _verify
from tests.verifier.alone import ceremony
from tests.verifier.more import CASES, Case, own_ceremony


def verified(kit: Kit, directory: Path) -> Report:
    return _verify(RecordReader(directory, {kit.group.name: kit.group}))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_exactly_these_checks_fail(case: Case, tmp_path: Path) -> None:
    kit = ceremony(case.draft)
    published = case.make(kit)
    directory = kit.write(published, tmp_path / "record")
    report = verified(kit, directory)
    findings = [f"{check.id} {finding}" for check in report.checks for finding in check.findings]
    assert set(report.failed) == case.fails, findings
    assert report.verdict is Verdict.FAIL
    assert case.not_checked <= set(report.having(Status.NOT_CHECKED))


def test_e18_alone_for_a_guardian_key_that_is_the_identity(tmp_path: Path) -> None:
    def edit(secrets: list[GuardianSecrets]) -> GuardianSecrets:
        one = secrets[1].vote[0].reveal()
        return replace(secrets[1], data=(secrets[1].data[0], Secret(one - one)))

    kit = own_ceremony(edit)
    kit.vote("North", {"Mayor": {"Ada": 1}})
    report = verified(kit, kit.write(kit.publish(), tmp_path / "record"))
    assert report.failed == ("E.18",)
    assert "identity" in str(report.check("E.18").findings[0])


def test_e18_alone_for_a_rushing_guardian_that_makes_the_joint_key_the_identity(tmp_path: Path) -> None:
    def edit(secrets: list[GuardianSecrets]) -> GuardianSecrets:
        others = secrets[0].vote[0].reveal() + secrets[2].vote[0].reveal()
        return replace(secrets[1], vote=(Secret(-others), secrets[1].vote[1]))

    kit = own_ceremony(edit)
    report = verified(kit, kit.write(kit.publish(), tmp_path / "record"))
    assert report.failed == ("E.18",)
    assert "joint key K " in str(report.check("E.18").findings[0])
