"""One selection, one contest limit: encryption with given nonces, and proofs that are wrong in one way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evote.testing.randomness import SeededRandomness
from tests.vectors.form import Case, Document, Group, case, document, group, plain, replaced
from tests.vectors.handmade import limit_proof, selection
from tests.vectors.oracle import number, scalar
from tests.vectors.setting import STANDARD, TOY, World, world

FILE = "selections.json"

STANDARD_VALUES = ((0, 1), (1, 1), (2, 3))
TOY_VALUES = tuple((value, limit) for limit in (1, 2, 5) for value in range(limit + 1))


def make() -> Document:
    groups: list[Group] = []
    for name, values in ((STANDARD, STANDARD_VALUES), (TOY, TOY_VALUES)):
        short = "standard" if name == STANDARD else "toy"
        w = world(f"selections/{short}", name, "question")
        params = {"group": name, "vote_key": w.numbers.element(w.vote_key)}
        encrypted = [_encrypted(w, short, value, limit) for value, limit in values]
        groups.append(group({"kind": "encrypt", **params}, encrypted))
        limits = [
            _limit(w, short, chosen, limit) for chosen, limit in (((1, 0), 1), ((0, 0), 1), ((1, 2, 0), 3))
        ]
        groups.append(group({"kind": "limit", **params}, limits))
        groups.append(group({"kind": "verify", **params}, _verified(w, short)))
    notes = [
        "kind encrypt: (31) and (57) to (61). random has u_j and c_j of every branch; c is null in the "
        "branch that holds. Beside its other input a case gives key = H_I.",
        "kind limit: the same over the product of the selections, with the sum of their nonces (62).",
        "kind verify: 6.1 to 6.D on one selection. option null: it is a contest limit, 7.3 to 7.D.",
        "A scalar of q or more fails 6.B or 6.C alone and enters the equations modulo q.",
    ]
    return document("sections 3.3.1, 3.3.7 and 3.3.8", notes, groups)


def _encrypted(w: World, short: str, value: int, limit: int) -> Case:
    name = f"selection-{short}-{value}-of-{limit}"
    rng = SeededRandomness(f"vectors/{name}")
    key, nonce = rng.token(32), rng.below(w.numbers.q)
    made, drawn = selection(w, key, 1, 2, value, nonce, limit, rng)
    given = {
        "key": key,
        "contest": 1,
        "option": 2,
        "limit": limit,
        "value": value,
        "nonce": scalar(nonce),
        "random": drawn,
    }
    return case(name, f"{value} where R is {limit}", given, made)


def _limit(w: World, short: str, values: tuple[int, ...], limit: int) -> Case:
    name = f"limit-{short}-{'-'.join(map(str, values))}-of-{limit}"
    rng = SeededRandomness(f"vectors/{name}")
    key = rng.token(32)
    nonces = [rng.below(w.numbers.q) for _ in values]
    selections = [
        selection(w, key, 3, option, value, nonce, limit, rng)[0]
        for option, (value, nonce) in enumerate(zip(values, nonces, strict=True), 1)
    ]
    proof, drawn = limit_proof(w, key, 3, selections, sum(values), sum(nonces), limit, rng)
    given = {
        "key": key,
        "contest": 3,
        "limit": limit,
        "selections": [
            {"value": value, "nonce": scalar(nonce)} for value, nonce in zip(values, nonces, strict=True)
        ],
        "random": drawn,
    }
    n, alpha, beta = w.numbers, 1, 1
    for item in selections:
        alpha, beta = alpha * number(item["alpha"]) % n.p, beta * number(item["beta"]) % n.p
    expect = {"alpha": n.element(alpha), "beta": n.element(beta), "proof": proof}
    return case(name, f"a sum of {sum(values)} where L is {limit}", given, expect)


def _verified(w: World, short: str) -> list[Case]:
    n = w.numbers
    base = f"proof-{short}"
    rng = SeededRandomness(f"vectors/{base}")
    key, other_key, nonce = rng.token(32), rng.token(32), rng.below(n.q)
    made, _ = selection(w, key, 1, 2, 1, nonce, 2, rng)
    good = {"key": key, "contest": 1, "option": 2, "limit": 2, "alpha": made["alpha"], "beta": made["beta"]}
    good["proof"] = made["proof"]
    limit_base = f"proof-limit-{short}"
    sole, _ = selection(w, key, 1, 1, 1, nonce, 1, rng)
    proof, _ = limit_proof(w, key, 1, [sole], 1, nonce, 1, rng)
    limit_good = {"key": key, "contest": 1, "option": None, "limit": 1, "alpha": sole["alpha"]}
    limit_good |= {"beta": sole["beta"], "proof": proof}
    minus = n.element(n.p - number(made["alpha"]))
    outside = n.element(pow(3, 2 * n.q, n.p))
    times = n.element(number(made["beta"]) * pow(3, 2 * n.q, n.p) % n.p)
    pairs = [dict(pair) for pair in made["proof"]]
    flipped, _ = selection(w, key, 1, 2, 1, nonce, 2, rng, flip=True)
    two, _ = selection(w, key, 1, 2, 2, nonce, 1, rng)
    another, _ = selection(w, other_key, 1, 2, 1, nonce, 2, rng)

    def bad(
        name: str, comment: str, checks: str, *operations: dict[str, Any], flags: tuple[str, ...] = ()
    ) -> Case:
        given = {"patch": list(operations)}
        return case(f"{base}-{name}", comment, given, "verify", flags=flags, base=base, checks=(checks,))

    range_, group_ = ("out of range",), ("not in the subgroup",)
    replay = ("replay",)
    cases = [
        case(base, "1 where R is 2", good, "accept"),
        bad("alpha-0", "alpha is 0", "6.A", replaced("/alpha", n.element(0)), flags=range_),
        bad("alpha-p", "alpha is p", "6.A", replaced("/alpha", n.element(n.p)), flags=range_),
        bad("beta-0", "beta is 0", "6.A", replaced("/beta", n.element(0)), flags=range_),
        bad("alpha-minus", "p - alpha for alpha", "6.A", replaced("/alpha", minus), flags=group_),
        bad("beta-order-2", "p - 1 for beta", "6.A", replaced("/beta", n.element(n.p - 1)), flags=group_),
        bad(
            "alpha-large-order",
            "an element of order (p - 1) / 2q",
            "6.A",
            replaced("/alpha", outside),
            flags=group_,
        ),
        bad(
            "beta-times-large-order",
            "beta times such an element",
            "6.A",
            replaced("/beta", times),
            flags=group_,
        ),
        bad(
            "alpha-minus-hidden",
            "p - alpha under a proof of even challenges, whose equations hold",
            "6.A",
            replaced("/alpha", flipped["alpha"]),
            replaced("/beta", flipped["beta"]),
            replaced("/proof", flipped["proof"]),
            flags=group_,
        ),
        bad(
            "alpha-1", "the identity for alpha", "6.D", replaced("/alpha", n.element(1)), flags=("identity",)
        ),
        bad(
            "challenge-changed",
            "c_1 plus 1",
            "6.D",
            replaced("/proof/1/challenge", _plus(n.q, pairs[1]["challenge"])),
        ),
        bad(
            "response-changed",
            "v_2 plus 1",
            "6.D",
            replaced("/proof/2/response", _plus(n.q, pairs[2]["response"])),
        ),
        bad(
            "swapped-branches",
            "the pairs of branches 0 and 1 swapped",
            "6.D",
            replaced("/proof/0", pairs[1]),
            replaced("/proof/1", pairs[0]),
            flags=("swapped",),
        ),
        bad(
            "swapped-halves",
            "challenge and response of branch 0 swapped",
            "6.D",
            replaced("/proof/0", {"challenge": pairs[0]["response"], "response": pairs[0]["challenge"]}),
            flags=("swapped",),
        ),
        bad(
            "swapped-sides",
            "alpha and beta swapped",
            "6.D",
            replaced("/alpha", made["beta"]),
            replaced("/beta", made["alpha"]),
            flags=("swapped",),
        ),
        bad(
            "branch-left-out",
            "two branches where R is 2",
            "6.D",
            {"op": "remove", "path": "/proof/2"},
            flags=("wrong length",),
        ),
        bad(
            "branch-more",
            "four branches where R is 2",
            "6.D",
            {"op": "add", "path": "/proof/3", "value": _zeros()},
            flags=("wrong length",),
        ),
        bad("no-branch", "no branch at all", "6.D", replaced("/proof", []), flags=("wrong length",)),
        bad(
            "value-2-of-1",
            "2, under the best proof there is for 0..1",
            "6.D",
            replaced("/limit", 1),
            replaced("/alpha", two["alpha"]),
            replaced("/beta", two["beta"]),
            replaced("/proof", two["proof"]),
        ),
        bad(
            "other-contest", "the same proof in another contest", "6.D", replaced("/contest", 2), flags=replay
        ),
        bad("other-option", "the same proof for another option", "6.D", replaced("/option", 1), flags=replay),
        bad(
            "other-ballot",
            "the same proof under another H_I: another ballot, or another election",
            "6.D",
            replaced("/key", other_key),
            flags=replay,
        ),
        bad(
            "other-ciphertext",
            "a proof of another ballot for the same value and nonce",
            "6.D",
            replaced("/proof", another["proof"]),
            flags=replay,
        ),
        bad(
            "as-contest-limit",
            "the same proof as a contest limit",
            "7.D",
            replaced("/option", None),
            flags=replay,
        ),
    ]
    if n.q < 2**255:
        cases += [
            bad(
                "challenge-plus-q",
                "c_0 + q",
                "6.B",
                replaced("/proof/0/challenge", _more(n.q, pairs[0]["challenge"])),
                flags=("c+q",),
            ),
            bad(
                "response-plus-q",
                "v_0 + q",
                "6.C",
                replaced("/proof/0/response", _more(n.q, pairs[0]["response"])),
                flags=("c+q",),
            ),
        ]
    limit_case = case(
        limit_base, "a contest of one option: the product is the selection itself", limit_good, "accept"
    )
    replayed = case(
        f"{limit_base}-as-selection",
        "the contest limit as the proof of its only option: the ciphertext is the same, the challenge is not",
        {"patch": [replaced("/option", 1)]},
        "verify",
        flags=replay,
        base=limit_base,
        checks=("6.D",),
    )
    return [*cases, limit_case, replayed]


def _plus(q: int, data: bytes) -> bytes:
    return scalar((number(data) + 1) % q)


def _more(q: int, data: bytes) -> bytes:
    return scalar(number(data) + q)


def _zeros() -> Mapping[str, Any]:
    zeros: Mapping[str, Any] = plain({"challenge": bytes(32), "response": bytes(32)})
    return zeros
