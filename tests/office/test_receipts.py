"""Receipts with a record: the log of a unit is read and believed, or named as wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from evote.board.entries import EntryKind
from evote.board.evidence import ReceiptVerdict
from evote.board.receipt import Ballot
from evote.board.receipt_check import check_receipt
from evote.board.receipt_compact import letters, pack
from evote.board.receipt_text import write_text
from evote.codec import encode
from evote.errors import DecodeError, VerificationError
from evote.office.receipts import read_receipt, record_log, record_setting
from evote.record import RecordReader
from evote.record.values import LogFrame
from evote.testing.groups import toy
from tests.board.receipts import A2, ABSENT, FINGERPRINT, SETTING, A, B, C, S, closed, promised, voting
from tests.office.receipts import CLOSED, RecordFiles

GROUPS = {toy().name: toy()}


def reader(files: RecordFiles, folder: Path) -> RecordReader:
    return RecordReader(files.write(folder), GROUPS)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (A, ReceiptVerdict.SUPERSEDED),
        (A2, ReceiptVerdict.COUNTED),
        (B, ReceiptVerdict.REJECTED),
        (C, ReceiptVerdict.CHALLENGED),
        (S, ReceiptVerdict.COUNTED),
        (ABSENT, ReceiptVerdict.NOT_INCLUDED),
    ],
)
def test_a_record_says_what_became_of_a_ballot(
    tmp_path: Path, made: Ballot, expected: ReceiptVerdict
) -> None:
    record = reader(RecordFiles.of(CLOSED), tmp_path)
    setting = record_setting(record)
    assert setting.fingerprint == FINGERPRINT
    receipt = promised(made)
    log = record_log(record, setting, receipt.ballot.unit)
    assert check_receipt(setting, receipt, log=log).verdict is expected


def test_a_record_of_an_open_election_has_no_log_to_count_from(tmp_path: Path) -> None:
    record = reader(replace(RecordFiles.of(voting()), checkpoints=None), tmp_path)
    assert record_log(record, record_setting(record), "North") is None


def wrong(name: str) -> RecordFiles:
    files = RecordFiles.of(CLOSED)
    logs = list(files.logs)
    north = next(at for at, frame in enumerate(logs) if frame.log == 1)
    if name == "entry changed":
        logs[north] = replace(logs[north], body=logs[north + 2].body)
    elif name == "entry left out":
        del logs[north]
    elif name == "entry of another log":
        logs[north] = replace(logs[north], log=2)
    elif name == "head left out":
        del logs[next(at for at, frame in enumerate(logs) if frame.log == 0)]
    elif name == "another kind on the election's log":
        logs.append(LogFrame(0, EntryKind.CLOSING, logs[-1].body))
        logs[-1] = replace(logs[-1], body=encode(CLOSED.units["North"][-1]))
    elif name == "roll":
        return replace(files, roll=[*files.roll[1:], files.roll[0]])
    elif name == "slot left out":
        return replace(files, roll=files.roll[1:])
    elif name == "no note":
        return replace(files, checkpoints=files.checkpoints[1:] if files.checkpoints else None)
    elif name == "note of an open log":
        return RecordFiles.of(voting())
    return replace(files, logs=logs)


@pytest.mark.parametrize(
    "name",
    [
        "entry changed",
        "entry left out",
        "entry of another log",
        "head left out",
        "another kind on the election's log",
        "roll",
        "slot left out",
        "no note",
        "note of an open log",
    ],
)
def test_a_record_that_is_not_what_its_heads_say_decides_nothing(tmp_path: Path, name: str) -> None:
    record = reader(wrong(name), tmp_path)
    with pytest.raises(VerificationError):
        record_log(record, SETTING, "North")


def test_frames_that_are_no_entries_are_refused(tmp_path: Path) -> None:
    files = RecordFiles.of(CLOSED)
    broken = replace(files.logs[0], body=b"\x80")
    with pytest.raises(DecodeError):
        record_log(reader(replace(files, logs=[broken, *files.logs[1:]]), tmp_path), SETTING, "North")


def test_a_receipt_is_read_in_every_form() -> None:
    receipt = CLOSED.final(A)
    packed = pack(SETTING, receipt)
    assert read_receipt(write_text(receipt), None) == receipt
    for data in (packed, letters(packed).encode(), letters(packed).encode() + b"\n"):
        assert pack(SETTING, read_receipt(data, SETTING)) == packed
        with pytest.raises(ValueError, match="manifest"):
            read_receipt(data, None)


@pytest.mark.parametrize("make", [lambda: b"", lambda: b"EVR1:\xff", lambda: b"EVR1", lambda: b" " * 70000])
def test_what_is_no_receipt_is_refused(make: Callable[[], bytes]) -> None:
    with pytest.raises(DecodeError):
        read_receipt(make(), SETTING)
    assert closed().heads == CLOSED.heads
