"""Records of a board with some units closed: what is wrong in one place fails there and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from evote.board.entries import CountsEntry, Entry, EntryKind, UnitHeadEntry
from evote.board.note import Note
from evote.codec import encode
from evote.record import Stage
from evote.record.values import ClosingNote, Index, LogFrame
from evote.report import Report, Status, Verdict
from evote.tally import ClosingHead, UnitClosing
from evote.testing.boxes import Boxes
from evote.testing.elections import Published
from evote.verifier.board.ids import BOARD
from tests.verifier.board_alone import board, boxes, voted
from tests.verifier.test_board_alone import verify


def grown(
    units: Sequence[str], edit: Callable[[Boxes], object] = lambda box: None
) -> tuple[Boxes, Published]:
    """Everybody voted, and these units are closed in this order."""
    box = boxes("roll")
    voted(box)
    edit(box)
    box.close(units)
    return box, box.publish_closed(units)


def found(box: Boxes, published: Published, root: Path, stage: Stage = Stage.VOTING) -> Report:
    return verify(box.kit.write(published, root / "record", stage=stage), box.kit, Stage.VOTING)


def findings(report: Report) -> list[str]:
    return [f"{check.id} {finding}" for check in report.checks for finding in check.findings]


@pytest.mark.parametrize("units", [("North",), ("South",), ("South", "North"), ("North", "South")])
def test_the_record_of_units_that_are_closed_passes_and_says_which_are_open(
    units: Sequence[str], tmp_path: Path
) -> None:
    report = found(*grown(units), tmp_path)
    assert report.verdict is Verdict.PASS, (findings(report), report.having(Status.NOT_CHECKED))
    said = [sentence for sentence in report.warnings if "units are closed" in sentence]
    if len(units) == 1:
        (other,) = {"North", "South"} - set(units)
        assert len(said) == 1 and said[0].startswith("1 of 2 units") and said[0].endswith(f"Open: {other}.")
        assert report.counts["units closed"] == 1
    else:
        assert not said
    if "North" in units:  # where all kinds of entries are
        assert all(report.check(identifier).status is Status.PASS for identifier in (*BOARD, "E.61"))


def test_a_record_is_not_final_while_units_are_open(tmp_path: Path) -> None:
    box, published = grown(("North",))
    report = verify(box.kit.write(published, tmp_path / "record", stage=Stage.VOTING), box.kit)
    assert report.verdict is Verdict.INCOMPLETE and report.check("9.A").status is Status.NOT_CHECKED
    assert any("sealed at stage 'voting'" in sentence for sentence in report.warnings)


Case = Callable[[], tuple[Boxes, Published]]
CASES: dict[str, tuple[set[str], Case]] = {}


def case(name: str, *fails: str) -> Callable[[Case], Case]:
    def enter(make: Case) -> Case:
        CASES[name] = (set(fails), make)
        return make

    return enter


def _heads(edit: Callable[[list[Entry]], object]) -> Case:
    """Other entries in the election's log; its checkpoint follows."""

    def make() -> tuple[Boxes, Published]:
        box, _ = grown(("North",))
        entries = box.heads_of(("North",))
        edit(entries)
        return box, box.publish_closed(("North",), entries)

    return make


def _twice(entries: list[Entry]) -> None:
    last = entries[-1]
    assert isinstance(last, UnitHeadEntry) and last.closing
    entries.append(replace(last, proof=()))


def _called(entries: list[Entry]) -> None:
    last = entries[-1]
    assert isinstance(last, UnitHeadEntry)
    entries[-1] = replace(last, closing=False)


case("a closed unit without closing head in the election's log", "E.24")(
    _heads(lambda entries: entries.pop())
)
case("a closed unit whose last head is not called closing", "E.24")(_heads(_called))
case("two closing heads of one unit in the election's log", "E.24")(_heads(_twice))


def _statements(edit: Callable[[UnitClosing], list[UnitClosing]]) -> Case:
    def make() -> tuple[Boxes, Published]:
        box, published = grown(("North",))
        files = board(published)
        files.closings = edit(files.closings[0])
        return box, published

    return make


OTHER = ClosingHead(1, b"\x07" * 32)

case("two linked statements of one unit", "E.61")(
    _statements(lambda one: [replace(one, head=OTHER), replace(one, previous=OTHER, reason="a slip")])
)
case("two statements of one unit without a link", "E.61")(_statements(lambda one: [one, one]))
case("a statement with another head than the log", "E.61")(
    _statements(lambda one: [replace(one, head=OTHER)])
)
case("a statement of a unit whose log is not there", "E.23", "E.24", "E.30", "E.33", "E.61")(
    _statements(lambda one: [one, UnitClosing("South", OTHER, None, "")])
)


@case("entries of a unit that no statement closes", "E.61")
def _() -> tuple[Boxes, Published]:
    box, published = grown(("North",))
    entry = next(each for each in box.logs["North"] if isinstance(each, CountsEntry))
    board(published).log.append(LogFrame(2, EntryKind.COUNTS, encode(entry)))
    return box, published


@case("a ballot of a unit that is open", "E.26")
def _() -> tuple[Boxes, Published]:
    box, published = grown(("North",))
    files = board(published)
    (south,) = (ballot for ballot in box.ballots.values() if ballot.ballot.unit == "South")
    box.kit.submitted = [*published.submitted, south]
    changed = box.kit.publish()
    changed.board = files
    return box, changed


def _note(number: int, edit: Callable[[Boxes, bytes], bytes]) -> Case:
    def make() -> tuple[Boxes, Published]:
        box, published = grown(("North",))
        files = board(published)
        closing = list(files.checkpoints.closing)
        closing[number] = replace(closing[number], note=edit(box, closing[number].note))
        files.checkpoints = replace(files.checkpoints, closing=tuple(closing))
        return box, published

    return make


def _unseen(box: Boxes, note: bytes) -> bytes:
    parsed = Note.parse(note)
    return Note(parsed.text, parsed.signatures[:2]).encode()


def _before(box: Boxes, note: bytes) -> bytes:
    """The witnessed head before the unit's closing head came in."""
    stated = box.publish_closed(("North",), box.heads_of(())).board
    assert stated is not None
    return stated.checkpoints.closing[0].note


case("a head of the election's log that too few witnesses saw", "E.25")(_note(0, _unseen))
case("a witnessed head that does not cover the closing head", "E.23")(_note(0, _before))


@case("a checkpoint of a unit that is open", "E.23")
def _() -> tuple[Boxes, Published]:
    box, published = grown(("North",))
    files = board(published)
    note = ClosingNote(2, box.closing_note("South", box.tree("South")))
    files.checkpoints = replace(files.checkpoints, closing=(*files.checkpoints.closing, note))
    return box, published


@case("a counted set that is missing", "E.33")
def _() -> tuple[Boxes, Published]:
    box, published = grown(("North",))
    files = board(published)
    files.checkpoints = replace(files.checkpoints, counted=())
    return box, published


@case("ballots in another order than the logs", "E.33")
def _() -> tuple[Boxes, Published]:
    box, published = grown(("South", "North"))
    box.kit.submitted = [*published.submitted[1:], published.submitted[0]]
    changed = box.kit.publish()
    changed.board = board(published)
    return box, changed


ALL = ("E.23", "E.24", "E.30", "E.33")
"""What a record says that has the logs of some units, and may not."""


@case("some units without a statement that closes them", *ALL)
def _() -> tuple[Boxes, Published]:
    box, published = grown(("North",))
    board(published).closings = []
    return box, published


@case("some units in a record that is closed", *ALL)
def _() -> tuple[Boxes, Published]:
    box, published = grown(("North",))

    def closed(index: Index) -> Index:
        return replace(index, head=published.head)

    published.edit_index = closed
    return box, published


@pytest.mark.parametrize("name", CASES)
def test_a_growing_record_that_is_wrong_in_one_place_fails_exactly_there(name: str, tmp_path: Path) -> None:
    fails, make = CASES[name]
    report = found(*make(), tmp_path)
    assert set(report.failed) == fails, findings(report)
    assert report.verdict is Verdict.FAIL


def test_a_final_record_without_one_unit_fails_whatever_its_statements_say(tmp_path: Path) -> None:
    box, published = grown(("North",))
    report = verify(box.kit.write(published, tmp_path / "record"), box.kit)
    assert set(ALL) <= set(report.failed) and report.verdict is Verdict.FAIL


def test_without_statements_the_ballots_stand_in_the_order_of_the_manifest(tmp_path: Path) -> None:
    box, published = grown(("South", "North"))
    board(published).closings = []
    report = found(box, published, tmp_path)
    assert set(report.failed) == {"E.33"}, findings(report)
