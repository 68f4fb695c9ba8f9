"""Receipts, heads and proofs in the client: what the vectors say, whatever they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from evote.signing import SigningKey
from evote.testing.randomness import SeededRandomness
from tests.vectors.form import completed
from tests.web.client.node import ClientError, answers, needs_node

pytestmark = needs_node

VECTORS = Path(__file__).parents[3] / "vectors"
NODE_WORDS = {"NOT_YET_DUE": "NOT YET DUE", "BROKEN_PROMISE": "BROKEN PROMISE", "SPLIT_VIEW": "SPLIT VIEW"}


def cases_of(name: str, kind: str) -> list[tuple[dict[str, Any], dict[str, Any], Any]]:
    """Parameters, input and expectation of the cases of a kind."""
    found = []
    for group in json.loads((VECTORS / name).read_text("utf-8"))["groups"]:
        if group["params"]["kind"] == kind:
            every = {case["id"]: case for case in group["cases"]}
            for case in group["cases"]:
                found.append((group["params"], dict(completed(case, every)), case["expect"]))
    return found


def test_leaves_of_ballots_are_those_of_the_vectors(tmp_path: Path) -> None:
    cases = cases_of("receipts.json", "leaf")
    jobs = [{"op": "leaf", **params, **given} for params, given, _ in cases]
    assert answers(jobs, tmp_path) == [expect.lower() for _, _, expect in cases]


def test_answers_of_the_box_are_accepted_and_refused_as_the_vectors_say(tmp_path: Path) -> None:
    cases = cases_of("receipts.json", "answer")
    jobs = [{"op": "accept", **params, **given} for params, given, _ in cases]
    found = answers(jobs, tmp_path)
    assert len(found) >= 8
    for (_, given, expect), got in zip(cases, found, strict=True):
        if expect == "accept":
            assert got == given["own"]
        else:
            assert isinstance(got, ClientError), given
            assert str(got) in {"other-receipt", "other-unit", "wrong-times", "malformed", "wrong-key"}


def test_receipts_without_the_log_get_the_verdicts_of_the_vectors(tmp_path: Path) -> None:
    cases = [each for each in cases_of("receipts.json", "check") if each[1]["log"] is None]
    jobs = [{"op": "check", **params, **given} for params, given, _ in cases]
    found = answers(jobs, tmp_path)
    assert len(found) >= 15
    seen = set()
    for (_, given, expect), got in zip(cases, found, strict=True):
        if isinstance(expect, str):
            assert isinstance(got, ClientError), (given, got)
            continue
        assert not isinstance(got, ClientError), (expect, str(got))
        word = NODE_WORDS.get(expect["verdict"], expect["verdict"])
        seen.add(word)
        assert got["verdict"] == word, (given, got)
        if word != "FORGED":
            facts = {name: got.get(name) for name in ("index", "final", "due", "witnessed")}
            assert facts == {name: expect[name] for name in facts}, (given, got)
            assert got["leaf"] == expect["leaf"].lower()
    assert seen == {"LOGGED", "NOT YET DUE", "BROKEN PROMISE", "SPLIT VIEW", "FORGED"}


def test_letters_of_printed_receipts_are_those_of_the_vectors(tmp_path: Path) -> None:
    cases = [
        each
        for each in cases_of("receipts.json", "form")
        if isinstance(each[2], dict) and "consistency" not in each[1].get("receipt", "consistency")
    ]
    found = answers([{"op": "letters", **params, **given} for params, given, _ in cases], tmp_path)
    assert len(found) >= 2
    assert found == [expect["letters"] for _, _, expect in cases]


def test_consistency_of_heads_is_decided_as_the_vectors_say(tmp_path: Path) -> None:
    jobs = []
    for _, given, expect in cases_of("board-log.json", "tree"):
        if given["entries"] and len(given["entries"]) > 2:
            roots = {
                len(other["entries"]): want["root"] for _, other, want in cases_of("board-log.json", "tree")
            }
            size = len(given["entries"])
            for old, path in consistency_of(expect["consistency"]):
                if old in roots and old > 0:
                    job = {"op": "consistency", "old_size": old, "new_size": size, "path": path}
                    jobs.append({**job, "old_root": roots[old], "new_root": roots[size]})
    assert jobs
    wrong = [{**job, "old_root": "00" * 32} for job in jobs]
    longer = [{**job, "path": [*job["path"], "00" * 32]} for job in jobs]
    found = answers([*jobs, *wrong, *longer], tmp_path)
    assert found[: len(jobs)] == [True] * len(jobs)
    assert [str(each) for each in found[len(jobs) :]] == ["split-view"] * 2 * len(jobs)


def consistency_of(listed: Any) -> list[tuple[int, list[str]]]:
    """Old size and path of each proof of a tree's vector."""
    return [(old, path) for old, path in enumerate(listed, 1)]


def test_signatures_are_checked_by_the_strict_rule(tmp_path: Path) -> None:
    key = SigningKey.generate(SeededRandomness("strict"))
    message = b"text of a note\n"
    good, public = key.sign_note(message), key.verify_key.encoded
    order = 2**252 + 27742317777372353535851937790883648493
    s = int.from_bytes(good[32:], "little")
    longer = good[:32] + (s + order).to_bytes(32, "little")
    cases = [
        (public, message, good, True),
        (public, message + b"x", good, False),
        (public, message, bytes(64), False),
        (public, message, longer, False),
        (public, message, good[:63], False),
        (public, message, bytes([1]) + bytes(31) + good[32:], False),
    ]
    bad_keys = [bytes([1]) + bytes(31), bytes(32), b"\xec" + b"\xff" * 30 + b"\x7f", b"\xff" * 32]
    jobs = [
        {"op": "verify", "key": k.hex(), "message": m.hex(), "signature": s.hex()}
        for k, m, s in [*(case[:3] for case in cases), *((bad, message, good) for bad in bad_keys)]
    ]
    *found, first, second, third, fourth = answers(jobs, tmp_path)
    assert found == [case[3] for case in cases]
    assert [str(each) for each in (first, second, third, fourth)] == ["wrong-key"] * 4
