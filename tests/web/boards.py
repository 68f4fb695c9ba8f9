"""A board over HTTP on a toy group: boxes of two units, the record, the election's log and a witness."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from evote.board.checkpoint import Checkpoint, open_checkpoint
from evote.board.cosignature import cosign
from evote.board.note import KeyKind, NoteKey
from evote.board.receipt_setting import ReceiptSetting
from evote.board.submission import Submission, ballot_hash
from evote.codec import encode
from evote.manifest.moments import seconds_of
from evote.office.electionlog import ElectionLog
from evote.office.unitbox import head_request
from evote.record import Stage
from evote.storage.box import BallotBox
from evote.storage.box_checker import BoardRules
from evote.storage.box_setting import BoxSetting
from evote.testing.boards import CLOSES
from evote.testing.boxes import policy_of, witness_keys
from evote.testing.electorate import Electorate, Voter
from evote.web.board import Board
from evote.web.desk import Desk
from evote.web.limits import Limits

NOW = seconds_of(CLOSES) - 3600
UNITS = ("North", "South")


class Town:
    """An election whose boxes are in ``folder``; ``kept`` are the units that the server keeps."""

    def __init__(self, folder: Path, limits: Limits, kept: tuple[str, ...] = ("North",), **desk: Any) -> None:
        self.folder, self.limits, self.kept, self._desk = folder, limits, kept, desk
        self.witnesses = witness_keys("town", 1)
        self.electorate = Electorate(seed="town", witnesses=policy_of(self.witnesses, 1))
        self.election = self.electorate.election
        self.setting = ReceiptSetting(self.election.manifest, self.election.extended_hash)
        self.now = NOW
        kit = self.electorate.kit
        published = kit.publish()
        from evote.testing.elections import BoardFiles

        published.board = BoardFiles(list(self.electorate.frames))
        self.record = kit.write(published, folder / "record", stage=Stage.SETUP)
        self.log = ElectionLog(self.election, folder / "log")
        self.boxes: dict[str, BallotBox] = {}
        self.desks: list[Desk] = []

    @contextmanager
    def open(self) -> Iterator[Board]:
        """The board with its boxes open."""
        with ExitStack() as stack:
            work = stack.enter_context(ThreadPoolExecutor(4))
            for unit in self.kept:
                self.boxes[unit] = stack.enter_context(self.box(unit))
                setting = BoxSetting.of(self.election, unit)
                number = UNITS.index(unit) + 1
                queue = self.limits.queue
                self.desks.append(Desk(number, setting, self.boxes[unit], work, queue=queue, **self._desk))
            yield Board(
                self.election,
                self.record,
                self.desks,
                self.limits,
                log_folder=self.folder / "log",
                clock=lambda: self.now,
            )

    def box(self, unit: str) -> BallotBox:
        """The box of a unit."""
        return BallotBox(
            self.folder / f"{unit}.box",
            BoxSetting.of(self.election, unit),
            self.electorate.authorities.units[unit],
            BoardRules.of(self.election, unit, self.electorate.roll),
            make=True,
            clock=lambda: self.now,
        )

    @property
    def voters(self) -> tuple[Voter, ...]:
        """Two of North, one of South."""
        return self.electorate.voters

    def submission(self, voter: int = 0, **parts: Any) -> tuple[Submission, bytes]:
        """A signed submission and its bytes."""
        made = self.electorate.submission(self.voters[voter], **parts)
        return made, encode(made)

    def hash_of(self, submission: Submission) -> bytes:
        return ballot_hash(self.election, submission)

    def publish(self, unit: str = "North") -> None:
        """The unit's head into the election's log, signed and witnessed, as offices do it."""
        last = self.log.last(unit)
        self.log.add(head_request(self.boxes[unit], 0 if last is None else last.size))
        note = self.log.head(self.electorate.authorities.log)
        checkpoint = open_checkpoint(note, self.setting.log)
        self.log.cosign([cosign(checkpoint, name, key, NOW) for name, key in self.witnesses.items()])
        for desk in self.desks:
            desk.view.refresh()

    def unit_key(self, unit: str = "North") -> NoteKey:
        """The key of a unit's log."""
        setting = BoxSetting.of(self.election, unit)
        return NoteKey(setting.origin, KeyKind.ED25519, setting.log_key)

    def checkpoint_of(self, note: bytes, unit: str = "North") -> Checkpoint:
        """The checkpoint of a signed note of a unit's log."""
        from evote.board.note import Note

        return open_checkpoint(Note.parse(note), self.unit_key(unit))
