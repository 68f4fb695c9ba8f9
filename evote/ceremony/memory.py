"""What a guardian remembers between two rounds, and how it is written down.

Every round holds its memory as a :class:`~evote.secret.Secret` of one of these codec values, so that
what is kept in the process and what is sealed on a disk are the same values. A memory names its
round and its election (H_P, H_B), and is read back for exactly those.

What it leaves out: sealing and files. Whoever stores the bytes seals them, and deletes the stored
memory of a round before the answer of that round leaves the machine: a round answered twice gives
two sets of shares away.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Annotated, Protocol, TypeVar

from evote.ceremony.messages import GuardianRecord, JointKeys
from evote.ceremony.setting import Setting
from evote.codec import MAX_GUARDIANS, AtMost, Digest, Index, ScalarBytes, decode
from evote.errors import DecodeError
from evote.groups import Group, Scalar
from evote.secret import Secret


class Stage(enum.Enum):
    """Which round a memory belongs to."""

    COMMITMENTS = "evote/v1/ceremony/awaiting-commitments"
    RECORDS = "evote/v1/ceremony/awaiting-records"
    SHARES = "evote/v1/ceremony/awaiting-shares"
    CONFIRMATIONS = "evote/v1/ceremony/awaiting-confirmations"
    SHARE = "evote/v1/ceremony/share"


@dataclass(frozen=True, slots=True)
class Context:
    """The round, the election and the guardian that a memory belongs to."""

    stage: Stage
    parameter_hash: Digest
    base_hash: Digest
    index: Index


@dataclass(frozen=True, slots=True, repr=False)
class CommitmentsMemory:
    """Before the commitments of the others: all secrets and the record made of them."""

    context: Context
    vote: Annotated[tuple[ScalarBytes, ...], AtMost(MAX_GUARDIANS)]
    data: Annotated[tuple[ScalarBytes, ...], AtMost(MAX_GUARDIANS)]
    communication: ScalarBytes
    record: GuardianRecord


@dataclass(frozen=True, slots=True, repr=False)
class RecordsMemory:
    """Before the records of the others: the same, and the commitments seen in round 0."""

    context: Context
    vote: Annotated[tuple[ScalarBytes, ...], AtMost(MAX_GUARDIANS)]
    data: Annotated[tuple[ScalarBytes, ...], AtMost(MAX_GUARDIANS)]
    communication: ScalarBytes
    record: GuardianRecord
    round0: Annotated[tuple[Digest, ...], AtMost(MAX_GUARDIANS)]


@dataclass(frozen=True, slots=True, repr=False)
class SharesMemory:
    """Before the shares of the others: ζ_i, the own shares P_i(i) and P̂_i(i), all records.

    The coefficients are gone: every share that they make is out.
    """

    context: Context
    communication: ScalarBytes
    own_vote_share: ScalarBytes
    own_data_share: ScalarBytes
    records: Annotated[tuple[GuardianRecord, ...], AtMost(MAX_GUARDIANS)]
    round0: Annotated[tuple[Digest, ...], AtMost(MAX_GUARDIANS)]


@dataclass(frozen=True, slots=True, repr=False)
class ConfirmationsMemory:
    """Before the confirmations of the others: z_i, ẑ_i, all records."""

    context: Context
    vote_share: ScalarBytes
    data_share: ScalarBytes
    records: Annotated[tuple[GuardianRecord, ...], AtMost(MAX_GUARDIANS)]
    round0: Annotated[tuple[Digest, ...], AtMost(MAX_GUARDIANS)]


@dataclass(frozen=True, slots=True, repr=False)
class ShareMemory:
    """After the ceremony: z_i and ẑ_i with the joint keys that they belong to."""

    context: Context
    vote_share: ScalarBytes
    data_share: ScalarBytes
    keys: JointKeys


class Memory(Protocol):
    """Any of the values above."""

    @property
    def context(self) -> Context: ...


M = TypeVar("M", bound=Memory)


def context(setting: Setting, stage: Stage, index: int) -> Context:
    """The context of a memory of guardian ``index``."""
    return Context(stage, setting.parameter_hash, setting.base_hash, index)


def read_memory(kind: type[M], stage: Stage, setting: Setting, data: Secret[bytes]) -> Secret[M]:
    """The memory in those bytes.

    Raises :class:`DecodeError` if they are no memory, or one of another round or election.
    """
    memory = decode(kind, data.reveal(), element_bytes=setting.group.element_bytes)
    found = memory.context
    if found.stage is not stage:
        raise DecodeError(f"this is a memory for {found.stage.value}, not for {stage.value}", "context.stage")
    if (found.parameter_hash, found.base_hash) != (setting.parameter_hash, setting.base_hash):
        raise DecodeError("this memory belongs to another election", "context")
    if found.index not in setting.indices:
        raise DecodeError(f"a guardian's index lies between 1 and {setting.guardians}", "context.index")
    return Secret(memory)


def read_secret(group: Group, data: bytes) -> Secret[Scalar]:
    return Secret(group.decode_scalar(data))
