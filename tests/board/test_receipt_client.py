"""The voter's device believes no answer that it did not compute (A21 to A23, A66)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from evote.board.admission import RECEIPT_TAG, AdmissionReceipt
from evote.board.evidence import ReceiptVerdict
from evote.board.receipt import Ballot, Receipt
from evote.board.receipt_check import check_receipt
from evote.board.receipt_client import accept_admission, accept_inclusion
from evote.board.submission import ballot_hash
from evote.codec import encode
from evote.errors import VerificationError
from evote.manifest.moments import moment_of
from evote.testing.boards import unit_origin
from tests.board.logs import flipped
from tests.board.receipts import (
    ALICE,
    CLOSED_AT,
    DELAY,
    DUE,
    ELECTORATE,
    FINGERPRINT,
    SETTING,
    VOTED_AT,
    A,
    B,
    C,
    S,
    answer,
    closed,
    promised,
    unit_key,
    voting,
)


def refused(ballot: Ballot, given: AdmissionReceipt, now: int = VOTED_AT) -> str:
    with pytest.raises(VerificationError) as caught:
        accept_admission(SETTING, ballot, given, now=now)
    return caught.value.where


@pytest.mark.parametrize("made", [A, C, S], ids=["cast", "challenge", "south"])
def test_an_honest_answer_becomes_the_receipt(made: Ballot) -> None:
    receipt = accept_admission(SETTING, made, answer(made), now=VOTED_AT)
    assert receipt == promised(made)
    assert check_receipt(SETTING, receipt, at=VOTED_AT).verdict is ReceiptVerdict.NOT_YET_DUE


def test_a_retry_gets_the_old_answer_and_keeps_it() -> None:
    assert accept_admission(SETTING, A, answer(A), now=VOTED_AT + 10**6) == promised(A)


def test_a21_a_receipt_for_another_ballot_is_refused() -> None:
    """The device submitted one ballot, and the server answers with the receipt of another."""
    submission = ELECTORATE.submission(ALICE)
    own = Ballot.of(submission, ballot_hash(ELECTORATE.election, submission))
    assert refused(own, answer(B)) == "leaf"
    assert refused(own, answer(replace(own, ballot=flipped(own.ballot)))) == "leaf"
    assert refused(own, answer(replace(own, voter=B.voter))) == "leaf"
    assert refused(own, answer(replace(own, style="heavy"))) == "leaf"
    assert accept_admission(SETTING, own, answer(own), now=VOTED_AT).ballot == own


def test_a6_two_voters_with_one_ballot_have_two_leaves() -> None:
    twin = replace(A, voter=B.voter)
    assert twin.leaf(FINGERPRINT, unit_origin("North")) != A.leaf(FINGERPRINT, unit_origin("North"))
    assert refused(twin, answer(A)) == "leaf"


def test_a22_a_receipt_of_another_units_log_is_refused() -> None:
    moved = answer(replace(A, unit="South"))
    assert refused(A, moved) == "origin"
    assert refused(A, answer(A, origin=unit_origin("South"), key=unit_key("South"))) == "origin"


def test_a23_a_receipt_of_another_election_is_refused() -> None:
    assert refused(A, answer(A, fingerprint=flipped(FINGERPRINT))) == "fingerprint"


def test_a_receipt_that_the_log_did_not_sign_is_refused() -> None:
    with pytest.raises(VerificationError, match="not signed by the log"):
        accept_admission(SETTING, A, answer(A, key=unit_key("South")), now=VOTED_AT)
    good = answer(A)
    for at in range(64):
        false = replace(good, signature=flipped(good.signature, at))
        with pytest.raises(VerificationError, match="not signed by the log"):
            accept_admission(SETTING, A, false, now=VOTED_AT)


@pytest.mark.parametrize(
    ("field", "value"),
    [("time", moment_of(VOTED_AT - 1)), ("deadline", moment_of(DUE - 1)), ("leaf", bytes(32))],
)
def test_every_field_of_the_answer_is_signed(field: str, value: Any) -> None:
    good = answer(A)
    changed = replace(good, admission=replace(good.admission, **{field: value}))
    with pytest.raises(VerificationError):
        accept_admission(SETTING, A, changed, now=VOTED_AT)


@pytest.mark.parametrize(
    ("time", "deadline", "good"),
    [
        (VOTED_AT, VOTED_AT + DELAY, True),
        (VOTED_AT, VOTED_AT + DELAY + 1, False),
        (VOTED_AT, VOTED_AT, True),
        (VOTED_AT, VOTED_AT - 1, False),
        (CLOSED_AT, CLOSED_AT + DELAY, True),
        (CLOSED_AT + 1, CLOSED_AT + DELAY, True),
        (CLOSED_AT + 1, CLOSED_AT + DELAY + 1, False),
    ],
)
def test_a66_a_deadline_later_than_the_manifest_allows_is_refused(
    time: int, deadline: int, good: bool
) -> None:
    given = answer(A, time=time, deadline=deadline)
    if good:
        assert accept_admission(SETTING, A, given, now=time).promise is not None
    else:
        assert refused(A, given, now=time) == "deadline"


def test_a66_a_box_whose_clock_is_ahead_wins_no_time() -> None:
    later = answer(A, time=VOTED_AT + 601)
    assert refused(A, later, now=VOTED_AT) == "time"
    assert accept_admission(SETTING, A, later, now=VOTED_AT, tolerance=601).promise is not None
    assert refused(A, answer(A, time=CLOSED_AT), now=VOTED_AT) == "time"


def test_times_that_are_none_are_refused() -> None:
    admission = replace(answer(A).admission, deadline="tomorrow")
    signature = unit_key("North").sign(RECEIPT_TAG, FINGERPRINT, admission.origin, encode(admission))
    assert refused(A, AdmissionReceipt(admission, signature)) == "time"


def test_a_unit_without_a_log_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="no reporting unit"):
        accept_admission(SETTING, replace(A, unit="West"), answer(A), now=VOTED_AT)


def test_a_proof_is_kept_if_it_is_that_of_the_receipts_ballot() -> None:
    board = voting()
    kept = accept_inclusion(SETTING, promised(A), board.inclusion(A))
    assert kept == promised(A).having(board.inclusion(A))
    later = closed()
    assert accept_inclusion(SETTING, kept, later.inclusion(A)).inclusion == later.inclusion(A)
    for inclusion in (board.inclusion(B), replace(board.inclusion(A), closing=True)):
        with pytest.raises(VerificationError, match="not one of this ballot"):
            accept_inclusion(SETTING, promised(A), inclusion)
    assert isinstance(kept, Receipt)
