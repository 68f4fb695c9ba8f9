"""What goes to a terminal and what to a pipe."""

from __future__ import annotations

import io
import time

import pytest

from evote.cli.output import write_output
from evote.cli.progress import progress, rate, silent
from evote.cli.tables import show
from tests.cli.driver import Town, refused


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


ROWS = [("Ada", 12), ("Bo", 3)]


def test_a_table_on_a_pipe_is_aligned_text(capsys: pytest.CaptureFixture[str]) -> None:
    show("Chair", ("", "counted"), ROWS)
    assert capsys.readouterr().out.splitlines() == [
        "Chair",
        "       counted",
        "  Ada       12",
        "  Bo         3",
    ]


def test_a_table_on_a_terminal_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr("sys.stdout", stream)
    show("Chair", ("", "counted"), ROWS)
    text = stream.getvalue()
    assert "Chair" in text and "Ada" in text and "12" in text
    assert "│" in text or "|" in text


def test_a_table_without_rows_has_its_head(capsys: pytest.CaptureFixture[str]) -> None:
    show("Nothing", ("name", "count"), [])
    assert capsys.readouterr().out.splitlines() == ["Nothing", "  name  count"]


def test_progress_on_a_pipe_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    with progress() as report:
        assert report is silent
        report("Voting", 1, 2)
    assert stream.getvalue() == ""


def test_progress_on_a_terminal_is_drawn_on_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    with progress() as report:
        report("Voting", 1, 4)
        report("Counting", 5, 0)
        for done in (2, 3, 4):
            time.sleep(0.01)
            report("Voting", done, 4)
    assert "Voting" in stream.getvalue()
    assert "4/4" in stream.getvalue()
    assert "/s" in stream.getvalue()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("speed", "text"),
    [(None, ""), (0.0, ""), (0.25, "0.25/s"), (12.34, "12.3/s"), (1234.5, "1,234/s")],
)
def test_a_rate_has_a_few_digits(speed: float | None, text: str) -> None:
    assert rate(speed) == text


def test_a_dash_is_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    write_output("-", "text")
    write_output("-", "line\n")
    assert capsys.readouterr().out == "text\nline\n"


def test_a_sentence_about_a_record_names_it_once(town: Town) -> None:
    outcome = town.cast("12345678")
    refused(outcome, 2, str(town.office))
    assert outcome.err.count(str(town.office / "ballots.sqlite")) == 1
