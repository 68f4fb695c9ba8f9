"""The whole election on the command line, with guardians who decrypt in folders of their own."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from evote.codec import decode, encode
from evote.decryption import Openings, Responses
from evote.guardian.desk import GuardianDesk
from evote.office.private import PrivateFolder
from evote.record import RecordReader, Stage
from evote.report import Report, Verdict
from evote.secret import Secret
from evote.testing.groups import toy
from evote.verifier.verify import verify_reader
from tests.cli.conftest import copy_of
from tests.cli.driver import DRAFT, GROUPS, PASSPHRASE, Outcome, Town, evote, fine, refused, snapshot, vote

T = TypeVar("T")

BALLOTS = [
    vote("North", "Ada", ("Al", "Ku")),
    vote("South", "Bo", ("Em",), "Zoë"),
    vote("North", None),
    vote("South", "Ada", ("Al", "Em")),
    vote("North", "Bo", ("Ku",)),
]
CAST = {
    ("Chair", "Ada"): 2,
    ("Chair", "Bo"): 1,
    ("Council", "Al"): 2,
    ("Council", "Em"): 1,
    ("Council", "Ku"): 2,
}
"""Counts of the ballots that are cast: all but the second."""


def close(town: Town) -> None:
    """Everybody votes, the second voter challenges, and the office closes."""
    codes = town.codes(BALLOTS)
    fine(town.challenge(codes[1]))
    fine(town.cast("--undecided"))
    fine(town.tally())


@pytest.fixture(scope="package")
def _closed(_with_keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    town = copy_of(_with_keys, tmp_path_factory.mktemp("closed") / "town")
    close(town)
    return town.root


@pytest.fixture
def closed(_closed: Path, tmp_path: Path) -> Town:
    """A closed election, for this test alone."""
    return copy_of(_closed, tmp_path / "town")


def guardian(town: Town, index: int, *options: object) -> Outcome:
    folders = ("--private", town.guardian(index), "--exchange", town.exchange)
    return evote("guardian", "decrypt", town.record, *folders, *options, *town.sealed)


def office(town: Town, *options: object) -> Outcome:
    folders = ("--private", town.office, "--exchange", town.exchange)
    return evote("decrypt", town.record, *folders, *options, *town.sealed)


def decrypted(town: Town, guardians: tuple[int, ...] = (1, 3)) -> Outcome:
    """Call a session, let its guardians answer, and combine."""
    fine(office(town, "--guardians", ",".join(map(str, guardians))))
    for _ in range(3):
        for index in guardians:
            fine(guardian(town, index))
    return office(town)


def verified(town: Town, stage: Stage = Stage.FINAL) -> Report:
    return verify_reader(RecordReader(town.record, GROUPS), stage=stage)


def totals(town: Town) -> dict[tuple[str, str], int]:
    result = json.loads((town.record / "result.json").read_text(encoding="utf-8"))
    return {
        (contest["contest"], option["option"]): option["votes"]
        for contest in result["contests"]
        for option in contest["total"]["counts"]["votes"]
    }


def test_a_whole_election_is_held_and_verifies(closed: Town) -> None:
    outcome = fine(decrypted(closed))
    assert "Chair, Town/North: 3 ballots" in outcome.out
    assert totals(closed) == CAST
    report = verified(closed)
    assert report.verdict is Verdict.PASS, report.failed
    assert (report.counts["cast"], report.counts["challenged"]) == (4, 1)
    rows = list(csv.DictReader((closed.record / "result.csv").read_text(encoding="utf-8").splitlines()))
    assert {row["measure"] for row in rows} >= {"votes", "cast", "challenged", "undervotes"}


@pytest.mark.parametrize("guardians", [(1, 2), (2, 3), (1, 2, 3)])
def test_any_quorum_decrypts_to_the_same_counts(closed: Town, guardians: tuple[int, ...]) -> None:
    fine(decrypted(closed, guardians))
    assert totals(closed) == CAST
    assert verified(closed).verdict is Verdict.PASS


def test_everybody_says_what_they_wait_for(closed: Town) -> None:
    refused(office(closed), 2, "no session was called yet")
    refused(guardian(closed, 1), 2, "no decryption session")
    assert "Session 1 of guardians 1, 3" in fine(office(closed, "--guardians", "3,1")).out
    assert "waits for the commitments of guardians 1, 3" in fine(office(closed)).out
    assert "waiting for" in fine(guardian(closed, 1)).out
    assert "waits for the commitments of guardian 3" in fine(office(closed)).out
    fine(guardian(closed, 3))
    fine(guardian(closed, 1))
    assert "waits for the responses of guardian" in fine(office(closed)).out
    assert "done" in fine(guardian(closed, 3)).out
    assert "done" in fine(guardian(closed, 1)).out
    fine(office(closed))


def test_a_guardian_may_wait_for_the_others(closed: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    fine(office(closed, "--guardians", "1,3"))
    looked = 0

    def others(_: float) -> None:
        nonlocal looked
        looked += 1
        fine(guardian(closed, 3))

    monkeypatch.setattr("evote.cli.guardian.time.sleep", others)
    assert "done" in fine(guardian(closed, 1, "--wait")).out
    assert 1 <= looked <= 3
    fine(guardian(closed, 3))
    fine(office(closed))


@pytest.mark.parametrize("guardians", ["1", "1,4", "0,1", "one,two", "", "1,2,3,4"])
def test_a_session_needs_a_quorum_of_guardians_that_exist(closed: Town, guardians: str) -> None:
    before = snapshot(closed.root)
    refused(office(closed, "--guardians", guardians), 2, "--guardians")
    assert snapshot(closed.root) == before


def test_a_guardian_who_does_not_take_part_is_told(closed: Town) -> None:
    fine(office(closed, "--guardians", "1,3"))
    refused(guardian(closed, 2), 2, "in which guardian 2 takes part")
    refused(guardian(closed, 2, "--session", 1), 2, "guardian 2 does not take part in session 1")
    refused(guardian(closed, 1, "--session", 7), 2, "session-7")


def test_a_record_that_is_not_closed_is_not_decrypted(town: Town) -> None:
    codes = town.codes(BALLOTS)
    fine(town.cast(*codes))
    fine(town.seal())
    before = snapshot(town.root)
    refused(office(town, "--guardians", "1,3"), 2, "not closed")
    assert snapshot(town.root) == before


def change(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("name", ["ballots/000001.seg", "tally.msgpack", "devices.msgpack", "keys.msgpack"])
def test_a_guardian_does_not_decrypt_a_record_that_does_not_verify(closed: Town, name: str) -> None:
    fine(office(closed, "--guardians", "1,3"))
    path = closed.record / name
    change(path, path.stat().st_size - 40)
    private, exchanged = snapshot(closed.guardian(1)), snapshot(closed.exchange)
    outcome = guardian(closed, 1)
    assert outcome.code in (1, 2), outcome.err
    assert "evote: " in outcome.err
    assert (snapshot(closed.guardian(1)), snapshot(closed.exchange)) == (private, exchanged)


def test_the_record_of_another_election_is_refused(closed: Town, tmp_path: Path) -> None:
    other = Town(tmp_path / "other")
    fine(other.new())
    other.ceremony()
    close(other)
    fine(office(closed, "--guardians", "1,3"))
    own = closed.record
    closed.record = other.record
    refused(guardian(closed, 1), 2, "another election")
    closed.record = own
    fine(guardian(closed, 1))


def alter(path: Path, kind: type[T], change_value: Callable[[T], T]) -> None:
    value = decode(kind, path.read_bytes(), element_bytes=toy().element_bytes)
    path.write_bytes(encode(change_value(value)))


def test_a_wrong_response_names_its_guardian_and_the_others_go_on(closed: Town) -> None:
    fine(office(closed, "--guardians", "1,3"))
    for _ in range(3):
        for index in (1, 3):
            fine(guardian(closed, index))

    def swapped(message: Responses) -> Responses:
        return Responses(message.sender, message.request, message.responses[::-1])

    alter(closed.exchange / "session-1" / "responses" / "guardian-3.msgpack", Responses, swapped)
    before = snapshot(closed.record)
    refused(office(closed), 1, "the part of guardian 3 does not hold")
    assert snapshot(closed.record) == before
    fine(decrypted(closed, (1, 2)))
    assert totals(closed) == CAST
    assert verified(closed).verdict is Verdict.PASS


def test_a_wrong_opening_is_complained_about_and_named(closed: Town) -> None:
    fine(office(closed, "--guardians", "1,3"))
    fine(guardian(closed, 1))
    fine(guardian(closed, 3))
    file = closed.exchange / "session-1" / "openings" / "guardian-3.msgpack"

    def swapped(message: Openings) -> Openings:
        return Openings(message.sender, message.request, message.parts[::-1])

    alter(file, Openings, swapped)
    refused(guardian(closed, 1), 1, "guardian 3")
    assert (closed.exchange / "session-1" / "complaints" / "guardian-1.msgpack").exists()
    refused(guardian(closed, 3), 1, "guardian 1 complains")
    refused(office(closed), 1, "guardian 3")
    fine(decrypted(closed, (1, 2)))


def test_bytes_that_are_no_message_name_their_file(closed: Town) -> None:
    fine(office(closed, "--guardians", "1,3"))
    fine(guardian(closed, 1))
    fine(guardian(closed, 3))
    file = closed.exchange / "session-1" / "commitments" / "guardian-3.msgpack"
    sound = file.read_bytes()
    for bad in (b"", sound[:-1], sound + b"\0"):
        file.write_bytes(bad)
        refused(guardian(closed, 1), 2, "commitments/guardian-3.msgpack")
    file.write_bytes(sound)
    fine(guardian(closed, 1))


def test_what_was_published_can_be_published_again_and_stays(closed: Town) -> None:
    fine(decrypted(closed))
    before = snapshot(closed.record)
    again = office(closed)
    assert again.code == 0, again.err
    after = snapshot(closed.record)
    assert {name: data for name, data in after.items() if not name.startswith("index/")} == {
        name: data for name, data in before.items() if not name.startswith("index/")
    }
    assert verified(closed).verdict is Verdict.PASS


def test_a_wrong_passphrase_changes_nothing(closed: Town) -> None:
    fine(office(closed, "--guardians", "1,3"))
    closed.secret.write_text("not it\n")
    before = snapshot(closed.root)
    refused(guardian(closed, 1), 2, "the passphrase is wrong")
    assert snapshot(closed.root) == before
    closed.secret.write_text(f"{PASSPHRASE}\n")
    for _ in range(3):
        for index in (1, 3):
            fine(guardian(closed, index))
    closed.secret.write_text("not it\n")
    before = snapshot(closed.root)
    refused(office(closed), 2, "the passphrase is wrong")
    assert snapshot(closed.root) == before


def test_a_guardian_who_lost_its_share_is_told(closed: Town) -> None:
    fine(office(closed, "--guardians", "1,3"))
    (closed.guardian(1) / "ceremony.sealed").unlink()
    refused(guardian(closed, 1), 2, "ceremony.sealed")


def test_nothing_private_is_in_the_record(closed: Town) -> None:
    fine(decrypted(closed))
    published = b"".join(snapshot(closed.record).values())
    for index in (1, 2, 3):
        desk = GuardianDesk.open(closed.guardian(index), GROUPS)
        share = desk.guardian(Secret(PASSPHRASE)).share()
        for secret in (share.vote_share, share.data_share):
            assert secret.reveal().encode().lstrip(b"\0") not in published
    authority = PrivateFolder(closed.office, Secret(PASSPHRASE)).authority()
    assert authority.seed().reveal() not in published
    for name in ("authority.sealed", "ballots.sealed", "ballots.sqlite"):
        assert name not in {Path(path).name for path in snapshot(closed.record)}


def test_the_exported_record_is_json(closed: Town) -> None:
    fine(decrypted(closed))
    out = closed.root / "json"
    fine(evote("record", "export", closed.record, "--out", out))
    tally = json.loads((out / "tally.json").read_text())
    assert [cell["contest"] for cell in tally["cells"]] == ["Chair", "Chair", "Council", "Council"]
    before = snapshot(out)
    refused(evote("record", "export", closed.record, "--out", out), 2, "json")
    assert snapshot(out) == before


def test_a_final_record_can_be_sealed_again(closed: Town) -> None:
    fine(decrypted(closed))
    assert "stage final" in fine(closed.seal()).out
    assert verified(closed).verdict is Verdict.PASS


def test_nonces_that_guardians_open_are_opened_with_the_decryption(tmp_path: Path) -> None:
    town = Town(tmp_path / "town", {**DRAFT, "guardian_opening": True})
    fine(town.new())
    town.ceremony()
    codes = town.codes(BALLOTS)
    assert "the guardians open it" in fine(town.challenge(codes[1])).out
    fine(town.cast("--undecided"))
    fine(town.tally())
    fine(decrypted(town))
    assert totals(town) == CAST
    report = verified(town)
    assert report.verdict is Verdict.PASS, report.failed
    assert report.counts["opened"] == 1


def test_contest_data_that_the_manifest_opens_is_opened_with_the_decryption(tmp_path: Path) -> None:
    town = Town(tmp_path / "town", {**DRAFT, "decrypt_contest_data": True})
    fine(town.new())
    town.ceremony()
    close(town)
    fine(decrypted(town))
    assert verified(town).verdict is Verdict.PASS
    assert (town.record / "data" / "000001.seg").exists()


def test_a_cell_that_is_too_small_is_withheld(tmp_path: Path) -> None:
    town = Town(tmp_path / "town", {**DRAFT, "minimum_cell": 2})
    fine(town.new())
    town.ceremony()
    close(town)
    outcome = fine(decrypted(town))
    assert "Chair, Town/South: withheld" in outcome.out
    report = verified(town)
    assert report.verdict is Verdict.INCOMPLETE, report.failed


def test_without_chains_undecided_ballots_stay_out_of_the_record(tmp_path: Path) -> None:
    town = Town(tmp_path / "town", {**DRAFT, "chaining": 0})
    fine(town.new())
    town.ceremony()
    codes = town.codes(BALLOTS)
    fine(town.cast(codes[3], codes[0]))
    assert "3 ballots were never decided" in fine(town.tally()).out
    fine(decrypted(town))
    report = verified(town)
    assert report.verdict is Verdict.PASS, report.failed
    assert report.counts["ballots"] == 2


def test_an_election_without_a_ballot_can_be_closed(town: Town) -> None:
    fine(town.encrypt([vote("North", "Ada")]))
    fine(town.challenge("--undecided"))
    fine(town.tally())
    fine(decrypted(town))
    assert set(totals(town).values()) == {0}
    shutil.rmtree(town.office)
    assert verified(town).verdict is Verdict.PASS
