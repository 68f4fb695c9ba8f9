"""What the pictures show, taken from documents: bars and lines in seconds, before anything is drawn.

Times are wall times, or processor times where that is asked for: on a machine that does other work too they
are the steadier ones. The processor time of workers is not known, so they are then left out.

Nothing is made up where a figure is missing: a picture without data has no bars, and is not drawn. Where
several documents measured the same, the last one given counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from evote.bench.shape import FOUR, RECORD, Shape

PUBLISHED = ("Belenios 3.3, Ed25519 (published figure)", 0.0071)
"""What Belenios takes per ballot of four answers on a curve, on a comparable processor: not of any run."""

PROGRAM = "the program evote verify"
"""Begins the names of runs that include the program's start: they show growth, and no method."""

_WORKERS = re.compile(r", \d+ workers?$")


@dataclass(frozen=True, slots=True)
class Bar:
    """A subject's median with minimum and maximum, in seconds, and how many things a round did."""

    label: str
    kind: str
    seconds: float
    low: float
    high: float
    done: int


@dataclass(frozen=True, slots=True)
class Line:
    """A subject's values over numbers of ballots, options or workers, in the order of those."""

    label: str
    kind: str
    points: tuple[tuple[int, float], ...]


Results = Sequence[Mapping[str, Any]]
Clock = Literal["wall", "cpu"]


def merged(runs: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The results of all documents; of two of the same subject, step, shape and size, the later one."""
    held: dict[tuple[object, ...], Mapping[str, Any]] = {}
    for run in runs:
        for result in run["results"]:
            shape = tuple(sorted(result["shape"].items()))
            held[result["step"], shape, result["subject"], result["asked"]] = result
    return list(held.values())


def bars(
    results: Results, step: str, shape: Shape, *, clock: Clock = "wall", per_ballot: bool = False
) -> list[Bar]:
    """Every subject of a step on a shape at its largest size, the slowest first; no whole programs."""
    largest: dict[str, Mapping[str, Any]] = {}
    for result in _of(results, step, shape, clock):
        if result["subject"].startswith(PROGRAM):
            continue
        held = largest.get(result["subject"])
        if held is None or result["asked"] > held["asked"]:
            largest[result["subject"]] = result
    factor = shape.options if per_ballot else 1
    found = []
    for name, result in largest.items():
        spread = result["seconds_per_selection"][clock]
        found.append(
            Bar(
                name,
                result["kind"],
                spread["median"] * factor,
                spread["minimum"] * factor,
                spread["maximum"] * factor,
                result["ballots"] if per_ballot else result["rounds"][0]["selections"],
            )
        )
    return sorted(found, key=lambda bar: bar.seconds, reverse=True)


def growth(results: Results, clock: Clock = "wall") -> list[Line]:
    """Seconds per ballot of the benchmark record by number of ballots: evote and its arithmetic limits.

    A subject has a line where it was measured at two sizes or more, on all the ballots that were asked for.
    """
    lines: dict[str, tuple[str, dict[int, float]]] = {}
    for result in _of(results, "verify", RECORD, clock):
        if result["kind"] not in ("evote", "limit") or result["ballots"] != result["asked"]:
            continue
        _, points = lines.setdefault(result["subject"], (result["kind"], {}))
        points[result["ballots"]] = _median(result, clock) * RECORD.options
    return _lines(lines, 2)


def series(results: Results, clock: Clock = "wall") -> list[Line]:
    """Seconds per selection by number of options, for subjects of evote with three shapes or more."""
    lines: dict[str, tuple[str, dict[int, float]]] = {}
    sizes: dict[tuple[str, int], int] = {}
    for result in results:
        shape = Shape(**result["shape"])
        if result["step"] == "tally" or (shape.option_limit, shape.selection_limit) != (1, 1):
            continue
        if result["kind"] != "evote" or (clock == "cpu" and result["workers"] > 1):
            continue
        label = f"{result['step']}: {result['subject']}"
        _, points = lines.setdefault(label, (result["kind"], {}))
        if result["asked"] >= sizes.get((label, shape.options), 0):
            sizes[label, shape.options] = result["asked"]
            points[shape.options] = _median(result, clock)
    return _lines(lines, 3)


def speed_up(results: Results) -> list[Line]:
    """Times faster than one worker in wall time, by workers, at the largest size that has both."""
    groups: dict[tuple[str, int], dict[int, float]] = {}
    for result in _of(results, "verify", RECORD, "wall"):
        name = _WORKERS.sub("", result["subject"])
        if name != result["subject"]:
            groups.setdefault((name, result["ballots"]), {})[result["workers"]] = _median(result, "wall")
    best: dict[str, tuple[int, Line]] = {}
    for (name, ballots), medians in groups.items():
        if len(medians) < 2 or 1 not in medians or ballots < best.get(name, (0, None))[0]:
            continue
        points = tuple((workers, medians[1] / median) for workers, median in sorted(medians.items()))
        best[name] = (ballots, Line(f"{name}, {ballots:,} ballots", "evote", points))
    return [line for _, line in best.values()]


def four_answers(results: Results, clock: Clock = "wall") -> list[Bar]:
    """Seconds per ballot with up to two of four answers, the published figure among them."""
    found = bars(results, "verify", FOUR, clock=clock, per_ballot=True)
    if not found:
        return []
    label, seconds = PUBLISHED
    found.append(Bar(label, "published", seconds, seconds, seconds, 0))
    return sorted(found, key=lambda bar: bar.seconds, reverse=True)


def _of(results: Results, step: str, shape: Shape, clock: Clock) -> list[Mapping[str, Any]]:
    return [
        result
        for result in results
        if result["step"] == step
        and Shape(**result["shape"]) == shape
        and (clock == "wall" or result["workers"] == 1)
    ]


def _median(result: Mapping[str, Any], clock: Clock) -> float:
    return float(result["seconds_per_selection"][clock]["median"])


def _lines(found: Mapping[str, tuple[str, dict[int, float]]], least: int) -> list[Line]:
    return [
        Line(label, kind, tuple(sorted(points.items())))
        for label, (kind, points) in found.items()
        if len(points) >= least
    ]
