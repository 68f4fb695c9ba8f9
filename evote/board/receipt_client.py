"""What the voter's device does with the answers of a box: believe nothing that it did not compute (A21).

The device knows its submission and the manifest. It computes the leaf itself; an answer about another
leaf, log or election, or with a deadline later than the manifest allows, is refused at once (rule A66),
while the voter still sits in front of it and other roads are open.

What is left out: sending and keeping.
"""

from __future__ import annotations

from typing import Final

from evote.board.admission import AdmissionReceipt
from evote.board.evidence import CheckedReceipt
from evote.board.receipt import Ballot, Inclusion, Promise, Receipt
from evote.board.receipt_check import check_receipt
from evote.board.receipt_setting import ReceiptSetting
from evote.errors import VerificationError
from evote.manifest.moments import moment_of, seconds_of

CLOCK_TOLERANCE: Final = 600
"""Seconds by which the clocks of box and device may differ: a box whose clock is ahead has more time."""


def accept_admission(
    setting: ReceiptSetting,
    ballot: Ballot,
    answer: AdmissionReceipt,
    *,
    now: int,
    tolerance: int = CLOCK_TOLERANCE,
) -> Receipt:
    """The receipt to keep, if the box's answer is a promise for exactly this ballot.

    ``ballot`` is made of the device's own submission (:meth:`Ballot.of`), ``now`` is the device's clock.
    An answer that came before may be given again: a retry has the old times, so only a time ahead of
    ``now`` is refused.

    Raises :class:`VerificationError` with the field in ``where`` for another election, log or leaf, for a
    wrong signature, and for times that the manifest does not allow; ``ValueError`` for a unit that does
    not report.
    """
    log, admission = setting.unit_log(ballot.unit), answer.admission
    leaf = ballot.leaf(setting.fingerprint, log.name)
    _same("fingerprint", "another election", setting.fingerprint.hex(), admission.fingerprint.hex())
    _same("origin", "the log of another unit", log.name, admission.origin)
    _same("leaf", "another ballot", leaf.hex(), admission.leaf.hex())
    answer.verify(log.key)
    promise = _promise(answer)
    check_times(setting, promise)
    if seconds_of(promise.time) > now + tolerance:
        raise VerificationError(
            "the box's clock is ahead, so that it would have more time than it may",
            where="time",
            expected=f"{moment_of(now)} or before",
            computed=promise.time,
        )
    return Receipt(setting.fingerprint, ballot, promise, None)


def accept_inclusion(setting: ReceiptSetting, receipt: Receipt, inclusion: Inclusion) -> Receipt:
    """The receipt with a proof that came later, if that proves the receipt's own leaf.

    Raises :class:`VerificationError` if it does not.
    """
    proven = receipt.having(inclusion)
    found: CheckedReceipt = check_receipt(setting, proven)
    if found.exit_code == 1:
        raise VerificationError(f"the proof is not one of this ballot: {found.reason}", where="inclusion")
    return proven


def check_times(setting: ReceiptSetting, promise: Promise) -> None:
    """That a promise is due in time: within the merge delay, and not later after the end of voting.

    Raises :class:`VerificationError`.
    """
    time, deadline = seconds_of(promise.time), seconds_of(promise.deadline)
    latest = min(time + setting.board.merge_delay, setting.last_deadline)
    if not time <= deadline <= latest:
        raise VerificationError(
            "the deadline is not one that the manifest allows",
            where="deadline",
            expected=f"{promise.time} to {moment_of(latest)}",
            computed=promise.deadline,
        )


def _promise(answer: AdmissionReceipt) -> Promise:
    admission = answer.admission
    try:
        return Promise(admission.time, admission.deadline, answer.signature)
    except ValueError as error:
        raise VerificationError(str(error), where="time") from error


def _same(where: str, what: str, expected: str, computed: str) -> None:
    if expected != computed:
        raise VerificationError(
            f"the box's answer is a receipt for {what}", where=where, expected=expected, computed=computed
        )
