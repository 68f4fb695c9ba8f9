"""What a ballot box asks of the rules of the board before it admits anything.

The rules see a submission outside of any transaction, so that many are checked at once; what can change
until the transaction comes is left to the box: the slot's head, and whether a credential was
replaced since (:attr:`Checker.reissues` says how many re-issues the answer knows of).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from evote.ballots.election import Election
from evote.board.credential import BUILT_IN, Schemes
from evote.board.entries import CastEntry, ChallengeEntry, ReissueEntry
from evote.board.reissue import Credentials
from evote.board.roll import Roll
from evote.board.rules import Refused, Setting, check_claim
from evote.board.submission import Submission
from evote.errors import RefusedError, VerificationError
from evote.storage.box_refusals import SubmissionRefusedError


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

    @property
    def reissues(self) -> int:
        """Number of re-issues in force."""

    def check(self, submission: Submission, ballot: bytes) -> Claim:
        """What ``submission`` with that ballot hash claims; ``previous`` is taken for the slot's head.

        Raises :class:`~evote.storage.box_refusals.SubmissionRefusedError`.
        """

    def check_reissue(self, entry: ReissueEntry) -> None:
        """That a re-issue may take force now. Raises :class:`~evote.errors.RefusedError`."""

    def reissue(self, entry: ReissueEntry) -> None:
        """From now on the credential of a slot is another; called once for each, in the log's order."""


class BoardRules:
    """The rules of :mod:`evote.board.rules` for one unit.

    ``credentials`` are those of the roll before any re-issue; the box brings them up to date. None where the
    election has no roll, so that attended devices sign. Raises ``ValueError`` if that, or the unit, does
    not fit the manifest.
    """

    def __init__(self, setting: Setting, credentials: Credentials | None) -> None:
        if (credentials is None) != (setting.election.manifest.roll is None):
            raise ValueError("a box has credentials exactly if the manifest declares a roll")
        self._setting = setting
        self._credentials = credentials

    @classmethod
    def of(
        cls, election: Election, unit: str, roll: Roll | None = None, known: Schemes = BUILT_IN
    ) -> BoardRules:
        """The rules with the credentials of a roll, all of whose schemes are ``known``.

        Raises :class:`~evote.errors.RefusedError` for a scheme that is not: its voters would all be refused.
        """
        unknown = () if roll is None else roll.unknown(known)
        if unknown:
            raise RefusedError(
                f"the roll has credentials of the scheme {unknown[0]!r}, and no verifier for it is given; a "
                "program that has one opens the box with it"
            )
        credentials = None if roll is None else Credentials(roll, election.extended_hash, known)
        return cls(Setting(election, unit, known), credentials)

    @property
    def reissues(self) -> int:
        """Number of re-issues in force."""
        return 0 if self._credentials is None else self._credentials.count

    def check(self, submission: Submission, ballot: bytes) -> Claim:
        """Steps 1 to 5 of the board's rules; see :meth:`Checker.check`."""
        reissues = self.reissues  # before the credential is looked up, so that a change is noticed
        name = submission.context.pseudonym
        holding = None if self._credentials is None or name is None else self._credentials.find(name)
        entry = check_claim(self._setting, holding, submission, ballot)
        if isinstance(entry, Refused):
            raise SubmissionRefusedError(entry.refusal.value, entry.message)
        return Claim(entry, None if holding is None else holding.slot, reissues)

    def check_reissue(self, entry: ReissueEntry) -> None:
        """See :meth:`Checker.check_reissue`."""
        try:
            self._known().check(self._setting.unit, entry)
        except VerificationError as error:
            raise RefusedError(str(error)) from error

    def reissue(self, entry: ReissueEntry) -> None:
        """See :meth:`Checker.reissue`."""
        self._known().apply(self._setting.unit, entry)

    def _known(self) -> Credentials:
        if self._credentials is None:
            raise RefusedError("the election has no roll, so no credential is replaced")
        return self._credentials
