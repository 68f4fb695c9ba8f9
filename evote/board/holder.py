"""The holder of a credential, or an attended device: signs what goes to the ballot box (A55, A56).

What it leaves out: where codes and pending ballots are kept. Nothing of a code is in a repr or an
error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from evote.ballots.election import Election
from evote.ballots.values import BallotState
from evote.board.codes import FIRST, SECOND, WHOLE, Code
from evote.board.credential import pseudonym
from evote.board.submission import CAST_TAG, CHALLENGE_TAG, Submission, ballot_hash, signed_message
from evote.manifest import Manifest
from evote.signing import SigningKey


@dataclass(frozen=True, slots=True, eq=False)
class Holder:
    """The keys of one credential, in the order of the roll, for one election."""

    manifest: Manifest
    keys: tuple[SigningKey, ...]

    def __post_init__(self) -> None:
        roll = self.manifest.roll
        if roll is None:
            raise ValueError("the election has no roll, so nobody holds credentials")
        if len(self.keys) != roll.parts:
            raise ValueError(f"a credential of this election has {roll.parts} keys, not {len(self.keys)}")

    @classmethod
    def of_codes(cls, manifest: Manifest, codes: Sequence[Code]) -> Holder:
        """The holder of these codes, in any order.

        Raises ``ValueError`` unless they are one whole code, or a first and a second part, as the
        manifest says.
        """
        roll = manifest.roll
        if roll is None:
            raise ValueError("the election has no roll, so nobody holds credentials")
        wanted = (WHOLE,) if roll.parts == 1 else (FIRST, SECOND)
        ordered = sorted(codes, key=lambda code: code.part)
        if tuple(code.part for code in ordered) != wanted:
            raise ValueError(
                "this election has one code per voter"
                if roll.parts == 1
                else "this election has two codes per voter, one of each authority; both are needed"
            )
        return cls(manifest, tuple(code.key(manifest.salt, roll.iterations) for code in ordered))

    @property
    def public(self) -> tuple[bytes, ...]:
        """The keys as they stand on the roll."""
        return tuple(key.verify_key.encoded for key in self.keys)

    @property
    def pseudonym(self) -> bytes:
        """The pseudonym of the credential, 32 bytes."""
        return pseudonym(self.manifest.salt, self.public)

    def sign(self, election: Election, submission: Submission) -> Submission:
        """The submission signed with every key, whatever signatures it had: so also after STALE."""
        return signed(election, submission, self.keys)


def signed(election: Election, submission: Submission, keys: Sequence[SigningKey]) -> Submission:
    """The submission with the signatures of ``keys``: a credential's, or one of an attended device.

    Raises ``ValueError`` for an election without a board or a unit that does not report.
    """
    board = election.manifest.board
    log = None if board is None else board.units.get(submission.ballot.unit)
    if log is None:
        raise ValueError("ballots are signed for the log of their unit, and there is none")
    tag = CAST_TAG if submission.decision is BallotState.CAST else CHALLENGE_TAG
    message = signed_message(
        submission.ballot.identifier, ballot_hash(election, submission), submission.bound
    )
    signatures = tuple(key.sign(tag, election.extended_hash, log.origin, message) for key in keys)
    return replace(submission, signatures=signatures)
