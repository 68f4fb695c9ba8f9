"""Verdicts after admission: ``python -m benches.verify_after`` from the top of the repository.

A box has admitted ballots with their hints and left the proofs to later; their verdicts are then found by
some processes and logged. Measured is the time from the first ballot read from the box to the last verdict
that is durable, with workers that have their tables already (a first chunk for each, not counted, sees to
that). The ballots are real: 10 options, contest limit and ballot nonce. Wall time and the processor time
of coordinator and workers are shown, of several rounds the quickest, each on a new box with the same ballots.
``--markdown`` gives the table of ``specs/ballot-box.md``, with the load of the machine before.
"""

from __future__ import annotations

import os
import resource
import tempfile
import time
from concurrent.futures import Executor
from pathlib import Path

import click

from benches.rush import Rush, prepare
from evote.bench.machine import machine
from evote.bulk.verdicts import CHUNK, give_verdicts
from evote.groups import standard_group
from evote.pool import capacity, processes
from evote.testing.groups import toy

HEAD = (
    "| processes | load before | ballots/s | ms of processor per ballot, admission and tables included |\n"
    "|---|---|---|---|"
)


def one_round(rush: Rush, executor: Executor | None, chunk: int, warm: int) -> float:
    """Seconds for all ballots but the first ``warm``."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        with rush.box(Path(folder) / "north.box", Path(folder) / "anchor", make=True) as box:
            for data in rush.ballots[:warm]:
                box.admit(data)
            assert give_verdicts(box, rush.election, executor=executor, chunk=1) == warm
            for data in rush.ballots[warm:]:
                box.admit(data)
            accepted = 0

            def heard(verdicts: tuple[object, ...]) -> None:
                nonlocal accepted
                accepted += sum(bool(getattr(verdict, "accepted", False)) for verdict in verdicts)

            started = time.perf_counter()
            count = give_verdicts(box, rush.election, executor=executor, chunk=chunk, step=heard)
            seconds = time.perf_counter() - started
            assert count == accepted == len(rush.ballots) - warm
    return seconds


def processor() -> float:
    """Seconds of processor time of this process and of those that ended."""
    found = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in found)


@click.command()
@click.option("--ballots", type=click.IntRange(min=16), default=1024, show_default=True)
@click.option("--chunk", type=click.IntRange(min=1), default=CHUNK, show_default=True)
@click.option("--workers", type=click.IntRange(min=1), multiple=True, default=(1, 2), show_default=True)
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True)
@click.option("--group", type=click.Choice(["standard", "toy"]), default="standard", show_default=True)
@click.option("--markdown", is_flag=True, help="The table of specs/ballot-box.md.")
def main(ballots: int, chunk: int, workers: tuple[int, ...], rounds: int, group: str, markdown: bool) -> None:
    """Measure how many verdicts a second are found and logged."""
    here = machine()
    warm = 2 * max(workers)
    rush = prepare(standard_group() if group == "standard" else toy(), ballots + warm, real=True)
    about = (
        f"{here.cpu}, {here.usable_cores} cores, {here.versions['python']}; {group} group, {ballots} ballots"
        f" of {len(rush.ballots[0])} bytes with hints, chunks of at most {chunk}, best of {rounds} rounds"
    )
    click.echo(f"{about}\n\n{HEAD}" if markdown else f"{here}\n{about}")
    for count in workers:
        load, began = os.getloadavg()[0], processor()
        with processes(count) as executor:
            assert capacity(executor) == count
            seconds = min(one_round(rush, executor, chunk, warm) for _ in range(rounds))
        used = (processor() - began) / rounds / len(rush.ballots) * 1e3
        row = f"| {count} | {load:.1f} | {ballots / seconds:.1f} | {used:.1f} |"
        said = (
            f"{count} processes: {ballots / seconds:6.1f} ballots/s ({seconds:.1f} s for {ballots});"
            f" {used:.1f} ms of processor per ballot, admission and tables included; load before {load:.1f}"
        )
        click.echo(row if markdown else said)


if __name__ == "__main__":
    main()
