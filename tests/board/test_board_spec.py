"""``specs/board.md`` says what the entries are, and is enough to compute their leaves by."""

from __future__ import annotations

import hashlib
import re
import struct
from pathlib import Path

import pytest

from evote.board.entries import (
    TYPES,
    CastEntry,
    ChallengeEntry,
    ClosingEntry,
    Counted,
    CountsEntry,
    Entry,
    EntryKind,
    ReissueEntry,
    UnitHeadEntry,
    VerdictEntry,
    kind_of,
    leaf_data,
)
from evote.cli.program import COMMANDS
from evote.codec import encode
from tests.record.forms import fields
from tests.record.test_spec import rows

PAGE = (Path(__file__).parents[2] / "specs" / "board.md").read_text(encoding="utf-8")
TABLES = (*TYPES.values(), Counted)
ELECTION, ORIGIN, UNIT = b"\x11" * 32, "logs.example/north", "Town/Nörth"
A, B, C = (bytes((number,)) * 32 for number in (1, 2, 3))


def test_every_entry_has_a_table_and_no_other() -> None:
    named = set(re.findall(r"^\*\*(\w+)\*\*$", PAGE, re.MULTILINE))
    assert named == {kind.__name__ for kind in TABLES}


@pytest.mark.parametrize("kind", TABLES, ids=lambda kind: kind.__name__)
def test_the_table_of_an_entry_has_its_fields_in_order_with_their_forms(kind: type) -> None:
    table = rows(PAGE[PAGE.index(f"**{kind.__name__}**") :])
    assert [(name.strip("`"), form) for name, form, _ in table] == fields(kind)
    assert all(meaning for _, _, meaning in table)


def test_the_table_of_kinds_names_every_kind() -> None:
    table = rows(PAGE[PAGE.index("| kind | entry |") - 1 :])
    named = {kind.strip("`"): entry for kind, entry, _ in table}
    assert named == {kind.value: TYPES[kind].__name__ for kind in EntryKind}


def tagged(tag: str, *parts: bytes) -> bytes:
    """As ``record-format.md`` defines it, written from the page."""
    name = tag.encode("ascii")
    data = struct.pack(">I", len(name)) + name + struct.pack(">I", len(parts))
    for part in parts:
        data += struct.pack(">I", len(part)) + part
    return hashlib.sha256(data).digest()


REISSUE = ReissueEntry(3, (A,), (B,), "lost", (b"\x09" * 64,))
LEAVES: tuple[tuple[Entry, tuple[bytes, ...]], ...] = (
    (CastEntry("full", A, B, C, "", (b"\x09" * 64,)), (b"full", A, B, C)),
    (ChallengeEntry("full", A, B), (b"full", A, B)),
    (VerdictEntry(A, True, "", ""), (A, b"\x01", b"", b"")),
    (VerdictEntry(A, False, "6.D", "no"), (A, b"\x00", b"6.D", b"no")),
    (
        CountsEntry("2026-06-30T10:00:00Z", (Counted("a", 1), Counted("b", 20))),
        (b"2026-06-30T10:00:00Z", b"a", b"1", b"b", b"20"),
    ),
    (REISSUE, (encode(REISSUE),)),
    (ClosingEntry(2, "2026-06-30T20:00:00Z"), (b"\x02", b"2026-06-30T20:00:00Z")),
    (
        UnitHeadEntry("Town/South", 12, A, (B, C), True),
        (b"Town/South", b"12", A, tagged("evote/v1/consistency", B, C), b"\x01"),
    ),
)


@pytest.mark.parametrize(("entry", "parts"), LEAVES, ids=lambda value: type(value).__name__)
def test_a_leaf_is_computed_as_the_page_says(entry: Entry, parts: tuple[bytes, ...]) -> None:
    unit = "" if isinstance(entry, UnitHeadEntry) else UNIT
    computed = tagged(
        f"evote/v1/leaf/{kind_of(entry).value}", ELECTION, ORIGIN.encode(), unit.encode(), *parts
    )
    assert leaf_data(ELECTION, ORIGIN, unit, entry) == computed


def test_every_command_that_the_page_names_exists() -> None:
    assert set(re.findall(r"`evote (\w+)", PAGE)) <= set(COMMANDS)
