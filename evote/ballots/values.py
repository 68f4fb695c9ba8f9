"""Ballots as they are written: form checked, nothing verified (see ``verify`` for that).

Group values are bytes here, because every one of them is hashed as bytes; :mod:`evote.codec`
checks widths. Values out of range decode, so that the check which states the range can name them.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Annotated

from evote.ballots.hashes import CHAINING_FIELD_BYTES
from evote.codec import (
    LATER,
    MAX_CONTEST_DATA_BYTES,
    MAX_CONTESTS,
    MAX_OPTIONS,
    MAX_SELECTION_LIMIT,
    AtMost,
    Between,
    Digest,
    ElementBytes,
    Index,
    Label,
    Path,
    ScalarBytes,
    Text,
    Width,
)

MAX_WEIGHT = 10**6
MAX_VECTORS = MAX_OPTIONS + MAX_SELECTION_LIMIT
"""Most vectors of a contest: one per option, and as many null vectors as selections."""

ChainingField = Annotated[bytes, Width(CHAINING_FIELD_BYTES)]


@dataclass(frozen=True, slots=True)
class ProofPair:
    """Challenge c_j and response v_j of one branch, or of a Schnorr proof."""

    challenge: ScalarBytes
    response: ScalarBytes


Pairs = Annotated[tuple[ProofPair, ...], AtMost(MAX_SELECTION_LIMIT + 1)]


@dataclass(frozen=True, slots=True)
class Selection:
    """One field of a contest: ciphertext and range proof (sections 3.3.1, 3.3.7)."""

    option: Index
    alpha: ElementBytes
    beta: ElementBytes
    proof: Pairs


@dataclass(frozen=True, slots=True)
class HashedCiphertext:
    """C0 = g^nonce, C1 = data under the key stream, C2 = Schnorr proof (sections 3.3.4, 3.3.10)."""

    c0: ElementBytes
    c1: Annotated[bytes, AtMost(MAX_CONTEST_DATA_BYTES)]
    c2: ProofPair

    @property
    def fields(self) -> tuple[bytes, ...]:
        """C0, C1, C2 as they enter the hashes of the contest."""
        return self.c0, self.c1, self.c2.challenge, self.c2.response


@dataclass(frozen=True, slots=True)
class EncryptedContest:
    """The fields of one contest, the limit proof, the contest data and the contest hash."""

    contest: Index
    selections: Annotated[tuple[Selection, ...], AtMost(MAX_OPTIONS)]
    limit_proof: Pairs
    data: HashedCiphertext | None
    contest_hash: Digest


@dataclass(frozen=True, slots=True)
class EncryptedBallot:
    """A ballot as its device made it; neither cast nor challenged yet."""

    identifier: Digest
    identifier_hash: Digest
    unit: Path
    style: Label
    weight: Annotated[int, Between(1, MAX_WEIGHT)]
    device: Text
    contests: Annotated[tuple[EncryptedContest, ...], AtMost(MAX_CONTESTS)]
    nonce: HashedCiphertext
    chaining_field: ChainingField
    confirmation_code: Digest


@dataclass(frozen=True, slots=True)
class PreVector:
    """A pre-encrypted vector that is shown: on a cast ballot a chosen one, on an uncast one any.

    ``place`` is that of its hash among the contest's, from 0. ``selections`` is empty on a cast ballot
    where L = 1, because the selections of the contest are the vector; its proofs are on cast ballots only.
    """

    place: Annotated[int, Between(0, MAX_VECTORS - 1)]
    short_code: Label
    selections: Annotated[tuple[Selection, ...], AtMost(MAX_OPTIONS)]


@dataclass(frozen=True, slots=True)
class PreContest:
    """What a contest of a pre-encrypted ballot has besides: all selection hashes, ascending, and vectors."""

    contest: Index
    hashes: Annotated[tuple[Digest, ...], AtMost(MAX_VECTORS)]
    vectors: Annotated[tuple[PreVector, ...], AtMost(MAX_VECTORS)]


@dataclass(frozen=True, slots=True)
class PreEncryption:
    """What a pre-encrypted ballot has besides, contest by contest (specification section 4.4)."""

    contests: Annotated[tuple[PreContest, ...], AtMost(MAX_CONTESTS)]


class BallotState(enum.Enum):
    """What the voter decided; the first decision stands for ever."""

    CAST = "cast"
    CHALLENGED = "challenged"


@dataclass(frozen=True, slots=True)
class ContextOpening:
    """What opens id_B together with unit and style: pseudonym, or none, and the random bytes."""

    pseudonym: Digest | None
    randomness: Digest


@dataclass(frozen=True, slots=True)
class SubmittedBallot:
    """An encrypted ballot with the voter's decision: one frame of the record.

    The context opening stands with a cast ballot and never with a challenged one (rule A59). An uncast
    pre-encrypted ballot is a challenged one: its contests have no selections of their own.
    """

    state: BallotState
    ballot: EncryptedBallot
    context: ContextOpening | None
    pre: PreEncryption | None = field(default=None, metadata=LATER)
    """Of a ballot that was encrypted before its voter chose."""

    def __post_init__(self) -> None:
        if (self.state is BallotState.CAST) != (self.context is not None):
            raise ValueError("a cast ballot opens its context and a challenged one does not")


@dataclass(frozen=True, slots=True)
class OpenedSelection:
    """Value and nonce of one selection of a challenged ballot."""

    option: Label
    value: Annotated[int, Between(0, 2**31 - 1)]
    nonce: ScalarBytes


@dataclass(frozen=True, slots=True)
class OpenedData:
    """Plaintext and nonce of a contest-data field."""

    plaintext: Annotated[bytes, AtMost(MAX_CONTEST_DATA_BYTES)]
    nonce: ScalarBytes


@dataclass(frozen=True, slots=True)
class OpenedContest:
    """One contest of a challenged ballot, by label (section 3.6.7)."""

    contest: Label
    selections: Annotated[tuple[OpenedSelection, ...], AtMost(MAX_OPTIONS)]
    data: OpenedData | None

    def __post_init__(self) -> None:
        if len({selection.option for selection in self.selections}) != len(self.selections):
            raise ValueError("an option stands twice in one opened contest")


@dataclass(frozen=True, slots=True)
class OpenedVector:
    """One vector of an uncast pre-encrypted ballot as its sheet shows it, with the nonces xi_i,j,k.

    ``option`` is None for a null vector.
    """

    option: Label | None
    short_code: Label
    nonces: Annotated[tuple[ScalarBytes, ...], AtMost(MAX_OPTIONS)]


@dataclass(frozen=True, slots=True)
class OpenedPreContest:
    """One contest of an uncast pre-encrypted ballot: options by label, then null vectors."""

    contest: Label
    vectors: Annotated[tuple[OpenedVector, ...], AtMost(MAX_VECTORS)]

    def __post_init__(self) -> None:
        options = [vector.option for vector in self.vectors if vector.option is not None]
        if len(set(options)) != len(options):
            raise ValueError("an option stands twice in one opened contest")


OpenedPre = Annotated[tuple[OpenedPreContest, ...], AtMost(MAX_CONTESTS)]


@dataclass(frozen=True, slots=True)
class OpenedBallot:
    """The opening of a challenged ballot: nonces of the selections, never the ballot nonce.

    That of an uncast pre-encrypted ballot has ``pre`` and no ``contests``.
    """

    identifier: Digest
    contests: Annotated[tuple[OpenedContest, ...], AtMost(MAX_CONTESTS)]
    pre: OpenedPre | None = field(default=None, metadata=LATER)

    def __post_init__(self) -> None:
        labels = [contest.contest for contest in self.contests]
        labels += [contest.contest for contest in self.pre or ()]
        if len(set(labels)) != len(labels):
            raise ValueError("a contest stands twice on one opened ballot")


@dataclass(frozen=True, slots=True)
class DeviceRecord:
    """One voting device as published: information string, its hash, and its chain (section 3.4).

    ``codes`` lists the confirmation codes in the order in which the device made them. The chain
    fields are absent in chaining mode 0.
    """

    device: Text
    device_hash: Digest
    codes: tuple[Digest, ...]
    initial_field: ChainingField | None
    initial_hash: Digest | None
    closing_field: ChainingField | None
    closing_hash: Digest | None

    def __post_init__(self) -> None:
        chain = (self.initial_field, self.initial_hash, self.closing_field, self.closing_hash)
        if any(part is None for part in chain) and any(part is not None for part in chain):
            raise ValueError("a chain is published whole or not at all")
