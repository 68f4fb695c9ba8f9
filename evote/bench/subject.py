"""Who is measured: the protocol that a subject follows, and the registry that collects subjects.

A subject is added with a function that makes it for a shape::

    registry = Registry()
    registry.add("verify", lambda shape: PlainVerifier(shape))

Making a subject is cheap; all preparation belongs in ``setup``. Subjects of one step do the same
work on ballots of the same shape, each on inputs of its own making, and no two items of one run
are equal, so that nothing gains from a cache that a real record would not fill.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from evote.bench.shape import Shape
from evote.errors import EvoteError

Step = Literal["encrypt", "verify", "tally"]

STEPS: tuple[Step, ...] = get_args(Step)


class WrongResultError(EvoteError):
    """A subject did not do, or not correctly, the work it was timed for: there is no figure."""


class Subject(Protocol):
    """One implementation of one step, on ballots of one shape.

    The harness calls ``setup(n)`` once, then ``run(n)`` and ``check()`` by turns; only ``run`` is
    timed. One more pair with ``run(1)`` comes first, to warm up. ``run`` takes the n ballots that
    ``setup`` prepared (or makes n of them, where making is the step) and keeps its result for
    ``check``.
    """

    @property
    def name(self) -> str:
        """Who it is, with the version and the method; unique within a step."""

    @property
    def kernel(self) -> str:
        """The arithmetic that it computes with, as ``gmpy2``."""

    @property
    def most(self) -> int | None:
        """The most ballots worth running in one round where cost per ballot is constant, or None."""

    def setup(self, ballots: int) -> None:
        """Prepare that many distinct inputs, tables and keys."""

    def run(self, ballots: int) -> int:
        """Do the step for that many ballots and return the number of selections done."""

    def check(self) -> None:
        """Raise :class:`WrongResultError` unless the result of the last ``run`` is right."""


@dataclass(frozen=True, slots=True)
class Absent:
    """A subject that could not be measured here, and why."""

    name: str
    reason: str


class Registry:
    """The subjects of a run, in the order in which they were added, and those that are absent."""

    def __init__(self) -> None:
        self._makers: dict[Step, list[Callable[[Shape], Subject]]] = {step: [] for step in STEPS}
        self._absent: list[Absent] = []

    def add(self, step: Step, make: Callable[[Shape], Subject]) -> None:
        """Add a subject to a step; raises ValueError for a step that does not exist."""
        if step not in self._makers:
            raise ValueError(f"no step is called {step!r}: choose from {', '.join(STEPS)}")
        self._makers[step].append(make)

    def add_absent(self, name: str, reason: str) -> None:
        """Note that a subject is missing from this run; the results say so."""
        self._absent.append(Absent(name, reason))

    @property
    def absent(self) -> tuple[Absent, ...]:
        """Who is missing, and why."""
        return tuple(self._absent)

    def subjects(self, step: Step, shape: Shape) -> tuple[Subject, ...]:
        """The subjects of a step, made for a shape; raises ValueError where two share a name."""
        made = tuple(make(shape) for make in self._makers[step])
        names = [subject.name for subject in made]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two subjects of the step {step} are called {name!r}")
        return made
