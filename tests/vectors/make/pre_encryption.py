"""The hashes of pre-encrypted ballots, 40 to 45: formulas only."""

from __future__ import annotations

from collections.abc import Callable

from tests.vectors.form import Case, Document, case, document, group
from tests.vectors.make.hashes import Draw, Fields
from tests.vectors.oracle import HASHES, Numbers, hashed
from tests.vectors.setting import STANDARD, TOY, numbers

FILE = "pre-encryption-hashes.json"
FLAG = "pre-encryption: formula only"

USES: list[tuple[str, str, str, Callable[[Draw], Fields], int]] = [
    (
        "40",
        "pre_selection_hash",
        "hash of the vector of one option, or of a null vector, of three ciphertexts (113), (114)",
        lambda d: {"key": d.key(), "ciphertexts": d.pairs(3)},
        1 + 6 * 512,
    ),
    (
        "41",
        "pre_contest_hash",
        "three options and two null vectors; the hashes are given unsorted (115)",
        lambda d: {"key": d.key(), "contest": 2, "selection_hashes": [d.key() for _ in range(5)]},
        5 + 5 * 32,
    ),
    (
        "42",
        "pre_confirmation_code",
        "H_C of two contests (116)",
        lambda d: {"key": d.key(), "contest_hashes": [d.key(), d.key()], "chaining_field": d.field(0)},
        37 + 64,
    ),
    (
        "42-start",
        "pre_chain_code",
        "H_0, or the closing hash: under H_E (117), (118)",
        lambda d: {"key": d.key(), "chaining_field": d.field(1)},
        37,
    ),
    ("43", "pre_device_hash", "H_DI (119)", lambda d: {"key": d.key(), "device": "device 1"}, 5 + 8),
    (
        "44",
        "pre_closing_digest",
        "inside the closing field: no bytes between 44 and the last code (120)",
        lambda d: {"key": d.key(), "last_code": d.key(), "initial_field": d.field(1)},
        69,
    ),
    (
        "45",
        "pre_nonce",
        "nonce of ciphertext 3 in vector 2 of contest 1 (121)",
        lambda d: {"key": d.key(), "contest": 1, "vector": 2, "position": 3, "nonce": d.key()},
        45,
    ),
]


def make() -> Document:
    groups = []
    for name in (STANDARD, TOY):
        n = numbers(name)
        groups.append(group({"group": name}, [_case(n, *use) for use in USES]))
    notes = [
        "The form is that of hashes.json.",
        "The package has no pre-encrypted ballots: these are the formulas alone, over the package's H.",
        "selection_hashes are sorted as numbers before they are hashed; m + L of them, null vectors too.",
    ]
    return document("section 5.5.5", notes, groups)


def _case(n: Numbers, name: str, use: str, comment: str, fields: Callable[[Draw], Fields], size: int) -> Case:
    label = f"hash-{name}-{'standard' if n.name == STANDARD else 'toy'}"
    given = fields(Draw(n, label))
    length = len(HASHES[use][0](n, **given)[1])
    if n.name == STANDARD and length != size:
        raise ValueError(f"{label}: B1 has {length} bytes and not the {size} of the specification")
    expect = {"bytes": length, "value": hashed(use, n, **given)}
    return case(label, comment, {"use": use, **given}, expect, flags=(FLAG,))
