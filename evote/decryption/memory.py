"""What a guardian remembers between the rounds of a session, and how it is written down.

Whoever stores the bytes seals them; what they hold can be used once. The memory of an opened round
is destroyed before the answer to it leaves the machine: two answers from one u_i give the share
z_i away (rule A52). Storing and destroying are left to :mod:`evote.guardian`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Annotated, Protocol, TypeVar

from evote.codec import MAX_FRAME_BYTES, MAX_GUARDIANS, AtMost, Digest, Index, ScalarBytes, decode
from evote.decryption.messages import Commitments, Part
from evote.decryption.request import MAX_STATEMENTS, DecryptionRequest
from evote.errors import DecodeError
from evote.secret import Secret


class Stage(enum.Enum):
    """Which round a memory belongs to."""

    COMMITTED = "evote/v1/decryption/committed"
    OPENED = "evote/v1/decryption/opened"


@dataclass(frozen=True, slots=True)
class Context:
    """The round, the session and the guardian that a memory belongs to."""

    stage: Stage
    request: Digest
    index: Index


@dataclass(frozen=True, slots=True, repr=False)
class CommittedMemory:
    """After round 1: u_i, and M_i, a_i, b_i of every statement."""

    context: Context
    nonces: Annotated[tuple[ScalarBytes, ...], AtMost(MAX_STATEMENTS)]
    parts: Annotated[tuple[Part, ...], AtMost(MAX_STATEMENTS)]


@dataclass(frozen=True, slots=True, repr=False)
class OpenedMemory:
    """After round 2: the same, and the commitments of all guardians of the session."""

    context: Context
    nonces: Annotated[tuple[ScalarBytes, ...], AtMost(MAX_STATEMENTS)]
    parts: Annotated[tuple[Part, ...], AtMost(MAX_STATEMENTS)]
    commitments: Annotated[tuple[Commitments, ...], AtMost(MAX_GUARDIANS)]


class Memory(Protocol):
    """Any of the values above."""

    @property
    def context(self) -> Context: ...

    @property
    def nonces(self) -> tuple[bytes, ...]: ...

    @property
    def parts(self) -> tuple[Part, ...]: ...


M = TypeVar("M", bound=Memory)


def read_memory(kind: type[M], stage: Stage, request: DecryptionRequest, data: Secret[bytes]) -> Secret[M]:
    """The memory in those bytes.

    Raises :class:`DecodeError` if they are no memory, or one of another round or session.
    """
    memory = decode(
        kind, data.reveal(), element_bytes=request.election.group.element_bytes, limit=2 * MAX_FRAME_BYTES
    )
    found = memory.context
    if found.stage is not stage:
        raise DecodeError(f"this is a memory of {found.stage.value}, not of {stage.value}", "context.stage")
    if found.request != request.digest:
        raise DecodeError("this memory belongs to another session", "context.request")
    wanted = len(request.statements)
    if (len(memory.nonces), len(memory.parts)) != (wanted, wanted):
        raise DecodeError(f"a memory of this session has {wanted} values")
    return Secret(memory)
