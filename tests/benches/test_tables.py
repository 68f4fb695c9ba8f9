"""The README's tables say what the documents say."""

from __future__ import annotations

import re

from benches.tables import markdown
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
