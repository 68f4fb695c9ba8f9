"""The harness, driven by fake subjects on a fake clock: interleaving, medians, refusals, documents."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from benches import run as benches_run
from evote.bench.document import document, read, write
from evote.bench.form import schema
from evote.bench.harness import (
    SYSTEM_CLOCK,
    Clock,
    Measurement,
    NothingToMeasureError,
    Round,
    Spread,
    measure,
    measure_all,
    ratio,
    spread,
)
from evote.bench.machine import cpu_model, machine
from evote.bench.memory import Peak
from evote.bench.output import duration, rows, show
from evote.bench.shape import FOUR, RECORD, SERIES, SIZES, Shape, ballots_of, rounds_for, shape_of
from evote.bench.subject import Base, Registry, WrongResultError
from evote.errors import DecodeError, StorageError
from tests.benches.documents import MACHINE, measured, sample

SCHEMA = schema()
THREE = Shape(options=3)


class FakeTime:
    """A clock that moves only when a subject works; processor time runs at half the speed."""

    def __init__(self) -> None:
        self.now = 100.0

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.now, lambda: self.now / 2)


class Fake(Base):
    """A subject that takes the next of the given seconds per selection at each turn, after a warm-up."""

    kernel = "fake"

    def __init__(
        self,
        name: str,
        time: FakeTime,
        seconds: list[float],
        *,
        options: int = 3,
        most: int | None = None,
        log: list[str] | None = None,
    ) -> None:
        super().__init__(name)
        self.most, self.options = most, options
        self.time, self.seconds, self.turns = time, seconds, -1
        self.log = log if log is not None else []
        self.prepared: list[int] = []

    def setup(self, ballots: int) -> None:
        self.prepared.append(ballots)
        self.time.now += 1000

    def run(self, ballots: int) -> int:
        per_selection = 50.0 if self.turns < 0 else self.seconds[self.turns]
        self.turns += 1
        self.time.now += per_selection * ballots * self.options
        self.log.append(f"{self.name}:{ballots}")
        return ballots * self.options

    def check(self) -> None:
        self.time.now += 1000
        self.log.append(f"{self.name}:check")

    def close(self) -> None:
        self.log.append(f"{self.name}:close")


def run_fakes(*subjects: Fake, ballots: int = 4, rounds: int = 3) -> tuple[Measurement, ...]:
    clock = subjects[0].time.clock
    return measure(subjects, step="verify", shape=THREE, ballots=ballots, rounds=rounds, clock=clock)


def test_only_the_run_is_timed_and_the_median_of_the_rounds_is_taken() -> None:
    (one,) = run_fakes(Fake("one", FakeTime(), [5.0, 1.0, 2.0]))
    assert one.wall == Spread(median=2.0, minimum=1.0, maximum=5.0)
    assert one.cpu == Spread(median=1.0, minimum=0.5, maximum=2.5)
    assert [turn.selections for turn in one.rounds] == [12, 12, 12]
    assert [turn.wall for turn in one.rounds] == [60.0, 12.0, 24.0]
    assert one.cold == Round(wall=150.0, cpu=75.0, selections=3)


class Starting(Fake):
    """A subject that takes seven seconds to start, each time."""

    @property
    def idle(self) -> Callable[[], object]:
        return self.start

    def start(self) -> None:
        self.time.now += 7

    def run(self, ballots: int) -> int:
        self.start()
        return super().run(ballots)


def test_what_is_not_the_step_is_timed_taken_off_and_kept() -> None:
    (one,) = run_fakes(Starting("one", FakeTime(), [5.0, 1.0, 2.0]))
    assert one.wall == Spread(median=2.0, minimum=1.0, maximum=5.0)
    assert one.rounds[0] == Round(wall=60.0, cpu=30.0, selections=12, idle_wall=7.0, idle_cpu=3.5)


class Instant(Starting):
    """A subject that starts, and whose first ballot takes no time that a clock sees."""

    def run(self, ballots: int) -> int:
        before = self.time.now
        done = super().run(ballots)
        if self.turns == 0:
            self.time.now = before + 7
        return done


def test_a_cold_turn_that_is_lost_in_what_is_taken_off_is_not_stated() -> None:
    (one,) = run_fakes(Instant("one", FakeTime(), [5.0, 1.0, 2.0]))
    assert one.cold is None
    assert one.wall.median == 2.0


def test_a_step_that_takes_no_longer_than_doing_nothing_gives_no_figure() -> None:
    with pytest.raises(WrongResultError, match="measure more ballots"):
        run_fakes(Starting("one", FakeTime(), [0.0]))


def test_subjects_are_closed_when_one_fails() -> None:
    log: list[str] = []
    time = FakeTime()
    with pytest.raises(WrongResultError):
        run_fakes(Fake("good", time, [1.0], log=log), Fake("bad", time, [1.0], options=2, log=log))
    assert log[-2:] == ["good:close", "bad:close"]


def test_subjects_warm_up_with_one_ballot_and_then_take_turns_with_a_moving_start() -> None:
    log: list[str] = []
    time = FakeTime()
    run_fakes(*(Fake(name, time, [1.0] * 3, log=log) for name in "abc"))
    assert log[-3:] == ["a:close", "b:close", "c:close"]
    log = log[:-3]
    turns = [entry for entry in log if not entry.endswith("check")]
    assert turns[:3] == ["a:1", "b:1", "c:1"]
    assert [entry[0] for entry in turns[3:]] == list("abcbcacab")
    assert log[1::2] == [f"{entry[0]}:check" for entry in log[0::2]]


def test_a_subject_with_a_most_is_run_on_no_more_ballots_and_says_so() -> None:
    time = FakeTime()
    slow, fast = Fake("slow", time, [9.0] * 3, most=2), Fake("fast", time, [1.0] * 3)
    measurements = run_fakes(slow, fast, ballots=10)
    assert [m.ballots for m in measurements] == [2, 10]
    assert (slow.prepared, fast.prepared) == ([2], [10])
    assert ratio(measurements[0].wall, measurements[1].wall) == 9.0


def test_above_ten_thousand_ballots_there_is_one_round() -> None:
    time = FakeTime()
    large, capped = Fake("large", time, [1.0] * 3), Fake("capped", time, [1.0] * 3, most=7)
    measurements = run_fakes(large, capped, ballots=10_001)
    assert [len(m.rounds) for m in measurements] == [1, 3]
    assert (rounds_for(10_000, 5), rounds_for(10_001, 5)) == (5, 1)


def test_a_wrong_count_of_selections_gives_no_figure() -> None:
    with pytest.raises(WrongResultError, match=r"one did 2 selections where 3 were asked for"):
        run_fakes(Fake("one", FakeTime(), [1.0], options=2))


def test_a_failing_check_gives_no_figure() -> None:
    class Wrong(Fake):
        def check(self) -> None:
            if self.turns > 1:
                raise WrongResultError("wrong in round 2")

    with pytest.raises(WrongResultError, match="wrong in round 2"):
        run_fakes(Wrong("one", FakeTime(), [1.0] * 3))


@pytest.mark.parametrize(("ballots", "rounds"), [(0, 1), (1, 0), (-1, 1)])
def test_nothing_is_measured_with_no_ballots_or_no_rounds(ballots: int, rounds: int) -> None:
    with pytest.raises(ValueError, match="at least one ballot and one round"):
        run_fakes(Fake("one", FakeTime(), [1.0]), ballots=ballots, rounds=rounds)


@given(st.lists(st.floats(min_value=1e-9, max_value=1e6), min_size=1, max_size=9))
def test_a_median_lies_in_the_middle(values: list[float]) -> None:
    found = spread(values)
    assert found.minimum == min(values) <= found.median <= max(values) == found.maximum
    assert sum(value < found.median for value in values) <= len(values) / 2
    assert sum(value > found.median for value in values) <= len(values) / 2


def test_a_spread_needs_a_value_and_a_ratio_needs_time() -> None:
    with pytest.raises(ValueError, match="no rounds"):
        spread([])
    nothing = Spread(0.0, 0.0, 0.0)
    assert ratio(Spread(1.0, 1.0, 1.0), nothing) is None
    assert ratio(nothing, Spread(1.0, 1.0, 1.0)) == 0.0


def test_the_system_clock_sees_work_in_both_times() -> None:
    wall, cpu = SYSTEM_CLOCK.wall(), SYSTEM_CLOCK.cpu()
    total = 0
    while SYSTEM_CLOCK.cpu() - cpu < 0.01:
        total += 1
    assert total > 0
    assert SYSTEM_CLOCK.wall() > wall


def registry_of(*makers: Callable[[Shape], Fake]) -> Registry:
    registry = Registry()
    for make in makers:
        registry.add("verify", make)
    return registry


def fake_maker(name: str, time: FakeTime, seconds: float = 1.0) -> Callable[[Shape], Fake]:
    return lambda shape: Fake(name, time, [seconds] * 9, options=shape.options)


def test_a_registry_is_measured_shape_by_shape_and_can_be_narrowed_to_one_name() -> None:
    time = FakeTime()
    registry = registry_of(fake_maker("a", time), fake_maker("b", time))
    everything = measure_all(
        registry, steps=["encrypt", "verify"], shapes=[RECORD, THREE], sizes=[1], rounds=1, clock=time.clock
    )
    assert [(m.shape.options, m.subject) for m in everything] == [(10, "a"), (10, "b"), (3, "a"), (3, "b")]
    only = measure_all(
        registry, steps=["verify"], shapes=[THREE], sizes=[1], rounds=1, only="b", clock=time.clock
    )
    assert [m.subject for m in only] == ["b"]


def test_a_subject_is_measured_at_every_size_and_only_on_the_shapes_that_it_fits() -> None:
    time, registry = FakeTime(), Registry()
    registry.add("verify", fake_maker("a", time))
    registry.add("verify", fake_maker("b", time), fits=lambda shape: shape == THREE)
    found = measure_all(
        registry, steps=["verify"], shapes=[RECORD, THREE], sizes=[1, 4], rounds=1, clock=time.clock
    )
    assert [(m.shape.options, m.asked, m.subject) for m in found] == [
        (10, 1, "a"),
        (10, 4, "a"),
        (3, 1, "a"),
        (3, 1, "b"),
        (3, 4, "a"),
        (3, 4, "b"),
    ]


def test_a_run_without_subjects_says_who_is_absent_and_why() -> None:
    registry = Registry()
    registry.add_absent("a peer", "it is not installed")
    with pytest.raises(NothingToMeasureError, match=r"no subject.*a peer is absent: it is not installed"):
        measure_all(registry, steps=["verify"], shapes=[RECORD], sizes=[1], rounds=1)
    with pytest.raises(NothingToMeasureError, match="no subject is called 'nobody'"):
        measure_all(registry, steps=["verify"], shapes=[RECORD], sizes=[1], rounds=1, only="nobody")


def test_two_subjects_of_one_name_and_unknown_steps_are_refused() -> None:
    time = FakeTime()
    with pytest.raises(ValueError, match="two subjects of the step verify are called 'a'"):
        registry_of(fake_maker("a", time), fake_maker("a", time)).subjects("verify", RECORD)
    step: Any = "decrypt"
    with pytest.raises(ValueError, match="no step is called 'decrypt'"):
        Registry().add(step, fake_maker("a", time))


def test_the_benchmark_record_and_the_series_are_those_of_the_design() -> None:
    assert Shape(10, option_limit=1, selection_limit=1) == RECORD
    assert [shape.options for shape in SERIES] == [1, 5, 20, 100]
    assert RECORD.selections(20) == 200
    sizes = [size.ballots for size in SIZES]
    assert sizes == sorted(set(sizes))
    assert ballots_of("large") == 10_000


def test_a_shape_is_written_with_colons() -> None:
    assert shape_of("10") == RECORD
    assert shape_of("4:2") == FOUR
    assert shape_of("3:5:2") == Shape(3, option_limit=2, selection_limit=5)
    for text in ("", "4:", "4:2:1:1", "-1", "four", "٣", "0"):
        with pytest.raises(ValueError, match="shape"):
            shape_of(text)


def test_impossible_shapes_and_unknown_sizes_are_refused() -> None:
    for options, option_limit, selection_limit in ((0, 1, 1), (1, 0, 1), (1, 1, 0)):
        with pytest.raises(ValueError, match="at least"):
            Shape(options, option_limit, selection_limit)
    with pytest.raises(ValueError, match=r"no size is called 'enormous': choose from smoke, small"):
        ballots_of("enormous")


def test_a_document_follows_the_schema_and_compares_within_step_and_shape() -> None:
    run = sample()
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(run, SCHEMA)
    assert run["started"] == "2024-06-30T18:00:00Z"
    peer, evote, tally = run["results"]
    assert peer["times_faster"] == {"wall": 1.0, "cpu": 1.0}
    assert evote["times_faster"] == {"wall": pytest.approx(5.0), "cpu": pytest.approx(5.0)}
    assert tally["times_faster"] == {"wall": None, "cpu": None}
    assert peer["seconds_per_selection"]["wall"] == pytest.approx(
        {"median": 0.02, "minimum": 0.01, "maximum": 0.03}
    )
    assert run["memory"] == [{"what": "verify, evote", "peak_bytes": 2**25, "cpu_seconds": 1.5}]


SPOILS: list[Callable[[dict[str, Any]], object]] = [
    lambda run: run.pop("machine"),
    lambda run: run.update(extra=1),
    lambda run: run["results"].clear(),
    lambda run: run["results"][0].update(step="decrypt"),
    lambda run: run["results"][0].update(kind="friend"),
    lambda run: run["results"][0].update(rounds=[]),
    lambda run: run["results"][0].update(cold=1),
    lambda run: run["results"][0]["rounds"][0].update(selections=0),
    lambda run: run["results"][0]["rounds"][0].update(wall=True),
    lambda run: run["results"][0]["seconds_per_selection"]["wall"].pop("median"),
    lambda run: run["memory"][0].update(peak_bytes=0.5),
    lambda run: run["machine"].update(cpu=""),
    lambda run: run["versions"].update(evote=1),
    lambda run: run.update(started="yesterday"),
    lambda run: run.update(seed=-1),
]


@pytest.mark.parametrize("spoil", SPOILS)
def test_the_schema_and_the_reader_refuse_the_same(
    spoil: Callable[[dict[str, Any]], object], tmp_path: Path
) -> None:
    run = sample()
    spoil(run)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(run, SCHEMA)
    write(tmp_path / "run.json", run)
    with pytest.raises(DecodeError, match=r"run\.json"):
        read(tmp_path / "run.json")


def old_sample() -> dict[str, Any]:
    """What a run of the first format was."""
    turn = {"wall": 0.2, "cpu": 0.1, "selections": 10}
    spread_of = {"median": 0.02, "minimum": 0.02, "maximum": 0.02}
    result = {
        "step": "verify",
        "shape": {"options": 10, "option_limit": 1, "selection_limit": 1},
        "subject": "evote, plain",
        "kernel": "gmpy2",
        "ballots": 1,
        "rounds": [turn],
        "seconds_per_selection": {"wall": spread_of, "cpu": spread_of},
        "times_faster": {"wall": None, "cpu": 1.0},
    }
    return {
        "format": "evote-bench/1",
        "started": "2024-06-30T18:00:00Z",
        "machine": {
            "cpu": "a processor",
            "cores": 8,
            "usable_cores": 2,
            "load": None,
            "system": "Linux",
            "python": "CPython 3.11.7",
            "gmpy2": "2.3.2",
            "gmp": "GMP 6.3.0",
        },
        "baseline": "peer",
        "absent": [],
        "results": [result, {**result, "subject": "arithmetic limit, 5 products"}],
        "memory": [],
    }


def test_a_document_of_the_first_format_is_read_and_what_it_does_not_say_is_null(tmp_path: Path) -> None:
    write(tmp_path / "old.json", old_sample())
    run = read(tmp_path / "old.json")
    jsonschema.validate(run, SCHEMA)
    assert (run["seed"], run["versions"]["python"]) == (None, "CPython 3.11.7")
    assert [(result["kind"], result["cold"]) for result in run["results"]] == [
        ("evote", None),
        ("limit", None),
    ]
    spoilt = old_sample()
    spoilt["results"][0].pop("kernel")
    write(tmp_path / "old.json", spoilt)
    with pytest.raises(DecodeError, match="the field 'kernel' is missing"):
        read(tmp_path / "old.json")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'{"format": "evote-bench/9"}', "a newer version of evote wrote it"),
        (b"[]", "no document of a bench"),
        (b"not JSON", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 200_000, "not JSON"),
    ],
)
def test_what_is_no_document_is_refused_with_a_sentence(
    content: bytes, sentence: str, tmp_path: Path
) -> None:
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(DecodeError, match=sentence):
        read(tmp_path / "x.json")
    with pytest.raises(StorageError, match="cannot be read"):
        read(tmp_path / "absent.json")


def test_numbers_that_are_none_are_refused(tmp_path: Path) -> None:
    run = sample()
    run["results"][0]["rounds"][0]["wall"] = float("inf")
    write(tmp_path / "run.json", run)
    with pytest.raises(DecodeError, match=r"results\[0\]\.rounds\[0\]\.wall: .*number"):
        read(tmp_path / "run.json")


def test_a_document_survives_its_file(tmp_path: Path) -> None:
    write(tmp_path / "run.json", sample())
    assert json.loads((tmp_path / "run.json").read_text(encoding="utf-8")) == sample()
    assert read(tmp_path / "run.json") == sample()


def test_a_document_without_a_time_is_of_now() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    run = document([measured("peer", 1.0)], MACHINE, baseline="peer")
    assert before <= datetime.strptime(run["started"], "%Y-%m-%dT%H:%M:%S%z") <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0123, "12.3 ms"),
        (8.81e-6, "8.81 µs"),
        (1.5, "1.5 s"),
        (0.9996, "1000 ms"),
        (1234.0, "1234 s"),
        (3e-10, "0.3 ns"),
        (0.0, "0 ns"),
    ],
)
def test_durations_are_printed_in_three_figures(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def printed(*, terminal: bool, run: dict[str, Any]) -> str:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=140, color_system=None)
    show(run, console)
    out = console.file
    assert isinstance(out, io.StringIO)
    return out.getvalue()


@pytest.mark.parametrize("terminal", [False, True])
def test_what_is_printed_names_machine_figures_absentees_and_memory(terminal: bool) -> None:
    text = printed(terminal=terminal, run=sample())
    for part in (
        "a processor, 2 of 8 cores",
        "5.00x",
        "20 ms",
        "Absent: another: it is not here",
        "32.0 MiB",
        "another 2.0",
    ):
        assert part in text
    assert ("┃" in text) == terminal


def test_lines_for_a_pipe_are_aligned_and_names_are_not_taken_for_markup() -> None:
    run = document([measured("[bold]x[/bold]", 0.001), measured("y", 0.1)], MACHINE, baseline="y")
    assert "[bold]x[/bold], fake" in printed(terminal=True, run=run)
    lines = printed(terminal=False, run=run).splitlines()[2:]
    assert len(lines) == 3
    assert len({len(line) for line in lines}) == 1
    assert [cells[-1] for cells in rows(run)] == ["100.00x", "1.00x"]


def test_the_facts_of_this_machine_follow_the_schema() -> None:
    facts = machine()
    run = document([measured("peer", 1.0)], facts, baseline="peer")
    jsonschema.validate(run, SCHEMA)
    assert 1 <= facts.usable_cores <= facts.cores
    assert facts.versions["gmp"].startswith("GMP")


def test_the_processor_is_named_where_the_system_names_it(tmp_path: Path) -> None:
    listing = tmp_path / "cpuinfo"
    listing.write_text(
        "processor\t: 0\nmodel name\t: Model: 7 Turbo\nmodel name\t: other\n", encoding="utf-8"
    )
    assert cpu_model(listing) == "Model: 7 Turbo"
    listing.write_text("processor\t: 0\nFeatures\t: fp\n", encoding="utf-8")
    assert cpu_model(listing)
    assert cpu_model(tmp_path / "absent")


class Told:
    """What ``python -m benches.run`` does with a registry of fakes, without a process of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, registry: Registry) -> None:
        def fill(found: Registry, *_: object) -> None:
            vars(found).update(vars(registry))

        monkeypatch.setattr(benches_run, "fill", fill)

    def __call__(self, *arguments: str) -> Any:
        return CliRunner().invoke(benches_run.main, arguments)


def test_the_command_prints_and_writes_a_valid_document(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    time = FakeTime()
    told = Told(monkeypatch, registry_of(fake_maker("a", time), fake_maker("b", time)))
    path = tmp_path / "run.json"
    done = told("--size", "smoke", "--rounds", "2", "--series", "--json", str(path))
    assert done.exit_code == 0, done.output
    run = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.validate(run, SCHEMA)
    assert [result["shape"]["options"] for result in run["results"]] == [10, 10, 1, 1, 5, 5, 20, 20, 100, 100]
    assert {result["ballots"] for result in run["results"]} == {2}
    assert len(done.output.splitlines()) == 13


def test_peak_memory_is_taken_of_each_subject_on_the_benchmark_record_in_a_process_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    time, commands, path = FakeTime(), [], tmp_path / "run.json"

    def fake_peak(command: list[str]) -> Peak:
        commands.append(command)
        return Peak(len(commands) * 2**20, 0.5)

    monkeypatch.setattr(benches_run, "peak", fake_peak)
    told = Told(monkeypatch, registry_of(fake_maker("a", time), fake_maker("b", time)))
    done = told("--size", "smoke", "--rounds", "2", "--series", "--memory", "--json", str(path))
    assert done.exit_code == 0, done.output
    run = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.validate(run, SCHEMA)
    assert [one["what"] for one in run["memory"]] == ["verify, a, 2 ballots", "verify, b, 2 ballots"]
    start = [sys.executable, "-m", "benches.run", "--seed", "1", "--workers=1", "--ballots", "2"]
    start += ["--rounds", "1", "--step", "verify"]
    assert commands == [[*start, "--only", "a"], [*start, "--only", "b"]]


def test_the_command_says_in_one_sentence_what_went_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    class Wrong(Fake):
        def check(self) -> None:
            raise WrongResultError("the total is wrong")

    wrong = Told(monkeypatch, registry_of(lambda shape: Wrong("a", FakeTime(), [1.0], options=shape.options)))
    done = wrong()
    assert (done.exit_code, done.output) == (1, "Error: the total is wrong\n")
    missing = Told(monkeypatch, Registry())("--only", "nobody")
    assert missing.exit_code == 2
    assert "no subject is called 'nobody'" in missing.output
