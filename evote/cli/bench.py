"""``evote bench``: measures encryption, verification and tally on this machine."""

from __future__ import annotations

import json
import sys
from typing import cast

import click
from rich.console import Console

from evote.bench import subjects as own
from evote.bench.harness import NothingToMeasureError, measure_all
from evote.bench.machine import machine
from evote.bench.output import document, show
from evote.bench.shape import RECORD, SERIES, SIZES, ballots_of
from evote.bench.subject import STEPS, Registry, Step
from evote.cli.ending import UnusableError
from evote.cli.output import write_output
from evote.cli.world import World
from evote.groups import NAMES


@click.command("bench")
@click.option(
    "--size",
    type=click.Choice([size.name for size in SIZES]),
    default="small",
    show_default=True,
    help="Ballots per round: " + ", ".join(f"{size.name} {size.ballots:,}" for size in SIZES) + ".",
)
@click.option("--rounds", type=click.IntRange(min=1), default=5, show_default=True, help="Rounds of each.")
@click.option("--step", "steps", type=click.Choice(STEPS), multiple=True, help="Only this step; repeatable.")
@click.option("--series", is_flag=True, help="Also contests of 1, 5, 20 and 100 options.")
@click.option("--only", metavar="NAME", help="Only the subject of this name.")
@click.option("--group", "group_name", default=NAMES[0], show_default=True, help="The group to compute in.")
@click.option("--json", "json_file", metavar="FILE", help="Write every figure as JSON; - is stdout.")
@click.pass_obj
def command(
    world: World,
    size: str,
    rounds: int,
    steps: tuple[str, ...],
    series: bool,
    only: str | None,
    group_name: str,
    json_file: str | None,
) -> None:
    """Measure encryption, verification and tally on this machine, in time per selection.

    One contest of ten options on every ballot, with its limit proof and its sealed nonce. Results are
    checked, outside the time that is taken. The folder benches/ of the sources measures other
    implementations beside it.

    \b
    Examples:  evote bench
               evote bench --step verify --size medium --json bench.json
    """
    registry = Registry()
    own.register(registry, world.group(group_name))
    errors = Console(stderr=True)
    chosen = cast(tuple[Step, ...], steps or STEPS)
    shapes = (RECORD, *SERIES) if series else (RECORD,)
    try:
        if errors.is_terminal:
            with errors.status("starting") as status:
                found = measure_all(
                    registry,
                    steps=chosen,
                    shapes=shapes,
                    ballots=ballots_of(size),
                    rounds=rounds,
                    only=only,
                    note=status.update,
                )
        else:
            found = measure_all(
                registry, steps=chosen, shapes=shapes, ballots=ballots_of(size), rounds=rounds, only=only
            )
    except NothingToMeasureError as nothing:
        raise UnusableError(str(nothing)) from nothing
    run = document(found, machine(), baseline=own.NAME, absent=registry.absent)
    if json_file != "-":
        show(run, Console(file=sys.stdout))
    if json_file is not None:
        write_output(json_file, json.dumps(run, indent=2) + "\n")
