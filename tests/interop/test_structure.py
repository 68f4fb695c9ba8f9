"""Records of other systems with their structure changed: never a crash, and no pass where a meaning changed.

What may change without a finding is what ``specs/foreign-records.md`` says cannot be checked; it is listed
here by file and member.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evote.interop.electionguard2.layout import Layout
from evote.report import Report, Status, Verdict
from tests.interop import kit2
from tests.interop.belenios1 import writer
from tests.interop.belenios1.conftest import Check, check
from tests.interop.electionguard1 import kit as kit1
from tests.interop.structure import TEXTS, Done, changed
from tests.interop.test_random_damage2 import UNCOVERED

__all__ = ["check"]

Verified = Callable[[Path], Report]

RECORDS: dict[str, tuple[Callable[[Path], object], Verified]] = {
    "1.x": (lambda folder: kit1.maker().write(folder), kit1.verified),
    "2.0, chained": (lambda folder: kit2.maker(chained=True).write(folder), kit2.verified),
    "2.0, other layout": (
        lambda folder: kit2.maker(layout=Layout.MULTIPLATFORM).write(folder),
        kit2.verified,
    ),
    "2.0, pre-encrypted": (lambda folder: kit2.maker(pre_encrypted=True).write(folder), kit2.verified),
}


def sound(report: Report) -> None:
    """What holds of every report, whatever was verified."""
    assert report.verdict in Verdict
    assert all(each.note for each in report.checks if each.status is Status.NOT_CHECKED)
    assert all(finding.message for each in report.checks for finding in each.findings)


UNORDERED = frozenset(
    (kind, member)
    for kind in ("tally.json", "encrypted_tally.json", "dballot", "spoiled_ballot")
    for member in ("contests", "selections", "shares", "cast_ballot_ids")
)
"""Lists of what has names of its own: their order says nothing."""

UNSPOKEN = UNCOVERED | {
    ("eballot", "encrypted_contest_data"),
    ("context.json", "configuration"),
    *(("manifest.json", name) for name in ("candidates", "spec_version", "primary_party_ids")),
    *((f"guardian_g{number}.json", "usage") for number in (1, 2, 3)),
    *((kind, "extended_data") for kind in ("submitted_ballot", "spoiled_ballot")),
    *(
        (kind, "usage")
        for kind in ("submitted_ballot", "spoiled_ballot", "encrypted_tally.json", "tally.json")
    ),
}
"""File and member: no hash and no statement speaks of it."""


def unseen(path: Path, done: Done) -> bool:
    """Whether a change is one that nothing in the record speaks of."""
    file = re.split(r"[-_]b[0-9]", path.name)[0]
    names = [part for part in done.place if isinstance(part, str)]
    if done.what == "exchanged" and (file, *names[-1:]) in UNORDERED:
        return True
    # Absent is the format's default, false; where the others stand the order decides it too.
    if done.what == "absent" and names[-1:] == ["is_placeholder_selection"]:
        return True
    return any((file, name) in UNSPOKEN for name in names)


def attack(name: str, folder: Path, rolls: int, seed: int) -> list[str]:
    """Structures, texts and files changed one at a time; what passed and should not have."""
    write, verify = RECORDS[name]
    write(folder)
    assert verify(folder).verdict is Verdict.PASS
    generator = random.Random(seed)
    files = sorted(folder.rglob("*.json"))
    passed = []
    for roll in range(rolls):
        path = generator.choice(files)
        raw = path.read_bytes()
        if roll % 4:
            done, value = changed(generator, json.loads(raw))
            path.write_text(json.dumps(value), encoding="utf-8")
        else:
            form = generator.choice(sorted(TEXTS))
            done = Done("written as", (), form)
            path.write_bytes(TEXTS[form](raw))
        report = verify(folder)
        sound(report)
        if report.verdict is Verdict.PASS and not unseen(path, done):
            passed.append(f"{path.relative_to(folder)}: {done}")
        path.write_bytes(raw)
    return passed


@pytest.mark.parametrize("name", RECORDS)
def test_a_changed_structure_never_passes(name: str, tmp_path: Path) -> None:
    assert attack(name, tmp_path, 24, 1) == []


@pytest.mark.long
@pytest.mark.parametrize("name", RECORDS)
def test_a_changed_structure_never_passes_however_often(name: str, tmp_path: Path) -> None:
    assert attack(name, tmp_path, 2000, 2) == []


# --- Belenios ----------------------------------------------------------------------------------------

MAKERS: dict[str, Callable[[], writer.Parts]] = {
    "threshold": lambda: writer.whole().parts,
    "other kinds of questions": lambda: writer.mixed().parts,
}


def attack_archive(name: str, verify: Check, rolls: int, seed: int) -> list[str]:
    """One part of an archive changed at a time, and the archive around it made anew: every hash fits."""
    parts = MAKERS[name]()
    assert not verify(parts.build()).failed
    generator = random.Random(seed)
    passed = []
    for roll in range(rolls):
        spoilt = parts.copy()
        held: dict[str, Any] = {
            "election": spoilt.election,
            "trustees": spoilt.trustees,
            "credentials": spoilt.credentials,
            "tally": spoilt.tally,
            "result": spoilt.result,
        }
        held |= {f"ballot {number}": ballot for number, ballot in enumerate(spoilt.ballots)}
        held |= {f"share {number}": share for number, (_, share) in enumerate(spoilt.shares)}
        part = generator.choice(sorted(held))
        if roll % 4:
            done, value = changed(generator, held[part])
            spoilt.raw[part] = writer.compact(value)
        else:
            form = generator.choice(sorted(TEXTS))
            done = Done("written as", (), form)
            spoilt.raw[part] = TEXTS[form](writer.compact(held[part]))
        report = verify(spoilt.build())
        sound(report)
        # Credentials are a set: which stands first decides nothing.
        if not report.failed and (part, done.what) != ("credentials", "exchanged"):
            passed.append(f"{part}: {done}")
    return passed


@pytest.mark.parametrize("name", MAKERS)
def test_a_changed_part_of_an_archive_never_passes(name: str, check: Check) -> None:
    assert attack_archive(name, check, 24, 3) == []


@pytest.mark.long
@pytest.mark.parametrize("name", MAKERS)
def test_a_changed_part_of_an_archive_never_passes_however_often(name: str, check: Check) -> None:
    assert attack_archive(name, check, 2000, 4) == []
