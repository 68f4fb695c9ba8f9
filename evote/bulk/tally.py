"""A record's ballots verified and added up over any executor (specification section 3.5).

The coordinator reads the frames, in their order, and sends them in chunks; a worker decodes a chunk,
verifies every ballot and adds it up there (only what a process verified itself enters its tally), and
answers with products and the hashes of the leaves. The coordinator computes those hashes from the frames
that it sent and compares, so that an answer is about these ballots and no others, and merges in order:
the tally has the same bytes as that of one process. An identifier that stands in two ballots ends the run
(5.A), wherever they are; the identifiers are sorted on the disk where there are many.

Workers need no access to the record; what travels is public.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field
from itertools import chain, islice, repeat
from pathlib import Path

from evote.ballots import Election, verified_of
from evote.ballots.batch import examine_chunk
from evote.ballots.hashes import submitted_hash
from evote.ballots.hints import BallotHint
from evote.ballots.values import SubmittedBallot
from evote.bulk.setting import ElectionSetting
from evote.codec import decode
from evote.errors import DecodeError, VerificationError, WorkerError
from evote.merkle import RangeBuilder, leaf_hash
from evote.pool import capacity, ordered
from evote.record import RecordReader
from evote.record.layout import BALLOTS, largest_ballot, largest_hint
from evote.record.segments import count_frames, read_frames
from evote.record.unique import UniqueKeys
from evote.tally import PartialTally, Tallier, Tally

CHUNK = 128
"""Most ballots per task."""

CHUNKS_PER_WORKER = 4
"""Fewest tasks per worker where the record has enough ballots, so that all end at about the same time."""


@dataclass(frozen=True, slots=True)
class TallyTask:
    """Frames that follow one another in a record, from position ``begin`` on."""

    setting: ElectionSetting = field(repr=False)
    begin: int
    frames: tuple[bytes, ...] = field(repr=False)
    hints: tuple[BallotHint | None, ...] = field(repr=False)
    """One for each frame; whatever they are, the verdict is the same (:mod:`evote.ballots.batch`)."""


@dataclass(frozen=True, slots=True)
class TallyAnswer:
    """The sums over a chunk, and the identifiers of its ballots in order."""

    partial: PartialTally
    identifiers: tuple[bytes, ...] = field(repr=False)
    warnings: tuple[str, ...] = ()
    """What was wrong with hints."""


def tally_record(
    election: Election,
    reader: RecordReader,
    *,
    executor: Executor | None = None,
    step: Callable[[int], None] = lambda done: None,
    warn: Callable[[str], None] = lambda sentence: None,
) -> Tally:
    """Verify every ballot of a record and add it up; ``step`` hears how many are done.

    Where the record has hints, ballots are verified many at once. ``warn`` hears what is wrong with the
    hints; the ballots are then verified without.

    Raises :class:`VerificationError` for the first ballot that does not hold, or for two with one
    identifier (5.A), :class:`DecodeError` for a frame that is no ballot, and :class:`WorkerError` where
    a worker was lost or answered for other ballots.
    """
    folder = Path(reader.directory) / BALLOTS
    size = _chunk_size(count_frames(folder), capacity(executor))
    setting = ElectionSetting.of(election)
    tallier = Tallier(election)
    sent: list[TallyTask] = []

    def tasks() -> Iterator[TallyTask]:
        manifest, width = election.manifest, election.group.element_bytes
        frames = read_frames(folder, limit=largest_ballot(manifest, width))
        hints = chain(reader.hints(limit=largest_hint(manifest, width), warn=warn), repeat(None))
        begin = 0
        while portion := tuple(frame for _, frame in islice(frames, size)):
            task = TallyTask(setting, begin, portion, tuple(islice(hints, len(portion))))
            sent.append(task)
            yield task
            begin += len(portion)

    with UniqueKeys() as identifiers:
        for answer in ordered(executor, tally_chunk, tasks()):
            task = sent.pop(0)
            _compare(election, task, answer)
            tallier.add_partial(answer.partial)
            for sentence in answer.warnings:
                warn(sentence)
            for position, identifier in enumerate(answer.identifiers, task.begin):
                identifiers.add(identifier, position)
                step(position + 1)
        for identifier, _ in identifiers.repeated():
            raise VerificationError(
                "two ballots have this identifier", check="5.A", where=f"ballot {identifier.hex()[:16]}"
            )
    return tallier.tally(tallier.head())


def tally_chunk(task: TallyTask) -> TallyAnswer:
    """What a worker does: verify the ballots of a task and add them up."""
    election = task.setting.election()
    tallier = Tallier(election, task.begin)
    ballots = [_decoded(election, position, frame) for position, frame in enumerate(task.frames, task.begin)]
    examined = examine_chunk(election, ballots, task.hints)
    for submitted, examination in zip(ballots, examined.examinations, strict=True):
        tallier.add(verified_of(election, submitted, examination))
    identifiers = tuple(submitted.ballot.identifier for submitted in ballots)
    return TallyAnswer(tallier.partial(), identifiers, examined.warnings)


def _decoded(election: Election, position: int, frame: bytes) -> SubmittedBallot:
    try:
        return decode(SubmittedBallot, frame, element_bytes=election.group.element_bytes)
    except DecodeError as error:
        where = f"{BALLOTS}, frame {position}"
        raise DecodeError(error.message, f"{where}, {error.where}" if error.where else where) from None


def _chunk_size(ballots: int, workers: int) -> int:
    return min(CHUNK, max(1, -(-ballots // (CHUNKS_PER_WORKER * workers))))


def _compare(election: Election, task: TallyTask, answer: object) -> None:
    """Raises :class:`WorkerError` unless the answer covers the frames of the task."""
    leaves = RangeBuilder(task.begin)
    for frame in task.frames:
        leaves.append(leaf_hash(submitted_hash(election.extended_hash, frame)))
    if (
        not isinstance(answer, TallyAnswer)
        or answer.partial.covered != leaves.value()
        or len(answer.identifiers) != len(task.frames)
    ):
        raise WorkerError(
            f"a worker answered for other ballots than {task.begin} to {task.begin + len(task.frames) - 1}; "
            "nothing of them was counted"
        )
