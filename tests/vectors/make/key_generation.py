"""Guardians' records with their proofs, joint keys, H_G; and records that are wrong in one way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from evote.randomness import Randomness
from evote.testing.randomness import SeededRandomness
from tests.vectors.form import Case, Document, Group, case, document, group, plain, replaced
from tests.vectors.make.ballots import difference
from tests.vectors.oracle import hashed, hashed_number, mod_q, number, scalar, tagged, u4
from tests.vectors.setting import STANDARD, TOY, World, world

FILE = "key-generation.json"

Record = dict[str, Any]


def make() -> Document:
    groups: list[Group] = []
    for name in (STANDARD, TOY):
        short = "standard" if name == STANDARD else "toy"
        w = world(f"key-generation/{short}", name, "question")
        params = setting_of(w)
        groups.append(group({"kind": "record", **params}, [_made(w, short, 1 if short == "standard" else 2)]))
        groups.append(group({"kind": "verify", **params}, _verified(w, short)))
        if short == "toy":
            groups.append(group({"kind": "round 0", **params}, _round0(w)))
            groups.append(group({"kind": "joint keys", **params}, _joint(w)))
            groups.append(group({"kind": "distinct keys", **params}, _distinct(w)))
            groups.append(group({"kind": "public shares", **params}, _shares(w)))
    notes = [
        "A record is what a guardian publishes: its keys with the proofs of (11) and (13), and evote's "
        "binding proof (specs/decisions/ceremony-round0.md).",
        "kind record: secrets are the coefficients and zeta_i, random the u of the proofs in their order.",
        "kind verify: verification 2 on one record; checks is the exact set that fails. evote's own proof "
        "and hash are kind round 0: E.9 stands for both.",
        "kind joint keys: K, the second key, H_E and H_G of all records. An answer of verify means that "
        "there is no such key.",
        "kind distinct keys: no key is the identity, and none occurs twice: E.18, evote's own.",
        "kind public shares: g^z_i for both keys, from the published commitments (14).",
    ]
    return document("section 3.2.2 and 3.2.3; verifications 2 to 4", notes, groups)


def setting_of(w: World) -> dict[str, object]:
    """The circumstances of a ceremony."""
    return {
        "group": w.numbers.name,
        "guardians": len(w.vote),
        "quorum": len(w.vote[0]),
        "parameter_hash": w.parameter_hash,
        "base_hash": w.base_hash,
    }


def grouped(
    w: World, secrets: Sequence[int], us: Sequence[int], challenge: Callable[[list[bytes]], int]
) -> dict[str, Any]:
    """One challenge, one response per secret (12)."""
    n = w.numbers
    c = challenge(n.elements(*(n.power(n.g, u) for u in us)))
    responses = [scalar((u - c * secret) % n.q) for u, secret in zip(us, secrets, strict=True)]
    return {"challenge": scalar(c), "responses": responses}


def record_of(
    w: World, i: int, rng: Randomness, *, key: bytes | None = None, base: bytes | None = None
) -> tuple[Record, dict[str, list[bytes]]]:
    """The record of guardian i and the numbers its proofs drew; ``key``, ``base`` replace H_P and H_B."""
    n = w.numbers
    vote, data, zeta = w.vote[i - 1], w.data[i - 1], w.communication[i - 1]
    k = len(vote)
    us = {
        "vote_u": [rng.below(n.q) for _ in range(k + 1)],
        "data_u": [rng.below(n.q) for _ in range(k + 1)],
        "binding_u": [rng.below(n.q) for _ in range(2 * k + 1)],
    }
    vote_keys = n.elements(*(n.power(n.g, secret) for secret in vote))
    data_keys = n.elements(*(n.power(n.g, secret) for secret in data))
    kappa = n.element(n.power(n.g, zeta))

    def key_challenge(use: str, keys: list[bytes]) -> Callable[[list[bytes]], int]:
        return lambda commitments: hashed_number(
            use, n, key=key or w.parameter_hash, i=i, keys=keys, kappa=kappa, commitments=commitments
        )

    def binding(commitments: list[bytes]) -> int:
        fields = (u4(i), b"".join(vote_keys), b"".join(data_keys), kappa, b"".join(commitments))
        return number(mod_q(n, tagged("evote/v1/ceremony/binding", base or w.base_hash, *fields)))

    record = {
        "index": i,
        "vote_commitments": vote_keys,
        "data_commitments": data_keys,
        "communication_key": kappa,
        "vote_proof": grouped(w, [*vote, zeta], us["vote_u"], key_challenge("vote_key_challenge", vote_keys)),
        "data_proof": grouped(w, [*data, zeta], us["data_u"], key_challenge("data_key_challenge", data_keys)),
        "binding_proof": grouped(w, [*vote, *data, zeta], us["binding_u"], binding),
    }
    return record, {name: [scalar(u) for u in values] for name, values in us.items()}


def commitment_of(w: World, record: Record) -> bytes:
    """The commitment of round 0."""
    proofs = (record["vote_proof"], record["data_proof"], record["binding_proof"])
    return tagged(
        "evote/v1/ceremony/round0",
        w.base_hash,
        u4(record["index"]),
        b"".join(record["vote_commitments"]),
        b"".join(record["data_commitments"]),
        record["communication_key"],
        *(proof["challenge"] + b"".join(proof["responses"]) for proof in proofs),
    )


def _made(w: World, short: str, i: int) -> Case:
    name = f"guardian-record-{short}"
    record, random = record_of(w, i, SeededRandomness(f"vectors/{name}"))
    secrets = {
        "vote": [scalar(secret) for secret in w.vote[i - 1]],
        "data": [scalar(secret) for secret in w.data[i - 1]],
        "communication": scalar(w.communication[i - 1]),
    }
    given = {"index": i, "secrets": secrets, "random": random}
    expect = {"record": record, "commitment": commitment_of(w, record)}
    return case(name, f"guardian {i} of 3, k = 2, with its commitment of round 0", given, expect)


def _verified(w: World, short: str) -> list[Case]:
    n = w.numbers
    base = f"guardian-{short}"
    good, _ = record_of(w, 1, SeededRandomness(f"vectors/{base}"))
    cases = [case(base, "a record that passes 2.A, 2.B and 2.C", {"record": good}, "accept")]

    def bad(name: str, comment: str, checks: str, changed: Record, flags: tuple[str, ...] = ()) -> None:
        given = {"patch": difference("/record", plain(good), plain(changed))}
        cases.append(
            case(
                f"{base}-{name}",
                comment,
                given,
                "verify",
                flags=flags,
                base=base,
                checks=tuple(checks.split()),
            )
        )

    vote, proof = good["vote_commitments"], good["vote_proof"]
    minus = n.element(n.p - number(vote[0]))
    bad(
        "key-minus",
        "p - K_1,0",
        "2.A",
        {**good, "vote_commitments": [minus, vote[1]]},
        ("not in the subgroup",),
    )
    changed = [scalar((number(proof["responses"][0]) + 1) % n.q), *proof["responses"][1:]]
    bad("response-changed", "v_1,0 plus 1", "2.C", {**good, "vote_proof": {**proof, "responses": changed}})
    if short == "standard":
        return cases
    outside = n.element(pow(3, 2 * n.q, n.p))
    bad(
        "key-0",
        "0 for K_1,0",
        "2.A",
        {**good, "vote_commitments": [n.element(0), vote[1]]},
        ("out of range",),
    )
    bad(
        "key-large-order",
        "an element of order (p - 1) / 2q for a data key",
        "2.A",
        {**good, "data_commitments": [good["data_commitments"][0], outside]},
        ("not in the subgroup",),
    )
    bad(
        "kappa-order-2",
        "p - 1 for kappa_1",
        "2.A",
        {**good, "communication_key": n.element(n.p - 1)},
        ("not in the subgroup",),
    )
    bad("key-missing", "k - 1 keys", "2.A", {**good, "vote_commitments": vote[:1]}, ("wrong length",))
    beyond = [scalar(number(proof["responses"][0]) + n.q), *proof["responses"][1:]]
    bad(
        "response-plus-q",
        "v_1,0 + q",
        "2.B",
        {**good, "vote_proof": {**proof, "responses": beyond}},
        ("c+q",),
    )
    bad(
        "response-missing",
        "no response for zeta_1",
        "2.B",
        {**good, "vote_proof": {**proof, "responses": proof["responses"][:-1]}},
        ("wrong length",),
    )
    more = scalar(number(proof["challenge"]) + n.q)
    bad(
        "challenge-plus-q",
        "c_1 + q: no hash to Z_q is that",
        "2.C",
        {**good, "vote_proof": {**proof, "challenge": more}},
        ("c+q",),
    )
    bad(
        "proofs-swapped",
        "the proof of one polynomial for the other",
        "2.C",
        {**good, "vote_proof": good["data_proof"], "data_proof": proof},
        ("swapped",),
    )
    bad(
        "keys-swapped",
        "K_1,0 and K_1,1 swapped",
        "2.C",
        {**good, "vote_commitments": vote[::-1]},
        ("swapped",),
    )
    bad("other-guardian", "the same record as guardian 2", "2.C", {**good, "index": 2}, ("replay",))
    zero = {"patch": [replaced("/record/index", 0)]}
    cases.append(case(f"{base}-index-0", "guardian 0", zero, "decode", flags=("out of range",), base=base))
    bad("index-beyond", "guardian 4 of 3", "2.C", {**good, "index": 4}, ("out of range",))
    other = hashed("parameter_base_hash", n, guardians=3, quorum=3)
    replay, _ = record_of(w, 1, SeededRandomness(f"vectors/{base}-other-parameters"), key=other)
    bad(
        "other-parameters",
        "proofs made for k = 3",
        "2.C",
        {**replay, "binding_proof": good["binding_proof"]},
        ("replay",),
    )
    return cases


def _round0(w: World) -> list[Case]:
    base = "round0"
    good, _ = record_of(w, 1, SeededRandomness(f"vectors/{base}"))
    flags = ("evote extension",)
    given = {"record": good, "commitment": commitment_of(w, good)}
    cases = [case(base, "a record with its commitment", given, "accept", flags=flags)]

    def bad(name: str, comment: str, *operations: dict[str, Any], also: tuple[str, ...] = ()) -> None:
        made = {"patch": list(operations)}
        cases.append(
            case(f"{base}-{name}", comment, made, "verify", flags=(*flags, *also), base=base, checks=("E.9",))
        )

    bad("commitment", "another commitment", replaced("/commitment", bytes(32)))
    replay, _ = record_of(w, 1, SeededRandomness(f"vectors/{base}-other-election"), base=bytes(32))
    operations = difference("/record", plain(good), plain(replay))
    bad(
        "other-election",
        "the whole record made for another H_B with the same n and k: verification 2 passes",
        *operations,
        replaced("/commitment", commitment_of(w, replay)),
        also=("replay",),
    )
    proof = good["binding_proof"]
    short = {**good, "binding_proof": {**proof, "responses": proof["responses"][:-1]}}
    bad(
        "response-missing",
        "2k responses for 2k + 1 secrets",
        *difference("/record", plain(good), plain(short)),
        replaced("/commitment", commitment_of(w, short)),
        also=("wrong length",),
    )
    q = w.numbers.q
    beyond = {
        **good,
        "binding_proof": {
            **proof,
            "responses": [scalar(number(proof["responses"][0]) + q), *proof["responses"][1:]],
        },
    }
    bad(
        "response-plus-q",
        "v_0 + q",
        *difference("/record", plain(good), plain(beyond)),
        replaced("/commitment", commitment_of(w, beyond)),
        also=("c+q",),
    )
    return cases


def records_of(w: World, seed: str) -> list[Record]:
    """The records of all guardians."""
    return [record_of(w, i, SeededRandomness(f"vectors/{seed}/{i}"))[0] for i in w.indices]


def _joint(w: World) -> list[Case]:
    n = w.numbers
    base = "joint-keys"
    records = records_of(w, base)
    keys = {"vote_key": n.element(w.vote_key), "data_key": n.element(w.data_key)}
    lists = {
        "vote_commitments": [record["vote_commitments"] for record in records],
        "data_commitments": [record["data_commitments"] for record in records],
        "kappas": [record["communication_key"] for record in records],
    }
    expect = {
        **keys,
        "extended_hash": w.extended_hash,
        "guardian_hash": hashed("guardian_hash", n, key=w.base_hash, **keys, **lists),
    }
    wrong = n.element(n.p - number(records[0]["vote_commitments"][0]))
    cases = [
        case(base, "three guardians", {"records": records}, expect),
        case(
            f"{base}-missing",
            "guardian 3 is missing",
            {"patch": [{"op": "remove", "path": "/records/2"}]},
            "verify",
            flags=("wrong length",),
            base=base,
        ),
        case(
            f"{base}-twice",
            "guardian 1 twice",
            {"patch": [replaced("/records/2", records[0])]},
            "verify",
            base=base,
        ),
        case(
            f"{base}-not-a-member",
            "p - K_1,0: the product is outside the subgroup",
            {"patch": [replaced("/records/0/vote_commitments/0", wrong)]},
            "verify",
            flags=("not in the subgroup",),
            base=base,
        ),
    ]
    return cases


def _distinct(w: World) -> list[Case]:
    base = "distinct-keys"
    records = records_of(w, base)

    def bad(name: str, comment: str, path: str, key: bytes, flags: tuple[str, ...]) -> Case:
        given = {"patch": [replaced(path, key)]}
        return case(f"{base}-{name}", comment, given, "verify", flags=flags, base=base, checks=("E.18",))

    first, second = records[0], records[1]
    own = ("evote extension",)
    return [
        case(base, "fifteen keys, all different", {"records": records}, "accept", flags=own),
        bad(
            "identity",
            "1 for a coefficient's commitment",
            "/records/0/vote_commitments/1",
            w.numbers.element(1),
            (*own, "identity"),
        ),
        bad(
            "of-another",
            "guardian 2 repeats a key of guardian 1",
            "/records/1/vote_commitments/0",
            first["vote_commitments"][0],
            (*own, "replay"),
        ),
        bad(
            "vote-as-data",
            "guardian 2 repeats its own vote key as data key",
            "/records/1/data_commitments/0",
            second["vote_commitments"][0],
            (*own, "replay"),
        ),
        bad(
            "kappa",
            "guardian 2 takes the communication key of guardian 1",
            "/records/1/communication_key",
            first["communication_key"],
            (*own, "replay"),
        ),
    ]


def _shares(w: World) -> list[Case]:
    n = w.numbers
    cases = []
    records = records_of(w, "public-shares")
    for i in w.indices:
        expect = {
            "vote": n.element(n.power(n.g, w.vote_share(i))),
            "data": n.element(n.power(n.g, w.data_share(i))),
        }
        name = f"public-share-{i}"
        cases.append(case(name, f"of guardian {i}", {"records": records, "index": i}, expect))
    return cases
