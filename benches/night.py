"""Two election nights, replayed on loopback: ``python -m benches.night`` from the top of the repository.

Belgium, 26 May 2019: 208 offices, 62 with encrypted ballots and 146 with paper counts, a collector (uvicorn)
behind a line that accepts no new connection for an hour once 70 % are through. The same night runs once with
evote's sender and once with each plain loop; after each, everything in :mod:`benches.night_judge` must hold.
France, 2024: 11 units whose opening morning is replayed at full rate on one ballot box, and whose returns,
with ballots scaled down, come over the same line. ``specs/nights.md`` tells the story and what is scaled.

Time of a night runs ``--factor`` times faster than the clock; all figures are in seconds of the night. What
processors take is not compressed, so that the work of all parties counts ``--factor``-fold.
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import Any

import click

from benches import night_belgium, night_france
from benches.night_judge import judge, shortened, without_herd
from benches.night_office import WAYS
from benches.night_world import play
from evote.bench.machine import machine
from evote.groups import Group, standard_group
from evote.testing.groups import toy


def belgian(
    group: Group, *, factor: float, ramp: float, outage: float, ways: tuple[str, ...], folder: Path
) -> dict[str, Any]:
    """The Belgian night, once for each way to try again."""
    started = time.monotonic()
    offices = night_belgium.belgium(group)
    scenario = night_belgium.evening(offices, seed=2019, ramp=ramp, outage=outage, factor=factor)
    click.echo(f"Belgium: {len(offices.units)} offices made in {time.monotonic() - started:.0f} s")
    found: dict[str, Any] = {}
    for way in ways:
        night = play(offices, scenario, way, folder / way)
        found[way] = judge(offices, scenario, night)
        click.echo(f"{way}: {json.dumps(shortened(found[way]))}")
    if "sender" in ways and len(ways) > 1:
        without_herd(found, ("sender", *(way for way in ways if way != "sender")))
    return {"scenario": night_belgium.told(scenario), "ways": found}


@click.command()
@click.option("--json", "out", type=click.Path(path_type=Path, dir_okay=False), help="Where figures go.")
@click.option(
    "--plot", type=click.Path(path_type=Path, file_okay=False), help="Folder for the pictures (matplotlib)."
)
@click.option("--from", "earlier", type=click.Path(path_type=Path, exists=True), help="Draw figures again.")
@click.option("--group", type=click.Choice(["standard", "toy"]), default="standard", show_default=True)
@click.option("--factor", type=click.FloatRange(min=1), default=30, show_default=True, help="Of time.")
@click.option("--ramp", type=float, default=2400, show_default=True, help="Seconds in which totals come.")
@click.option("--outage", type=float, default=3600, show_default=True, help="Seconds without connections.")
@click.option("--way", "ways", type=click.Choice(WAYS), multiple=True, default=WAYS, show_default=True)
@click.option("--scale", type=click.IntRange(min=100), default=1000, show_default=True, help="Voters/ballot.")
@click.option(
    "--night",
    "nights",
    type=click.Choice(["belgium", "france"]),
    multiple=True,
    default=("belgium", "france"),
    show_default=True,
)
def main(
    out: Path | None,
    plot: Path | None,
    earlier: Path | None,
    group: str,
    factor: float,
    ramp: float,
    outage: float,
    ways: tuple[str, ...],
    scale: int,
    nights: tuple[str, ...],
) -> None:
    """Replay the nights, check everything, and write figures and pictures."""
    if earlier is not None:
        found: dict[str, Any] = json.loads(earlier.read_text(encoding="utf-8"))
    else:
        chosen = standard_group() if group == "standard" else toy()
        here = machine()
        found = {"machine": f"{here.cpu}, {here.usable_cores} cores", "group": chosen.name}
    if earlier is None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            if "belgium" in nights:
                found["belgium"] = belgian(
                    chosen, factor=factor, ramp=ramp, outage=outage, ways=ways, folder=folder / "belgium"
                )
            if "france" in nights:
                found["france"] = night_france.french(chosen, scale=scale, folder=folder / "france")
                click.echo(night_france.words(found["france"]))
    if out is not None:
        out.write_text(json.dumps(found), encoding="utf-8")
    if plot is not None:
        from benches.night_plot import draw

        for path in draw(found, plot):
            click.echo(path)


if __name__ == "__main__":
    main()
