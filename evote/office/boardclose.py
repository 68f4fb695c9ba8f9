"""From closed boxes to the record: ballots, ballots aside, logs, checkpoints, openings, devices, tally.

All units come together, or some of them while others are still open: these are then closed by statements
(:class:`~evote.tally.UnitClosing`), and the record grows until the last one is there
(:mod:`evote.office.growing`). What the units handed over was checked (:mod:`evote.office.handover`) and is
held to the election's log before anything of it is written; what counts is then a function of roll and logs
(rule A54). Each frame is written once: a program that was stopped goes on where it was, and refuses a record
that has something else. Hints that came with the ballots go into the record beside them; what is missing or
wrong there is told to ``warn`` and stops nothing. Logs, ballots and hints are streams; memory holds hash and
fate of every ballot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass

from evote.ballots import (
    Election,
    OpenedBallot,
    SubmittedBallot,
    verify_opening,
)
from evote.board.checkpoint import open_checkpoint
from evote.board.counting import Fate
from evote.board.entries import EntryKind
from evote.board.note import Note
from evote.bulk.tally import tally_record
from evote.codec import encode
from evote.errors import DecodeError, RefusedError, VerificationError
from evote.merkle import RangeBuilder, leaf_hash
from evote.office.box import Hints
from evote.office.electionlog import ElectionLog
from evote.office.growing import Grown, begun_ballots, complete, complete_log, grown_devices, whole_ballots
from evote.office.handover import ClosedUnit
from evote.office.open import OpenElection
from evote.office.provisional import state_closed
from evote.record import CheckpointsFile, ClosingNote, RecordReader, RecordWriter
from evote.record.layout import ASIDE, BALLOTS, CLOSINGS, OPENINGS
from evote.record.values import ELECTION_LOG, LogFrame
from evote.tally import ClosingHead, CountedLog, Tally, UnitClosing


@dataclass(frozen=True, slots=True)
class Closed:
    """What was written."""

    tally: Tally | None
    """None while units are still open."""
    counts: Mapping[Fate, int]
    """Of the units that were handed over now."""
    unopened: int
    """Challenged ballots among them that nobody opened."""
    closings: tuple[UnitClosing, ...]
    """The statements that close units one by one; none where all were closed together."""
    open_units: tuple[str, ...]
    """Paths of the units that are still open, in the order of the manifest."""

    @property
    def head(self) -> ClosingHead | None:
        """With what the record is sealed: its closing head, None while it goes on."""
        return None if self.tally is None else self.tally.head


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
    """Write these units into the record; with the last ones the encrypted tally behind everything.

    ``units`` are all reporting units, or some of them: the others stay open, and the record takes them later,
    behind these. A unit that is whole in the record already may be among them if it is the same.
    Raises :class:`RefusedError` while a closing head is missing from the election's log, or if the record has
    something else already, and :class:`VerificationError` if the witnesses have not cosigned, an opening is
    false, a ballot does not hold, or a unit is closed in the record with another log.
    """
    election, reader = opened.election, opened.reader
    wanted = [each.path for each in election.manifest.ballot_units()]
    handed = [each.unit for each in units]
    if not units or len(set(handed)) != len(handed) or not set(handed) <= set(wanted):
        raise RefusedError(f"every unit hands over its box once: {', '.join(wanted)}")
    log.require_closed(handed)
    RecordWriter.recover(opened.record, opened.groups)
    grown = Grown.of(election, reader)
    for each in units:
        if each.unit in grown.whole:
            grown.require_same(each, log.origin(each.unit))
    new = grown.ordered(each for each in units if each.unit not in grown.whole)
    _require_own_keys(new, grown.new_keys)
    note = _witnessed_head(log, units)
    openings_of = _openings(election, new, {opening.identifier: opening for opening in openings})
    _write(opened, grown, log, new, openings_of, warn)
    still = tuple(unit for unit in wanted if unit not in grown.whole and unit not in handed)
    numbers = [each.number for each in new]
    closings: tuple[UnitClosing, ...] = ()
    if still or numbers != sorted(numbers) or reader.has(CLOSINGS):  # else all are closed together
        closings = state_closed(election, opened.writer, {each.unit: each.head for each in units})
    opened.writer.put_checkpoints(checkpoints_of(election, note, new, grown.checkpoints))
    tally = None
    if not still:
        tally = tally_record(election, reader, executor=executor, step=step, warn=warn)
        opened.writer.put_tally(tally.publish())
    counts = {fate: sum(each.fates.number(fate) for each in new) for fate in Fate}
    return Closed(tally, counts, counts[Fate.CHALLENGED] - len(openings_of), closings, still)


def _witnessed_head(log: ElectionLog, units: Sequence[ClosedUnit]) -> Note:
    """The cosigned head of the election's log, which covers the closing heads of these units."""
    for each in units:
        last = log.last(each.unit)
        if last is None or ClosingHead(last.size, last.root) != each.head:
            raise VerificationError("the election's log has another closing head", where=each.unit)
    note = log.held()
    if note is None or open_checkpoint(note, log.key).size != log.tree.size:
        raise RefusedError("the newest head of the election's log is not signed yet")
    log.require_witnessed(note)
    return note


def _write(
    opened: OpenElection,
    grown: Grown,
    log: ElectionLog,
    units: Sequence[ClosedUnit],
    openings: Mapping[bytes, OpenedBallot],
    warn: Callable[[str], None],
) -> None:
    """Everything that grows, behind what the record has of units that are whole."""
    election, writer, reader = opened.election, opened.writer, opened.reader
    codes: dict[str, list[bytes]] = {}
    heads = (LogFrame(ELECTION_LOG, EntryKind.UNIT_HEAD, encode(head)) for head in log.entries)
    complete_log(writer.log, reader, grown, heads, units)
    complete(
        writer.ballots,
        begun_ballots(election, reader, grown, BALLOTS),
        _noted(_ballots(election, units, openings, aside=False), codes),
    )
    _write_hints(opened, grown, units, openings, warn)
    complete(
        writer.aside,
        begun_ballots(election, reader, grown, ASIDE),
        _ballots(election, units, openings, aside=True),
    )
    complete(writer.openings, _begun_openings(reader, grown, openings), openings.values())
    writer.put_devices(grown_devices(election, reader, grown, codes))


def checkpoints_of(
    election: Election, note: Note, units: Sequence[ClosedUnit], before: CheckpointsFile | None = None
) -> CheckpointsFile:
    """``checkpoints.msgpack`` of these units, and those in ``before``, under that head of the election."""
    board = election.manifest.board
    if board is None:
        raise RefusedError("the election has no board")
    paths = [unit.path for unit in election.manifest.ballot_units()]
    numbers = {board.units[path].origin: number for number, path in enumerate(paths, 1)}
    closing = {} if before is None else {one.log: one for one in before.closing}
    counted = {} if before is None else {numbers[one.origin]: one for one in before.counted}
    closing[ELECTION_LOG] = ClosingNote(ELECTION_LOG, note.encode())
    for each in units:
        closing[each.number] = ClosingNote(each.number, each.note.encode())
        digest = RangeBuilder.of(map(leaf_hash, each.fates.counted())).value().root()
        origin = board.units[each.unit].origin
        number = each.fates.number(Fate.COUNTED)
        counted[each.number] = CountedLog(origin, each.head.size, each.head.root, number, digest)
    return CheckpointsFile(
        tuple(closing[number] for number in sorted(closing)),
        tuple(counted[number] for number in sorted(counted)),
    )


def _require_own_keys(units: Sequence[ClosedUnit], before: Mapping[bytes, str]) -> None:
    """Two units did not issue one key: its holder could vote in both.

    ``before`` has the keys of units that are whole.
    """
    owners: dict[bytes, str] = dict(before)
    for each in units:
        for key in each.new_keys:
            if key in owners:
                raise VerificationError(
                    f"a re-issue gave one key to slots of {owners[key]!r} and of {each.unit!r}",
                    check="E.29",
                    where=f"key {key.hex()}",
                )
            owners[key] = each.unit


def _begun_openings(
    reader: RecordReader, grown: Grown, openings: Mapping[bytes, OpenedBallot]
) -> Iterator[bytes]:
    """The frames of openings in the record that are not those of units that are whole."""
    now = {opening.identifier for opening in openings.values()}
    for _, frame, opening in reader.openings() if reader.has(OPENINGS) else ():
        if isinstance(opening, DecodeError):
            raise opening
        if not grown.whole or opening.identifier in now:
            yield frame


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
    grown: Grown,
    units: Sequence[ClosedUnit],
    openings: Mapping[bytes, OpenedBallot],
    warn: Callable[[str], None],
) -> None:
    """The hints that came with the ballots of the record, frame by frame beside them."""
    election = opened.election
    ballots = without = 0
    whole = whole_ballots(election, opened.reader, grown)
    begin = (lambda: opened.writer.hints_behind(whole)) if grown.whole else opened.writer.fill_hints
    with closing(Hints(begin, warn)) as hints:
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
