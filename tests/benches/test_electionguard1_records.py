"""The comparison on 1.x ballots runs with few of them, and refuses to time what is not verified."""

from __future__ import annotations

from pathlib import Path

import pytest

from benches.peers import PeerAbsent, electionguard1, electionguard1_records
from benches.peers.electionguard1_records import Bench, make, measure
from evote.interop.electionguard1.layout import SUBMITTED

pytestmark = pytest.mark.peers


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    try:
        electionguard1.load()
    except PeerAbsent as absent:
        pytest.skip(str(absent))
    return make(tmp_path_factory.mktemp("bench"), 2, options=2)


def test_all_three_subjects_are_timed_on_the_same_ballots(bench: Bench) -> None:
    found = measure(bench, 1)
    assert list(found) == ["electionguard 1.4.0", "evote, plain", "evote, batch"]
    assert all(value > 0 for value in found.values())


def test_batched_ballots_of_the_package_are_decided_together(bench: Bench) -> None:
    assert bench.own(batch=True).batched == 2
    assert bench.own(batch=False).batched == 0


def test_a_ballot_that_is_refused_is_not_timed(bench: Bench, tmp_path: Path) -> None:
    folder = tmp_path / SUBMITTED
    folder.mkdir()
    for path in (bench.folder / SUBMITTED).iterdir():
        (folder / path.name).write_bytes(
            path.read_bytes().replace(b'"style_id": "style"', b'"style_id": "no"')
        )
    with pytest.raises(RuntimeError, match="refuses"):
        Bench(bench.election, bench.ballots, tmp_path).own(batch=True)


def test_the_command_says_that_the_package_is_absent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def absent() -> object:
        raise PeerAbsent("electionguard is not installed")

    monkeypatch.setattr(electionguard1, "load", absent)
    assert electionguard1_records.main(["--ballots", "1"]) == 2
    assert "not installed" in capsys.readouterr().err
