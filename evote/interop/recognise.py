"""Which system a record belongs to.

The first system that knows the shape of what is at the path is taken. Shapes do not overlap: each rests
on names of files that no other system has, or on how a file of its own begins.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from evote.interop import belenios1, electionguard1, electionguard2
from evote.interop.contract import Foreign, System
from evote.record.files import Location

SYSTEMS: Final[tuple[System, ...]] = (
    System("electionguard2", electionguard2.recognise, electionguard2.verify),
    System("electionguard1", electionguard1.recognise, electionguard1.verify, batched=True),
    System("belenios1", belenios1.recognise, belenios1.verify),
)
"""Every foreign system, in the order in which they are tried."""


def recognise(path: Location) -> Foreign | None:
    """The foreign record at ``path``; None if there is none, or nothing at all."""
    place = Path(path)
    for system in SYSTEMS:
        if system.recognise(place):
            return Foreign(system.name, place, system.verify, system.batched)
    return None
