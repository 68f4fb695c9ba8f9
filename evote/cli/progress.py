"""Progress of long work: bars on a terminal, nothing on a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

_SPEED_SECONDS = 600.0
"""Over how long the rate is taken: a step may be a thousand ballots, and take many seconds."""


class Report(Protocol):
    """Says that ``done`` of ``total`` steps of a stage are done; total 0 means that nobody knows."""

    def __call__(self, stage: str, done: int, total: int) -> None: ...


def silent(stage: str, done: int, total: int) -> None:
    """The progress of a program whose output nobody watches."""


class RateColumn(ProgressColumn):
    """Steps per second, as soon as there is a rate."""

    def render(self, task: Task) -> Text:
        """The rate, or nothing."""
        return Text(rate(task.finished_speed or task.speed), style="progress.data.speed")


def rate(speed: float | None) -> str:
    """Steps per second in a few letters; empty where nobody knows."""
    if not speed:
        return ""
    digits = 0 if speed >= 100 else 1 if speed >= 10 else 2
    return f"{speed:,.{digits}f}/s"


@contextmanager
def progress() -> Iterator[Report]:
    """A :class:`Report` that draws bars on stderr if that is a terminal, and else does nothing."""
    if not sys.stderr.isatty():
        yield silent
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        RateColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, speed_estimate_period=_SPEED_SECONDS) as bars:
        tasks = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                # What was done before the first word is no part of the rate.
                tasks[stage] = bars.add_task(stage, total=total or None, completed=done)
            bars.update(tasks[stage], completed=done, total=total or None)

        yield report
