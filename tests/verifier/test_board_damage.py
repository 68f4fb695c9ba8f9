"""Boards that are damaged, absent, unsealed or looked at in other ways: never a pass, never a crash."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from evote.codec import encode
from evote.hashing import sha256
from evote.record import RecordReader, Stage
from evote.record.index import seal_index
from evote.record.values import Index, IndexEntry
from evote.report import Report, Status, Verdict
from evote.testing.boxes import Boxes
from evote.testing.elections import Kit, Published
from evote.verifier.board.ids import BOARD, LATER, NEED_ROLL
from evote.verifier.plan import Options
from evote.verifier.preparing import StateOptions
from evote.verifier.verify import _verify
from tests.verifier.board_alone import board, boxes, honest

FILES = ("roll/000001.seg", "log/000001.seg", "aside/000001.seg", "checkpoints.msgpack")


def verify(directory: Path, kit: Kit, stage: Stage = Stage.FINAL, **more: object) -> Report:
    return _verify(RecordReader(directory, {kit.group.name: kit.group}), stage=stage, **more)  # type: ignore[arg-type]


@pytest.fixture
def record(tmp_path: Path) -> Path:
    box = boxes("roll")
    return box.kit.write(honest(box), tmp_path / "record")


def _truncated(data: bytes) -> bytes:
    return data[:-1]


def _doubled(data: bytes) -> bytes:
    return data + data


def _emptied(data: bytes) -> bytes:
    return b""


def _noise(data: bytes) -> bytes:
    return bytes(byte ^ 0x5A for byte in data)


@pytest.mark.parametrize("damage", [_truncated, _doubled, _emptied, _noise])
@pytest.mark.parametrize("name", FILES)
def test_damaged_files_of_a_board_never_pass_and_never_raise(
    name: str, damage: Callable[[bytes], bytes], record: Path
) -> None:
    path = record / name
    path.write_bytes(damage(path.read_bytes()))
    report = verify(record, boxes("roll").kit)
    assert report.verdict is Verdict.FAIL and report.exit_code == 1
    assert "E.10" in report.failed


@pytest.mark.parametrize("name", FILES)
def test_what_is_damaged_and_sealed_so_fails_too(name: str, tmp_path: Path) -> None:
    """The authority signs the damaged file: the checks of the board must see it by themselves."""
    box = boxes("roll")
    published = honest(box)
    files = box.kit.files(published)
    damaged = files[name][:-1]

    def edited(index: Index) -> Index:
        def entry(old: IndexEntry) -> IndexEntry:
            return IndexEntry(name, len(damaged), sha256(damaged)) if old.path == name else old

        return replace(index, files=tuple(map(entry, index.files)))

    published.edit_index = edited
    directory = box.kit.write(published, tmp_path / "record")
    (directory / name).write_bytes(damaged)
    report = verify(directory, box.kit)
    assert report.verdict is Verdict.FAIL
    assert "E.10" not in report.failed and set(report.failed) <= {"E.2", "E.16", *BOARD}


def test_a_roll_that_is_not_there_leaves_what_needs_it_unchecked(tmp_path: Path) -> None:
    box = boxes("roll")
    published = honest(box)
    published.left_out.add("roll/000001.seg")
    report = verify(box.kit.write(published, tmp_path / "record"), box.kit)
    assert {"E.22", *NEED_ROLL} <= set(report.having(Status.NOT_CHECKED))
    assert report.check("E.23").status is report.check("E.26").status is Status.PASS


def test_at_stage_setup_the_roll_is_checked_and_nothing_else_of_the_board(tmp_path: Path) -> None:
    box = boxes("roll")
    directory = box.kit.write(honest(box), tmp_path / "record", stage=Stage.SETUP)
    report = verify(directory, box.kit, Stage.SETUP)
    assert report.verdict is Verdict.PASS
    assert report.check("E.22").status is Status.PASS
    assert {report.check(identifier).status for identifier in LATER} == {Status.NOT_APPLICABLE}
    later = verify(directory, box.kit)
    assert later.verdict is Verdict.INCOMPLETE and later.exit_code == 3


def test_an_election_in_which_nobody_voted_is_whole(tmp_path: Path) -> None:
    box = Kit.with_board(seed="nobody")
    box.close()
    report = verify(box.kit.write(box.publish(), tmp_path / "record"), box.kit)
    assert not report.failed and report.counts["ballots"] == 0
    assert report.check("E.33").status is Status.PASS
    assert report.check("E.26").status is Status.NOT_APPLICABLE


def test_a_challenged_ballot_that_nobody_opened_may_stand_aside(tmp_path: Path) -> None:
    box = boxes("roll")
    published = honest(box)
    files = board(published)
    at = next(place for place, one in enumerate(published.submitted) if one.context is None)
    kept, aside = list(published.submitted), list(files.aside)
    aside.insert(1, kept.pop(at))  # behind the superseded ballot, as on the log
    box.kit.submitted = kept
    changed = box.kit.publish()
    changed.board = replace(files, aside=aside)
    report = verify(box.kit.write(changed, tmp_path / "record"), box.kit)
    assert report.verdict is Verdict.PASS, [str(one) for each in report.checks for one in each.findings]
    assert report.counts["unopened"] == 1


# --- other ways, one report ------------------------------------------------------------------------


def _said(report: Report) -> list[tuple[str, Status, int, list[str]]]:
    return [(each.id, each.status, each.count, list(map(str, each.findings))) for each in report.checks]


def _wrong(box: Boxes) -> Published:
    published = honest(box)
    board(published).aside.reverse()
    return published


@pytest.mark.parametrize("make", [honest, _wrong])
def test_workers_and_states_change_nothing_of_what_is_found(
    make: Callable[[Boxes], Published], tmp_path: Path
) -> None:
    box = boxes("roll")
    directory = box.kit.write(make(box), tmp_path / "record")
    plain = _said(verify(directory, box.kit))
    with ProcessPoolExecutor(1) as executor:
        assert _said(verify(directory, box.kit, options=Options(executor=executor, chunk=2))) == plain
    state = tmp_path / "state"
    for finished in (False, True):
        report = verify(directory, box.kit, state=StateOptions(state, finished))
        assert _said(report) == plain


def test_a_roll_that_grows_after_the_first_index_breaks_the_rules_of_growth(record: Path) -> None:
    """A second index seals more of the roll: E.10, whatever the roll is now."""
    box = boxes("roll")
    reader = RecordReader(record, {box.kit.group.name: box.kit.group})
    last = reader.latest_index()
    assert last is not None
    path = record / "roll" / "000001.seg"
    path.write_bytes(path.read_bytes() + path.read_bytes())
    data = path.read_bytes()
    files = tuple(
        IndexEntry(old.path, len(data), sha256(data)) if old.path == "roll/000001.seg" else old
        for old in last.files
    )
    previous = sha256((record / "index" / "000001.msgpack").read_bytes())
    index = replace(last, sequence=2, previous=previous, files=files)
    (record / "index" / "000002.msgpack").write_bytes(encode(seal_index(index, box.kit.authority)))
    report = verify(record, box.kit)
    assert "E.10" in report.failed and "E.22" in report.failed
    assert any("the roll grew" in finding.message for finding in report.check("E.10").findings)
