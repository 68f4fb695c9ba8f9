"""Answers in the order of the tasks, with a bounded number of tasks under way."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from dataclasses import dataclass
from typing import Generic, TypeVar

from evote.errors import EvoteError, WorkerError

T = TypeVar("T")
R = TypeVar("R")

DEFAULT_AHEAD = 8
"""Tasks under way where the caller does not say: enough for four workers never to wait."""


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
    ahead: int = DEFAULT_AHEAD,
) -> Iterator[R]:
    """``function(task)`` for every task, in their order.

    ``function`` is a module's own function, ``task`` and result can be pickled; ``ahead`` is the
    most tasks (at least 1) that are with the workers, or answered and not yet taken. Raises what evote
    raises on purpose as it was raised, and :class:`~evote.errors.WorkerError` where a worker ended, was
    lost, raised anything else, or answered for another task; tasks not yet begun are then cancelled.
    """
    if ahead < 1:
        raise ValueError("at least one task is under way")
    if executor is None:
        yield from map(function, tasks)
        return
    waiting: deque[tuple[int, Future[Answer[R]]]] = deque()
    numbered = enumerate(tasks)
    try:
        while True:
            while len(waiting) < ahead:
                following = next(numbered, None)
                if following is None:
                    break
                number, task = following
                waiting.append((number, _submit(executor, function, number, task)))
            if not waiting:
                return
            number, future = waiting.popleft()
            yield _answer(number, future)
    finally:
        for _, future in waiting:
            future.cancel()


def _submit(executor: Executor, function: Callable[[T], R], number: int, task: T) -> Future[Answer[R]]:
    try:
        return executor.submit(_run, function, number, task)
    except RuntimeError as error:  # a pool that lost a worker takes no more tasks
        raise WorkerError(f"the workers take no more tasks ({error}); run it again") from error


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
    if not isinstance(answer, Answer) or answer.number != number:
        raise WorkerError(f"a worker answered for another part than {number}; nothing of it was counted")
    return answer.result
