"""Many submissions at once: each gets its own answer, and the same bytes are read once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from evote.ballots.values import BallotState
from evote.board.admission import AdmissionReceipt
from evote.codec import decode, encode
from evote.errors import StorageError
from evote.storage.box import BallotBox
from evote.storage.box_desk import Asked
from evote.storage.box_intake import Received
from evote.storage.box_refusals import SubmissionRefusedError
from tests.storage.box_kit import Place, Rules, check_receipt, hash_of, minted, raw


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "north.box", tmp_path / "anchor")


def answered(box: BallotBox, *made: bytes) -> list[object]:
    return list(box._answer_group([Asked(each, BallotState.CAST) for each in made]))


def test_one_group_answers_each_of_its_submissions(place: Place) -> None:
    known, new, two = minted(1), minted(2), minted(3)
    other = replace(two, ballot=replace(minted(4).ballot, identifier=two.ballot.identifier))
    with place.box(examiner=None) as box:
        first = box.admit(raw(known))
        answers = answered(box, raw(new), b"\x00", raw(known), raw(two), raw(other), raw(new))
        kinds = [getattr(each, "name", type(each).__name__) for each in answers]
        assert kinds == [
            "AdmissionReceipt",
            "malformed",
            "AdmissionReceipt",
            "AdmissionReceipt",
            "duplicate-id",
            "AdmissionReceipt",
        ]
        assert answers[2] == first and answers[5] == answers[0]
        for made, receipt in ((new, answers[0]), (two, answers[3])):
            assert isinstance(receipt, AdmissionReceipt)
            check_receipt(receipt, made)
        assert box.status().cast == 3


def test_the_frame_and_the_hash_are_those_of_the_bytes_that_were_sent(place: Place) -> None:
    for made, decision in (
        (minted(1), BallotState.CAST),
        (minted(2, challenge=True), BallotState.CHALLENGED),
    ):
        with place.box(examiner=None) as box:
            received = box._intake.receive(raw(made), decision)
        assert received.frame == encode(made.submitted)
        assert received.ballot == hash_of(made)
        assert decode(type(made.submitted), received.frame, element_bytes=len(made.ballot.nonce.c0)) == (
            made.submitted
        )


@pytest.mark.parametrize("step", ["receive", "check"])
def test_what_goes_wrong_with_one_submission_reaches_its_own_caller_only(
    place: Place, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with place.box(examiner=None) as box:
        good, bad = minted(1), minted(2)
        real: Callable[..., object] = getattr(box._intake, step)

        def fails(first: bytes | Received, *more: object) -> object:
            identifier = first.identifier if isinstance(first, Received) else first
            if identifier in (raw(bad), bad.ballot.identifier):
                raise ZeroDivisionError("a mistake of ours")
            return real(first, *more)

        monkeypatch.setattr(box._intake, step, fails)
        wrong, receipt = answered(box, raw(bad), raw(good))
        assert isinstance(wrong, ZeroDivisionError)
        assert isinstance(receipt, AdmissionReceipt)
        check_receipt(receipt, good)
        with pytest.raises(ZeroDivisionError):
            box.admit(raw(bad))
        assert box.status().cast == 1


def test_the_same_bytes_that_come_many_times_at_once_are_read_once(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, read, reads, go_on = minted(1), [0], threading.Event(), threading.Event()
    with place.box(examiner=None) as box:
        real = box._intake.receive

        def slow(data: bytes, decision: BallotState) -> Received:
            read[0] += 1
            reads.set()
            assert go_on.wait(30)
            return real(data, decision)

        monkeypatch.setattr(box._intake, "receive", slow)
        with ThreadPoolExecutor(12) as pool:
            answers = [pool.submit(box.admit, raw(made)) for _ in range(12)]
            assert reads.wait(30)
            threading.Timer(0.2, go_on.set).start()
            receipts = {encode(answer.result(30)) for answer in answers}
        assert len(receipts) == 1 and read == [1]
        assert box.status().cast == 1


def test_who_waited_for_the_same_bytes_in_vain_gets_an_answer_of_its_own(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, tries = minted(1), []
    with place.box(examiner=None) as box:
        real = box._core.write

        def fails_first(change: Callable[..., object]) -> object:
            tries.append(None)
            if len(tries) == 1:
                raise StorageError("the disk is full")
            return real(change)

        monkeypatch.setattr(box._core, "write", fails_first)
        with ThreadPoolExecutor(6) as pool:
            answers = [pool.submit(box.admit, raw(made)) for _ in range(6)]
            errors = [answer.exception(30) for answer in answers]
        assert [str(error) for error in errors if error is not None] == ["the disk is full"]
        assert len({encode(answer.result()) for answer in answers if answer.exception() is None}) == 1
        assert box.status().cast == 1 and not box._flights


def test_a_refusal_is_counted_for_everybody_who_got_it(place: Place) -> None:
    with place.box(examiner=None, checker=Rules(refuse="unknown-credential")) as box:
        with ThreadPoolExecutor(5) as pool:
            errors = [pool.submit(box.admit, raw(minted(1))).exception(30) for _ in range(5)]
        assert all(isinstance(error, SubmissionRefusedError) for error in errors)
        box.tick()
        with box._core.reading() as session:
            counted = dict(session.rows("SELECT what, sum(count) FROM counts GROUP BY what"))
        assert counted["unknown-credential"] == 5
        assert not box._flights
