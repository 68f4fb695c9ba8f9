"""Answers come in the order of the tasks, once each, or the run ends with an error that says so."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from evote.errors import DecodeError, WorkerError
from evote.pool import Answer, capacity, ordered, processes

ROOT = Path(__file__).resolve().parents[2]


def double(number: int) -> int:
    return 2 * number


def die(number: int) -> int:
    if number == 3:
        os._exit(1)
    return number


def stumble(number: int) -> int:
    if number == 3:
        raise KeyError("three")
    return number


def refuse(number: int) -> int:
    if number == 3:
        raise DecodeError("no such thing", "place")
    return number


class Liar(Executor):
    """Answers every task with the same answer."""

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(Answer(0, 0))
        return future


def test_answers_come_in_the_order_of_the_tasks() -> None:
    with ThreadPoolExecutor(4) as executor:
        assert list(ordered(executor, double, range(100), ahead=7)) == list(range(0, 200, 2))
    assert list(ordered(None, double, range(5))) == [0, 2, 4, 6, 8]


def test_no_more_tasks_are_taken_than_are_allowed_ahead() -> None:
    taken = 0

    def tasks() -> Iterator[int]:
        nonlocal taken
        for number in range(50):
            taken += 1
            yield number

    with ThreadPoolExecutor(2) as executor:
        for done, _ in enumerate(ordered(executor, double, tasks(), ahead=5), 1):
            assert taken <= done + 5


def test_a_process_that_dies_ends_the_run_with_an_error() -> None:
    with processes(2) as executor, pytest.raises(WorkerError, match="worker"):
        list(ordered(executor, die, range(10)))


def test_what_a_worker_stumbles_over_is_an_error_of_the_run() -> None:
    with ThreadPoolExecutor(2) as executor, pytest.raises(WorkerError, match=r"part 3 .*KeyError"):
        list(ordered(executor, stumble, range(10)))


@pytest.mark.parametrize("error", [OSError("gone"), RuntimeError("shut down"), TypeError("?")])
def test_an_executor_that_takes_no_more_tasks_ends_the_run(error: Exception) -> None:
    class Closing(ThreadPoolExecutor):
        taken = 0

        def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            self.taken += 1
            if self.taken == 5:
                raise error
            return super().submit(function, *args, **kwargs)

    with Closing(2) as executor, pytest.raises(WorkerError, match="take no more tasks"):
        list(ordered(executor, double, range(10), ahead=2))


def test_what_evote_raises_on_purpose_while_a_task_is_taken_passes_unchanged() -> None:
    class Refusing(Executor):
        def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            raise DecodeError("no such thing", "place")

    with pytest.raises(DecodeError):
        list(ordered(Refusing(), double, range(3)))


def test_a_task_that_was_cancelled_by_somebody_ends_the_run() -> None:
    class Cancelling(Executor):
        def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            future: Future[Any] = Future()
            future.cancel()
            return future

    with pytest.raises(WorkerError, match="part 0 of the work was cancelled"):
        list(ordered(Cancelling(), double, range(3)))


def test_what_evote_raises_on_purpose_passes_unchanged() -> None:
    with ThreadPoolExecutor(2) as executor, pytest.raises(DecodeError) as caught:
        list(ordered(executor, refuse, range(10)))
    assert caught.value.where == "place"


def test_an_answer_for_another_task_is_refused() -> None:
    with pytest.raises(WorkerError, match="another part"):
        list(ordered(Liar(), double, range(3)))


def test_one_worker_needs_no_process_and_impossible_numbers_are_refused() -> None:
    with processes(1) as executor:
        assert executor is None
    for workers in (-1, 1025):
        with pytest.raises(ValueError, match="workers"), processes(workers):
            pass
    with pytest.raises(ValueError, match="at least one"):
        list(ordered(None, double, range(3), ahead=0))


def test_an_answer_is_accepted_before_the_task_that_depends_on_it_is_made() -> None:
    seen: list[int] = []

    def tasks() -> Iterator[int]:
        yield from (1, 2)
        while len(seen) < 40:
            yield seen[-1] + 1  # depends on the answer two tasks earlier

    for executor in (None, ThreadPoolExecutor(2)):
        seen.clear()
        answers = list(ordered(executor, double, tasks(), ahead=2, accept=seen.append))
        assert answers == seen
        if executor is not None:
            executor.shutdown()
            assert len(answers) == 41  # one more was under way


def test_more_tasks_are_with_the_workers_while_an_answer_is_looked_at() -> None:
    taken: list[int] = []

    def tasks() -> Iterator[int]:
        for number in range(10):
            taken.append(number)
            yield number

    with ThreadPoolExecutor(2) as executor:
        answers = ordered(executor, double, tasks(), ahead=3)
        assert next(answers) == 0
        assert len(taken) == 4
        answers.close()


@pytest.mark.parametrize("threads", [0, 2])
def test_what_the_tasks_raise_comes_behind_the_answers_of_those_before(threads: int) -> None:
    def tasks() -> Iterator[int]:
        yield from range(3)
        raise ValueError("the file ends here")

    executor = ThreadPoolExecutor(threads) if threads else None
    answers = []
    with pytest.raises(ValueError, match="ends here"):
        for answer in ordered(executor, double, tasks()):
            answers.append(answer)
    assert answers == [0, 2, 4]
    if executor is not None:
        executor.shutdown()


def test_an_executor_says_how_much_it_does_at_once() -> None:
    class Five(Liar):
        workers = 5

    assert capacity(None) == 1
    assert capacity(Five()) == 5
    assert capacity(Liar()) == 4
    with ThreadPoolExecutor(3) as executor:
        assert capacity(executor) == 3
    with processes(2) as pool:
        assert capacity(pool) == 2


INTERRUPTED = """
import sys, time
from evote.pool import ordered, processes

if __name__ == "__main__":
    try:
        with processes(2) as executor:
            for _ in ordered(executor, time.sleep, [0.01] * 4 + [0.2] * 1000):
                print("at work", flush=True)
    except KeyboardInterrupt:
        sys.exit(130)
"""


@pytest.mark.slow
def test_an_interrupt_on_the_terminal_ends_the_run_and_no_worker_complains(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(INTERRUPTED)
    running = subprocess.Popen(
        [sys.executable, script],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert running.stdout is not None and running.stdout.readline() == b"at work\n"
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: to all of them
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert err == b""
