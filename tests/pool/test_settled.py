"""A program that serves lets the collector of cycles rest, and only so long as it serves."""

from __future__ import annotations

import gc

from evote.pool import settled_memory
from evote.pool.settled import YOUNG


def test_what_lives_is_out_of_the_collectors_sight_for_the_block_only() -> None:
    held = [[] for _ in range(1000)]  # type: ignore[var-annotated]
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    with settled_memory():
        assert gc.get_freeze_count() >= frozen + len(held)
        assert gc.get_threshold() == (YOUNG, *before[1:])
    assert gc.get_freeze_count() == 0
    assert gc.get_threshold() == before


def test_cycles_that_are_made_while_it_serves_are_found() -> None:
    class Knot:
        alive = 0

        def __init__(self) -> None:
            self.self = self
            Knot.alive += 1

        def __del__(self) -> None:
            Knot.alive -= 1

    with settled_memory():
        for _ in range(10):
            Knot()
        gc.collect()
        assert Knot.alive == 0
