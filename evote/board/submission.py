"""A ballot with the voter's decision on its way to the ballot box, and the bytes that are signed.

The ballot hash covers the whole submitted ballot as the record will hold it: state, ciphertexts,
all proofs, the encrypted nonce and, for a cast ballot, the opening of its context. Signatures,
``previous`` and hints are outside of it, so that a ballot that was refused as STALE is signed again
and stays the same ballot (rules A56, A58). A challenge, which follows no ballot, is signed over its
blinding bytes instead: they make the leaf, so nobody on the way may exchange them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final

from evote.ballots.election import Election
from evote.ballots.examine import leaf_of
from evote.ballots.values import (
    BallotState,
    ContextOpening,
    EncryptedBallot,
    PreEncryption,
    SubmittedBallot,
)
from evote.codec import LATER, MAX_FRAME_BYTES, NIL, AtMost, Digest, Text, Width, joined

NO_PREVIOUS: Final = bytes(32)
"""Stands for "no ballot before this one" where a hash would stand; no hash has this value."""

MAX_SIGNATURES: Final = 2
"""One per part of a credential."""

CAST_TAG: Final = "ballot"
"""Role of a credential's signature under a cast ballot."""
CHALLENGE_TAG: Final = "challenge"
"""Role of a credential's signature under a challenge."""

Signature = Annotated[bytes, Width(64)]


@dataclass(frozen=True, slots=True)
class Submission:
    """What a voter's device sends to the box of its unit.

    ``previous`` is the ballot hash at the head of the voter's slot, or :data:`NO_PREVIOUS`; always
    that for a challenge. ``blind`` is 32 secret random bytes with a challenge, from which the log's
    stand-in for the pseudonym is made, and absent with a cast ballot. ``device`` names the attended
    device that signs where the election has no roll, and is empty where credentials sign.
    ``signatures`` has one per part of the credential, in the order of the roll. ``hint`` is the content of
    the ballot's hint frame (:class:`evote.ballots.BallotHint`), or None; nobody trusts it, and without
    it the proofs are checked one by one.
    """

    decision: BallotState
    ballot: EncryptedBallot
    context: ContextOpening
    previous: Digest
    blind: Digest | None
    device: Text
    signatures: Annotated[tuple[Signature, ...], AtMost(MAX_SIGNATURES)]
    hint: Annotated[bytes, AtMost(MAX_FRAME_BYTES)] | None = None
    pre: PreEncryption | None = field(default=None, metadata=LATER)
    """Of a ballot that was encrypted before its voter chose; attended devices alone send such ones."""

    def __post_init__(self) -> None:
        challenged = self.decision is BallotState.CHALLENGED
        if challenged != (self.blind is not None):
            raise ValueError("a challenge comes with its blinding bytes, and a cast ballot without")
        if challenged and self.previous != NO_PREVIOUS:
            raise ValueError("a challenge follows no ballot")

    @property
    def submitted(self) -> SubmittedBallot:
        """The ballot as the record holds it: with its context if it is cast, else without."""
        context = self.context if self.decision is BallotState.CAST else None
        return SubmittedBallot(self.decision, self.ballot, context, self.pre)

    @property
    def bound(self) -> bytes:
        """What is signed beside the ballot, 32 bytes: ``previous``, and of a challenge ``blind``."""
        return self.previous if self.blind is None else self.blind


def ballot_hash(election: Election, submission: Submission) -> bytes:
    """The hash that names a submitted ballot everywhere: in signatures, leaves and receipts."""
    return leaf_of(election, submission.submitted)


def submitted_frame(fields: Mapping[str, bytes], decision: BallotState) -> bytes:
    """The canonical bytes of :attr:`Submission.submitted`, from those of a submission's fields.

    ``fields`` are those of :func:`~evote.codec.decode_fields`, whose decoding gave a submission with this
    decision: what was sent is kept and hashed, and not written again.
    """
    context = fields["context"] if decision is BallotState.CAST else NIL
    parts = {"state": fields["decision"], "ballot": fields["ballot"], "context": context}
    if "pre" in fields:
        parts["pre"] = fields["pre"]
    return joined(SubmittedBallot, parts)


def signed_message(identifier: bytes, ballot: bytes, bound: bytes) -> bytes:
    """What a credential signs, beside role, H_E and log origin: id_B, ballot hash, :attr:`Submission.bound`.

    Each has 32 bytes; ``ValueError`` otherwise.
    """
    if not len(identifier) == len(ballot) == len(bound) == 32:
        raise ValueError("identifier, ballot hash, and previous ballot or blind have 32 bytes each")
    return identifier + ballot + bound
