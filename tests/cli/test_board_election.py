"""A whole election with a board on the command line: thirty voters, two units, two of three witnesses."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from evote.board.checkpoint import Checkpoint
from evote.board.witness import Request
from evote.errors import StorageError
from evote.office.electionlog import note_key
from evote.record import CheckpointsFile, RecordReader, RecordWriter, Stage, load_election
from evote.report import Status, Verdict
from evote.storage.tilefolder import read_log
from evote.verifier.board.ids import BOARD
from evote.verifier.verify import verify_reader
from tests.cli.boardtown import BoardTown
from tests.cli.driver import GROUPS, cheap_passphrases, evote, fine, refused, snapshot
from tests.cli.test_decryption import decrypted, totals

VOTERS = 30


@pytest.fixture(scope="module")
def _voted(tmp_path_factory: pytest.TempPathFactory) -> BoardTown:
    """Everybody has voted; the boxes are open."""
    with cheap_passphrases():
        town = BoardTown(tmp_path_factory.mktemp("board") / "town", VOTERS)
        town.prepare()
        _vote(town)
    return town


def _vote(town: BoardTown) -> None:
    for voter in range(VOTERS - 2):  # the last two have no ballot of this kind
        name = f"first-{voter}"
        town.encrypt_vote(voter, name, ("Ada", "Bo", None)[voter % 3])
        fine(town.decide("cast", voter, name))
    for place, unit in enumerate(("North", "South")):
        fine(town.admit(unit, *(f"first-{voter}" for voter in range(place, VOTERS - 2, 2))))
    town.publish_heads(*town.unit_heads())
    # voter 0 votes again, behind the first ballot; voter 1 is told which head to sign over
    town.encrypt_vote(0, "second-0", "Bo")
    fine(town.decide("cast", 0, "second-0", "--after", town.submission("first-0")))
    fine(town.admit("North", "second-0"))
    town.encrypt_vote(1, "second-1", "Ada")
    fine(town.decide("cast", 1, "second-1"))
    stale = town.admit("South", "second-1")
    assert stale.code == 1 and "stale" in stale.out
    fine(town.decide("cast", 1, "second-1", "--previous", stale.out.split("--previous ")[1].strip()))
    fine(town.admit("South", "second-1"))
    # the last but one has a ballot opened, and votes with another; the last one's device cheats
    opened = VOTERS - 2
    town.encrypt_vote(opened, "opened", "Ada")
    fine(town.decide("challenge", opened, "opened"))
    fine(town.admit(town.unit(opened), "opened"))
    town.encrypt_vote(opened, "voted", "Bo")
    fine(town.decide("cast", opened, "voted"))
    fine(town.admit(town.unit(opened), "voted"))
    town.forged(VOTERS - 1, "forged")
    fine(town.admit(town.unit(VOTERS - 1), "forged", options=("--later",)))
    # voter 2 lost the code, gets another one, and votes with it behind the first ballot
    sheet = town.root / "new.html"
    fine(
        evote(
            *("roll", "reissue", town.record, "--private", town.authority, "--reference", "R-2"),
            *("--reason", "letter lost", "--file", town.root / "2.json", "--sheet", sheet, *town.sealed),
        )
    )
    fine(town.box("reissue", "North", town.root / "2.reissue"))
    town.encrypt_vote(2, "old code", "Ada")
    fine(town.decide("cast", 2, "old code", "--after", town.submission("first-2")))
    revoked = town.admit("North", "old code")
    assert revoked.code == 1 and "revoked-credential" in revoked.out
    town.code_file(2, code=sheet.read_text().split('class="code">')[1].split("<")[0])
    town.encrypt_vote(2, "second-2", "Bo")
    fine(town.decide("cast", 2, "second-2", "--after", town.submission("first-2")))
    fine(town.admit("North", "second-2"))


@pytest.fixture(scope="module")
def _closed(_voted: BoardTown, tmp_path_factory: pytest.TempPathFactory) -> BoardTown:
    """Closed, tallied and sealed; not decrypted yet."""
    with cheap_passphrases():
        town = copy(_voted, tmp_path_factory.mktemp("closed") / "town")
        opening = _open(town)
        folders = town.close_boxes()
        town.publish_heads(*folders)
        said = fine(town.board("close", *folders, "--opening", opening)).out
        assert "29 counted, 3 superseded, 1 rejected and 1 challenged" in said
    return town


def _open(town: BoardTown) -> Path:
    opening = town.votes / "opened.opening"
    made = fine(
        evote(
            *("vote", "open", town.record, town.votes / "opened.vote", town.submission("opened")),
            *(town.answer("opened"), "--out", opening, *town.sealed),
        )
    )
    assert "Chair: Ada" in made.out
    return opening


def copy(town: BoardTown, target: Path) -> BoardTown:
    fresh = BoardTown(target, town.number)
    shutil.rmtree(target)
    shutil.copytree(town.root, target)
    return fresh


@pytest.fixture
def voted(_voted: BoardTown, tmp_path: Path) -> BoardTown:
    return copy(_voted, tmp_path / "town")


@pytest.fixture
def closed(_closed: BoardTown, tmp_path: Path) -> BoardTown:
    return copy(_closed, tmp_path / "closed")


def test_a_whole_election_verifies_and_every_receipt_says_what_became_of_its_ballot(
    closed: BoardTown,
) -> None:
    fine(decrypted(closed))
    report = verify_reader(RecordReader(closed.record, GROUPS))
    assert not report.failed, [str(one) for check in report.checks for one in check.findings]
    assert all(report.check(identifier).status is Status.PASS for identifier in BOARD)
    assert report.verdict is Verdict.PASS
    assert report.counts["superseded"] == 3 and report.counts["rejected"] == report.counts["reissues"] == 1
    found = totals(closed)
    # 28 first ballots: 10 Ada, 9 Bo, 9 nobody; 0 and 1 and 2 turned to Bo, Ada, Bo; one more Bo
    assert (found["Chair", "Ada"], found["Chair", "Bo"]) == (10, 11)
    for name, verdict in (
        ("first-3", "COUNTED"),
        ("second-0", "COUNTED"),
        ("second-2", "COUNTED"),
        ("first-0", "SUPERSEDED"),
        ("opened", "CHALLENGED"),
        ("forged", "REJECTED"),
    ):
        outcome = closed.receipt_check(closed.receipt(name))
        assert outcome.code == 0 and verdict in outcome.out, (name, outcome)


def test_units_of_a_board_are_decrypted_one_after_the_other(closed: BoardTown) -> None:
    folders = ("--private", closed.office, "--exchange", closed.exchange)
    fine(
        evote(
            "results",
            "close",
            closed.record,
            "--private",
            closed.office,
            "--unit",
            "Town/North",
            *closed.sealed,
        )
    )
    for step in (("--guardians", "1,3"), ()):
        fine(evote("decrypt", closed.record, *folders, "--provisional", *step, *closed.sealed))
        for index in (1, 3, 1, 3, 1, 3) if step else ():
            mine = ("--private", closed.guardian(index), "--exchange", closed.exchange)
            fine(evote("guardian", "decrypt", closed.record, *mine, *closed.sealed))
    report = verify_reader(RecordReader(closed.record, GROUPS), stage=Stage.VOTING)
    assert report.verdict is Verdict.PASS and report.check("E.61").status is Status.PASS, report.failed
    early = closed.record / "provisional" / "000001.seg"
    published = early.read_bytes()
    fine(decrypted(closed, (1, 2)))
    assert verify_reader(RecordReader(closed.record, GROUPS)).verdict is Verdict.PASS
    assert early.read_bytes() == published and (totals(closed)["Chair", "Ada"]) == 10


def test_the_hints_of_the_voters_devices_reach_the_record_so_that_it_is_verified_in_batches(
    closed: BoardTown,
) -> None:
    report = verify_reader(RecordReader(closed.record, GROUPS), stage=Stage.VOTING)
    assert not report.failed
    assert report.work is not None
    assert (report.work.batched, report.work.plain) == (30, 0)  # 29 counted and the opened one
    assert not [sentence for sentence in report.warnings if "hint" in sentence]


@pytest.mark.parametrize("damage", ["gone", "torn", "swapped", "noise"])
def test_hints_of_a_unit_that_are_missing_or_wrong_are_a_warning(voted: BoardTown, damage: str) -> None:
    folders = voted.close_boxes()
    voted.publish_heads(*folders)
    _spoil(folders[0] / "hints", folders[1] / "hints", damage)
    outcome = fine(voted.board("close", *folders))
    assert "hint" in outcome.err or damage == "noise"
    report = verify_reader(RecordReader(voted.record, GROUPS), stage=Stage.VOTING)
    assert not report.failed and report.counts["ballots"] == 29
    assert report.work is not None
    assert report.work.plain > 0 and report.work.batched > 0
    if damage == "noise":
        assert [sentence for sentence in report.warnings if "hint" in sentence]


def _spoil(folder: Path, other: Path, damage: str) -> None:
    segment = folder / "000001.seg"
    data = segment.read_bytes()
    if damage == "gone":
        shutil.rmtree(folder)
    elif damage == "torn":
        segment.write_bytes(data[: len(data) // 2])
    elif damage == "swapped":
        segment.write_bytes((other / segment.name).read_bytes())
    else:  # the last commitment of every hint is another number
        noise, end = bytearray(data), 0
        while end < len(data):
            end += 4 + int.from_bytes(data[end : end + 4], "big")
            noise[end - 1] ^= 1
        segment.write_bytes(noise)


def test_a_closing_that_was_stopped_goes_on_with_ballots_and_hints(voted: BoardTown) -> None:
    folders = voted.close_boxes()
    voted.publish_heads(*folders)
    record = voted.root / "whole"
    shutil.copytree(voted.record, record)
    fine(voted.board("close", *folders))
    closed = snapshot(voted.record)
    shutil.rmtree(voted.record)
    shutil.copytree(record, voted.record)
    for name in ("log", "ballots", "hints"):  # as far as it had come
        (voted.record / name).mkdir()
        segment = closed[f"{name}/000001.seg"]
        (voted.record / name / "000001.seg").write_bytes(segment[: len(segment) // 2])
    fine(voted.board("close", *folders))
    again = snapshot(voted.record)
    kept = [path for path in closed if path.split("/")[0] in ("log", "ballots", "hints", "aside")]
    assert kept and all(again[path] == closed[path] for path in kept)


def test_a_receipt_alone_says_logged_at_most(voted: BoardTown) -> None:
    kept = voted.receipt("first-3")
    outcome = evote("receipt", "check", kept, "--manifest", voted.record / "manifest.json")
    assert outcome.code == 3, outcome


def test_a_receipt_is_completed_while_people_vote_as_soon_as_witnesses_saw_its_head(
    voted: BoardTown, tmp_path: Path
) -> None:
    log, out = ("--log", voted.office / "election-log"), tmp_path / "complete"
    kept, late = voted.receipt("first-3"), voted.receipt("second-1")
    fine(voted.box("prove", "South", kept, *log, "--out", out))
    manifest = ("--manifest", voted.record / "manifest.json")
    outcome = evote("receipt", "check", out / kept.name, *manifest)
    assert outcome.code == 3 and "can no longer be taken away unseen" in outcome.out, outcome
    before = late.read_bytes()
    refused(voted.box("prove", "South", late, *log), 2, "no head of 'Town/South' that covers this ballot")
    refused(voted.box("prove", "North", kept, *log), 2, "the log is that of 'Town/North'")
    refused(voted.box("prove", "South", kept, "--log", tmp_path / "nowhere"), 2, "is not there")
    refused(evote("receipt", "complete", kept, "--record", voted.record), 2, "not closed")
    assert late.read_bytes() == before


def test_a_receipt_is_completed_from_the_record_for_good(closed: BoardTown, tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    shutil.copy(closed.record / "manifest.json", manifest)
    for name, verdict in (("first-3", "COUNTED"), ("first-0", "SUPERSEDED"), ("opened", "CHALLENGED")):
        kept = closed.receipt(name)
        said = fine(evote("receipt", "complete", kept, "--record", closed.record)).out
        assert 500 < int(said.split(": ")[1].split()[0]) < 2048
        alone = evote("receipt", "check", kept, "--manifest", manifest, "--at", "2100-01-01T00:00:00Z")
        assert alone.code == 3 and "entry" in alone.out and "of the closed log" in alone.out, alone
        assert verdict in fine(closed.receipt_check(kept)).out
    foreign = tmp_path / "foreign.receipt"
    text = kept.read_text()
    assert "Town/North" in text
    foreign.write_text(text.replace("Town/North", "Town/East"))
    refused(evote("receipt", "complete", foreign, "--record", closed.record), 1, "no receipt of a unit")


def test_logs_are_published_as_tiles_that_a_web_server_can_serve(voted: BoardTown, tmp_path: Path) -> None:
    site, unit = tmp_path / "log", tmp_path / "north"
    assert "2 leaves" in fine(voted.board("tiles", "--out", site)).out
    election = load_election(RecordReader(voted.record, GROUPS))
    board = election.manifest.board
    assert board is not None
    note, tree = read_log(site, note_key(board.log))
    assert tree.size == 2 and len(note.signatures) == 3  # the log and two witnesses
    head = voted.heads / "late.head"
    for _ in range(2):  # the second time there is nothing to write
        fine(voted.box("head", "North", "--out", head, "--tiles", unit))
    _, tree = read_log(unit, note_key(board.units["Town/North"]))
    assert tree.size == Checkpoint.parse(Request.parse(head.read_bytes()).note.text).size > 30
    refused(voted.board("tiles", "--out", unit), 1)


def test_the_same_ballot_again_gets_the_same_receipt(voted: BoardTown) -> None:
    before = voted.answer("first-3").read_bytes()
    fine(voted.admit("South", "first-3"))
    assert voted.answer("first-3").read_bytes() == before


def test_a_decision_stands(voted: BoardTown) -> None:
    refused(voted.decide("challenge", 3, "first-3"), 2, "cast already")
    refused(voted.decide("cast", VOTERS - 2, "opened"), 2, "challenged already")
    outcome = evote(
        *("vote", "open", voted.record, voted.votes / "first-3.vote", voted.submission("first-3")),
        *(voted.answer("first-3"), "--out", voted.votes / "x", *voted.sealed),
    )
    refused(outcome, 2, "not challenged")


def test_a_second_device_opens_with_the_voters_own_code(voted: BoardTown) -> None:
    opening, opened = _open(voted), VOTERS - 2
    given = ("vote", "check", voted.record, voted.submission("opened"), opening)
    said = fine(evote(*given, *voted.coded(opened))).out
    assert "Chair: Ada" in said
    refused(evote(*given, *voted.coded(3)), 1, "E.1", "not made for this voter")
    code = said.split("Confirmation code ")[1].split(":")[0]
    fine(evote(*given, *voted.coded(opened), "--code", code.lower()))
    assert evote(*given, *voted.coded(opened), "--code", "0" * 64).code == 1


def test_nothing_is_opened_without_the_receipt_of_the_challenge(voted: BoardTown) -> None:
    outcome = evote(
        *("vote", "open", voted.record, voted.votes / "opened.vote", voted.submission("opened")),
        *(voted.answer("first-3"), "--out", voted.votes / "x", *voted.sealed),
    )
    assert outcome.code == 1 and not (voted.votes / "x").exists()


def test_a_challenged_ballot_that_nobody_opened_stands_aside(voted: BoardTown) -> None:
    folders = voted.close_boxes()
    voted.publish_heads(*folders)
    said = fine(voted.board("close", *folders)).out
    assert "1 challenged ballots were not opened" in said
    report = verify_reader(RecordReader(voted.record, GROUPS), stage=Stage.VOTING)
    assert report.verdict is Verdict.PASS, report.failed
    assert report.counts["unopened"] == 1


def test_the_board_is_not_closed_without_closing_heads_and_a_quorum_of_witnesses(voted: BoardTown) -> None:
    folders = voted.close_boxes()
    refused(voted.board("close", *folders), 2, "closing heads of Town/North, Town/South")
    fine(voted.board("head", *folders))
    refused(voted.board("close", folders[0], folders[0]), 2, "every unit")
    refused(voted.board("close", *folders), 1, "too few witnesses")
    assert not (voted.record / "ballots").exists()


def test_a_closing_that_was_stopped_goes_on_where_it_was(
    voted: BoardTown, closed: BoardTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening = _open(voted)
    folders = voted.close_boxes()
    voted.publish_heads(*folders)

    def full(self: RecordWriter, checkpoints: CheckpointsFile) -> None:
        raise StorageError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(RecordWriter, "put_checkpoints", full)
        assert voted.board("close", *folders, "--opening", opening).code == 4
    segment = voted.record / "log" / "000001.seg"
    segment.write_bytes(segment.read_bytes()[:-3])  # and the last write was torn
    fine(voted.board("close", *folders, "--opening", opening))
    report = verify_reader(RecordReader(voted.record, GROUPS), stage=Stage.VOTING)
    assert report.verdict is Verdict.PASS, report.failed
    for name in ("ballots", "aside", "openings"):
        mine, theirs = (place.record / name / "000001.seg" for place in (voted, closed))
        assert mine.read_bytes() == theirs.read_bytes()


def test_another_record_is_not_filled_up(voted: BoardTown) -> None:
    folders = voted.close_boxes()
    voted.publish_heads(*folders)
    shutil.copytree(folders[0] / "ballots", voted.record / "ballots")
    refused(voted.board("close", *folders), 2, "other ballots or entries already")


def test_a_changed_ballot_is_not_taken_from_a_unit(voted: BoardTown) -> None:
    folders = voted.close_boxes()
    path = folders[1] / "ballots" / "000001.seg"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    voted.publish_heads(*folders)
    refused(voted.board("close", *folders), 1, "not those of the log")


def test_a_record_with_a_board_is_exported_for_people(closed: BoardTown, tmp_path: Path) -> None:
    fine(evote("record", "export", closed.record, "--out", tmp_path / "json"))
    lines = {
        name: (tmp_path / "json" / f"{name}.jsonl").read_text().splitlines()
        for name in ("roll", "log", "aside")
    }
    assert len(lines["roll"]) == VOTERS and len(lines["aside"]) == 4
    assert sum('"kind": "cast"' in line for line in lines["log"]) == 33
    assert (tmp_path / "json" / "checkpoints.json").exists()


def test_a_closed_election_is_not_closed_again(closed: BoardTown) -> None:
    before = {path: path.read_bytes() for path in (closed.record / "log").iterdir()}
    refused(closed.board("close", closed.root / "handed-North"), 2, "closed")
    assert {path: path.read_bytes() for path in (closed.record / "log").iterdir()} == before


def test_a_guardian_refuses_a_record_whose_board_does_not_hold(closed: BoardTown) -> None:
    path = closed.record / "checkpoints.msgpack"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1  # the digest of a counted set
    path.write_bytes(bytes(data))
    report = verify_reader(RecordReader(closed.record, GROUPS), stage=Stage.VOTING)
    assert "E.33" in report.failed
    options = ("--private", closed.office, "--exchange", closed.exchange)
    outcome = evote("decrypt", closed.record, *options, "--guardians", "1,3", *closed.sealed)
    assert outcome.code == 1, outcome


def test_ballots_do_not_go_around_the_boxes(voted: BoardTown) -> None:
    for command in ("cast", "challenge", "tally"):
        sealed = () if command == "cast" else voted.sealed
        outcome = evote(command, voted.record, "--private", voted.office, *sealed)
        refused(outcome, 2, "boxes of its board")
    refused(voted.encrypt([]), 2, "boxes of its board")


def test_a_box_from_a_backup_does_not_go_on_as_if_nothing_had_happened(voted: BoardTown) -> None:
    head = voted.heads / "newest.head"
    fine(voted.box("head", "North", "--out", head))
    box, backup = voted.root / "North.box", voted.root / "backup"
    shutil.copy(box, backup)
    voted.encrypt_vote(0, "late", "Bo")
    fine(voted.decide("cast", 0, "late", "--after", voted.submission("second-0")))
    fine(voted.admit("North", "late"))
    newer = voted.heads / "newer.head"
    fine(voted.box("head", "North", "--out", newer))
    for file in voted.root.glob("North.box*"):
        file.unlink()
    shutil.copy(backup, box)
    refused(voted.box("open", "North"), 2, "no anchor")
    fine(voted.box("open", "North", "--join", "--seen", head))
    refused(voted.box("open", "North", "--seen", newer), 2, "restored from an older copy")
    assert voted.box("show", "North", "--seen", newer).code == 1
    refused(voted.box("open", "North", "--seen", voted.submission("late")), 2, "")


def test_boxes_and_voters_of_an_election_without_board_are_refused(town: BoardTown) -> None:
    refused(evote("vote", "encrypt", town.record, "-", "--out", town.root / "x", *town.sealed), 2, "no board")
    refused(evote("board", "show", town.record, "--private", town.office), 2, "no board")
