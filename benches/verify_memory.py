"""Peak memory and time of ``evote verify`` over records of growing size: ``python -m benches.verify_memory``.

Makes records with ``evote bench make-record``, or takes those made before from ``--keep``, and verifies
each in a process of its own, by each method that is asked for. Memory that grew with the record would
show here: a verifier holds a few stretches of ballots at a time, whatever the record holds. With
``--json`` the times are written as a document of a bench, so that ``evote bench plot`` draws them beside
others: the start of the program is in them.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console

from evote.bench.document import document, write
from evote.bench.figures import PROGRAM
from evote.bench.harness import Measurement, Round
from evote.bench.machine import machine
from evote.bench.memory import Peak, peak
from evote.bench.output import print_table
from evote.bench.shape import Shape
from evote.groups import NAMES

SEED = 1
_COLUMNS = ("ballots", "method", "workers", "record, MB", "peak, MiB", "seconds", "cpu", "ms per selection")


def the_record(folder: Path, group: str, shape: Shape, ballots: int, workers: int) -> Path:
    """The record of so many ballots in a folder of records, made if it is not there."""
    record = folder / f"{group}-{shape.options}-{shape.selection_limit}-{ballots}"
    if not (record / "index").exists():  # sealed last, so that one without was not finished
        if record.exists():
            raise click.UsageError(f"{record} was not finished; remove it")
        made = [
            *(sys.executable, "-m", "evote.cli", "bench", "make-record", "--group", group),
            *("--ballots", str(ballots), "--options", str(shape.options)),
            *("--limit", str(shape.selection_limit), "--seed", str(SEED), "--workers", str(workers)),
        ]
        peak([*made, str(record)])
    return record


def verified(record: Path, method: str, workers: int) -> tuple[Peak, float]:
    """Peak memory, processor and wall time of verifying a record; a verdict other than PASS is an error."""
    command = [sys.executable, "-m", "evote.cli", "verify", str(record), "--method", method]
    begin = time.perf_counter()
    found = peak([*command, "--workers", str(workers)])
    return found, time.perf_counter() - begin


@contextmanager
def folder_of(keep: Path | None) -> Iterator[Path]:
    """Where the records are: a folder that stays, or one that goes."""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    with tempfile.TemporaryDirectory(prefix="evote-bench-") as folder:
        yield Path(folder)


@click.command()
@click.option("--ballots", type=click.IntRange(min=1), multiple=True, default=(10, 100), show_default=True)
@click.option("--options", type=click.IntRange(min=1), default=10, show_default=True)
@click.option("--limit", type=click.IntRange(min=1), default=1, show_default=True)
@click.option(
    "--method",
    "methods",
    type=click.Choice(["auto", "plain", "batch"]),
    multiple=True,
    default=("batch",),
    show_default=True,
    help="Repeatable.",
)
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="To verify with.")
@click.option(
    "--make-workers",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="To make records with; 0 for one per core.",
)
@click.option("--group", type=click.Choice(NAMES), default=NAMES[0], show_default=True)
@click.option("--keep", type=click.Path(path_type=Path), help="A folder for the records, used again.")
@click.option("--json", "path", type=click.Path(dir_okay=False, path_type=Path), help="Write a document.")
def main(
    ballots: tuple[int, ...],
    options: int,
    limit: int,
    methods: tuple[str, ...],
    workers: int,
    make_workers: int,
    group: str,
    keep: Path | None,
    path: Path | None,
) -> None:
    """Peak memory and time of evote verify, by number of ballots."""
    shape, facts = Shape(options, selection_limit=limit), machine()
    found: list[Measurement] = []
    peaks: dict[str, Peak] = {}
    rows: list[tuple[str, ...]] = []
    with folder_of(keep) as folder:
        for number in ballots:
            record = the_record(folder, group, shape, number, make_workers)
            size = sum(file.stat().st_size for file in record.rglob("*") if file.is_file())
            for method in methods:
                memory, wall = verified(record, method, workers)
                name = f"{PROGRAM}, {method}, {workers} worker{'s' if workers > 1 else ''}"
                turn = Round(wall, memory.cpu, shape.selections(number))
                found.append(
                    Measurement(
                        "verify", shape, name, "evote", "gmpy2", workers, number, number, None, (turn,)
                    )
                )
                peaks[f"{name}, {number:,} ballots"] = memory
                rows.append(
                    (
                        f"{number:,}",
                        method,
                        str(workers),
                        f"{size / 1e6:.1f}",
                        f"{memory.memory / 2**20:.0f}",
                        f"{wall:.1f}",
                        f"{memory.cpu:.1f}",
                        f"{1000 * wall / turn.selections:.2f}",
                    )
                )
    print_table(Console(), _COLUMNS, rows, heads=[f"{facts.cpu}, load {facts.load}"], left=0)
    if path is not None:
        write(path, document(found, facts, baseline="none", seed=SEED, peaks=peaks))


if __name__ == "__main__":
    main()
