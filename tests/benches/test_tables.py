"""The README's tables say what the documents say."""

from __future__ import annotations

import re
from pathlib import Path

from click.testing import CliRunner

from benches.tables import main, markdown
from evote.bench.document import write
from tests.benches.documents import sample
from tests.benches.test_plot import full


def test_ratios_are_to_the_batch_and_every_subject_has_a_row() -> None:
    text = markdown([full()])
    (row,) = [line for line in text.splitlines() if line.startswith("| electionguard 1.4.0, selections only")]
    assert row.split("|")[2:] == [" 1,000 ", " 24.1 ms ", " 1161.50 ", ""]
    (published,) = [line for line in text.splitlines() if "published figure" in line]
    assert "| – | 7.1 ms |" in published
    assert len(re.findall(r"^\|---", text, re.MULTILINE)) == 4
    assert text.splitlines()[-1].startswith("a processor, 2 of 8 cores")


def test_tables_without_data_are_left_out_and_without_a_base_there_is_no_ratio() -> None:
    text = markdown([sample()])
    assert "four answers" not in text
    assert "Encrypting" not in text
    (row,) = [line for line in text.splitlines() if line.startswith("| peer ")]
    assert row.count("|") == 5


def test_the_tables_stand_between_the_marks_of_a_page_and_are_replaced(tmp_path: Path) -> None:
    page, run = tmp_path / "page.md", tmp_path / "run.json"
    write(run, full())
    page.write_text("above\n<!-- figures:begin -->\nold\n<!-- figures:end -->\nbelow\n", encoding="utf-8")
    for _ in range(2):
        assert CliRunner().invoke(main, [str(run), "--into", str(page)]).exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith("above\n<!-- figures:begin -->\n\n| Verifying")
    assert text.endswith("\n\n<!-- figures:end -->\nbelow\n")
    assert "old" not in text
    page.write_text("no marks", encoding="utf-8")
    assert CliRunner().invoke(main, [str(run), "--into", str(page)]).exit_code == 2
    assert page.read_text(encoding="utf-8") == "no marks"
