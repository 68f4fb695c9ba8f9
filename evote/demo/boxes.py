"""The boxes of a demonstration, the election's log above them, and two witnesses above that (rule A65)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from evote.ballots import Election
from evote.demo.clock import DemoClock
from evote.demo.witness import DemoWitness
from evote.office.electionlog import ElectionLog
from evote.office.handover import ClosedUnit, read_closing, read_unit
from evote.office.unitbox import export_box, head_request, open_unit_box, roll_of
from evote.signing import SigningKey
from evote.storage.box import BallotBox


class DemoBoard:
    """One box per reporting unit, all of which one process keeps; made by :func:`open_board`."""

    def __init__(
        self,
        election: Election,
        record: Path,
        private: Path,
        key: SigningKey,
        witnesses: tuple[DemoWitness, ...],
        clock: DemoClock,
        boxes: Mapping[str, BallotBox],
    ) -> None:
        self._election, self._record, self._private = election, record, private
        self._key, self._witnesses, self._clock = key, witnesses, clock
        self._boxes = boxes
        self._seen = 0
        self.log = ElectionLog(election, private / "election-log")

    def box(self, unit: str) -> BallotBox:
        """The box of a unit."""
        return self._boxes[unit]

    def publish_heads(self) -> None:
        """The heads of all units into the election's log, and its head to the witnesses."""
        for unit, box in self._boxes.items():
            last = self.log.last(unit)
            self.log.add(head_request(box, 0 if last is None else last.size))
        self._witness()

    def close(self) -> list[ClosedUnit]:
        """End voting everywhere, give the verdicts that are due, end the logs, hand everything over."""
        folders = []
        for number, (unit, box) in enumerate(self._boxes.items(), 1):
            box.end_voting()
            while box.verify_pending():
                pass
            box.end_log()
            folders.append(self._private / f"handed-over-{number}")
            last = self.log.last(unit)
            export_box(box, self._election, unit, folders[-1], 0 if last is None else last.size)
            self.log.add(read_closing(folders[-1]), closing=True)
        self._witness()
        roll = roll_of(self._election, self._record)
        return [read_unit(self._election, roll, folder) for folder in folders]

    def _witness(self) -> None:
        note = self.log.head(self._key)
        request = self.log.request(self._seen, note)
        now = self._clock.now()
        self.log.cosign(each.cosign(self.log.key, request, now) for each in self._witnesses)
        self._seen = self.log.tree.size


@contextmanager
def open_board(
    election: Election,
    record: Path,
    private: Path,
    keys: Mapping[str, SigningKey],
    witnesses: tuple[DemoWitness, ...],
    clock: DemoClock,
) -> Iterator[DemoBoard]:
    """New boxes in the folder ``private``; ``keys`` has the keys of logs by unit, the election's under "".

    Proofs are checked behind the admission, in batches.
    """
    with ExitStack() as stack:
        boxes = {}
        for number, unit in enumerate(election.manifest.ballot_units(), 1):
            place = str(private / f"{number}.box")
            box = open_unit_box(
                election, record, unit.path, place, keys[unit.path], make=True, examiner=None, clock=clock.now
            )
            boxes[unit.path] = stack.enter_context(box)
        yield DemoBoard(election, record, private, keys[""], witnesses, clock, boxes)
