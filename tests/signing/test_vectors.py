"""The published Ed25519 vectors of Wycheproof and CCTV, judged by the written rule."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from evote.errors import DecodeError, VerificationError
from evote.signing.verify import _verify_raw
from tests.shared import shared_data

KEY_FLAGS = {"non_canonical_A", "low_order_A", "low_order_component_A"}
"""Rules 1 to 3: the key does not load."""

SIGNATURE_FLAGS = {"non_canonical_R", "low_order_R", "low_order_component_R", "low_order_residue"}
"""Rules 6 and 7 (a component of small order in R alone is a residue, because A has none)."""

OTHER_FLAGS = {"reencoded_k"}
"""Decides nothing by itself: it stands only beside an encoding that is not canonical."""


def outcome(public: bytes, message: bytes, signature: bytes) -> str:
    try:
        _verify_raw(public, message, signature)
    except DecodeError:
        return "key refused"
    except VerificationError:
        return "signature refused"
    return "accepted"


def by_the_rule(flags: set[str]) -> str:
    if flags & KEY_FLAGS:
        return "key refused"
    return "signature refused" if flags & SIGNATURE_FLAGS else "accepted"


def test_the_wycheproof_vectors_get_their_verdict() -> None:
    vectors = json.loads(shared_data("wycheproof/ed25519_test.json").read_text("utf-8"))
    wrong = []
    verdicts: Counter[str] = Counter()
    for group in vectors["testGroups"]:
        public = bytes.fromhex(group["publicKey"]["pk"])
        for case in group["tests"]:
            result = outcome(public, bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]))
            verdicts[case["result"]] += 1
            if result != {"valid": "accepted", "invalid": "signature refused"}[case["result"]]:
                wrong.append((case["tcId"], result))
    assert wrong == []
    assert verdicts == {"valid": 88, "invalid": 63}


@pytest.fixture(scope="module")
def edge_cases() -> list[dict[str, Any]]:
    cases = json.loads(shared_data("cctv-ed25519/ed25519vectors.json").read_text("utf-8"))
    assert isinstance(cases, list)
    return cases


def test_the_edge_cases_of_cctv_are_decided_by_the_written_rule(edge_cases: list[dict[str, Any]]) -> None:
    wrong = []
    outcomes: Counter[str] = Counter()
    for case in edge_cases:
        flags = set(case["flags"] or ())
        assert flags <= KEY_FLAGS | SIGNATURE_FLAGS | OTHER_FLAGS, f"unknown flag in {case['number']}"
        result = outcome(bytes.fromhex(case["key"]), case["msg"].encode(), bytes.fromhex(case["sig"]))
        outcomes[result] += 1
        if result != by_the_rule(flags):
            wrong.append((case["number"], sorted(flags), result))
    assert wrong == []
    assert outcomes.total() == 914
    assert outcomes["accepted"] == 1


def test_a_reencoded_challenge_stands_only_beside_an_encoding_that_is_not_canonical(
    edge_cases: list[dict[str, Any]],
) -> None:
    reencoded = [set(case["flags"]) for case in edge_cases if "reencoded_k" in (case["flags"] or ())]
    assert reencoded
    assert all(flags & {"non_canonical_A", "non_canonical_R"} for flags in reencoded)
