"""The replayed nights, small: real processes on loopback, a toy group, and a judge that can say no."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

pytest.importorskip("uvicorn", reason="the collector runs on uvicorn (extra web)")
pytest.importorskip("starlette", reason="the collector runs on starlette (extra web)")

from benches import night, night_belgium, night_france, night_plot
from benches.night_judge import judge, shortened, without_herd
from benches.night_line import FATES
from benches.night_units import Offices
from benches.night_world import Night, Scenario, play
from evote.manifest import ReturnKind
from evote.returns import ReturnError
from evote.testing.groups import toy

SPECS = Path(__file__).resolve().parents[2] / "specs"
Played = tuple[Offices, Scenario, Night]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """Twenty offices, six with ballots; the line is away for 90 seconds of a night 40 times as fast."""
    offices = night_belgium.belgium(toy(), 20, 6, seed=7)
    usual = night_belgium.evening(offices, seed=7, ramp=60, outage=90, factor=40)
    scenario = replace(usual, kills=(30.0,), processes=2, end=1200.0)
    yield offices, scenario, play(offices, scenario, "sender", tmp_path_factory.mktemp("night") / "sender")


def test_a_night_of_bad_luck_ends_with_true_totals_and_everybody_named(played: Played) -> None:
    offices, scenario, after = played
    figures = judge(offices, scenario, after)
    assert figures["reported"] == 17, "twenty without the missing, the torn and the double one"
    assert figures["missing"] == list(scenario.absent)
    assert figures["partial"] == list(scenario.torn)
    assert figures["conflict"] == list(scenario.twice)
    assert figures["exit_code"] == 1
    assert figures["kills"] == 1, "an office was killed at work"
    assert figures["refused"] > 0, "the line was closed for somebody"
    assert figures["ballots"] > 6


def test_the_judge_misses_a_file_that_is_gone(played: Played) -> None:
    offices, scenario, after = played
    victim = next((after.collected / "arrived").iterdir())
    data = victim.read_bytes()
    victim.unlink()
    try:
        with pytest.raises((AssertionError, ValueError)):
            judge(offices, scenario, after)
    finally:
        victim.write_bytes(data)


def test_the_judge_sees_one_vote_that_is_elsewhere(played: Played) -> None:
    offices, scenario, after = played
    for kind in ReturnKind:
        path = next(
            path
            for path, unit in offices.units.items()
            if unit.kind is kind and path not in {*scenario.absent, *scenario.torn, *scenario.twice}
        )
        unit = offices.units[path]
        moved = {**unit.votes, "blank": unit.votes["blank"] + 1}
        other = replace(offices, units={**offices.units, path: replace(unit, votes=moved)})
        with pytest.raises(AssertionError):
            judge(other, scenario, after)


def test_the_judge_wants_every_misfortune_to_be_named(played: Played) -> None:
    offices, scenario, after = played
    for blind in (
        replace(scenario, absent=()),
        replace(scenario, torn=()),
        replace(scenario, twice={}),
        replace(scenario, sticks=(scenario.absent[0],)),
    ):
        with pytest.raises(AssertionError):
            judge(offices, blind, after)


def test_the_judge_sees_a_file_that_arrived_twice(played: Played) -> None:
    offices, scenario, after = played
    listed = after.collected / "arrivals.jsonl"
    lines = listed.read_bytes()
    listed.write_bytes(lines + lines.splitlines(keepends=True)[0])
    try:
        with pytest.raises(AssertionError, match="once"):
            judge(offices, scenario, after)
    finally:
        listed.write_bytes(lines)


def test_evidence_of_a_double_signer_needs_both_files(played: Played) -> None:
    from evote.returns import check_evidence, make_evidence, merge_returns

    offices, scenario, after = played
    merged, _ = merge_returns(offices.election, after.arrived().items())
    (unit,) = scenario.twice
    data = make_evidence(merged, unit)
    assert len(check_evidence(offices.election, data).files) == 2
    with pytest.raises(ReturnError):
        check_evidence(offices.election, data[:-1])


def test_a_picture_is_made_of_the_figures(played: Played, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pictures need the extra bench")
    offices, scenario, after = played
    figures = judge(offices, scenario, after)
    found = {
        "machine": "a machine",
        "group": "toy",
        "belgium": {"scenario": night_belgium.told(scenario), "ways": {"sender": figures}},
    }
    (picture,) = night_plot.draw(found, tmp_path)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "tried" not in shortened(figures)


def test_a_herd_is_called_one() -> None:
    calm = {"last_after_return": 90.0, "peak": 5, "peak_after_return": 3}
    herd = {"last_after_return": 60.0, "peak": 62, "peak_after_return": 62}
    without_herd({"a": calm, "b": herd}, ("a", "b"))
    with pytest.raises(AssertionError):
        without_herd({"a": herd, "b": calm}, ("a", "b"))
    with pytest.raises(AssertionError):
        without_herd({"a": {**calm, "last_after_return": 601.0}, "b": herd}, ("a", "b"))


def test_the_cantons_are_those_of_that_night() -> None:
    units = night_belgium.cantons(night_belgium.UNITS, night_belgium.BALLOTS, seed=2019)
    assert len(units) == len({unit.path for unit in units}) == 208
    assert sum(unit.kind is ReturnKind.BALLOTS for unit in units) == 62
    assert math.isclose(sum(FATES.values()), 1.0)


# --- France ------------------------------------------------------------------------------------------


def test_the_morning_of_a_full_opening_is_admitted_as_it_comes(tmp_path: Path) -> None:
    assert math.isclose(night_france.RATE, 76.5)
    found = night_france.opening(toy(), tmp_path, seconds=1.0)
    assert found["ballots"] == len(found["waits"]) > 40
    assert sum(night_france.per_second(found["waits"])) == found["ballots"]
    assert 0 < found["p50"] <= found["p99"] <= found["worst"]


def test_the_units_of_france_have_their_share_of_the_total() -> None:
    units = night_france.constituencies(1000)
    total = sum(sum(unit.votes.values()) for unit in units)
    assert len(units) == 11
    assert abs(total - 459) <= 6, "each of eleven sizes is rounded"
    assert {unit.kind for unit in units} == {ReturnKind.BALLOTS}


def test_the_price_of_the_full_size_is_multiplied_from_what_other_pages_measured() -> None:
    for step in night_france.STEPS:
        page = (SPECS / step.page).read_text(encoding="utf-8")
        if step.page == "ballot-box.md":  # measured anew now and then, under other loads
            (row,) = re.findall(r"^\| SQLite, 1 front end \|(.+)\|$", page, re.MULTILINE)
            assert 0.5 < step.milliseconds / float(row.split("|")[6]) < 2.0
        else:
            assert re.search(rf"\|\s*{re.escape(f'{step.milliseconds:g}')}\s*\|", page), step.name
    ten = {step.name: seconds for step, seconds in night_france.costs(1000)}
    assert ten["admission: check, log, receipt"] == pytest.approx(1.68)
    assert ten["verification in batches, with hints"] == pytest.approx(15.1 * night_france.options() / 10)
    assert 11.5 < night_france.options() < 12.5


def test_the_page_has_the_table_of_the_full_size() -> None:
    page = (SPECS / "nights.md").read_text(encoding="utf-8")
    assert "\n".join(night_france.cost_table()) in page


@pytest.mark.long
def test_the_whole_bench_runs_small_and_draws(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pictures need the extra bench")
    out, plots = tmp_path / "night.json", tmp_path / "plots"
    arguments = ["--group", "toy", "--factor", "100", "--scale", "9000", "--ramp", "1200", "--outage", "1800"]
    result = CliRunner().invoke(night.main, [*arguments, "--json", str(out), "--plot", str(plots)])
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in plots.iterdir()) == ["belgium-2019.png", "france-2024.png"]
    again = CliRunner().invoke(night.main, ["--from", str(out), "--plot", str(tmp_path / "again")])
    assert again.exit_code == 0
