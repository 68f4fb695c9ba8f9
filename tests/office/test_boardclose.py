"""Closing a board: what a unit hands over is read as a stream, and held to its head while it is written."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from evote.bench.memory import peak
from evote.board.checkpoint import Checkpoint, sign_checkpoint
from evote.board.entries import (
    ClosingEntry,
    Counted,
    CountsEntry,
    Entry,
    ReissueEntry,
    kind_of,
    leaf_data,
)
from evote.board.log import request_for
from evote.board.reissue import REISSUE_TAG, reissue_message
from evote.codec import encode
from evote.errors import StorageError, VerificationError
from evote.merkle import Tree, leaf_hash
from evote.office.boardclose import close_board
from evote.office.electionlog import ElectionLog
from evote.office.handover import ClosedUnit, read_closing, read_unit
from evote.office.open import open_election
from evote.office.unitbox import CLOSING
from evote.record import Stage
from evote.record.segments import SegmentWriter
from evote.record.values import LogFrame
from evote.testing.boxes import CLOSED, ENDED, Boxes
from evote.testing.groups import toy

ROOT = Path(__file__).resolve().parents[2]

CHILD = """
import sys
from pathlib import Path
from tests.office.test_boardclose import attended, read_unit
closed = read_unit(attended().election, None, Path(sys.argv[1]))
assert sum(1 for _ in closed.log()) == int(sys.argv[2])
"""


def attended() -> Boxes:
    return Boxes(attended=True, witnesses=0, seed="closing")


def handed_over(boxes: Boxes, folder: Path, entries: list[Entry], number: int = 1) -> Path:
    """The folder of a unit whose log has these entries, and no ballots."""
    unit = boxes.units[number - 1]
    origin = boxes.origin(unit)
    tree = Tree(leaf_hash(leaf_data(boxes.election.extended_hash, origin, unit, entry)) for entry in entries)
    with SegmentWriter(folder / "log") as log:
        for entry in entries:
            log.append(encode(LogFrame(number, kind_of(entry), encode(entry))))
    note = sign_checkpoint(Checkpoint.of_tree(origin, tree), boxes.keys.units[unit])
    (folder / CLOSING).write_bytes(request_for(tree, 0, note).encode())
    return folder


def counted(number: int) -> list[Entry]:
    """So many large entries, and the end of the log."""
    entries: list[Entry] = []
    for each in range(number):
        minute = f"2026-06-{1 + each // 1440:02}T{each // 60 % 24:02}:{each % 60:02}:00Z"
        names = tuple(Counted(f"{name:02}{'x' * 240}", 1 + each) for name in range(60))
        entries.append(CountsEntry(minute, names))
    return [*entries, ClosingEntry(1, CLOSED), ClosingEntry(2, ENDED)]


def closed_unit(folder: Path) -> ClosedUnit:
    boxes = attended()
    return read_unit(boxes.election, None, handed_over(boxes, folder, counted(3)))


def test_the_log_of_a_unit_is_given_as_it_was_checked(tmp_path: Path) -> None:
    closed = closed_unit(tmp_path / "unit")
    assert [frame.kind.value for frame in closed.log()] == ["counts"] * 3 + ["closing"] * 2
    assert closed.head.size == 5 and len(closed.fates) == 0


def test_a_log_that_changes_between_checking_and_writing_is_noticed(tmp_path: Path) -> None:
    closed = closed_unit(tmp_path / "unit")
    segment = tmp_path / "unit" / "log" / "000001.seg"
    data = bytearray(segment.read_bytes())
    data[data.index(b"2026-06-01T00:02")] ^= 1  # the text stays a text
    segment.write_bytes(bytes(data))
    with pytest.raises(StorageError, match="changed while it was read"):
        list(closed.log())


def test_a_log_that_is_not_that_of_its_head_is_refused(tmp_path: Path) -> None:
    boxes = attended()
    folder = handed_over(boxes, tmp_path / "unit", counted(3))
    with SegmentWriter(folder / "log") as log:
        entry = ClosingEntry(2, ENDED)
        log.append(encode(LogFrame(1, kind_of(entry), encode(entry))))
    with pytest.raises(VerificationError, match="not those of the closing head"):
        read_unit(boxes.election, None, folder)


def test_two_units_that_issued_one_key_are_not_closed(tmp_path: Path) -> None:
    boxes = Boxes(witnesses=0, seed="one key twice")
    assert boxes.electorate is not None
    entry, _ = boxes.electorate.reissued(boxes.voters[2])
    other = boxes.voters[3]
    message = reissue_message(other.slot, other.holder.public, entry.new, "lost")
    (authority,) = boxes.electorate.authorities.authorities
    signature = authority.sign(REISSUE_TAG, boxes.election.extended_hash, boxes.origin("South"), message)
    again = ReissueEntry(other.slot, other.holder.public, entry.new, "lost", (signature,))
    ending: list[Entry] = [ClosingEntry(1, CLOSED), ClosingEntry(2, ENDED)]
    folders = [
        handed_over(boxes, tmp_path / unit, [each, *ending], number)
        for number, (unit, each) in enumerate((("North", entry), ("South", again)), 1)
    ]
    units = [read_unit(boxes.election, boxes.electorate.roll, folder) for folder in folders]
    record = boxes.kit.write(boxes.kit.publish(), tmp_path / "record", stage=Stage.SETUP)
    opened = open_election(record, {toy().name: toy()})
    log = ElectionLog(boxes.election, tmp_path / "log")
    for folder in folders:
        log.add(read_closing(folder), closing=True)
    with pytest.raises(VerificationError, match="one key to slots of 'North' and of 'South'") as caught:
        close_board(opened, log, units, [])
    assert caught.value.check == "E.29"


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="this system does not report the peak of a process")
def test_memory_does_not_grow_with_the_log_of_a_unit(tmp_path: Path) -> None:
    def peak_of(number: int) -> tuple[int, int]:
        folder = handed_over(attended(), tmp_path / f"{number}", counted(number))
        size = (folder / "log" / "000001.seg").stat().st_size
        command = [sys.executable, "-c", CHILD, str(folder), str(number + 2)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return peak(command, environment=environment).memory, size

    before, _ = peak_of(50)
    after, size = peak_of(1000)
    assert size > 12_000_000
    # As entries they would take several times their bytes.
    assert after - before < size / 10
