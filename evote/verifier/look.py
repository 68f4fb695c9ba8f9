"""One look at a stretch of ballots: 5.B, 6, 7, 8.A, 8.B, 8.D, 15 to 17, E.1 to E.5, E.7.

:func:`check_chunk` is a pure function of its task and of the bytes on the disk. It reads the bytes of
the stretch once, hashes them, examines every ballot, and gives a
:class:`~evote.verifier.chunk.ChunkResult`, whoever runs it and wherever. A frame that is no ballot is
E.2's, and everything that speaks of all ballots says that it did not see one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evote.ballots import BallotState, Election, Examination, SubmittedBallot, VerifiedBallot, verified_of
from evote.ballots.hashes import submitted_hash
from evote.ballots.preencrypted_examine import CAST_CHECKS as PRE_CAST_CHECKS
from evote.ballots.preencrypted_examine import SHAPED_CHECKS as PRE_SHAPED_CHECKS
from evote.errors import DecodeError
from evote.manifest import Manifest
from evote.merkle import RangeBuilder, leaf_hash
from evote.record import layout
from evote.record.folder import Folder
from evote.record.reader import decode_frame
from evote.record.stretches import changed, frames_of, read_stretch
from evote.verifier.chunk import BallotNote, ChunkResult, ChunkTask, ContestNote, values_of
from evote.verifier.examining import Examined, Tick, examine_all
from evote.verifier.said import Notebook
from evote.verifier.sums import Summing

CAST_CHECKS = ("6.A", "6.B", "6.C", "6.D", "7.A", "7.B", "7.C", "7.D", "E.1", "E.7")
"""Checks on cast ballots."""

SHAPED_CHECKS = ("E.3", "E.4", "E.5")
"""Checks on all ballots that need a ballot of the right shape."""

ORDINARY_CHECKS = ("8.A", "8.B", "8.D")
"""Of these, the checks on ballots that are not pre-encrypted."""

PRE_CHECKS = (*PRE_CAST_CHECKS, *PRE_SHAPED_CHECKS)
"""Of these, the checks on pre-encrypted ballots that are made of each alone."""

WHOLE_CHECKS = ("5.A", "5.B", "E.6", "E.13")
"""Checks on all ballots of any shape."""

Observer = Callable[[Examination], None]
"""Is shown every examination, in the order of the record, in the process that made it."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """A frame of the stretch and where it is."""

    content: bytes
    piece: int
    begin: int


def check_chunk(task: ChunkTask) -> ChunkResult:
    """Look at one stretch; raises :class:`~evote.errors.StorageError` if its bytes cannot be read."""
    return look_at(task)


def look_at(task: ChunkTask, *, observer: Observer | None = None, tick: Tick | None = None) -> ChunkResult:
    """:func:`check_chunk` for somebody who looks on.

    ``observer`` is shown the examinations; ``tick`` is told, as far as it can be, how many ballots of the
    stretch have been examined.
    """
    return _Look(task, observer, tick).run()


class _Look:
    def __init__(self, task: ChunkTask, observer: Observer | None, tick: Tick | None) -> None:
        self._task = task
        self._election: Election = task.election.election(task.record)
        self._observer = observer
        self._tick = tick
        self._notebook = Notebook()
        self._sums = Summing(self._election)
        self._values: list[bytes] = []
        self._noted = self._election.manifest.decrypt_contest_data

    def run(self) -> ChunkResult:
        task, stretch = self._task, self._task.stretch
        folder = Folder(task.record).subfolder(layout.BALLOTS)
        read, pieces = read_stretch(folder, stretch.pieces)
        frames: list[_Frame] = []
        try:
            for number, (piece, data) in enumerate(zip(pieces, read, strict=True)):
                frames += (_Frame(content, number, piece.begin + at) for at, content in frames_of(data))
        except ValueError:
            frames = []
        if len(frames) != stretch.frames:
            raise changed(folder)
        ballots = [self._decode(stretch.first + place, frame) for place, frame in enumerate(frames)]
        examined = examine_all(task, self._election, ballots, read, self._tick)
        leaves = RangeBuilder(stretch.first)
        notes = []
        for place, frame in enumerate(frames):
            leaf = submitted_hash(self._election.extended_hash, frame.content)
            leaves.append(leaf_hash(leaf))
            notes.append(self._note(stretch.first + place, frame, leaf, ballots[place], examined, place))
        return ChunkResult(
            stretch.number,
            stretch.first,
            pieces,
            tuple(notes),
            leaves.value().hashes,
            b"".join(self._values),
            self._sums.submitted(),
            self._sums.parts(),
            self._notebook.said(),
            examined.batched,
            examined.warnings,
            self._sums.unit_parts(),
        )

    def _decode(self, position: int, frame: _Frame) -> SubmittedBallot | DecodeError:
        width = self._election.group.element_bytes
        return decode_frame(layout.BALLOTS, SubmittedBallot, position, frame.content, width, self._task.limit)

    def _note(
        self,
        position: int,
        frame: _Frame,
        leaf: bytes,
        value: SubmittedBallot | DecodeError,
        examined: Examined,
        place: int,
    ) -> BallotNote | None:
        if isinstance(value, DecodeError):
            self._broken(value)
            return None
        examination = examined.examinations[place]
        if examination is None:
            raise TypeError("a ballot that was decoded is examined")
        shaped = self._see(position, value, examination)
        ballot, cast = value.ballot, value.state is BallotState.CAST
        contests: Sequence[ContestNote] = ()
        if cast and self._noted:
            contests = [ContestNote(one.contest, one.data is not None) for one in ballot.contests]
        return BallotNote(
            ballot.identifier,
            leaf,
            cast,
            shaped,
            ballot.unit,
            ballot.style,
            None if value.context is None else value.context.pseudonym,
            ballot.weight,
            ballot.device,
            ballot.confirmation_code,
            ballot.chaining_field,
            tuple(contests),
            frame.piece,
            frame.begin,
            len(frame.content),
        )

    def _broken(self, error: DecodeError) -> None:
        """E.2: bytes that are no ballot."""
        tell_broken(self._notebook, error, self._election.manifest)

    def _see(self, position: int, submitted: SubmittedBallot, examination: Examination) -> bool:
        """What was found of one ballot; whether it has the shape of its style."""
        notebook, ballot = self._notebook, submitted.ballot
        if self._observer is not None:
            self._observer(examination)
        notebook.count_all(examination.counts)
        for error in examination.findings:
            notebook.fail_with(error)
        failed = {error.check for error in examination.findings}
        cast = submitted.state is BallotState.CAST
        pre = self._election.manifest.pre_encrypts(ballot.device) or submitted.pre is not None
        self._note_skips(failed, cast, pre)
        notebook.add("ballots")
        notebook.add("cast" if cast else "challenged")
        if pre:
            notebook.add("pre_encrypted")
            if not cast:
                notebook.add("uncast")
        notebook.add("selections", sum(len(contest.selections) for contest in ballot.contests))
        values = values_of(position, submitted)
        notebook.count("5.A")
        notebook.count("E.6", len(values))
        self._values += values
        self._sums.see(ballot)
        if cast and examination.findings:
            self._sums.add_irregular(ballot)
        elif cast:
            verified = verified_of(self._election, submitted, examination)
            if not isinstance(verified, VerifiedBallot):
                raise TypeError("a cast ballot without findings is a verified ballot")
            self._sums.add(verified)
        return "E.2" not in failed

    def _note_skips(self, failed: set[str], cast: bool, pre: bool) -> None:
        """What a finding keeps from being looked at."""
        if "E.2" in failed:
            declared = self._election.manifest.pre_encryption is not None
            own = (PRE_CHECKS if declared else ()) if pre else ORDINARY_CHECKS
            self._notebook.skip(
                (*SHAPED_CHECKS, *own, *(CAST_CHECKS if cast else ())),
                "a ballot does not have the shape of its style (E.2)",
            )
        if "6.A" in failed:
            self._notebook.skip(("6.D", "7.D", "E.7"), "a selection is not in the subgroup (6.A)")


def tell_broken(notebook: Notebook, error: DecodeError, manifest: Manifest) -> None:
    """E.2: something where a ballot should be cannot be read."""
    notebook.count("E.2")
    notebook.fail("E.2", error.where or layout.BALLOTS, f"this is no ballot: {error.message}")
    notebook.add("unreadable")
    checks: tuple[str, ...] = (*CAST_CHECKS, *SHAPED_CHECKS, *ORDINARY_CHECKS, *WHOLE_CHECKS, "11.D")
    if manifest.pre_encryption is not None:
        checks = (*checks, *PRE_CHECKS)
    notebook.skip(checks, "a ballot cannot be read (E.2)")
