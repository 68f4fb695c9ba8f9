"""The voter's side: an encrypted ballot that waits, sealed, until the voter casts it or has it opened (A57).

A pending vote is one file, sealed under a passphrase. It may be submitted hours later or by another road,
and any number of times: what goes to the box is made anew only if the slot's head has changed. The first
decision is kept in the file before anything signed leaves; a cast ballot's nonce is forgotten with it.

Rules: nothing is opened without the box's receipt for the challenge; the receipt is checked against what this
device computed itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Final

from evote.ballots import Election, EncryptedBallot, OpenedBallot, PlaintextBallot, hashes, verify_opening
from evote.ballots.device import Device
from evote.ballots.encrypt import encrypt
from evote.ballots.hints import BallotHint
from evote.ballots.opening import open_ballot
from evote.ballots.values import BallotState, ContextOpening, SubmittedBallot
from evote.board.admission import AdmissionReceipt
from evote.board.holder import signed
from evote.board.receipt import Ballot, Receipt
from evote.board.receipt_client import accept_admission
from evote.board.receipt_setting import ReceiptSetting
from evote.board.submission import NO_PREVIOUS, Submission, ballot_hash
from evote.codec import MAX_FRAME_BYTES, AtMost, Between, Digest, Text, Width, decode, encode
from evote.errors import RefusedError, VerificationError
from evote.randomness import SYSTEM
from evote.secret import Secret
from evote.signing import SigningKey
from evote.storage.keep import Keep

KIND: Final = "pending vote"
DEVICE: Final = "voter's device"
"""What stands on ballots that voters encrypt themselves: one text, so that it tells nothing."""


@dataclass(frozen=True, slots=True)
class PendingVote:
    """What is sealed. ``nonce`` opens the ballot, until it is cast; ``blind`` is that of a challenge."""

    format: Annotated[int, Between(1, 1)]
    fingerprint: Digest
    ballot: EncryptedBallot
    context: ContextOpening
    device: Text
    nonce: Annotated[bytes, Width(32)] | None
    blind: Digest | None
    decision: BallotState | None
    hint: Annotated[bytes, AtMost(MAX_FRAME_BYTES)]
    """The content of the ballot's hint frame."""

    @property
    def code(self) -> str:
        """The confirmation code."""
        return self.ballot.confirmation_code.hex().upper()


class PendingFile:
    """The file of a pending vote; ``passphrase`` seals it."""

    def __init__(self, election: Election, path: Path, passphrase: Secret[str]) -> None:
        self._election = election
        self._keep = Keep(path, passphrase, kind=KIND)
        self.path = path

    def make(self, plaintext: PlaintextBallot, pseudonym: bytes | None, *, device: str = "") -> PendingVote:
        """Encrypt and seal; ``device`` is the attended device that signs where there is no roll.

        Raises :class:`RefusedError` if the file exists, ``ValueError`` for marks that nobody can make.
        """
        if self._keep.exists():
            raise RefusedError(f"{self.path} exists; every ballot has a file of its own")
        machine = Device(self._election, device or DEVICE)
        prepared = encrypt(machine, plaintext, pseudonym=pseudonym)
        ballot, context, nonce = prepared.pending()
        vote = PendingVote(
            1,
            self._election.extended_hash,
            ballot,
            context,
            device,
            nonce.reveal(),
            None,
            None,
            prepared.hint().encode(),
        )
        self._save(vote)
        return vote

    def load(self) -> PendingVote:
        """The vote; raises :class:`~evote.errors.StorageError`, and RefusedError for another election's."""
        vote = decode(
            PendingVote, self._keep.load().reveal(), element_bytes=self._election.group.element_bytes
        )
        if vote.fingerprint != self._election.extended_hash:
            raise RefusedError(f"{self.path} is a ballot of another election")
        return vote

    def decide(
        self, decision: BallotState, keys: tuple[SigningKey, ...], previous: bytes = NO_PREVIOUS
    ) -> Submission:
        """What goes to the box, signed; the decision is kept first.

        ``previous`` is the head of the slot, for a cast ballot. Raises :class:`RefusedError` if the voter
        decided otherwise before.
        """
        vote = self.load()
        if vote.decision not in (None, decision):
            raise RefusedError(f"this ballot is {vote.decision.value} already; encrypt another one")
        if vote.decision is None:
            cast = decision is BallotState.CAST
            vote = replace(
                vote,
                decision=decision,
                nonce=None if cast else vote.nonce,
                blind=None if cast else SYSTEM.token(32),
            )
            self._save(vote)
        submission = Submission(
            decision, vote.ballot, vote.context, previous, vote.blind, vote.device, (), self._hint(vote)
        )
        return signed(self._election, submission, keys)

    def open(self, submission: Submission, answer: AdmissionReceipt, now: int) -> OpenedBallot:
        """Open a challenged ballot, with the box's answer to its submission.

        Raises :class:`RefusedError` for a ballot that was not challenged, :class:`VerificationError` for an
        answer that is no receipt of this challenge.
        """
        vote = self.load()
        if vote.decision is not BallotState.CHALLENGED or vote.nonce is None:
            raise RefusedError("this ballot was not challenged; only a challenged ballot is opened")
        if submission.decision is not vote.decision or submission.ballot != vote.ballot:
            raise RefusedError("the submission is that of another ballot")
        receipt_of(self._election, submission, answer, now)
        return open_ballot(self._election, vote.ballot, Secret(vote.nonce))

    def _hint(self, vote: PendingVote) -> bytes:
        """The hint as the box's ballot needs it: of a challenged one only the end."""
        width = self._election.group.element_bytes
        whole = BallotHint.decode(vote.hint, width)
        if whole is None or vote.decision is None:
            raise RefusedError(f"{self.path} has no hint or no decision; encrypt another ballot")
        cast = vote.decision is BallotState.CAST
        submitted = SubmittedBallot(vote.decision, vote.ballot, vote.context if cast else None)
        return whole.fitting(submitted, width).encode()

    def _save(self, vote: PendingVote) -> None:
        self._keep.save(Secret(encode(vote)))


def receipt_of(election: Election, submission: Submission, answer: AdmissionReceipt, now: int) -> Receipt:
    """The receipt to keep; raises :class:`VerificationError` if the answer is none for this submission."""
    setting = ReceiptSetting(election.manifest, election.extended_hash)
    ballot = Ballot.of(submission, ballot_hash(election, submission))
    return accept_admission(setting, ballot, answer, now=now)


def check_opened(
    election: Election, submission: Submission, opening: OpenedBallot, pseudonym: bytes | None
) -> None:
    """What a second device checks: the identifier with the voter's *own* pseudonym, then every ciphertext.

    ``pseudonym`` is that of the voter's own code, which the first device cannot choose. Raises
    :class:`VerificationError`.
    """
    ballot = submission.ballot
    computed = hashes.context_identifier(
        election.extended_hash, ballot.unit, ballot.style, pseudonym, submission.context.randomness
    )
    if computed != ballot.identifier:
        raise VerificationError(
            "the ballot was not made for this voter: its identifier is another",
            check="E.1",
            expected=computed.hex(),
            computed=ballot.identifier.hex(),
        )
    if opening.identifier != ballot.identifier:
        raise VerificationError("the opening is that of another ballot", check="13.B")
    verify_opening(election, ballot, opening)
