"""Run the benchmarks: ``python -m benches.run`` from the top of the repository.

Fills one registry with all subjects, evote's and the peers', measures them in interleaved rounds,
prints the table and, with ``--json``, writes the document of ``schema.json``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import cast

import click
from rich.console import Console

from benches.peers import subjects as electionguard1
from evote.bench import subjects as own
from evote.bench.harness import Measurement, NothingToMeasureError, measure_all
from evote.bench.machine import machine
from evote.bench.memory import Peak, peak
from evote.bench.output import document, show, write
from evote.bench.shape import RECORD, SERIES, SIZES, ballots_of
from evote.bench.subject import STEPS, Registry, Step
from evote.errors import EvoteError

BASELINE = electionguard1.NAME


def registry() -> Registry:
    """Everybody who takes part in a run."""
    everybody = Registry()  # subjects are measured, and listed, in the order of these lines
    own.register(everybody)
    electionguard1.register(everybody)
    return everybody


@click.command()
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
@click.option("--memory", is_flag=True, help="Also the peak memory of each subject, in a process of its own.")
@click.option("--json", "path", type=click.Path(dir_okay=False, path_type=Path), help="Write the document.")
def main(
    size: str,
    rounds: int,
    steps: tuple[str, ...],
    series: bool,
    only: str | None,
    memory: bool,
    path: Path | None,
) -> None:
    """Measure all subjects side by side."""
    everybody, chosen = registry(), cast(tuple[Step, ...], steps or STEPS)
    facts, errors = machine(), Console(stderr=True)
    with errors.status("starting") as status:
        try:
            found = measure_all(
                everybody,
                steps=chosen,
                shapes=(RECORD, *SERIES) if series else (RECORD,),
                ballots=ballots_of(size),
                rounds=rounds,
                only=only,
                note=status.update,
            )
            peaks = peaks_of(found, size) if memory else {}
        except NothingToMeasureError as nothing:
            raise click.UsageError(str(nothing)) from nothing
        except EvoteError as failed:
            raise click.ClickException(str(failed)) from failed
    run = document(found, facts, baseline=BASELINE, absent=everybody.absent, peaks=peaks)
    show(run, Console())
    if path is not None:
        write(path, run)


def peaks_of(found: tuple[Measurement, ...], size: str) -> dict[str, Peak]:
    """The peak memory of each subject on the benchmark record, preparation included, one round each."""
    peaks = {}
    for one in found:
        if one.shape == RECORD:
            call = ["--size", size, "--rounds", "1", "--step", one.step, "--only", one.subject]
            peaks[f"{one.step}, {one.subject}, {one.ballots:,} ballots"] = peak(
                [sys.executable, "-m", "benches.run", *call]
            )
    return peaks


if __name__ == "__main__":
    main()
