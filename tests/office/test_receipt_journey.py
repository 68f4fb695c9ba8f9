"""A voter, a real ballot box and witnesses: from the first answer to what became of the ballot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from evote.board.checkpoint import Checkpoint, sign_checkpoint
from evote.board.entries import TYPES, Entry, UnitHeadEntry, leaf_data
from evote.board.evidence import ReceiptVerdict
from evote.board.receipt import Ballot, Inclusion, Receipt
from evote.board.receipt_check import check_receipt
from evote.board.receipt_client import accept_admission, accept_inclusion
from evote.board.receipt_log import show
from evote.board.submission import Submission, ballot_hash
from evote.codec import decode, encode
from evote.errors import VerificationError
from evote.merkle import Tree, leaf_hash
from evote.storage.box import BallotBox
from evote.storage.box_checker import BoardRules
from evote.storage.box_setting import BoxSetting
from evote.testing.boards import ORIGIN, unit_origin
from tests.board.receipts import (
    ALICE,
    BOB,
    CAROL,
    CLOSED_AT,
    ELECTORATE,
    FINGERPRINT,
    LOG_KEY,
    PUBLISHED_AT,
    SETTING,
    VOTED_AT,
    unit_key,
    witnessed,
)


class Clock:
    def __init__(self) -> None:
        self.now = VOTED_AT

    def __call__(self) -> float:
        return float(self.now)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def box(tmp_path: Path, clock: Clock) -> Iterator[BallotBox]:
    setting = BoxSetting.of(ELECTORATE.election, "North")
    rules = BoardRules(ELECTORATE.setting("North"), ELECTORATE.credentials())
    with BallotBox(tmp_path / "box", setting, unit_key("North"), rules, make=True, clock=clock) as made:
        yield made


def submit(box: BallotBox, submission: Submission) -> Receipt:
    """What the voter's device does."""
    own = Ballot.of(submission, ballot_hash(ELECTORATE.election, submission))
    ask = box.challenge if own.challenged else box.admit
    return accept_admission(SETTING, own, ask(encode(submission)), now=VOTED_AT)


def test_what_a_ballot_box_answers_leads_to_the_verdict_of_the_closed_log(
    box: BallotBox, clock: Clock
) -> None:
    first = submit(box, ELECTORATE.submission(ALICE))
    assert submit(box, ELECTORATE.submission(BOB)).ballot != first.ballot
    again = submit(box, ELECTORATE.submission(ALICE, previous=first.ballot.ballot, option="no"))
    opened = submit(box, ELECTORATE.submission(CAROL, challenge=True))
    for receipt in (first, again, opened):
        assert check_receipt(SETTING, receipt, at=VOTED_AT).verdict is ReceiptVerdict.NOT_YET_DUE
    clock.now = CLOSED_AT
    box.end_voting()
    while box.verify_pending():
        continue
    box.end_log()

    tree, note = box.tree(), box.head()
    entries: list[Entry] = []
    for stored in box.entries():
        kind: type[Entry] = TYPES[stored.kind]
        entries.append(decode(kind, stored.body, element_bytes=0))
    head = UnitHeadEntry("North", tree.size, tree.root(), (), True)
    election = Tree([leaf_hash(leaf_data(FINGERPRINT, ORIGIN, "", head))])
    top = witnessed(sign_checkpoint(Checkpoint.of_tree(ORIGIN, election), LOG_KEY), PUBLISHED_AT)
    log = show(SETTING, "North", entries, note, [head], top).verify(SETTING)
    counted = log.counting(SETTING, entries, ELECTORATE.credentials())
    for receipt, expected in (
        (first, ReceiptVerdict.SUPERSEDED),
        (again, ReceiptVerdict.COUNTED),
        (opened, ReceiptVerdict.CHALLENGED),
    ):
        leaf = receipt.ballot.leaf(FINGERPRINT, unit_origin("North"))
        index = next(stored.position for stored in box.entries() if stored.leaf == leaf)
        inclusion = Inclusion.made((tree, index, note), (election, 0, top), head.proof, True)
        final = accept_inclusion(SETTING, receipt, inclusion)
        assert check_receipt(SETTING, final).verdict is ReceiptVerdict.LOGGED
        assert check_receipt(SETTING, final, log=counted).verdict is expected
        assert check_receipt(SETTING, receipt, log=counted).verdict is expected


def test_a_retry_gives_the_same_receipt_and_the_receipt_of_another_is_refused(box: BallotBox) -> None:
    submission = ELECTORATE.submission(ALICE)
    assert submit(box, submission) == submit(box, submission)
    other = ELECTORATE.submission(BOB)
    own = Ballot.of(other, ballot_hash(ELECTORATE.election, other))
    with pytest.raises(VerificationError, match="another ballot"):
        accept_admission(SETTING, own, box.admit(encode(submission)), now=VOTED_AT)
