"""Making the hints of a record: whatever is there, and over any executor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from evote.ballots.batch import examine_chunk
from evote.ballots.hints import BallotHint, frame_of
from evote.bulk import hints as module
from evote.bulk.hints import HintsMade, make_hints
from evote.codec import encode
from evote.errors import DecodeError, WorkerError
from evote.groups import Group
from evote.record import RecordReader, Stage
from evote.record.index import foreign_files
from evote.record.layout import largest_hint
from evote.record.segments import SegmentWriter, frame_bytes
from evote.testing.elections import SMALL, Kit
from evote.testing.forge import Cheat
from tests.bulk.kits import Liar, Wire
from tests.cli.driver import snapshot

COUNT = 20


@pytest.fixture(scope="module")
def kit() -> Kit:
    kit = Kit(SMALL, seed="bulk hints")
    for number in range(COUNT):
        marks = {"Mayor": {"Ada": 1}, "Council": {"Kurt": 2}}
        kit.vote(("North", "South")[number % 2], marks, challenge=number % 5 == 4)
    return kit


@pytest.fixture
def record(kit: Kit, tmp_path: Path) -> Path:
    return kit.write(kit.publish(), tmp_path / "record")


@pytest.fixture
def groups(kit: Kit) -> dict[str, Group]:
    return {kit.group.name: kit.group}


def hints_of(kit: Kit, record: Path) -> list[BallotHint | None]:
    warnings: list[str] = []
    limit = largest_hint(kit.manifest, kit.group.element_bytes)
    reader = RecordReader(record, {kit.group.name: kit.group})
    found = list(reader.hints(limit=limit, warn=warnings.append))
    assert warnings == []
    return found


def right(kit: Kit) -> list[BallotHint | None]:
    return [kit.hints[submitted.ballot.identifier] for submitted in kit.submitted]


def test_a_record_without_hints_gets_those_that_its_devices_hashed(
    kit: Kit, record: Path, groups: dict[str, Group]
) -> None:
    before = snapshot(record)
    steps: list[tuple[int, int]] = []
    made = make_hints(record, groups, step=lambda done, total: steps.append((done, total)))
    assert made == HintsMade(COUNT, 0, COUNT, 0)
    assert hints_of(kit, record) == right(kit)
    assert steps == [(number + 1, COUNT) for number in range(COUNT)]
    after = snapshot(record)
    assert {name: after[name] for name in before} == before
    assert examine_chunk(kit.election, kit.submitted, hints_of(kit, record)).batched > COUNT // 2


@pytest.mark.parametrize("kind", ["here", "wire", "threads"])
def test_every_executor_makes_the_same_bytes(
    kit: Kit, record: Path, groups: dict[str, Group], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHUNK", 3)
    with ThreadPoolExecutor(3) as threads:
        executor = {"here": None, "wire": Wire(), "threads": threads}[kind]
        make_hints(record, groups, executor=executor)
    assert hints_of(kit, record) == right(kit)


def test_hints_that_are_right_stay_and_the_file_is_not_touched(
    record: Path, groups: dict[str, Group]
) -> None:
    make_hints(record, groups)
    (segment,) = (record / "hints").iterdir()
    before = segment.stat()
    assert make_hints(record, groups) == HintsMade(COUNT, COUNT, 0, 0)
    assert segment.stat().st_ino == before.st_ino and segment.stat().st_mtime_ns == before.st_mtime_ns
    assert [path.name for path in (record / "hints").iterdir()] == ["000001.seg"]


def _edits() -> Iterator[tuple[str, Callable[[list[bytes]], list[bytes]]]]:
    yield "holes", lambda frames: [b"\x00" if n % 3 else frame for n, frame in enumerate(frames)]
    yield "another order", lambda frames: frames[::-1]
    yield "the first half", lambda frames: frames[: COUNT // 2]
    yield "rubbish", lambda frames: [b"rubbish", *frames[1:]]
    yield "too long", lambda frames: [bytes(100_000), *frames[1:]]
    yield "changed commitments", lambda frames: [frame[:-1] + b"\x01" for frame in frames]
    yield "more than ballots", lambda frames: frames * 2
    yield "none", lambda frames: []


EDITS = dict(_edits())


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize("segment_bytes", [3000, 10**6])
def test_what_is_missing_or_wrong_is_made_again(
    kit: Kit, record: Path, groups: dict[str, Group], name: str, segment_bytes: int
) -> None:
    frames = EDITS[name]([frame_of(hint) for hint in right(kit)])
    with SegmentWriter(record / "hints", segment_bytes=segment_bytes) as writer:
        for frame in frames:
            writer.append(frame)
    with (record / "hints" / "000001.seg").open("ab") if not frames else _last(record).open("ab") as file:
        file.write(b"\0\0\1\0torn")
    made = make_hints(record, groups)
    assert hints_of(kit, record) == right(kit)
    assert (made.kept + made.made == COUNT and made.made > 0) or name in ("more than ballots",)


def _last(record: Path) -> Path:
    return sorted((record / "hints").iterdir())[-1]


def test_ballots_with_findings_and_frames_that_are_none_get_the_marker(
    kit: Kit, tmp_path: Path, groups: dict[str, Group]
) -> None:
    other = Kit(SMALL, seed="bulk hints")
    bad = Cheat(values={"Mayor": [1, 1, 0]})
    for number in range(4):
        other.vote("North", {"Mayor": {"Ada": 1}}, cheat=bad if number == 1 else Cheat())
    published = other.publish()
    published.frames = [encode(submitted) for submitted in other.submitted]
    published.frames[2] = b"no ballot"
    record = other.write(published, tmp_path / "record", stage=Stage.VOTING)
    assert make_hints(record, groups) == HintsMade(4, 0, 2, 2)
    found = hints_of(other, record)
    assert [hint is None for hint in found] == [False, True, True, False]


def test_ballots_before_a_torn_end_get_their_hints(kit: Kit, record: Path, groups: dict[str, Group]) -> None:
    segment = record / "ballots" / "000001.seg"
    segment.write_bytes(segment.read_bytes() + b"\0\0\1\0torn")
    assert make_hints(record, groups).made == COUNT
    assert hints_of(kit, record) == right(kit)


def test_a_record_before_the_first_ballot_has_none(tmp_path: Path) -> None:
    kit = Kit(SMALL, seed="bulk hints")
    record = kit.write(kit.publish(), tmp_path / "record", stage=Stage.SETUP)
    assert make_hints(record, {kit.group.name: kit.group}) == HintsMade(0, 0, 0, 0)
    assert not (record / "hints").exists()


def test_what_was_done_before_an_interruption_stays(
    kit: Kit, record: Path, groups: dict[str, Group], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHUNK", 2)

    def stop(done: int, total: int) -> None:
        if done == 12:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_hints(record, groups, step=stop)
    made = make_hints(record, groups)
    assert made.kept >= 10 and made.kept + made.made == COUNT
    assert hints_of(kit, record) == right(kit)


def test_what_a_killed_program_leaves_behind_is_no_finding_and_is_cleared_away(
    kit: Kit, record: Path, groups: dict[str, Group]
) -> None:
    make_hints(record, groups)
    left = record / "hints" / ".000001.seg.0123456789abcdef.partial"
    left.write_bytes(b"half")
    assert not list(foreign_files(RecordReader(record, groups).files()))
    make_hints(record, groups)
    assert not left.exists()


def test_an_answer_about_other_ballots_ends_the_run(record: Path, groups: dict[str, Group]) -> None:
    with pytest.raises(WorkerError, match="another number"):
        make_hints(record, groups, executor=Liar(0, lambda made: made[1:]))


def test_a_segment_of_ballots_that_is_missing_is_named(
    kit: Kit, record: Path, groups: dict[str, Group]
) -> None:
    (record / "ballots" / "000003.seg").write_bytes(frame_bytes(b"x"))
    with pytest.raises(DecodeError, match=r"000002\.seg"):
        make_hints(record, groups)
