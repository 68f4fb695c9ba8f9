"""A voter of a demonstration with a board, and the device that votes for this person.

What ``evote vote`` does with sealed files (:mod:`evote.office.voter`) happens here in memory: the code is
typed from paper, the device encrypts, the voter has a ballot opened and checked, or casts it, and keeps what
the box answers as a receipt.

Rules: nothing is opened without the receipt for the challenge; every answer is checked against what the
device computed itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from evote.ballots import Election, PlaintextBallot
from evote.ballots.device import Device
from evote.ballots.encrypt import encrypt
from evote.ballots.opening import open_ballot
from evote.ballots.values import BallotState, OpenedBallot
from evote.board.codes import Code
from evote.board.holder import Holder
from evote.board.receipt import Receipt
from evote.board.submission import NO_PREVIOUS, Submission, ballot_hash
from evote.codec import encode
from evote.errors import VerificationError
from evote.office.voter import DEVICE, check_opened, receipt_of
from evote.randomness import SYSTEM
from evote.secret import Secret
from evote.storage.box import BallotBox


class DemoVoter:
    """``sheet`` is the code as it stands on paper; ``now`` is the clock of the voter's device."""

    def __init__(
        self, election: Election, box: BallotBox, sheet: Secret[str], now: Callable[[], int]
    ) -> None:
        self._election = election
        self._box = box
        self._now = now
        self._holder = Holder.of_codes(election.manifest, [Code.read(sheet)])
        self._device: Final = Device(election, DEVICE)
        self._last = NO_PREVIOUS

    def cast(self, ballot: PlaintextBallot, *, twice: bool = False) -> Receipt:
        """Cast a ballot, behind what this voter cast before; with ``twice`` it is sent again.

        Raises :class:`VerificationError` if the box answers the second time with something else.
        """
        submission, _ = self._encrypted(ballot, BallotState.CAST)
        data = encode(submission)
        answer = self._box.admit(data)
        if twice and self._box.admit(data) != answer:
            raise VerificationError("the box has two receipts for one ballot", where=ballot.unit)
        self._last = ballot_hash(self._election, submission)
        return receipt_of(self._election, submission, answer, self._now())

    def challenge(self, ballot: PlaintextBallot) -> tuple[Receipt, OpenedBallot]:
        """Have a ballot opened in place of casting it, and look at it on a second device.

        Raises :class:`VerificationError` if it is not what the voter chose.
        """
        submission, nonce = self._encrypted(ballot, BallotState.CHALLENGED)
        answer = self._box.challenge(encode(submission))
        receipt = receipt_of(self._election, submission, answer, self._now())
        opening = open_ballot(self._election, submission.ballot, nonce)
        check_opened(self._election, submission, opening, self._holder.pseudonym)
        return receipt, opening

    def _encrypted(self, ballot: PlaintextBallot, decision: BallotState) -> tuple[Submission, Secret[bytes]]:
        """What goes to the box, signed and with its hint; and what opens it."""
        prepared = encrypt(self._device, ballot, pseudonym=self._holder.pseudonym)
        encrypted, context, nonce = prepared.pending()
        cast = decision is BallotState.CAST
        submission = Submission(
            decision,
            encrypted,
            context,
            self._last if cast else NO_PREVIOUS,
            None if cast else SYSTEM.token(32),
            "",
            (),
        )
        width = self._election.group.element_bytes
        hint = prepared.hint().fitting(submission.submitted, width).encode()
        return self._holder.sign(self._election, replace(submission, hint=hint)), nonce
