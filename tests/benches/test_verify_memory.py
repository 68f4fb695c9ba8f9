"""The growth of a verification: records made once, a peak per method, and a document to draw."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from benches import verify_memory
from evote.bench.document import read
from evote.bench.figures import bars, growth, merged
from evote.bench.memory import Peak
from evote.bench.records import make_record
from evote.bench.shape import RECORD
from evote.testing.groups import toy


def test_records_are_made_once_and_the_times_can_be_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []

    def fake_peak(command: list[str]) -> Peak:
        commands.append(command)
        if "make-record" in command:
            ballots, seed = (int(command[command.index(name) + 1]) for name in ("--ballots", "--seed"))
            make_record(
                Path(command[-1]),
                group=toy(),
                shape=RECORD,
                ballots=ballots,
                seed=seed,
                date="2026-01-01T00:00:00Z",
            )
        return Peak(50 * 2**20, 1.5)

    monkeypatch.setattr(verify_memory, "peak", fake_peak)
    given = ["--ballots", "2", "--ballots", "4", "--method", "plain", "--method", "batch"]
    given += ["--keep", str(tmp_path / "kept"), "--json", str(tmp_path / "run.json")]
    for _ in range(2):
        done = CliRunner().invoke(verify_memory.main, given)
        assert done.exit_code == 0, done.output
    made = [command for command in commands if "make-record" in command]
    verified = [command for command in commands if "verify" in command]
    assert (len(made), len(verified)) == (2, 8)
    assert [command[command.index("--method") + 1] for command in verified[:2]] == ["plain", "batch"]
    run = read(tmp_path / "run.json")
    assert [entry["peak_bytes"] for entry in run["memory"]] == [50 * 2**20] * 4
    assert [[x for x, _ in line.points] for line in growth(merged([run]))] == [[2, 4], [2, 4]]
    assert bars(merged([run]), "verify", RECORD) == []
    assert "50" in done.output


def test_a_record_that_was_not_finished_is_not_measured(tmp_path: Path) -> None:
    name = f"{verify_memory.NAMES[0]}-10-1-2"
    (tmp_path / name).mkdir()
    done = CliRunner().invoke(verify_memory.main, ["--ballots", "2", "--keep", str(tmp_path)])
    assert done.exit_code == 2
    assert "was not finished; remove it" in done.output
