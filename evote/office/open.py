"""Opening a record to work with it: its election, and the writer behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evote.ballots import Election
from evote.errors import RefusedError
from evote.groups import Group
from evote.record import RecordReader, RecordWriter, load_election
from evote.record.layout import KEYS, TALLY


@dataclass(frozen=True, slots=True)
class OpenElection:
    """An election with keys, and its record."""

    election: Election
    record: Path
    writer: RecordWriter
    groups: Mapping[str, Group] | None

    @property
    def reader(self) -> RecordReader:
        """The record's files."""
        return self.writer.reader

    def require_no_board(self) -> None:
        """Raises :class:`RefusedError` where ballots go through the boxes of a board."""
        if self.election.manifest.board is not None:
            raise RefusedError(
                "the ballots of this election go to the boxes of its board: "
                "use 'evote vote', 'evote box' and 'evote board'"
            )

    def require_voting(self) -> None:
        """Raises :class:`RefusedError` once the election is closed."""
        if self.reader.has(TALLY):
            raise RefusedError("the election is closed; no ballot is encrypted, cast or challenged any more")


def open_election(record: Path, groups: Mapping[str, Group] | None) -> OpenElection:
    """The election of a record that has its keys.

    Raises :class:`RefusedError` before that, and as :func:`evote.record.load_election`.
    """
    writer = RecordWriter.open(record, groups)
    if not writer.reader.has(KEYS):
        raise RefusedError("the election has no keys yet; the guardians' ceremony comes first")
    return OpenElection(load_election(writer.reader), record, writer, groups)
