"""Elections and decryption sessions for tests: real ceremonies, toy groups, messages that can be spoilt."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from evote.ballots import VerifiedBallot, VerifiedChallenge, verify_cast, verify_challenged
from evote.ballots.values import BallotState, SubmittedBallot
from evote.ceremony import VerifiedGuardian, verify_guardian_record
from evote.codec import decode, encode
from evote.decryption import (
    Commitments,
    Committed,
    Decryption,
    DecryptionRequest,
    Opened,
    Openings,
    PublicShares,
    Responses,
    Scope,
    combine,
    commit,
    decryption_request,
)
from evote.randomness import SYSTEM
from evote.tally import Tallier, Tally
from evote.testing.elections import SMALL, Kit

Verified = VerifiedBallot | VerifiedChallenge
T = TypeVar("T")
M = TypeVar("M", Commitments, Openings, Responses)

OPEN: Mapping[str, object] = {**SMALL, "decrypt_contest_data": True, "guardian_opening": True}
"""The small election, with contest data decrypted and challenged ballots opened by guardians."""

VOTES = (
    ("North", {"Mayor": {"Ada": 1}, "Council": {"Kurt": 2}}, False),
    ("South", {"Mayor": {"Grace": 1}, "Council": {"Alan": 1, "Emmy": 1}}, False),
    ("North", {"Mayor": {"Ada": 1}, "Council": {"Kurt": 1}}, True),
    ("North", {"Mayor": {"Ada": 1}, "Council": {}}, False),
    ("South", {"Mayor": {"blank": 1}, "Council": {"Kurt": 2}}, False),
)


def verify(kit: Kit, submitted: SubmittedBallot) -> Verified:
    if submitted.state is BallotState.CAST:
        return verify_cast(kit.election, submitted)
    return verify_challenged(kit.election, submitted)


@dataclass(frozen=True)
class Closed:
    """A closed record with everything a guardian has verified of it."""

    kit: Kit
    ballots: tuple[Verified, ...]
    tally: Tally
    guardians: tuple[VerifiedGuardian, ...]

    @property
    def shares(self) -> PublicShares:
        return PublicShares.of(self.kit.election, self.guardians)

    def request(
        self, guardians: Sequence[int], session: int = 1, scope: Scope | None = None
    ) -> DecryptionRequest:
        return decryption_request(self.tally, self.ballots, guardians, session, scope)


def close(kit: Kit) -> Closed:
    ballots = tuple(verify(kit, submitted) for submitted in kit.submitted)
    tallier = Tallier(kit.election)
    tallier.add_all(ballots)
    guardians = tuple(verify_guardian_record(kit.setting, record) for record in kit.records.guardians)
    return Closed(kit, ballots, tallier.tally(tallier.head()), guardians)


@functools.cache
def small(guardians: int = 3, quorum: int = 2, *, opened: bool = True) -> Closed:
    """Five ballots, one of them challenged."""
    kit = Kit(OPEN if opened else SMALL, guardians=guardians, quorum=quorum, seed=f"{guardians} {quorum}")
    for unit, marks, challenge in VOTES:
        kit.vote(unit, marks, challenge=challenge)
    return close(kit)


@dataclass
class Session:
    """The messages of one session; a test may replace any of them between two rounds."""

    closed: Closed
    request: DecryptionRequest
    committed: dict[int, Committed]
    commitments: list[Commitments]
    opened: dict[int, Opened]
    openings: list[Openings]
    responses: list[Responses]

    @classmethod
    def begin(cls, closed: Closed, request: DecryptionRequest) -> Session:
        started = {
            index: commit(closed.kit.shares[index - 1], request, SYSTEM) for index in request.guardians
        }
        return cls(
            closed,
            request,
            {index: state for index, (state, _) in started.items()},
            [wire(closed.kit, message) for _, message in started.values()],
            {},
            [],
            [],
        )

    def open(self) -> None:
        for index, state in self.committed.items():
            opened, message = state.open(self.commitments)
            self.opened[index] = opened
            self.openings.append(wire(self.closed.kit, message))

    def respond(self) -> None:
        self.responses = [
            wire(self.closed.kit, state.respond(self.openings)) for state in self.opened.values()
        ]

    def combine(self) -> Decryption:
        return combine(self.request, self.closed.shares, self.commitments, self.openings, self.responses)


def wire(kit: Kit, message: T) -> T:
    """The message as its receivers read it."""
    return decode(type(message), encode(message), element_bytes=kit.group.element_bytes)


def run(closed: Closed, guardians: Sequence[int], session: int = 1, scope: Scope | None = None) -> Decryption:
    """An honest session."""
    held = Session.begin(closed, closed.request(guardians, session, scope))
    held.open()
    held.respond()
    return held.combine()


def changed(messages: Sequence[M], sender: int, change: Callable[[M], M]) -> list[M]:
    """The messages with the one of ``sender`` replaced."""
    return [change(message) if message.sender == sender else message for message in messages]
