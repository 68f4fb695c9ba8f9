"""Verdicts for the ballots of a box, over any executor: the proofs of many ballots checked many at once.

The coordinator reads ballots without a verdict in their order and sends them in chunks, with the hints
that came with them; a worker decodes and examines a chunk (:mod:`evote.ballots.batch`) and answers with one
verdict per ballot, under the ballot hash that it computed itself; the box compares that with its own and
logs the chunk in one transaction. So the verdicts of one process and of many are the same, and a worker that
is lost costs its chunk's time and no verdict.

Workers need no access to the box; what travels is ballots as the record publishes them, and their hints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field

from evote.ballots import Election
from evote.ballots.batch import examine_chunk
from evote.ballots.hashes import submitted_hash
from evote.ballots.values import SubmittedBallot
from evote.board.entries import VerdictEntry
from evote.bulk.setting import ElectionSetting
from evote.codec import decode
from evote.errors import DecodeError, StorageError, WorkerError
from evote.pool import capacity, ordered
from evote.storage.box import BallotBox
from evote.storage.box_intake import hint_of, verdict_of

CHUNK = 512
"""Most ballots per task and transaction: smaller ones make batches dearer, larger ones verdicts later."""


@dataclass(frozen=True, slots=True)
class VerdictTask:
    """Frames of ballots and of their hints."""

    setting: ElectionSetting = field(repr=False)
    frames: tuple[bytes, ...] = field(repr=False)
    hints: tuple[bytes, ...] = field(repr=False)


def give_verdicts(
    box: BallotBox,
    election: Election,
    *,
    executor: Executor | None = None,
    chunk: int = CHUNK,
    step: Callable[[tuple[VerdictEntry, ...]], None] = lambda given: None,
) -> int:
    """Check every ballot of ``box`` that has no verdict yet, and log the verdicts; the number of them.

    ``chunk`` is the most ballots of one batch; few ballots are shared evenly among the workers.
    ``step`` hears the verdicts of each chunk when they are durable. Ballots that are admitted meanwhile are
    taken too, as long as the end is not reached. Raises ``ValueError`` for a chunk below 1,
    :class:`~evote.errors.WorkerError` where a worker was lost or answered for other ballots,
    :class:`~evote.errors.StorageError`, and :class:`~evote.errors.RefusedError` for a box that was stopped;
    what was logged before stays, and the rest is found again the next time.
    """
    if chunk < 1:
        raise ValueError("a chunk has at least one ballot")
    setting = ElectionSetting.of(election)
    sent: list[tuple[int, ...]] = []

    def tasks() -> Iterator[VerdictTask]:
        after, size = -1, _even(box.status().pending, chunk, capacity(executor))
        while found := box.pending_frames(size, after):
            after = found[-1].position
            sent.append(tuple(each.position for each in found))
            yield VerdictTask(
                setting, tuple(each.frame for each in found), tuple(each.hint for each in found)
            )

    count = 0
    for verdicts in ordered(executor, verdicts_of_chunk, tasks()):
        positions = sent.pop(0)
        if len(verdicts) != len(positions):
            raise WorkerError("a worker gave verdicts for other ballots than it was sent")
        try:
            given = box.enter_verdicts(dict(zip(positions, verdicts, strict=True)))
        except ValueError as error:
            raise WorkerError(f"a worker gave verdicts for other ballots than it was sent: {error}") from None
        count += len(given)
        step(given)
    return count


def _even(waiting: int, most: int, workers: int) -> int:
    """Ballots per chunk, so that all workers have something to do until the end."""
    rounds = -(-waiting // (most * workers)) or 1
    return min(most, -(-waiting // (rounds * workers))) or 1


def verdicts_of_chunk(task: VerdictTask) -> tuple[VerdictEntry, ...]:
    """What a worker does: one verdict per ballot of a task, in their order."""
    election = task.setting.election()
    width = election.group.element_bytes
    try:
        ballots = [decode(SubmittedBallot, frame, element_bytes=width) for frame in task.frames]
    except DecodeError as error:
        raise StorageError(f"a stored ballot is damaged ({error}); go on with an intact copy") from error
    examined = examine_chunk(election, ballots, [hint_of(hint, width) for hint in task.hints])
    return tuple(
        verdict_of(submitted_hash(election.extended_hash, frame), examination)
        for frame, examination in zip(task.frames, examined.examinations, strict=True)
    )
