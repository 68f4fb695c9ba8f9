"""Every check on pre-encrypted ballots has a record on which it alone fails, or the documented set."""

from __future__ import annotations

from pathlib import Path

import pytest

from evote.codec import encode
from evote.record import RecordReader, Stage
from evote.report import Report, Status, Verdict
from evote.verifier.registry import PRE_ENCRYPTION
from evote.verifier.verify import _verify
from tests.verifier.pre_alone import CASES, DRAFT, DRAFTS, ceremony, honest, voted


def verify(directory: Path, stage: Stage = Stage.FINAL) -> Report:
    """The verifier with the toy group of the kit among the known ones."""
    group = ceremony("mixed").group
    return _verify(RecordReader(directory, {group.name: group}), stage=stage)


@pytest.mark.parametrize("draft", DRAFTS)
def test_the_honest_mixed_record_passes_with_every_check_made(draft: str, tmp_path: Path) -> None:
    kit = ceremony(draft)
    report = verify(kit.write(honest(kit), tmp_path / "record"))
    assert [(check.id, *map(str, check.findings)) for check in report.checks if check.findings] == []
    assert report.verdict is Verdict.PASS, report.having(Status.NOT_CHECKED)
    chained = kit.manifest.chaining == 1
    unused = {"16.E"} if chained else {"16.F", "16.G", "16.H"}
    assert {each for each in PRE_ENCRYPTION if report.check(each).status is Status.PASS} == set(
        PRE_ENCRYPTION
    ) - unused
    assert report.counts["pre_encrypted"] == 3 and report.counts["uncast"] == 1


@pytest.mark.parametrize("name", CASES)
def test_a_record_that_is_wrong_in_one_place_fails_exactly_there(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    kit = ceremony(case.draft)
    report = verify(kit.write(case.make(kit), tmp_path / "record"))
    findings = [f"{check.id} {finding}" for check in report.checks for finding in check.findings]
    assert set(report.failed) == case.fails, findings
    assert report.verdict is Verdict.FAIL and report.exit_code == 1


def test_no_check_on_pre_encrypted_ballots_is_without_a_record_on_which_it_alone_fails() -> None:
    alone = {check for case in CASES.values() if len(case.fails) == 1 for check in case.fails}
    assert set(PRE_ENCRYPTION) <= alone


def test_checks_do_not_apply_where_nothing_is_declared(tmp_path: Path) -> None:
    kit = ceremony("mixed")
    plain = type(kit)({name: part for name, part in DRAFT.items() if name != "preencrypted"}, seed="plain")
    plain.vote("North", {"Mayor": {"Ada": 1}})
    report = verify(plain.write(plain.publish(), tmp_path / "record"))
    assert report.verdict is Verdict.PASS
    assert {report.check(each).status for each in PRE_ENCRYPTION} == {Status.NOT_APPLICABLE}


def test_a_declaration_without_such_ballots_passes_and_says_so(tmp_path: Path) -> None:
    kit = ceremony("mixed")
    kit.restart()
    kit.vote("North", {"Mayor": {"Ada": 1}})
    report = verify(kit.write(kit.publish(), tmp_path / "record"))
    assert report.verdict is Verdict.PASS
    assert {report.check(each).status for each in PRE_ENCRYPTION} == {Status.NOT_APPLICABLE}


def test_an_election_of_sheets_alone_passes_and_ordinary_checks_do_not_apply(tmp_path: Path) -> None:
    kit = ceremony("mixed")
    kit.restart()
    kit.mark(kit.sheet("North"), {"Mayor": ["Ada"]})
    report = verify(kit.write(kit.publish(), tmp_path / "record"))
    assert report.verdict is Verdict.PASS, report.having(Status.NOT_CHECKED)
    for identifier in ("8.A", "8.B", "8.C", "13.B", "14.A", "18.A", "19.D"):
        assert report.check(identifier).status is Status.NOT_APPLICABLE, identifier


def test_an_unreadable_ballot_leaves_nothing_said_to_be_checked(tmp_path: Path) -> None:
    kit = ceremony("mixed")
    published = honest(kit)
    published.frames = [b"\x00", *(encode(each) for each in published.submitted[1:])]
    report = verify(kit.write(published, tmp_path / "record"))
    assert "E.2" in report.failed
    assert {
        report.check(each).status for each in ("15.A", "16.A", "16.C", "17.A", "18.A", "19.D", "E.80")
    } == {Status.NOT_CHECKED}


def test_at_stage_voting_openings_are_not_asked_for(tmp_path: Path) -> None:
    kit = ceremony("mixed")
    report = verify(kit.write(voted(kit).publish(), tmp_path / "record", stage=Stage.VOTING), Stage.VOTING)
    assert report.verdict is Verdict.PASS, (report.failed, report.having(Status.NOT_CHECKED))
    assert report.check("18.A").status is Status.NOT_APPLICABLE
    assert report.check("16.A").status is Status.PASS


def test_the_counts_are_those_of_both_kinds_together(tmp_path: Path) -> None:
    kit = ceremony("mixed")
    directory = kit.write(honest(kit), tmp_path / "record")
    table = (directory / "result.csv").read_text("utf-8")
    votes = [line for line in table.splitlines() if ",contest," in line and ",votes," in line]
    found = {tuple(line.split(",")[-2:]) for line in votes}
    assert found == {("Ada", "1"), ("Grace", "1"), ("Alan", "2"), ("Emmy", "2"), ("Kurt", "1")}
