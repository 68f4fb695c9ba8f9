"""Making a unit's return: from its closed log and ballots, or from the counts of a paper office (A50).

Totals of kind BALLOTS are products over ballots that are verified here once more, and that stand on the log
which the closing head ends. They come from what the unit's box handed over, or from the record.

What it leaves out: keys (:mod:`evote.office.returns_keys`), files (:mod:`evote.office.returns_files`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from evote.ballots import BallotState, Election, SubmittedBallot, examine
from evote.ballots.hashes import submitted_hash
from evote.board.counting import Fate, counted_set
from evote.board.entries import TYPES, CastEntry, ChallengeEntry, Entry, leaf_data
from evote.board.note import Note
from evote.board.reissue import Credentials
from evote.board.roll import Roll
from evote.codec import decode
from evote.errors import DecodeError, RefusedError, VerificationError
from evote.manifest import ReturnKind
from evote.manifest.declarations import DeclaredBoard
from evote.merkle import RangeBuilder, leaf_hash
from evote.office.handover import read_unit
from evote.office.returns_counts import Place, open_figures, require_nothing_left, style_count
from evote.office.unitbox import roll_of
from evote.record import RecordReader
from evote.record.layout import CHECKPOINTS, LOG, largest_ballot
from evote.record.values import MAX_ENTRY_BYTES, LogFrame
from evote.returns import ClosedLog, RosterName, SealedField, SealedTotal, StyleCount, UnitReturn
from evote.returns.closedlog import LogCount, closed_log, count_log, registered_voters
from evote.verifier.sums import UnitSums


@dataclass(frozen=True, slots=True)
class Version:
    """Which version of a return is made. ``previous`` is the name of the file that it corrects."""

    made_at: str
    roster: RosterName
    number: int = 1
    previous: bytes | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class UnitLogSource:
    """A unit's closed log that was checked, and its counted ballots."""

    unit: str
    log: ClosedLog
    counts: tuple[LogCount, ...]
    ballots: Iterable[SubmittedBallot]
    """The counted ones, each looked at once."""


def handed_over(election: Election, record: Path, folder: Path) -> UnitLogSource:
    """The log and ballots that a unit's box handed over; raises as :func:`read_unit`."""
    roll = roll_of(election, record)
    closed = read_unit(election, roll, folder)
    entries = (_entry(frame) for frame in closed.log())
    ballots = (submitted for fate, _, submitted in closed.ballots(election) if fate is Fate.COUNTED)
    return UnitLogSource(
        closed.unit,
        closed_log(_declared(election).units[closed.unit], closed.note),
        _counted(election, closed.unit, roll, entries)[0],
        ballots,
    )


def in_record(election: Election, reader: RecordReader, unit: str) -> UnitLogSource:
    """The log and ballots of a unit in a record whose logs are closed.

    Raises :class:`RefusedError` where they are not there, :class:`VerificationError` if the entries are not
    those of the closing checkpoint, or a counted ballot is absent.
    """
    board = election.manifest.board
    paths = [each.path for each in election.manifest.ballot_units()]
    if board is None or unit not in paths:
        raise RefusedError(f"unit {unit!r} has no log in this election")
    if not reader.has(LOG) or not reader.has(CHECKPOINTS):
        raise RefusedError("the record has no closed logs yet; give what the box handed over with --box")
    number = paths.index(unit) + 1
    notes = [note.note for note in reader.checkpoints().closing if note.log == number]
    if len(notes) != 1:
        raise VerificationError("the record has not one closing checkpoint of the unit", where=unit)
    head = closed_log(board.units[unit], Note.parse(notes[0]))
    tree = RangeBuilder()

    def entries() -> Iterator[Entry]:
        for entry in _entries(reader, number):
            tree.append(leaf_hash(leaf_data(election.extended_hash, head.origin, unit, entry)))
            yield entry

    counts, counted = _counted(election, unit, roll_of(election, Path(reader.directory)), entries())
    if (tree.end, tree.value().root()) != (head.size, head.root):
        raise VerificationError("the entries are not those of the closing checkpoint", where=unit)
    return UnitLogSource(unit, head, counts, _ballots(election, reader, counted, unit))


def ballots_return(
    election: Election, source: UnitLogSource, counts: Mapping[Place, int], version: Version
) -> UnitReturn:
    """The return of a unit of kind BALLOTS; ``counts`` are the voters that its log does not tell.

    Raises :class:`VerificationError` for a ballot that does not hold, :class:`DecodeError` for counts that
    are missing or contradict the log.
    """
    left = dict(counts)
    rows = tuple(_voters(left, log) for log in source.counts)
    require_nothing_left(left, source.unit)
    return UnitReturn(
        election.extended_hash,
        source.unit,
        ReturnKind.BALLOTS,
        version.roster,
        version.number,
        version.previous,
        version.reason,
        version.made_at,
        source.log,
        rows,
        (),
        sealed_totals(election, source.unit, source.ballots),
    )


def open_return(election: Election, unit: str, counts: Mapping[Place, int], version: Version) -> UnitReturn:
    """The return of a unit of kind OPEN; raises :class:`DecodeError` for counts that are not the unit's."""
    rows, plain = open_figures(election.manifest, unit, counts)
    return UnitReturn(
        election.extended_hash,
        unit,
        ReturnKind.OPEN,
        version.roster,
        version.number,
        version.previous,
        version.reason,
        version.made_at,
        None,
        rows,
        plain,
        (),
    )


def sealed_totals(
    election: Election, unit: str, ballots: Iterable[SubmittedBallot]
) -> tuple[SealedTotal, ...]:
    """The products over counted ballots (equation 79), per style and contest of the unit.

    Raises :class:`VerificationError` with the first check that one of them fails.
    """
    sums, manifest = UnitSums(election), election.manifest
    for submitted in ballots:
        findings = examine(election, submitted).findings
        if findings:
            raise findings[0]
        if submitted.ballot.unit != unit or submitted.state is not BallotState.CAST:
            raise VerificationError("a ballot is none that the unit counts", where=unit)
        sums.add(submitted.ballot)
    return tuple(
        SealedTotal(
            style,
            contest.label,
            tuple(
                SealedField(option.label, pair[0].encode(), pair[1].encode())
                for option, pair in zip(contest.options, sums.fields(unit, style, contest.index), strict=True)
                if pair is not None  # verified ballots spoil nothing
            ),
        )
        for style in manifest.unit(unit).styles
        for contest in manifest.contests_of(style)
    )


def _voters(left: dict[Place, int], log: LogCount) -> StyleCount:
    """The counts of a style: the log's, and what the office says beside it."""
    known = {
        "counted": log.counted,
        "accepted": log.accepted,
        "rejected": log.rejected,
        "superseded": log.superseded,
        "challenged": log.challenged,
    }
    if log.registered is not None and log.rejected_only is not None:
        known |= {"registered": log.registered, "rejected_only": log.rejected_only}
        known["challenged_only"] = left.pop((log.style, "", "challenged_only"), 0)
        known["signed_in"] = log.counted + log.rejected_only + known["challenged_only"]
    return style_count(left, log.style, known)


def _counted(
    election: Election, unit: str, roll: Roll | None, entries: Iterable[Entry]
) -> tuple[tuple[LogCount, ...], set[bytes]]:
    """What the entries of a closed log count, style by style, and the hashes of the ballots that count.

    Raises :class:`VerificationError` for a log that breaks a rule.
    """
    styles: dict[int, str] = {}

    def noted() -> Iterator[Entry]:
        for index, entry in enumerate(entries):
            if isinstance(entry, CastEntry | ChallengeEntry):
                styles[index] = sys.intern(entry.style)
            yield entry

    credentials = None if roll is None else Credentials(roll, election.extended_hash)
    found = counted_set(unit, noted(), credentials).sound()
    registered = None if roll is None else registered_voters(roll)
    outcomes = ((styles[one.index], one) for one in found.outcomes)
    counts = count_log(unit, election.manifest.unit(unit).styles, outcomes, registered)
    return counts, {one.ballot for one in found.counted()}


def _declared(election: Election) -> DeclaredBoard:
    if election.manifest.board is None:
        raise RefusedError("the election has no board")
    return election.manifest.board


def _entries(reader: RecordReader, number: int) -> Iterator[Entry]:
    for _, _, frame in reader.log():
        if isinstance(frame, DecodeError):
            raise frame
        if frame.log == number:
            yield _entry(frame)


def _entry(frame: LogFrame) -> Entry:
    return decode(TYPES[frame.kind], frame.body, element_bytes=0, limit=MAX_ENTRY_BYTES)


def _ballots(
    election: Election, reader: RecordReader, wanted: set[bytes], unit: str
) -> Iterator[SubmittedBallot]:
    """The ballots with these hashes; raises :class:`VerificationError` if one is absent."""
    limit = largest_ballot(election.manifest, election.group.element_bytes)
    missing = set(wanted)
    for _, frame, submitted in reader.ballots(limit=limit) if missing else ():
        hashed = submitted_hash(election.extended_hash, frame)
        if hashed in missing and not isinstance(submitted, DecodeError):
            missing.discard(hashed)
            yield submitted
    if missing:
        raise VerificationError(
            f"{len(missing)} counted ballots are not in the record, {min(missing).hex()} among them",
            where=unit,
        )
