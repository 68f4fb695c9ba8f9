"""From submissions to answers: several at once, read, checked, admitted and answered by one thread.

In this order, for every group: form and size of each; one question to the database, who of them is admitted
already; the rules of the board for the others; one transaction. A refusal is an answer, and so is whatever
goes wrong with one submission alone: the others of its group do not hear of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from evote.ballots.values import BallotState
from evote.board.admission import AdmissionReceipt
from evote.errors import StorageError
from evote.storage.box_admission import Candidate, CheckAgain, Outcome
from evote.storage.box_core import BoxCore
from evote.storage.box_intake import Examiner, Intake, Received
from evote.storage.box_refusals import SubmissionRefusedError

Answer: TypeAlias = AdmissionReceipt | Exception
"""The receipt, or what the caller is to raise."""

_TRIES = 5
_HELD = "SELECT identifier, ballot, receipt FROM ballots WHERE identifier {among}"


@dataclass(frozen=True, slots=True)
class Asked:
    """The bytes of a submission, and what was asked for it."""

    data: bytes
    decision: BallotState


class Desk:
    """Answers submissions for one box; safe among threads. ``learn`` tells the rules of new re-issues."""

    def __init__(self, intake: Intake, core: BoxCore, learn: Callable[[], None]) -> None:
        self._intake = intake
        self._core = core
        self._learn = learn

    def answer(
        self,
        group: Sequence[Asked],
        commit: Callable[[Sequence[Candidate]], Sequence[Outcome]],
        examiner: Examiner | None,
    ) -> list[Answer]:
        """One answer per submission; receipts are durable, as ``commit`` sees to. Raises what it raises."""
        answers: dict[int, Answer] = {}
        left: dict[int, Received] = {}
        for place, asked in enumerate(group):
            try:
                left[place] = self._intake.receive(asked.data, asked.decision)
            except Exception as error:  # noqa: BLE001 - its own caller raises it
                answers[place] = error
        # An admitted ballot has its receipt, whatever became of credential or closing time; and voters
        # who come again cost little.
        held = self._held([received.identifier for received in left.values()])
        for place, received in list(left.items()):
            ballot, receipt = held.get(received.identifier, (b"", b""))
            if ballot == received.ballot:
                answers[place] = self._intake.read_receipt(receipt)
                del left[place]
        for _ in range(_TRIES):
            left = self._admit(left, answers, commit, examiner)
            if not left:
                break
            self._learn()
        for place in left:
            answers[place] = StorageError(
                "credentials are being replaced at this moment; send the same again"
            )
        return [answers[place] for place in range(len(group))]

    def _admit(
        self,
        left: dict[int, Received],
        answers: dict[int, Answer],
        commit: Callable[[Sequence[Candidate]], Sequence[Outcome]],
        examiner: Examiner | None,
    ) -> dict[int, Received]:
        """Check and commit; what has to be checked again because a credential was replaced meanwhile."""
        candidates: dict[int, Candidate] = {}
        for place, received in left.items():
            try:
                candidates[place] = self._intake.check(received, self._core.now(), examiner)
            except Exception as error:  # noqa: BLE001 - its own caller raises it
                answers[place] = error
        again = {}
        outcomes = commit(list(candidates.values())) if candidates else ()
        for (place, candidate), outcome in zip(candidates.items(), outcomes, strict=True):
            if isinstance(outcome, CheckAgain):
                again[place] = left[place]
            elif isinstance(outcome, SubmissionRefusedError):
                answers[place] = outcome
            elif outcome.receipt == candidate.receipt:
                answers[place] = candidate.promise
            else:
                answers[place] = self._intake.read_receipt(outcome.receipt)
        return again

    def _held(self, identifiers: Sequence[bytes]) -> dict[bytes, tuple[bytes, bytes]]:
        """By identifier, the hash and the receipt of the ballots that are admitted."""
        if not identifiers:
            return {}
        rows = self._core.ask(lambda session: session.among(_HELD, list(set(identifiers))))
        return {bytes(row[0]): (bytes(row[1]), bytes(row[2])) for row in rows}
