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
from pathlib import Path
from typing import TypeVar

from evote.ballots import (
    BallotState,
    Election,
    OpenedBallot,
    SubmittedBallot,
    device_record,
    verify_opening,
)
from evote.ballots.hashes import submitted_hash
from evote.board.checkpoint import Checkpoint, open_checkpoint
from evote.board.counting import CountedSet, Fate, counted_set
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
    ballots: Mapping[bytes, SubmittedBallot]
    """By ballot hash."""


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
    units = [each.path for each in election.manifest.reporting_units()]
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
    ballots = _ballots(election, folder)
    missing = next((one for one in counted.outcomes if one.ballot not in ballots), None)
    if missing is not None or len(ballots) != len(counted.outcomes):
        raise VerificationError(f"{folder}: the ballots are not those of the log", where=unit)
    return ClosedUnit(unit, units.index(unit) + 1, note, head, entries, counted, ballots)


def _entries(folder: Path, number: int) -> Iterator[Entry]:
    for _, frame in read_frames(folder / LOG, limit=MAX_ENTRY_BYTES + 1024):
        found = decode(LogFrame, frame, element_bytes=0)
        if found.log != number:
            raise VerificationError(f"{folder} has entries of another log", where=f"log {found.log}")
        yield decode(TYPES[found.kind], found.body, element_bytes=0, limit=MAX_ENTRY_BYTES)


def _ballots(election: Election, folder: Path) -> dict[bytes, SubmittedBallot]:
    width = election.group.element_bytes
    limit = largest_ballot(election.manifest, width)
    return {
        submitted_hash(election.extended_hash, frame): decode(
            SubmittedBallot, frame, element_bytes=width, limit=limit
        )
        for _, frame in read_frames(folder / BALLOTS, limit=limit)
    }


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
    wanted = [each.path for each in election.manifest.reporting_units()]
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
    kept, aside = _parted(election, units, given)
    RecordWriter.recover(opened.record, opened.groups)
    writer, reader = opened.writer, opened.reader
    limit = largest_ballot(election.manifest, election.group.element_bytes)
    frames = list(_log_frames(log, units))
    _complete(writer.log, reader.log() if reader.has(LOG) else iter(()), frames)
    _complete(writer.ballots, reader.ballots(limit=limit) if reader.has(BALLOTS) else iter(()), kept)
    _complete(writer.aside, reader.aside(limit=limit) if reader.has(ASIDE) else iter(()), aside)
    opened_here = [
        given[ballot.ballot.identifier] for ballot in kept if ballot.state is BallotState.CHALLENGED
    ]
    _complete(writer.openings, reader.openings() if reader.has(OPENINGS) else iter(()), opened_here)
    writer.put_checkpoints(checkpoints_of(election, note, units))
    writer.put_devices(_devices(election, kept))
    tally = tally_record(election, reader, executor=executor, step=step, warn=warn)
    writer.put_tally(tally.publish())
    counts = {fate: sum(each.counted.number(fate) for each in units) for fate in Fate}
    return Closed(tally, counts, counts[Fate.CHALLENGED] - len(opened_here))


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


def _parted(
    election: Election, units: Sequence[ClosedUnit], given: Mapping[bytes, OpenedBallot]
) -> tuple[list[SubmittedBallot], list[SubmittedBallot]]:
    """The ballots of the record, and those aside, each in the order of the logs."""
    kept: list[SubmittedBallot] = []
    aside: list[SubmittedBallot] = []
    used = set()
    for each in units:
        for one in each.counted.outcomes:
            ballot = each.ballots[one.ballot]
            opening = given.get(ballot.ballot.identifier)
            if one.fate is Fate.CHALLENGED and opening is not None:
                verify_opening(election, ballot.ballot, opening)
                used.add(opening.identifier)
            stays = one.fate is Fate.COUNTED or (one.fate is Fate.CHALLENGED and opening is not None)
            (kept if stays else aside).append(ballot)
    foreign = given.keys() - used
    if foreign:
        raise RefusedError(f"the opening of {min(foreign).hex()} is that of no challenged ballot")
    return kept, aside


def _log_frames(log: ElectionLog, units: Sequence[ClosedUnit]) -> Iterator[LogFrame]:
    for head in log.entries:
        yield LogFrame(ELECTION_LOG, EntryKind.UNIT_HEAD, encode(head))
    kinds = {kind: name for name, kind in TYPES.items()}
    for each in units:
        for entry in each.entries:
            yield LogFrame(each.number, kinds[type(entry)], encode(entry))


def _devices(election: Election, kept: Iterable[SubmittedBallot]) -> DevicesFile:
    codes: dict[str, list[bytes]] = {}
    for ballot in kept:
        codes.setdefault(ballot.ballot.device, []).append(ballot.ballot.confirmation_code)
    return DevicesFile(tuple(device_record(election, name, tuple(made)) for name, made in codes.items()))


def _complete(
    writer: Callable[[], FrameWriter[T]],
    held: Frames[T] | Iterator[tuple[int, bytes, T]],
    wanted: Sequence[T],
) -> None:
    """Append what is not there yet; raises :class:`RefusedError` if something else is."""
    written = 0
    for position, frame, _ in held:
        if position >= len(wanted) or encode(wanted[position]) != frame:
            raise RefusedError("the record has other ballots or entries already; start from a sound copy")
        written += 1
    if written == len(wanted):
        return
    with writer() as frames:
        for value in wanted[written:]:
            frames.append(value)
        frames.sync()
