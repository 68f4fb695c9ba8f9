"""Bad ballots cost what the rules of bisection allow, and all of them are found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benches.bad_ballots import costs, in_batches, spoilt
from evote.ballots import SubmittedBallot, examine
from evote.bench.shape import Shape
from evote.bench.stock import Stock
from evote.bench.subject import WrongResultError
from evote.testing.groups import toy

SHAPE = Shape(options=3)


def test_work_stays_within_the_bounds_whatever_is_bad() -> None:
    stock = Stock(toy())
    found = costs(stock.record(SHAPE, 64), SHAPE)
    stock.close()
    plain, clean, one = found["one at a time"], found["none bad"], found["one bad"]
    assert [cost.bad for cost in found.values()] == [0, 0, 1, 32, 64]
    assert (clean.batched, clean.plain) == (64, 0)
    assert clean.work < plain.work / 2
    assert one.plain < 64 / 2
    assert max(found["half bad"].work, found["all bad"].work) <= 1.3 * plain.work


def test_a_spoilt_ballot_is_wrong_in_one_equation_only() -> None:
    stock = Stock(toy())
    stored = stock.record(SHAPE, 2)
    for _, _, submitted in stored.reader().ballots():
        assert isinstance(submitted, SubmittedBallot)
        findings = examine(stored.election, spoilt(submitted, toy().order)).findings
        assert [finding.check for finding in findings] == ["6.D"]
    other = replace(stored, ballots=3)  # a record that lost a ballot is not the one that was asked for
    with pytest.raises(WrongResultError, match="not those that were made bad"):
        in_batches(other, SHAPE, lambda position: False)
    stock.close()
