"""The encrypted ballot nonce and contest data: made, checked and opened."""

from __future__ import annotations

from typing import Any

from evote.testing.randomness import SeededRandomness
from tests.vectors.form import Case, Document, Group, case, document, group, replaced
from tests.vectors.handmade import sealed_data, sealed_nonce
from tests.vectors.oracle import (
    ballot_nonce_pad,
    contest_data_pad,
    contest_record,
    hashed,
    hashed_number,
    number,
    scalar,
    schnorr,
    xor,
)
from tests.vectors.setting import STANDARD, TOY, World, world

FILE = "ballot-data.json"


def make() -> Document:
    groups: list[Group] = []
    for name in (STANDARD, TOY):
        short = "standard" if name == STANDARD else "toy"
        w = world(f"ballot-data/{short}", name, "question")
        params = {"group": name, "data_key": w.numbers.element(w.data_key)}
        groups += [
            group({"kind": "encrypt nonce", **params}, [_nonce(w, short)]),
            group({"kind": "encrypt data", **params}, [_data(w, short, blocks) for blocks in (1, 3)]),
            group({"kind": "open nonce", **params}, [_open_nonce(w, short)]),
            group({"kind": "open data", **params}, [_open_data(w, short, blocks) for blocks in (1, 3)]),
            group({"kind": "verify nonce", **params}, _verify(w, short, "nonce")),
            group({"kind": "verify data", **params}, _verify(w, short, "data")),
        ]
    notes = [
        "encrypt nonce: (34) to (38) with the nonce and u of the proof given; key is H_I throughout.",
        "encrypt data: (63) to (69); the nonce comes from ballot_nonce by (64).",
        "open: from beta, the shared value that guardians compute or that follows from the nonce: "
        "(35), (36), (65), (66).",
        "verify: the Schnorr proof C2 of (38) or (69); checks E.4 and E.5 of evote, as 2.1 numbers none.",
    ]
    return document("sections 3.3.4 and 3.3.10", notes, groups)


def _nonce(w: World, short: str) -> Case:
    name = f"nonce-encryption-{short}"
    rng = SeededRandomness(f"vectors/{name}")
    key, nonce, sealing, u = rng.token(32), rng.token(32), rng.below(w.numbers.q), rng.below(w.numbers.q)
    given = {"key": key, "ballot_nonce": nonce, "nonce": scalar(sealing), "u": scalar(u)}
    return case(name, "the ballot nonce under the data key", given, sealed_nonce(w, key, nonce, sealing, u))


def _data(w: World, short: str, blocks: int) -> Case:
    name = f"data-encryption-{short}-{blocks}"
    rng = SeededRandomness(f"vectors/{name}")
    key, ballot_nonce, u = rng.token(32), rng.token(32), rng.below(w.numbers.q)
    data = contest_record(0, (), ("A. N. Other",), blocks)
    nonce = hashed_number("contest_data_nonce", w.numbers, key=key, contest=4, ballot_nonce=ballot_nonce)
    given = {"key": key, "contest": 4, "ballot_nonce": ballot_nonce, "data": data, "u": scalar(u)}
    return case(name, f"{32 * blocks} bytes of contest data", given, sealed_data(w, key, 4, data, nonce, u))


def _open_nonce(w: World, short: str) -> Case:
    n = w.numbers
    name = f"nonce-opening-{short}"
    rng = SeededRandomness(f"vectors/{name}")
    key, nonce, sealing = rng.token(32), rng.token(32), rng.below(n.q)
    made = sealed_nonce(w, key, nonce, sealing, 1)
    beta = n.power(number(made["c0"]), w.data_secret)
    if beta != n.power(w.data_key, sealing):
        raise ValueError("the shares do not give the key")
    secret = hashed("ballot_nonce_key", n, key=key, alpha=made["c0"], beta=n.element(beta))
    given = {"key": key, "c0": made["c0"], "c1": made["c1"], "beta": n.element(beta)}
    return case(
        name, "the ballot nonce from its shared value", given, xor(made["c1"], ballot_nonce_pad(secret))
    )


def _open_data(w: World, short: str, blocks: int) -> Case:
    n = w.numbers
    name = f"data-opening-{short}-{blocks}"
    rng = SeededRandomness(f"vectors/{name}")
    key, nonce = rng.token(32), rng.below(n.q)
    data = contest_record(2, (1, 1), (), blocks)
    made = sealed_data(w, key, 4, data, nonce, 1)
    beta = n.element(n.power(number(made["c0"]), w.data_secret))
    secret = hashed("contest_data_key", n, key=key, contest=4, alpha=made["c0"], beta=beta)
    given = {"key": key, "contest": 4, "c0": made["c0"], "c1": made["c1"], "beta": beta}
    plaintext = xor(made["c1"], contest_data_pad(secret, 4, blocks))
    return case(name, f"{blocks} blocks from their shared value; counters start at 1", given, plaintext)


def _verify(w: World, short: str, kind: str) -> list[Case]:
    n = w.numbers
    base = f"{kind}-proof-{short}"
    check = {"nonce": "E.4", "data": "E.5"}[kind]
    rng = SeededRandomness(f"vectors/{base}")
    key, other, plaintext = rng.token(32), rng.token(32), rng.token(32)
    nonce, u = rng.below(n.q), rng.below(n.q)
    good: dict[str, Any] = {"key": key}
    if kind == "nonce":
        good |= sealed_nonce(w, key, plaintext, nonce, u)
    else:
        good |= {"contest": 4, **sealed_data(w, key, 4, plaintext, nonce, u)}
    pair = good["c2"]

    def bad(
        name: str,
        comment: str,
        *operations: dict[str, Any],
        flags: tuple[str, ...] = (),
        expect: str = "verify",
    ) -> Case:
        given = {"patch": list(operations)}
        checks = (check,) if expect == "verify" else ()
        return case(f"{base}-{name}", comment, given, expect, flags=flags, base=base, checks=checks)

    def forged(c0: int) -> dict[str, bytes]:
        """An even challenge hides the sign of C0."""
        while True:
            v = rng.below(n.q)

            def challenge(a: bytes) -> int:
                fields = {"key": key, "a": a, "c0": n.element(c0), "c1": good["c1"]}
                if kind == "nonce":
                    return hashed_number("ballot_nonce_challenge", n, **fields)
                return hashed_number("contest_data_challenge", n, contest=4, **fields)

            made = schnorr(n, nonce, v, challenge)
            if number(made["challenge"]) % 2 == 0:
                return made

    minus = n.p - number(good["c0"])
    range_, group_, replay = ("out of range",), ("not in the subgroup",), ("replay",)
    cases = [
        case(base, f"the {kind} with its proof", good, "accept"),
        bad("c0-0", "C0 is 0", replaced("/c0", n.element(0)), flags=range_),
        bad(
            "c0-minus-hidden",
            "p - C0 under a proof of an even challenge, whose equation holds",
            replaced("/c0", n.element(minus)),
            replaced("/c2", forged(minus)),
            flags=group_,
        ),
        bad("c0-1", "the identity for C0", replaced("/c0", n.element(1)), flags=("identity",)),
        bad("c0-other", "C0 of another ballot", replaced("/c0", n.element(n.power(n.g, nonce + 1)))),
        bad("c1-changed", "one bit of C1", replaced("/c1", bytes((good["c1"][0] ^ 1,)) + good["c1"][1:])),
        bad(
            "swapped",
            "challenge and response swapped",
            replaced("/c2", {"challenge": pair["response"], "response": pair["challenge"]}),
            flags=("swapped",),
        ),
        bad(
            "response-changed",
            "v plus 1",
            replaced("/c2/response", scalar((number(pair["response"]) + 1) % n.q)),
        ),
        bad(
            "other-ballot",
            "the same under another H_I: another ballot, or another election",
            replaced("/key", other),
            flags=replay,
        ),
    ]
    if kind == "data":
        cases.append(
            bad("other-contest", "the same in another contest", replaced("/contest", 5), flags=replay)
        )
        nonce_proof = sealed_nonce(w, key, plaintext, nonce, u)
        operations = [replaced(f"/{name}", nonce_proof[name]) for name in ("c1", "c2")]
        cases.append(
            bad(
                "encrypted-nonce",
                "the encrypted ballot nonce filed as contest data",
                *operations,
                flags=replay,
            )
        )
    if n.q < 2**255:
        for half in ("challenge", "response"):
            value = scalar(number(pair[half]) + n.q)
            cases.append(bad(f"{half}-plus-q", f"{half} + q", replaced(f"/c2/{half}", value), flags=("c+q",)))
    short_pair = replaced("/c2/challenge", pair["challenge"][1:])
    cases.append(
        bad(
            "short-challenge", "a challenge of 31 bytes", short_pair, flags=("wrong length",), expect="decode"
        )
    )
    cases.append(
        bad(
            "short-c0",
            "C0 without its first byte",
            replaced("/c0", good["c0"][1:]),
            flags=("wrong length",),
            expect="decode",
        )
    )
    return cases
