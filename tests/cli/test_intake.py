"""Cast vote records on the command line: refused rows, encryption, what a stop leaves, tally and verdict."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from evote.ballots import BallotState
from evote.bulk import encrypt as bulk
from evote.cli import encrypt as command
from evote.cli import tally as tally_command
from evote.errors import StorageError
from evote.office.intake import Intake
from evote.record import RecordReader, Stage
from evote.record.writer import FrameWriter
from evote.report import Verdict
from evote.storage.journal import Journal
from tests.bulk.kits import Wire
from tests.cli.driver import GROUPS, Outcome, Town, evote, fine, refused, snapshot, vote
from tests.cli.test_voting import codes_in, recorded, verdict
from tests.office.reports import contest, position, record, report, selection

HEADER = ("id", "unit", "Chair", "Council")
ROWS = [
    ("A-1", "Town/North", "Ada", "Al|Em"),
    ("A-2", "Town/South", "", "Ku|write-in: Zoë, “the” second"),
    ("A-3", "Town/North", "Ada|Bo", ""),
    ("A-4", "Town/South", "Bo", "Al"),
    ("A-5", "Town/South", "Bo=1", " Em | Ku "),
]


def table(town: Town, rows: Sequence[Sequence[str]], header: Sequence[str] = HEADER) -> Path:
    path = town.root / "rows.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
    return path


def take(town: Town, path: Path, *options: object, device: str = "Scanner") -> Outcome:
    where = ("--private", town.office, "--device", device)
    return evote("encrypt", town.record, "--from-csv", path, *where, *options, *town.sealed)


def lines(outcome: Outcome) -> list[dict[str, Any]]:
    return [json.loads(line) for line in outcome.out.splitlines()]


def many(count: int) -> list[tuple[str, str, str, str]]:
    """Rows enough for several batches and tasks."""
    return [
        (f"B-{number}", ("Town/North", "Town/South")[number % 2], ("Ada", "Bo", "")[number % 3], "Em")
        for number in range(count)
    ]


@pytest.fixture(autouse=True)
def _small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few rows make several tasks and batches."""
    monkeypatch.setitem(Intake.encrypt.__kwdefaults__, "batch", 8)
    monkeypatch.setitem(bulk.encrypt_ballots.__kwdefaults__, "chunk", 3)


@contextmanager
def wired(wire: Executor) -> Iterator[None]:
    """Commands work through an executor of the test."""

    @contextmanager
    def executor_of(*_: object, **__: object) -> Iterator[Executor]:
        yield wire

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command, "executor_of", executor_of)
        patch.setattr(tally_command, "executor_of", executor_of)
        yield


# --- the whole way -------------------------------------------------------------------------------------


def test_rows_are_cast_ballots_of_the_record_and_verify(town: Town) -> None:
    outcome = fine(take(town, table(town, ROWS)))
    assert "5 of 5 rows encrypted and cast" in outcome.out
    ballots = recorded(town)
    assert [ballot.state for ballot in ballots] == [BallotState.CAST] * 5
    assert [ballot.ballot.unit for ballot in ballots] == [row[1] for row in ROWS]
    assert {ballot.ballot.device for ballot in ballots} == {"Scanner/1"}
    fine(town.seal())
    assert verdict(town, Stage.VOTING) is Verdict.PASS
    assert "Closed with 5 cast" in fine(town.tally()).out
    assert verdict(town, Stage.VOTING) is Verdict.PASS


def test_rows_and_voters_ballots_stand_in_one_record(town: Town) -> None:
    codes = town.codes([vote("North", "Ada"), vote("South", "Bo")])
    fine(take(town, table(town, ROWS)))
    fine(town.cast(codes[0]))
    fine(town.challenge(codes[1]))
    fine(take(town, table(town, [("Z", "Town/North", "Bo", "")]), device="Scanner 2"))
    assert len(recorded(town)) == 8
    assert "Closed with 7 cast and 1 challenged" in fine(town.tally()).out
    assert verdict(town, Stage.VOTING) is Verdict.PASS


def test_workers_make_chains_of_their_own_and_the_tally_is_that_of_one_process(town: Town) -> None:
    wire = Wire()
    with wired(wire):
        fine(take(town, table(town, many(40))))
    ballots = recorded(town)
    assert [ballot.ballot.unit for ballot in ballots] == [row[1] for row in many(40)]
    assert {ballot.ballot.device for ballot in ballots} == {f"Scanner/{number}" for number in range(1, 7)}
    assert len(list(RecordReader(town.record, GROUPS).hints(limit=10**6, warn=pytest.fail))) == 40
    with wired(wire):
        assert "Closed with 40 cast" in fine(town.tally()).out
    assert verdict(town, Stage.VOTING) is Verdict.PASS


@pytest.mark.slow
def test_processes_encrypt_and_tally(town: Town) -> None:
    fine(take(town, table(town, many(40)), "--workers", "2"))
    outcome = evote("tally", town.record, "--private", town.office, "--workers", 2, *town.sealed)
    assert "Closed with 40 cast" in fine(outcome).out
    assert verdict(town, Stage.VOTING) is Verdict.PASS


def test_json_has_a_line_per_row_and_a_summary(town: Town) -> None:
    rows = [*ROWS[:2], ("A-9", "Town/North", "Nobody", "")]
    found = lines(fine(take(town, table(town, rows), "--json", "--skip-refused")))
    assert found[0] == {
        "row": 3,
        "place": "line 4",
        "refused": "contest 'Chair' has no option 'Nobody'",
    }
    assert [line["row"] for line in found[1:3]] == [1, 2]
    assert [line["code"] for line in found[1:3]] == codes_in(town)
    assert found[3] == {"rows": 3, "done_before": 0, "encrypted": 2, "refused": 1}


# --- refused rows --------------------------------------------------------------------------------------


def test_every_refused_row_is_listed_and_nothing_is_encrypted(town: Town) -> None:
    rows = [
        ROWS[0],
        ("A-2", "Town/Nowhere", "Ada", ""),
        ("A-3", "", "Ada", ""),
        ("A-1", "Town/North", "Bo", ""),
        ("", "Town/North", "Bo", ""),
        ("A-6", "Town/North", "Ada|Ada", ""),
        ("A-7", "Town/North", "Ada", "write-in: a|write-in: b"),
        ("A-8", "Town/North", "Ada"),
    ]
    outcome = take(town, table(town, rows))
    assert outcome.code == 2
    for number, reason in (
        (2, "no unit 'Town/Nowhere'"),
        (3, "the unit is absent"),
        (4, "the identifier 'A-1' is that of row 1 too"),
        (5, "an identifier has 1 to"),
        (6, "marked twice"),
        (7, "write-ins are more than 1"),
        (8, "3 cells, and the header 4"),
    ):
        assert f"row {number} (line {number + 1}): " in outcome.err
        assert reason in outcome.err
    assert "7 of 8 rows are refused, and nothing was encrypted" in outcome.err
    assert outcome.out == ""
    assert not (town.record / "ballots").exists()


def test_the_others_are_encrypted_where_that_was_said_and_the_corrected_file_goes_on(town: Town) -> None:
    bad = [*ROWS[:1], ("A-2", "Town/South", "Nobody", ""), *ROWS[2:]]
    outcome = fine(take(town, table(town, bad), "--skip-refused"))
    assert "4 of 5 rows" in outcome.out and "1 were refused" in outcome.out
    outcome = fine(take(town, table(town, ROWS)))
    assert "1 of 5 rows encrypted" in outcome.out and "4 were done before" in outcome.out
    assert len(recorded(town)) == 5
    fine(town.tally())
    assert verdict(town, Stage.VOTING) is Verdict.PASS


def test_a_file_without_ballots_and_a_wrong_header_are_named(town: Town) -> None:
    refused(take(town, table(town, [])), 2, "there is no ballot in it")
    refused(take(town, table(town, ROWS, ("id", "unit", "Chairs", "Council"))), 2, "rows.csv", "'Chairs'")
    (town.root / "rows.csv").write_text("")
    refused(take(town, town.root / "rows.csv"), 2, "no header")
    refused(take(town, town.root / "absent.csv"), 2, "absent.csv")


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (("--workers", 2, "--cluster", "tcp://127.0.0.1:1"), "exclude each other"),
        (("--cluster", "tcp://198.51.100.7:8786"), "without TLS"),
        (("--cluster", "nonsense"), "no address of a cluster"),
        (("--separator", "ab"), "does not separate"),
        (("--from-cvr", "x.json"), "give one file"),
        (("ballots.json",), "give one file"),
    ],
)
def test_options_that_cannot_be_are_refused(town: Town, options: tuple[object, ...], part: str) -> None:
    refused(take(town, table(town, ROWS), *options), 2, part)


def test_what_belongs_to_rows_is_refused_for_voters(town: Town) -> None:
    for option in (("--workers", 2), ("--skip-refused",), ("--separator", ";")):
        refused(town.encrypt([vote("North", "Ada")], *option), 2, "belong")
    refused(evote("encrypt", town.record, "--private", town.office, "--device", "x"), 2, "give one file")


# --- not twice -----------------------------------------------------------------------------------------


def test_the_same_file_again_encrypts_nothing(town: Town) -> None:
    path = table(town, ROWS)
    fine(take(town, path))
    before = snapshot(town.record)
    outcome = fine(take(town, path))
    assert "0 of 5 rows encrypted" in outcome.out and "5 were done before" in outcome.out
    assert snapshot(town.record) == before


def test_the_same_file_for_another_device_is_refused(town: Town) -> None:
    anonymous = [row[1:] for row in ROWS]
    path = table(town, anonymous, HEADER[1:])
    fine(take(town, path))
    refused(take(town, path, device="Another"), 2, "encrypted for the device 'Scanner'")
    assert len(recorded(town)) == 5


def test_an_identifier_is_encrypted_once_whatever_the_file(town: Town) -> None:
    fine(take(town, table(town, ROWS)))
    outcome = take(town, table(town, [("A-4", "Town/North", "Ada", "")]), device="Another")
    assert outcome.code == 2
    assert "row 1 (line 2): the identifier 'A-4' is that of row 4 of 'Scanner'" in outcome.err
    assert len(recorded(town)) == 5


def test_a_file_whose_rows_moved_is_refused_whole(town: Town) -> None:
    fine(take(town, table(town, ROWS[:3])))
    outcome = take(town, table(town, [*ROWS[1:], ROWS[0]]), "--skip-refused")
    refused(outcome, 2, "row 1 (line 2) is not what was encrypted", "Scanner")
    assert len(recorded(town)) == 3


def test_a_longer_file_adds_its_new_rows(town: Town) -> None:
    fine(take(town, table(town, ROWS[:3])))
    assert "2 of 5 rows encrypted" in fine(take(town, table(town, ROWS))).out
    assert {ballot.ballot.device for ballot in recorded(town)} == {"Scanner/1"}
    fine(town.tally())
    assert verdict(town, Stage.VOTING) is Verdict.PASS


def test_a_device_serves_voters_or_rows(town: Town) -> None:
    town.codes([vote("North", "Ada")], device="Booth")
    refused(take(town, table(town, ROWS), device="Booth"), 2, "'Booth' serves voters")
    fine(take(town, table(town, ROWS)))
    refused(town.encrypt([vote("North", "Ada")], device="Scanner/1"), 2, "'Scanner/1' is one of cast vote")


# --- what stops a program ------------------------------------------------------------------------------


def finish(town: Town, path: Path, count: int) -> None:
    """The run goes on, every row is there once, and the record verifies."""
    fine(take(town, path))
    ballots = recorded(town)
    assert len(ballots) == count
    with Journal(town.office / "rows.sqlite", election_of(town)) as journal:
        assert journal.count() == count
        assert journal.begun() is None
    fine(town.tally())
    assert verdict(town, Stage.VOTING) is Verdict.PASS


def election_of(town: Town) -> bytes:
    return RecordReader(town.record, GROUPS).keys().extended_hash


@pytest.mark.parametrize("appended", [0, 1, 7, 8, 13])
def test_a_full_disk_loses_and_doubles_no_row(
    town: Town, monkeypatch: pytest.MonkeyPatch, appended: int
) -> None:
    append, done = FrameWriter.append, 0

    def failing(self: Any, value: Any) -> bytes:
        nonlocal done
        if done == appended:
            raise StorageError("the disk is full; make room and start again")
        done += 1
        return append(self, value)

    path = table(town, many(20))
    with monkeypatch.context() as patch:
        patch.setattr(FrameWriter, "append", failing)
        assert take(town, path).code == 4
    assert len(recorded(town)) == appended
    finish(town, path, 20)


@pytest.mark.parametrize("where", ["begin", "finish"])
@pytest.mark.parametrize("after", [False, True])
def test_a_stop_between_journal_and_record_loses_and_doubles_no_row(
    town: Town, monkeypatch: pytest.MonkeyPatch, where: str, after: bool
) -> None:
    step = getattr(Journal, where)

    def stopped(self: Journal, *arguments: Any) -> None:
        if after:
            step(self, *arguments)
        raise KeyboardInterrupt

    path = table(town, many(10))
    with monkeypatch.context() as patch:
        patch.setattr(Journal, where, stopped)
        assert take(town, path).code == 130
    # Voters go on meanwhile, behind whatever the stopped program left.
    (code,) = town.codes([vote("North", "Ada")])
    fine(town.cast(code))
    fine(take(town, path))
    assert len(recorded(town)) == 11
    assert len({ballot.ballot.identifier for ballot in recorded(town)}) == 11
    fine(town.tally())
    assert verdict(town, Stage.VOTING) is Verdict.PASS


def test_a_torn_frame_is_cut_off_and_its_row_encrypted_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(self: Journal) -> None:
        raise KeyboardInterrupt

    path = table(town, many(10))
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "finish", stopped)
        assert take(town, path).code == 130
    segment = town.record / "ballots" / "000001.seg"
    os.truncate(segment, segment.stat().st_size - 5)
    finish(town, path, 10)


def test_a_record_put_back_from_an_older_copy_is_noticed(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(self: Journal) -> None:
        raise KeyboardInterrupt

    fine(take(town, table(town, many(3))))
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "finish", stopped)
        assert take(town, table(town, many(9))).code == 130
    (town.record / "ballots" / "000001.seg").write_bytes(b"")
    outcome = take(town, table(town, many(9)))
    assert outcome.code == 4
    assert "fewer ballots" in outcome.err


def test_a_file_that_changes_between_the_looks_is_named(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    path = table(town, ROWS)
    survey = Intake.survey

    def then_changed(self: Any, *arguments: Any) -> Any:
        found = survey(self, *arguments)
        with path.open("a") as stream:
            stream.write("A-6,Town/North,Ada,\n")
        return found

    monkeypatch.setattr(Intake, "survey", then_changed)
    outcome = take(town, path)
    assert outcome.code == 2
    assert "was changed while its rows were encrypted" in outcome.err


# --- workers -------------------------------------------------------------------------------------------


class Breaking(Wire):
    """Loses a worker at the task with that number."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def submit(self, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        if len(self.sent) == self.number:
            raise RuntimeError("a child process terminated abruptly")
        return super().submit(function, *args, **kwargs)


@pytest.mark.parametrize("number", [0, 3, 7])
def test_a_lost_worker_ends_the_run_and_the_next_one_goes_on(town: Town, number: int) -> None:
    path = table(town, many(30))
    with wired(Breaking(number)):
        outcome = take(town, path)
    assert outcome.code == 4
    assert "workers take no more tasks" in outcome.err
    left = len(recorded(town)) if (town.record / "ballots").exists() else 0
    assert left % 3 == 0 and left < 30
    finish(town, path, 30)


# --- reports -----------------------------------------------------------------------------------------


def test_a_report_is_encrypted_on_the_command_line(town: Town) -> None:
    value = report(
        record(contest("c", selection("o", position())), ElectionId="e", UniqueId="1"),
        record(ElectionId="e", BallotStyleUnitId="gp-s", UniqueId="2"),
    )
    value["Election"][0]["Contest"] = [
        {
            "@id": "c",
            "@type": "CVR.CandidateContest",
            "Name": "Chair",
            "ContestSelection": [{"@id": "o", "@type": "CVR.ContestSelection", "Code": []}],
        }
    ]
    value["Election"][0]["Contest"][0]["ContestSelection"][0]["Code"] = [
        {"@type": "CVR.Code", "Type": "other", "Value": "Ada"}
    ]
    path = town.root / "report.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    where = ("--private", town.office, "--device", "Scanner")
    outcome = fine(evote("encrypt", town.record, "--from-cvr", path, *where, *town.sealed))
    assert "2 of 2 rows" in outcome.out
    assert [ballot.ballot.unit for ballot in recorded(town)] == ["Town/North", "Town/South"]
