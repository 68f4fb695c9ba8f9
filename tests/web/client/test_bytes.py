"""The client computes the bytes of the library: on every vector, and on hundreds of random elections."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

from evote.ballots import Election, PlaintextBallot, PlaintextContest, examine
from evote.ballots.device import Device
from evote.ballots.encrypt import _encrypt
from evote.ballots.opening import open_ballot
from evote.ballots.plaintext import interpret
from evote.ballots.rehint import compute_hint
from evote.ballots.values import EncryptedBallot, OpenedBallot, SubmittedBallot
from evote.codec import decode, encode
from evote.groups import Group, named
from evote.hashing import hmac, sha256
from evote.manifest import Manifest, Parameters
from evote.secret import Secret
from evote.signing import SigningKey
from evote.testing.groups import toy
from evote.testing.randomness import SeededRandomness
from tests.vectors.form import completed, read_value
from tests.vectors.run.plaintexts import marked_contests
from tests.web.client.node import MODULES, ClientError, answers, election_of, group_of, needs_node

pytestmark = needs_node

VECTORS = Path(__file__).parents[3] / "vectors"
AUTHORITY = SigningKey.generate(SeededRandomness("authority")).verify_key.encoded
DRAWN = 200
"""Random elections of the differential test, on the toy group and on P-256."""


def groups_of(name: str) -> list[dict[str, Any]]:
    return list(json.loads((VECTORS / name).read_text("utf-8"))["groups"])


def input_of(case: dict[str, Any], cases: list[dict[str, Any]]) -> dict[str, Any]:
    """The input of a case, patched where it is that of another."""
    return dict(completed(case, {each["id"]: each for each in cases}))


def group_named(name: str) -> Group:
    return toy() if name == toy().name else named(name)


# --- vectors -----------------------------------------------------------------------------------------


def test_hashes_encodings_and_key_streams_are_those_of_the_vectors(tmp_path: Path) -> None:
    jobs: list[dict[str, Any]] = []
    expected: list[Any] = []
    for group in groups_of("evote-hashes.json"):
        for case in group["cases"]:
            use, given = group["params"]["use"], case["input"]
            if use == "tagged":
                jobs.append({"op": "tagged", **given})
            elif use == "context":
                jobs.append({"op": "context", **given})
            elif use == "ballot_nonce":
                fields = [given["random"], given["device_secret"], given["identifier"]]
                jobs.append({"op": "tagged", "tag": "evote/v1/ballot-nonce", "fields": fields})
            else:
                fields = [given["extended_hash"], given["frame"]]
                jobs.append({"op": "tagged", "tag": "evote/v1/submitted", "fields": fields})
            expected.append(case["expect"].lower())
    for group in groups_of("key-streams.json"):
        if group["params"]["use"] != "share":
            for case in group["cases"]:
                jobs.append({"op": "stream", "use": group["params"]["use"], **case["input"]})
                expected.append(case["expect"].lower())
    for group in groups_of("encodings.json"):
        params = group["params"]
        for case in group["cases"]:
            data = input_of(case, group["cases"])["data"] if "data" in str(case["input"]) else ""
            if params["kind"] == "element" and case["expect"] == "accept":
                own = group_named(params["group"])
                jobs.append({"op": "element", "group": group_of(own), "data": data})
                expected.append(data.lower() if int(data, 16) else ClientError)
            elif params["kind"] == "message" and case["expect"] == "accept":
                jobs.append({"op": "repack", "data": data})
                expected.append(data.lower())
    rng = random.Random(1)
    for size in (0, 1, 55, 56, 63, 64, 65, 119, 3081, 100_000):
        data = rng.randbytes(size)
        jobs.append({"op": "sha256", "data": data.hex()})
        expected.append(sha256(data).hex())
        key = rng.randbytes(32)
        jobs.append({"op": "hash", "key": key.hex(), "domain": 36, "fields": [data.hex()]})
        expected.append(hmac(key, 36, data).hex())
    found = answers(jobs, tmp_path)
    assert len(found) > 50
    assert [(job, got) for job, got, want in zip(jobs, found, expected, strict=True) if got != want] == []


def test_what_is_no_canonical_message_is_refused(tmp_path: Path) -> None:
    good = "82a161c403010203a162cd0100"
    bad = [
        good + "00",  # something follows
        good[:-2],  # cut off
        "82a162cd0100a162cd0100",  # a name twice
        "82a161c403010203a162ce00000100",  # a longer form of a number
        "82a161c50003010203a162cd0100",  # of a length
        "82a161c403010203a162ff",  # negative
        "82a161c403010203a162cb3ff0000000000000",  # a fraction
        "82a161a2c328a16201",  # no UTF-8
        "dfffffffff",
        "91" * 40 + "01",
        "81a95f5f70726f746f5f5f",
    ]
    first, *rest = answers([{"op": "repack", "data": data} for data in (good, *bad)], tmp_path)
    assert first == good
    assert [str(each) for each in rest] == ["malformed"] * len(bad)
    assert all(isinstance(each, ClientError) for each in rest)


def test_marks_become_the_values_and_the_contest_data_of_the_vectors(tmp_path: Path) -> None:
    jobs, cases, manifests = [], [], []
    for group in groups_of("plaintext-ballots.json"):
        for case in group["cases"]:
            given = input_of(case, group["cases"])
            jobs.append({"op": "plaintext", "manifest": group["params"]["manifest"], "input": given})
            cases.append(case)
            manifests.append(group["params"]["manifest"])
    for job, case, text, found in zip(jobs, cases, manifests, answers(jobs, tmp_path), strict=True):
        if case["expect"] == "misuse":
            assert isinstance(found, ClientError), (case["id"], found)
            assert str(found) == "unknown-choice", case["id"]
            continue
        assert not isinstance(found, ClientError), (case["id"], found)
        marks = marked_contests(job["input"]["contests"])
        votes = interpret(
            Manifest.parse(text.encode()),
            PlaintextBallot(job["input"]["unit"], job["input"]["style"], marks),
        )
        assert [each["values"] for each in found] == [each["values"] for each in case["expect"]]
        records = [None if v.contest.data is None else v.record.encode(v.contest).hex() for v in votes]
        assert [each["record"] for each in found] == records, case["id"]


def drawn_of(drawn: dict[str, Any]) -> list[str]:
    """The random values of a ballot's vector in the order in which they are drawn."""

    def branches(listed: list[dict[str, Any]]) -> list[str]:
        return [value for each in listed for value in (each["u"], each["c"] or "1")]

    values = [drawn["context"], drawn["ballot_nonce"]]
    for contest in drawn["contests"]:
        for selection in contest["selections"]:
            values += branches(selection)
        values += branches(contest["limit"])
        values += [contest["data_u"]] if contest["data_u"] else []
    return [*values, drawn["nonce"], drawn["nonce_u"]]


def test_whole_ballots_are_those_of_the_vectors_byte_for_byte(tmp_path: Path) -> None:
    jobs, expected = [], []
    for group in groups_of("ballots.json"):
        params = group["params"]
        if params["kind"] != "encrypt":
            continue
        election = {
            "group": group_of(group_named(params["group"])),
            "manifest": params["manifest"],
            "he": params["extended_hash"],
            "vote_key": params["vote_key"],
            "data_key": params["data_key"],
        }
        for case in group["cases"]:
            given = input_of(case, group["cases"])
            random_values = drawn_of(given["random"])
            jobs.append({"op": "encrypt", "election": election, **given, "random": random_values})
            expected.append((case["expect"], group_named(params["group"]).element_bytes))
    found = answers(jobs, tmp_path)
    assert len(found) >= 9
    for got, (want, width) in zip(found, expected, strict=True):
        if want == "misuse":
            assert isinstance(got, ClientError)
            continue
        assert not isinstance(got, ClientError), got
        assert got["ballot"] == encode(read_value(EncryptedBallot, want["ballot"], width)).hex()
        assert got["context"] == want["context"]["randomness"].lower()


def test_codes_keys_and_pseudonyms_are_those_of_the_vectors(tmp_path: Path) -> None:
    jobs, expected = [], []
    for group in groups_of("credentials.json"):
        params = group["params"]
        for case in group["cases"]:
            given = input_of(case, group["cases"])
            if params["kind"] == "code":
                want = case["expect"]
                jobs.append({"op": "code", **given})
                expected.append(want if isinstance(want, str) else {**want, "bits": want["bits"].lower()})
            elif params["kind"] in ("key", "pseudonym"):
                more = {name: params[name] for name in ("salt", "iterations") if name in params}
                jobs.append({"op": params["kind"], **more, **given})
                expected.append(case["expect"].lower())
    found = answers(jobs, tmp_path)
    assert len(found) >= 20
    for job, got, want in zip(jobs, found, expected, strict=True):
        if want == "decode":
            assert isinstance(got, ClientError) and str(got).startswith("code-"), (job, got)
        else:
            assert got == want, job


# --- random elections ----------------------------------------------------------------------------------


class Recorded(SeededRandomness):
    """Remembers what it gave."""

    def __init__(self, seed: str) -> None:
        super().__init__(seed)
        self.given: list[str] = []
        self._inside = False

    def token(self, size: int) -> bytes:
        found = super().token(size)
        if not self._inside:
            self.given.append(found.hex())
        return found

    def below(self, bound: int) -> int:
        self._inside = True
        found = super().below(bound)
        self._inside = False
        self.given.append(f"{found:x}")
        return found


def drawn_election(rng: random.Random, group: Group) -> Election:
    """An election with contests, limits, facts, write-ins, styles and units as chance wills."""
    contests: list[dict[str, Any]] = []
    for number in range(rng.randint(1, 3)):
        most = rng.choice((1, 1, 1, 2, 3))
        options = [
            {"label": f"Option é{place}", "limit": rng.randint(1, most)} for place in range(rng.randint(1, 4))
        ]
        contest: dict[str, Any] = {
            "label": f"Contest {number}",
            "options": options,
            "limit": rng.randint(
                max(option["limit"] for option in options), sum(option["limit"] for option in options)
            ),
        }
        facts = ["overvote", "undervote", "undervote_difference", "null_vote"]
        contest["fields"] = sorted(rng.sample(facts, rng.randint(0, 4)), key=facts.index)
        if rng.random() < 0.4:
            contest |= {"write_ins": rng.randint(1, 2), "write_in_bytes": rng.randint(4, 40)}
        contests.append(contest)
    labels = [contest["label"] for contest in contests]
    styles = [{"label": "all", "contests": labels, "weight": rng.randint(1, 5)}]
    styles.append({"label": "some", "contests": rng.sample(labels, rng.randint(1, len(labels)))})
    draft = {
        "label": "Élection",
        "test": True,
        "minimum_cell": 1,
        "contests": contests,
        "styles": styles,
        "units": [{"label": "Nord", "units": ["Nord-1", "Nord-2"]}, "Süd"],
        "chaining": rng.randint(0, 1),
    }
    manifest = Manifest.build(draft, salt=rng.randbytes(32), authority_key=AUTHORITY)
    keys = [group.power(group.generator, group.scalar(rng.randrange(1, group.order))) for _ in range(2)]
    return Election.of(Parameters(group, 3, 2), manifest, *keys, window=4)


def drawn_ballot(rng: random.Random, election: Election) -> PlaintextBallot:
    style = rng.choice(election.manifest.styles)
    marked = {}
    for contest in election.manifest.contests_of(style.label):
        marks = {each.label: rng.randint(0, 2) for each in contest.selectable if rng.random() < 0.6}
        texts: tuple[str, ...] = ()
        if contest.data is not None and contest.data.write_ins:
            texts = tuple(
                "é" * rng.randint(1, contest.data.write_in_bytes // 2) for _ in range(rng.randint(0, 1))
            )
        marked[contest.label] = PlaintextContest(marks, texts)
    return PlaintextBallot(rng.choice(("Nord/Nord-1", "Nord/Nord-2", "Süd")), style.label, marked)


def given_of(ballot: PlaintextBallot) -> dict[str, Any]:
    contests = {
        label: {"marks": dict(each.marks), "write_ins": list(each.write_ins)}
        for label, each in ballot.contests.items()
    }
    return {"unit": ballot.unit, "style": ballot.style, "contests": contests}


@pytest.mark.parametrize(("name", "count"), [(toy().name, DRAWN), ("p256", 6), ("electionguard-4096", 1)])
def test_ballots_of_random_elections_are_the_same_bytes_in_both(
    tmp_path: Path, name: str, count: int
) -> None:
    group = group_named(name)
    rng = random.Random(f"client {name}")
    jobs: list[dict[str, Any]] = []
    expected: list[Any] = []
    for number in range(count):
        election, recorded = drawn_election(rng, group), Recorded(f"{name} {number}")
        ballot, secret = drawn_ballot(rng, election), rng.randbytes(32)
        device = Device(election, f"appareil n° {number}", codes=(rng.randbytes(32),) * rng.randint(0, 1))
        device.secret, codes = Secret(secret), [code.hex() for code in device.codes]
        prepared = _encrypt(device, ballot, None, recorded)
        encrypted, context, _ = prepared.pending()
        jobs.append(
            {
                "op": "encrypt",
                "election": election_of(election),
                **given_of(ballot),
                "device": device.information,
                "device_secret": secret.hex(),
                "codes": codes,
                "pseudonym": None,
                "random": recorded.given,
            }
        )
        hint = prepared.hint().encode()
        expected.append((encode(encrypted).hex(), hint.hex(), context.randomness.hex()))
    for job, found, want in zip(jobs, answers(jobs, tmp_path), expected, strict=True):
        assert not isinstance(found, ClientError), (found, job["contests"])
        assert (found["ballot"], found["hint"], found["context"]) == want


def test_a_ballot_with_randomness_of_the_clients_own_verifies_in_the_library(tmp_path: Path) -> None:
    rng = random.Random("made")
    elections = [drawn_election(rng, toy()) for _ in range(30)] + [drawn_election(rng, named("p256"))]
    elections = [each for each in elections if not each.manifest.chaining]
    ballots = [drawn_ballot(rng, election) for election in elections]
    jobs = [
        {"op": "make", "election": election_of(election), "pseudonym": None, **given_of(ballot)}
        for election, ballot in zip(elections, ballots, strict=True)
    ]
    made = answers([*jobs, *jobs[:2]], tmp_path)
    inspections = []
    for election, found in zip(elections, made, strict=False):
        assert not isinstance(found, ClientError), found
        width = election.group.element_bytes
        submitted = decode(SubmittedBallot, bytes.fromhex(found["submitted"]), element_bytes=width)
        assert examine(election, submitted).findings == ()
        computed = compute_hint(election, submitted)
        assert computed is not None and computed.encode().hex() == found["hint"]
        opened = open_ballot(election, submitted.ballot, Secret(bytes.fromhex(found["nonce"])))
        inspections.append((opened, election, found))
    assert made[0]["submitted"] != made[-2]["submitted"]
    assert len({found["code"] for found in made}) == len(made)
    jobs = [
        {
            "op": "inspect",
            "election": election_of(election),
            "letters": found["opening"],
            "code": found["code"].upper(),
            "pseudonym": None,
        }
        for _, election, found in inspections
    ]
    wrong = {**jobs[0], "code": jobs[1]["code"]}
    other = {**jobs[0], "pseudonym": "11" * 32}
    cut = {**jobs[0], "letters": jobs[0]["letters"][:-3]}
    foreign = {**jobs[0], "election": jobs[1]["election"]}
    *shown, first, second, third, fourth = answers([*jobs, wrong, other, cut, foreign], tmp_path)
    for got, (opened, _, _) in zip(shown, inspections, strict=True):
        assert not isinstance(got, ClientError), got
        assert values_of(opened) == {each["label"]: each["values"] for each in got["contests"]}
    assert [str(each) for each in (first, second, third, fourth)] == [
        "wrong-opening",
        "wrong-opening",
        "malformed",
        "other-election",
    ]


def values_of(opened: OpenedBallot) -> dict[str, dict[str, int]]:
    return {
        contest.contest: {selection.option: selection.value for selection in contest.selections}
        for contest in opened.contests
    }


def test_a_pending_ballot_opens_under_its_own_code_only_and_is_decided_once(tmp_path: Path) -> None:
    rng = random.Random("sealed")
    election = next(
        each for each in (drawn_election(rng, toy()) for _ in range(9)) if not each.manifest.chaining
    )
    job = {
        "op": "seal",
        "election": election_of(election),
        **given_of(drawn_ballot(rng, election)),
        "sealing": "aa" * 32,
        "other": "ab" * 32,
    }
    (found,) = answers([job], tmp_path)
    assert found == {
        "whole": True,
        "other": "other-code",
        "twice": "decided",
        "forgotten": True,
        "hidden": True,
    }


def test_randomness_and_toy_groups_cannot_be_given_to_what_pages_import() -> None:
    core, client = (module.read_text("utf-8") for module in MODULES)
    exported = set(re.findall(r"^export (?:async )?(?:function|const|class) (\w+)", client, re.M))
    (again,) = re.findall(r"^export \{(.*)\};", client, re.M)
    exported |= {name.strip() for name in again.split(",")}
    assert {"encryptBallot", "Session", "startWorker", "ElectionError"} <= exported
    assert exported.isdisjoint(
        {"encryptWith", "PUBLISHED", "ModP", "Curve", "Encryptor", "openingOf", "SYSTEM"}
    )
    assert "Math.random" not in core + client and "eval(" not in core + client
    for text in (core, client):
        assert len(text.splitlines()) < 900
