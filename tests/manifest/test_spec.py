"""``specs/manifest.md`` says what the code does: its example, its limits, its lists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from evote import codec
from evote.manifest import MINIMUM_CELL, FieldKind, read_json
from evote.manifest.contest_data import ContestStatus
from evote.manifest.extensions import KNOWN
from evote.manifest.rules_of_boards import MAX_ITERATIONS, MAX_SLOTS, MINIMUM_ITERATIONS
from tests.manifest.samples import build, document

TEXT = (Path(__file__).resolve().parents[2] / "specs" / "manifest.md").read_text(encoding="utf-8")


def test_the_example_draft_is_a_manifest() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    value = read_json(example.encode("utf-8"))
    assert isinstance(value, dict)
    manifest = build(value)
    assert [len(manifest.cells(index)) for index in (1, 2)] == [1, 2]
    assert manifest.contest(1).option("Blank").name("fr") == "Blanc"
    assert manifest.contest(1).data is not None


def test_the_extensions_are_listed_with_whether_they_have_a_key() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (–|of the [^|]*) \|", TEXT, re.MULTILINE)
    assert {name: key != "–" for name, key in rows} == {name: kind.keyed for name, kind in KNOWN.items()}


def test_every_member_of_the_evote_object_is_listed() -> None:
    table = TEXT[TEXT.index("The object `evote`") : TEXT.index("The path of a unit")]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(document()["evote"])


@pytest.mark.parametrize(
    ("name", "start"),
    [("board", "\n`board`:\n"), ("roll", "\n`roll`:\n"), ("returns", "\n`returns` is the first version")],
)
def test_every_member_of_what_declares_more_than_a_key_is_listed(name: str, start: str) -> None:
    table = TEXT[TEXT.index(start) :].split("\n\n")[1]
    base = "reporting" if name == "returns" else "online"
    cells = re.findall(r"^\| (`[^|]*`) \|", table, re.MULTILINE)
    listed = [member for cell in cells for member in re.findall(r"`(\w+)`", cell)]
    optional = re.findall(r"^\| `(\w+)` \| may be absent", table, re.MULTILINE)
    assert optional == (["schemes"] if name == "roll" else [])
    assert sorted(set(listed) - set(optional)) == sorted(document(base)["evote"]["extensions"][name])


def test_every_kind_of_field_and_status_is_named() -> None:
    for kind in FieldKind:
        assert f"`{kind.value}`" in TEXT
    for status in ContestStatus:
        assert f"`{status.value:02x}` {status.name.lower().replace('_', ' ')}" in TEXT


@pytest.mark.parametrize(
    "words",
    [
        f"at most {codec.MAX_LABEL_BYTES} bytes",
        f"1 <= L <= {codec.MAX_SELECTION_LIMIT}",
        f"a weight from 1 to {codec.MAX_WEIGHT:,}",
        f"at most {codec.MAX_PATH_BYTES} bytes, the tree at most {codec.MAX_UNIT_DEPTH} levels",
        f"At most {codec.MAX_WRITE_INS} write-ins of at most {codec.MAX_TEXT_BYTES} bytes",
        f"{codec.MAX_CONTEST_DATA_BYTES // 1024} KiB together",
        f"at least {MINIMUM_CELL} unless `test` is set",
        f"`slots` 1 to {MAX_SLOTS:,}, `iterations` {MINIMUM_ITERATIONS} to {MAX_ITERATIONS:,}",
        f"at most {codec.MAX_POLICY_BYTES // 1024} KiB of text",
        f"nesting beyond {codec.MAX_JSON_DEPTH}, more than {codec.MAX_MANIFEST_BYTES // 2**20} MiB",
    ],
)
def test_the_limits_are_those_of_the_table(words: str) -> None:
    assert words in " ".join(TEXT.split())
