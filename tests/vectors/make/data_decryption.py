"""Decryption of contest data and ballot nonces by guardians, and proofs that are wrong in one way."""

from __future__ import annotations

from typing import Any

from evote.testing.randomness import SeededRandomness
from tests.vectors.form import Case, Document, Group, case, document, group, replaced
from tests.vectors.handmade import Made, Plan, Vote, sealed_data
from tests.vectors.handmade import make as made_ballot
from tests.vectors.make.openings import opening
from tests.vectors.oracle import (
    contest_data_pad,
    contest_record,
    hashed,
    hashed_number,
    mod_q,
    number,
    scalar,
    tagged,
    u4,
    xor,
)
from tests.vectors.sessions import Joint, decrypt, guardians_of
from tests.vectors.setting import STANDARD, TOY, World, world

FILE = "contest-data-decryption.json"

U = (1, 3)
VOTES = {"Question": Vote((1,), 0)}


def make() -> Document:
    groups: list[Group] = []
    for name in (STANDARD, TOY):
        short = "standard" if name == STANDARD else "toy"
        w = world(f"data-decryption/{short}", name, "remarks")
        made = made_ballot(w, Plan(f"data-decryption-{short}", "all", "all", VOTES))
        params = {**w.params(), "commitments": guardians_of(w)}
        sessions = [_data(w, short, made), _nonce(w, short, made)]
        groups.append(group({"kind": "session", **params}, sessions))
        groups.append(group({"kind": "verify", **w.params()}, _verified(w, short, made)))
    notes = [
        "kind session: guardians of U decrypt what one ballot holds: contest data of a cast one, the ballot "
        "nonce of a challenged one. shares are those of the second key. sent is as in tally-decryption.json, "
        "with partial = m_i; result is what is published.",
        "The hashes for ballot nonces are evote's own (specs/decisions/nonce-decryption-hashes.md); neither "
        "shared value nor ballot nonce is published.",
        "kind verify: verification 12 on one field; checks is the exact set that fails.",
    ]
    return document("sections 3.6.6 and 3.6.7; verification 12", notes, groups)


def _fields(sealed: dict[str, Any]) -> list[bytes]:
    return [sealed["c0"], sealed["c1"], sealed["c2"]["challenge"], sealed["c2"]["response"]]


def joint_data(w: World, key: bytes, contest: int, sealed: dict[str, Any], us: dict[int, int]) -> Joint:
    """A session over one contest data field (96) to (103)."""
    n = w.numbers
    place = {"key": key, "contest": contest, "data": _fields(sealed)}
    return decrypt(
        n,
        U,
        {i: w.data_share(i) for i in U},
        number(sealed["c0"]),
        us,
        lambda i, a, b, m: hashed("data_commitment", n, **place, i=i, a=a, b=b, m=m, U=list(U)),
        lambda a, b, m: hashed_number("data_challenge", n, **place, a=a, b=b, beta=m),
    )


def _joint_nonce(w: World, key: bytes, sealed: dict[str, Any], us: dict[int, int]) -> Joint:
    n = w.numbers
    data = b"".join(_fields(sealed))
    members = u4(len(U)) + b"".join(u4(j) for j in U)
    tag = "evote/v1/decryption/nonce"
    return decrypt(
        n,
        U,
        {i: w.data_share(i) for i in U},
        number(sealed["c0"]),
        us,
        lambda i, a, b, m: tagged(f"{tag}-commitment", key, u4(i), data, a, b, m, members),
        lambda a, b, m: number(mod_q(n, tagged(f"{tag}-challenge", key, data, a, b, m))),
    )


def _given(w: World, submitted: dict[str, Any], us: dict[int, int]) -> dict[str, object]:
    return {
        "guardians": U,
        "ballot": submitted,
        "shares": [scalar(w.data_share(i)) for i in U],
        "random": [[scalar(us[i])] for i in U],
    }


def _draw(w: World, name: str) -> dict[int, int]:
    rng = SeededRandomness(f"vectors/{name}")
    return {i: rng.below(w.numbers.q) for i in U}


def _data(w: World, short: str, made: Made) -> Case:
    name = f"data-session-{short}"
    us = _draw(w, name)
    key = made.ballot["identifier_hash"]
    joint = joint_data(w, key, 1, made.ballot["contests"][0]["data"], us)
    expect = {"sent": joint.sent, "result": published(w, made.ballot, joint)}
    return case(name, "contest data of a cast ballot", _given(w, made.cast(), us), expect)


def published(w: World, ballot: dict[str, Any], joint: Joint) -> dict[str, Any]:
    """What is published of the contest data of contest 1."""
    n, key = w.numbers, ballot["identifier_hash"]
    sealed, beta = ballot["contests"][0]["data"], n.element(joint.combined)
    secret = hashed("contest_data_key", n, key=key, contest=1, alpha=sealed["c0"], beta=beta)
    return {
        "identifier": ballot["identifier"],
        "contest": "Question",
        "beta": beta,
        "challenge": scalar(joint.challenge),
        "response": scalar(joint.response),
        "plaintext": xor(sealed["c1"], contest_data_pad(secret, 1, len(sealed["c1"]) // 32)),
    }


def _nonce(w: World, short: str, made: Made) -> Case:
    name = f"nonce-session-{short}"
    us = _draw(w, name)
    joint = _joint_nonce(w, made.ballot["identifier_hash"], made.ballot["nonce"], us)
    expect = {"sent": joint.sent, "result": opening(w, made, VOTES)}
    given = _given(w, made.challenged(), us)
    flags = ("evote extension",)
    return case(name, "the ballot nonce of a challenged ballot", given, expect, flags=flags)


def _verified(w: World, short: str, made: Made) -> list[Case]:
    n = w.numbers
    base = f"data-decryption-{short}"
    us = _draw(w, base)
    key, sealed = made.ballot["identifier_hash"], made.ballot["contests"][0]["data"]
    joint = joint_data(w, key, 1, sealed, us)
    data = published(w, made.ballot, joint)
    cases = [case(base, "contest data with its proof", {"ballot": made.ballot, "data": data}, "accept")]

    def bad(
        name: str, comment: str, checks: str, *operations: dict[str, Any], flags: tuple[str, ...] = ()
    ) -> None:
        given = {"patch": list(operations)}
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

    spoiled = bytes((data["plaintext"][0] ^ 1,)) + data["plaintext"][1:]
    bad("plaintext", "another plaintext", "12.C", replaced("/data/plaintext", spoiled))
    bad("response", "v plus 1", "12.B", replaced("/data/response", scalar((joint.response + 1) % n.q)))
    if short == "standard":
        return cases
    bad(
        "response-plus-q",
        "v + q",
        "12.A",
        replaced("/data/response", scalar(joint.response + n.q)),
        flags=("c+q",),
    )
    bad(
        "challenge-plus-q",
        "c + q",
        "12.B",
        replaced("/data/challenge", scalar(joint.challenge + n.q)),
        flags=("c+q",),
    )

    def with_beta(beta: int) -> list[dict[str, Any]]:
        encoded = n.element(beta)
        secret = hashed("contest_data_key", n, key=key, contest=1, alpha=sealed["c0"], beta=encoded)
        plaintext = xor(sealed["c1"], contest_data_pad(secret, 1, 1))
        return [replaced("/data/beta", encoded), replaced("/data/plaintext", plaintext)]

    bad(
        "beta",
        "another shared value, with the plaintext that follows",
        "12.B",
        *with_beta(joint.combined * n.g % n.p),
    )
    bad(
        "beta-minus",
        "p - beta, with the plaintext that follows",
        "12.B",
        *with_beta(n.p - joint.combined),
        flags=("not in the subgroup",),
    )
    secret = hashed("contest_data_key", n, key=key, contest=1, alpha=sealed["c0"], beta=data["beta"])
    from_zero = xor(sealed["c1"], contest_data_pad(secret, 1, 1, first=0))
    bad(
        "counter-from-0",
        "the plaintext under a key stream that counts from 0",
        "12.C",
        replaced("/data/plaintext", from_zero),
        flags=("specification slip",),
    )
    other = sealed_data(w, key, 1, contest_record(0, (), (), 1), 5, 7)
    replay = joint_data(w, key, 1, other, us)
    bad(
        "other-data",
        "the proof for other contest data of the same ballot",
        "12.B",
        replaced("/data/challenge", scalar(replay.challenge)),
        replaced("/data/response", scalar(replay.response)),
        flags=("replay",),
    )
    foreign = joint_data(w, bytes(32), 1, sealed, us)
    bad(
        "other-ballot",
        "the proof under another H_I",
        "12.B",
        replaced("/data/challenge", scalar(foreign.challenge)),
        replaced("/data/response", scalar(foreign.response)),
        flags=("replay",),
    )
    return cases
