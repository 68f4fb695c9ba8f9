"""Pre-encrypted ballots on a board: attended devices submit them, and the record with its logs verifies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from evote.ballots import BallotState, SubmittedBallot
from evote.board.entries import CastEntry, ChallengeEntry
from evote.board.holder import signed
from evote.board.rules import Refusal, Refused, Setting, check_submission
from evote.board.submission import NO_PREVIOUS, Submission, ballot_hash, submitted_frame
from evote.codec import decode_fields, encode
from evote.record import RecordReader
from evote.report import Status, Verdict
from evote.storage.box_elements import element_digests
from evote.testing.boxes import DEVICE, Boxes
from evote.testing.electorate import ONE_QUESTION
from evote.verifier.verify import _verify

SHEETS = {"preencrypted": {"styles": ["plain"], "tools": ["printer 1"]}}
BOXES = Boxes(draft={**ONE_QUESTION, **SHEETS}, attended=True, witnesses=0, seed="sheets")


def submission(boxes: Boxes, submitted: SubmittedBallot, context: object = None) -> Submission:
    """The ballot as an attended device sends it."""
    challenge = submitted.state is BallotState.CHALLENGED
    given = submitted.context or context
    unsigned = Submission(
        submitted.state,
        submitted.ballot,
        given,  # type: ignore[arg-type]
        NO_PREVIOUS,
        bytes(range(32)) if challenge else None,
        DEVICE,
        (),
        None,
        submitted.pre,
    )
    return signed(boxes.election, unsigned, (boxes.keys.devices[DEVICE],))


def entry_of(boxes: Boxes, given: Submission) -> CastEntry | ChallengeEntry | Refused:
    setting = Setting(boxes.election, given.ballot.unit)
    return check_submission(setting, None, given, head=NO_PREVIOUS, decided=None)


def test_what_was_sent_is_what_is_hashed_and_kept() -> None:
    BOXES.restart()
    submitted = BOXES.kit.mark(BOXES.kit.sheet("North"), {"Question": ["yes"]})
    given = submission(BOXES, submitted)
    width = BOXES.election.group.element_bytes
    read, fields = decode_fields(Submission, encode(given), element_bytes=width)
    assert read == given
    assert submitted_frame(fields, given.decision) == encode(submitted)
    assert len(element_digests(submitted)) == 8 * (1 + len(submitted.ballot.contests[0].selections))


def test_a_sheet_without_its_vectors_or_by_another_device_is_refused() -> None:
    BOXES.restart()
    submitted = BOXES.kit.mark(BOXES.kit.sheet("North"), {})
    assert isinstance(entry_of(BOXES, submission(BOXES, submitted)), CastEntry)
    bare = entry_of(BOXES, submission(BOXES, replace(submitted, pre=None)))
    assert isinstance(bare, Refused) and bare.refusal is Refusal.WRONG_FORM
    other = entry_of(BOXES, replace(submission(BOXES, submitted), device="booth 9"))
    assert isinstance(other, Refused) and other.refusal is Refusal.UNKNOWN_DEVICE


def test_a_record_with_logs_and_both_kinds_of_ballots_verifies(tmp_path: Path) -> None:
    boxes = BOXES
    boxes.restart()
    boxes.cast(option="yes", unit="North")
    kit = boxes.kit
    for sheet, marks in ((kit.sheet("North"), ["yes"]), (kit.sheet("South"), []), (kit.sheet("South"), None)):
        submitted = kit.uncast(sheet) if marks is None else kit.mark(sheet, {"Question": marks})
        given = submission(boxes, submitted, sheet.context)
        entry = entry_of(boxes, given)
        assert not isinstance(entry, Refused), entry
        boxes._admit(given, ballot_hash(boxes.election, given), entry)
    boxes.close()
    directory = kit.write(boxes.publish(), tmp_path / "record")
    report = _verify(RecordReader(directory, {kit.group.name: kit.group}))
    assert report.verdict is Verdict.PASS, (report.failed, report.having(Status.NOT_CHECKED))
    assert report.check("17.A").status is Status.PASS and report.check("18.A").status is Status.PASS
    assert report.check("E.17").status is Status.PASS and report.check("E.26").status is Status.PASS
