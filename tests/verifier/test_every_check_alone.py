"""Every check has a record on which it alone fails, or the documented smallest set."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from evote.record import RecordReader, Stage
from evote.report import Report, Status, Verdict
from evote.verifier import verify_record
from evote.verifier.board.ids import BOARD
from evote.verifier.checks.e60_provisional import PROVISIONAL
from evote.verifier.checks.e67_requests import REQUESTS
from evote.verifier.registry import CHECKS, PRE_ENCRYPTION
from evote.verifier.returns.ids import RETURNS
from evote.verifier.verify import _verify
from tests.verifier.alone import CASES, DRAFTS, ceremony, honest


def verify(directory: Path, stage: Stage = Stage.FINAL, expect: str | None = None) -> Report:
    """The verifier with the toy group of the kit among the known ones."""
    group = ceremony("small").group
    return _verify(RecordReader(directory, {group.name: group}), stage=stage, expect=expect)


@pytest.mark.parametrize("draft", DRAFTS)
def test_the_honest_record_that_every_case_starts_from_passes(draft: str, tmp_path: Path) -> None:
    kit = ceremony(draft)
    report = verify(kit.write(honest(kit), tmp_path / "record"))
    assert [(check.id, *map(str, check.findings)) for check in report.checks if check.findings] == []
    assert report.verdict is Verdict.PASS, report.having(Status.NOT_CHECKED)


@pytest.mark.parametrize("name", CASES)
def test_a_record_that_is_wrong_in_one_place_fails_exactly_there(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    kit = ceremony(case.draft)
    stage = Stage.SETUP if case.setup else Stage.FINAL
    report = verify(kit.write(case.make(kit), tmp_path / "record", stage=stage), stage)
    findings = [f"{check.id} {finding}" for check in report.checks for finding in check.findings]
    assert set(report.failed) == case.fails, findings
    assert report.verdict is Verdict.FAIL and report.exit_code == 1


def test_no_check_is_without_a_record_on_which_it_fails() -> None:
    covered = {check for case in CASES.values() for check in case.fails}
    below = {"E.16", "E.19"}
    # test_board_alone.py, test_returns_alone.py, test_early_alone.py; no pre-encryption in records
    elsewhere = {*BOARD, *RETURNS, *PROVISIONAL, *REQUESTS, *PRE_ENCRYPTION}
    assert {check.id for check in CHECKS} - covered - below == elsewhere


def test_the_catalogue_names_only_checks_that_exist() -> None:
    assert {check for case in CASES.values() for check in case.fails} <= {check.id for check in CHECKS}


def test_e19_alone_where_another_election_was_expected(tmp_path: Path) -> None:
    kit = ceremony("small")
    directory = kit.write(honest(kit), tmp_path / "record")
    assert verify(directory, expect=kit.election.fingerprint).verdict is Verdict.PASS
    assert verify(directory, expect="00" * 32).failed == ("E.19",)


FILES = sorted(ceremony("opened").files(honest(ceremony("opened"))))
SEGMENTS = [name for name in FILES if name.endswith(".seg")]


@pytest.mark.parametrize("name", [name for name in FILES if name != "manifest.json"])
def test_a_missing_file_is_a_failure_that_names_it(name: str, tmp_path: Path) -> None:
    kit = ceremony("opened")
    directory = kit.write(honest(kit), tmp_path / "record")
    (directory / name).unlink()
    report = verify(directory)
    assert report.verdict is Verdict.FAIL and report.exit_code == 1
    findings = [str(finding) for check in report.checks for finding in check.findings]
    assert any(name.split("/")[0] in finding for finding in findings), findings


@pytest.mark.parametrize("name", [name for name in FILES if name not in (*SEGMENTS, "manifest.json")])
def test_a_file_left_out_and_not_even_sealed_is_a_failure(name: str, tmp_path: Path) -> None:
    kit = ceremony("opened")
    published = honest(kit)
    published.left_out.add("index" if name.startswith("index") else name)
    assert verify(kit.write(published, tmp_path / "record")).verdict is Verdict.FAIL


def _truncated(data: bytes) -> bytes:
    return data[:-1]


def _trailing(data: bytes) -> bytes:
    return data + b"\x00"


def _doubled(data: bytes) -> bytes:
    return data + data


def _emptied(data: bytes) -> bytes:
    return b""


def _noise(data: bytes) -> bytes:
    return bytes(byte ^ 0x5A for byte in data)


@pytest.mark.parametrize("damage", [_truncated, _trailing, _doubled, _emptied, _noise])
@pytest.mark.parametrize("name", FILES)
def test_damaged_bytes_never_pass_and_never_raise(
    name: str, damage: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    kit = ceremony("opened")
    directory = kit.write(honest(kit), tmp_path / "record")
    path = directory / name
    path.write_bytes(damage(path.read_bytes()))
    report = verify(directory)
    assert report.verdict is Verdict.FAIL and report.exit_code == 1


def test_e16_for_a_file_that_does_not_decode_and_what_needs_it_is_not_checked(tmp_path: Path) -> None:
    kit = ceremony("small")
    directory = kit.write(honest(kit), tmp_path / "record")
    path = directory / "tally.msgpack"
    path.write_bytes(path.read_bytes() + b"\x00")
    report = verify(directory)
    assert report.failed == ("E.10", "E.16")
    assert report.check("9.A").status is Status.NOT_CHECKED


def test_the_public_verifier_fails_a_toy_group_at_1b_1c_1d(tmp_path: Path) -> None:
    kit = ceremony("small")
    report = verify_record(kit.write(honest(kit), tmp_path / "record"))
    assert {"1.B", "1.C", "1.D"} <= set(report.failed) and report.exit_code == 1


def test_zero_ballots_are_incomplete_unless_the_closing_head_says_so(tmp_path: Path) -> None:
    kit = ceremony("small")
    kit.restart()
    closed = verify(kit.write(kit.publish(), tmp_path / "closed"))
    assert closed.failed == () and closed.counts["ballots"] == 0
    voting = verify(kit.write(kit.publish(), tmp_path / "voting", stage=Stage.VOTING), Stage.VOTING)
    assert voting.verdict is Verdict.INCOMPLETE and voting.exit_code == 3
    expected = _verify(
        RecordReader(tmp_path / "voting", {kit.group.name: kit.group}),
        stage=Stage.VOTING,
        zero_ballots_expected=True,
    )
    assert expected.verdict is Verdict.PASS


@pytest.mark.parametrize("stage", [Stage.SETUP, Stage.VOTING])
def test_an_unfinished_record_passes_its_stage_and_no_later_one(stage: Stage, tmp_path: Path) -> None:
    kit = ceremony("small")
    directory = kit.write(honest(kit), tmp_path / "record", stage=stage)
    assert verify(directory, stage).verdict is Verdict.PASS
    later = verify(directory)
    assert later.verdict is Verdict.INCOMPLETE and later.exit_code == 3


def test_a_file_that_nobody_declared_is_a_finding(tmp_path: Path) -> None:
    kit = ceremony("small")
    directory = kit.write(honest(kit), tmp_path / "record")
    (directory / "notes.txt").write_text("x")
    assert verify(directory).failed == ("E.10",)
