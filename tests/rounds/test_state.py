"""A state between two rounds keeps its memory until it has answered, and answers once."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest

from evote.codec import Index, decode
from evote.errors import RefusedError
from evote.rounds.state import RoundState, write_memory
from evote.secret import Secret


@dataclass(frozen=True, slots=True)
class Number:
    value: Index


class Adding(RoundState[Number]):
    __slots__ = ()

    def add(self, summand: int) -> int:
        with self._answering() as memory:
            if summand < 0:
                raise ValueError("a summand is not negative")
            return memory.value + summand

    def peek(self) -> int:
        with self._remembering() as memory:
            return memory.value


def adding() -> Adding:
    return Adding(Secret(Number(5)), "five was added to")


def test_a_state_answers_once_and_then_refuses_everything() -> None:
    state = adding()
    assert state.add(2) == 7
    for ask in (lambda: state.add(2), state.peek, state.to_secret_bytes):
        with pytest.raises(RefusedError, match="^five was added to$"):
            ask()


def test_an_answer_that_fails_spends_nothing() -> None:
    state = adding()
    with pytest.raises(ValueError, match="not negative"):
        state.add(-1)
    assert state.add(1) == 6


def test_what_only_looks_at_the_memory_spends_nothing() -> None:
    state = adding()
    assert [state.peek(), state.peek(), state.add(0)] == [5, 5, 5]


def test_the_bytes_of_a_state_are_those_of_its_memory() -> None:
    state = adding()
    data = state.to_secret_bytes().reveal()
    assert data == write_memory(Secret(Number(5))).reveal()
    assert decode(Number, data, element_bytes=1) == Number(5)
    assert state.add(1) == 6


def test_of_two_threads_that_ask_at_once_one_gets_the_answer() -> None:
    inside, leave = threading.Event(), threading.Event()
    answers: list[int] = []

    class Slow(Adding):
        __slots__ = ()

        def slow(self) -> None:
            with self._answering() as memory:
                inside.set()
                assert leave.wait(30)
                answers.append(memory.value)

    state = Slow(Secret(Number(5)), "five was added to")
    first = threading.Thread(target=state.slow)
    first.start()
    try:
        assert inside.wait(30)
        with pytest.raises(RefusedError, match="five was added to"):
            state.add(1)
    finally:
        leave.set()
        first.join()
    assert answers == [5]


def test_a_state_does_not_print_its_memory() -> None:
    state = adding()
    assert "Number" not in f"{state!r} {state} {state._held!r}"
