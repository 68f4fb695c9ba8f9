"""Honest 1.x records: recognised, verified in every way with one report, summed up; stages."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from evote.interop import Request, recognise
from evote.interop.electionguard1 import stretch
from evote.interop.electionguard1.checks import BALLOT_CHECKS, CHECKS, RESULT_CHECKS
from evote.interop.electionguard1.group import published_group
from evote.interop.electionguard1.settle import Settling
from evote.interop.electionguard1.stretch import Task, check_stretch
from evote.record.values import Stage
from evote.report import Status, Verdict
from evote.verifier import verify_record
from evote.verifier.foreign import Workers
from tests.cli.driver import evote as run
from tests.interop.electionguard1.kit import both_ways, maker, unchecked, verified
from tests.interop.electionguard1.writer import Maker


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An honest record on the toy group."""
    return maker().write(tmp_path_factory.mktemp("toy"))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An honest record on the published group, of two ballots."""
    p, q, g = (int.from_bytes(part, "big") for part in published_group().published_parameters())
    votes = ({"Mayor": [1, 0], "Council": [1, 1, 0]}, {"Mayor": [0, 1], "Council": [0, 0, 0]})
    return Maker(p, q, g, votes=votes).make().write(tmp_path_factory.mktemp("published"))


def test_the_published_group_has_the_shape_on_which_jacobi_symbols_rest() -> None:
    group = published_group()
    assert group.admission_error(128, by_subsets=False) < 2**-127
    assert group is published_group()


def test_an_honest_record_passes_in_batches_and_without(record: Path) -> None:
    report = both_ways(record)
    assert report.verdict is Verdict.PASS
    assert unchecked(report) == set()
    assert report.counts == {"ballots": 4, "cast": 3, "spoiled": 1, "selections": 32, "decrypted": 1}


def test_a_record_on_the_published_group_is_recognised_and_passes(published: Path) -> None:
    found = recognise(published)
    assert found is not None
    assert (found.system, found.batched) == ("electionguard1", True)
    report = verify_record(published)
    assert report.verdict is Verdict.PASS
    assert report.subject.group == "electionguard-1"
    assert "not the standard set" in report.subject.profile
    assert verify_record(published, expect=report.subject.fingerprint).verdict is Verdict.PASS
    assert verify_record(published, expect="ab" * 32).failed == ("FILES.2",)


def test_every_method_of_the_verifier_says_the_same(published: Path) -> None:
    reports = [
        verify_record(published, method="plain"),
        verify_record(published, method="batch"),
        verify_record(published, method="batch", reproducible=True),
    ]
    assert len({report.to_json() for report in reports}) == 1
    assert reports[0].warnings == ()


def test_the_command_reports_a_record_and_ends_with_its_code(published: Path) -> None:
    result = run("verify", str(published))
    assert result.code == 0
    assert "ElectionGuard 1.x" in result.out


def test_a_toy_record_fails_where_the_published_group_is_wanted(record: Path) -> None:
    found = recognise(record)
    assert found is not None
    report = found.verify(Request())
    assert {"PARAMETERS.1", "PARAMETERS.2", "PARAMETERS.3", "PARAMETERS.4"} <= set(report.failed)


def test_the_summary_states_the_counts(record: Path) -> None:
    summary = verified(record).summary
    assert summary is not None
    counts = {
        contest.label: {field.label: field.count for field in contest.cells[0].fields}
        for contest in summary.contests
    }
    assert counts == {"Mayor": {"Ada": 2, "Grace": 0}, "Council": {"Alan": 2, "Kurt": 1, "Emil": 1}}
    assert (summary.guardians, summary.quorum) == (3, 2)


def test_recovery_does_not_apply_where_all_guardians_were_there(tmp_path: Path) -> None:
    maker(present=(1, 2, 3)).write(tmp_path)
    report = both_ways(tmp_path)
    assert report.verdict is Verdict.PASS
    assert report.having(Status.NOT_APPLICABLE) == (
        "FILES.2",
        "RECOVERY.1",
        "RECOVERY.2",
        "RECOVERY.3",
        "RECOVERY.4",
        "RECOVERY.5",
        "RECOVERY.7",
    )


def test_spoiled_checks_do_not_apply_without_spoiled_ballots(tmp_path: Path) -> None:
    maker(spoiled=frozenset()).write(tmp_path)
    report = both_ways(tmp_path)
    assert report.verdict is Verdict.PASS
    assert {"SPOILED.1", "SPOILED.5"} <= set(report.having(Status.NOT_APPLICABLE))


@pytest.mark.parametrize(
    ("stage", "absent"),
    [(Stage.SETUP, (*BALLOT_CHECKS, *RESULT_CHECKS)), (Stage.VOTING, RESULT_CHECKS)],
)
def test_later_stages_do_not_apply(record: Path, stage: Stage, absent: tuple[str, ...]) -> None:
    report = verified(record, Request(stage=stage))
    assert report.verdict is Verdict.PASS
    assert set(report.having(Status.NOT_APPLICABLE)) == {"FILES.2", *absent}


def test_a_record_without_ballots_is_incomplete_unless_none_are_expected(tmp_path: Path) -> None:
    maker(votes=(), spoiled=frozenset()).write(tmp_path)
    assert both_ways(tmp_path).verdict is Verdict.INCOMPLETE
    assert both_ways(tmp_path, zero_ballots_expected=True).verdict is Verdict.PASS


def test_stretches_of_any_size_and_workers_give_one_report(
    record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = verified(record)
    sizes: list[int] = []

    def counted(task: Task) -> object:
        sizes.append(len(task.names))
        return check_stretch(task)

    monkeypatch.setattr(stretch, "MOST_BALLOTS", 1)
    monkeypatch.setattr(sys.modules["evote.interop.electionguard1.verify"], "check_stretch", counted)
    with ThreadPoolExecutor(2) as executor:
        parts = verified(record, Request(mapper=Workers(executor)))
    assert sizes == [1, 1, 1, 1]
    assert parts.to_json() == whole.to_json()


def test_batches_decide_all_ballots_of_an_honest_record(
    record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(self: Settling, claims: object) -> bool:
        raise AssertionError("an honest ballot was decided alone")

    monkeypatch.setattr(Settling, "_plain", never)
    assert verified(record, Request(reproducible=True)).verdict is Verdict.PASS


def test_every_check_is_named_once() -> None:
    assert len({check.id for check in CHECKS}) == len(CHECKS)
