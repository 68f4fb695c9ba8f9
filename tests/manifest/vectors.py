"""Makes the manifest's files in ``vectors/``; the same bytes every time.

``python -m tests.manifest.vectors`` in the repository root writes them again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from evote.groups import NAMES, named
from evote.manifest import (
    VERSION,
    ContestRecord,
    ContestStatus,
    Parameters,
    base_hash,
    contest_data_bytes,
    parameter_base_hash,
)
from tests.manifest.cases import BROKEN, MALFORMED, SWAPS
from tests.manifest.cases_of_returns import BROKEN_RETURNS, MALFORMED_RETURNS
from tests.manifest.samples import SAMPLES, build, one_contest, sample

FOLDER = Path(__file__).resolve().parents[2] / "vectors"
SCHEMA = "evote/vectors/1"
SPEC = f"ElectionGuard Design Specification {VERSION}"
NUMBERS = ((1, 1), (3, 2), (3, 3), (5, 3))

_MALFORMED_CONTEST_DATA = (
    ("unknown-form", "00 00"),
    ("unknown-status", "01 04"),
    ("overvote-without-marks", "01 02 0000 0000"),
    ("marks-without-overvote", "01 00 0002 0001 0001 0000"),
    ("too-few-marks", "01 02 0001 0002 0000"),
    ("too-many-marks", "01 02 0003 0001 0001 0001 0000"),
    ("marks-within-the-limits", "01 02 0002 0000 0001 0000"),
    ("marks-beyond-the-end", "01 02 ffff"),
    ("too-many-write-ins", "01 00 0000 0003 000161 000161 000161"),
    ("unused-last-write-in", "01 00 0000 0002 000161 0000"),
    ("too-long-write-in", "01 00 0000 0001 0015" + "61" * 21),
    ("write-in-beyond-the-end", "01 00 0000 0001 0040"),
    ("write-in-not-utf-8", "01 00 0000 0001 0001 ff"),
    ("write-in-overlong-utf-8", "01 00 0000 0001 0002 c0af"),
    ("write-in-with-line-break", "01 00 0000 0001 0001 0a"),
    ("padding-not-zero", "01 00 0000 0000 01"),
    ("padding-of-spaces", "01 00 0000 0000 2020"),
)


def documents() -> dict[str, dict[str, Any]]:
    """File name -> content."""
    return {
        "parameter-base-hash.json": _parameter_base_hash(),
        "manifest.json": _manifest(),
        "contest-data.json": _contest_data(),
    }


def text(document: dict[str, Any]) -> str:
    """A vector file as it is written."""
    return json.dumps(document, indent=1, ensure_ascii=True) + "\n"


def _file(section: str, notes: list[str], groups: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "source": "tests/manifest/vectors.py",
        "spec": f"{SPEC}, {section}",
        "notes": notes,
        "groups": groups,
    }


def _parameter_base_hash() -> dict[str, Any]:
    groups = []
    for name in NAMES:
        group = named(name)
        cases = [
            {
                "id": f"{name}-{n}-{k}",
                "comment": f"{n} guardians, quorum {k}",
                "input": {"n": n, "k": k},
                "expect": parameter_base_hash(Parameters(group, n, k)).hex().upper(),
            }
            for n, k in NUMBERS
        ]
        groups.append({"params": {"group": name}, "cases": cases})
    notes = [
        "input: number of guardians n and quorum k; expect: H_P, 64 hexadecimal digits.",
        "H_P = HMAC-SHA-256(ver; 00, p, q, g, n, k) with ver = 'v2.1.0' padded with zero bytes to 32.",
        "The values for electionguard-4096 were also computed independently from the specification's text.",
    ]
    return _file("equation 4", notes, groups)


def _manifest() -> dict[str, Any]:
    manifest = sample()
    h_p = parameter_base_hash(Parameters(named("electionguard-4096"), 5, 3))
    base = {
        "id": "sample",
        "comment": "keeps every rule",
        "input": {"text": manifest.raw.decode("utf-8")},
        "expect": "accept",
        "base_hash": {"n": 5, "k": 3, "value": base_hash(h_p, manifest.raw).hex().upper()},
    }
    others = [
        {
            "id": name,
            "comment": f"keeps every rule, with a board and {what}",
            "input": {"text": SAMPLES[name]().raw.decode("utf-8")},
            "expect": "accept",
        }
        for name, what in (
            ("online", "a roll"),
            ("attended", "attended devices"),
            ("reporting", "unit returns of both kinds"),
        )
    ]
    rules, forms, texts = [], [], []
    for case in (*BROKEN, *BROKEN_RETURNS):
        rules.append(_reject(case.id, case.error, {"patch": case.operations}, "rule", case.base))
    for case in (*MALFORMED, *MALFORMED_RETURNS):
        forms.append(_reject(case.id, case.error, {"patch": case.operations}, "decode", case.base))
    for swap in SWAPS:
        given = {"old": swap.old, "new": swap.new}
        texts.append(_reject(swap.id, swap.error, given, "decode"))
    notes = [
        "expect: accept; rule = well formed, but a rule is broken, which the comment quotes; decode = "
        "not the form of a manifest.",
        "input.text is the file itself. input.patch is applied to the JSON value of the case named by "
        "base_id (RFC 6902; add, replace, remove). input.old, which stands in its text, is replaced "
        "once by input.new; half of a surrogate pair in new is written as the three bytes of UTF-8's scheme.",
        "base_hash.value is H_B (equation 5) of the text for n guardians and quorum k in electionguard-4096.",
    ]
    groups = [
        {"params": {"part": "accepted"}, "cases": [base, *others]},
        {"params": {"part": "rules"}, "cases": rules},
        {"params": {"part": "form"}, "cases": forms},
        {"params": {"part": "text"}, "cases": texts},
    ]
    return _file("section 3.1.3", notes, groups)


def _reject(
    name: str, comment: str, given: dict[str, Any], expect: str, base: str = "sample"
) -> dict[str, Any]:
    return {"id": name, "comment": comment, "input": given, "expect": expect, "base_id": base}


def _contest_data() -> dict[str, Any]:
    contest = build(one_contest(write_ins=2, write_in_bytes=20)).contest(1)
    size = contest_data_bytes(contest)
    records = {
        "normal": ContestRecord(),
        "undervote": ContestRecord(ContestStatus.UNDERVOTE),
        "null-vote": ContestRecord(ContestStatus.NULL_VOTE),
        "overvote": ContestRecord(ContestStatus.OVERVOTE, (1, 1)),
        "overvote-of-one-option": ContestRecord(ContestStatus.OVERVOTE, (0, 65535)),
        "write-in": ContestRecord(write_ins=("Zo\u00eb",)),
        "second-write-in-only": ContestRecord(write_ins=("", "Zo\u00eb")),
        "longest": ContestRecord(ContestStatus.OVERVOTE, (65535, 65535), ("x" * 20, "\u00e9" * 10)),
    }
    accepted = [
        {
            "id": name,
            "comment": name.replace("-", " "),
            "input": {"data": record.encode(contest).hex()},
            "expect": "accept",
            "record": {
                "status": record.status.name.lower(),
                "marks": list(record.marks),
                "write_ins": list(record.write_ins),
            },
        }
        for name, record in records.items()
    ]
    refused = [
        {
            "id": name,
            "comment": name.replace("-", " "),
            "input": {"data": bytes.fromhex(start).ljust(size, b"\x00").hex()},
            "expect": "decode",
            "base_id": "normal",
        }
        for name, start in _MALFORMED_CONTEST_DATA
    ]
    normal = records["normal"].encode(contest)
    for name, data in (("too-short", normal[:-1]), ("too-long", normal + b"\x00")):
        case = {"id": name, "comment": name.replace("-", " "), "input": {"data": data.hex()}}
        refused.append(case | {"expect": "decode", "base_id": "normal"})
    notes = [
        "Options of the contest of params have the limit 1; the form is in specs/manifest.md.",
        "input.data is the whole field, 32 * blocks bytes, in hexadecimal.",
    ]
    params = {"options": 2, "limit": 1, "write_ins": 2, "write_in_bytes": 20, "blocks": size // 32}
    return _file("section 3.3.10", notes, [{"params": params, "cases": accepted + refused}])


def write() -> None:
    """Writes every file."""
    FOLDER.mkdir(exist_ok=True)
    for name, document in documents().items():
        (FOLDER / name).write_text(text(document), encoding="utf-8")


if __name__ == "__main__":
    write()
