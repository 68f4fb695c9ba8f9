"""``evote bench``: figures for people and for programs, and records to take them on."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from evote.bench import subjects as own
from evote.bench.compare import compare
from evote.bench.document import document, read
from evote.bench.figures import Clock
from evote.bench.harness import NothingToMeasureError, measure_all
from evote.bench.machine import machine
from evote.bench.output import show, show_comparison
from evote.bench.peaks import peaks_of
from evote.bench.records import make_record
from evote.bench.shape import Shape
from evote.bench.stock import Stock
from evote.bench.subject import Registry
from evote.bench.verifying import PLAIN
from evote.bench.votes import MAX_SEED
from evote.cli.bench_options import choice_of, run_options
from evote.cli.ending import UnusableError, reading
from evote.cli.executors import executor_of
from evote.cli.options import cluster_option, workers_option
from evote.cli.output import write_output
from evote.cli.progress import progress
from evote.cli.world import World
from evote.groups import NAMES


class RunByDefault(click.Group):
    """A group that runs its command ``run`` where no other is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["run", *args]
        return super().parse_args(ctx, args)


@click.group("bench", cls=RunByDefault, invoke_without_command=True)
def command() -> None:
    """Measure encryption, verification and tally on this machine.

    Without a command's name it is "run". The folder benches/ of the sources measures other
    implementations beside evote.

    \b
    Examples:  evote bench
               evote bench --step verify --size medium --json bench.json
               evote bench make-record --ballots 1000 --options 10 --limit 1 --seed 1 record
               evote bench compare before.json after.json
               evote bench plot bench.json --out plots
    """


@command.command("run")
@run_options
@click.option("--group", "group_name", default=NAMES[0], show_default=True, help="The group to compute in.")
@click.option("--json", "json_file", metavar="FILE", help="Write every figure as JSON; - is stdout.")
@click.pass_obj
def run(
    world: World,
    /,
    group_name: str,
    json_file: str | None,
    seed: int,
    workers: tuple[int, ...],
    memory: bool,
    **options: Any,
) -> None:
    """Measure, in time per selection.

    One contest of ten options on every ballot, with its limit proof and its sealed nonce. Results are
    checked, outside the time that is taken.

    \b
    Examples:  evote bench run --ballots 10 --ballots 100 --ballots 1000
               evote bench run --shape 4:2 --step verify
    """
    choice, facts = choice_of(**options), machine()
    registry, stock = Registry(), Stock(world.group(group_name), seed)
    own.register(registry, stock=stock, workers=workers)
    errors = Console(stderr=True)
    try:
        with errors.status("starting") as status:
            found = measure_all(
                registry,
                steps=choice.steps,
                shapes=choice.shapes,
                sizes=choice.sizes,
                rounds=choice.rounds,
                only=choice.only,
                note=status.update,
            )
    except NothingToMeasureError as nothing:
        raise UnusableError(str(nothing)) from nothing
    finally:
        stock.close()
    again = [sys.executable, "-m", "evote.cli", "bench", "run", "--group", group_name, "--seed", str(seed)]
    again += [f"--workers={number}" for number in workers]
    peaks = peaks_of(found, again) if memory else {}
    made = document(
        found,
        facts,
        baseline=PLAIN,
        seed=seed,
        versions=registry.versions,
        absent=registry.absent,
        peaks=peaks,
    )
    if json_file != "-":
        show(made, Console(file=sys.stdout))
    if json_file is not None:
        write_output(json_file, json.dumps(made, indent=2) + "\n")


@command.command("make-record")
@click.option("--ballots", type=click.IntRange(min=1), required=True, help="Cast ballots in the record.")
@click.option("--options", type=click.IntRange(min=1), default=10, show_default=True, help="Options.")
@click.option("--limit", type=click.IntRange(min=1), default=1, show_default=True, help="Marks on a ballot.")
@click.option(
    "--option-limit", type=click.IntRange(min=1), default=1, show_default=True, help="Marks on an option."
)
@click.option(
    "--seed",
    type=click.IntRange(0, MAX_SEED),
    required=True,
    help="What the votes are drawn from. Nonces and keys always come from the system.",
)
@click.option("--group", "group_name", default=NAMES[0], show_default=True, help="The group to compute in.")
@workers_option
@cluster_option
@click.argument("out", type=click.Path(path_type=Path))
@click.pass_obj
def make(
    world: World,
    ballots: int,
    options: int,
    limit: int,
    option_limit: int,
    seed: int,
    group_name: str,
    workers: int | None,
    cluster: str | None,
    out: Path,
) -> None:
    """Write a complete record into the new folder OUT, every ciphertext distinct, to measure on.

    One contest, one guardian, a sealed index, and commitment hints. The seed decides the votes and
    nothing else, so two records of one seed have the same totals and no ciphertext in common.

    \b
    Examples:  evote bench make-record --ballots 1000 --options 10 --limit 1 --seed 1 record
               evote bench make-record --ballots 100000 --seed 1 --workers 0 record
    """
    group = world.group(group_name)
    # Votes drawn from a seed are nobody's: they may travel.
    with executor_of(workers, cluster, plaintext=False) as executor, reading(out), progress() as report:
        made = make_record(
            out,
            group=group,
            shape=Shape(options, option_limit, limit),
            ballots=ballots,
            seed=seed,
            date=world.now(),
            executor=executor,
            progress=report,
        )
    click.echo(f"{ballots:,} ballots in {out}; fingerprint {made.fingerprint}")


@command.command("compare")
@click.argument("first", metavar="A", type=click.Path(path_type=Path))
@click.argument("second", metavar="B", type=click.Path(path_type=Path))
@click.option("--json", "json_file", metavar="FILE", help="Write the comparison as JSON; - is stdout.")
def compare_runs(first: Path, second: Path, json_file: str | None) -> None:
    """Show two result files side by side: how many times faster B is, and what else differs.

    \b
    Example:  evote bench compare before.json after.json
    """
    with reading(first):
        ours = read(first)
    with reading(second):
        theirs = read(second)
    found = compare(ours, theirs)
    if json_file != "-":
        show_comparison(found, Console(file=sys.stdout))
    if json_file is not None:
        write_output(json_file, json.dumps(found.to_json(), indent=2) + "\n")


@command.command("plot")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder for the pictures.")
@click.option("--each", is_flag=True, help="Also every picture in a file of its own.")
@click.option(
    "--clock",
    type=click.Choice(["wall", "cpu"]),
    default="wall",
    show_default=True,
    help="Wall or processor times; the latter are steadier where a machine does other work too.",
)
def plot_runs(files: tuple[Path, ...], out: Path, each: bool, clock: Clock) -> None:
    """Draw result files: cost by method, growth with size, speed-up with workers, beside the peers.

    Needs the extra "bench" (matplotlib). Figures of several files stand in one picture; it names the
    machines where they differ.

    \b
    Example:  evote bench plot bench.json --out plots
    """
    from evote.bench.plot import PlotterAbsentError, draw

    runs = []
    for file in files:
        with reading(file):
            runs.append(read(file))
    try:
        with reading(out):
            for path in draw(runs, out, clock=clock, each=each):
                click.echo(str(path))
    except PlotterAbsentError as absent:
        raise UnusableError(str(absent)) from absent
