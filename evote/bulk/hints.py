"""Making the hints of a record, over any executor; anybody can, for any record of evote.

Every ballot gets a frame beside it (``specs/record-format.md#hints``): a hint that is there and hashes to
the challenges of its ballot stays; any other is computed from the proofs, at the price of a plain
verification; a ballot on which something is found, or a frame that is no ballot, gets the frame that says
that there is none. Only ``hints`` changes: segments that are there are replaced one by one, each as a whole,
and the rest is appended, so that what was done counts whenever the work is stopped.

Answers are not believed any more than a hint is: whoever uses one hashes it first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from itertools import chain, islice

from evote.ballots.batch import serves
from evote.ballots.hints import NO_HINT, BallotHint, frame_of
from evote.ballots.rehint import compute_hint
from evote.ballots.values import SubmittedBallot
from evote.bulk.setting import ElectionSetting
from evote.codec import MAX_FRAME_BYTES, decode
from evote.errors import DecodeError, WorkerError
from evote.groups import Group
from evote.pool import ordered
from evote.record import RecordReader, load_election
from evote.record.files import Location, Lock, Replacement
from evote.record.folder import Folder
from evote.record.hints import cut_back, frames_of_segment, whole_frames
from evote.record.layout import BALLOTS, HINTS, largest_ballot, largest_hint, segment_name
from evote.record.segments import SegmentWriter, frame_bytes, read_frames

CHUNK = 16
"""Ballots per task."""


@dataclass(frozen=True, slots=True)
class HintsMade:
    """What was done: ``kept`` hints were right, ``made`` ones are new, ``without`` ballots have none."""

    ballots: int
    kept: int
    made: int
    without: int


@dataclass(frozen=True, slots=True)
class HintTask:
    """Frames of ballots, each with the content of its hint frame, empty where there is none yet."""

    setting: ElectionSetting = field(repr=False)
    limit: int
    ballots: tuple[bytes, ...] = field(repr=False)
    hints: tuple[bytes, ...] = field(repr=False)


def make_hints(
    directory: Location,
    groups: Mapping[str, Group] | None = None,
    *,
    executor: Executor | None = None,
    step: Callable[[int, int], None] = lambda done, total: None,
) -> HintsMade:
    """Make the hints of the record in ``directory`` that are missing or wrong.

    ``groups`` as for :class:`~evote.record.RecordReader`; ``step`` hears how many of how many ballots are
    done. Ballots behind a torn frame get none. Raises as :func:`~evote.record.load_election`,
    :class:`~evote.errors.StorageError` if the folder of hints cannot be written, and
    :class:`WorkerError` where a worker was lost; what was written until then stays.
    """
    return _Making(directory, groups, executor, step).run()


class _Making:
    """One run over one record."""

    def __init__(
        self,
        directory: Location,
        groups: Mapping[str, Group] | None,
        executor: Executor | None,
        step: Callable[[int, int], None],
    ) -> None:
        reader = RecordReader(directory, groups)
        election = load_election(reader)
        width = election.group.element_bytes
        folder = Folder(directory)
        self._setting = ElectionSetting.of(election)
        self._executor = executor
        self._step = step
        self._ballots = folder.subfolder(BALLOTS)
        self._hints = folder.subfolder(HINTS)
        self._ballot_limit = largest_ballot(election.manifest, width)
        self._hint_limit = largest_hint(election.manifest, width)
        self._total, _, _ = whole_frames(self._ballots, limit=self._ballot_limit)
        self._done = self._kept = self._made = self._without = 0

    def run(self) -> HintsMade:
        """Look at every ballot once, in order."""
        if not self._total:
            return HintsMade(0, 0, 0, 0)
        folder = Folder(self._hints)
        folder.make()
        there = cut_back(self._hints, self._total)
        answers = self._answers(there)
        with Lock(self._hints):
            number = 0
            while self._done < there:
                number += 1
                self._replace(folder, number, answers)
        with SegmentWriter(self._hints) as segments:
            for new, _ in answers:
                segments.append(new)
        return HintsMade(self._done, self._kept, self._made, self._without)

    def _replace(self, folder: Folder, number: int, answers: Iterator[tuple[bytes, bytes]]) -> None:
        """One segment that is there, with better frames where they are better."""
        held, _, _ = frames_of_segment(self._hints, number, limit=MAX_FRAME_BYTES)
        changed = False
        with Replacement(folder.path(segment_name(number))) as file:
            for new, old in islice(answers, held):
                changed = changed or new != old
                file.write(frame_bytes(new))
            if changed:
                file.commit()

    def _answers(self, there: int) -> Iterator[tuple[bytes, bytes]]:
        """The new and the old content for every ballot, in order."""
        sent: list[HintTask] = []

        def tasks() -> Iterator[HintTask]:
            for task in self._tasks(there):
                sent.append(task)
                yield task

        for made in ordered(self._executor, _make, tasks()):
            task = sent.pop(0)
            if len(made) != len(task.ballots):
                raise WorkerError("a worker answered with another number of hints than it was asked for")
            for new, old in zip(made, task.hints, strict=True):
                self._count(new, old)
                yield new, old

    def _count(self, new: bytes, old: bytes) -> None:
        self._done += 1
        if new == NO_HINT:
            self._without += 1
        elif new == old:
            self._kept += 1
        else:
            self._made += 1
        self._step(self._done, self._total)

    def _tasks(self, there: int) -> Iterator[HintTask]:
        frames = read_frames(self._ballots, limit=self._ballot_limit)
        ballots = (frame for _, frame in islice(frames, self._total))
        old = chain((frame for _, frame in islice(read_frames(self._hints), there)), iter(lambda: b"", None))
        while chunk := tuple(islice(ballots, CHUNK)):
            hints = tuple(self._short(next(old)) for _ in chunk)
            yield HintTask(self._setting, self._ballot_limit, chunk, hints)

    def _short(self, content: bytes) -> bytes:
        """A content as long as a hint may be; anything longer is none, and need not travel."""
        return content if len(content) <= self._hint_limit else NO_HINT


def _make(task: HintTask) -> tuple[bytes, ...]:
    """What a worker does."""
    election = task.setting.election()
    width = election.group.element_bytes
    made = []
    for frame, old in zip(task.ballots, task.hints, strict=True):
        try:
            submitted = decode(SubmittedBallot, frame, element_bytes=width, limit=task.limit)
        except DecodeError:
            made.append(NO_HINT)  # E.2 of a verification names it
            continue
        try:
            hint = BallotHint.decode(old, width) if old else None
        except DecodeError:
            hint = None
        if hint is None or not serves(election, submitted, hint):
            hint = compute_hint(election, submitted)
        made.append(frame_of(hint))
    return tuple(made)
