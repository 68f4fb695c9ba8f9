"""Records made once for all the subjects that verify them, in a temporary folder.

Encrypting what is verified takes as long as verifying it or longer, so subjects of one shape share a
record. It is on the disk, as a record is, whatever its size; the folder goes when the stock is closed.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from evote.ballots import Election
from evote.bench.records import make_record
from evote.bench.shape import Shape
from evote.groups import Group
from evote.record import RecordReader

DATE = "2026-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Stored:
    """A record on the disk and its election."""

    folder: Path
    election: Election
    ballots: int

    def reader(self) -> RecordReader:
        """A reader of the record that knows its group."""
        group = self.election.group
        return RecordReader(self.folder, {group.name: group})


class Stock:
    """Records of one group, all with the votes of one seed."""

    def __init__(self, group: Group, seed: int = 1) -> None:
        self.group = group
        self.seed = seed
        self._root: tempfile.TemporaryDirectory[str] | None = None
        self._held: dict[tuple[Shape, int], Stored] = {}

    def record(self, shape: Shape, ballots: int) -> Stored:
        """The record of exactly so many ballots of that shape, made if it is not there."""
        held = self._held.get((shape, ballots))
        if held is None:
            if self._root is None:
                self._root = tempfile.TemporaryDirectory(prefix="evote-bench-")
            folder = Path(self._root.name) / str(len(self._held))
            election = make_record(
                folder, group=self.group, shape=shape, ballots=ballots, seed=self.seed, date=DATE
            )
            held = self._held[shape, ballots] = Stored(folder, election, ballots)
        return held

    def at_least(self, shape: Shape, ballots: int) -> Stored:
        """A record of that shape with so many ballots or more."""
        for (held, size), stored in self._held.items():
            if held == shape and size >= ballots:
                return stored
        return self.record(shape, ballots)

    def close(self) -> None:
        """Remove all records; the stock is empty, and can be used again."""
        if self._root is not None:
            self._root.cleanup()
        self._root = None
        self._held.clear()
