"""Commitment hints: the commitments behind the proofs of one ballot, for whoever verifies many at once.

2.1 publishes (challenge, response) only, so a verifier recomputes every commitment to hash it. A hint
holds the commitments that anybody can compute from the proofs; with them a verifier hashes first and
decides the equations of many ballots together (:mod:`evote.ballots.batch`). A hint is never trusted, never
declared and in no index: a wrong one costs time and changes no verdict.

Form (``specs/record-format.md#hints``): 32 bytes of identifier, then commitments at the width of an
element: those of all selections (contest by contest, field by field, a_0 b_0 a_1 b_1 ...), of all
contest limits, one for each contest data, one for the ballot nonce. On a pre-encrypted ballot those of the
vectors that stand beside the selections follow the selections'. On a challenged ballot only data and
nonce are checked, so its hint has only these: the end of the other. The single byte 00 says that a
ballot has none.

Rules: decoding looks at lengths alone; whether a commitment is in range and re-hashes is for its user.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from evote.ballots.preencrypted_shape import shown_vectors
from evote.ballots.values import BallotState, EncryptedBallot, SubmittedBallot
from evote.errors import DecodeError
from evote.hashing import DIGEST_BYTES

NO_HINT: Final = b"\x00"
"""The content of a frame that says that its ballot has no hint."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many commitments of which part a ballot's proofs have."""

    selections: int
    limits: int
    data: int
    nonce: int = 1

    @property
    def total(self) -> int:
        """All of them."""
        return self.selections + self.limits + self.data + self.nonce


@dataclass(frozen=True, slots=True)
class BallotHint:
    """The commitments of one ballot, joined in their order, and the identifier of the ballot."""

    identifier: bytes
    values: bytes

    def encode(self) -> bytes:
        """The content of the frame."""
        return self.identifier + self.values

    @classmethod
    def decode(cls, content: bytes, element_bytes: int) -> BallotHint | None:
        """The hint of a frame; None where it says that there is none.

        Raises :class:`DecodeError` for a length that no hint has.
        """
        if content == NO_HINT:
            return None
        size = len(content) - DIGEST_BYTES
        if size < element_bytes or size % element_bytes:
            raise DecodeError(f"{len(content)} bytes are no identifier with commitments")
        return cls(content[:DIGEST_BYTES], content[DIGEST_BYTES:])

    def fitting(self, submitted: SubmittedBallot, element_bytes: int) -> BallotHint:
        """This hint as the one of a ballot that was decided: of a challenged one only the end is needed.

        Raises ``ValueError`` for the hint of another ballot, or one that has too little.
        """
        wanted = counts_of(submitted).total * element_bytes
        if self.identifier != submitted.ballot.identifier or len(self.values) < wanted:
            raise ValueError("the hint is not that of this ballot")
        return BallotHint(self.identifier, self.values[len(self.values) - wanted :])


def counts_of(submitted: SubmittedBallot) -> Counts:
    """How many commitments the hint of a ballot has, by the proofs that stand on it."""
    full = counts_of_all(submitted.ballot)
    if submitted.state is BallotState.CAST:
        vectors = sum(2 * len(selection.proof) for selection in shown_vectors(submitted))
        return replace(full, selections=full.selections + vectors)
    return Counts(0, 0, full.data)


def counts_of_all(ballot: EncryptedBallot) -> Counts:
    """How many commitments all proofs of a ballot have."""
    return Counts(
        sum(2 * len(selection.proof) for contest in ballot.contests for selection in contest.selections),
        sum(2 * len(contest.limit_proof) for contest in ballot.contests),
        sum(contest.data is not None for contest in ballot.contests),
    )


def frame_of(hint: BallotHint | None) -> bytes:
    """The content of the frame of a hint, or of none."""
    return NO_HINT if hint is None else hint.encode()
