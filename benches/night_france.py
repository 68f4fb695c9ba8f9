"""France, 2024: the opening morning at full rate on one box, and the returns of eleven units.

* The opening: real submissions (13.8 kB in the standard group) come to one ballot box at the rate at which a
  tenth of all ballots comes in the first ten minutes. Each has its own moment, drawn in advance; its wait is
  counted from that moment, also when the box or its clients are late.
* The evening: eleven units of kind BALLOTS with the official shares of votes, scaled down; every ballot is
  encrypted, verified, entered on a log and in a total, and the returns come over the line of
  :mod:`benches.night_line`.
* :func:`costs`: what the full size takes, from the figures per ballot of other pages.
"""

from __future__ import annotations

import random
import resource
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benches import rush
from benches.night_judge import judge
from benches.night_units import Offices, Unit, made
from benches.night_world import Scenario, play
from evote.demo.france import load, scaled
from evote.groups import Group
from evote.manifest import ReturnKind

BALLOTS: Final = 459_000
"""Internet ballots of the second round, which had more."""
OPENING_SECONDS: Final = 600
OPENING_SHARE: Final = 0.1
"""Of all ballots, in the first ten minutes; an assumption that the field's reports make likely."""
RATE: Final = BALLOTS * OPENING_SHARE / OPENING_SECONDS
CLIENTS: Final = 64


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the election: milliseconds of processor time per ballot, and the page that has measured it.

    ``selections`` says whether it grows with the number of options.
    """

    name: str
    milliseconds: float
    page: str
    selections: bool = False


STEPS: Final = (
    Step("encryption with proofs, on voters' devices", 17.1, "scaling.md", selections=True),
    Step("admission: check, log, receipt", 1.68, "ballot-box.md"),
    Step("verification in batches, with hints", 15.1, "scaling.md", selections=True),
    Step("verification one after the other", 60.0, "scaling.md", selections=True),
    Step("adding up verified ballots", 0.17, "scaling.md", selections=True),
    Step("leaves of the record", 0.015, "scaling.md"),
)
MEASURED_OPTIONS: Final = 10


def options() -> float:
    """Options on a ballot of the election, blank vote included, in the mean over those who voted."""
    found = [(len(each.votes), sum(count for _, count in each.votes)) for each in load().constituencies]
    return sum(size * votes for size, votes in found) / sum(votes for _, votes in found)


def costs(ballots: int = BALLOTS) -> list[tuple[Step, float]]:
    """Seconds of one core for every step at full size."""
    more = options() / MEASURED_OPTIONS
    return [(step, ballots * step.milliseconds / 1000 * (more if step.selections else 1.0)) for step in STEPS]


def cost_table() -> list[str]:
    """:func:`costs` as lines of Markdown."""
    lines = [
        "| step | ms per ballot of ten options | core-seconds for 459,000 | on 16 cores | measured in |",
        "|---|---|---|---|---|",
    ]
    for step, seconds in costs():
        wall = seconds / 16
        shown = f"{wall / 60:.0f} minutes" if wall >= 90 else f"{wall:.1f} s"
        lines.append(
            f"| {step.name} | {step.milliseconds} | {seconds:,.0f} | {shown} | [{step.page}]({step.page}) |"
        )
    return lines


def constituencies(scale: int) -> list[Unit]:
    """The eleven units with one ballot for ``scale`` of the 459,000, in the shares of the first round."""
    election = load()
    votes = sum(count for each in election.constituencies for _, count in each.votes)
    share = round(scale * votes / BALLOTS)
    return [
        Unit(each.unit, ReturnKind.BALLOTS, each.label, dict(scaled(each, share)))
        for each in election.constituencies
    ]


def evening(offices: Offices, *, factor: float) -> Scenario:
    """Eleven offices within ten minutes, a line that is away for twenty when seven are through."""
    chance = random.Random("france")
    ready = {path: chance.uniform(0, 600) for path in offices.units}
    return Scenario(
        factor=factor,
        ready=ready,
        outage=1200,
        share=0.6,
        seed=2024,
        end=5400,
        kills=(300, 900),
        processes=2,
        building=2,
        piece=2048 if offices.election.group.element_bytes > 100 else 512,
    )


def opening(
    group: Group, folder: Path, *, seconds: float, rate: float = RATE, seed: int = 1
) -> dict[str, Any]:
    """The first seconds of the morning on one box; waits in milliseconds."""
    chance = random.Random(f"opening/{seed}")
    moments: list[float] = []
    at = chance.expovariate(rate)
    while at < seconds:
        moments.append(at)
        at += chance.expovariate(rate)
    prepared = rush.prepare(group, max(1, len(moments)))
    waits, lock = [], threading.Lock()
    before = resource.getrusage(resource.RUSAGE_SELF)
    folder.mkdir(parents=True, exist_ok=True)
    with prepared.box(folder / "morning.box", folder / "anchor", make=True) as box:
        begun = time.perf_counter()

        def cast(number: int) -> None:
            left = begun + moments[number] - time.perf_counter()
            if left > 0:
                time.sleep(left)
            box.admit(prepared.ballots[number])
            wait = time.perf_counter() - begun - moments[number]
            with lock:
                waits.append((moments[number], wait))

        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(cast, range(len(moments))))
        took = time.perf_counter() - begun
        assert box.status().cast == len(moments)
    after = resource.getrusage(resource.RUSAGE_SELF)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    ordered = sorted(wait for _, wait in waits)
    return {
        "rate": rate,
        "ballots": len(moments),
        "seconds": took,
        "p50": ordered[len(ordered) // 2] * 1e3,
        "p99": ordered[len(ordered) * 99 // 100] * 1e3,
        "worst": ordered[-1] * 1e3,
        "processor_per_ballot": processor / len(moments) * 1e3,
        "waits": sorted(waits),
    }


def french(
    group: Group, *, scale: int, folder: Path, seconds: float = 30, factor: float = 30
) -> dict[str, Any]:
    """Morning and evening."""
    morning = opening(group, folder / "morning", seconds=seconds)
    offices = made(constituencies(scale), group, seed="night 2024")
    scenario = evening(offices, factor=factor)
    night = judge(offices, scenario, play(offices, scenario, "sender", folder / "evening"))
    return {"morning": morning, "evening": night, "scale": scale, "factor": factor}


def words(found: dict[str, Any]) -> str:
    """The figures in some lines."""
    morning, night = found["morning"], found["evening"]
    return "\n".join(
        [
            f"France, opening: {morning['ballots']} ballots in {morning['seconds']:.1f} s "
            f"({morning['rate']:.1f}/s asked), p50 {morning['p50']:.0f} ms, p99 {morning['p99']:.0f} ms, "
            f"worst {morning['worst']:.0f} ms, {morning['processor_per_ballot']:.2f} ms of processor each",
            f"France, evening: {night['reported']} of {night['units']} units, {night['ballots']} ballots, "
            f"the last {night['last_after_return']:.0f} s after the line's return",
            *cost_table(),
        ]
    )


def per_second(waits: Sequence[Sequence[float]]) -> list[int]:
    """Ballots that came in each second."""
    counts = [0] * (int(waits[-1][0]) + 1)
    for at, _ in waits:
        counts[int(at)] += 1
    return counts
