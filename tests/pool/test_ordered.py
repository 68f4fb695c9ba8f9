"""Answers come in the order of the tasks, once each, or the run ends with an error that says so."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any

import pytest

from evote.errors import DecodeError, WorkerError
from evote.pool import Answer, ordered, processes


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
