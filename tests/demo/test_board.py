"""A demonstration with a board: every part of it is played, and every receipt is answered by the record."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from evote.board.cosignature import verify_cosignature
from evote.board.evidence import ReceiptVerdict
from evote.board.log import request_for
from evote.board.receipt import Receipt
from evote.board.witness import StaleRequestError
from evote.demo.board import BoardHeld, KeptReceipt, check_receipts, hold_board
from evote.demo.clock import WINDOW, DemoClock
from evote.demo.plan import Plan, france_2024
from evote.demo.witness import DemoWitness
from evote.errors import VerificationError
from evote.record import RecordReader
from evote.report import Status, Verdict
from evote.testing.groups import toy
from evote.verifier.board.ids import BOARD
from evote.verifier.verify import verify_reader
from tests.board.logs import LOG, NOW, head, signed, tree

SCALE = 200_000


def quiet(stage: str, done: int, total: int) -> None:
    assert stage and (0 <= done <= total or total == 0)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return france_2024(toy(), SCALE)


@pytest.fixture(scope="module")
def held(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> tuple[BoardHeld, Path]:
    root = tmp_path_factory.mktemp("board")
    (root / "boxes").mkdir()
    return hold_board(plan, root / "record", root / "boxes", quiet), root / "record"


def reader(folder: Path) -> RecordReader:
    return RecordReader(folder, {toy().name: toy()})


def test_every_count_is_what_was_cast(held: tuple[BoardHeld, Path], plan: Plan) -> None:
    outcome, _ = held
    assert outcome.held.agrees
    assert {key: +counts for key, counts in outcome.held.counted.items()} == plan.expected()
    voters = sum(1 for _ in plan.voters())
    assert (outcome.held.ballots, outcome.held.challenged) == (voters, 11)
    assert (outcome.units, outcome.slots, outcome.repeated) == (11, voters + 11, 11)


def test_the_record_passes_every_check_of_a_board_and_has_the_hints_of_all_ballots(
    held: tuple[BoardHeld, Path],
) -> None:
    report = verify_reader(reader(held[1]))
    assert report.verdict is Verdict.PASS, report.failed
    passed = {identifier for identifier in BOARD if report.check(identifier).status is Status.PASS}
    assert set(BOARD) - passed == {"E.29"}  # nothing was issued again
    assert report.counts["superseded"] == 11
    assert report.work is not None and report.work.plain == 0
    assert not [sentence for sentence in report.warnings if "before the declared end" in sentence]


def test_every_receipt_says_what_its_voter_knows(held: tuple[BoardHeld, Path]) -> None:
    outcome, folder = held
    seen: list[int] = []
    found = check_receipts(reader(folder), outcome, seen.append)
    assert found.unexpected == 0
    wanted = {
        ReceiptVerdict.COUNTED: outcome.held.ballots,
        ReceiptVerdict.SUPERSEDED: 11,
        ReceiptVerdict.CHALLENGED: 11,
    }
    assert found.verdicts == Counter(wanted)
    assert set(found.samples) == set(wanted)
    assert all(sample.inclusion is not None and sample.inclusion.closing for sample in found.samples.values())
    assert seen == list(range(1, len(outcome.receipts) + 1))


def test_a_receipt_that_says_something_else_is_noticed(held: tuple[BoardHeld, Path]) -> None:
    outcome, folder = held
    first = outcome.receipts[0]
    assert first.expected is not ReceiptVerdict.COUNTED
    wrong = replace(outcome, receipts=(KeptReceipt(first.receipt, ReceiptVerdict.COUNTED),))
    assert check_receipts(reader(folder), wrong).unexpected == 1
    forged = _forged(first.receipt)
    found = check_receipts(reader(folder), replace(outcome, receipts=(KeptReceipt(forged, first.expected),)))
    assert (dict(found.verdicts), found.unexpected) == ({ReceiptVerdict.FORGED: 1}, 1)


def _forged(receipt: Receipt) -> Receipt:
    assert receipt.promise is not None
    signature = bytearray(receipt.promise.signature)
    signature[0] ^= 1
    return replace(receipt, promise=replace(receipt.promise, signature=bytes(signature)))


def test_the_clock_is_late_until_voting_ends() -> None:
    seconds = [1_800_000_000.0]
    clock = DemoClock(lambda: seconds[0])
    assert clock.now() == clock.closes - WINDOW
    seconds[0] += WINDOW - 1
    assert clock.now() < clock.closes
    clock.end_voting()
    assert clock.now() >= clock.closes


def test_a_witness_of_the_demonstration_cosigns_only_what_continues_what_it_saw() -> None:
    witness, grown = DemoWitness("w.example"), tree(7)
    first = request_for(grown, 0, signed(head(grown, 4)))
    line = witness.cosign(LOG, first, NOW)
    assert verify_cosignature(head(grown, 4), line, witness.key).time == NOW
    with pytest.raises(StaleRequestError):
        witness.cosign(LOG, request_for(grown, 0, signed(head(grown))), NOW)
    witness.cosign(LOG, request_for(grown, 4, signed(head(grown))), NOW)
    with pytest.raises(VerificationError, match="two logs"):
        witness.cosign(LOG, request_for(tree(7, 1), 7, signed(head(tree(7, 1)))), NOW)
