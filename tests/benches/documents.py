"""Documents of runs that nobody made, for whoever reads, compares or draws them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from evote.bench.document import document
from evote.bench.harness import Measurement, Round
from evote.bench.machine import Machine
from evote.bench.memory import Peak
from evote.bench.shape import RECORD, Shape
from evote.bench.subject import Registry

PROGRAMS = {"evote": "0.1.0", "python": "CPython 3.11.7", "gmpy2": "2.3.2", "gmp": "GMP 6.3.0"}
MACHINE = Machine("a processor", 8, 2, 0.5, "Linux 6 x86_64", PROGRAMS)


def measured(subject: str, *seconds: float, step: Any = "verify", shape: Shape = RECORD) -> Measurement:
    turns = tuple(Round(value * 10, value * 5, 10) for value in seconds)
    return Measurement(step, shape, subject, "peer", "fake", 1, 1, 1, turns[0], turns)


def sample() -> dict[str, Any]:
    registry = Registry()
    registry.add_absent("another", "it is not here")
    return document(
        [
            measured("peer", 0.02, 0.03, 0.01),
            measured("evote", 0.004),
            measured("evote", 0.001, step="tally"),
        ],
        MACHINE,
        baseline="peer",
        seed=7,
        versions={"another": "2.0"},
        absent=registry.absent,
        peaks={"verify, evote": Peak(memory=2**25, cpu=1.5)},
        started=datetime(2024, 6, 30, 20, 0, tzinfo=timezone(timedelta(hours=2))),
    )
