"""The decisions name code and vectors that exist, and every slip is decided by at least one vector."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from tests.vectors.form import FOLDER, cases_of

DECISIONS = FOLDER.parent / "specs" / "decisions"
PAGES = sorted(DECISIONS.glob("*.md"))
SLIPS = DECISIONS / "specification-slips.md"
VECTOR = re.compile(r"`([a-z0-9-]+\.json)#([a-z0-9.-]+)`")
CODE = re.compile(r"`(evote(?:\.\w+)+)`")
PARTS = ("Text", "Decision", "Rejected", "Code", "Vectors")
KNOWN_SLIPS = 16
"""Those that every implementation of 2.1 meets; the page adds further ones behind them."""


def sections() -> list[str]:
    """The numbered sections of the page of slips."""
    return re.split(r"^<a id=\"slip-\d\d\"></a>$", SLIPS.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]


def exists(name: str) -> bool:
    """Whether a dotted name is a module of the package, or something in one."""
    parts = name.split(".")
    for size in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:size]))
        except ModuleNotFoundError:
            continue
        for part in parts[size:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_vector_that_a_decision_names_is_there(page: Path) -> None:
    named = VECTOR.findall(page.read_text(encoding="utf-8"))
    assert [(file, name) for file, name in named if name not in cases_of(file)] == []


@pytest.mark.parametrize("page", [SLIPS, DECISIONS / "ballots.md"], ids=lambda page: page.stem)
def test_every_piece_of_code_that_a_decision_names_is_there(page: Path) -> None:
    named = CODE.findall(page.read_text(encoding="utf-8"))
    assert named
    assert [name for name in named if not exists(name)] == []


def test_code_that_is_not_there_is_found() -> None:
    assert exists("evote.ballots.device.Device.next_field")
    assert not exists("evote.ballots.device.Device.previous_field")
    assert not exists("evote.ballots.nothing")


def test_every_slip_says_what_is_read_decided_and_rejected_and_where_it_shows() -> None:
    anchors = re.findall(r"^<a id=\"slip-(\d\d)\"></a>$", SLIPS.read_text(encoding="utf-8"), re.MULTILINE)
    assert [int(anchor) for anchor in anchors] == list(range(1, len(anchors) + 1))
    assert len(anchors) >= KNOWN_SLIPS
    for number, section in enumerate(sections(), 1):
        assert re.search(rf"^## {number}\. \S", section, re.MULTILINE), number
        for part in PARTS:
            assert f"- **{part}.**" in section, (number, part)
        assert VECTOR.search(section), number


def test_every_case_of_a_slip_is_named_by_the_section_of_its_number() -> None:
    for name in cases_of("specification-slips.json"):
        number = int(name.split("-")[1])
        assert f"`specification-slips.json#{name}`" in sections()[number - 1], name
