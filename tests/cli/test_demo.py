"""``evote demo``: what it says, what it leaves, and how it ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from evote.demo.board import CheckedReceipts
from evote.testing.groups import toy
from tests.cli.driver import Outcome, evote, refused, snapshot

ROOT = Path(__file__).resolve().parents[2]
SMALL = ("--scale", 1_000_000, "--group", toy().name)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Path]:
    """What the demonstration says on a toy group, and the record that it leaves."""
    record = tmp_path_factory.mktemp("demo") / "record"
    return evote("demo", *SMALL, "--out", record), record


def test_the_demonstration_says_before_it_starts_what_it_will_take(small: tuple[Outcome, Path]) -> None:
    out = small[0].out.splitlines()
    assert "French legislative election of 2024" in out[0]
    assert "11 ballots cast and 11 challenged" in out[1]
    assert " MB on the disk" in out[1]
    assert "seconds" in out[1]
    assert "rely on one verification" in out[2]


def test_every_constituency_stands_with_what_was_cast_and_counted(small: tuple[Outcome, Path]) -> None:
    out = small[0].out
    for number in range(1, 12):
        assert f"(ZZ{number:02}): 1 ballot\n" in out
    assert "M. Roland LESCURE (ENS)     1        1" in out
    assert "Overall: 11 ballots, by nuance" in out
    assert "Every count is what was cast." in out


def test_a_record_in_a_toy_group_does_not_pass(small: tuple[Outcome, Path]) -> None:
    outcome, record = small
    assert outcome.code == 1
    assert (record / "manifest.json").exists()
    assert "Verdict:     FAIL" in outcome.out
    assert "1.B FAIL" in outcome.out
    assert outcome.err == ""


def test_without_a_folder_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    evote("demo", *SMALL)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("notes")
    before = snapshot(tmp_path)
    refused(evote("demo", *SMALL, "--out", tmp_path), 2, str(tmp_path), "not an empty folder")
    refused(evote("demo", *SMALL, "--out", tmp_path / "mine"), 2, "mine", "not an empty folder")
    assert snapshot(tmp_path) == before


def test_with_a_board_every_receipt_is_checked_and_one_of_each_kind_is_kept(tmp_path: Path) -> None:
    record, kept = tmp_path / "record", tmp_path / "kept"
    outcome = evote("demo", *SMALL, "--board", "--out", record, "--receipts", kept)
    assert outcome.err == ""
    assert "Every count is what was cast." in outcome.out
    for line in ("CHALLENGED        11", "COUNTED           11", "SUPERSEDED        11"):
        assert line in outcome.out
    assert "22 voters have a code, 11 voted in 11 ballot boxes" in outcome.out
    assert "11 ballots were sent twice, and got the same receipt" in outcome.out
    assert "Every receipt says what its voter knows." in outcome.out
    for name in ("counted", "superseded", "challenged"):
        checked = evote("receipt", "check", kept / f"{name}.receipt", "--record", record)
        assert (checked.code, checked.out.split()[0]) == (0, name.upper()), checked
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept", "record"]
    assert outcome.code == 1  # a toy group passes nowhere


def test_a_demonstration_whose_receipts_are_wrong_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    held = SimpleNamespace(receipts=(), held=SimpleNamespace(ballots=0), slots=0, units=0, repeated=0)
    monkeypatch.setattr("evote.cli.demo.hold_board", lambda *_: held)
    monkeypatch.setattr("evote.cli.demo._verified", lambda *_: None)
    monkeypatch.setattr("evote.cli.demo._outcome", lambda *_: 0)
    monkeypatch.setattr("evote.cli.demo.RecordReader", lambda *_: None)
    for wrong, code in ((0, 0), (2, 1)):
        checked = CheckedReceipts({}, {}, wrong)
        monkeypatch.setattr("evote.cli.demo.check_receipts", lambda *_, found=checked: found)
        outcome = evote("demo", *SMALL, "--board")
        assert outcome.code == code
        assert ("2 receipts do NOT say what became of their ballots." in outcome.out) == bool(wrong)


def test_receipts_need_a_board_and_a_folder_of_their_own(tmp_path: Path) -> None:
    refused(evote("demo", *SMALL, "--receipts", tmp_path / "kept"), 2, "--board")
    (tmp_path / "mine").write_text("notes")
    refused(evote("demo", *SMALL, "--board", "--receipts", tmp_path), 2, "not an empty folder")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("scale", ["0", "-5", "1000001", "1.5", "all"])
def test_a_scale_that_cannot_be_is_refused(scale: str) -> None:
    refused(evote("demo", "--scale", scale), 2, "--scale")


def test_too_little_disk_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr("evote.demo.plan.shutil.disk_usage", lambda _: usage._replace(free=1000))
    outcome = evote("demo", *SMALL, "--out", tmp_path / "record")
    assert outcome.code == 4
    assert "make room" in outcome.err
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_up_is_named_and_leaves_no_half_written_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, written = os.write, 0

    def full(handle: int, data: bytes) -> int:
        nonlocal written
        if written > 60_000:
            raise OSError(28, "No space left on device")
        written += len(data)
        return write(handle, data)

    monkeypatch.setattr("evote.record.files.os.write", full)
    outcome = evote("demo", "--scale", 20_000, "--group", toy().name, "--out", tmp_path / "record")
    monkeypatch.undo()
    assert outcome.code == 4, outcome.err
    assert "disk is full" in outcome.err
    assert not [name for name in snapshot(tmp_path) if "partial" in name]


@pytest.mark.slow
def test_ctrl_c_ends_with_130_and_leaves_a_record_of_the_ballots_so_far(tmp_path: Path) -> None:
    record = tmp_path / "record"
    program = [sys.executable, "-m", "evote.cli"]
    running = subprocess.Popen(
        [*program, "demo", "--scale", "1000", "--group", "electionguard-3072", "--out", str(record)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    segment = record / "ballots" / "000001.seg"
    while running.poll() is None and (not segment.exists() or segment.stat().st_size < 50_000):
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=120)
    assert running.returncode == 130
    assert b"Traceback" not in err
    checked = subprocess.run(
        [*program, "verify", str(record), "--stage", "voting"], cwd=ROOT, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout
    whole = subprocess.run([*program, "verify", str(record)], cwd=ROOT, capture_output=True, text=True)
    assert whole.returncode in (1, 3)
