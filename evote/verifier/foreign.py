"""Records of other systems in the place of our own: what of a request they can be asked.

Equations are decided together where the format publishes the commitments of its proofs (ElectionGuard 1.x),
else one after another. Stretches of ballots of ElectionGuard go to the workers of an executor where there
is one; archives of Belenios are read by this process. No state is kept to go on from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import TypeVar

from evote.errors import RefusedError
from evote.interop import Foreign, Request
from evote.pool import ordered
from evote.report import Report
from evote.verifier.method import Method, Way

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Workers:
    """Does work on the workers of an executor, or here; at most ``ahead`` tasks are under way."""

    executor: Executor | None = None
    ahead: int | None = None

    def __call__(self, function: Callable[[T], R], tasks: Iterable[T], /) -> Iterator[R]:
        """``function`` of each task, in order; errors as :func:`evote.pool.ordered`."""
        return ordered(self.executor, function, tasks, ahead=self.ahead)


def verify_foreign(
    foreign: Foreign, request: Request, method: Method, workers: Workers, *, stateful: bool
) -> Report:
    """The report on a foreign record.

    Raises :class:`RefusedError` where a state was asked for (``stateful``), and
    :class:`~evote.errors.WorkerError` for a worker that was lost.
    """
    if stateful:
        raise RefusedError("the verification of a record of another system keeps no state; leave it out")
    way = method.way
    asked = replace(request, batch=way is not Way.PLAIN, reproducible=method.reproducible, mapper=workers)
    report = foreign.verify(asked)
    if way is Way.BATCH and not foreign.batched:
        sentence = "The format publishes no commitments: every ballot was checked one equation at a time."
        report = replace(report, warnings=(*report.warnings, sentence))
    return report
