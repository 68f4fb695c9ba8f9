"""Counting a record from its files, alone and with workers: every ballot verified, none counted twice."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from evote.bulk import tally as bulk
from evote.bulk.hints import make_hints
from evote.bulk.tally import TallyAnswer, TallyTask, tally_chunk, tally_record
from evote.codec import encode
from evote.errors import DecodeError, VerificationError, WorkerError
from evote.pool import processes
from evote.record import Stage
from evote.tally import PartialTally
from evote.testing.elections import Kit
from evote.testing.forge import Cheat
from tests.bulk.kits import MARKS, Liar, Wire, kit, reader


def voted(seed: str, ballots: int = 7) -> Kit:
    made = kit(seed)
    for number in range(ballots):
        made.vote(("North", "South")[number % 2], MARKS, challenge=number % 3 == 1)
    return made


def test_the_tally_of_the_files_is_that_of_the_ballots(tmp_path: Path) -> None:
    made = voted("bulk tally")
    steps: list[int] = []
    tally = tally_record(made.election, reader(made, tmp_path / "record"), step=steps.append)
    assert tally.publish() == made.publish().tally
    assert steps == [1, 2, 3, 4, 5, 6, 7]


def test_workers_give_the_same_bytes_as_one_process(tmp_path: Path) -> None:
    made = voted("bulk tally", 11)
    files = reader(made, tmp_path / "record")
    alone = encode(tally_record(made.election, files).publish())
    with ThreadPoolExecutor(3) as threads:
        assert encode(tally_record(made.election, files, executor=threads).publish()) == alone
    with processes(2) as workers:
        assert encode(tally_record(made.election, files, executor=workers).publish()) == alone


def test_a_record_without_ballots_has_the_empty_tally(tmp_path: Path) -> None:
    made = kit("bulk tally")
    tally = tally_record(made.election, reader(made, tmp_path / "record"), executor=Wire())
    assert tally.publish() == made.publish().tally


def test_two_ballots_with_one_identifier_are_not_counted_wherever_they_are(tmp_path: Path) -> None:
    made = kit("bulk tally")
    for number in range(20):
        cheat = Cheat(context_randomness=bytes(32)) if number in (2, 19) else Cheat()
        made.vote("North", MARKS, cheat=cheat)
    wire = Wire()
    with pytest.raises(VerificationError) as raised:
        tally_record(made.election, reader(made, tmp_path / "record"), executor=wire)
    assert raised.value.check == "5.A"
    assert len(wire.sent) > 2


@pytest.mark.parametrize("executor", [None, Wire()])
def test_a_ballot_that_does_not_hold_is_not_counted(tmp_path: Path, executor: Wire | None) -> None:
    made = kit("bulk tally")
    made.vote("North", MARKS)
    bad = made.vote("North", MARKS, cheat=Cheat(values={"Mayor": [1, 1, 0]}))
    with pytest.raises(VerificationError) as raised:
        tally_record(made.election, reader(made, tmp_path / "record"), executor=executor)
    assert raised.value.check == "7.D"
    assert bad.ballot.identifier.hex()[:16] in raised.value.where


def test_a_frame_that_is_no_ballot_is_named(tmp_path: Path) -> None:
    made = voted("bulk tally", 3)
    published = made.publish()
    published.frames = [encode(ballot) for ballot in published.submitted]
    published.frames[1] = b"\x80"
    folder = made.write(published, tmp_path / "record", stage=Stage.VOTING)
    files = type(reader(made, tmp_path / "other"))(folder, {made.group.name: made.group})
    with pytest.raises(DecodeError, match="ballots, frame 1"):
        tally_record(made.election, files, executor=Wire())


def other_range(answer: TallyAnswer) -> TallyAnswer:
    covered = answer.partial.covered
    changed = replace(covered, hashes=(*covered.hashes[:-1], bytes(32)))
    return replace(answer, partial=replace(answer.partial, covered=changed))


@pytest.mark.parametrize(
    "change",
    [
        other_range,
        lambda answer: replace(answer, identifiers=answer.identifiers[1:]),
        lambda answer: answer.partial,
        lambda answer: None,
    ],
)
def test_a_worker_that_answers_for_other_ballots_ends_the_run(
    tmp_path: Path, change: Callable[[TallyAnswer], object]
) -> None:
    made = voted("bulk tally", 14)
    with pytest.raises(WorkerError, match="other ballots"):
        tally_record(made.election, reader(made, tmp_path / "record"), executor=Liar(1, change))


def die(task: TallyTask) -> TallyAnswer:
    if task.begin:
        os._exit(1)
    return tally_chunk(task)


def test_a_worker_that_dies_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = voted("bulk tally", 9)
    monkeypatch.setattr(bulk, "tally_chunk", die)
    with processes(2) as workers, pytest.raises(WorkerError, match="worker"):
        tally_record(made.election, reader(made, tmp_path / "record"), executor=workers)


def test_nothing_verified_is_sent(tmp_path: Path) -> None:
    made = voted("bulk tally", 9)
    wire = Wire()
    tally_record(made.election, reader(made, tmp_path / "record"), executor=wire)
    assert len(wire.answered) > 2
    assert not any(b"Verified" in data or b"Examination" in data for data in wire.sent + wire.answered)
    assert all(PartialTally.__name__.encode() in data for data in wire.answered)


def test_tasks_and_answers_are_short_when_they_are_printed(tmp_path: Path) -> None:
    made = voted("bulk tally", 2)
    frames = tuple(encode(ballot) for ballot in made.submitted)
    task = TallyTask(bulk.ElectionSetting.of(made.election), 0, frames, (None, None))
    assert len(repr(task)) < 100
    assert tally_chunk(task).partial.covered.end == 2


def test_hints_make_it_faster_and_change_nothing(tmp_path: Path) -> None:
    made = voted("bulk tally", 9)
    files = reader(made, tmp_path / "record")
    plain = encode(tally_record(made.election, files).publish())
    make_hints(files.directory, {made.group.name: made.group})
    wire = Wire()
    warnings: list[str] = []
    tally = tally_record(made.election, files, executor=wire, warn=warnings.append)
    assert encode(tally.publish()) == plain
    assert warnings == []
    assert b"BallotHint" in b"".join(wire.sent)
    segment = Path(files.directory) / "hints" / "000001.seg"
    spoilt = bytearray(segment.read_bytes())
    spoilt[60] ^= 1
    segment.write_bytes(bytes(spoilt[:-1]))
    tally = tally_record(made.election, files, executor=wire, warn=warnings.append)
    assert encode(tally.publish()) == plain
    assert len(warnings) == 2


def test_a_false_ballot_with_a_hint_is_not_counted(tmp_path: Path) -> None:
    made = kit("bulk tally")
    for number in range(5):
        made.vote("North", MARKS, cheat=Cheat(values={"Mayor": [1, 1, 0]}) if number == 3 else Cheat())
    files = reader(made, tmp_path / "record")
    make_hints(files.directory, {made.group.name: made.group})
    with pytest.raises(VerificationError) as raised:
        tally_record(made.election, files, executor=Wire())
    assert raised.value.check == "7.D"
