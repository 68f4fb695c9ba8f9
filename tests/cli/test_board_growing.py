"""A night with a board on the command line: three units close one after the other, and are published."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from evote.errors import StorageError
from evote.record import CheckpointsFile, RecordReader, RecordWriter, Stage
from evote.report import Report, Status, Verdict
from evote.verifier.board.ids import BOARD
from evote.verifier.preparing import StateOptions
from evote.verifier.verify import _verify
from tests.cli.boardtown import BoardTown
from tests.cli.driver import DRAFT, GROUPS, Outcome, cheap_passphrases, evote, fine, refused, snapshot
from tests.cli.test_decryption import decrypted, guardian, office, totals

NIGHT = ("South", "North", "East")
"""The order in which units close; that of the manifest is North, East, South."""
CHAIRS = ("Ada", "Bo", "Ada", "Ada", None, "Bo", "Bo")
"""Voters 0 to 6 by turns of North, East, South."""


class ThreeTown(BoardTown):
    """North, East and South; two of three witnesses; the last voter of North opens a ballot before voting."""

    units = ("North", "East", "South")
    DRAFT = {**DRAFT, "units": [{"label": "Town", "units": list(units)}]}

    def vote(self) -> None:
        for voter, chair in enumerate(CHAIRS):
            self.encrypt_vote(voter, f"v{voter}", chair)
            fine(self.decide("cast", voter, f"v{voter}"))
            fine(self.admit(self.unit(voter), f"v{voter}"))
        self.encrypt_vote(6, "opened", "Ada")
        fine(self.decide("challenge", 6, "opened"))
        fine(self.admit("North", "opened"))
        self.encrypt_vote(2, "again", "Bo")  # in South
        fine(self.decide("cast", 2, "again", "--after", self.submission("v2")))
        fine(self.admit("South", "again"))
        self.publish_heads(*self.unit_heads())

    def opening(self) -> Path:
        opening = self.votes / "opened.opening"
        if not opening.exists():
            given = (self.votes / "opened.vote", self.submission("opened"), self.answer("opened"))
            fine(evote("vote", "open", self.record, *given, "--out", opening, *self.sealed))
        return opening

    def hand_over(self, unit: str) -> Path:
        """The box ends, and its closing head is in the witnessed log."""
        folder = self.root / f"handed-{unit}"
        size = self.log()["units"][f"Town/{unit}"]["size"]  # type: ignore[index]
        fine(self.box("close", unit, "--out", folder, "--since", size))
        self.publish_heads(folder)
        return folder

    def close_unit(self, unit: str) -> Outcome:
        given = ("--opening", self.opening()) if unit == "North" else ()
        return fine(self.board("close", self.hand_over(unit), *given))

    def provisional(self, members: tuple[int, ...] = (1, 3)) -> None:
        fine(office(self, "--provisional", "--guardians", ",".join(map(str, members))))
        for _ in range(3):
            for index in members:
                fine(guardian(self, index))
        fine(office(self, "--provisional"))

    def results(self) -> dict[str, object]:
        value = fine(evote("results", "show", self.record, "--json")).value()
        assert isinstance(value, dict)
        return value

    def verified(self, stage: Stage = Stage.VOTING, state: StateOptions | None = None) -> Report:
        return _verify(RecordReader(self.record, GROUPS), stage=stage, state=state)

    def copy(self, target: Path) -> ThreeTown:
        fresh = ThreeTown(target, self.number)
        shutil.rmtree(target)
        shutil.copytree(self.root, target)
        return fresh


def votes(found: dict[str, object]) -> dict[str, int]:
    chair = found["contests"][0]  # type: ignore[index]
    return {each["option"]: each["votes"] for each in chair["votes"]}


def said(report: Report) -> list[str]:
    return [f"{check.id} {finding}" for check in report.checks for finding in check.findings]


@pytest.fixture(scope="module")
def _voted(tmp_path_factory: pytest.TempPathFactory) -> ThreeTown:
    with cheap_passphrases():
        town = ThreeTown(tmp_path_factory.mktemp("night") / "town", len(CHAIRS))
        town.prepare()
        town.vote()
    return town


@pytest.fixture
def town(_voted: ThreeTown, tmp_path: Path) -> ThreeTown:
    return _voted.copy(tmp_path / "town")


@pytest.fixture(scope="module")
def _one(_voted: ThreeTown, tmp_path_factory: pytest.TempPathFactory) -> ThreeTown:
    """South is closed; nothing is published."""
    with cheap_passphrases():
        town = _voted.copy(tmp_path_factory.mktemp("one") / "town")
        assert "1 of 3 units are closed; open: Town/North, Town/East" in town.close_unit("South").out
    return town


@pytest.fixture
def one(_one: ThreeTown, tmp_path: Path) -> ThreeTown:
    return _one.copy(tmp_path / "town")


def test_units_of_a_board_are_published_as_they_close_and_the_final_record_has_the_same(
    one: ThreeTown, tmp_path: Path
) -> None:
    receipts = {name: one.receipt(name) for name in ("v0", "v1", "v2", "again", "opened")}

    def fates() -> dict[str, str]:
        found = {}
        for name, receipt in receipts.items():
            outcome = one.receipt_check(receipt)
            words = ("COUNTED", "SUPERSEDED", "CHALLENGED", "NOT YET DUE")
            found[name] = next(word for word in words if word in outcome.out)
            assert outcome.code == (3 if found[name] == "NOT YET DUE" else 0)
        return found

    open_ones = {"v0": "NOT YET DUE", "v1": "NOT YET DUE", "opened": "NOT YET DUE"}
    assert fates() == {"v2": "SUPERSEDED", "again": "COUNTED", **open_ones}
    kept: list[bytes] = []
    expected = ({"Ada": 0, "Bo": 2}, {"Ada": 2, "Bo": 3}, {"Ada": 2, "Bo": 4})
    for number, unit in enumerate(NIGHT[:2], 1):
        if number > 1:
            one.close_unit(unit)
        one.provisional((1, 3) if number == 1 else (2, 3))
        report = one.verified()
        assert report.verdict is Verdict.PASS, (said(report), report.having(Status.NOT_CHECKED))
        assert any(f"{number} of 3 units are closed" in sentence for sentence in report.warnings)
        assert report.counts["units closed"] == number
        assert all(report.check(identifier).status is not Status.FAIL for identifier in BOARD)
        found = one.results()
        assert (found["reported"], found["units"]) == (number, 3)
        assert votes(found) == expected[number - 1]
        kept.append((one.record / "provisional" / "000001.seg").read_bytes())
        report = one.verified(Stage.FINAL)  # which it is not
        assert report.verdict is Verdict.INCOMPLETE and report.check("9.A").status is Status.NOT_CHECKED
        fine(evote("results", "save", one.record, "--out", tmp_path / f"kept-{number}"))
    assert fates() == {
        "v2": "SUPERSEDED",
        "again": "COUNTED",
        "v0": "COUNTED",
        "v1": "NOT YET DUE",
        "opened": "CHALLENGED",
    }
    assert "Closed with 2 counted" in one.close_unit("East").out
    assert fates()["v1"] == "COUNTED"
    fine(decrypted(one, (1, 2)))
    report = one.verified(Stage.FINAL)
    assert report.verdict is Verdict.PASS, said(report)
    assert all(report.check(identifier).status is Status.PASS for identifier in ("E.23", "E.33", "E.61"))
    assert not any("units are closed" in sentence for sentence in report.warnings)
    assert {name: totals(one)["Chair", name] for name in ("Ada", "Bo")} == expected[2]
    published = (one.record / "provisional" / "000001.seg").read_bytes()
    assert published.startswith(kept[1]) and kept[1].startswith(kept[0])
    fine(evote("results", "check", one.record, tmp_path / "kept-1", tmp_path / "kept-2"))


def test_what_is_sealed_of_a_growing_record_stays_and_a_state_of_an_earlier_stage_goes_on(
    one: ThreeTown, tmp_path: Path
) -> None:
    state, before = tmp_path / "state", snapshot(one.record)
    assert one.verified(state=StateOptions.of(state, None)).verdict is Verdict.PASS
    one.close_unit("North")
    after = snapshot(one.record)
    for path, data in before.items():
        if path.endswith(".seg"):
            assert after[path].startswith(data), path
    stated = RecordReader(one.record, GROUPS).checkpoints()
    assert [note.log for note in stated.closing] == [0, 1, 3]
    later = one.verified(state=StateOptions.of(None, state))
    assert later.verdict is Verdict.PASS and later.counts["units closed"] == 2, said(later)


def test_units_may_close_two_at_a_time_and_the_last_by_itself(town: ThreeTown) -> None:
    folders = [town.hand_over(unit) for unit in ("South", "North")]
    assert "2 of 3" in fine(town.board("close", *folders, "--opening", town.opening())).out
    assert town.verified().verdict is Verdict.PASS, said(town.verified())
    town.close_unit("East")
    report = town.verified()
    assert report.verdict is Verdict.PASS and "units closed" not in report.counts


def test_a_unit_that_is_not_witnessed_or_has_no_closing_head_is_not_closed(one: ThreeTown) -> None:
    folder = one.root / "handed-North"
    fine(one.box("close", "North", "--out", folder))
    refused(one.board("close", folder), 2, "closing heads of Town/North")
    before = snapshot(one.record)
    size = one.log()["units"]["Town/North"]["size"]  # type: ignore[index]
    shutil.rmtree(folder)
    fine(one.box("close", "North", "--out", folder, "--since", size))
    fine(one.board("head", folder))
    refused(one.board("close", folder), 1, "too few witnesses")
    assert snapshot(one.record) == before


def test_a_cell_is_not_decrypted_before_its_unit_is_in_the_record(one: ThreeTown) -> None:
    one.hand_over("North")
    one.provisional()
    assert one.results()["closed"] == ["Town/South"]
    given = ("--private", one.office, "--unit", "Town/North", *one.sealed)
    refused(evote("results", "close", one.record, *given), 2, "'evote board close' brings it")
    given = ("--private", one.office, "--unit", "Town/South", *one.sealed)
    refused(evote("results", "close", one.record, *given), 2, "decrypted already")


@pytest.mark.parametrize("torn", [False, True])
def test_a_closing_of_one_unit_that_was_stopped_goes_on_where_it_was(
    one: ThreeTown, tmp_path: Path, torn: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = one.hand_over("North")
    given = ("close", folder, "--opening", one.opening())
    whole = one.copy(tmp_path / "whole")
    fine(whole.board(*given))

    def full(self: RecordWriter, checkpoints: CheckpointsFile) -> None:
        raise StorageError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(RecordWriter, "put_checkpoints", full)
        assert one.board(*given).code == 4
    if torn:
        for name in ("ballots", "hints", "log"):
            segment = one.record / name / "000001.seg"
            segment.write_bytes(segment.read_bytes()[:-3])
    else:  # somebody sealed what was written, and more heads came
        fine(one.seal())
        one.publish_heads(*one_head(one, "East"))
        refused(one.board("close", one.hand_over("East")), 2, "was begun and stopped")
    fine(one.board(*given))
    report = one.verified()
    assert report.verdict is Verdict.PASS, said(report)
    mine, theirs = snapshot(one.record), snapshot(whole.record)
    for name in ("ballots", "aside", "openings", "closings", "hints"):
        path = f"{name}/000001.seg"
        assert mine[path] == theirs[path], name
    assert report.work is not None and report.work.plain == 0


def one_head(town: ThreeTown, unit: str) -> list[Path]:
    file = town.heads / f"{unit}.late"
    size = town.log()["units"][f"Town/{unit}"]["size"]  # type: ignore[index]
    fine(town.box("head", unit, "--out", file, "--since", size))
    return [file]


def test_a_unit_is_closed_once(one: ThreeTown) -> None:
    before = {path: data for path, data in snapshot(one.record).items() if not path.startswith("index")}
    fine(one.board("close", one.root / "handed-South"))
    after = {path: data for path, data in snapshot(one.record).items() if not path.startswith("index")}
    assert after == before
    assert json.loads(fine(evote("results", "show", one.record, "--json")).out)["reported"] == 1


def test_a_log_that_goes_on_after_its_end_is_refused_and_leaves_evidence(
    town: ThreeTown, tmp_path: Path
) -> None:
    reopened = town.copy(tmp_path / "reopened")  # the same box and key, on another machine
    town.close_unit("South")
    reopened.encrypt_vote(5, "late", "Ada")
    fine(reopened.decide("cast", 5, "late", "--after", reopened.submission("v5")))
    fine(reopened.admit("South", "late"))
    size = reopened.log()["units"]["Town/South"]["size"]  # type: ignore[index]
    folder = reopened.root / "handed-South"
    fine(reopened.box("close", "South", "--out", folder, "--since", size))
    before = snapshot(town.record)
    refused(town.board("head", folder), 1, "signed another head than the one with which it ended")
    (file,) = (town.office / "evidence").iterdir()
    assert "WENT ON: the log of Town/South" in fine(evote("board", "evidence", town.record, file)).out
    assert town.board("close", folder).code == 1
    assert snapshot(town.record) == before
    data = bytearray(file.read_bytes())
    data[-8] ^= 1
    file.write_bytes(bytes(data))
    assert evote("board", "evidence", town.record, file).code in (1, 2)
