"""A guardian's part of key generation on a machine of its own, one round at a time.

Specification section 3.2.2. Between two calls everything that the guardian knows is one sealed file,
which also holds the messages of the round that was just done: the file is on the disk before they
leave, and a program that was stopped in between sends the same bytes again. So no round is ever
answered twice (see :mod:`evote.ceremony.memory`).

Whatever is wrong with a message becomes a complaint in the exchange folder and a
:class:`~evote.errors.CeremonyError` that names its sender; the ceremony then starts again, in a new
exchange folder, with new secrets.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

from evote.ceremony import (
    AwaitingCommitments,
    AwaitingConfirmations,
    AwaitingRecords,
    AwaitingShares,
    Complaint,
    Confirmation,
    GuardianRecords,
    GuardianShare,
    GuardianStart,
    Round0Message,
    Round1Message,
    Setting,
    ShareMessage,
    complaint_about,
    heed,
)
from evote.codec import MAX_FRAME_BYTES, MAX_GUARDIANS, AtMost, Index, Path, decode, encode
from evote.errors import CeremonyError, RefusedError
from evote.guardian import exchange as names
from evote.guardian.exchange import Exchange, from_guardian, share_name
from evote.secret import Secret


class Stage(enum.Enum):
    """What the guardian waits for."""

    COMMITMENTS = "commitments"
    RECORDS = "records"
    SHARES = "shares"
    CONFIRMATIONS = "confirmations"
    DONE = "done"
    """Nothing: it holds its share."""


@dataclass(frozen=True, slots=True, repr=False)
class Outgoing:
    """A message on its way: its name in the exchange folder, and its bytes."""

    name: Path
    data: Annotated[bytes, AtMost(MAX_FRAME_BYTES)]


@dataclass(frozen=True, slots=True, repr=False)
class State:
    """What is sealed between two calls: where the guardian is, what it remembers, what it just sent."""

    stage: Stage
    index: Index
    memory: Annotated[bytes, AtMost(MAX_FRAME_BYTES)]
    outgoing: Annotated[tuple[Outgoing, ...], AtMost(MAX_GUARDIANS)]


class Keep(Protocol):
    """One sealed file that is replaced whole, durably."""

    def exists(self) -> bool: ...

    def load(self) -> Secret[bytes]: ...

    def save(self, data: Secret[bytes]) -> None: ...


@dataclass(frozen=True, slots=True)
class Progress:
    """What a call did, what the guardian waits for, and whether it holds its share."""

    done: tuple[str, ...]
    waiting: str
    finished: bool


class KeyGeneration:
    """Guardian ``index`` in a ceremony; ``keep`` is its own, ``exchange`` is shared with all."""

    def __init__(self, setting: Setting, index: int, keep: Keep, exchange: Exchange) -> None:
        setting.require_index(index)
        self._setting = setting
        self._index = index
        self._keep = keep
        self._exchange = exchange
        self._steps: dict[Stage, Callable[[Secret[bytes]], State | str]] = {
            Stage.COMMITMENTS: self._after_commitments,
            Stage.RECORDS: self._after_records,
            Stage.SHARES: self._after_shares,
            Stage.CONFIRMATIONS: self._after_confirmations,
        }

    @property
    def _others(self) -> tuple[int, ...]:
        return tuple(index for index in self._setting.indices if index != self._index)

    def begin(self) -> None:
        """Draw all secrets and commit to the record of them (round 0).

        Raises :class:`RefusedError` if the guardian has begun: its old secrets would be lost.
        """
        if self._keep.exists():
            raise RefusedError(
                f"guardian {self._index} has begun a ceremony here already; "
                "a new one needs a new private folder"
            )
        waiting, message = GuardianStart.begin(self._setting, self._index)
        name = from_guardian(names.ROUND0, self._index)
        self._save(self._state(Stage.COMMITMENTS, waiting.to_secret_bytes(), [(name, message)]))

    def advance(self) -> Progress:
        """Do every round whose messages are all there; send what comes out.

        Raises :class:`CeremonyError` if somebody complained or a message is wrong (a complaint of this
        guardian is in the exchange folder then), :class:`RefusedError` if the exchange folder holds
        another message in this guardian's name.
        """
        done: list[str] = []
        while True:
            state = self._load()
            for message in state.outgoing:
                if not self._exchange.has(message.name):
                    done.append(f"sent {message.name}")
                self._exchange.put(message.name, message.data)
            if state.stage is Stage.DONE:
                return Progress(tuple(done), "", True)
            self._heed()
            try:
                following = self._steps[state.stage](Secret(state.memory))
            except CeremonyError as error:
                complaint = complaint_about(self._index, error)
                self._exchange.send(from_guardian(names.COMPLAINTS, self._index), complaint)
                raise
            if isinstance(following, str):
                return Progress(tuple(done), following, False)
            self._save(following)

    def share(self) -> GuardianShare:
        """The share for decryption; raises :class:`RefusedError` before the end of the ceremony."""
        state = self._load()
        if state.stage is not Stage.DONE:
            raise RefusedError(
                f"guardian {self._index} has no share yet, it waits for {state.stage.value}; "
                "finish the ceremony first"
            )
        return GuardianShare.from_secret_bytes(self._setting, Secret(state.memory))

    # --- the rounds: the next state, or what is waited for -----------------------------------------

    def _after_commitments(self, memory: Secret[bytes]) -> State | str:
        if missing := self._exchange.missing(names.ROUND0, self._others):
            return _waiting("the commitment", missing)
        round0 = self._exchange.from_each(Round0Message, names.ROUND0, self._others)
        state = AwaitingCommitments.from_secret_bytes(self._setting, memory)
        following, message = state.receive(round0)
        name = from_guardian(names.ROUND1, self._index)
        return self._state(Stage.RECORDS, following.to_secret_bytes(), [(name, message)])

    def _after_records(self, memory: Secret[bytes]) -> State | str:
        if missing := self._exchange.missing(names.ROUND1, self._others):
            return _waiting("the record", missing)
        round1 = self._exchange.from_each(Round1Message, names.ROUND1, self._others)
        following, shares = AwaitingRecords.from_secret_bytes(self._setting, memory).receive(round1)
        return self._state(
            Stage.SHARES,
            following.to_secret_bytes(),
            [(share_name(self._index, share.receiver), share) for share in shares],
        )

    def _after_shares(self, memory: Secret[bytes]) -> State | str:
        missing = tuple(
            index for index in self._others if not self._exchange.has(share_name(index, self._index))
        )
        if missing:
            return _waiting("the share", missing)
        shares = [
            self._exchange.message(ShareMessage, share_name(index, self._index), index)
            for index in self._others
        ]
        following, message = AwaitingShares.from_secret_bytes(self._setting, memory).receive(shares)
        name = from_guardian(names.CONFIRMATIONS, self._index)
        return self._state(Stage.CONFIRMATIONS, following.to_secret_bytes(), [(name, message)])

    def _after_confirmations(self, memory: Secret[bytes]) -> State | str:
        if missing := self._exchange.missing(names.CONFIRMATIONS, self._others):
            return _waiting("the confirmation", missing)
        if not self._exchange.has(names.GUARDIANS):
            return "the office, which publishes the guardians' record ('evote election keys')"
        confirmations = self._exchange.from_each(Confirmation, names.CONFIRMATIONS, self._others)
        published = self._exchange.get(GuardianRecords, names.GUARDIANS)
        state = AwaitingConfirmations.from_secret_bytes(self._setting, memory)
        share, _, _ = state.receive(confirmations, published)
        return self._state(Stage.DONE, share.to_secret_bytes(self._setting), [])

    def _heed(self) -> None:
        present = [
            index
            for index in self._setting.indices
            if self._exchange.has(from_guardian(names.COMPLAINTS, index))
        ]
        heed(self._setting, self._exchange.from_each(Complaint, names.COMPLAINTS, present))

    def _load(self) -> State:
        data = self._keep.load().reveal()
        state = decode(State, data, element_bytes=self._setting.group.element_bytes)
        if state.index != self._index:
            raise RefusedError(
                f"the private folder belongs to guardian {state.index}, not {self._index}; use the right one"
            )
        return state

    def _state(self, stage: Stage, memory: Secret[bytes], messages: Sequence[tuple[str, object]]) -> State:
        outgoing = tuple(Outgoing(name, encode(message)) for name, message in messages)
        return State(stage, self._index, memory.reveal(), outgoing)

    def _save(self, state: State) -> None:
        self._keep.save(Secret(encode(state)))


def _waiting(what: str, missing: tuple[int, ...]) -> str:
    who = ", ".join(map(str, missing))
    return f"{what} of guardian {who}" if len(missing) == 1 else f"{what}s of guardians {who}"
