"""A whole election on P-256 by the commands: attended and in bulk, verified every way, and on a board."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from evote.record import RecordReader, Stage
from evote.report import Status, Verdict
from evote.verifier.board.ids import BOARD
from evote.verifier.verify import verify_reader
from tests.cli.boardtown import BoardTown
from tests.cli.driver import GROUPS, Town, cheap_passphrases, evote, fine, vote
from tests.cli.test_decryption import decrypted, totals
from tests.cli.test_verify import checked, without_work

NAME = "p256"
BULK = 8
ONE_BY_ONE = 3
COUNTS = {
    ("Chair", "Ada"): 4,
    ("Chair", "Bo"): 3,
    ("Council", "Al"): 1,
    ("Council", "Em"): BULK,
    ("Council", "Ku"): 1,
}


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Two voters cast, one challenges, an office adds a table with two workers; closed and decrypted."""
    with cheap_passphrases():
        town = Town(tmp_path_factory.mktemp("curve") / "town", group=NAME)
        fine(town.new())
        town.ceremony()
        codes = town.codes(
            [vote("North", "Ada", ("Al", "Ku")), vote("South", "Bo", ("Em",), "Zoë"), vote("South", None)]
        )
        fine(town.challenge(codes[1]))
        fine(town.cast(codes[0], codes[2]))
        path = town.root / "rows.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            rows = csv.writer(stream)
            rows.writerow(("id", "unit", "Chair", "Council"))
            for number in range(BULK):
                unit = ("Town/North", "Town/South")[number % 2]
                rows.writerow((f"B-{number}", unit, ("Ada", "Bo", "")[number % 3], "Em"))
        private = ("--private", town.office, "--device", "Scanner", *town.sealed)
        fine(evote("encrypt", town.record, "--from-csv", path, "--workers", 2, *private))
        fine(town.tally())
        fine(decrypted(town))
    return town


def test_the_counts_are_those_that_were_cast_and_the_record_says_its_group(held: Town) -> None:
    assert totals(held) == COUNTS
    value = checked(held.record)
    assert value["verdict"] == "PASS"
    subject = value["subject"]
    assert isinstance(subject, dict) and subject["group"] == NAME
    assert "not the standard 2.1 set" in fine(evote("verify", held.record)).out
    assert f"{NAME}" in fine(evote("election", "info", held.record)).out


WAYS: dict[str, tuple[object, ...]] = {
    "batch": ("--method", "batch"),
    "reproducible": ("--method", "batch", "--reproducible"),
    "workers": ("--workers", 2),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_verify_says_what_the_plain_one_says(held: Town, way: str) -> None:
    plain, other = checked(held.record, "--method", "plain"), checked(held.record, *WAYS[way])
    assert without_work(other) == without_work(plain)
    work = other["work"]
    assert isinstance(work, dict)
    assert work["batched"] > BULK > work["plain"]


def test_a_state_goes_on_and_is_not_computed_again(held: Town, tmp_path: Path) -> None:
    state = tmp_path / "state"
    first = checked(held.record, "--resume", state)
    again = checked(held.record, "--since", state)
    assert without_work(first) == without_work(again)
    work = again["work"]
    assert isinstance(work, dict) and work["reused"] == BULK + ONE_BY_ONE


def test_a_record_of_the_curve_is_exported(held: Town, tmp_path: Path) -> None:
    fine(evote("record", "export", held.record, "--out", tmp_path / "json"))
    files = [path.read_text(encoding="utf-8") for path in (tmp_path / "json").rglob("*.json")]
    assert files and all(json.loads(text) for text in files)


def _flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(bytes(data))


def test_a_changed_ballot_fails_and_a_changed_hint_changes_nothing(held: Town, tmp_path: Path) -> None:
    hint, ballot = tmp_path / "hint", tmp_path / "ballot"
    for target in (hint, ballot):
        shutil.copytree(held.record, target)
    (file,) = (path for path in sorted((hint / "hints").iterdir()) if path.is_file())
    _flip(file, file.stat().st_size // 2)
    value = checked(hint, "--method", "batch")
    assert value["verdict"] == "PASS"
    work = value["work"]
    assert isinstance(work, dict) and work["plain"] >= 1
    (segment, *_) = sorted(path for path in (ballot / "ballots").rglob("*") if path.is_file())
    _flip(segment, segment.stat().st_size // 2)
    for way in ("plain", "batch"):
        outcome = evote("verify", ballot, "--method", way)
        assert outcome.code == 1 and "FAIL" in outcome.out


# --- a cluster ---------------------------------------------------------------------------------------


@pytest.fixture
def address() -> Iterator[str]:
    distributed = pytest.importorskip("distributed", reason="needs the extra 'cluster' (dask.distributed)")
    with distributed.LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        memory_limit=0,
        silence_logs="CRITICAL",
    ) as started:
        yield started.scheduler_address


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_cluster_says_what_one_process_says(held: Town, address: str) -> None:
    apart = checked(held.record, "--cluster", address)
    assert without_work(apart) == without_work(checked(held.record, "--method", "plain"))


# --- a board -----------------------------------------------------------------------------------------


def test_receipts_of_the_curve_say_what_became_of_their_ballots(tmp_path: Path) -> None:
    """Four voters with codes vote at two boxes, one of them twice."""
    town = BoardTown(tmp_path / "town", 4, witnesses=1, quorum=1)
    town.group = NAME
    town.prepare()
    for voter, chair in enumerate(("Ada", "Bo", "Ada", None)):
        town.encrypt_vote(voter, f"first-{voter}", chair)
        fine(town.decide("cast", voter, f"first-{voter}"))
        fine(town.admit(town.unit(voter), f"first-{voter}"))
    town.encrypt_vote(0, "second-0", "Bo")
    fine(town.decide("cast", 0, "second-0", "--after", town.submission("first-0")))
    fine(town.admit("North", "second-0"))
    town.publish_heads(*town.unit_heads())
    logged = town.receipt_check(town.receipt("first-1"))
    assert logged.code == 3 and "The ballot box has your ballot" in logged.out
    folders = town.close_boxes()
    town.publish_heads(*folders)
    fine(town.board("close", *folders))
    fine(decrypted(town))
    report = verify_reader(RecordReader(town.record, GROUPS), stage=Stage.FINAL)
    assert report.verdict is Verdict.PASS, report.failed
    assert report.subject.group == NAME
    assert all(report.check(identifier).status is not Status.FAIL for identifier in BOARD)
    found = totals(town)
    assert (found["Chair", "Ada"], found["Chair", "Bo"]) == (1, 2)
    assert "COUNTED" in fine(town.receipt_check(town.receipt("second-0"))).out
    superseded = town.receipt_check(town.receipt("first-0"))
    assert "SUPERSEDED" in superseded.out
