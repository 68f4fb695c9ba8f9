"""``evote verify``: every verdict has its exit code, and no record, however bad, ends otherwise."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from evote.groups import reduced_group
from tests.cli.conftest import copy_of
from tests.cli.driver import Town, evote, fine, refused, snapshot

ROOT = Path(__file__).resolve().parents[2]
DRAFT = {
    "label": "Chair 2027",
    "test": True,
    "minimum_cell": 1,
    "contests": [{"label": "Chair", "options": ["Ada", "Bo"]}],
}


def hold(town: Town) -> None:
    """Three votes, one of them challenged, one guardian, and the result."""
    fine(town.new())
    fine(town.init(1))
    for _ in range(2):
        fine(town.step(1))
    fine(town.keys())
    fine(town.step(1))
    codes = town.codes([{"contests": {"Chair": {name: 1}}} for name in ("Ada", "Ada", "Bo")])
    fine(town.challenge(codes[2]))
    fine(town.cast(*codes[:2]))
    fine(town.tally())
    exchange = ("--exchange", town.exchange)
    office = ("--private", town.office, *exchange, *town.sealed)
    fine(evote("decrypt", town.record, *office, "--guardians", 1))
    for _ in range(2):
        private = ("--private", town.guardian(1), *exchange, *town.sealed)
        fine(evote("guardian", "decrypt", town.record, *private))
    fine(evote("decrypt", town.record, *office))


@pytest.fixture(scope="module")
def _held(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("held") / "town"
    hold(Town(root, DRAFT, guardians=1, quorum=1, group=reduced_group().name))
    return root


@pytest.fixture
def held(_held: Path, tmp_path: Path) -> Town:
    """A finished election in a published group, for this test alone."""
    return copy_of(_held, tmp_path / "town")


def fingerprint(town: Town) -> str:
    facts = fine(evote("election", "info", town.record, "--json")).value()
    assert isinstance(facts, dict)
    return str(facts["fingerprint"])


def test_a_sound_record_passes_with_0(held: Town) -> None:
    outcome = fine(evote("verify", held.record))
    lines = outcome.out.splitlines()
    assert lines[-1].split() == ["Verdict:", "PASS"]
    assert "not the standard 2.1 set" in outcome.out
    assert "test" in outcome.out
    assert fingerprint(held) in outcome.out
    assert outcome.err == ""


@pytest.mark.parametrize("stage", ["setup", "voting", "final"])
def test_a_finished_record_passes_at_every_stage(held: Town, stage: str) -> None:
    fine(evote("verify", held.record, "--stage", stage))


def test_verifying_changes_nothing(held: Town) -> None:
    before = snapshot(held.record)
    fine(evote("verify", held.record))
    assert snapshot(held.record) == before


def test_the_json_form_goes_to_a_file_or_to_stdout(held: Town, tmp_path: Path) -> None:
    on_stdout = fine(evote("verify", held.record, "--json", "-")).value()
    fine(evote("verify", held.record, "--json", tmp_path / "report.json"))
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8")) == on_stdout
    assert isinstance(on_stdout, dict)
    assert on_stdout["verdict"] == "PASS"
    assert on_stdout["subject"]["fingerprint"] == fingerprint(held)
    assert {"tool", "subject", "format", "verdict", "counts", "checks"} <= set(on_stdout)


def test_the_page_is_one_file_without_anything_from_elsewhere(held: Town, tmp_path: Path) -> None:
    fine(evote("verify", held.record, "--report", tmp_path / "report.html"))
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "Ada" in page
    assert "src=" not in page


def test_two_forms_do_not_share_stdout(held: Town) -> None:
    refused(evote("verify", held.record, "--json", "-", "--report", "-"), 2, "cannot both")


def test_the_expected_fingerprint_is_compared(held: Town) -> None:
    right = fingerprint(held)
    assert f"(expected {right})" in fine(evote("verify", held.record, "--expect", right)).out
    fine(evote("verify", held.record, "--expect", right.upper()))
    wrong = ("0" if right[0] != "0" else "1") + right[1:]
    outcome = evote("verify", held.record, "--expect", wrong)
    assert outcome.code == 1
    assert "E.19" in outcome.out


@pytest.mark.parametrize("text", ["", "abc", "0x" + "0" * 62, "g" * 64, "0" * 63])
def test_what_is_no_fingerprint_is_refused(held: Town, text: str) -> None:
    refused(evote("verify", held.record, "--expect", text), 2, "64 hexadecimal digits")


def test_a_stage_that_does_not_exist_is_refused(held: Town) -> None:
    refused(evote("verify", held.record, "--stage", "begun"), 2, "--stage")


def test_details_give_every_check_a_row(held: Town) -> None:
    assert "6.C " in fine(evote("verify", held.record, "--details")).out
    assert "6.C " not in fine(evote("verify", held.record)).out


def test_a_record_with_withheld_counts_is_incomplete(tmp_path: Path) -> None:
    town = Town(
        tmp_path / "town", {**DRAFT, "minimum_cell": 3}, guardians=1, quorum=1, group=reduced_group().name
    )
    hold(town)
    outcome = evote("verify", town.record)
    assert outcome.code == 3
    assert outcome.out.splitlines()[-1].split() == ["Verdict:", "INCOMPLETE"]
    assert "11.D not checked" in outcome.out


def test_a_failed_check_weighs_more_than_one_that_was_not_done(tmp_path: Path) -> None:
    town = Town(
        tmp_path / "town", {**DRAFT, "minimum_cell": 3}, guardians=1, quorum=1, group=reduced_group().name
    )
    hold(town)
    (town.record / "notes.txt").write_text("hello")
    assert evote("verify", town.record).code == 1


# --- bad records ---------------------------------------------------------------------------------------

FILES = (
    "manifest.json",
    "parameters.msgpack",
    "guardians.msgpack",
    "keys.msgpack",
    "devices.msgpack",
    "ballots/000001.seg",
    "tally.msgpack",
    "decryption.msgpack",
    "openings/000001.seg",
    "result.json",
    "result.csv",
    "index/000001.msgpack",
)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def extend(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def empty(path: Path) -> None:
    path.write_bytes(b"")


def remove(path: Path) -> None:
    path.unlink()


def replace_by_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def replace_by_a_link(path: Path) -> None:
    path.rename(path.parent / "elsewhere")
    path.symlink_to(path.parent / "elsewhere")


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    path.write_bytes(bytes(data))


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "spoil",
    [truncate, extend, empty, remove, flip, replace_by_a_folder, replace_by_a_link],
    ids=lambda spoil: spoil.__name__,
)
def test_a_spoilt_file_fails_or_is_unusable_and_never_passes(
    held: Town, name: str, spoil: Callable[[Path], None]
) -> None:
    spoil(held.record / name)
    outcome = evote("verify", held.record)
    # Without a manifest there is no record; what cannot be read at all is unusable, not false.
    unusable = name == "manifest.json" or spoil in (replace_by_a_folder, replace_by_a_link)
    assert outcome.code in ((1, 2) if unusable else (1,)), outcome
    assert "internal error" not in outcome.err
    assert "Traceback" not in outcome.err + outcome.out
    if outcome.code == 1:
        assert outcome.out.splitlines()[-1].split() == ["Verdict:", "FAIL"]
        assert " FAIL: " in outcome.out


def test_a_file_that_nobody_declared_is_a_finding(held: Town) -> None:
    (held.record / "ballots" / "extra.txt").write_text("x")
    outcome = evote("verify", held.record)
    assert outcome.code == 1
    assert "extra.txt" in outcome.out


def test_frames_in_another_order_fail(held: Town) -> None:
    segment = held.record / "ballots" / "000001.seg"
    data = segment.read_bytes()
    size = 4 + int.from_bytes(data[:4], "big")
    segment.write_bytes(data[size:] + data[:size])
    assert evote("verify", held.record).code == 1


def test_a_frame_twice_fails(held: Town) -> None:
    segment = held.record / "ballots" / "000001.seg"
    data = segment.read_bytes()
    size = 4 + int.from_bytes(data[:4], "big")
    segment.write_bytes(data + data[:size])
    outcome = evote("verify", held.record)
    assert outcome.code == 1
    assert "5.A FAIL" in outcome.out


def test_the_program_of_its_own_says_the_same(held: Town) -> None:
    program = [sys.executable, "-m", "evote.cli", "verify", str(held.record)]
    passed = subprocess.run(program, cwd=ROOT, capture_output=True, text=True)
    assert (passed.returncode, passed.stderr) == (0, "")
    shutil.rmtree(held.record / "openings")
    assert subprocess.run(program, cwd=ROOT, capture_output=True, text=True).returncode == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_output_that_cannot_be_written_ends_with_4(held: Town) -> None:
    refused(evote("verify", held.record, "--json", "/dev/full"), 4, "the disk is full")
    refused(evote("verify", held.record, "--resume", "/dev/full"), 4, "as a state", "free some space")
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "evote.cli", "info"], cwd=ROOT, stdout=full, stderr=subprocess.PIPE
        )
    assert done.returncode == 4
    assert b"the disk is full" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_report_that_cannot_be_written_leaves_the_old_one(held: Town, tmp_path: Path) -> None:
    refused(evote("verify", held.record, "--json", tmp_path / "absent" / "report.json"), 4, "absent")
    assert not (tmp_path / "absent").exists()


# --- how it is worked out ------------------------------------------------------------------------------


def checked(*options: object) -> dict[str, object]:
    """What ``verify --json`` says, the work apart."""
    value = fine(evote("verify", *options, "--json", "-")).value()
    assert isinstance(value, dict)
    return value


def without_work(value: dict[str, object]) -> dict[str, object]:
    """The report without what it says of the work, and of hints."""
    warnings = value["warnings"]
    assert isinstance(warnings, list)
    kept = [sentence for sentence in warnings if "hints" not in sentence]
    return {name: part for name, part in value.items() if name != "work"} | {"warnings": kept}


def test_the_method_changes_the_work_and_nothing_else(held: Town) -> None:
    plain = checked(held.record, "--method", "plain")
    assert plain["work"] == {
        "method": "plain",
        "kernel": "gmpy2",
        "batched": 0,
        "plain": 3,
        "weights": "",
        "bound": "",
        "reused": 0,
    }
    for options in (["--method", "batch", "--reproducible"], ["--method", "auto", "--kernel", "gmpy2"]):
        assert without_work(checked(held.record, *options)) == without_work(plain)


def test_the_method_stands_in_the_table(held: Town) -> None:
    line = next(line for line in fine(evote("verify", held.record)).out.splitlines() if "Method:" in line)
    assert "auto, kernel gmpy2: " in line and "one by one" in line


def test_workers_say_the_same(held: Town) -> None:
    assert without_work(checked(held.record, "--workers", 2)) == without_work(checked(held.record))


def test_a_state_is_kept_and_continued(held: Town, tmp_path: Path) -> None:
    state = tmp_path / "state"
    first = checked(held.record, "--resume", state)
    again = checked(held.record, "--since", state)
    assert without_work(first) == without_work(again)
    work = again["work"]
    assert isinstance(work, dict) and work["reused"] == 3
    assert "3 of them in an earlier run" in fine(evote("verify", held.record, "--resume", state)).out


def test_a_record_that_changed_since_is_refused_with_2_and_fails_as_a_whole(
    held: Town, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    fine(evote("verify", held.record, "--resume", state))
    other = evote("verify", held.record, "--since", state, "--method", "plain")
    refused(other, 2, "is the state of another verification")
    assert other.err.startswith(f"evote: {state} ")  # it is the state that does not fit, not the record
    path = held.record / "ballots" / "000001.seg"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    refused(evote("verify", held.record, "--since", state), 2, "not those that", "without the state")
    assert evote("verify", held.record).code == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--resume", "one", "--since", "two"], "give one of them"),
        (["--since", "nowhere"], "verify the record with --resume first"),
        (["--workers", 2, "--cluster", "tcp://127.0.0.1:1"], "exclude each other"),
        (["--method", "fast"], "fast"),
        (["--kernel", "gpu"], "gpu"),
    ],
)
def test_options_that_make_no_sense_end_with_2(held: Town, options: list[object], said: str) -> None:
    refused(evote("verify", held.record, *options), 2, said)
