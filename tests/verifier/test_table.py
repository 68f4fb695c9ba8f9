"""The table in ``specs/`` and the registry say the same."""

from __future__ import annotations

import re
from pathlib import Path

from evote.verifier.registry import CHECKS, ENTRIES, ORDER, PRE_ENCRYPTION, later_than

TABLE = (Path(__file__).resolve().parents[2] / "specs" / "verification-table.md").read_text("utf-8")


def test_the_table_has_every_check_once_in_order_with_its_title() -> None:
    rows = re.findall(r"^\| ((?:\d+|E)\.\w+) \| (.+?) \|", TABLE, re.M)
    assert rows == [(check.id, check.title) for check in CHECKS]


def test_every_own_check_has_its_section_at_its_anchor() -> None:
    own = [check for check in CHECKS if check.family == "E"]
    assert re.findall(r"^### (E\.\d+)$", TABLE, re.M) == [check.id for check in own]
    for check in own:
        assert check.anchor == f"specs/verification-table.md#{check.id.lower().replace('.', '')}"


def test_all_letters_of_the_specification_are_there() -> None:
    letters = {
        1: 6,
        2: 3,
        3: 2,
        4: 1,
        5: 2,
        6: 4,
        7: 4,
        8: 7,
        9: 2,
        10: 3,
        11: 4,
        12: 3,
        13: 2,
        14: 6,
        15: 1,
        16: 8,
        17: 1,
        18: 1,
        19: 4,
    }
    expected = [f"{number}.{'ABCDEFGH'[place]}" for number, many in letters.items() for place in range(many)]
    assert [check.id for check in CHECKS if check.family != "E"] == expected


def test_ids_are_given_once() -> None:
    assert len({check.id for check in CHECKS}) == len(CHECKS)


def test_stages_only_add_checks() -> None:
    setup, voting, final = (later_than(stage) for stage in ORDER)
    assert final == frozenset()
    assert voting < setup
    assert {
        entry.check.id for entry in ENTRIES if entry.check.id in setup and entry.check.id not in voting
    } >= {
        "5.A",
        "6.D",
        "8.G",
        "E.2",
    }
    assert {"1.A", "4.A", "E.9", "E.10"}.isdisjoint(setup)
    assert set(PRE_ENCRYPTION) <= setup
