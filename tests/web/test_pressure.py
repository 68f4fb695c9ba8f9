"""Who is too many is sent away to a moment of their own, as fast as the gate serves."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from evote.web.limits import BOUNDS, Limits
from evote.web.pressure import LONGEST, BusyError, Gate


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def gate_of(most: int, clock: Clock, seed: int = 1) -> Gate:
    return Gate("test", most, clock=clock, uniform=random.Random(seed).uniform)


def serve(gate: Gate, clock: Clock, seconds: float, times: int) -> None:
    """Let the gate see what one request takes."""
    for _ in range(times):
        with gate.enter():
            clock.now += seconds


def test_a_gate_lets_so_many_in_and_no_more() -> None:
    gate = gate_of(2, Clock())
    with gate.enter(), gate.enter():
        assert gate.inside == 2
        with pytest.raises(BusyError):
            with gate.enter():
                pytest.fail("there was no room")
        assert gate.refused == 1
    assert gate.inside == 0
    with gate.enter():
        assert gate.inside == 1


def test_a_place_is_free_again_after_an_error() -> None:
    gate = gate_of(1, Clock())
    with pytest.raises(ValueError, match="boom"), gate.enter():
        raise ValueError("boom")
    assert gate.inside == 0


def test_waits_follow_the_measured_rate() -> None:
    waits = {}
    for seconds in (0.01, 0.1, 1.0):
        clock = Clock()
        gate = gate_of(10, clock)
        serve(gate, clock, seconds, 300)
        assert gate.rate == pytest.approx(10 / seconds, rel=0.01)
        waits[seconds] = [gate.wait() for _ in range(100)]
    # A hundred that are too many need 0.1, 1 and 10 seconds to be served.
    assert max(waits[0.01]) <= 2
    assert max(waits[0.1]) <= 3
    assert 10 <= max(waits[1.0]) <= 16
    assert min(waits[1.0]) == 1


def test_those_who_come_back_are_spread_over_the_time_that_serving_them_takes() -> None:
    clock = Clock()
    gate = gate_of(4, clock)
    serve(gate, clock, 1.0, 300)
    returns = Counter(gate.wait() for _ in range(400))  # served in 100 s
    assert max(returns) >= 100
    assert max(returns.values()) <= 16, "no second gets more than four times what it can serve"


def test_a_line_that_nobody_could_wait_for_is_spread_over_the_longest_wait() -> None:
    clock = Clock()
    gate = gate_of(1, clock)
    serve(gate, clock, 10.0, 300)
    waits = [gate.wait() for _ in range(1000)]
    assert max(waits) <= LONGEST * 1.5 + 1
    late = Counter(each // 10 for each in waits[100:])
    assert max(late.values()) < 150, "spread, and not in one moment"


def test_the_line_moves_while_time_passes() -> None:
    clock = Clock()
    gate = gate_of(1, clock)
    serve(gate, clock, 1.0, 300)
    assert max(gate.wait() for _ in range(50)) >= 50
    clock.now += 60
    assert gate.wait() <= 3


def test_limits_have_bounds_that_switch_nothing_off() -> None:
    values = Limits()
    for name, (least, most) in BOUNDS.items():
        assert least <= getattr(values, name) <= most
        for wrong in (least - 1, most + 1, True, 1.5, None):
            with pytest.raises(ValueError, match=name):
                Limits(**{name: wrong})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at least one"):
        Gate("test", 0)
