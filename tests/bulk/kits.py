"""What the tests of bulk work share: small elections, their ballots, and executors that watch or lie."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

from evote.ballots import PlaintextBallot, PlaintextContest
from evote.record import RecordReader, Stage
from evote.testing.elections import SMALL, Kit

MARKS = {"Mayor": {"Ada": 1}, "Council": {"Kurt": 2}}


def kit(seed: str, chaining: int = 0, **changes: object) -> Kit:
    return Kit({**SMALL, "chaining": chaining, **changes}, seed=seed)


def plaintexts(kit: Kit, count: int) -> list[PlaintextBallot]:
    """Ballots that differ: by unit, option, mark and write-in."""
    style = kit.manifest.styles[0].label
    made = []
    for number in range(count):
        council = PlaintextContest({"Alan": 1} if number % 2 else {"Kurt": 2}, (f"Person {number}",))
        mayor = PlaintextContest({("Ada", "Grace", "blank")[number % 3]: 1})
        contests = {"Mayor": mayor, "Council": council}
        made.append(PlaintextBallot(("North", "South")[number % 2], style, contests))
    return made


def reader(kit: Kit, folder: Path) -> RecordReader:
    return RecordReader(kit.write(kit.publish(), folder, stage=Stage.VOTING), {kit.group.name: kit.group})


class Wire(Executor):
    """Does every task here, through pickles, and keeps what went over the wire."""

    workers = 3

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.answered: list[bytes] = []

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.sent.append(pickle.dumps((function, args, kwargs)))
        future: Future[Any] = Future()
        again, arguments, named = pickle.loads(self.sent[-1])
        try:
            answer = pickle.dumps(again(*arguments, **named))
        except Exception as error:  # noqa: BLE001 - handed on
            future.set_exception(pickle.loads(pickle.dumps(error)))
            return future
        self.answered.append(answer)
        future.set_result(pickle.loads(answer))
        return future


class Liar(Wire):
    """Changes the result of answer ``number``."""

    def __init__(self, number: int, change: Callable[[Any], Any]) -> None:
        super().__init__()
        self.number, self.change = number, change

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future = super().submit(function, *args, **kwargs)
        if len(self.sent) - 1 == self.number:
            answer = future.result()
            changed: Future[Any] = Future()
            changed.set_result(type(answer)(answer.number, self.change(answer.result)))
            return changed
        return future
