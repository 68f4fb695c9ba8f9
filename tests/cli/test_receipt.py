"""``evote receipt``: what a voter sees, with every verdict and exit code."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from evote.board.evidence import Evidence, ReceiptVerdict
from evote.board.receipt import Receipt
from evote.board.receipt_compact import letters, pack
from evote.board.receipt_text import write_text
from evote.manifest.moments import moment_of
from evote.testing.elections import Kit
from tests.board.receipts import (
    A2,
    ABSENT,
    DUE,
    ELECTORATE,
    FINGERPRINT,
    PUBLISHED_AT,
    SETTING,
    VOTED_AT,
    A,
    B,
    C,
    promised,
    voting,
)
from tests.cli.driver import Outcome, evote, fine, refused
from tests.office.receipts import CLOSED, RecordFiles

LATE = ("--at", moment_of(DUE + 1))
EARLY = ("--at", moment_of(VOTED_AT))


class Voter:
    """A folder with a receipt, the manifest, and the record if it is published."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.manifest = root / "manifest.json"
        self.manifest.write_bytes(ELECTORATE.manifest.raw)
        self.file = root / "my.receipt"
        self.evidence = root / "my.receipt.evidence"

    def check(self, receipt: Receipt, *options: object) -> Outcome:
        self.file.write_bytes(write_text(receipt))
        return self.ask(*options)

    def ask(self, *options: object, file: Path | None = None) -> Outcome:
        where = () if "--record" in options else ("--manifest", self.manifest)
        return evote("receipt", "check", file or self.file, *where, *options)

    def show(self, receipt: Receipt, *options: object) -> Outcome:
        self.file.write_bytes(write_text(receipt))
        return evote("receipt", "show", self.file, *options)


@pytest.fixture
def voter(tmp_path: Path) -> Voter:
    return Voter(tmp_path)


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return RecordFiles.of(CLOSED).write(tmp_path)


def fact(outcome: Outcome, name: str) -> object:
    value = outcome.value()
    assert isinstance(value, Mapping)
    return value[name]


# --- verdicts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "first", "said"),
    [
        (A, "SUPERSEDED BY 6", "did not cast a later ballot"),
        (A2, "COUNTED", "it was counted"),
        (B, "REJECTED", "check 6.D failed: a proof does not hold"),
        (C, "CHALLENGED", "never counted"),
    ],
)
def test_with_the_record_a_voter_is_told_what_became_of_the_ballot(
    voter: Voter, record: Path, made: object, first: str, said: str
) -> None:
    outcome = fine(voter.check(CLOSED.final(made), "--record", record))  # type: ignore[arg-type]
    lines = outcome.out.splitlines()
    assert lines[0] == first and said in outcome.out
    assert f"Fingerprint of the election: {FINGERPRINT.hex()} (compare it" in outcome.out
    sure = fine(voter.ask("--record", record, "--expect", FINGERPRINT.hex()))
    assert "compare" not in sure.out and not voter.evidence.exists()


def test_a_proof_without_the_record_is_logged_and_no_more(voter: Voter) -> None:
    outcome = voter.check(CLOSED.final(A))
    assert (outcome.code, outcome.out.splitlines()[0]) == (3, "LOGGED; counting not checked")
    assert f"witnesses have seen the log at {moment_of(PUBLISHED_AT)}" in outcome.out
    during = voter.check(voting().final(A))
    assert during.code == 3 and "when voting has ended" in during.out


def test_a_promise_is_not_yet_due_and_then_broken(voter: Voter) -> None:
    early = voter.check(promised(A), *EARLY)
    assert (early.code, early.out.splitlines()[0]) == (3, "NOT YET DUE")
    assert moment_of(DUE) in early.out and not voter.evidence.exists()
    late = voter.ask(*LATE)
    assert (late.code, late.out.splitlines()[0]) == (1, "BROKEN PROMISE")
    assert f"Evidence: {voter.evidence}" in late.out
    assert voter.ask("--at", "witnesses").code == 3


def test_the_clock_of_the_machine_is_now_where_nothing_else_is_said(
    voter: Voter, monkeypatch: pytest.MonkeyPatch
) -> None:
    for now, code in ((DUE, 3), (DUE + 1, 1)):
        monkeypatch.setattr("time.time", lambda now=now: float(now))
        assert voter.check(promised(A)).code == code


def test_a_ballot_that_the_closed_log_lacks_is_not_included(voter: Voter, record: Path) -> None:
    outcome = voter.check(promised(ABSENT), "--record", record)
    assert (outcome.code, outcome.out.splitlines()[0]) == (1, "NOT INCLUDED")
    assert Evidence.parse(voter.evidence.read_bytes()).verdict is ReceiptVerdict.NOT_INCLUDED


def test_a_forged_receipt_is_named_so(voter: Voter, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    receipt = replace(promised(A), promise=promised(B).promise)
    outcome = voter.check(receipt, *EARLY, "--evidence", other)
    assert (outcome.code, outcome.out.splitlines()[0]) == (1, "FORGED")
    assert "not signed by the log" in outcome.out and "Vote again" in outcome.out
    assert other.exists() and not voter.evidence.exists()
    assert voter.check(promised(A), *EARLY, "--expect", "00" * 32).code == 1


def test_a_receipt_of_no_unit_is_forged_with_a_record_too(voter: Voter, record: Path) -> None:
    receipt = replace(promised(A), ballot=replace(A, unit="West"))
    assert voter.check(receipt, "--record", record).out.startswith("FORGED\n")


def test_a_head_from_elsewhere_catches_a_split_view(voter: Voter, tmp_path: Path) -> None:
    board = voting()
    board.units["North"][1] = board.units["North"][3]
    board.heads.clear()
    for unit in ("South", "North", "North"):
        board.head(unit)
    note = tmp_path / "head"
    note.write_bytes(board.close().last.encode())
    outcome = voter.check(CLOSED.final(A), "--checkpoint", note)
    assert (outcome.code, outcome.out.splitlines()[0]) == (1, "SPLIT VIEW")
    note.write_bytes(CLOSED.last.encode())
    assert voter.ask("--checkpoint", note).code == 3


def test_a_record_that_breaks_a_rule_of_logs_says_nothing_of_the_ballot(voter: Voter, tmp_path: Path) -> None:
    board = voting()
    board.add("North", *board.units["North"][:1]).close()
    record = RecordFiles.of(board).write(tmp_path)
    outcome = voter.check(board.final(A2), "--record", record)
    assert (outcome.code, outcome.out.splitlines()[0]) == (1, "INVALID")
    assert "evote verify" in outcome.out


# --- evidence ----------------------------------------------------------------------------------------


def test_evidence_is_checked_by_anybody_with_the_manifest(voter: Voter, record: Path) -> None:
    voter.check(promised(ABSENT), "--record", record)
    shutil.rmtree(record)
    outcome = voter.ask(file=voter.evidence)
    assert (outcome.code, outcome.out.splitlines()[0]) == (1, "NOT INCLUDED")
    assert fact(voter.ask("--json", file=voter.evidence), "claimed") == "NOT INCLUDED"
    assert not voter.evidence.with_name("my.receipt.evidence.evidence").exists()


def test_evidence_that_shows_something_else_than_it_says_is_unusable(voter: Voter) -> None:
    voter.check(promised(A), *LATE)
    early = voter.ask(*EARLY, file=voter.evidence)
    assert early.code == 2 and "says BROKEN PROMISE, and does not show it" in early.err
    assert voter.ask(*LATE, file=voter.evidence).code == 1
    evidence = Evidence.parse(voter.evidence.read_bytes())
    voter.evidence.write_bytes(replace(evidence, log=CLOSED.shown("South")).encode())
    refused(voter.ask(file=voter.evidence), 2, "another unit")
    voter.evidence.write_bytes(replace(evidence, checkpoints=(b"text",)).encode())
    refused(voter.ask(file=voter.evidence), 2, "note")
    shown = replace(CLOSED.shown(), leaves=b"")
    voter.evidence.write_bytes(replace(evidence, log=shown).encode())
    refused(voter.ask(file=voter.evidence), 2, "leaves")


# --- unusable inputs ---------------------------------------------------------------------------------


def test_what_cannot_be_used_is_named(voter: Voter, record: Path, tmp_path: Path) -> None:
    voter.file.write_bytes(write_text(promised(A)))
    refused(evote("receipt", "check", voter.file), 2, "--manifest")
    refused(evote("receipt", "check", tmp_path / "absent", "--manifest", voter.manifest), 2, "does not exist")
    both = ("--manifest", voter.manifest, "--record", record)
    refused(evote("receipt", "check", voter.file, *both), 2, "not both")
    refused(voter.ask("--at", "yesterday"), 2, "--at yesterday")
    refused(voter.ask("--expect", "12"), 2, "64 hexadecimal digits")
    head = tmp_path / "head"
    head.write_bytes(b"nothing")
    refused(voter.ask("--checkpoint", head), 2, "head")
    head.write_bytes(CLOSED.last.encode().replace(b"logs.example", b"logs.another"))
    refused(voter.ask("--checkpoint", head), 2, "checkpoint")
    voter.file.write_bytes(b"evote receipt v1\n")
    refused(voter.ask(), 2, "my.receipt")
    refused(voter.ask("--record", tmp_path), 2, "parameters.msgpack")


def test_the_record_of_another_election_is_refused(voter: Voter, record: Path) -> None:
    outcome = voter.check(promised(A), "--record", record, "--expect", "ab" * 32)
    refused(outcome, 1, "another election")


def test_a_record_whose_log_is_changed_decides_nothing(voter: Voter, tmp_path: Path) -> None:
    files = RecordFiles.of(CLOSED)
    logs = [frame for at, frame in enumerate(files.logs) if at != 9]
    record = replace(files, logs=logs).write(tmp_path)
    refused(voter.check(CLOSED.final(A), "--record", record), 1, "leaves")


def test_an_election_without_a_board_has_no_receipts(voter: Voter) -> None:
    voter.manifest.write_bytes(Kit().manifest.raw)
    refused(voter.check(promised(A)), 2, "no board")


# --- show --------------------------------------------------------------------------------------------


def test_a_receipt_is_shown_with_the_entry_in_groups_of_four_digits(voter: Voter) -> None:
    plain = fine(voter.show(promised(A)))
    assert f"Ballot:   {A.ballot.hex()}" in plain.out and "Entry:" not in plain.out
    shown = fine(voter.show(CLOSED.final(A), "--manifest", voter.manifest))
    leaf = A.leaf(FINGERPRINT, SETTING.unit_log("North").name).hex()
    assert f"Entry:    {leaf[:4]} {leaf[4:8]} " in shown.out and "closed log" in shown.out
    assert "from before" in fine(voter.show(voting().final(A))).out
    assert "opened" in fine(voter.show(promised(C))).out


def test_a_receipt_is_written_in_other_forms_and_read_again(voter: Voter, tmp_path: Path) -> None:
    compact, text = tmp_path / "compact", tmp_path / "text"
    manifest = ("--manifest", voter.manifest)
    fine(voter.show(CLOSED.final(A), *manifest, "--compact", compact))
    assert compact.read_bytes() == pack(SETTING, CLOSED.final(A))
    assert voter.ask(file=compact).code == 3
    fine(evote("receipt", "show", compact, *manifest, "--text", text))
    assert voter.ask(file=text).code == 3
    refused(evote("receipt", "show", compact), 2, "manifest")
    refused(voter.show(promised(A), "--compact", compact), 2, "--manifest")


def test_a_receipt_is_drawn_on_the_terminal_and_as_a_drawing(voter: Voter, tmp_path: Path) -> None:
    pytest.importorskip("segno", reason="segno, the extra 'qr', is not installed")
    drawing = tmp_path / "my.svg"
    options = ("--manifest", voter.manifest, "--qr", "--svg", drawing)
    outcome = fine(voter.show(promised(A), *options))
    assert "\u2580" in outcome.out or "\u2584" in outcome.out
    assert drawing.read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize("receipt", [promised(A), CLOSED.final(A)], ids=["promise", "final"])
def test_another_program_reads_the_same_letters_from_the_picture(
    voter: Voter, tmp_path: Path, receipt: Receipt
) -> None:
    pytest.importorskip("segno", reason="segno, the extra 'qr', is not installed")
    reader = shutil.which("zbarimg")
    if reader is None:
        pytest.skip("zbarimg, of Debian's zbar-tools, is not installed")
    picture, scanned = tmp_path / "my.png", tmp_path / "scanned"
    fine(voter.show(receipt, "--manifest", voter.manifest, "--png", picture))
    done = subprocess.run([reader, "--quiet", "--raw", str(picture)], capture_output=True, check=True)
    assert done.stdout.decode().rstrip("\n") == letters(pack(SETTING, receipt))
    scanned.write_bytes(done.stdout)
    assert voter.ask(*EARLY, file=scanned).out == voter.check(receipt, *EARLY).out
