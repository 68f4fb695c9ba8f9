"""Peak memory of a child: the child's own, whoever measures, and only of a command that succeeds."""

from __future__ import annotations

import os
import sys

import pytest

from evote.bench.memory import Peak, peak
from evote.bench.subject import WrongResultError

MIB = 2**20

pytestmark = pytest.mark.skipif(
    not hasattr(os, "wait4"), reason="this system does not report the peak memory of a process"
)


def python(code: str) -> Peak:
    return peak([sys.executable, "-I", "-S", "-c", code])


def test_memory_that_was_touched_is_counted_even_when_it_was_given_back() -> None:
    small = python("pass")
    large = python(f"x = bytearray(b'x') * (80 * {MIB}); del x")
    assert 4 * MIB < small.memory < 60 * MIB
    assert 75 * MIB < large.memory - small.memory < 100 * MIB
    assert large.cpu > 0


def test_the_memory_of_the_measuring_process_is_not_counted() -> None:
    ballast = bytearray(b"x") * (150 * MIB)
    assert python("pass").memory < 60 * MIB
    assert len(ballast) == 150 * MIB


def test_the_output_of_the_command_is_dropped_and_its_arguments_arrive() -> None:
    code = "import sys; print('9 9 9'); sys.exit(sys.argv[1:] != ['a b', ''])"
    assert peak([sys.executable, "-I", "-c", code, "a b", ""]).memory > 4 * MIB


def test_the_environment_is_the_one_that_was_given() -> None:
    code = "import os, sys; sys.exit(os.environ.get('EVOTE_TEST') != 'here')"
    assert peak([sys.executable, "-c", code], environment={**os.environ, "EVOTE_TEST": "here"}).cpu >= 0
    with pytest.raises(WrongResultError):
        peak([sys.executable, "-c", code])


def test_a_command_that_fails_has_no_peak_and_its_last_error_is_told() -> None:
    with pytest.raises(WrongResultError, match=r"ended with status 1: ValueError: no ballots"):
        python("raise ValueError('no ballots')")
    with pytest.raises(WrongResultError, match=r"ended with status -9"):
        python("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")


@pytest.mark.parametrize("command", [[], ["a-program-that-is-not-there"]])
def test_a_program_that_is_not_there_is_the_callers_mistake(command: list[str]) -> None:
    with pytest.raises(ValueError, match="no such program"):
        peak(command)
