"""evote's own subjects do the work that they are timed for, and their checks can fail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from benches.onepower import OnePower, one_power
from evote.bench import limits
from evote.bench.limits import ArithmeticLimit
from evote.bench.shape import Shape
from evote.bench.stock import Stock
from evote.bench.subject import STEPS, Registry, WrongResultError
from evote.bench.subjects import EncryptBallots, TallyBallots, register
from evote.bench.verifying import BatchBallots, VerifyBallots, VerifyRecord
from evote.bench.votes import Votes
from evote.groups import MembershipError, modp, named, standard_group
from evote.testing.groups import toy

SHAPE = Shape(options=3, option_limit=2, selection_limit=2)


@pytest.fixture(scope="module")
def stock() -> Iterator[Stock]:
    held = Stock(toy())
    yield held
    held.close()


@pytest.mark.parametrize("step", STEPS)
def test_every_step_has_subjects_that_run_and_check(step: str, stock: Stock) -> None:
    registry = Registry()
    register(registry, stock=stock, workers=[1])
    subjects = registry.subjects(step, SHAPE)  # type: ignore[arg-type]
    assert {"evote", "limit"} == {subject.kind for subject in subjects}
    for subject in subjects:
        subject.setup(4)
        assert subject.run(1) == 3
        subject.check()
        assert subject.run(4) == 12
        subject.check()
        subject.close()


def test_another_group_stands_beside_the_first_under_its_name(stock: Stock) -> None:
    curve, registry = Stock(named("p256")), Registry()
    register(registry, stock=stock)
    register(registry, stock=curve, marked=True)
    for step in STEPS:
        names = [subject.name for subject in registry.subjects(step, SHAPE)]
        assert len(set(names)) == len(names)
        assert any(name.endswith(", p256") for name in names)
    beside = [subject for subject in registry.subjects("verify", SHAPE) if "p256" in subject.name]
    assert [subject.name for subject in beside] == [
        f"{name}, p256" for name in ("evote, plain", "evote, batch", "evote verify, 1 worker")
    ]
    for subject in beside:
        subject.setup(3)
        assert subject.run(3) == 9
        subject.check()
        subject.close()
    curve.close()


def test_the_stock_makes_a_record_once_and_removes_it() -> None:
    held = Stock(toy(), seed=5)
    one = held.record(SHAPE, 3)
    assert held.record(SHAPE, 3) is one
    assert held.at_least(SHAPE, 2) is one
    assert held.at_least(SHAPE, 4) is not one
    frames = [frame for _, frame, _ in one.reader().ballots()]
    assert len(set(frames)) == 3
    held.close()
    assert not one.folder.exists()


def test_the_checks_can_fail(stock: Stock) -> None:
    encrypting = EncryptBallots(SHAPE, toy(), 1)
    encrypting.setup(2)
    encrypting.run(2)
    encrypting.hints[1] = encrypting.hints[0]
    with pytest.raises(WrongResultError, match="a hint is wrong"):
        encrypting.check()
    encrypting.frames[1] = encrypting.frames[0]
    with pytest.raises(WrongResultError, match="two ballots are equal"):
        encrypting.check()

    for verifying in (VerifyBallots(SHAPE, stock), BatchBallots(SHAPE, stock), OnePower(SHAPE, stock)):
        verifying.setup(1)
        verifying.election = replace(verifying.election, extended_hash=bytes(32))
        verifying.run(1)
        with pytest.raises(WrongResultError, match="did not verify"):
            verifying.check()

    batching = BatchBallots(SHAPE, stock)
    batching.setup(4)
    batching.run(4)
    batching.batched = -100
    with pytest.raises(WrongResultError, match="one by one"):
        batching.check()
    stored = stock.at_least(SHAPE, 4)
    hints = stored.folder / "hints" / "000001.seg"
    content = hints.read_bytes()
    hints.write_bytes(content[:-1] + bytes((content[-1] ^ 1,)))
    batching.run(stored.ballots)
    hints.write_bytes(content)
    with pytest.raises(WrongResultError, match="hint"):
        batching.check()

    whole = VerifyRecord(SHAPE, stock=stock)
    whole.setup(2)
    whole.run(2)
    whole.check()
    whole.close()
    segment = stock.record(SHAPE, 2).folder / "ballots" / "000001.seg"
    content = segment.read_bytes()
    segment.write_bytes(content[:-40] + bytes((content[-40] ^ 1,)) + content[-39:])
    whole.run(2)
    segment.write_bytes(content)
    with pytest.raises(WrongResultError, match="failed:"):
        whole.check()

    limit = ArithmeticLimit(SHAPE, toy(), lambda shape, ballots: 5)
    limit.setup(1)
    limit.run(1)
    limit.value += 1
    with pytest.raises(WrongResultError, match="product is wrong"):
        limit.check()

    tallying = TallyBallots(SHAPE, toy(), 1)
    tallying.setup(3)
    tallying.run(3)
    tallying.votes = Votes(SHAPE, seed=2)
    with pytest.raises(WrongResultError, match="totals are"):
        tallying.check()


def test_the_usual_method_finds_what_the_plain_one_finds(stock: Stock) -> None:
    group = one_power(toy())
    assert group.parameter_bytes() == toy().parameter_bytes()
    outsider = group.claim((group.modulus - 1).to_bytes(group.element_bytes, "big"))
    with pytest.raises(MembershipError):
        group.powers_of_claimed(outsider, [group.scalar(3)])
    member = toy().power(toy().generator, toy().random_scalar())
    exponents = [5, 0, group.order - 1]
    claimed = group.claim(member.encode())
    powers, element = group.powers_of_claimed(claimed, [group.scalar(value) for value in exponents])
    expected, _ = toy().powers_of_claimed(
        toy().claim(member.encode()), [toy().scalar(value) for value in exponents]
    )
    assert [power.encode() for power in powers] == [power.encode() for power in expected]
    assert element.encode() == member.encode()


def test_the_arithmetic_limit_counts_with_the_windows_that_are_used() -> None:
    generator = standard_group().generator
    window, rows = generator.table  # type: ignore[misc]
    assert (window, len(rows)) == (limits.TABLE_WINDOW, limits.EXPONENT_BITS // limits.TABLE_WINDOW)
    assert modp._YAO_WINDOW == limits.SHARED_WINDOW


def test_the_seed_decides_the_votes_within_the_limits() -> None:
    votes = Votes(SHAPE, seed=9)
    marks = [votes.marks(number) for number in range(200)]
    assert marks == [Votes(SHAPE, seed=9).marks(number) for number in range(200)]
    assert marks != [Votes(SHAPE, seed=10).marks(number) for number in range(200)]
    assert {sum(found.values()) for found in marks} == {0, 1, 2}
    assert max(mark for found in marks for mark in found.values()) == 2
    totals = votes.totals(200)
    assert totals == [sum(found.get(place, 0) for found in marks) for place in range(3)]
    tight = Votes(Shape(options=2, selection_limit=9), seed=0)
    assert max(sum(tight.marks(number).values()) for number in range(50)) == 2
    for seed in (-1, 2**64):
        with pytest.raises(ValueError, match="a seed is"):
            Votes(SHAPE, seed)


@pytest.mark.slow
def test_a_record_is_verified_by_workers_that_are_started_beforehand(stock: Stock) -> None:
    whole = VerifyRecord(SHAPE, stock=stock, workers=2)
    whole.setup(3)
    assert whole.run(3) == 9
    whole.check()
    whole.close()
    assert whole.name == "evote verify, 2 workers"
