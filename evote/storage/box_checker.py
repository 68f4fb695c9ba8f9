"""What a ballot box asks of the rules of the board before it admits anything.

The rules see a submission outside of any transaction, so that many are checked at once; what can change
until the transaction comes is left to the box: the slot's head, and whether a credential was
replaced since (:attr:`Checker.reissues` says how many re-issues the answer knows of).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from evote.board.entries import CastEntry, ChallengeEntry, ReissueEntry
from evote.board.submission import Submission


@dataclass(frozen=True, slots=True)
class Claim:
    """What a submission asks for, after everything was checked that does not need the box."""

    entry: CastEntry | ChallengeEntry
    slot: int | None
    """Of the roll; None where an election has no roll."""
    reissues: int
    """Number of re-issues in force when it was checked."""


class Checker(Protocol):
    """The rules for one unit: roll, signatures, identifier, shape. Safe among threads."""

    reissues: int
    """Number of re-issues in force."""

    def check(self, submission: Submission, ballot: bytes) -> Claim:
        """What ``submission`` with that ballot hash claims; ``previous`` is taken for the slot's head.

        Raises :class:`~evote.storage.box_refusals.SubmissionRefusedError`.
        """

    def check_reissue(self, entry: ReissueEntry) -> None:
        """That a re-issue may take force now. Raises :class:`~evote.errors.RefusedError`."""

    def reissue(self, entry: ReissueEntry) -> None:
        """From now on the credential of a slot is another; called once for each, in the log's order."""
