"""Decryption of tallies: whole sessions, Lagrange coefficients, and proofs that are wrong in one way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evote.testing.randomness import SeededRandomness
from tests.vectors.form import Case, Document, Group, case, document, group, replaced
from tests.vectors.oracle import hashed, hashed_number, lagrange, number, scalar
from tests.vectors.sessions import Joint, decrypt, guardians_of
from tests.vectors.setting import STANDARD, TOY, World, numbers, world

FILE = "tally-decryption.json"

OPTIONS = ("yes", "no")


def make() -> Document:
    groups: list[Group] = []
    for name, sets in ((STANDARD, [(1, 3)]), (TOY, [(1, 2), (1, 3), (2, 3), (1, 2, 3)])):
        short = "standard" if name == STANDARD else "toy"
        w = world(f"tally-decryption/{short}", name, "question")
        params = {**w.params(), "commitments": guardians_of(w)}
        cases = [_session(w, f"session-{short}-{'-'.join(map(str, U))}", U) for U in sets]
        if short == "toy":
            cases += _refused(w)
        groups.append(group({"kind": "session", **params}, cases))
        groups.append(group({"kind": "verify", **w.params()}, _verified(w, short)))
    groups.append(group({"kind": "lagrange", "group": STANDARD}, _lagrange()))
    notes = [
        "kind session: guardians is U; fields are the aggregates (A, B) of the contest's options, weight the "
        "largest count there can be; shares are z_i and random the u_i, one per option, of each member of U.",
        "Per option, sent is what each guardian sends: M_i (partial), a_i, b_i, d_i (commitment), "
        "v_i (response), with its Lagrange coefficient w_i (weight); field is what is published: T, t, c, v.",
        "kind verify: verification 10 on one field; checks is the exact set that fails.",
        "kind lagrange: w_i of guardian index in U (85).",
    ]
    return document("sections 3.6.2 to 3.6.5; verification 10", notes, groups)


def _sums(w: World, rng: SeededRandomness, counts: Sequence[int]) -> list[tuple[int, int]]:
    """(A, B) that hold these counts."""
    n = w.numbers
    found = []
    for count in counts:
        nonce = rng.below(n.q)
        found.append((n.power(n.g, nonce), n.power(w.vote_key, nonce + count)))
    return found


def _joint(w: World, option: int, A: int, B: int, U: Sequence[int], us: dict[int, int]) -> Joint:
    n = w.numbers
    place = {"key": w.extended_hash, "contest": 1, "option": option, "A": n.element(A), "B": n.element(B)}
    return decrypt(
        n,
        U,
        {i: w.vote_share(i) for i in U},
        A,
        us,
        lambda i, a, b, M: hashed("tally_commitment", n, **place, i=i, a=a, b=b, M=M, U=list(U)),
        lambda a, b, M: hashed_number("tally_challenge", n, **place, a=a, b=b, M=M),
    )


def _published(w: World, option: str, B: int, count: int, joint: Joint) -> dict[str, Any]:
    n = w.numbers
    power = B * pow(joint.combined, -1, n.p) % n.p
    if power != n.power(w.vote_key, count):
        raise ValueError("the shares do not give the count")
    return {
        "option": option,
        "power": n.element(power),
        "count": count,
        "challenge": scalar(joint.challenge),
        "response": scalar(joint.response),
    }


def _session(w: World, name: str, U: Sequence[int]) -> Case:
    n = w.numbers
    rng = SeededRandomness(f"vectors/{name}")
    counts = (17, 0)
    sums = _sums(w, rng, counts)
    us = {i: [rng.below(n.q) for _ in OPTIONS] for i in U}
    joints = [
        _joint(w, place + 1, A, B, U, {i: us[i][place] for i in U}) for place, (A, B) in enumerate(sums)
    ]
    given = {
        "guardians": U,
        "fields": [{"alpha": n.element(A), "beta": n.element(B)} for A, B in sums],
        "weight": 20,
        "shares": [scalar(w.vote_share(i)) for i in U],
        "random": [[scalar(u) for u in us[i]] for i in U],
    }
    expect = [
        {"sent": joint.sent, "field": _published(w, option, B, count, joint)}
        for option, (_, B), count, joint in zip(OPTIONS, sums, counts, joints, strict=True)
    ]
    return case(name, f"guardians {', '.join(map(str, U))} of 3, k = 2", given, expect)


def _refused(w: World) -> list[Case]:
    base = "session-toy-1-3"
    names = {
        "decreasing": ((3, 1), "members of U in another order"),
        "twice": ((1, 1, 3), "a guardian twice"),
        "too-few": ((3,), "fewer than k"),
        "unknown": ((1, 4), "a guardian that there is not"),
        "zero": ((0, 1), "indices start at 1"),
    }
    return [
        case(
            f"session-refused-{name}",
            comment,
            {"patch": [replaced("/guardians", U)]},
            "misuse",
            flags=("specification slip",) if name in ("decreasing", "twice") else (),
            base=base,
        )
        for name, (U, comment) in names.items()
    ]


def _verified(w: World, short: str) -> list[Case]:
    n = w.numbers
    base = f"decryption-{short}"
    rng = SeededRandomness(f"vectors/{base}")
    (A, B), (other_A, other_B) = _sums(w, rng, (5, 5))
    us = {i: rng.below(n.q) for i in (1, 2)}
    joint = _joint(w, 1, A, B, (1, 2), us)
    field = _published(w, "yes", B, 5, joint)
    good = {"contest": 1, "option": 1, "alpha": n.element(A), "beta": n.element(B), "field": field}
    cases = [case(base, "5 votes", good, "accept")]

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

    K, T = w.vote_key, number(field["power"])
    bad("count", "6 for 5; T is right", "10.C", replaced("/field/count", 6))
    bad(
        "count-and-power",
        "6 for 5, with T = K^6: 10.C holds, and M = B / T no longer answers the challenge",
        "10.B",
        replaced("/field/count", 6),
        replaced("/field/power", n.element(T * K % n.p)),
        flags=("specification slip",),
    )
    bad("power", "T = K^6 for a count of 5", "10.B 10.C", replaced("/field/power", n.element(T * K % n.p)))
    bad(
        "power-to-base-g",
        "T = g^5: a tally to the base g",
        "10.B 10.C",
        replaced("/field/power", n.element(n.power(n.g, 5))),
        flags=("specification slip",),
    )
    if short == "standard":
        return cases
    replay = ("replay",)
    bad("challenge", "c plus 1", "10.B", replaced("/field/challenge", scalar((joint.challenge + 1) % n.q)))
    bad("response", "v plus 1", "10.B", replaced("/field/response", scalar((joint.response + 1) % n.q)))
    bad(
        "response-plus-q",
        "v + q",
        "10.A",
        replaced("/field/response", scalar(joint.response + n.q)),
        flags=("c+q",),
    )
    bad(
        "challenge-plus-q",
        "c + q: no hash to Z_q is that",
        "10.B",
        replaced("/field/challenge", scalar(joint.challenge + n.q)),
        flags=("c+q",),
    )
    halves = {"challenge": field["response"], "response": field["challenge"]}
    bad(
        "swapped",
        "c and v swapped",
        "10.B",
        *(replaced(f"/field/{name}", value) for name, value in halves.items()),
        flags=("swapped",),
    )
    bad("power-0", "0 for T", "10.B 10.C", replaced("/field/power", n.element(0)), flags=("out of range",))
    bad(
        "power-minus",
        "p - T for T",
        "10.B 10.C",
        replaced("/field/power", n.element(n.p - T)),
        flags=("not in the subgroup",),
    )
    bad("other-option", "the proof of option 1 for option 2", "10.B", replaced("/option", 2), flags=replay)
    bad(
        "other-contest", "the proof of contest 1 for contest 2", "10.B", replaced("/contest", 2), flags=replay
    )
    bad(
        "other-sum",
        "the proof for another sum of the same count",
        "10.B",
        replaced("/alpha", n.element(other_A)),
        replaced("/beta", n.element(other_B)),
        flags=replay,
    )
    bad(
        "sides-swapped",
        "A and B swapped",
        "10.B",
        replaced("/alpha", n.element(B)),
        replaced("/beta", n.element(A)),
        flags=("swapped",),
    )
    other = world("tally-decryption/other", TOY, "question")
    place = {"key": other.extended_hash, "contest": 1, "option": 1, "A": n.element(A), "B": n.element(B)}
    foreign = decrypt(
        n,
        (1, 2),
        {i: w.vote_share(i) for i in (1, 2)},
        A,
        us,
        lambda i, a, b, M: bytes(32),
        lambda a, b, M: hashed_number("tally_challenge", n, **place, a=a, b=b, M=M),
    )
    bad(
        "other-election",
        "a proof made under another H_E",
        "10.B",
        replaced("/field/challenge", scalar(foreign.challenge)),
        replaced("/field/response", scalar(foreign.response)),
        flags=replay,
    )
    return cases


def _lagrange() -> list[Case]:
    n = numbers(STANDARD)
    cases = [
        case(
            f"lagrange-{i}-of-{'-'.join(map(str, U))}",
            f"w_{i} in U = {{{', '.join(map(str, U))}}}",
            {"guardians": U, "index": i},
            scalar(lagrange(n, i, U)),
        )
        for U, i in (((1,), 1), ((1, 2), 1), ((1, 2), 2), ((1, 3, 5), 3), ((2, 4, 5), 2))
    ]
    for name, U, i in (("absent", (1, 2), 3), ("twice", (1, 1), 1)):
        given = {"guardians": U, "index": i}
        comment = "a guardian that is not once in U"
        cases.append(case(f"lagrange-{name}", comment, given, "misuse", base="lagrange-1-of-1-2"))
    return cases
