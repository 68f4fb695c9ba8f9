"""Which stretches there are, who looks at them, and whether the answers are what was asked for.

The survey comes first: it digests every segment and every stretch (rule A68). A worker's answer counts
only if it names the stretch that it was asked for and the very bytes that the survey digested; any other
answer ends the run. A stretch that a state holds is taken from there instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evote.errors import WorkerError
from evote.pool import ordered
from evote.record import layout
from evote.record.reader import RecordReader
from evote.record.stretches import Stretch, Survey
from evote.verifier.chunk import ChunkResult, ChunkTask
from evote.verifier.look import Observer, check_chunk, look_at
from evote.verifier.method import Method
from evote.verifier.setting import ElectionData

if TYPE_CHECKING:
    from evote.verifier.resume import StateFile


_AUTO = Method()


@dataclass(frozen=True, slots=True)
class Options:
    """How a verification is to be worked out; the report does not depend on it."""

    method: Method = _AUTO
    executor: Executor | None = None
    ahead: int | None = None
    """Tasks that are with the workers at a time; None for what suits the executor."""
    observer: Observer | None = None
    """Is shown every examination; for work in this process only."""
    chunk: int | None = None
    """Ballots of a stretch, in place of what the manifest gives."""

    def __post_init__(self) -> None:
        if self.observer is not None and self.executor is not None:
            raise ValueError("who wants to see the ballots has them examined in this process")


@dataclass(slots=True)
class Plan:
    """The stretches of one record, and how their results come about."""

    reader: RecordReader
    record: str
    """The folder of the record, under a name that workers know it by."""
    election: ElectionData
    survey: Survey
    hints: Survey | None
    limit: int
    options: Options
    state: StateFile | None
    tell: Callable[[str, int, int], None]
    reused: int = 0
    """Ballots whose results came from the state."""

    @property
    def method(self) -> Method:
        """How ballots are examined."""
        return self.options.method

    @property
    def executor(self) -> Executor | None:
        """Who works."""
        return self.options.executor

    @property
    def ahead(self) -> int | None:
        """Tasks that are with the workers at a time."""
        return self.options.ahead

    def results(self) -> Iterator[ChunkResult]:
        """The results of all stretches, in their order, each once.

        Raises :class:`WorkerError` for an answer that is not the one asked for, and
        :class:`~evote.errors.StorageError` where a file changed since it was surveyed.
        """
        total = self.survey.frames
        stored = set() if self.state is None else self.state.usable(self.survey.stretches)
        wanted = (stretch for stretch in self.survey.stretches if stretch.number not in stored)
        answers = self._answers(map(self._task, wanted), total)
        for stretch in self.survey.stretches:
            if self.state is not None and stretch.number in stored:
                result = self.state.result(stretch, self.reader.element_bytes)
                self.reused += sum(note is not None for note in result.notes)
                yield result
                continue
            # Where the work begins, so that its rate can be told.
            if not stretch.number or stretch.number - 1 in stored:
                self.tell("ballots", stretch.first, total)
            result = self._checked(stretch, next(answers, None))
            if self.state is not None:
                self.state.put(stretch, result)
            yield result
            if self.executor is not None:
                self.tell("ballots", stretch.first + stretch.frames, total)

    def _task(self, stretch: Stretch) -> ChunkTask:
        hints = None
        if self.hints is not None and stretch.number < len(self.hints.stretches):
            hints = self.hints.stretches[stretch.number]
        return ChunkTask(self.record, self.election, stretch, self.limit, self.method, hints)

    def _answers(self, tasks: Iterator[ChunkTask], total: int) -> Iterator[ChunkResult]:
        if self.executor is not None:
            return ordered(self.executor, check_chunk, tasks, ahead=self.ahead)

        def here(task: ChunkTask) -> ChunkResult:
            first = task.stretch.first
            return look_at(
                task,
                observer=self.options.observer,
                tick=lambda number: self.tell("ballots", first + number, total),
            )

        return map(here, tasks)

    def _checked(self, stretch: Stretch, result: object) -> ChunkResult:
        """The answer, if it is one for this stretch and for the bytes that were surveyed."""
        if not isinstance(result, ChunkResult):
            raise WorkerError(f"a worker gave no result for stretch {stretch.number}; nothing of it counts")
        if (result.number, result.first, len(result.notes)) != (
            stretch.number,
            stretch.first,
            stretch.frames,
        ):
            raise WorkerError(
                f"a worker answered for another stretch than {stretch.number}; nothing of it was counted"
            )
        if result.pieces != stretch.pieces:
            for piece in stretch.pieces:
                if not self.reader.is_unchanged(layout.BALLOTS, piece):
                    raise self.reader.changed(layout.BALLOTS, piece)
            raise WorkerError(
                f"a worker read other bytes than those of stretch {stretch.number}; nothing of it was "
                "counted. Do all workers see the same record?"
            )
        return result
