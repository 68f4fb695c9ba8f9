"""From closed boxes to the record: ballots, ballots aside, logs, checkpoints, openings, devices, tally.

Everything that a unit hands over is checked against its closing head, and that against the election's
log, before anything of it is written; what counts is then a function of roll and logs (rule A54). Each
frame is written once: a program that was stopped goes on where it was, and refuses a record that has
something else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path
from typing import TypeVar

from evote.ballots import (
    Election,
    OpenedBallot,
    SubmittedBallot,
    device_record,
    verify_opening,
)
from evote.ballots.hashes import submitted_hash
from evote.board.checkpoint import Checkpoint, open_checkpoint
from evote.board.counting import CountedSet, Fate, Outcome, counted_set
from evote.board.entries import TYPES, Entry, EntryKind, leaf_data
from evote.board.note import Note
from evote.board.reissue import Credentials
from evote.board.witness import MAX_REQUEST_BYTES, Request
from evote.bulk.tally import tally_record
from evote.codec import decode, encode
from evote.errors import RefusedError, VerificationError
from evote.merkle import RangeBuilder, leaf_hash
from evote.office.electionlog import ElectionLog, note_key
from evote.office.open import OpenElection
from evote.office.unitbox import CLOSING, roll_of
from evote.record import CheckpointsFile, ClosingNote, DevicesFile, RecordWriter
from evote.record.files import read_limited
from evote.record.layout import ASIDE, BALLOTS, LOG, OPENINGS, largest_ballot
from evote.record.reader import Frames
from evote.record.segments import read_frames
from evote.record.values import ELECTION_LOG, MAX_ENTRY_BYTES, LogFrame
from evote.record.writer import FrameWriter
from evote.tally import ClosingHead, CountedLog, Tally

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ClosedUnit:
    """The log of a unit that was checked against its closing head."""

    unit: str
    number: int
    note: Note
    head: ClosingHead
    entries: tuple[Entry, ...]
    counted: CountedSet
    folder: Path

    def ballots(self, election: Election) -> Iterator[tuple[Outcome, SubmittedBallot]]:
        """What became of each ballot, and the ballot; one in memory at a time.

        Raises :class:`VerificationError` unless these are the ballots of the log, in its order.
        """
        width = election.group.element_bytes
        limit = largest_ballot(election.manifest, width)
        frames = read_frames(self.folder / BALLOTS, limit=limit)
        for outcome, found in zip_longest(self.counted.outcomes, frames):
            frame = b"" if found is None else found[1]
            hashed = submitted_hash(election.extended_hash, frame)
            if outcome is None or found is None or hashed != outcome.ballot:
                raise VerificationError(
                    f"{self.folder}: the ballots are not those of the log", where=self.unit
                )
            yield outcome, decode(SubmittedBallot, frame, element_bytes=width, limit=limit)


@dataclass(frozen=True, slots=True)
class Closed:
    """What was written."""

    tally: Tally
    counts: Mapping[Fate, int]
    unopened: int
    """Challenged ballots that nobody opened."""


def read_closing(folder: Path) -> Request:
    """The closing head in what a unit handed over."""
    return Request.parse(read_limited(folder / CLOSING, MAX_REQUEST_BYTES))


def read_unit(election: Election, record: Path, folder: Path) -> ClosedUnit:
    """What a unit handed over, checked against its closing head.

    Raises :class:`VerificationError` if log, head and ballots do not belong together, or the log breaks a
    rule; :class:`~evote.errors.DecodeError` and :class:`~evote.errors.StorageError` for damaged files.
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
    checkpoint = open_checkpoint(note, note_key(board.units[unit]))
    entries = tuple(_entries(folder, units.index(unit) + 1))
    tree = RangeBuilder.of(
        leaf_hash(leaf_data(election.extended_hash, origin, unit, entry)) for entry in entries
    )
    head = ClosingHead(tree.end, tree.value().root())
    if head != ClosingHead(checkpoint.size, checkpoint.root):
        raise VerificationError(f"{folder}: the entries are not those of the closing head", where=unit)
    roll = roll_of(election, record)
    credentials = None if roll is None else Credentials(roll, election.extended_hash)
    counted = counted_set(unit, entries, credentials).sound()
    closed = ClosedUnit(unit, units.index(unit) + 1, note, head, entries, counted, folder)
    for _ in closed.ballots(election):
        pass  # each is compared with the log
    return closed


def _entries(folder: Path, number: int) -> Iterator[Entry]:
    for _, frame in read_frames(folder / LOG, limit=MAX_ENTRY_BYTES + 1024):
        found = decode(LogFrame, frame, element_bytes=0)
        if found.log != number:
            raise VerificationError(f"{folder} has entries of another log", where=f"log {found.log}")
        yield decode(TYPES[found.kind], found.body, element_bytes=0, limit=MAX_ENTRY_BYTES)


# --- the record --------------------------------------------------------------------------------------


def close_board(
    opened: OpenElection,
    log: ElectionLog,
    units: Sequence[ClosedUnit],
    openings: Iterable[OpenedBallot],
    *,
    executor: Executor | None = None,
    step: Callable[[int], None] = lambda done: None,
    warn: Callable[[str], None] = lambda sentence: None,
) -> Closed:
    """Write everything into the record, and the encrypted tally behind it.

    ``units`` are all reporting units, in the order of the manifest. Raises :class:`RefusedError` while a
    unit or the closing heads are missing, or if the record has something else already, and
    :class:`VerificationError` if the witnesses have not cosigned, an opening is false, or a ballot does not
    hold.
    """
    election = opened.election
    wanted = [each.path for each in election.manifest.ballot_units()]
    if [each.unit for each in units] != wanted:
        raise RefusedError(f"every unit hands over its box once: {', '.join(wanted)}")
    log.require_closed()
    for each in units:
        last = log.last(each.unit)
        if last is None or ClosingHead(last.size, last.root) != each.head:
            raise VerificationError("the election's log has another closing head", where=each.unit)
    note = log.held()
    if note is None or open_checkpoint(note, log.key).size != log.tree.size:
        raise RefusedError("the closing head of the election's log is not signed yet")
    log.require_witnessed(note)
    given = {opening.identifier: opening for opening in openings}
    openings_of = _openings(election, units, given)
    RecordWriter.recover(opened.record, opened.groups)
    writer, reader = opened.writer, opened.reader
    limit = largest_ballot(election.manifest, election.group.element_bytes)
    codes: dict[str, list[bytes]] = {}
    _complete(writer.log, reader.log() if reader.has(LOG) else iter(()), _log_frames(log, units))
    _complete(
        writer.ballots,
        reader.ballots(limit=limit) if reader.has(BALLOTS) else iter(()),
        _noted(_ballots(election, units, openings_of, aside=False), codes),
    )
    _complete(
        writer.aside,
        reader.aside(limit=limit) if reader.has(ASIDE) else iter(()),
        _ballots(election, units, openings_of, aside=True),
    )
    _complete(writer.openings, reader.openings() if reader.has(OPENINGS) else iter(()), openings_of.values())
    writer.put_checkpoints(checkpoints_of(election, note, units))
    devices = (device_record(election, name, tuple(made)) for name, made in codes.items())
    writer.put_devices(DevicesFile(tuple(devices)))
    tally = tally_record(election, reader, executor=executor, step=step, warn=warn)
    writer.put_tally(tally.publish())
    counts = {fate: sum(each.counted.number(fate) for each in units) for fate in Fate}
    return Closed(tally, counts, counts[Fate.CHALLENGED] - len(openings_of))


def checkpoints_of(election: Election, note: Note, units: Sequence[ClosedUnit]) -> CheckpointsFile:
    """``checkpoints.msgpack`` of these units under that head of the election's log."""
    board = election.manifest.board
    if board is None:
        raise RefusedError("the election has no board")
    closing = [ClosingNote(ELECTION_LOG, note.encode())]
    counted = []
    for each in units:
        closing.append(ClosingNote(each.number, each.note.encode()))
        hashes = [leaf_hash(one.ballot) for one in each.counted.counted()]
        digest = RangeBuilder.of(hashes).value().root()
        origin = board.units[each.unit].origin
        counted.append(CountedLog(origin, each.head.size, each.head.root, len(hashes), digest))
    return CheckpointsFile(tuple(closing), tuple(counted))


def _openings(
    election: Election, units: Sequence[ClosedUnit], given: Mapping[bytes, OpenedBallot]
) -> dict[bytes, OpenedBallot]:
    """The openings that were given, by ballot hash, in the order of the logs; each is checked."""
    found: dict[bytes, OpenedBallot] = {}
    for each in units if given else ():
        for outcome, submitted in each.ballots(election):
            opening = given.get(submitted.ballot.identifier)
            if outcome.fate is Fate.CHALLENGED and opening is not None:
                verify_opening(election, submitted.ballot, opening)
                found[outcome.ballot] = opening
    foreign = given.keys() - {opening.identifier for opening in found.values()}
    if foreign:
        raise RefusedError(f"the opening of {min(foreign).hex()} is that of no challenged ballot")
    return found


def _ballots(
    election: Election,
    units: Sequence[ClosedUnit],
    openings: Mapping[bytes, OpenedBallot],
    *,
    aside: bool,
) -> Iterator[SubmittedBallot]:
    """The ballots of the record, or those aside, in the order of the logs."""
    for each in units:
        for outcome, submitted in each.ballots(election):
            opened = outcome.fate is Fate.CHALLENGED and outcome.ballot in openings
            if aside != (opened or outcome.fate is Fate.COUNTED):
                yield submitted


def _noted(ballots: Iterable[SubmittedBallot], codes: dict[str, list[bytes]]) -> Iterator[SubmittedBallot]:
    """The same, with the confirmation codes of every device written down."""
    for submitted in ballots:
        codes.setdefault(submitted.ballot.device, []).append(submitted.ballot.confirmation_code)
        yield submitted


def _log_frames(log: ElectionLog, units: Sequence[ClosedUnit]) -> Iterator[LogFrame]:
    for head in log.entries:
        yield LogFrame(ELECTION_LOG, EntryKind.UNIT_HEAD, encode(head))
    kinds = {kind: name for name, kind in TYPES.items()}
    for each in units:
        for entry in each.entries:
            yield LogFrame(each.number, kinds[type(entry)], encode(entry))


def _complete(
    writer: Callable[[], FrameWriter[T]],
    held: Frames[T] | Iterator[tuple[int, bytes, T]],
    wanted: Iterable[T],
) -> None:
    """Append what is not there yet; raises :class:`RefusedError` if something else is."""
    following = iter(wanted)
    for _, frame, _ in held:
        value = next(following, None)
        if value is None or encode(value) != frame:
            raise RefusedError("the record has other ballots or entries already; start from a sound copy")
    first = next(following, None)
    if first is None:
        return
    with writer() as frames:
        for value in chain((first,), following):
            frames.append(value)
        frames.sync()
