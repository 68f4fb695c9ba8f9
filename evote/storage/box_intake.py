"""From the bytes of a submission to a candidate for the log: everything that needs no database.

Bounded cost per request (R4): the size is looked at before anything is read, decoding takes only what
the type has room for, and the rules of the board (roll, signatures, identifier) come before
anything is reserved (A58). The receipt is signed here, so that signing is done by many callers
at once; it leaves only when the entry is durable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evote.ballots.batch import examine_chunk
from evote.ballots.election import Election
from evote.ballots.examine import examine
from evote.ballots.hashes import submitted_hash
from evote.ballots.hints import NO_HINT, BallotHint
from evote.ballots.values import BallotState, SubmittedBallot
from evote.ballots.verified import Examination
from evote.board.admission import RECEIPT_TAG, Admission, AdmissionReceipt
from evote.board.entries import VerdictEntry, leaf_data
from evote.board.submission import Submission, submitted_frame
from evote.codec import MAX_LABEL_BYTES, MAX_TEXT_BYTES, data_form, decode, decode_fields, encode, joined
from evote.errors import DecodeError
from evote.signing import SigningKey
from evote.storage.box_admission import Candidate, refused
from evote.storage.box_checker import Checker
from evote.storage.box_elements import element_digests
from evote.storage.box_refusals import BoxRefusal, SubmissionRefusedError
from evote.storage.box_setting import BoxSetting

Examiner = Callable[[Election, Sequence[SubmittedBallot], Sequence[BallotHint | None]], Sequence[Examination]]
"""Checks the proofs of ballots, with their hints: one examination per ballot, in their order."""


def examine_each(
    election: Election, ballots: Sequence[SubmittedBallot], hints: Sequence[BallotHint | None]
) -> list[Examination]:
    """The plain examiner: one ballot after another, every equation by itself; hints are not looked at."""
    return [examine(election, ballot) for ballot in ballots]


def examine_together(
    election: Election, ballots: Sequence[SubmittedBallot], hints: Sequence[BallotHint | None]
) -> Sequence[Examination]:
    """Ballots with hints in one batch, the others one by one; it finds what the plain examiner finds."""
    return examine_chunk(election, ballots, hints).examinations


def hint_of(content: bytes, element_bytes: int) -> BallotHint | None:
    """The hint in what a voter's device sent as one; None for what is none, which costs time only."""
    try:
        return BallotHint.decode(content, element_bytes)
    except DecodeError:
        return None


@dataclass(frozen=True, slots=True)
class Received:
    """A submission whose form is right."""

    submission: Submission
    ballot: bytes
    """The ballot hash."""
    frame: bytes

    @property
    def identifier(self) -> bytes:
        """id_B."""
        return self.submission.ballot.identifier


class Intake:
    """Reads and checks submissions for one box; safe among threads."""

    def __init__(self, setting: BoxSetting, key: SigningKey, checker: Checker) -> None:
        self._setting = setting
        self._key = key
        self._checker = checker
        self._limit = setting.largest_submission
        self._times = 0, setting.times(0)

    def receive(self, data: bytes, decision: BallotState) -> Received:
        """The submission in ``data``; raises :class:`SubmissionRefusedError`."""
        if len(data) > self._limit:
            raise SubmissionRefusedError(
                BoxRefusal.TOO_LARGE.value,
                f"{len(data)} bytes are more than any ballot of this election has ({self._limit})",
            )
        election = self._setting.election
        try:
            submission, fields = decode_fields(
                Submission, data, element_bytes=election.group.element_bytes, limit=self._limit
            )
        except DecodeError as error:
            raise SubmissionRefusedError(
                BoxRefusal.MALFORMED.value, f"this is no submission: {error}"
            ) from None
        if submission.decision is not decision:
            raise SubmissionRefusedError(
                BoxRefusal.MALFORMED.value,
                f"the submission says {submission.decision.value}, and {decision.value} was asked for",
            )
        frame = submitted_frame(fields, decision)
        return Received(submission, submitted_hash(election.extended_hash, frame), frame)

    def check(self, received: Received, now: int, examiner: Examiner | None) -> Candidate:
        """The candidate; with its verdict if there is an examiner.

        Raises :class:`SubmissionRefusedError` if a rule of the board forbids it.
        """
        submission, setting = received.submission, self._setting
        if now >= setting.closes:
            raise refused(BoxRefusal.CLOSED)
        claim = self._checker.check(submission, received.ballot)
        leaf = leaf_data(setting.election.extended_hash, setting.origin, setting.unit, claim.entry)
        verdict = None
        if examiner is not None:
            hint = hint_of(submission.hint or NO_HINT, setting.election.group.element_bytes)
            (examination,) = examiner(setting.election, [submission.submitted], [hint])
            verdict = verdict_of(received.ballot, examination)
        promise, receipt = self._receipt(leaf, now)
        return Candidate(
            identifier=submission.ballot.identifier,
            entry=claim.entry,
            slot=claim.slot,
            leaf=leaf,
            body=encode(claim.entry),
            elements=element_digests(submission.submitted),
            frame=received.frame,
            hint=submission.hint or NO_HINT,
            promise=promise,
            receipt=receipt,
            reissues=claim.reissues,
            verdict=verdict,
        )

    def read_receipt(self, data: bytes) -> AdmissionReceipt:
        """A receipt as the box keeps it."""
        return decode(AdmissionReceipt, data, element_bytes=0)

    def _receipt(self, leaf: bytes, now: int) -> tuple[AdmissionReceipt, bytes]:
        """The receipt and its canonical bytes."""
        setting = self._setting
        known, times = self._times
        if known != now:  # once a second, and not once per ballot
            times = setting.times(now)
            self._times = now, times
        time, deadline = times
        election = setting.election.extended_hash
        admission = Admission(1, election, setting.origin, leaf, time, deadline)
        signed = encode(admission)
        receipt = AdmissionReceipt(admission, self._key.sign(RECEIPT_TAG, election, setting.origin, signed))
        fields = {"admission": signed, "signature": data_form(receipt.signature)}
        return receipt, joined(AdmissionReceipt, fields)


def verdict_of(ballot: bytes, examination: Examination) -> VerdictEntry:
    """The verdict that an examination comes to: accepted, or the first finding."""
    if not examination.findings:
        return VerdictEntry(ballot, True, "", "")
    first = examination.findings[0]
    return VerdictEntry(ballot, False, _cut(first.check, MAX_LABEL_BYTES), _cut(str(first), MAX_TEXT_BYTES))


def _cut(text: str, most: int) -> str:
    return text.encode("utf-8")[:most].decode("utf-8", "ignore")
