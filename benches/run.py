"""Run the benchmarks: ``python -m benches.run`` from the top of the repository.

Fills one registry with all subjects, evote's and the peers', measures them in interleaved rounds,
prints the table and, with ``--json``, writes the document of ``evote/bench/bench.schema.json``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from benches import onepower
from benches.peers import belenios_subject
from benches.peers import subjects as electionguard1
from evote.bench import subjects as own
from evote.bench.document import document, write
from evote.bench.harness import NothingToMeasureError, measure_all
from evote.bench.machine import machine
from evote.bench.memory import peak
from evote.bench.output import show
from evote.bench.peaks import peaks_of
from evote.bench.stock import Stock
from evote.bench.subject import Registry
from evote.cli.bench_options import choice_of, run_options
from evote.errors import EvoteError
from evote.groups import NAMES, named, standard_group

BASELINE = electionguard1.NAME


def fill(registry: Registry, stock: Stock, workers: tuple[int, ...], beside: Sequence[Stock] = ()) -> None:
    """Add everybody who takes part in a run; they are measured, and listed, in the order of these lines.

    ``beside`` are stocks of other groups in which evote is measured too.
    """
    own.register(registry, stock=stock, workers=workers)
    for other in beside:
        own.register(registry, stock=other, workers=workers, marked=True)
    onepower.register(registry, stock)
    electionguard1.register(registry)
    belenios_subject.register(registry, stock.seed)


@click.command()
@run_options
@click.option(
    "--beside",
    "names",
    type=click.Choice(NAMES[1:]),
    multiple=True,
    help="Also evote in this group; repeatable.",
)
@click.option("--baseline", metavar="NAME", help=f"Whom the others are compared with.  [default: {BASELINE}]")
@click.option("--json", "path", type=click.Path(dir_okay=False, path_type=Path), help="Write the document.")
def main(
    seed: int,
    workers: tuple[int, ...],
    memory: bool,
    path: Path | None,
    baseline: str | None,
    names: tuple[str, ...],
    **options: Any,
) -> None:
    """Measure all subjects side by side."""
    choice, facts, errors = choice_of(**options), machine(), Console(stderr=True)
    everybody, stock = Registry(), Stock(standard_group(), seed)
    beside = [Stock(named(name), seed) for name in dict.fromkeys(names)]
    fill(everybody, stock, workers, beside)
    with errors.status("starting") as status:
        try:
            found = measure_all(
                everybody,
                steps=choice.steps,
                shapes=choice.shapes,
                sizes=choice.sizes,
                rounds=choice.rounds,
                only=choice.only,
                note=status.update,
            )
            again = [sys.executable, "-m", "benches.run", "--seed", str(seed)]
            again += [f"--workers={number}" for number in workers]
            again += [f"--beside={name}" for name in names]
            peaks = peaks_of(found, again, measure=peak) if memory else {}
        except NothingToMeasureError as nothing:
            raise click.UsageError(str(nothing)) from nothing
        except EvoteError as failed:
            raise click.ClickException(str(failed)) from failed
        finally:
            for held in (stock, *beside):
                held.close()
    run = document(
        found,
        facts,
        baseline=baseline or BASELINE,
        seed=seed,
        versions=everybody.versions,
        absent=everybody.absent,
        peaks=peaks,
    )
    show(run, Console())
    if path is not None:
        write(path, run)


if __name__ == "__main__":
    main()
