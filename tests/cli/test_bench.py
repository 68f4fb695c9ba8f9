"""``evote bench``: figures for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evote.testing.groups import toy
from tests.cli.driver import evote, fine, refused

SMALL = ("--size", "smoke", "--rounds", 1, "--group", toy().name)


def test_a_row_per_step_stands_beside_its_arithmetic_limit() -> None:
    lines = fine(evote("bench", *SMALL)).out.splitlines()
    assert [line.split()[0] for line in lines if line.split()[0] in ("encrypt", "verify", "tally")] == [
        "encrypt",
        "encrypt",
        "verify",
        "verify",
        "tally",
        "tally",
    ]


def test_the_figures_come_as_json(tmp_path: Path) -> None:
    fine(evote("bench", *SMALL, "--step", "tally", "--json", tmp_path / "bench.json"))
    written = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))
    printed = fine(evote("bench", *SMALL, "--step", "tally", "--json", "-")).value()
    assert isinstance(printed, dict)
    for run in (written, printed):
        assert [result["step"] for result in run["results"]] == ["tally", "tally"]
        assert run["results"][0]["seconds_per_selection"]["wall"]["median"] > 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("--only", "nobody"),
        ("--size", "gigantic"),
        ("--rounds", 0),
        ("--step", "count"),
        ("--group", "p-1024"),
    ],
)
def test_what_cannot_be_measured_is_refused(arguments: tuple[object, ...]) -> None:
    refused(evote("bench", *SMALL, *arguments), 2)
