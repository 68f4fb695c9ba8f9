"""A ceremony whose messages a test may change, guardian by guardian and receiver by receiver."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from evote.ceremony import (
    AwaitingCommitments,
    AwaitingConfirmations,
    AwaitingRecords,
    AwaitingShares,
    GuardianRecord,
    GuardianRecords,
    GuardianShare,
    GuardianStart,
    JointKeys,
    Round1Message,
    Setting,
    record_commitment,
)
from evote.ceremony.keys import GuardianSecrets
from evote.ceremony.memory import CommitmentsMemory, Stage, context
from evote.errors import CeremonyError
from evote.groups import Group
from evote.manifest.params import Parameters, base_hash, parameter_base_hash
from evote.secret import Secret
from evote.testing.groups import toy
from evote.testing.randomness import SeededRandomness


def make_setting(
    guardians: int = 3, quorum: int = 2, *, group: Group | None = None, manifest: bytes = b"an election"
) -> Setting:
    used = toy() if group is None else group
    parameter_hash = parameter_base_hash(Parameters(used, guardians, quorum))
    return Setting(used, guardians, quorum, parameter_hash, base_hash(parameter_hash, manifest))


class Ceremony:
    """All guardians of a ceremony at one round; ``mail[receiver][sender]`` is what they get next."""

    def __init__(self, setting: Setting, seed: str = "ceremony") -> None:
        self.setting = setting
        self.rng = SeededRandomness(seed)
        self.mail: dict[int, dict[int, Any]] = {}
        self.states: dict[int, Any] = {}
        self.errors: dict[int, CeremonyError] = {}
        self.ended: dict[int, tuple[GuardianShare, GuardianRecords, JointKeys]] = {}
        self._empty()
        for index in setting.indices:
            state, message = GuardianStart.begin(setting, index, self.rng)
            self.states[index] = state
            self.post(message)

    def _empty(self) -> None:
        self.mail = {index: {} for index in self.setting.indices}

    def post(self, message: Any) -> None:
        """Send one message to everybody."""
        for box in self.mail.values():
            box[message.sender] = message

    def place(self, cheat: int, record: GuardianRecord, secrets: GuardianSecrets) -> None:
        """Let one guardian play on with a record that it made in its own way; before the first step."""
        memory = CommitmentsMemory(
            context(self.setting, Stage.COMMITMENTS, cheat),
            tuple(secret.reveal().encode() for secret in secrets.vote),
            tuple(secret.reveal().encode() for secret in secrets.data),
            secrets.communication.reveal().encode(),
            record,
        )
        self.states[cheat] = AwaitingCommitments(self.setting, Secret(memory))
        for box in self.mail.values():
            box[cheat] = replace(box[cheat], commitment=record_commitment(self.setting.base_hash, record))

    def step(self) -> None:
        """Let every guardian take its mail; who complains is left with its error in ``errors``."""
        mail = self.mail
        self._empty()
        for index, state in list(self.states.items()):
            try:
                following, sent = state.receive(list(mail[index].values()))
            except CeremonyError as error:
                self.errors[index] = error
                continue
            self.states[index] = following
            if isinstance(sent, tuple):
                for share in sent:
                    self.mail[share.receiver][share.sender] = share
            else:
                self.post(sent)

    def open_records(self) -> None:
        """Up to the point where all records are in the mail."""
        self.step()
        assert all(isinstance(state, AwaitingRecords) for state in self.states.values())

    def send_shares(self) -> None:
        """Up to the point where all shares are in the mail."""
        self.open_records()
        self.step()
        assert all(isinstance(state, AwaitingShares) for state in self.states.values())

    def confirm(self) -> None:
        """Up to the point where all confirmations are in the mail."""
        self.send_shares()
        self.step()
        assert all(isinstance(state, AwaitingConfirmations) for state in self.states.values())

    def finish(self, published: GuardianRecords) -> None:
        """The last step, with the record that the administrator shows."""
        for index, state in self.states.items():
            try:
                self.ended[index] = state.receive(list(self.mail[index].values()), published)
            except CeremonyError as error:
                self.errors[index] = error

    def culprits(self, *, but: int | None = None) -> dict[int, tuple[int, ...]]:
        """Whom each guardian names, the cheat ``but`` left out."""
        return {index: error.culprits for index, error in self.errors.items() if index != but}


def records_in(ceremony: Ceremony) -> dict[int, GuardianRecord]:
    """The records that are in the mail of guardian 1."""
    return {sender: message.record for sender, message in ceremony.mail[1].items()}


def with_record(message: Round1Message, **changes: Any) -> Round1Message:
    return replace(message, record=replace(message.record, **changes))


def flipped(data: bytes) -> bytes:
    """The same bytes but for the last bit."""
    return data[:-1] + bytes((data[-1] ^ 1,))
