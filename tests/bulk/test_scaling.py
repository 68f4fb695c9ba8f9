"""The page on large elections multiplies what was measured, and names what the program has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from evote.bulk import encrypt, tally
from evote.office.intake import BATCH
from evote.record.layout import DEVICES, LIMITS
from evote.record.unique import DEFAULT_MEMORY, KEY_BYTES, PLACE_BYTES

PAGE = (Path(__file__).resolve().parents[2] / "specs" / "scaling.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| ([^|]+) \| ([0-9.,]+) \| ([0-9.,]+)( GB)? \| ([0-9.,]+)( GB)? \|$", re.MULTILINE)
ROWS = [
    (name, *(float(part.replace(",", "")) for part in (one, two, three)), bool(unit))
    for name, one, two, unit, three, _ in ROW.findall(PAGE)
]


@pytest.mark.parametrize(("name", "each", "million", "hundred", "bytes_"), ROWS)
def test_a_million_is_a_million_times_one(
    name: str, each: float, million: float, hundred: float, bytes_: bool
) -> None:
    per_million = each / 1000 if bytes_ else each / 3.6
    for stated, computed in ((million, per_million), (hundred, 100 * per_million)):
        assert stated == pytest.approx(computed, rel=0.06, abs=0.006), name


def test_every_line_of_both_tables_was_read() -> None:
    assert len(ROWS) == 14
    assert sum(row[4] for row in ROWS) == 7


def test_the_page_has_the_numbers_of_the_program() -> None:
    assert f"{encrypt.CHUNK} ballots each" in PAGE
    assert f"{tally.CHUNK} ballots each" in PAGE
    assert f"one batch of {BATCH}" in PAGE
    assert f"beyond {DEFAULT_MEMORY:,} ballots: {KEY_BYTES + PLACE_BYTES} bytes" in PAGE
    assert f"{LIMITS[DEVICES] / 34 / 1e6:.1f} million" in PAGE.replace("\n", " ")
