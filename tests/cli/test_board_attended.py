"""Elections with a board on the command line, smaller: attended devices, two codes, another road."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evote.record import RecordReader, Stage
from evote.report import Verdict
from evote.verifier.verify import verify_reader
from tests.cli.boardtown import CLOSES, UNITS, BoardTown
from tests.cli.driver import GROUPS, evote, fine, refused, vote

BOOTH = "Booth 1"


class Attended(BoardTown):
    """No roll: devices of the polling places sign."""

    def prepare(self) -> None:
        for folder in (self.votes, self.answers, self.heads):
            folder.mkdir()
        fine(evote("election", "salt", self.salt))
        fine(
            evote(
                *("board", "new", self.draft, "--salt", self.salt, "--private", self.office),
                *("--out", self.board_file, "--origin", "example.org/town", "--closes", CLOSES),
                *("--device", BOOTH, *self.sealed),
            )
        )
        fine(self.new("--salt", self.salt, "--board", self.board_file))
        self.ceremony()
        for unit in UNITS:
            fine(self.box("open", unit))

    def coded(self, voter: int) -> tuple[object, ...]:
        return ()

    def encrypt_vote(self, voter: int, name: str, chair: str | None) -> str:
        made = evote(
            *("vote", "encrypt", self.record, "-", "--out", self.votes / f"{name}.vote"),
            *("--device", BOOTH, *self.sealed),
            stdin=json.dumps(vote(self.unit(voter), chair)).encode(),
        )
        return fine(made).out.strip()


@pytest.fixture
def attended(tmp_path: Path) -> Attended:
    town = Attended(tmp_path / "town", 4, witnesses=0)
    town.prepare()
    return town


def test_attended_devices_sign_where_there_is_no_roll(attended: Attended) -> None:
    keys = ("--device-keys", attended.office)
    for voter in range(4):
        attended.encrypt_vote(voter, f"v{voter}", "Ada")
        verb = "challenge" if voter == 3 else "cast"
        fine(attended.decide(verb, voter, f"v{voter}", *keys))
        fine(attended.admit(attended.unit(voter), f"v{voter}"))
    refused(attended.decide("cast", 0, "v0"), 2, "--device-keys")
    folders = attended.close_boxes()
    attended.publish_heads(*folders)
    assert "3 counted" in fine(attended.board("close", *folders)).out
    report = verify_reader(RecordReader(attended.record, GROUPS), stage=Stage.VOTING)
    assert report.verdict is Verdict.PASS, report.failed
    assert any("no witnesses" in sentence for sentence in report.warnings)
    receipt = attended.receipt("v0")
    outcome = attended.receipt_check(receipt)
    assert outcome.code == 0 and "COUNTED" in outcome.out, outcome


@pytest.fixture
def small(tmp_path: Path) -> BoardTown:
    town = BoardTown(tmp_path / "town", 2, witnesses=0)
    town.prepare()
    return town


def test_what_a_voter_asks_for_by_mistake_is_said(small: BoardTown) -> None:
    wrong_unit = json.dumps(vote("South", "Ada")).encode()
    out = small.votes / "x.vote"
    given = ("vote", "encrypt", small.record, "-", "--out", out, *small.coded(0), *small.sealed)
    refused(evote(*given, stdin=wrong_unit), 2, "Town/North")
    both = json.dumps([vote("North", "Ada"), vote("North", "Bo")]).encode()
    refused(evote(*given, stdin=both), 2, "a voter has one")
    small.encrypt_vote(0, "x", "Ada")
    refused(evote(*given, stdin=json.dumps(vote("North", "Ada")).encode()), 2, "exists")
    refused(small.decide("cast", 0, "x", "--previous", "00"), 2, "64 hexadecimal digits")
    twice = ("--previous", "00" * 32, "--after", small.submission("x"))
    refused(small.decide("cast", 0, "x", *twice), 2, "one of them")


def test_a_box_says_how_it_stands_and_which_head_a_slot_has(small: BoardTown) -> None:
    small.encrypt_vote(0, "x", "Ada")
    fine(small.decide("cast", 0, "x"))
    fine(small.admit("North", "x", options=("--later",)))
    facts = fine(small.box("show", "North", "--json")).value()
    assert isinstance(facts, dict)
    assert (facts["cast"], facts["without_verdict"], facts["state"]) == (1, 1, "open")
    assert "1 verdicts, 0 ballots rejected" in fine(small.box("verify", "North")).out
    said = fine(evote("roll", "check", small.record, "--roll", small.drawn / "roll", *small.coded(0))).out
    pseudonym = said.split("Pseudonym: ")[1].strip()
    head = fine(small.box("slot", "North", "--pseudonym", pseudonym)).out.strip()
    small.encrypt_vote(0, "y", "Bo")
    fine(small.decide("cast", 0, "y", "--previous", head))
    fine(small.admit("North", "y"))
    assert small.box("slot", "North", "--pseudonym", "00" * 32).code == 1
    junk = small.submission("junk")
    junk.write_bytes(b"nothing")
    outcome = small.admit("North", "junk")
    assert outcome.code == 1 and "malformed" in outcome.out


def test_a_box_whose_anchor_is_gone_is_not_opened_as_if_nothing_were(small: BoardTown) -> None:
    small.encrypt_vote(0, "x", "Ada")
    fine(small.decide("cast", 0, "x"))
    fine(small.admit("North", "x"))
    (small.root / "North.box.anchor").unlink()
    assert small.box("show", "North").code == 1
    opened = small.box("open", "North")
    assert small.box("head", "North", "--out", small.heads / "x").code != 0, opened
    fine(small.box("open", "North", "--join"))
    fine(small.box("head", "North", "--out", small.heads / "x"))


def test_a_head_that_the_office_never_got_is_no_obstacle_at_the_end(small: BoardTown) -> None:
    for place, name in enumerate(("x", "y")):
        small.encrypt_vote(0, name, "Ada")
        behind = ("--after", small.submission("x")) if place else ()
        fine(small.decide("cast", 0, name, *behind))
        fine(small.admit("North", name))
        if not place:
            fine(small.board("head", *small.unit_heads()))
        fine(small.box("head", "North", "--out", small.heads / "lost"))
    known = small.log()["units"]["Town/North"]["size"]  # type: ignore[index]
    fine(small.box("close", "North", "--out", small.root / "handed"))
    refused(small.board("head", small.root / "handed"), 2, f"--since {known}")
    fine(small.box("close", "North", "--out", small.root / "again", "--since", known))
    fine(small.board("head", small.root / "again"))


def test_an_election_that_declares_a_roll_is_not_made_without_it(tmp_path: Path) -> None:
    town = BoardTown(tmp_path / "town", 2, witnesses=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BoardTown, "ceremony", lambda self: None)
        patch.setattr(BoardTown, "box", lambda self, *rest: evote("info"))
        town.prepare()
    assert (town.record / "roll" / "000001.seg").read_bytes() == (
        town.drawn / "roll" / "000001.seg"
    ).read_bytes()
    other = BoardTown(tmp_path / "other", 2, witnesses=0)
    alone = tmp_path / "alone.json"
    alone.write_bytes((town.drawn / "roll.json").read_bytes())
    declared = ("--salt", town.salt, "--board", town.board_file, "--roll", alone)
    refused(other.new(*declared), 2, "declares a roll")
    assert not other.record.exists() and not (other.office / "authority.sealed").exists()
