"""Pictures of documents: what they show comes from the documents, and a file is written per picture."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from evote.bench import figures
from evote.bench.document import document
from evote.bench.harness import Measurement, Round
from evote.bench.plot import OVERVIEW, PlotterAbsentError, _panels, draw
from evote.bench.shape import FOUR, RECORD, SERIES, Shape
from evote.bench.subject import Kind, Step
from tests.benches.documents import MACHINE, sample


def one(
    name: str,
    seconds: float,
    *,
    kind: Kind = "evote",
    step: Step = "verify",
    shape: Shape = RECORD,
    ballots: int = 100,
    workers: int = 1,
) -> Measurement:
    """A measurement of so many seconds per selection."""
    done = shape.selections(ballots)
    turns = (Round(seconds * done, seconds * done, done), Round(seconds * done * 1.1, seconds * done, done))
    return Measurement(step, shape, name, kind, "gmpy2", workers, ballots, ballots, turns[0], turns)


def full() -> dict[str, Any]:
    """A run with something for every picture."""
    found = [
        *(one("evote, batch", 0.001 * 200 / (100 + n), ballots=n) for n in (100, 1000, 10_000)),
        one("evote, plain", 0.006),
        one("another", 0.03, kind="peer", ballots=200),
        one("another", 0.03, kind="peer", ballots=400),
        one("arithmetic limit of batch", 0.0009, kind="limit"),
        one("one power at a time, 8-bit tables", 0.0085, kind="baseline"),
        one("electionguard 1.4.0, selections only", 0.023, kind="peer"),
        *(one(f"evote verify, {n} worker{'s' * (n > 1)}", 0.001 / n, workers=n) for n in (1, 2, 4)),
        one("evote, batch", 0.0012, shape=FOUR),
        one("belenios-tool 2.0, BELENIOS-2048", 0.006, kind="peer", shape=FOUR),
        *(one("evote, batch", 0.001, shape=shape) for shape in SERIES),
        one("evote", 0.0015, step="encrypt"),
        one("evote", 0.000009, step="tally"),
    ]
    return document(found, MACHINE, baseline="evote, plain", seed=1)


def test_the_overview_holds_every_picture_in_a_small_file(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pictures need the extra 'bench'")
    (overview,) = draw([full()], tmp_path / "plots")
    content = overview.read_bytes()
    assert (overview.name, content[:4]) == (OVERVIEW, b"\x89PNG")
    assert len(content) < 400_000
    assert set(_panels(full()["results"], "wall")) == {
        "verify",
        "growth",
        "four-answers",
        "workers",
        "encrypt-tally",
        "options",
    }


def test_pictures_without_data_are_left_out(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pictures need the extra 'bench'")
    written = draw([sample()], tmp_path, each=True)
    assert {path.name for path in written} == {OVERVIEW, "verify.png", "encrypt-tally.png"}
    nothing = document([one("evote", 0.1, shape=Shape(3))], MACHINE, baseline="evote")
    with pytest.raises(ValueError, match="nothing to draw"):
        draw([nothing], tmp_path)


def test_without_matplotlib_one_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(PlotterAbsentError, match=r"pip install 'evote\[bench\]'"):
        draw([full()], tmp_path)


def test_bars_are_of_the_largest_size_and_the_slowest_comes_first() -> None:
    bars = figures.bars(full()["results"], "verify", RECORD)
    assert [bar.seconds for bar in bars] == sorted((bar.seconds for bar in bars), reverse=True)
    (batch,) = [bar for bar in bars if bar.label == "evote, batch"]
    assert batch.done == 100_000
    assert batch.low < batch.seconds < batch.high


def test_growth_is_per_ballot_over_the_numbers_of_ballots() -> None:
    (line,) = figures.growth(full()["results"])
    assert [ballots for ballots, _ in line.points] == [100, 1000, 10_000]
    assert line.points[0][1] == pytest.approx(0.01 * 1.05)


def test_speed_up_is_against_one_worker_at_the_same_size() -> None:
    run = full()
    (line,) = figures.speed_up(run["results"])
    assert line.points == ((1, 1.0), (2, pytest.approx(2.0)), (4, pytest.approx(4.0)))
    alone = [result for result in run["results"] if result["workers"] > 1]
    assert figures.speed_up(alone) == []


def test_four_answers_are_per_ballot_and_name_the_published_figure() -> None:
    bars = figures.four_answers(full()["results"])
    assert [bar.kind for bar in bars] == ["peer", "published", "evote"]
    assert bars[0].seconds == pytest.approx(0.024 * 1.05)
    assert "published" in bars[1].label
    assert figures.four_answers(sample()["results"]) == []


def test_of_two_documents_the_later_one_counts_where_both_measured_the_same() -> None:
    again = document([one("evote, plain", 0.1)], MACHINE, baseline="evote")
    merged = figures.merged([full(), again])
    (plain,) = [result for result in merged if result["subject"] == "evote, plain"]
    assert plain["seconds_per_selection"]["wall"]["median"] == pytest.approx(0.105)
    assert len(merged) == len(full()["results"])


def test_subjects_that_were_cut_short_have_no_growth() -> None:
    run = full()
    for result in run["results"]:
        result["asked"] = 5 * result["ballots"]
    assert figures.growth(run["results"]) == []


def test_processor_times_leave_workers_out_but_for_the_speed_up() -> None:
    run = full()
    for result in run["results"]:
        result["seconds_per_selection"]["cpu"]["median"] = 1e-4
    bars = figures.bars(run["results"], "verify", RECORD, clock="cpu")
    assert {bar.seconds for bar in bars} == {1e-4}
    assert not [bar.label for bar in bars if "2 workers" in bar.label or "4 workers" in bar.label]
    assert [bar.label for bar in bars if "1 worker" in bar.label] == ["evote verify, 1 worker"]
    (line,) = figures.growth(run["results"], "cpu")
    assert [y for _, y in line.points] == [pytest.approx(1e-3)] * 3
    assert set(_panels(run["results"], "cpu")) == set(_panels(run["results"], "wall"))
