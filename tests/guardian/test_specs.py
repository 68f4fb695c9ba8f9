"""``specs/guardian.md`` names the files and the numbers that the code uses."""

from __future__ import annotations

import re
from pathlib import Path

from evote.guardian import exchange as names
from evote.guardian.exchange import from_guardian, session_name, share_name
from evote.guardian.ledgerfile import anchor_path
from evote.guardian.machine import CEREMONY, LEDGER, SESSIONS
from evote.guardian.requests import EVIDENCE, SEEN
from evote.guardian.session import CONSUMED, RESPONSES, STATE
from evote.storage.sealed import Cost

PAGE = (Path(__file__).resolve().parents[2] / "specs" / "guardian.md").read_text(encoding="utf-8")


def files(heading: str) -> list[str]:
    """The first column of the table below a heading."""
    section = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)


def test_the_exchange_folder_is_as_described() -> None:
    alone = [names.ROUND0, names.ROUND1, names.CONFIRMATIONS, names.COMPLAINTS]
    rounds = [names.COMMITMENTS, names.OPENINGS, names.RESPONSES, names.COMPLAINTS]
    expected = [from_guardian(folder, 7) for folder in alone]
    expected.insert(2, share_name(7, 8))
    expected += [names.GUARDIANS, f"{session_name(9)}/{names.PLAN}"]
    expected += [f"{session_name(9)}/{from_guardian(folder, 7)}" for folder in rounds]
    expected.insert(expected.index(f"{session_name(9)}/{names.PLAN}"), f"{names.REQUESTS}/NNNNNN.msgpack")
    letters = {"7": "I", "8": "J", "9": "N"}
    assert files("Exchange folder") == [
        re.sub(r"-([789])", lambda found: "-" + letters[found[1]], name) for name in expected
    ]


def test_the_private_folder_is_as_described() -> None:
    expected = [CEREMONY, LEDGER, anchor_path(Path(LEDGER)).name]
    expected += [SEEN, f"{EVIDENCE}/"]
    expected += [f"{SESSIONS}/REQUEST/{name}" for name in (STATE, CONSUMED, RESPONSES)]
    assert files("Private folder") == expected


def test_the_cost_of_a_passphrase_is_as_described() -> None:
    assert f"N is 2^{Cost().log_n} unless chosen otherwise" in PAGE
    assert "less than 2^10 or more than 2^18" in PAGE
