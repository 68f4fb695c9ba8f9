"""Answers in the order of the tasks, with a bounded number of tasks under way."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from evote.errors import EvoteError, WorkerError
from evote.pool.processes import capacity

T = TypeVar("T")
R = TypeVar("R")

TASKS_PER_WORKER = 2
"""One that is worked on and one that waits, so that no worker is ever idle for want of a task."""


@dataclass(frozen=True, slots=True)
class Answer(Generic[R]):
    """What a worker sends back: the number of the task, and the result."""

    number: int
    result: R


def ordered(
    executor: Executor | None,
    function: Callable[[T], R],
    tasks: Iterable[T],
    *,
    ahead: int | None = None,
    accept: Callable[[R], None] | None = None,
) -> Iterator[R]:
    """``function(task)`` for every task, in their order.

    ``function`` is a module's own function, ``task`` and result can be pickled; ``ahead`` is the
    most tasks (at least 1) that are with the workers or answered and not looked at, by default two per
    worker. ``accept`` is called with each result, in order, before more tasks are taken: a task may
    then depend on what ``ahead`` tasks earlier came out.

    Raises what evote raises on purpose as it was raised, and :class:`~evote.errors.WorkerError`
    where a worker ended, was lost, raised anything else, or answered for another task; tasks not yet
    begun are then cancelled. What ``tasks`` itself raises comes behind the results of the tasks before.
    """
    if ahead is None:
        ahead = TASKS_PER_WORKER * capacity(executor)
    if ahead < 1:
        raise ValueError("at least one task is under way")
    if executor is None:
        for result in map(function, tasks):
            if accept is not None:
                accept(result)
            yield result
        return
    feed = _Feed(executor, function, tasks)
    waiting = feed.waiting
    try:
        feed.fill(ahead)
        while waiting:
            number, future = waiting.popleft()
            result = _answer(number, future)
            if accept is not None:
                accept(result)
            feed.fill(ahead)  # the workers go on while the caller looks at the result
            yield result
        if feed.fault is not None:
            raise feed.fault
    finally:
        for _, future in waiting:
            future.cancel()


class _Feed(Generic[T, R]):
    """Hands tasks to the executor as long as there are any."""

    def __init__(self, executor: Executor, function: Callable[[T], R], tasks: Iterable[T]) -> None:
        self.waiting: deque[tuple[int, Future[Answer[R]]]] = deque()
        self.fault: Exception | None = None
        """What the tasks raised: raised again when everything before it was looked at."""
        self._executor = executor
        self._function = function
        self._numbered = enumerate(tasks)
        self._ended = False

    def fill(self, ahead: int) -> None:
        """Submit tasks until ``ahead`` are under way, or no more come."""
        while not self._ended and len(self.waiting) < ahead:
            try:
                number, task = next(self._numbered)
            except StopIteration:
                self._ended = True
            except Exception as error:  # noqa: BLE001 - kept, and raised by ordered()
                self._ended, self.fault = True, error
            else:
                self.waiting.append((number, _submit(self._executor, self._function, number, task)))


def _submit(executor: Executor, function: Callable[[T], R], number: int, task: T) -> Future[Answer[R]]:
    try:
        return executor.submit(_run, function, number, task)
    except EvoteError:
        raise
    except Exception as error:  # a pool that lost a worker, a cluster that lost its scheduler
        raise WorkerError(
            f"the workers take no more tasks ({type(error).__name__}: {error}); run it again"
        ) from error


def _run(function: Callable[[T], R], number: int, task: T) -> Answer[R]:
    """What a worker does."""
    return Answer(number, function(task))


def _answer(number: int, future: Future[Answer[R]]) -> R:
    try:
        answer = future.result()
    except EvoteError:
        raise
    except CancelledError as error:
        raise WorkerError(f"part {number} of the work was cancelled; run it again") from error
    except Exception as error:
        raise WorkerError(
            f"a worker did not finish part {number} of the work ({type(error).__name__}: {error}); "
            "nothing of it was counted, run it again"
        ) from error
    # A worker is another program: what it sent need not be what the types say.
    if not isinstance(cast(object, answer), Answer) or answer.number != number:
        raise WorkerError(f"a worker answered for another part than {number}; nothing of it was counted")
    return answer.result
