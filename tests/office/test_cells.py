"""Cells of a table: marks, values, write-ins, and what is not understood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evote.ballots import PlaintextContest
from evote.manifest import Manifest
from evote.office.cells import read_cell, split_cell

DRAFT = {
    "label": "Cells",
    "test": True,
    "minimum_cell": 1,
    "contests": [
        {
            "label": "C",
            "limit": 3,
            "options": ["Ada", {"label": "Bo", "limit": 3}, "a|b", "x=1", "back\\slash", "write-in: me"],
            "write_ins": 2,
        }
    ],
}
MANIFEST: Manifest = Manifest.build(DRAFT, salt=bytes(32), authority_key=None)
(CONTEST,) = MANIFEST.contests


@pytest.mark.parametrize(
    ("cell", "marks", "write_ins"),
    [
        ("", {}, ()),
        ("   ", {}, ()),
        ("Ada", {"Ada": 1}, ()),
        (" Ada | Bo ", {"Ada": 1, "Bo": 1}, ()),
        ("Bo=2", {"Bo": 2}, ()),
        ("Bo = 0", {"Bo": 0}, ()),
        ("Bo=9|Ada=65535", {"Bo": 9, "Ada": 65535}, ()),
        ("write-in: Dee", {}, ("Dee",)),
        ("Write-In:Zoë|Ada|write-in: Al = 2", {"Ada": 1}, ("Zoë", "Al = 2")),
        (r"a\|b", {"a|b": 1}, ()),
        ("x=1", {"x=1": 1}, ()),
        ("x=1=2", {"x=1": 2}, ()),
        (r"back\slash", {"back\\slash": 1}, ()),
        (r"back\\slash", {"back\\slash": 1}, ()),
        ("write-in: me", {"write-in: me": 1}, ()),
    ],
)
def test_a_cell_says_what_is_marked(cell: str, marks: dict[str, int], write_ins: tuple[str, ...]) -> None:
    assert read_cell(CONTEST, cell) == PlaintextContest(marks, write_ins)


@pytest.mark.parametrize(
    ("cell", "part"),
    [
        ("Cy", "no option 'Cy'"),
        ("ada", "no option 'ada'"),
        ("Cy=2", "no option 'Cy=2'"),
        ("Bo=-1", "'-1' beside 'Bo'"),
        ("Bo=", "'' beside 'Bo'"),
        ("Bo=1.5", "'1.5' beside 'Bo'"),
        ("Bo=٣", "is no number of marks"),
        ("Bo=123456", "is no number of marks"),
        ("Ada|Ada", "marked twice"),
        ("Bo=1|Bo=2", "marked twice"),
        ("Ada|", "empty mark"),
        ("|", "empty mark"),
        ("a|b", "no option 'a'"),
    ],
)
def test_what_is_not_understood_is_quoted(cell: str, part: str) -> None:
    with pytest.raises(ValueError, match="contest 'C'") as raised:
        read_cell(CONTEST, cell)
    assert part in str(raised.value)


@given(st.lists(st.text(), min_size=1))
def test_any_texts_can_be_written_in_one_cell(texts: list[str]) -> None:
    escaped = [text.replace("\\", "\\\\").replace("|", r"\|") for text in texts]
    assert split_cell("|".join(escaped)) == texts


