"""What a unit hands over at its end (:mod:`evote.office.unitbox`), checked against its closing head.

The log is read in one pass: the leaves of its entries must be those of the signed head, what counts is
worked out from the entries (rule A54), and the ballots must be those that the entries name, in their order.
The hints that came with the ballots are passed on as they are; they are never trusted, and nothing about
them stops anybody.

Rules: memory holds one entry and one ballot at a time, and of every ballot its hash and its fate in one byte.
What is read again to be written must be the very bytes that were checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, repeat, zip_longest
from pathlib import Path

from evote.ballots import Election, SubmittedBallot
from evote.ballots.hashes import submitted_hash
from evote.ballots.hints import BallotHint
from evote.board.checkpoint import Checkpoint, open_checkpoint
from evote.board.counting import Fate, Outcome, counted_set
from evote.board.entries import TYPES, Entry, ReissueEntry, leaf_data
from evote.board.note import Note
from evote.board.reissue import Credentials
from evote.board.roll import Roll
from evote.board.witness import MAX_REQUEST_BYTES, Request
from evote.codec import decode
from evote.errors import RefusedError, StorageError, VerificationError
from evote.hashing import sha256_stream
from evote.merkle import RangeBuilder, leaf_hash
from evote.office.electionlog import note_key
from evote.office.unitbox import CLOSING
from evote.record.files import read_limited
from evote.record.hints import read_hints
from evote.record.layout import BALLOTS, HINTS, LOG, largest_ballot, largest_hint
from evote.record.segments import read_frames
from evote.record.values import MAX_ENTRY_BYTES, LogFrame
from evote.tally import ClosingHead

_FRAME_BYTES = MAX_ENTRY_BYTES + 1024
_FATES = tuple(Fate)
_HASH = 32


class Fates:
    """What became of the ballots of a log, in its order: hash and fate of each, 33 bytes a ballot."""

    __slots__ = ("_fates", "_hashes")

    def __init__(self, outcomes: Iterable[Outcome]) -> None:
        self._fates, self._hashes = bytearray(), bytearray()
        for outcome in outcomes:
            self._fates.append(_FATES.index(outcome.fate))
            self._hashes += outcome.ballot

    def __len__(self) -> int:
        return len(self._fates)

    def __iter__(self) -> Iterator[tuple[bytes, Fate]]:
        for number, fate in enumerate(self._fates):
            yield bytes(self._hashes[number * _HASH : (number + 1) * _HASH]), _FATES[fate]

    def counted(self) -> Iterator[bytes]:
        """The hashes of the ballots that count."""
        return (ballot for ballot, fate in self if fate is Fate.COUNTED)

    def number(self, fate: Fate) -> int:
        """How many ballots have that fate."""
        return self._fates.count(_FATES.index(fate))


@dataclass(frozen=True, slots=True)
class ClosedUnit:
    """The log of a unit that was checked against its closing head."""

    unit: str
    number: int
    """Of the unit among the reporting units, from 1; that of its log."""
    note: Note
    head: ClosingHead
    fates: Fates
    new_keys: frozenset[bytes]
    """Keys that re-issues of this log gave to slots."""
    folder: Path
    digest: bytes
    """SHA-256 over the frames of the log."""

    def log(self) -> Iterator[LogFrame]:
        """The entries as they were checked, one in memory at a time.

        Raises :class:`StorageError` behind the last of them if they changed since.
        """
        digest = sha256_stream()
        for frame, found in _log_frames(self.folder, self.number):
            digest.update(frame)
            yield found
        if digest.digest() != self.digest:
            raise StorageError(f"{self.folder} changed while it was read; give the record an intact copy")

    def ballots(self, election: Election) -> Iterator[tuple[Fate, bytes, SubmittedBallot]]:
        """What became of each ballot, its hash, and the ballot; one in memory at a time.

        Raises :class:`VerificationError` unless these are the ballots of the log, in its order.
        """
        width = election.group.element_bytes
        limit = largest_ballot(election.manifest, width)
        frames = read_frames(self.folder / BALLOTS, limit=limit)
        for known, found in zip_longest(self.fates, frames):
            frame = b"" if found is None else found[1]
            ballot, fate = known or (b"", Fate.INVALID)
            if found is None or submitted_hash(election.extended_hash, frame) != ballot:
                raise VerificationError(
                    f"{self.folder}: the ballots are not those of the log", where=self.unit
                )
            yield fate, ballot, decode(SubmittedBallot, frame, element_bytes=width, limit=limit)

    def hints(self, election: Election, warn: Callable[[str], None]) -> Iterator[BallotHint | None]:
        """What came with each ballot as its hint, without end: None where there is none, or no more.

        ``warn`` hears what is wrong with the files of hints; nothing here raises.
        """
        width = election.group.element_bytes
        limit = largest_hint(election.manifest, width)

        def about(sentence: str) -> None:
            warn(f"{self.folder}: {sentence}")

        found = read_hints(self.folder / HINTS, element_bytes=width, limit=limit, warn=about)
        return chain(found, repeat(None))


def read_closing(folder: Path) -> Request:
    """The closing head in what a unit handed over."""
    return Request.parse(read_limited(folder / CLOSING, MAX_REQUEST_BYTES))


def read_unit(election: Election, roll: Roll | None, folder: Path) -> ClosedUnit:
    """What a unit handed over, checked against its closing head.

    ``roll`` is that of the record, None where the election has none. Raises :class:`VerificationError` if
    log, head and ballots do not belong together, or the log breaks a rule;
    :class:`~evote.errors.DecodeError` and :class:`~evote.errors.StorageError` for damaged files.
    """
    board = election.manifest.board
    if board is None:
        raise RefusedError("the election has no board")
    note = read_closing(folder).note
    origin = Checkpoint.parse(note.text).origin
    units = [each.path for each in election.manifest.ballot_units()]
    unit = next((path for path in units if board.units[path].origin == origin), None)
    if unit is None:
        raise VerificationError(f"{folder} is of {origin!r}, which is no log of the election")
    number = units.index(unit) + 1
    checkpoint = open_checkpoint(note, note_key(board.units[unit]))
    tree, digest = RangeBuilder(), sha256_stream()
    new_keys: set[bytes] = set()

    def entries() -> Iterator[Entry]:
        for frame, found in _log_frames(folder, number):
            digest.update(frame)
            entry = decode(TYPES[found.kind], found.body, element_bytes=0, limit=MAX_ENTRY_BYTES)
            tree.append(leaf_hash(leaf_data(election.extended_hash, origin, unit, entry)))
            if isinstance(entry, ReissueEntry):
                new_keys.update(entry.new)
            yield entry

    credentials = None if roll is None else Credentials(roll, election.extended_hash)
    counted = counted_set(unit, entries(), credentials)
    head = ClosingHead(tree.end, tree.value().root())
    if head != ClosingHead(checkpoint.size, checkpoint.root):
        raise VerificationError(f"{folder}: the entries are not those of the closing head", where=unit)
    fates = Fates(counted.sound().outcomes)
    closed = ClosedUnit(unit, number, note, head, fates, frozenset(new_keys), folder, digest.digest())
    for _ in closed.ballots(election):
        pass  # each is compared with the log
    return closed


def _log_frames(folder: Path, number: int) -> Iterator[tuple[bytes, LogFrame]]:
    for _, frame in read_frames(folder / LOG, limit=_FRAME_BYTES):
        found = decode(LogFrame, frame, element_bytes=0)
        if found.log != number:
            raise VerificationError(f"{folder} has entries of another log", where=f"log {found.log}")
        yield frame, found
