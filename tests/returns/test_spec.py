"""``specs/unit-returns.md`` says what the code does: verdicts, statuses, limits, members, examples."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from evote.codec import MAX_MERGED_BYTES, MAX_RETURN_BYTES, MAX_SIGNER_BYTES
from evote.returns import FileKind, Resolution, ReturnVerdict, UnitReturn, UnitStatus
from evote.returns.content import SKEW
from evote.returns.envelope import FORMAT, MAGIC, open_file
from evote.returns.evidence import EvidenceFile
from evote.returns.merge import MergedFile
from evote.returns.parts import PART_BYTES
from evote.returns.resolution import RESOLUTION_TAG
from evote.returns.roster import ROSTER_TAG, KeyChange, RosterStatement
from evote.returns.shortcode import SIGNS
from evote.returns.signed import CORRECTION_TAG, RETURN_TAG, ReturnFile
from evote.returns.unitreturn import PlainTotal, SealedTotal, StyleCount
from tests.returns.kit import kit

TEXT = (Path(__file__).resolve().parents[2] / "specs" / "unit-returns.md").read_text(encoding="utf-8")
WORDS = " ".join(TEXT.split())


def test_every_verdict_is_listed_with_its_exit_code() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| ([0-3]) \|", TEXT, re.MULTILINE)
    assert dict(rows) == {verdict.value: str(verdict.exit_code) for verdict in ReturnVerdict}
    assert len(rows) == len(ReturnVerdict)


def test_every_status_is_listed_with_its_exit_code() -> None:
    rows = re.findall(r"^\| ([A-Z]+) \|.*\| ([0-3]) \|$", TEXT, re.MULTILINE)
    assert dict(rows) == {status.value: str(status.exit_code) for status in UnitStatus}


def test_every_member_of_a_return_is_listed_in_its_order() -> None:
    table = TEXT[TEXT.index("| `election` | H_E |") : TEXT.index("A row of `counts`")]
    names = [field.name for field in dataclasses.fields(UnitReturn)]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == names


@pytest.mark.parametrize(
    "kind",
    [StyleCount, ReturnFile, RosterStatement, KeyChange, Resolution, MergedFile, EvidenceFile],
)
def test_members_are_listed_in_their_order(kind: type) -> None:
    names = ", ".join(field.name for field in dataclasses.fields(kind))
    assert f"`{{{names}}}`" in WORDS


def test_rows_of_totals_are_listed() -> None:
    for kind, fields in ((PlainTotal, "[{label, count}]"), (SealedTotal, "[{label, alpha, beta}]")):
        names = [field.name for field in dataclasses.fields(kind)]
        assert f"`{{{', '.join(names)}: {fields}}}`" in WORDS


def test_the_front_is_the_one_of_the_table() -> None:
    data = kit().signed("B")
    assert MAGIC.hex(" ") in TEXT and data[:8] == MAGIC
    assert (
        "kind: "
        + ", ".join(
            f"{kind.value} {name}"
            for kind, name in zip(
                FileKind, ("return", "roster", "resolution", "merged returns", "evidence"), strict=True
            )
        )
        in WORDS
    )
    assert data[8:10] == bytes((FileKind.RETURN.value, FORMAT))
    assert int.from_bytes(data[10:18], "big") == len(data) - 50
    assert data[50:52] == b"\x00\x01" and data[52:53] == b"B" and open_file(data).body == data[53:]


@pytest.mark.parametrize(
    "words",
    [
        f"at most {MAX_RETURN_BYTES // 2**20} MiB, merged returns {MAX_MERGED_BYTES // 2**30} GiB",
        f"at most {MAX_SIGNER_BYTES // 1024} KiB",
        f"by more than {SKEW // 3600} hours",
        f"in `{SIGNS}`, in 16 groups of 4",
        f"of {PART_BYTES} bytes of the file each",
        f"| the unit | `{RETURN_TAG}` |",
        f"| `{CORRECTION_TAG}` |",
        f"| the authority, under a roster | `{ROSTER_TAG}` |",
        f"| the authority, under a resolution | `{RESOLUTION_TAG}` |",
    ],
)
def test_limits_and_names_are_those_of_the_code(words: str) -> None:
    assert words in WORDS
