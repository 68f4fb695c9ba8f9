"""What guardians prove when they decrypt one value: three kinds of statement, one shape.

Specification sections 3.6.5 to 3.6.7. Each says ``combined = base^s and key = g^s`` for a joint
secret s, and knows its two hashes. The proof is the same for all three.

===================  ==========  ===========  ====================  ==========================
statement            base        secret       hashes                result
===================  ==========  ===========  ====================  ==========================
:class:`FieldSum`    A           s            30, 31 under H_E      the count of one field
:class:`BallotData`  C0          ŝ            32, 33 under H_I      the contest data of a ballot
:class:`BallotNonce` C0          ŝ            tagged, under H_I     the nonce of a challenged ballot
===================  ==========  ===========  ====================  ==========================

Only :mod:`evote.decryption.request` makes statements, of what a verified record holds. Hashes on one
ballot are keyed by H_I, which verification 5.B has compared with the computed one.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from evote.ballots.values import EncryptedBallot, HashedCiphertext
from evote.decryption import hashes
from evote.groups import Element, Group, Scalar
from evote.hashing import tagged, text, u32
from evote.manifest import Cell, Contest, Option

STATEMENT_TAG = "evote/v1/decryption/statement"


class JointKey(enum.Enum):
    """Which joint key a statement decrypts under, and so which share of a guardian it takes."""

    VOTES = "votes"
    """K, shares z_i."""
    DATA = "data"
    """K̂, shares ẑ_i."""


class Statement(Protocol):
    """One value to decrypt."""

    @property
    def base(self) -> Element:
        """A or C0: what is raised to the secret."""
        ...

    @property
    def key(self) -> JointKey:
        """The joint key whose secret is the exponent."""
        ...

    @property
    def where(self) -> str:
        """The place of the value, for messages."""
        ...

    @property
    def digest(self) -> bytes:
        """32 bytes that name the statement within its election."""
        ...

    def commitment(
        self, guardian: int, partial: bytes, a: bytes, b: bytes, guardians: Sequence[int]
    ) -> bytes:
        """d_i: what guardian i commits to before it shows M_i, a_i and b_i."""
        ...

    def challenge(self, group: Group, combined: bytes, a: bytes, b: bytes) -> Scalar:
        """c: the challenge of the joint proof."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class FieldSum:
    """The aggregate (A, B) of one field in one cell (section 3.6.5)."""

    extended_hash: bytes
    contest: Contest
    cell: Cell
    option: Option
    alpha: Element
    beta: Element
    bound: int
    """The largest possible count: the sum of weight times R over the cell."""

    @property
    def base(self) -> Element:
        return self.alpha

    @property
    def key(self) -> JointKey:
        return JointKey.VOTES

    @property
    def where(self) -> str:
        return f"contest {self.contest.label!r}, cell {self.cell.label!r}, option {self.option.label!r}"

    @property
    def digest(self) -> bytes:
        return tagged(
            f"{STATEMENT_TAG}/field",
            u32(self.contest.index),
            text(self.cell.label),
            u32(self.option.index),
            self.alpha.encode(),
            self.beta.encode(),
            self.bound.to_bytes(8, "big"),
        )

    def commitment(
        self, guardian: int, partial: bytes, a: bytes, b: bytes, guardians: Sequence[int]
    ) -> bytes:
        return hashes.tally_commitment(
            self.extended_hash,
            self.contest.index,
            self.option.index,
            guardian,
            self.alpha.encode(),
            self.beta.encode(),
            a,
            b,
            partial,
            guardians,
        )

    def challenge(self, group: Group, combined: bytes, a: bytes, b: bytes) -> Scalar:
        return hashes.tally_challenge(
            group,
            self.extended_hash,
            self.contest.index,
            self.option.index,
            self.alpha.encode(),
            self.beta.encode(),
            a,
            b,
            combined,
        )


@dataclass(frozen=True, slots=True, eq=False)
class BallotData:
    """The contest data of one cast ballot, whose Schnorr proof holds (section 3.6.6)."""

    identifier: bytes
    identifier_hash: bytes
    contest: Contest
    base: Element
    sealed: HashedCiphertext

    @property
    def key(self) -> JointKey:
        return JointKey.DATA

    @property
    def where(self) -> str:
        return f"ballot {self.identifier.hex()[:16]}, contest {self.contest.label!r}"

    @property
    def digest(self) -> bytes:
        return tagged(
            f"{STATEMENT_TAG}/data", self.identifier, u32(self.contest.index), b"".join(self.sealed.fields)
        )

    def commitment(
        self, guardian: int, partial: bytes, a: bytes, b: bytes, guardians: Sequence[int]
    ) -> bytes:
        return hashes.data_commitment(
            self.identifier_hash, self.contest.index, guardian, self.sealed.fields, a, b, partial, guardians
        )

    def challenge(self, group: Group, combined: bytes, a: bytes, b: bytes) -> Scalar:
        return hashes.data_challenge(
            group, self.identifier_hash, self.contest.index, self.sealed.fields, a, b, combined
        )


@dataclass(frozen=True, slots=True, eq=False)
class BallotNonce:
    """The ballot nonce of one challenged ballot, whose Schnorr proof holds (section 3.6.7)."""

    ballot: EncryptedBallot
    base: Element

    @property
    def key(self) -> JointKey:
        return JointKey.DATA

    @property
    def sealed(self) -> HashedCiphertext:
        """The encrypted ballot nonce (C0, C1, C2)."""
        return self.ballot.nonce

    @property
    def where(self) -> str:
        return f"challenged ballot {self.ballot.identifier.hex()[:16]}"

    @property
    def digest(self) -> bytes:
        return tagged(f"{STATEMENT_TAG}/nonce", self.ballot.identifier, b"".join(self.sealed.fields))

    def commitment(
        self, guardian: int, partial: bytes, a: bytes, b: bytes, guardians: Sequence[int]
    ) -> bytes:
        key = self.ballot.identifier_hash
        return hashes.nonce_commitment(key, guardian, self.sealed.fields, a, b, partial, guardians)

    def challenge(self, group: Group, combined: bytes, a: bytes, b: bytes) -> Scalar:
        return hashes.nonce_challenge(group, self.ballot.identifier_hash, self.sealed.fields, a, b, combined)
