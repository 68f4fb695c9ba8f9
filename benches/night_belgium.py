"""The night of 26 May 2019 as a scenario: 208 canton offices, of which 62 counted ballots by machine.

What is known of that night is in ``specs/nights.md``; the names of places here are numbers.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from benches.night_units import Offices, Unit, made
from benches.night_world import Scenario
from evote.groups import Group
from evote.manifest import ReturnKind

UNITS, BALLOTS, PROVINCES = 208, 62, 11
SHARE = 0.7
"""Of the offices that were connected when no more could."""
LISTS = tuple(f"list {number}" for number in range(1, 6))
CONTEST = "Chamber"


def cantons(units: int, ballots: int, *, seed: int, most: int = 2) -> list[Unit]:
    """So many units, ``ballots`` of them of kind BALLOTS with at most ``most`` ballots per list."""
    chance = random.Random(f"cantons/{seed}")
    found = []
    for number in range(units):
        kind = ReturnKind.BALLOTS if number * ballots // units != (number + 1) * ballots // units else None
        votes = {name: chance.randint(0, most if kind else 4000) for name in LISTS}
        votes["blank"] = 1 if kind else chance.randint(1, 400)
        path = f"province-{number % PROVINCES + 1:02}/canton-{number + 1:03}"
        found.append(Unit(path, kind or ReturnKind.OPEN, CONTEST, votes))
    return found


def evening(offices: Offices, *, seed: int, ramp: float, outage: float, factor: float) -> Scenario:
    """Offices that count by machine have their totals in the first third of ``ramp``, the others behind a
    tenth of it; five offices have bad luck of one kind each."""
    chance = random.Random(f"evening/{seed}")
    ready = {
        path: chance.uniform(0, ramp / 3)
        if unit.kind is ReturnKind.BALLOTS
        else chance.uniform(ramp / 10, ramp)
        for path, unit in offices.units.items()
    }
    by_hand = [path for path, unit in offices.units.items() if unit.kind is ReturnKind.OPEN]
    by_machine = [path for path, unit in offices.units.items() if unit.kind is ReturnKind.BALLOTS]
    absent, twice, torn, carrier, stick = chance.sample(by_hand, 5)
    carried = chance.choice(by_machine)
    return Scenario(
        factor=factor,
        ready=ready,
        outage=outage,
        share=SHARE,
        seed=seed,
        end=2 * ramp + outage + 1800,
        kills=(ramp / 4, ramp / 2, ramp + outage / 4),
        absent=(absent,),
        twice={twice: offices.another(twice)},
        torn=(torn,),
        sticks=(stick,),
        carried={carried: carrier},
        piece=2048 if offices.election.group.element_bytes > 100 else 512,
    )


def belgium(group: Group, units: int = UNITS, ballots: int = BALLOTS, *, seed: int = 2019) -> Offices:
    """The election of the cantons."""
    return made(cantons(units, ballots, seed=seed), group, seed=f"night {seed}")


def told(scenario: Scenario) -> dict[str, object]:
    """What a file of results says of the scenario."""
    return {
        "units": len(scenario.ready),
        "factor": scenario.factor,
        "outage": scenario.outage,
        "share": scenario.share,
        "seed": scenario.seed,
        "kills": list(scenario.kills),
        "absent": list(scenario.absent),
        "twice": list(scenario.twice),
        "torn": list(scenario.torn),
        "sticks": list(scenario.sticks),
        "carried": dict(scenario.carried),
    }


def senders(scenario: Scenario) -> Sequence[str]:
    """Units whose file comes over the line, by their own office or another's."""
    silent = {*scenario.absent, *scenario.torn}
    return [path for path in scenario.ready if path not in silent]
