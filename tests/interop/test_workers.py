"""Foreign records verified by workers, in stretches of any size: the report is that of one process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from evote.interop import Request
from evote.interop.electionguard1.group import published_group
from evote.interop.electionguard2 import stretch
from evote.interop.electionguard2.profile import curve_profile
from evote.pool import processes
from evote.report import Report, Verdict
from evote.verifier import verify_record
from evote.verifier.foreign import Workers
from tests.interop.electionguard1.writer import Maker as Maker1
from tests.interop.kit2 import maker, verified
from tests.interop.writer2 import Deviation, Json, Maker

Change = Callable[[dict[str, Json]], None]
BALLOT = "encrypted_ballots/device 1/eballot-b{}.json"


def _copied(record: dict[str, Json]) -> None:
    """Another ballot's ciphertext and code."""
    first, last = record[BALLOT.format(0)], record[BALLOT.format(3)]
    last["confirmation_code"] = first["confirmation_code"]


def in_stretches_of_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    """The report of two threads, a ballot per task."""
    monkeypatch.setattr(stretch, "MOST_BALLOTS", 1)
    with ThreadPoolExecutor(2) as executor:
        return verified(folder, Request(mapper=Workers(executor, ahead=3)))


@pytest.mark.parametrize("change", [None, _copied])
def test_stretches_of_2_0_ballots_give_the_report_of_one(
    change: Change | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker(Deviation(files=change)).write(tmp_path)
    whole = verified(tmp_path)
    parts = in_stretches_of_one(tmp_path, monkeypatch)
    assert parts.to_json() == whole.to_json()
    assert whole.verdict is (Verdict.PASS if change is None else Verdict.FAIL)


def test_a_repeated_code_is_found_over_the_borders_of_stretches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker(Deviation(files=_copied)).write(tmp_path)
    report = in_stretches_of_one(tmp_path, monkeypatch)
    (finding,) = report.check("7.C").findings
    assert finding.where == f"{BALLOT.format(0)}, {BALLOT.format(3)}"


def test_processes_verify_records_of_published_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both systems of ElectionGuard in one pool: what goes to workers and comes back can be sent."""
    second = Maker(curve_profile()).make().write(tmp_path / "2")
    p, q, g = (int.from_bytes(part, "big") for part in published_group().published_parameters())
    votes = ({"Mayor": [1, 0], "Council": [1, 1, 0]}, {"Mayor": [0, 1], "Council": [0, 0, 0]})
    first = Maker1(p, q, g, votes=votes).make().write(tmp_path / "1")
    monkeypatch.setattr(stretch, "MOST_BALLOTS", 2)
    monkeypatch.setattr(sys.modules["evote.interop.electionguard1.stretch"], "MOST_BALLOTS", 1)
    with processes(2) as executor:
        found = [verify_record(folder, executor=executor) for folder in (first, second)]
    alone = [verify_record(folder) for folder in (first, second)]
    assert [report.verdict for report in found] == [Verdict.PASS, Verdict.PASS]
    assert [report.to_json() for report in found] == [report.to_json() for report in alone]
