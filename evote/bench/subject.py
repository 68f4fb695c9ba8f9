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
from typing import Literal, NoReturn, Protocol, get_args

from evote.bench.shape import Shape
from evote.errors import EvoteError

Step = Literal["encrypt", "verify", "tally"]
Kind = Literal["evote", "limit", "baseline", "peer"]
"""evote itself; the arithmetic limit; the usual method, written here to be compared with; another program."""

STEPS: tuple[Step, ...] = get_args(Step)
KINDS: tuple[Kind, ...] = get_args(Kind)


class WrongResultError(EvoteError):
    """A subject did not do, or not correctly, the work it was timed for: there is no figure."""


class Subject(Protocol):
    """One implementation of one step, on ballots of one shape.

    The harness calls ``setup(n)`` once, then ``run(n)`` and ``check()`` by turns, and ``close()`` at the
    end; only ``run`` is timed. One more pair with ``run(1)`` comes first, which is stated as the cold
    turn. ``run`` takes the n ballots that ``setup`` prepared (or makes n of them, where making is the
    step) and keeps its result for ``check``.
    """

    @property
    def name(self) -> str:
        """Who it is, with the version and the method; unique within a step."""

    @property
    def kind(self) -> Kind:
        """What it stands for in a comparison."""

    @property
    def kernel(self) -> str:
        """The arithmetic that it computes with, as ``gmpy2``."""

    @property
    def workers(self) -> int:
        """The processes that work at the same time."""

    @property
    def most(self) -> int | None:
        """The most ballots worth running in one round where cost per ballot is constant, or None."""

    @property
    def idle(self) -> Callable[[], object] | None:
        """What ``run`` does beside the step, to be timed before each turn and taken off; None if nothing.

        For another program that starts, reads keys and only then does the step.
        """

    def setup(self, ballots: int) -> None:
        """Prepare that many distinct inputs, tables and keys."""

    def run(self, ballots: int) -> int:
        """Do the step for that many ballots and return the number of selections done."""

    def check(self) -> None:
        """Raise :class:`WrongResultError` unless the result of the last ``run`` is right."""

    def close(self) -> None:
        """Give back files and processes; nothing is run afterwards."""


class Base:
    """What most subjects answer: evote's kind, gmpy2, one process, any size, nothing to take off or close."""

    kind: Kind = "evote"
    kernel = "gmpy2"
    workers = 1
    most: int | None = None

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def idle(self) -> Callable[[], object] | None:
        return None

    def close(self) -> None:
        """Nothing is held."""

    def require(self, holds: bool, what: str) -> None:
        """Raise :class:`WrongResultError` that names the subject unless ``holds``."""
        if not holds:
            self.wrong(what)

    def wrong(self, what: str) -> NoReturn:
        """Raise :class:`WrongResultError` that names the subject."""
        raise WrongResultError(f"{self.name}: {what}")


@dataclass(frozen=True, slots=True)
class Absent:
    """A subject that could not be measured here, and why."""

    name: str
    reason: str


Maker = Callable[[Shape], Subject]


class Registry:
    """The subjects of a run, in the order in which they were added, and those that are absent."""

    def __init__(self) -> None:
        self._makers: dict[Step, list[tuple[Maker, Callable[[Shape], bool]]]] = {step: [] for step in STEPS}
        self._absent: list[Absent] = []
        self._versions: dict[str, str] = {}

    def add(self, step: Step, make: Maker, *, fits: Callable[[Shape], bool] = lambda _: True) -> None:
        """Add a subject to a step, for the shapes that it fits; raises ValueError for an unknown step."""
        if step not in self._makers:
            raise ValueError(f"no step is called {step!r}: choose from {', '.join(STEPS)}")
        self._makers[step].append((make, fits))

    def add_absent(self, name: str, reason: str) -> None:
        """Note that a subject is missing from this run; the results say so."""
        self._absent.append(Absent(name, reason))

    def add_version(self, program: str, version: str) -> None:
        """Note the version of a program that takes part."""
        self._versions[program] = version

    @property
    def absent(self) -> tuple[Absent, ...]:
        """Who is missing, and why."""
        return tuple(self._absent)

    @property
    def versions(self) -> dict[str, str]:
        """The programs that take part beside evote, with their versions."""
        return dict(self._versions)

    def subjects(self, step: Step, shape: Shape) -> tuple[Subject, ...]:
        """The subjects of a step, made for a shape; raises ValueError where two share a name."""
        made = tuple(make(shape) for make, fits in self._makers[step] if fits(shape))
        names = [subject.name for subject in made]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two subjects of the step {step} are called {name!r}")
        return made
