"""What a reader of a foreign system gives and is given.

A system is a pair of functions. ``recognise`` looks at names of files and, at most, at the beginning of
one; it never raises for what a record holds, and says None for everything that is not its own.
``verify`` reads the files and reports; what is wrong with a record is never raised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from evote.record.values import Stage
from evote.report import Report

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is (0 if not known)."""


T = TypeVar("T")
R = TypeVar("R")


class Mapper(Protocol):
    """Does the same work on many tasks, maybe in other processes; results come in the order of the tasks."""

    def __call__(self, function: Callable[[T], R], tasks: Iterable[T], /) -> Iterator[R]:
        """``function``, a module's own, of each task; tasks and results can be pickled."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """What the caller asks of a verification.

    ``expect`` is a fingerprint in 64 lower-case hexadecimal digits that is known from elsewhere;
    ``stage`` says how far the election is; ``zero_ballots_expected`` that there are none. ``batch`` lets
    equations be decided together where a format allows it, with weights that anybody can compute again if
    ``reproducible``; ``mapper`` does the work on stretches of ballots, by default here, one after another.
    """

    expect: str | None = None
    stage: Stage = Stage.FINAL
    zero_ballots_expected: bool = False
    progress: Progress | None = None
    batch: bool = True
    reproducible: bool = False
    mapper: Mapper = map


@dataclass(frozen=True, slots=True)
class System:
    """A foreign system that evote reads: its short name, its two functions, and whether it can be batched."""

    name: str
    recognise: Callable[[Path], bool]
    verify: Callable[[Path, Request], Report]
    batched: bool = False
    """Whether its records publish the commitments of their proofs."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """A record that was recognised as one of ``system``."""

    system: str
    path: Path
    _verify: Callable[[Path, Request], Report]
    batched: bool = False

    def verify(self, request: Request) -> Report:
        """Check everything that the system's specification lets one check, and report it.

        Raises :class:`~evote.errors.StorageError` where the machine cannot read, and nothing for what
        the record holds.
        """
        return self._verify(self.path, request)
