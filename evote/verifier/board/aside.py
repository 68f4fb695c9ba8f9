"""Ballots aside: superseded and rejected ones, each examined as if it were to be counted.

:func:`check_aside` is a pure function of the frames that it is given, whoever runs it. Nothing that it finds
is a finding by itself: a rejected ballot is wrong on purpose. What it found is held against the verdict in
the log (E.31), and against what the log says of the ballot (E.27). Identifiers and ciphertexts take part in
5.A and E.6.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from evote.ballots import BallotState, SubmittedBallot, examine
from evote.ballots.hashes import submitted_hash
from evote.errors import DecodeError
from evote.pool import ordered
from evote.record import layout
from evote.record.reader import decode_frame
from evote.verifier.board.facts import Facts
from evote.verifier.chunk import ASIDE, values_of
from evote.verifier.plan import Plan
from evote.verifier.setting import ElectionData
from evote.verifier.state import Verification

_BALLOTS: Final = 64
_BYTES: Final = 4 * 1024 * 1024
"""A task has about so many ballots, or bytes, at most."""


@dataclass(frozen=True, slots=True)
class AsideTask:
    """Frames of ballots aside, from position ``first`` on."""

    record: str
    """The folder of the record, under a name that the worker knows it by."""
    election: ElectionData
    limit: int
    first: int
    frames: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class AsideBallot:
    """What was found of one ballot aside."""

    ballot: bytes
    """Its hash."""
    facts: Facts
    failed: tuple[str, ...]
    """The checks that fail on it, sorted."""
    values: tuple[bytes, ...]
    """For E.6."""


AsideResult = tuple[AsideBallot | str, ...]
"""One per frame, in order; what is wrong with a frame that is no ballot."""


def check_aside(task: AsideTask) -> AsideResult:
    """Examine the ballots of a task."""
    election = task.election.election(task.record)
    width = election.group.element_bytes
    found: list[AsideBallot | str] = []
    for position, frame in enumerate(task.frames, task.first):
        value = decode_frame(layout.ASIDE, SubmittedBallot, position, frame, width, task.limit)
        if isinstance(value, DecodeError):
            found.append(value.message)
            continue
        examination = examine(election, value)
        ballot, context = value.ballot, value.context
        facts = Facts(
            True,
            position,
            value.state is BallotState.CAST,
            ballot.identifier,
            ballot.unit,
            ballot.style,
            None if context is None else context.pseudonym,
        )
        found.append(
            AsideBallot(
                submitted_hash(election.extended_hash, frame),
                facts,
                tuple(sorted({error.check for error in examination.findings})),
                tuple(values_of(ASIDE + position, value)),
            )
        )
    return tuple(found)


def read_aside(run: Verification, plan: Plan) -> Iterator[AsideBallot | None]:
    """Every ballot aside, in its order; None, with a finding of E.2, for a frame that is none.

    Raises :class:`~evote.errors.DecodeError` where the frames themselves end.
    """
    if not run.reader.has(layout.ASIDE):
        return
    position = 0
    for result in ordered(plan.executor, check_aside, _tasks(run, plan), ahead=plan.ahead):
        for one in result:
            if isinstance(one, str):
                run.report.count("E.2")
                run.report.fail("E.2", f"{layout.ASIDE}, frame {position}", f"this is no ballot: {one}")
                yield None
            else:
                run.report.add("aside")
                yield one
            position += 1


def _tasks(run: Verification, plan: Plan) -> Iterator[AsideTask]:
    first, frames, size = 0, [], 0
    for _, frame, _ in run.reader.aside(limit=plan.limit):
        frames.append(frame)
        size += len(frame)
        if len(frames) == _BALLOTS or size > _BYTES:
            yield AsideTask(plan.record, plan.election, plan.limit, first, tuple(frames))
            first, frames, size = first + len(frames), [], 0
    if frames:
        yield AsideTask(plan.record, plan.election, plan.limit, first, tuple(frames))
