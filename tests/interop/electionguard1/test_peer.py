"""Whole records of electionguard 1.4.0 itself: one with a missing guardian, one with all of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benches.peers import PeerAbsent
from evote.interop import Request, recognise
from evote.report import Status, Verdict
from evote.verifier import verify_record
from tests.interop.electionguard1 import peer

pytestmark = pytest.mark.peers


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """Records with and without a missing guardian."""
    try:
        peer.load()
    except PeerAbsent as absent:
        pytest.skip(str(absent))
    found = {}
    for missing in (True, False):
        found[missing] = tmp_path_factory.mktemp("peer")
        peer.write_record_apart(found[missing], missing=missing)
    return found


@pytest.mark.parametrize("missing", [True, False])
@pytest.mark.parametrize("method", ["plain", "batch"])
def test_a_record_of_the_package_passes_every_check(
    records: dict[bool, Path], missing: bool, method: str
) -> None:
    report = verify_record(records[missing], method=method)
    assert report.verdict is Verdict.PASS
    assert report.having(Status.NOT_CHECKED) == ()
    assert ("RECOVERY.5" in report.having(Status.PASS)) == missing
    assert report.counts == {"ballots": 5, "cast": 3, "spoiled": 2, "selections": 50, "decrypted": 2}


def test_the_counts_are_those_that_were_voted(records: dict[bool, Path]) -> None:
    summary = verify_record(records[True]).summary
    assert summary is not None
    counts = {field.label: field.count for contest in summary.contests for field in contest.cells[0].fields}
    cast = [chosen for _, chosen, was_cast in peer.VOTES if was_cast]
    assert counts == {option: sum(option in chosen for chosen in cast) for option in counts}
    assert len(counts) == 7


def test_one_changed_response_of_the_package_fails_one_check(
    records: dict[bool, Path], tmp_path: Path
) -> None:
    for path in records[True].rglob("*.json"):
        target = tmp_path / path.relative_to(records[True])
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    path = tmp_path / "submitted_ballots" / "submitted_ballot_ballot-2.json"
    ballot = json.loads(path.read_text(encoding="utf-8"))
    proof = ballot["contests"][1]["ballot_selections"][3]["proof"]
    proof["proof_zero_response"] = proof["proof_one_response"]
    path.write_text(json.dumps(ballot), encoding="utf-8")
    found = recognise(tmp_path)
    assert found is not None
    for batch in (True, False):
        assert found.verify(Request(batch=batch)).failed == ("SELECTIONS.4",)
