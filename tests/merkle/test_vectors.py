"""The published vectors of transparency-dev for RFC 6962 proofs: one mutation per file.

Consistency vectors that are not about roots hold a word in place of one ("don't care 2"), and one
of them, two heads of size 1 with one root, is to be accepted. evote refuses roots that have not 32
bytes, so each such word is hashed: equal ones stay equal and different ones different. That the
words themselves are refused is a test of its own.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from evote.errors import VerificationError
from evote.merkle import Tree, leaf_hash, verify_consistency, verify_inclusion
from tests.shared import shared_data


def read(folder: str) -> list[tuple[str, dict[str, Any]]]:
    root = shared_data(f"merkle/{folder}")
    return [
        (str(file.relative_to(root)), json.loads(file.read_text("utf-8")))
        for file in sorted(Path(root).rglob("*.json"))
    ]


def b64(value: str) -> bytes:
    return base64.b64decode(value, validate=True)


def path_of(case: dict[str, Any]) -> list[bytes]:
    return [b64(sibling) for sibling in case["proof"] or ()]


def root_of(case: dict[str, Any], name: str) -> bytes:
    root = b64(case[name])
    return hashlib.sha256(root).digest() if root.startswith(b"don't care") else root


def holds_inclusion(case: dict[str, Any]) -> bool:
    try:
        verify_inclusion(
            b64(case["leafHash"]), case["leafIdx"], case["treeSize"], path_of(case), b64(case["root"])
        )
    except VerificationError:
        return False
    return True


def holds_consistency(case: dict[str, Any]) -> bool:
    try:
        verify_consistency(
            case["size1"],
            case["size2"],
            path_of(case),
            old_root=root_of(case, "root1"),
            new_root=root_of(case, "root2"),
        )
    except VerificationError:
        return False
    return True


@pytest.mark.parametrize(
    ("folder", "holds"), [("inclusion", holds_inclusion), ("consistency", holds_consistency)]
)
def test_every_published_proof_gets_its_published_verdict(folder: str, holds: Any) -> None:
    cases = read(folder)
    wrong = [name for name, case in cases if holds(case) is case["wantErr"]]
    assert wrong == []
    assert [case["wantErr"] for _, case in cases].count(False) == 6
    assert [case["wantErr"] for _, case in cases].count(True) == 92


def test_a_published_proof_about_a_word_in_place_of_a_root_is_refused_for_its_length() -> None:
    case = dict(read("consistency"))["additional/sizes-are-equal-one-and-proof-is-empty.json"]
    assert case["wantErr"] is False
    with pytest.raises(VerificationError, match="wrong length") as caught:
        verify_consistency(1, 1, [], old_root=b64(case["root1"]), new_root=b64(case["root2"]))
    assert (caught.value.where, caught.value.computed) == ("old root", "12 bytes")


ENTRIES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
"""The leaves of the tree that the published proofs are about, in hexadecimal."""


def test_a_tree_that_keeps_its_nodes_makes_the_published_proofs() -> None:
    tree = Tree(leaf_hash(bytes.fromhex(entry)) for entry in ENTRIES)
    happy = [case for name, case in read("inclusion") if name.endswith("happy-path.json")]
    assert len(happy) == 5
    for case in happy:
        index, size = case["leafIdx"], case["treeSize"]
        assert tree.leaf(index) == b64(case["leafHash"])
        assert tree.root(size) == b64(case["root"])
        assert list(tree.inclusion(index, size)) == path_of(case)
    happy = [case for name, case in read("consistency") if name.endswith("happy-path.json")]
    assert len(happy) == 5
    for case in happy:
        assert tree.root(case["size1"]) == b64(case["root1"])
        assert tree.root(case["size2"]) == b64(case["root2"])
        assert list(tree.consistency(case["size1"], case["size2"])) == path_of(case)
