"""The options of a run, shared by ``evote bench`` and ``python -m benches.run``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import click

from evote.bench.shape import RECORD, SERIES, SIZES, Shape, ballots_of, shape_of
from evote.bench.subject import STEPS, Step
from evote.bench.votes import MAX_SEED

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Choice:
    """What is measured: steps, shapes, sizes in ballots, how often, and the one subject or None for all."""

    steps: tuple[Step, ...]
    shapes: tuple[Shape, ...]
    sizes: tuple[int, ...]
    rounds: int
    only: str | None


class ShapeType(click.ParamType["Shape"]):
    """``OPTIONS[:LIMIT[:OPTION_LIMIT]]``."""

    name = "shape"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Shape:
        if isinstance(value, Shape):
            return value
        try:
            return shape_of(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


_OPTIONS = (
    click.option(
        "--size",
        type=click.Choice([size.name for size in SIZES]),
        default="small",
        show_default=True,
        help="Ballots per round: " + ", ".join(f"{size.name} {size.ballots:,}" for size in SIZES) + ".",
    ),
    click.option(
        "--ballots", type=click.IntRange(min=1), multiple=True, help="Ballots per round; repeatable."
    ),
    click.option(
        "--rounds", type=click.IntRange(min=1), default=5, show_default=True, help="Rounds of each."
    ),
    click.option(
        "--step", "steps", type=click.Choice(STEPS), multiple=True, help="Only this step; repeatable."
    ),
    click.option(
        "--shape",
        "shapes",
        type=ShapeType(),
        multiple=True,
        metavar="OPTIONS[:LIMIT]",
        help="A contest of so many options, of which so many may be chosen; repeatable.  [default: 10:1]",
    ),
    click.option("--series", is_flag=True, help="Also contests of 1, 5, 20 and 100 options."),
    click.option("--only", metavar="NAME", help="Only the subject of this name."),
    click.option(
        "--seed",
        type=click.IntRange(0, MAX_SEED),
        default=1,
        show_default=True,
        help="What the votes are drawn from. Nonces and keys always come from the system.",
    ),
    click.option(
        "--workers",
        type=click.IntRange(1, 1024),
        multiple=True,
        default=(1,),
        show_default=True,
        help="Verify whole records with so many processes; repeatable.",
    ),
    click.option("--memory", is_flag=True, help="Also the peak memory of each subject, in its own process."),
)


def run_options(function: F) -> F:
    """Add the options to a command, which is then called with them by name."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def choice_of(
    *,
    size: str,
    ballots: Sequence[int],
    rounds: int,
    steps: Sequence[str],
    shapes: Sequence[Shape],
    series: bool,
    only: str | None,
) -> Choice:
    """The values of the options as one choice."""
    chosen = tuple(shapes) or (RECORD,)
    return Choice(
        cast(tuple[Step, ...], tuple(steps)) or STEPS,
        tuple(dict.fromkeys((*chosen, *SERIES) if series else chosen)),
        tuple(dict.fromkeys(ballots)) or (ballots_of(size),),
        rounds,
        only,
    )
