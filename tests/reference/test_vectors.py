"""The second verifier on the vectors: manifests, contest data, ballots, openings, signatures, groups."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from evote.ballots import EncryptedBallot, OpenedBallot, SubmittedBallot
from evote.codec import encode
from evote.errors import DecodeError
from evote.groups import named
from tests.manifest.test_vectors import cases, manifest_bytes
from tests.reference.second import TOY, reference
from tests.shared import shared_data
from tests.vectors.form import completed, read_value, stored

MANIFESTS = cases("manifest.json")
ACCEPTED = {case["id"]: case["input"]["text"] for case in MANIFESTS if case["expect"] == "accept"}


@pytest.mark.parametrize("case", MANIFESTS, ids=lambda case: str(case["id"]))
def test_manifests(case: dict[str, Any]) -> None:
    if case["expect"] == "accept":
        assert reference.Manifest(case["input"]["text"].encode()).label
        return
    with pytest.raises(reference.Malformed):
        reference.Manifest(manifest_bytes(case, ACCEPTED[case["base_id"]]))


def test_contest_data() -> None:
    (group,) = json.loads(json.dumps(stored("contest-data.json")))["groups"]
    params = group["params"]
    votes = [SimpleNamespace(limit=1) for _ in range(params["options"])]
    contest = SimpleNamespace(votes=votes, limit=params["limit"], data=SimpleNamespace(**params))
    for case in group["cases"]:
        found = reference.says_overvote(contest, bytes.fromhex(case["input"]["data"]))
        if case["expect"] == "accept":
            assert found is (case["record"]["status"] == "overvote"), case["id"]
        else:
            assert found is None, case["id"]


def _setting(params: dict[str, Any]) -> Any:
    """A verification that has read everything but the ballots."""
    run = reference.Ballots.__new__(reference.Ballots)
    reference.Report.__init__(run, "voting")
    run.group, run.manifest = TOY[params["group"]], reference.Manifest(params["manifest"].encode())
    run.fingerprint = bytes.fromhex(params["extended_hash"])
    run.keys = run.group.members(bytes.fromhex(params["vote_key"]), bytes.fromhex(params["data_key"]))
    run.chained, run.final, run.listed = run.manifest.own.chaining, False, None
    run.identifiers, run.nonces, run.counts = (reference.Counter() for _ in range(3))
    return run


def _verified(name: str) -> list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """Parameters, case and whole input of every case of a file that is verified."""
    groups = stored(name)["groups"]
    every = {case["id"]: case for group in groups for case in group["cases"]}
    return [
        (group["params"], case, completed(case, every))
        for group in groups
        for case in group["cases"]
        if group["params"]["kind"] == "verify"
    ]


BALLOTS, OPENINGS = _verified("ballots.json"), _verified("openings.json")


@pytest.mark.parametrize(("params", "case", "given"), BALLOTS, ids=[case["id"] for _, case, _ in BALLOTS])
def test_ballots(params: dict[str, Any], case: dict[str, Any], given: dict[str, Any]) -> None:
    run = _setting(params)
    try:
        frame = encode(read_value(SubmittedBallot, given, run.group.width))
    except DecodeError:
        assert case["expect"] == "decode"
        return
    run.ballot(reference.decode("SubmittedBallot", frame, run.group.width))
    assert sorted(run.findings) == sorted(case.get("checks", []))


@pytest.mark.parametrize(("params", "case", "given"), OPENINGS, ids=[case["id"] for _, case, _ in OPENINGS])
def test_openings(params: dict[str, Any], case: dict[str, Any], given: dict[str, Any]) -> None:
    run = _setting(params)
    width = run.group.width
    try:
        values = [
            reference.decode(kind.__name__, encode(read_value(kind, given[name], width)), width)
            for kind, name in ((EncryptedBallot, "ballot"), (OpenedBallot, "opened"))
        ]
    except DecodeError:
        assert case["expect"] == "decode"
        return
    ballot, opened = values
    run.openings = {ballot.identifier: opened}
    key = reference.H(run.fingerprint, 0x20, ballot.identifier)
    submitted = SimpleNamespace(ballot=ballot, pre=None, state="challenged")
    run.see_opening("here", key, submitted, run.shape(submitted))
    assert sorted(run.findings) == sorted(case.get("checks", []))


def test_groups_of_the_page() -> None:
    for group in stored("groups.json")["groups"]:
        for case in group["cases"] if group["params"]["kind"] == "published" else ():
            known = reference.GROUPS[case["id"]]
            assert [f"{value:X}" for value in (known.p, known.q, known.g)] == [
                case["input"][name].lstrip("0") for name in "pqg"
            ]


def test_signatures() -> None:
    cases_ = json.loads(shared_data("cctv-ed25519/ed25519vectors.json").read_text("utf-8"))
    for case in cases_[::9]:
        key, signature = bytes.fromhex(case["key"]), bytes.fromhex(case["sig"])
        found = reference.ed25519(key, signature, case["msg"].encode())
        assert found == (not case["flags"]), case["number"]
    vectors = json.loads(shared_data("wycheproof/ed25519_test.json").read_text("utf-8"))
    for group in vectors["testGroups"][::4]:
        key = bytes.fromhex(group["publicKey"]["pk"])
        for case in group["tests"][:3]:
            found = reference.ed25519(key, bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))
            assert found == (case["result"] == "valid"), case["tcId"]


def test_p256_is_the_profile_of_the_page() -> None:
    theirs, mine = named("p256"), reference.GROUPS["p256"]
    assert mine.stated == theirs.published_parameters() and mine.hashed == theirs.parameter_bytes()
    generator = mine.bytes(mine.g)
    values = [theirs.power(theirs.generator, theirs.scalar(number)) for number in (0, 1, 2, 3, 7**90, -1, -2)]
    for one in values:
        (point,) = mine.members(one.encode())
        assert mine.bytes(point) == one.encode()
        assert mine.bytes(mine.times(point, mine.inverse(point))) == theirs.identity.encode()
        for two in values:
            product = mine.product(one.encode(), two.encode())
            assert mine.bytes(product) == theirs.multiply(one, two).encode()
        power = mine.bytes(mine.power(point, 2**255 - 19))
        assert power == theirs.power(one, theirs.scalar(2**255 - 19)).encode()
    for number in range(8):
        digest = bytes([number]) * 32
        assert mine.to_q(digest) == theirs.scalar_from_digest(digest).value
    assert mine.members(b"\x04" + generator[1:]) is None
    assert mine.members(b"\x02" + b"\xff" * 32) is None
    off = [mine.read(b"\x02" + number.to_bytes(32, "big")) is None for number in range(40)]
    for number in range(40):
        data = b"\x02" + number.to_bytes(32, "big")
        try:
            theirs.claim(data)
        except DecodeError:
            assert off[number]
        else:
            assert not off[number]
    assert any(off) and not all(off)
