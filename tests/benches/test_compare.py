"""Two documents side by side: pairs of the same, and everything else that differs."""

from __future__ import annotations

import copy
import io
import json
from typing import Any

import pytest
from rich.console import Console

from evote.bench.compare import compare
from evote.bench.output import show_comparison
from tests.benches.documents import sample


def faster(run: dict[str, Any], times: float) -> dict[str, Any]:
    """The same run on a machine that is so many times faster."""
    other = copy.deepcopy(run)
    for result in other["results"]:
        for clock in result["seconds_per_selection"].values():
            for name in clock:
                clock[name] /= times
    return other


def test_equal_runs_differ_in_nothing() -> None:
    found = compare(sample(), sample())
    assert (found.differences, found.only_first, found.only_second) == ((), (), ())
    assert {pair.times_faster for pair in found.pairs} == {1.0}
    assert len(found.pairs) == len(sample()["results"])


def test_ratios_are_of_the_medians_and_say_how_many_times_faster_the_second_run_is() -> None:
    found = compare(sample(), faster(sample(), 4))
    assert [pair.times_faster for pair in found.pairs] == [pytest.approx(4.0)] * len(found.pairs)
    assert found.pairs[0].second_cpu == pytest.approx(found.pairs[0].first_cpu / 4)


def test_machine_versions_seed_kernel_and_workers_that_differ_are_named() -> None:
    other = sample()
    other["machine"]["cpu"] = "another processor"
    other["versions"]["gmpy2"] = "9.9"
    del other["versions"]["evote"]
    other["versions"]["zarith"] = "1.0"
    other["seed"] = None
    other["results"][0]["kernel"] = "native"
    other["results"][1]["workers"] = 2
    found = compare(sample(), other)
    facts = {difference.fact: (difference.first, difference.second) for difference in found.differences}
    assert facts["cpu"] == ("a processor", "another processor")
    assert facts["gmpy2"] == ("2.3.2", "9.9")
    assert facts["evote"] == ("0.1.0", None)
    assert facts["zarith"] == (None, "1.0")
    assert facts["seed"] == (7, None)
    assert [fact for fact in facts if fact.startswith(("kernel of", "workers of"))] != []
    assert len(facts) == 7


def test_what_only_one_run_measured_is_named_and_not_compared() -> None:
    first, second = sample(), sample()
    gone = first["results"].pop(0)
    second["results"][1]["asked"] += 1
    found = compare(first, second)
    assert len(found.pairs) == len(first["results"]) - 1
    assert any(gone["subject"] in name for name in found.only_second)
    assert len(found.only_first) == 1
    assert len(found.only_second) == 2


@pytest.mark.parametrize("terminal", [False, True])
def test_a_comparison_is_shown_with_what_differs_first(terminal: bool) -> None:
    second = faster(sample(), 2)
    second["machine"]["load"] = None
    second["results"].pop()
    console = Console(file=io.StringIO(), force_terminal=terminal, width=150, color_system=None)
    show_comparison(compare(sample(), second), console)
    out = console.file
    assert isinstance(out, io.StringIO)
    text = out.getvalue()
    for part in ("load: 0.5 | not stated", "2.00x", "Only in A:"):
        assert part in text


def test_a_comparison_is_json() -> None:
    value = json.loads(json.dumps(compare(sample(), faster(sample(), 2)).to_json()))
    assert value["format"] == "evote-bench-comparison/1"
    assert value["pairs"][0]["times_faster"] == pytest.approx(2.0)
