"""Shares on their way from one guardian to another: sealed, opened, and wrong in one way."""

from __future__ import annotations

from typing import Any

from evote.testing.randomness import SeededRandomness
from tests.vectors.form import Case, Document, Group, case, document, group, plain
from tests.vectors.make.ballots import difference
from tests.vectors.make.key_generation import setting_of
from tests.vectors.oracle import (
    evaluate,
    hashed,
    hashed_number,
    number,
    scalar,
    schnorr,
    share_key_stream,
    xor,
)
from tests.vectors.setting import STANDARD, TOY, World, world

FILE = "guardian-shares.json"

SENDER, RECEIVER = 3, 1


def make() -> Document:
    groups: list[Group] = []
    for name in (STANDARD, TOY):
        short = "standard" if name == STANDARD else "toy"
        w = world(f"guardian-shares/{short}", name, "question")
        params = setting_of(w)
        groups.append(group({"kind": "seal", **params}, [_sealed(w, short)]))
        groups.append(group({"kind": "open", **params}, _opened(w, short)))
    notes = [
        "kind seal: (15) to (22) with nonce and u given; kappa is the receiver's communication key.",
        "kind open: communication is the receiver's zeta; the sender's commitments decide whether the shares "
        "are right (28), (29).",
        "expect is both shares, or verify. Which of the two checks fails is not told apart.",
    ]
    return document("section 3.2.2, equations 15 to 23, 28 and 29", notes, groups)


def seal(
    w: World,
    sender: int,
    receiver: int,
    shares: bytes,
    nonce: int,
    u: int,
    *,
    key: bytes | None = None,
    order: tuple[int, int] | None = None,
) -> dict[str, Any]:
    """The encrypted shares; ``key`` replaces H_P, ``order`` the two indices inside the hashes."""
    n = w.numbers
    kappa = n.power(n.g, w.communication[receiver - 1])
    i, l = order or (sender, receiver)  # noqa: E741
    fields = {"key": key or w.parameter_hash, "i": i, "l": l}
    c0, beta, encoded = n.elements(n.power(n.g, nonce), n.power(kappa, nonce), kappa)
    secret = hashed("share_key", n, **fields, kappa=encoded, alpha=c0, beta=beta)
    c1 = xor(shares, share_key_stream(secret, i, l))
    proof = schnorr(
        n, nonce, u, lambda gamma: hashed_number("share_challenge", n, **fields, gamma=gamma, c0=c0, c1=c1)
    )
    return {"sender": sender, "receiver": receiver, "c0": c0, "c1": c1, "proof": proof}


def _pair(w: World, sender: int, receiver: int) -> tuple[bytes, bytes]:
    n = w.numbers
    return (
        scalar(evaluate(n, w.vote[sender - 1], receiver)),
        scalar(evaluate(n, w.data[sender - 1], receiver)),
    )


def _sealed(w: World, short: str) -> Case:
    n = w.numbers
    name = f"share-{short}"
    rng = SeededRandomness(f"vectors/{name}")
    nonce, u = rng.below(n.q), rng.below(n.q)
    vote, data = _pair(w, SENDER, RECEIVER)
    given = {
        "sender": SENDER,
        "receiver": RECEIVER,
        "kappa": n.element(n.power(n.g, w.communication[RECEIVER - 1])),
        "vote_share": vote,
        "data_share": data,
        "nonce": scalar(nonce),
        "u": scalar(u),
    }
    expect = seal(w, SENDER, RECEIVER, vote + data, nonce, u)
    return case(name, "both shares of guardian 3 for guardian 1", given, expect)


def _opened(w: World, short: str) -> list[Case]:
    n = w.numbers
    base = f"share-opening-{short}"
    rng = SeededRandomness(f"vectors/{base}")
    nonce, u = rng.below(n.q), rng.below(n.q)
    vote, data = _pair(w, SENDER, RECEIVER)
    made = seal(w, SENDER, RECEIVER, vote + data, nonce, u)
    good = {
        "message": made,
        "sender": {
            "index": SENDER,
            "vote_commitments": n.elements(*(n.power(n.g, secret) for secret in w.vote[SENDER - 1])),
            "data_commitments": n.elements(*(n.power(n.g, secret) for secret in w.data[SENDER - 1])),
        },
        "receiver": RECEIVER,
        "communication": scalar(w.communication[RECEIVER - 1]),
    }
    cases = [case(base, "both shares", good, {"vote_share": vote, "data_share": data})]

    def bad(name: str, comment: str, changed: dict[str, Any], flags: tuple[str, ...] = ()) -> None:
        given = {"patch": difference("/message", plain(made), plain(changed))}
        cases.append(case(f"{base}-{name}", comment, given, "verify", flags=flags, base=base))

    wrong = scalar((number(vote) + 1) % n.q)
    bad("wrong-share", "P(l) + 1, well encrypted", seal(w, SENDER, RECEIVER, wrong + data, nonce, u))
    response = scalar((number(made["proof"]["response"]) + 1) % n.q)
    bad("response-changed", "the response plus 1", {**made, "proof": {**made["proof"], "response": response}})
    if short == "standard":
        return cases
    bad(
        "swapped-shares",
        "the two shares swapped",
        seal(w, SENDER, RECEIVER, data + vote, nonce, u),
        ("swapped",),
    )
    beyond = scalar(number(vote) + n.q)
    bad("share-plus-q", "P(l) + q", seal(w, SENDER, RECEIVER, beyond + data, nonce, u), ("c+q",))
    bad(
        "share-of-another",
        "the share of guardian 2",
        seal(w, SENDER, RECEIVER, b"".join(_pair(w, 2, 1)), nonce, u),
    )
    swapped = seal(w, SENDER, RECEIVER, vote + data, nonce, u, order=(RECEIVER, SENDER))
    bad("indices-swapped", "hashed as from guardian 1 to 3", swapped, ("swapped",))
    replay = seal(w, SENDER, RECEIVER, vote + data, nonce, u, key=bytes(32))
    bad("other-election", "encrypted under another H_P", replay, ("replay",))
    for_two = seal(w, SENDER, 2, vote + data, nonce, u)
    bad(
        "for-another",
        "encrypted for guardian 2 and handed to 1",
        {**for_two, "receiver": RECEIVER},
        ("replay",),
    )
    flipped = bytes((made["c1"][0] ^ 1,)) + made["c1"][1:]
    bad("c1-changed", "one bit of C1", {**made, "c1": flipped})
    bad("c0-0", "0 for C0", {**made, "c0": n.element(0)}, ("out of range",))
    bad("c0-minus", "p - C0", {**made, "c0": n.element(n.p - number(made["c0"]))}, ("not in the subgroup",))
    more = scalar(number(made["proof"]["challenge"]) + n.q)
    bad("challenge-plus-q", "c + q", {**made, "proof": {**made["proof"], "challenge": more}}, ("c+q",))
    return cases
