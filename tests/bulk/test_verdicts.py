"""Verdicts over any executor are those of one process; what a worker says of other ballots is not logged."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

import evote.bulk.verdicts as module
from evote.board.entries import VerdictEntry
from evote.bulk.verdicts import VerdictTask, give_verdicts, verdicts_of_chunk
from evote.errors import WorkerError
from evote.pool import processes
from evote.storage.box import BallotBox
from tests.storage.box_kit import Place, election, hash_of, minted, raw, submission


@pytest.fixture
def box(tmp_path: Path) -> Iterator[BallotBox]:
    with Place(tmp_path / "north.box", tmp_path / "anchor").box(examiner=None) as opened:
        yield opened


def fill(box: BallotBox) -> list[tuple[bytes, bool]]:
    """Seven good ballots, most with hints, and two bad ones; the verdicts that they must get."""
    wanted = []
    for slot in range(1, 10):
        bad = slot in (3, 8)
        made = minted(slot) if bad else submission(slot, hinted=slot != 5)
        box.admit(raw(made))
        wanted.append((hash_of(made), not bad))
    return wanted


def logged(box: BallotBox) -> list[tuple[str, int]]:
    return [(entry.kind.value, entry.position) for entry in box.entries() if entry.kind.value == "verdict"]


@pytest.mark.parametrize("chunk", [1, 4, 9, 100])
def test_every_ballot_gets_the_verdict_that_is_its_own(box: BallotBox, chunk: int) -> None:
    wanted = fill(box)
    heard: list[VerdictEntry] = []
    assert give_verdicts(box, election(), chunk=chunk, step=heard.extend) == 9
    assert [(verdict.ballot, verdict.accepted) for verdict in heard] == wanted
    assert box.status().pending == 0 and len(logged(box)) == 9
    assert give_verdicts(box, election(), chunk=chunk) == 0


def test_threads_and_processes_give_the_same_verdicts(tmp_path: Path) -> None:
    found = []
    with ThreadPoolExecutor(2) as threads, processes(2) as workers:
        for number, executor in enumerate((None, threads, workers)):
            place = Place(tmp_path / f"{number}.box", tmp_path / f"anchor {number}")
            with place.box(examiner=None) as opened:
                for slot in range(1, 6):
                    opened.admit(raw(minted(slot)))
                heard: list[VerdictEntry] = []
                assert give_verdicts(opened, election(), executor=executor, chunk=2, step=heard.extend) == 5
                found.append(heard)
    assert found[0] == found[1] == found[2]
    assert not any(verdict.accepted for verdict in found[0]) and all(verdict.check for verdict in found[0])


def test_a_ballot_that_got_its_verdict_meanwhile_gets_no_second_one(
    box: BallotBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = fill(box)

    def slow(task: VerdictTask) -> tuple[VerdictEntry, ...]:
        assert len(box.verify_pending()) == len(wanted)  # somebody else is faster
        return verdicts_of_chunk(task)

    monkeypatch.setattr(module, "verdicts_of_chunk", slow)
    assert give_verdicts(box, election()) == 0
    assert len(logged(box)) == len(wanted)


def test_a_verdict_for_another_ballot_is_not_logged(box: BallotBox, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(box)

    def mixed_up(task: VerdictTask) -> tuple[VerdictEntry, ...]:
        return verdicts_of_chunk(task)[::-1]

    def few(task: VerdictTask) -> tuple[VerdictEntry, ...]:
        return verdicts_of_chunk(task)[1:]

    def another(task: VerdictTask) -> tuple[VerdictEntry, ...]:
        first, *others = verdicts_of_chunk(task)
        return replace(first, ballot=bytes(32)), *others

    for wrong in (mixed_up, few, another):
        monkeypatch.setattr(module, "verdicts_of_chunk", wrong)
        with pytest.raises(WorkerError, match="other ballots"):
            give_verdicts(box, election())
        assert box.status().pending == 9 and logged(box) == []


def test_a_chunk_has_a_ballot(box: BallotBox) -> None:
    with pytest.raises(ValueError, match="at least one"):
        give_verdicts(box, election(), chunk=0)


def test_verdicts_by_position_are_compared_with_the_ballots_there(box: BallotBox) -> None:
    fill(box)
    first = box.pending_frames(1)[0]
    good = VerdictEntry(first.ballot, True, "", "")
    with pytest.raises(ValueError, match="another ballot"):
        box.enter_verdicts({first.position + 1: good})
    assert box.enter_verdicts({first.position: good}) == (good,)
    assert box.enter_verdicts({first.position: good, 10**6: good}) == ()
    assert box.status().pending == 8
