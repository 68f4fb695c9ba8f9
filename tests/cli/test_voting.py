"""Encrypting, casting, challenging and closing on the command line."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from evote.ballots import BallotState, EncryptedBallot, SubmittedBallot
from evote.ballots.batch import serves
from evote.codec import decode, encode
from evote.errors import DecodeError, StorageError
from evote.record import RecordReader, Stage, load_election
from evote.record.layout import largest_hint
from evote.report import Verdict
from evote.storage.pending import PendingStore
from evote.verifier.verify import verify_reader
from tests.cli.driver import GROUPS, Town, evote, fine, refused, snapshot, vote

ROOT = Path(__file__).resolve().parents[2]
BALLOTS = [
    vote("North", "Ada", ("Al", "Ku")),
    vote("South", "Bo", ("Em",), "Zoë"),
    vote("North", None),
    vote("South", "Ada", ("Al", "Em")),
]


def recorded(town: Town) -> list[SubmittedBallot]:
    found = []
    for _, _, submitted in RecordReader(town.record, GROUPS).ballots():
        assert not isinstance(submitted, DecodeError)
        found.append(submitted)
    return found


def codes_in(town: Town) -> list[str]:
    return [submitted.ballot.confirmation_code.hex().upper() for submitted in recorded(town)]


def verdict(town: Town, stage: Stage) -> Verdict:
    report = verify_reader(RecordReader(town.record, GROUPS), stage=stage)
    assert not report.failed, [finding for check in report.checks for finding in check.findings]
    return report.verdict


def test_ballots_get_codes_and_wait_for_their_voters(town: Town) -> None:
    codes = town.codes(BALLOTS)
    assert len(codes) == len(set(codes)) == len(BALLOTS)
    assert all(len(code) == 64 for code in codes)
    assert not (town.record / "ballots").exists()


def test_codes_come_as_json_where_asked(town: Town) -> None:
    lines = fine(town.encrypt(BALLOTS, "--json")).out.splitlines()
    assert [json.loads(line)["ballot"] for line in lines] == [1, 2, 3, 4]


def test_ballots_may_stand_one_per_line_and_come_from_stdin(town: Town) -> None:
    lines = "\n".join(json.dumps(ballot) for ballot in BALLOTS) + "\n\n"
    outcome = evote(
        *("encrypt", town.record, "-", "--private", town.office, "--device", "Booth 1"),
        *town.sealed,
        stdin=lines.encode(),
    )
    assert len(fine(outcome).out.split()) == 4


def test_cast_and_challenged_ballots_go_into_the_record_in_the_order_of_the_chain(town: Town) -> None:
    codes = town.codes(BALLOTS)
    fine(town.cast(codes[1]))
    assert recorded(town) == []
    assert "challenged" in fine(town.challenge(codes[0])).out
    assert codes_in(town) == codes[:2]
    fine(town.cast("--undecided"))
    assert codes_in(town) == codes
    states = [submitted.state for submitted in recorded(town)]
    assert states == [BallotState.CHALLENGED] + [BallotState.CAST] * 3
    fine(town.seal())
    assert verdict(town, Stage.VOTING) is Verdict.PASS


def test_a_challenge_shows_the_vote(town: Town) -> None:
    codes = town.codes(BALLOTS)
    out = fine(town.challenge(codes[1])).out
    assert "Chair: Bo" in out
    assert "Council: Em, write-in 'Zoë'" in out
    (shown,) = json.loads(fine(town.challenge(codes[0], "--json")).out)
    assert shown["contests"]["Chair"]["values"] == {"Ada": 1, "Bo": 0}
    assert shown["contests"]["Council"]["values"] == {"Al": 1, "Em": 0, "Ku": 1}


def test_a_challenge_can_be_shown_again(town: Town) -> None:
    (code, *_) = town.codes(BALLOTS)
    assert fine(town.challenge(code)).out == fine(town.challenge(code)).out
    assert codes_in(town) == [code]


def test_the_first_decision_is_for_ever(town: Town) -> None:
    codes = town.codes(BALLOTS)
    fine(town.cast(codes[0]))
    fine(town.challenge(codes[1]))
    before = snapshot(town.record)
    refused(town.challenge(codes[0]), 2, codes[0], "already cast")
    refused(town.cast(codes[1]), 2, codes[1], "already challenged")
    fine(town.cast(codes[0]))
    assert snapshot(town.record) == before


def test_codes_come_from_a_file(town: Town) -> None:
    codes = town.codes(BALLOTS)
    (town.root / "codes.txt").write_text("\n".join(codes[:2]) + "\n")
    assert fine(town.cast("--codes", town.root / "codes.txt")).out == "2 cast\n"
    assert codes_in(town) == codes[:2]


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        ([], ("no ballot is named",)),
        (["12345678" * 8], ("no ballot here",)),
        (["zoe"], ("is no confirmation code",)),
        (["--undecided", "12345678"], ("give no codes beside it",)),
        (["--codes", "absent"], ("absent",)),
    ],
)
def test_codes_that_name_no_ballot_change_nothing(
    town: Town, arguments: list[str], parts: tuple[str, ...]
) -> None:
    codes = town.codes(BALLOTS)
    before = snapshot(town.root)
    refused(town.cast(*arguments), 2, *parts)
    if arguments and not arguments[0].startswith("--"):
        refused(town.cast(codes[0], *arguments), 2, *parts)
    assert snapshot(town.root) == before


def test_a_store_that_is_not_there_is_said_to_be_absent(town: Town) -> None:
    refused(town.cast("12345678"), 2, "ballots.sqlite", "is not there")


def test_a_chain_of_a_device_goes_on_with_the_next_command(town: Town) -> None:
    codes = [*town.codes(BALLOTS[:2]), *town.codes(BALLOTS[2:], device="Booth 2"), *town.codes(BALLOTS[:1])]
    fine(town.cast("--undecided"))
    fine(town.seal())
    assert len(codes_in(town)) == len(codes) == 5
    assert verdict(town, Stage.VOTING) is Verdict.PASS


def test_a_closed_election_takes_no_more_ballots(town: Town) -> None:
    town.codes(BALLOTS)
    fine(town.cast("--undecided"))
    fine(town.tally())
    before = snapshot(town.record)
    refused(town.encrypt(BALLOTS), 2, "the election is closed")
    refused(town.cast("12345678"), 2, "the election is closed")
    refused(town.challenge("12345678"), 2, "the election is closed")
    refused(town.tally(), 2, "the election is closed")
    assert snapshot(town.record) == before
    assert verdict(town, Stage.VOTING) is Verdict.PASS


def test_a_chain_with_undecided_ballots_is_not_closed(town: Town) -> None:
    codes = town.codes(BALLOTS)
    fine(town.cast(codes[0]))
    before = snapshot(town.record)
    refused(town.tally(), 2, "3 ballots are neither cast nor challenged", "--undecided")
    assert snapshot(town.record) == before
    fine(town.challenge("--undecided"))
    fine(town.tally())


def test_a_record_is_sealed_again_and_again_while_people_vote(town: Town) -> None:
    codes = town.codes(BALLOTS)
    for code in codes:
        fine(town.cast(code))
        fine(town.seal())
        assert verdict(town, Stage.VOTING) is Verdict.PASS
    assert len(list((town.record / "index").iterdir())) == 1 + len(codes)


def test_a_program_that_stopped_between_decision_and_record_is_caught_up_with(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = town.codes(BALLOTS)

    def stop(*_: object) -> None:
        raise StorageError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("evote.record.writer.FrameWriter.append", stop)
        refused(town.cast(codes[0]), 4, "the disk is full")
    assert recorded(town) == []
    refused(town.challenge(codes[0]), 2, "already cast")
    assert codes_in(town) == [codes[0]]


def test_a_program_that_stopped_after_the_record_does_not_write_a_ballot_twice(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = town.codes(BALLOTS)

    def stop(*_: object) -> None:
        raise StorageError("the power failed")

    with monkeypatch.context() as patch:
        patch.setattr("evote.storage.pending.PendingStore.mark_recorded", stop)
        refused(town.cast(codes[0]), 4, "the power failed")
    segment = town.record / "ballots" / "000001.seg"
    segment.write_bytes(segment.read_bytes() + b"\0\0\1\0torn")
    fine(town.cast(codes[1]))
    assert codes_in(town) == codes[:2]


def test_a_ballot_that_does_not_verify_is_not_cast(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    (code, *_) = town.codes(BALLOTS)
    database = town.office / "ballots.sqlite"
    before = snapshot(town.record)
    connection = sqlite3.connect(database)
    (raw,) = connection.execute("SELECT ballot FROM ballots WHERE number = 1").fetchone()
    ballot = decode(EncryptedBallot, raw, element_bytes=32)
    first, *others = ballot.contests
    one, two = first.selections
    swapped = replace(first, selections=(replace(one, alpha=two.alpha), two))
    connection.execute(
        "UPDATE ballots SET ballot = ? WHERE number = 1",
        (encode(replace(ballot, contests=(swapped, *others))),),
    )
    connection.commit()
    connection.close()
    refused(town.cast(code), 1, "6.D")
    assert snapshot(town.record) == before


# --- hints ---------------------------------------------------------------------------------------------


def hints(town: Town) -> list[bool]:
    """Per ballot of the record, whether its hint serves."""
    election = load_election(RecordReader(town.record, GROUPS))
    warnings: list[str] = []
    limit = largest_hint(election.manifest, election.group.element_bytes)
    found = list(RecordReader(town.record, GROUPS).hints(limit=limit, warn=warnings.append))
    assert warnings == []
    ballots = recorded(town)
    assert len(found) == len(ballots)
    return [
        hint is not None and serves(election, submitted, hint)
        for submitted, hint in zip(ballots, found, strict=True)
    ]


def test_hints_go_into_the_record_with_the_ballots(town: Town) -> None:
    codes = town.codes(BALLOTS)
    fine(town.challenge(codes[0]))
    fine(town.cast(codes[1]))
    fine(town.cast("--undecided"))
    assert hints(town) == [True] * 4
    fine(town.seal())
    assert verdict(town, Stage.VOTING) is Verdict.PASS


@pytest.mark.parametrize("size", [0, 3, 40, 300])
def test_hints_that_a_crash_cut_off_come_in_line_with_the_ballots_again(town: Town, size: int) -> None:
    codes = town.codes(BALLOTS)
    fine(town.cast(*codes[:2]))
    segment = town.record / "hints" / "000001.seg"
    segment.write_bytes(segment.read_bytes()[:size])
    fine(town.cast(*codes[2:]))
    assert hints(town) == [False, False, True, True]
    assert "2 hints made, 2 were there" in fine(evote("record", "hints", town.record)).out
    assert hints(town) == [True] * 4


def test_a_program_that_stopped_before_the_hints_writes_them_at_the_next_start(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = town.codes(BALLOTS)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("evote.record.hints.HintWriter.append", stop)
        assert town.cast(*codes[:2]).code == 130
    assert len(recorded(town)) == 2
    fine(town.cast(*codes[2:]))
    assert hints(town) == [True] * 4


@pytest.mark.parametrize("damage", ["a link", "a file", "no room"])
def test_hints_never_keep_a_ballot_out_of_the_record(
    town: Town, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = town.codes(BALLOTS)
    if damage == "a link":
        (town.record / "hints").symlink_to(town.root)
    elif damage == "a file":
        (town.record / "hints").write_bytes(b"")
    else:

        def full(*_: object) -> None:
            raise StorageError("the disk is full")

        monkeypatch.setattr("evote.record.hints.HintWriter.append", full)
    outcome = fine(town.cast(*codes))
    assert outcome.out == "4 cast\n" and codes_in(town) == codes
    assert outcome.err.count("\n") == 1 and "hints" in outcome.err


def test_hints_are_made_for_a_record_without_any(town: Town) -> None:
    town.codes(BALLOTS)
    fine(town.cast("--undecided"))
    shutil.rmtree(town.record / "hints")
    fine(town.tally())
    before = snapshot(town.record)
    outcome = fine(evote("record", "hints", town.record))
    assert outcome.out == "4 hints made, 0 were there\n" and not outcome.err
    assert hints(town) == [True] * 4
    assert {name: data for name, data in snapshot(town.record).items() if name in before} == before


def test_hints_of_what_is_no_record_are_refused(town: Town) -> None:
    refused(evote("record", "hints", town.root), 2, "is not a record")
    refused(evote("record", "hints", town.record, "--workers", -1), 2, "--workers")


# --- bad ballots ---------------------------------------------------------------------------------------


def ballot(**changes: object) -> dict[str, object]:
    return {**vote("North", "Ada", ("Al",)), **changes}


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ("", ("there is no ballot",)),
        ("[]", ("there is no ballot",)),
        ("{", ("ballot 1", "not JSON")),
        ('{"contests": {}, "contests": {}}', ("ballot 1", "twice")),
        ('{"contests": 1.5}', ("ballot 1", "fraction")),
        ('"Ada"', ("ballot 1", "object")),
        ([ballot(), ballot(unit="Town/West")], ("ballot 2", "no unit 'Town/West'")),
        ([ballot(unit="Town")], ("ballot 1", "does not take ballots")),
        ([ballot(unit=7)], ("ballot 1", "unit", "text")),
        ([ballot(style="long")], ("ballot 1", "no ballot style 'long'")),
        ([ballot(extra=1)], ("ballot 1", "'extra' is unknown")),
        ([ballot(contests={"Chair": {}})], ("ballot 1", "contest 'Council' is missing")),
        ([ballot(contests={"Chair": {}, "Council": {}, "Mayor": {}})], ("no contest 'Mayor'",)),
        ([ballot(contests={"Chair": {"Cy": 1}, "Council": {}})], ("no option 'Cy'",)),
        ([ballot(contests={"Chair": {"Ada": -1}, "Council": {}})], ("not between 0 and",)),
        ([ballot(contests={"Chair": {"Ada": 10**9}, "Council": {}})], ("not between 0 and",)),
        ([ballot(contests={"Chair": {"Ada": True}, "Council": {}})], ("an integer is wanted",)),
        ([ballot(contests={"Chair": {"marks": {}, "write_ins": ["x"]}, "Council": {}})], ("no write-ins",)),
        ([ballot(contests={"Chair": {}, "Council": {"write_ins": ["x", "y"]}})], ("write-in",)),
        ([ballot(contests={"Chair": {}, "Council": {"write_ins": ["x" * 65]}})], ("write-in",)),
    ],
)
def test_a_bad_ballot_is_named_and_none_is_encrypted(
    town: Town, content: object, parts: tuple[str, ...]
) -> None:
    before = snapshot(town.office)
    refused(town.encrypt(content), 2, "ballots.json", *parts)
    assert snapshot(town.office) == before


def test_an_overvote_is_encrypted_as_the_specification_says(town: Town) -> None:
    (code,) = town.codes([ballot(contests={"Chair": {"Ada": 1, "Bo": 1}, "Council": {}})])
    (shown,) = json.loads(fine(town.challenge(code, "--json")).out)
    assert shown["contests"]["Chair"]["values"] == {"Ada": 0, "Bo": 0}


@pytest.mark.parametrize("device", ["", "x" * 1025])
def test_a_device_name_that_cannot_be_is_refused(town: Town, device: str) -> None:
    refused(town.encrypt(BALLOTS, device=device), 2, "device")


def test_a_file_of_ballots_that_is_absent_is_named(town: Town) -> None:
    outcome = evote(
        *("encrypt", town.record, town.root / "absent", "--private", town.office, "--device", "Booth"),
        *town.sealed,
    )
    refused(outcome, 2, "absent", "does not exist")


# --- what stops a program ------------------------------------------------------------------------------


def test_a_full_disk_during_encryption_keeps_the_ballots_before_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, kept = PendingStore.add, 0

    def add(self: PendingStore, *arguments: object) -> None:
        nonlocal kept
        if kept == 2:
            raise StorageError(f"{self.path}: the disk is full; make room and start again")
        kept += 1
        keep(self, *arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(PendingStore, "add", add)
        outcome = town.encrypt(BALLOTS)
    assert outcome.code == 4
    assert "the disk is full" in outcome.err
    codes = outcome.out.split()
    assert len(codes) == 2
    codes += town.codes(BALLOTS[2:])
    fine(town.cast(*codes))
    assert codes_in(town) == codes


@pytest.mark.slow
def test_ctrl_c_during_encryption_leaves_the_ballots_so_far(tmp_path: Path) -> None:
    town = Town(tmp_path / "town", guardians=1, quorum=1, group="electionguard-3072")
    code = "import sys; from tests.cli.driver import published; sys.exit(published())"
    program = [sys.executable, "-c", code]

    def call(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*program, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, check=True
        )

    sealed = ("--passphrase-file", town.secret)
    folders = ("--record", town.record, "--private", town.office)
    call("election", "new", town.draft, *folders, "-n", 1, "-k", 1, "--group", town.group, *sealed)
    call("guardian", "init", town.record, "--index", 1, "--private", town.guardian(1), *sealed)
    for _ in range(2):
        call("guardian", "step", "--private", town.guardian(1), "--exchange", town.exchange, *sealed)
    office = ("--private", town.office)
    call("election", "keys", town.record, *office, "--exchange", town.exchange, *sealed)
    ballots = town.root / "ballots.jsonl"
    ballots.write_text("\n".join(json.dumps(vote("North", "Ada")) for _ in range(2000)))
    running = subprocess.Popen(
        [*program, *map(str, ("encrypt", town.record, ballots, *office, "--device", "Booth", *sealed))],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert running.stdout is not None
    first = running.stdout.readline()
    time.sleep(0.2)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=120)
    assert running.returncode == 130, err
    assert b"Traceback" not in err
    assert b"interrupted" in err
    codes = (first + out).decode().split()
    assert 1 <= len(codes) < 2000
    done = call("cast", town.record, "--undecided", *office)
    # One more may have been kept than was printed.
    assert int(done.stdout.split()[0]) - len(codes) in (0, 1)
    call("record", "seal", town.record, *office, *sealed)
    assert "PASS" in call("verify", town.record, "--stage", "voting").stdout.splitlines()[-1]
