"""Examines the ballots of one stretch in the way that the task asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evote.ballots import Election, Examination, SubmittedBallot, examine
from evote.errors import DecodeError
from evote.verifier.chunk import ChunkTask

Tick = Callable[[int], None]
"""Is told how many ballots of the stretch have been examined."""


@dataclass(frozen=True, slots=True)
class Examined:
    """An examination per frame, None where there is no ballot; ``batched`` were accepted in a batch."""

    examinations: tuple[Examination | None, ...]
    batched: int = 0
    warnings: tuple[str, ...] = ()


def examine_all(
    task: ChunkTask,
    election: Election,
    ballots: Sequence[SubmittedBallot | DecodeError],
    read: Sequence[bytes],
    tick: Tick | None,
) -> Examined:
    """Examine every ballot of the stretch; ``read`` are the bytes that they were decoded from."""
    found: list[Examination | None] = []
    for number, ballot in enumerate(ballots, 1):
        found.append(None if isinstance(ballot, DecodeError) else examine(election, ballot))
        if tick is not None:
            tick(number)
    return Examined(tuple(found))
