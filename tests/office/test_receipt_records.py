"""Receipts against whole records: with a roll, and with attended devices and no witnesses."""

from __future__ import annotations

from pathlib import Path

import pytest

from evote.board.admission import RECEIPT_TAG
from evote.board.entries import CastEntry, ChallengeEntry
from evote.board.evidence import ReceiptVerdict
from evote.board.receipt import Ballot, Promise, Receipt
from evote.board.receipt_check import check_receipt
from evote.board.submission import NO_PREVIOUS
from evote.codec import encode
from evote.manifest.moments import moment_of
from evote.office.receipts import record_log, record_setting
from evote.record import RecordReader
from evote.testing.boards import unit_origin
from evote.testing.boxes import Boxes
from evote.testing.groups import toy
from tests.board.receipts import DUE, VOTED_AT

GROUPS = {toy().name: toy()}


def promised(boxes: Boxes, unit: str, entry: CastEntry | ChallengeEntry) -> Receipt:
    """What a voter holds whose ballot became that entry."""
    if isinstance(entry, ChallengeEntry):
        ballot = Ballot(unit, entry.style, True, entry.blinded, entry.ballot, NO_PREVIOUS)
    else:
        ballot = Ballot(unit, entry.style, False, entry.pseudonym, entry.ballot, entry.previous)
    fingerprint, origin = boxes.election.extended_hash, unit_origin(unit)
    unsigned = Promise(moment_of(VOTED_AT), moment_of(DUE), bytes(64))
    admission = unsigned.receipt(fingerprint, origin, ballot.leaf(fingerprint, origin)).admission
    signature = boxes.keys.units[unit].sign(RECEIPT_TAG, fingerprint, origin, encode(admission))
    return Receipt(fingerprint, ballot, Promise(admission.time, admission.deadline, signature), None)


def verdicts(boxes: Boxes, folder: Path, receipts: list[Receipt]) -> list[ReceiptVerdict]:
    boxes.close()
    reader = RecordReader(boxes.kit.write(boxes.publish(), folder), GROUPS)
    setting = record_setting(reader)
    found = []
    for receipt in receipts:
        log = record_log(reader, setting, receipt.ballot.unit)
        found.append(check_receipt(setting, receipt, log=log).verdict)
    return found


@pytest.mark.parametrize("parts", [1, 2])
def test_a_record_with_a_roll_answers_every_receipt(tmp_path: Path, parts: int) -> None:
    boxes = Boxes(parts=parts)
    first, second, _, southerner = boxes.voters
    receipts = [promised(boxes, "North", boxes.cast(first))]
    boxes.head("North")
    receipts.append(promised(boxes, "North", boxes.cast(first)))
    receipts.append(promised(boxes, "North", boxes.challenge(second)))
    reissued = boxes.reissue(southerner)
    receipts.append(promised(boxes, "South", boxes.cast(reissued)))
    assert verdicts(boxes, tmp_path, receipts) == [
        ReceiptVerdict.SUPERSEDED,
        ReceiptVerdict.COUNTED,
        ReceiptVerdict.CHALLENGED,
        ReceiptVerdict.COUNTED,
    ]


def test_a_record_of_attended_devices_without_witnesses_answers_too(tmp_path: Path) -> None:
    boxes = Boxes(attended=True, witnesses=0)
    cast, opened = boxes.cast(), boxes.challenge()
    receipts = [promised(boxes, "North", cast), promised(boxes, "North", opened)]
    assert verdicts(boxes, tmp_path, receipts) == [ReceiptVerdict.COUNTED, ReceiptVerdict.CHALLENGED]
