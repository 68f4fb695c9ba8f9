"""From closed boxes to the record: ballots, ballots aside, logs, checkpoints, openings, devices, tally.

What the units handed over was checked (:mod:`evote.office.handover`) and is held to the election's log before
anything of it is written; what counts is then a function of roll and logs (rule A54). Each frame is written
once: a program that was stopped goes on where it was, and refuses a record that has something else. Hints
that came with the ballots go into the record beside them; what is missing or wrong there is told to ``warn``
and stops nothing. Logs, ballots and hints are streams; memory holds hash and fate of every ballot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

from evote.ballots import (
    Election,
    OpenedBallot,
    SubmittedBallot,
    device_record,
    verify_opening,
)
from evote.board.checkpoint import open_checkpoint
from evote.board.counting import Fate
from evote.board.entries import EntryKind
from evote.board.note import Note
from evote.bulk.tally import tally_record
from evote.codec import encode
from evote.errors import RefusedError, VerificationError
from evote.merkle import RangeBuilder, leaf_hash
from evote.office.box import Hints
from evote.office.electionlog import ElectionLog
from evote.office.handover import ClosedUnit
from evote.office.open import OpenElection
from evote.record import CheckpointsFile, ClosingNote, DevicesFile, RecordWriter
from evote.record.layout import ASIDE, BALLOTS, LOG, OPENINGS, largest_ballot
from evote.record.reader import Frames
from evote.record.values import ELECTION_LOG, LogFrame
from evote.record.writer import FrameWriter
from evote.tally import ClosingHead, CountedLog, Tally

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Closed:
    """What was written."""

    tally: Tally
    counts: Mapping[Fate, int]
    unopened: int
    """Challenged ballots that nobody opened."""


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
    _require_own_keys(units)
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
    _write_hints(opened, units, openings_of, warn)
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
    counts = {fate: sum(each.fates.number(fate) for each in units) for fate in Fate}
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
        digest = RangeBuilder.of(map(leaf_hash, each.fates.counted())).value().root()
        origin = board.units[each.unit].origin
        number = each.fates.number(Fate.COUNTED)
        counted.append(CountedLog(origin, each.head.size, each.head.root, number, digest))
    return CheckpointsFile(tuple(closing), tuple(counted))


def _require_own_keys(units: Sequence[ClosedUnit]) -> None:
    """Two units did not issue one key: its holder could vote in both."""
    owners: dict[bytes, str] = {}
    for each in units:
        for key in each.new_keys:
            if key in owners:
                raise VerificationError(
                    f"a re-issue gave one key to slots of {owners[key]!r} and of {each.unit!r}",
                    check="E.29",
                    where=f"key {key.hex()}",
                )
            owners[key] = each.unit


def _openings(
    election: Election, units: Sequence[ClosedUnit], given: Mapping[bytes, OpenedBallot]
) -> dict[bytes, OpenedBallot]:
    """The openings that were given, by ballot hash, in the order of the logs; each is checked."""
    found: dict[bytes, OpenedBallot] = {}
    for each in units if given else ():
        for fate, ballot, submitted in each.ballots(election):
            opening = given.get(submitted.ballot.identifier)
            if fate is Fate.CHALLENGED and opening is not None:
                verify_opening(election, submitted.ballot, opening)
                found[ballot] = opening
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
        for fate, ballot, submitted in each.ballots(election):
            if aside != _counts_or_opened(fate, ballot, openings):
                yield submitted


def _counts_or_opened(fate: Fate, ballot: bytes, openings: Mapping[bytes, OpenedBallot]) -> bool:
    """Whether a ballot stands in the record proper, and not aside."""
    return fate is Fate.COUNTED or (fate is Fate.CHALLENGED and ballot in openings)


def _write_hints(
    opened: OpenElection,
    units: Sequence[ClosedUnit],
    openings: Mapping[bytes, OpenedBallot],
    warn: Callable[[str], None],
) -> None:
    """The hints that came with the ballots of the record, frame by frame beside them."""
    election = opened.election
    ballots = without = 0
    with closing(Hints(opened.writer.fill_hints, warn)) as hints:
        for each in units:
            given = each.hints(election, warn)
            for (fate, ballot, submitted), hint in zip(each.ballots(election), given, strict=False):
                if not _counts_or_opened(fate, ballot, openings):
                    continue
                if hint is not None and hint.identifier != submitted.ballot.identifier:
                    hint = None
                ballots += 1
                without += hint is None
                hints.append(hint)
    if without:
        warn(
            f"{without} of {ballots} ballots came without a hint of their own, and are verified without; "
            f"'evote record hints {opened.record}' makes what is missing"
        )


def _noted(ballots: Iterable[SubmittedBallot], codes: dict[str, list[bytes]]) -> Iterator[SubmittedBallot]:
    """The same, with the confirmation codes of every device written down."""
    for submitted in ballots:
        codes.setdefault(submitted.ballot.device, []).append(submitted.ballot.confirmation_code)
        yield submitted


def _log_frames(log: ElectionLog, units: Sequence[ClosedUnit]) -> Iterator[LogFrame]:
    for head in log.entries:
        yield LogFrame(ELECTION_LOG, EntryKind.UNIT_HEAD, encode(head))
    for each in units:
        yield from each.log()


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
