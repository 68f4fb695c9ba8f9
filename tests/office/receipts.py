"""The files of a record with logs, as far as receipts need them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evote.board.checkpoint import Checkpoint
from evote.board.entries import kind_of
from evote.codec import encode
from evote.record import layout
from evote.record.segments import frame_bytes
from evote.record.values import CheckpointsFile, ClosingNote, LogFrame
from evote.tally import CountedLog
from tests.board.receipts import ELECTORATE, Board, closed

CLOSED = closed()


@dataclass(frozen=True)
class RecordFiles:
    """What a record says of its logs; a test changes it before it is written."""

    logs: Sequence[LogFrame]
    roll: Sequence[bytes]
    checkpoints: Sequence[ClosingNote] | None

    @classmethod
    def of(cls, board: Board) -> RecordFiles:
        logs = [LogFrame(0, kind_of(head), encode(head)) for head in board.heads]
        notes = [ClosingNote(0, board.last.encode())]
        for number, unit in enumerate(("North", "South"), 1):
            logs += [LogFrame(number, kind_of(entry), encode(entry)) for entry in board.units[unit]]
            notes.append(ClosingNote(number, board.notes[unit].encode()))
        return cls(logs, ELECTORATE.frames, notes)

    def write(self, folder: Path) -> Path:
        kit = ELECTORATE.kit
        record = folder / "record"
        for name in (layout.LOG, layout.ROLL):
            (record / name).mkdir(parents=True)
        for name, value in (
            (layout.PARAMETERS, kit.parameters_file()),
            (layout.GUARDIANS, kit.records),
            (layout.KEYS, kit.keys),
        ):
            (record / name).write_bytes(encode(value))
        (record / layout.MANIFEST).write_bytes(kit.manifest.raw)
        logs = b"".join(frame_bytes(encode(frame)) for frame in self.logs)
        (record / layout.LOG / "000001.seg").write_bytes(logs)
        (record / layout.ROLL / "000001.seg").write_bytes(b"".join(map(frame_bytes, self.roll)))
        if self.checkpoints is not None:
            counted = tuple(self._counted(note) for note in self.checkpoints if note.log)
            file = CheckpointsFile(tuple(self.checkpoints), counted)
            (record / layout.CHECKPOINTS).write_bytes(encode(file))
        return record

    def _counted(self, closing: ClosingNote) -> CountedLog:
        """Nothing that a receipt looks at."""
        head = Checkpoint.parse(closing.note.decode().partition("\n\n")[0] + "\n")
        return CountedLog(head.origin, head.size, head.root, 0, bytes(32))
