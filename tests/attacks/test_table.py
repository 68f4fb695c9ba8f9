"""The table of attacks and their tests name each other, and the page is the data."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

from tests.attacks.mutations import MUTATIONS

SPECS = Path(__file__).resolve().parents[2] / "specs"
DATA = json.loads((SPECS / "attacks.json").read_text(encoding="utf-8"))
ROWS: list[dict[str, str]] = DATA["attacks"]
NAME = re.compile(r"test_A([0-9]{2})_\w+")


def by_attack() -> dict[str, list[str]]:
    """Every test of an attack: file and name, by the id of the attack."""
    found: dict[str, list[str]] = {}
    for file in sorted(Path(__file__).parent.glob("test_*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            named = NAME.fullmatch(node.name) if isinstance(node, ast.FunctionDef) else None
            if named:
                assert isinstance(node, ast.FunctionDef) and ast.get_docstring(node), "a story in a sentence"
                found.setdefault(f"A{int(named[1])}", []).append(f"{file.stem}.{node.name}")
    return found


def page() -> str:
    """The page that the data makes."""
    lines = ["| id | attack | published | what stops it | tests |", "|---|---|---|---|---|"]
    names = by_attack()
    for row in ROWS:
        tests = ", ".join(f"`{name.rpartition('.')[2]}`" for name in names[row["id"]])
        stops = row["check"] + (f" ({row['note']})" if row["note"] else "")
        lines.append(f"| {row['id']} | {row['attack']} | {row['published']} | {stops} | {tests} |")
    return "\n".join(lines)


def test_every_attack_has_a_row_a_test_and_a_check_to_remove() -> None:
    ids = [row["id"] for row in ROWS]
    assert ids == [f"A{number}" for number in range(1, 71)]
    assert set(ids) == set(by_attack()) == set(MUTATIONS)
    assert all(set(row) == {"id", "attack", "published", "check", "note"} for row in ROWS)
    assert all(row["attack"] and row["published"] and row["check"] for row in ROWS)


def test_the_page_shows_the_data() -> None:
    assert page() in (SPECS / "attacks.md").read_text(encoding="utf-8")


def test_checks_that_rows_name_exist() -> None:
    from evote.board.rules import Refusal
    from evote.storage.box_refusals import BoxRefusal
    from evote.verifier.registry import CHECKS

    known = {check.id for check in CHECKS}
    refusals = {refusal.value for kind in (Refusal, BoxRefusal) for refusal in kind}
    for row in ROWS:
        for name in re.findall(r"\b(?:[0-9]{1,2}\.[A-H]|E\.[0-9]+)\b", row["check"]):
            assert name in known, (row["id"], name)
        for name in re.findall(r"\b(?:wrong|unknown|revoked|duplicate|repeated)-[a-z]+\b", row["check"]):
            assert name in refusals, (row["id"], name)
