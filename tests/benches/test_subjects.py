"""evote's own subjects do the work that they are timed for, and their checks can fail."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evote.bench import subjects
from evote.bench.shape import Shape
from evote.bench.subject import STEPS, Registry, WrongResultError
from evote.bench.subjects import ArithmeticLimit, EncryptBallots, TallyBallots, VerifyBallots, register
from evote.groups import modp, standard_group
from evote.testing.groups import toy

SHAPE = Shape(options=3, option_limit=2, selection_limit=2)


@pytest.mark.parametrize("step", STEPS)
def test_every_step_has_a_subject_that_runs_and_checks(step: str) -> None:
    registry = Registry()
    register(registry, toy())
    subjects = registry.subjects(step, SHAPE)  # type: ignore[arg-type]
    assert len(subjects) == 2
    for subject in subjects:
        subject.setup(4)
        assert subject.run(1) == 3
        subject.check()
        assert subject.run(4) == 12
        subject.check()


def test_no_two_inputs_are_equal() -> None:
    subject = VerifyBallots(SHAPE, toy())
    subject.setup(6)
    assert len(set(subject.frames)) == 6


def test_the_checks_can_fail() -> None:
    encrypting = EncryptBallots(SHAPE, toy())
    encrypting.setup(2)
    encrypting.run(2)
    encrypting.frames[1] = encrypting.frames[0]
    with pytest.raises(WrongResultError, match="two ballots are equal"):
        encrypting.check()

    verifying = VerifyBallots(SHAPE, toy())
    verifying.setup(1)
    verifying.election = replace(verifying.election, extended_hash=bytes(32))
    verifying.run(1)
    with pytest.raises(WrongResultError, match="did not verify"):
        verifying.check()

    limit = ArithmeticLimit(SHAPE, toy(), 5)
    limit.setup(1)
    limit.run(1)
    limit.value += 1
    with pytest.raises(WrongResultError, match="product is wrong"):
        limit.check()

    tallying = TallyBallots(SHAPE, toy())
    tallying.setup(2)
    tallying.run(2)
    tallying.counted = 3
    with pytest.raises(WrongResultError, match="tallied"):
        tallying.check()


def test_the_arithmetic_limit_counts_with_the_windows_that_are_used() -> None:
    generator = standard_group().generator
    window, rows = generator.table  # type: ignore[misc]
    assert (window, len(rows)) == (subjects._TABLE_WINDOW, subjects._EXPONENT_BITS // subjects._TABLE_WINDOW)
    assert modp._YAO_WINDOW == subjects._SHARED_WINDOW
