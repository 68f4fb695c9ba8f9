"""``evote bench``: figures for people and for programs, records to measure on, comparisons, pictures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evote.bench.document import read, write
from evote.record import RecordReader
from evote.testing.groups import toy
from evote.verifier.verify import verify_reader
from tests.benches.documents import sample
from tests.cli.driver import evote, fine, refused

SMALL = ("--size", "smoke", "--rounds", 1, "--group", toy().name)
RECORD = ("--ballots", 3, "--options", 4, "--limit", 2, "--seed", 9, "--group", toy().name)


def test_the_steps_stand_beside_their_arithmetic_limits() -> None:
    lines = fine(evote("bench", *SMALL)).out.splitlines()
    rows = [line for line in lines if line.split()[0] in ("encrypt", "verify", "tally")]
    assert [row.split()[0] for row in rows] == ["encrypt"] * 3 + ["verify"] * 5 + ["tally"] * 2
    assert sum("arithmetic limit" in row for row in rows) == 4
    assert sum("evote, batch" in row for row in rows) == 1


def test_the_figures_come_as_json(tmp_path: Path) -> None:
    arguments = ("--step", "tally", "--seed", 5)
    fine(evote("bench", "run", *SMALL, *arguments, "--json", tmp_path / "bench.json"))
    written = read(tmp_path / "bench.json")
    printed = fine(evote("bench", *SMALL, *arguments, "--json", "-")).value()
    assert isinstance(printed, dict)
    for run in (written, printed):
        assert [result["step"] for result in run["results"]] == ["tally", "tally"]
        assert run["results"][0]["seconds_per_selection"]["wall"]["median"] > 0
        assert run["results"][0]["cold"]["selections"] == 10
        assert (run["seed"], run["versions"]["evote"] != "") == (5, True)


def test_sizes_shapes_and_workers_are_chosen() -> None:
    chosen = ("--ballots", 1, "--ballots", 2, "--shape", "3:2", "--step", "verify", "--workers", 1)
    run = fine(evote("bench", *SMALL, *chosen, "--json", "-")).value()
    assert isinstance(run, dict)
    assert {(result["asked"], result["shape"]["selection_limit"]) for result in run["results"]} == {
        (1, 2),
        (2, 2),
    }
    assert "evote verify, 1 worker" in {result["subject"] for result in run["results"]}


@pytest.mark.parametrize(
    "arguments",
    [
        ("--only", "nobody"),
        ("--size", "gigantic"),
        ("--rounds", 0),
        ("--ballots", 0),
        ("--step", "count"),
        ("--shape", "4:"),
        ("--seed", -1),
        ("--group", "p-1024"),
    ],
)
def test_what_cannot_be_measured_is_refused(arguments: tuple[object, ...]) -> None:
    refused(evote("bench", *SMALL, *arguments), 2)


def test_a_record_is_made_and_verifies(tmp_path: Path) -> None:
    done = fine(evote("bench", "make-record", *RECORD, tmp_path / "record"))
    reader = RecordReader(tmp_path / "record", {toy().name: toy()})
    report = verify_reader(reader)
    assert tuple(report.failed) == ()
    assert report.counts["cast"] == 3
    assert report.subject.fingerprint in done.out
    refused(evote("bench", "make-record", *RECORD, tmp_path / "record"), 2)


def test_two_runs_are_compared(tmp_path: Path) -> None:
    write(tmp_path / "a.json", sample())
    write(tmp_path / "b.json", {**sample(), "seed": 8})
    text = fine(evote("bench", "compare", tmp_path / "a.json", tmp_path / "b.json")).out
    assert "seed: 7 | 8" in text
    assert "1.00x" in text
    value = fine(evote("bench", "compare", tmp_path / "a.json", tmp_path / "b.json", "--json", "-")).value()
    assert isinstance(value, dict)
    assert [difference["fact"] for difference in value["differences"]] == ["seed"]


def test_what_is_no_result_file_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "a.json", sample())
    (tmp_path / "b.json").write_text(json.dumps({"format": "evote-bench/77"}), encoding="utf-8")
    compared = evote("bench", "compare", tmp_path / "a.json", tmp_path / "b.json")
    refused(compared, 2, "evote-bench/77", "b.json")
    refused(evote("bench", "compare", tmp_path / "a.json", tmp_path / "absent.json"), 2)
    refused(evote("bench", "plot", tmp_path / "b.json", "--out", tmp_path / "plots"), 2)
    refused(evote("bench", "plot", "--out", tmp_path / "plots"), 2)


def test_pictures_are_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pictures need the extra 'bench'")
    write(tmp_path / "a.json", sample())
    out = fine(evote("bench", "plot", tmp_path / "a.json", "--out", tmp_path / "plots")).out
    assert str(tmp_path / "plots" / "overview.png") in out.splitlines()
    assert (tmp_path / "plots" / "overview.png").is_file()


def test_help_names_the_commands_and_run_is_the_one_without_a_name() -> None:
    text = fine(evote("bench", "--help")).out
    for name in ("run", "make-record", "compare", "plot"):
        assert f"  {name} " in text
    assert "--rounds" in fine(evote("bench", "run", "--help")).out
