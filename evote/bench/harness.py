"""Interleaved rounds over subjects: correctness outside the clock, medians, minima, maxima, ratios.

All subjects of a step take turns in every round, and who begins moves on by one from round to
round, so that a machine that slows down slows everybody down. Each turn is timed twice: wall time,
and processor time of this process and of its finished children. On a quiet machine the two agree
for a subject of one process; where they do not, the processor time is the steadier figure.

Rules: after every turn the subject checks its result, outside the clock; a wrong result, or a
count of selections that is not the one asked for, stops the run, so no figure stands for work that
was not done. The garbage of earlier turns is collected before the clock starts. Where a subject names
what is not the step (another program's start), that is timed before each turn, taken off, and kept
with the round. The first turn of a subject, on one ballot, is stated as its cold turn: what is made
at first use is in it, what the subjects before it left in this process is not undone. What it leaves
out: setting processor affinity, frequency or priority, which is for whoever owns the machine;
worker processes that still run count in wall time only.
"""

from __future__ import annotations

import gc
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from evote.bench.shape import Shape, rounds_for
from evote.bench.subject import Kind, Registry, Step, Subject, WrongResultError


def _processor_seconds() -> float:
    times = os.times()
    return time.process_time() + times.children_user + times.children_system


class NothingToMeasureError(ValueError):
    """The caller chose steps, shapes and names of which no subject is left."""


class Clock(NamedTuple):
    """Two sources of seconds: wall time and processor time."""

    wall: Callable[[], float]
    cpu: Callable[[], float]


SYSTEM_CLOCK = Clock(time.perf_counter, _processor_seconds)


@dataclass(frozen=True, slots=True)
class Spread:
    """Seconds per selection over the rounds."""

    median: float
    minimum: float
    maximum: float


@dataclass(frozen=True, slots=True)
class Round:
    """One timed turn: ``selections`` done in so many seconds of wall and of processor time.

    ``idle_wall`` and ``idle_cpu`` are what was taken off already.
    """

    wall: float
    cpu: float
    selections: int
    idle_wall: float = 0.0
    idle_cpu: float = 0.0


@dataclass(frozen=True, slots=True)
class Measurement:
    """The rounds of one subject in one step on one shape, ``ballots`` of the ``asked`` ballots each."""

    step: Step
    shape: Shape
    subject: str
    kind: Kind
    kernel: str
    workers: int
    asked: int
    ballots: int
    cold: Round | None
    rounds: tuple[Round, ...]

    @property
    def wall(self) -> Spread:
        """Wall time per selection."""
        return spread([turn.wall / turn.selections for turn in self.rounds])

    @property
    def cpu(self) -> Spread:
        """Processor time per selection."""
        return spread([turn.cpu / turn.selections for turn in self.rounds])


def spread(values: Sequence[float]) -> Spread:
    """Median, minimum and maximum; raises ValueError where there is nothing to summarise."""
    if not values:
        raise ValueError("no rounds: nothing was measured")
    return Spread(statistics.median(values), min(values), max(values))


def ratio(base: Spread, other: Spread) -> float | None:
    """How many times faster ``other`` is than ``base``, by medians; None where the clock saw no time."""
    return base.median / other.median if other.median > 0 else None


def measure(
    subjects: Sequence[Subject],
    *,
    step: Step,
    shape: Shape,
    ballots: int,
    rounds: int,
    clock: Clock = SYSTEM_CLOCK,
    note: Callable[[str], None] | None = None,
) -> tuple[Measurement, ...]:
    """Measure subjects side by side: interleaved rounds of ``ballots`` ballots (or the subject's ``most``).

    Requires ``ballots >= 1`` and ``rounds >= 1`` (ValueError). ``note`` is told who is at work. The
    measurements come in the order of the subjects. Raises :class:`WrongResultError` for a subject
    whose work is wrong.
    """
    if ballots < 1 or rounds < 1:
        raise ValueError("a measurement takes at least one ballot and one round")
    say = note or (lambda _: None)
    sizes = [ballots if subject.most is None else min(ballots, subject.most) for subject in subjects]
    try:
        cold: list[Round | None] = []
        for subject, size in zip(subjects, sizes, strict=True):
            say(f"{step}: {subject.name} prepares {size} ballots")
            subject.setup(size)
            first = _turn(subject, 1, shape, clock)
            cold.append(first if _lasted(first) else None)  # one ballot may be lost in what is taken off
        turns: list[list[Round]] = [[] for _ in subjects]
        for number in range(rounds):
            for place in range(len(subjects)):
                which = (number + place) % len(subjects)
                if number >= rounds_for(sizes[which], rounds):
                    continue
                say(f"{step}: {subjects[which].name}, round {number + 1} of {rounds}")
                turn = _turn(subjects[which], sizes[which], shape, clock)
                if not _lasted(turn):
                    raise WrongResultError(
                        f"{subjects[which].name} took no longer than without the step: measure more ballots"
                    )
                turns[which].append(turn)
    finally:
        for subject in subjects:
            subject.close()
    return tuple(
        Measurement(
            step,
            shape,
            subject.name,
            subject.kind,
            subject.kernel,
            subject.workers,
            ballots,
            size,
            first,
            tuple(own),
        )
        for subject, size, first, own in zip(subjects, sizes, cold, turns, strict=True)
    )


def _lasted(turn: Round) -> bool:
    """Whether something is left of a turn from which something was taken off."""
    return not turn.idle_wall or min(turn.wall, turn.cpu) > 0


def _turn(subject: Subject, ballots: int, shape: Shape, clock: Clock) -> Round:
    gc.collect()
    idle_wall = idle_cpu = 0.0
    if subject.idle is not None:
        wall, cpu = clock.wall(), clock.cpu()
        subject.idle()
        idle_wall, idle_cpu = clock.wall() - wall, clock.cpu() - cpu
    wall, cpu = clock.wall(), clock.cpu()
    selections = subject.run(ballots)
    wall, cpu = clock.wall() - wall - idle_wall, clock.cpu() - cpu - idle_cpu
    if selections != shape.selections(ballots):
        raise WrongResultError(
            f"{subject.name} did {selections} selections where {shape.selections(ballots)} were asked for"
        )
    subject.check()
    return Round(wall, cpu, selections, idle_wall, idle_cpu)


def measure_all(
    registry: Registry,
    *,
    steps: Sequence[Step],
    shapes: Sequence[Shape],
    sizes: Sequence[int],
    rounds: int,
    only: str | None = None,
    clock: Clock = SYSTEM_CLOCK,
    note: Callable[[str], None] | None = None,
) -> tuple[Measurement, ...]:
    """Measure every subject of the registry in each step, on each shape, at each size (in ballots).

    ``only`` is the name of the one subject to measure.
    Raises what :func:`measure` raises, and :class:`NothingToMeasureError` where no subject is left.
    """
    found: list[Measurement] = []
    for shape in shapes:
        for step in steps:
            for ballots in sizes:
                subjects = [s for s in registry.subjects(step, shape) if only is None or s.name == only]
                if subjects:
                    found += measure(
                        subjects,
                        step=step,
                        shape=shape,
                        ballots=ballots,
                        rounds=rounds,
                        clock=clock,
                        note=note,
                    )
    if not found:
        wanted = "no subject to measure" if only is None else f"no subject is called {only!r} in these steps"
        reasons = "".join(f"; {missing.name} is absent: {missing.reason}" for missing in registry.absent)
        raise NothingToMeasureError(wanted + reasons)
    return tuple(found)
