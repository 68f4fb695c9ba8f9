"""The page on official forms says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from evote.office.official.bd_contests import KINDS, LEFT_OUT
from evote.office.official.results_csv import COLUMNS
from evote.office.official.sheet import VOTERS, Standing, UnitKind, UnitStatus
from tests.interop.test_draft21 import SCHEMAS
from tests.office.official.test_eml510 import STRUCTURE

PAGE = (Path(__file__).resolve().parents[3] / "specs" / "official-formats.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """A section of the page up to the next one."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


def code(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_the_columns_of_the_table_stand_there_in_their_order() -> None:
    rows = re.findall(r"^\| (`[^|]*) \|", section("CSV"), re.MULTILINE)
    assert [name for row in rows for name in code(row)] == list(COLUMNS)
    assert set(VOTERS) <= set(code(section("CSV")))


def test_statuses_kinds_and_standings_are_those_of_the_sheet() -> None:
    words = set(code(section("Sheet")))
    for values in (UnitStatus, UnitKind, Standing):
        assert {each.value for each in values} <= words


def test_the_structure_of_the_message_is_the_one_that_is_tested() -> None:
    block = re.search(r"```text\n(.*?)```", section("EML 510"), re.DOTALL)
    assert block is not None
    named = set(re.findall(r"[A-Z]\w+", block[1])) - {"EML"}
    assert named == {child for children in STRUCTURE.values() for child, _ in children}


def test_kinds_of_contests_and_files_of_the_draft_stand_there() -> None:
    assert {*KINDS, *LEFT_OUT} <= set(code(section("NIST BD")))
    files = {name.replace("_1.json", "_N.json").replace("_2.json", "_N.json") for name in SCHEMAS}
    assert files <= set(code(section("ElectionGuard 2.1")))
