"""Batch verification with derived weights: the weights, the combined equation, and decisions."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from evote.testing.randomness import SeededRandomness
from tests.vectors.form import Case, Document, case, document, group, replaced
from tests.vectors.oracle import Numbers, number, scalar, tagged
from tests.vectors.setting import STANDARD, TOY, numbers

FILE = "batch.json"

TAG = "evote/v1/batch-weight"
EXTENSION = ("evote extension",)

Statement = dict[str, Any]


def weights(seed: bytes, bits: int, count: int) -> list[int]:
    """Weight i: the first bits of a tagged hash of seed, width and i."""
    return [
        number(tagged(TAG, seed, bits.to_bytes(2, "big"), i.to_bytes(8, "big"))[: bits // 8])
        for i in range(count)
    ]


def make() -> Document:
    groups = [group({"kind": "weights"}, _weights())]
    for name in (TOY, STANDARD):
        n = numbers(name)
        short = "standard" if name == STANDARD else "toy"
        key = n.power(n.g, SeededRandomness(f"vectors/batch/{short}").below(n.q))
        params = {"group": name, "vote_key": n.element(key)}
        groups.append(group({"kind": "combination", "group": name}, _combinations(n, short)))
        sizes = ((1,),) if name == STANDARD else ((1,), (2, 1), (1, 1, 1))
        equations = [_equation(n, key, short, size, bits) for size in sizes for bits in (192, 256)]
        groups.append(group({"kind": "equation", **params}, equations))
        groups.append(group({"kind": "decide", **params}, _decided(n, key, short)))
    notes = [
        "specs/batch-verification.md has the formulas. Challenges are no hashes here: a batch does not look.",
        "kind weights: the first weights of a seed.",
        "kind combination: product is the product of values[i]^exponents[i], exponents not reduced; "
        "subsets[j] is the product of the values whose exponent has bit j.",
        "kind equation: weights e of the equations (a_0, b_0, a_1, ... of each statement), then t of the "
        "images in the order in which they first come; exponents are (-s mod q) + q t of these images, "
        "product is that of all commitments^e and all images^exponent.",
        "kind decide: the equations and the membership of all images and commitments, decided in either way "
        "(Jacobi symbols, subset products).",
    ]
    return document("sections 3.3.7 and 3.3.8; verifications 6 and 7", notes, groups)


def _weights() -> list[Case]:
    cases = []
    for bits in (192, 256):
        name = f"weights-{bits}"
        seed = SeededRandomness(f"vectors/{name}").token(32)
        expect = {"weights": [w.to_bytes(bits // 8, "big") for w in weights(seed, bits, 5)]}
        given = {"seed": seed, "bits": bits, "count": 5}
        cases.append(case(name, f"five weights of {bits} bits", given, expect, flags=EXTENSION))
    for bits in (128, 255):
        patch = {"patch": [replaced("/bits", bits)]}
        comment = f"{bits} bits: too few where anybody can compute them, or no width"
        cases.append(case(f"weights-{bits}", comment, patch, "misuse", base="weights-256"))
    patch = {"patch": [replaced("/seed", bytes(31))]}
    cases.append(case("weights-short-seed", "a seed of 31 bytes", patch, "misuse", base="weights-256"))
    return cases


def _combinations(n: Numbers, short: str) -> list[Case]:
    cases = []
    for name, members, lengths, bits in (
        ("members", True, (64, 64, 64, 64), 64),
        ("mixed-lengths", True, (384, 128, 0, 256, 1), 128),
        ("non-members", False, (300, 128, 128), 16),
    ):
        label = f"combination-{short}-{name}"
        rng = SeededRandomness(f"vectors/{label}")
        values = [n.power(n.g, rng.below(n.q)) if members else rng.below(n.p - 1) + 1 for _ in lengths]
        exponents = [rng.below(1 << length) for length in lengths]
        given = {
            "values": n.elements(*values),
            "exponents": [exponent.to_bytes(64, "big") for exponent in exponents],
            "bits": bits,
        }
        expect = {
            "product": n.element(prod(map(n.power, values, exponents)) % n.p),
            "subsets": n.elements(
                *(
                    prod(x for x, e in zip(values, exponents, strict=True) if e >> bit & 1) % n.p
                    for bit in range(bits)
                )
            ),
        }
        # At 4096 bits the subset products would fill the file; the toy group has them all.
        if short == "standard":
            given["bits"], expect["subsets"] = 1, expect["subsets"][:1]
        cases.append(case(label, f"{len(lengths)} values, exponents of {lengths} bits", given, expect))
    return cases


def _statement(n: Numbers, key: int, rng: SeededRandomness, factors: int, limit: int) -> Statement:
    """A range whose equations hold, over a product of so many ciphertexts."""
    nonces = [rng.below(n.q) for _ in range(factors)]
    values = [rng.below(2) for _ in range(factors)]
    r, total = sum(nonces), sum(values)
    pairs = [(rng.below(n.q), rng.below(n.q)) for _ in range(limit + 1)]
    commitments = []
    for j, (c, v) in enumerate(pairs):
        commitments.append(n.power(n.g, (v + c * r) % n.q))
        commitments.append(n.power(key, (v - j * c + c * (r + total)) % n.q))
    return {
        "alphas": n.elements(*(n.power(n.g, nonce) for nonce in nonces)),
        "betas": n.elements(
            *(n.power(key, (nonce + value) % n.q) for nonce, value in zip(nonces, values, strict=True))
        ),
        "proof": [{"challenge": scalar(c), "response": scalar(v)} for c, v in pairs],
        "commitments": n.elements(*commitments),
    }


def _equation(n: Numbers, key: int, short: str, sizes: Sequence[int], bits: int) -> Case:
    label = f"equation-{short}-{'-'.join(map(str, sizes))}-{bits}"
    rng = SeededRandomness(f"vectors/{label}")
    seed = rng.token(32)
    statements = [_statement(n, key, rng, size, 1 if size == 1 else 2) for size in sizes]
    images = list(dict.fromkeys(x for s in statements for x in (*s["alphas"], *s["betas"])))
    count = sum(len(s["commitments"]) for s in statements)
    drawn = weights(seed, bits, count + len(images))
    e, t = drawn[:count], drawn[count:]
    asked = dict.fromkeys(images, 0)
    product, at = 1, 0
    for s in statements:
        for j, commitment in enumerate(s["commitments"]):
            weight = e[at]
            at += 1
            product = product * n.power(number(commitment), weight) % n.p
            c = number(s["proof"][j // 2]["challenge"])
            for x in s["betas" if j % 2 else "alphas"]:
                asked[x] += weight * c
    exponents = [-asked[x] % n.q + n.q * own for x, own in zip(images, t, strict=True)]
    for x, exponent in zip(images, exponents, strict=True):
        product = product * n.power(number(x), exponent) % n.p
    given = {"seed": seed, "bits": bits, "statements": statements}
    expect = {
        "weights": [w.to_bytes(bits // 8, "big") for w in drawn],
        "exponents": [exponent.to_bytes(bits // 8 + 32, "big") for exponent in exponents],
        "product": n.element(product),
    }
    comment = f"products of {sizes} ciphertexts, weights of {bits} bits"
    return case(label, comment, given, expect, flags=EXTENSION)


def _decided(n: Numbers, key: int, short: str) -> list[Case]:
    base = f"batch-{short}"
    rng = SeededRandomness(f"vectors/{base}")
    shapes = [(1, 1)] if short == "standard" else [(1, 1), (1, 2), (2, 2)]
    statements = [_statement(n, key, rng, factors, limit) for factors, limit in shapes]
    good = {"seed": rng.token(32), "bits": 256, "statements": statements}
    h = pow(next(x for x in range(2, 100) if pow(x, 2 * n.q, n.p) != 1), 2 * n.q, n.p)
    outside, identity, swapped = ("not in the subgroup",), ("identity",), ("swapped",)
    first = statements[0]

    def at(place: str) -> int:
        """The value at a path as an integer."""
        found: Any = good
        for step in place.removeprefix("/").split("/"):
            found = found[int(step) if isinstance(found, list) else step]
        return number(found)

    def times(place: str, factor: int) -> dict[str, Any]:
        return replaced(place, n.element(at(place) * factor % n.p))

    def bad(
        name: str,
        comment: str,
        *operations: dict[str, Any],
        expect: str = "verify",
        flags: Sequence[str] = (),
    ) -> Case:
        return case(f"{base}-{name}", comment, {"patch": list(operations)}, expect, flags=flags, base=base)

    alpha, beta = "/statements/0/alphas/0", "/statements/0/betas/0"
    a0, b0, a1, b1 = (f"/statements/0/commitments/{i}" for i in range(4))
    pair = "/statements/0/proof/0"
    c, v = at(f"{pair}/challenge"), at(f"{pair}/response")
    cases = [
        case(base, "all equations hold", good, "accept", flags=EXTENSION),
        bad("factor", "one commitment times g", times(b1, n.g)),
        bad("sign", "p - a_0 for a_0", times(a0, n.p - 1), flags=outside),
        bad("signs", "p - a_0 and p - b_0: the signs cancel", times(a0, -1), times(b0, -1), flags=outside),
        bad(
            "hidden",
            "alpha times h of order (p - 1) / 2q, a_j times h^c_j: the equations hold",
            times(alpha, h),
            times(a0, n.power(h, c)),
            times(a1, n.power(h, at("/statements/0/proof/1/challenge"))),
            flags=outside,
        ),
    ]
    if short == "standard":
        return cases
    one, hints = n.element(1), first["commitments"]
    across = "/statements/1/commitments/3"
    cases += [
        *(
            bad(f"factor-{i}", "one value times g", times(place, n.g))
            for i, place in enumerate((alpha, beta, a0, b0, a1))
        ),
        *(
            bad(f"sign-{i}", "p - x for one value", times(place, -1), flags=outside)
            for i, place in enumerate((alpha, beta, b0, a1, b1))
        ),
        *(
            bad(f"order-{i}", "one value times h of order (p - 1) / 2q", times(place, h), flags=outside)
            for i, place in enumerate((alpha, beta, a0, b0, a1, b1))
        ),
        bad("signs-across", "signs on two statements", times(a0, -1), times(across, -1), flags=outside),
        bad("signs-image", "signs of alpha and a_0", times(alpha, -1), times(a0, -1), flags=outside),
        bad("cancel", "a_0 times g, b_0 divided by g", times(a0, n.g), times(b0, pow(n.g, -1, n.p))),
        bad(
            "cancel-across",
            "the same on two statements",
            times(a0, n.g),
            times(across, pow(n.g, -1, n.p)),
        ),
        bad("swapped-pair", "a_0 and b_0", replaced(a0, hints[1]), replaced(b0, hints[0]), flags=swapped),
        bad("swapped-branch", "a_0 and a_1", replaced(a0, hints[2]), replaced(a1, hints[0]), flags=swapped),
        bad("response", "v_0 plus 1", replaced(f"{pair}/response", scalar((v + 1) % n.q))),
        bad("challenge", "c_0 plus 1", replaced(f"{pair}/challenge", scalar((c + 1) % n.q))),
        bad("identity", "the identity for alpha", replaced(alpha, one), flags=identity),
        bad("identity-commitment", "the identity for a_0", replaced(a0, one), flags=identity),
        bad(
            "challenge-plus-q",
            "c_0 + q",
            replaced(f"{pair}/challenge", scalar(c + n.q)),
            expect="decode",
            flags=("c+q",),
        ),
        bad(
            "response-plus-q",
            "v_0 + q",
            replaced(f"{pair}/response", scalar(v + n.q)),
            expect="decode",
            flags=("c+q",),
        ),
        bad("zero", "0 for alpha", replaced(alpha, n.element(0)), expect="decode", flags=("out of range",)),
        bad("p", "p for a_0", replaced(a0, n.element(n.p)), expect="decode", flags=("out of range",)),
        bad(
            "commitment-missing",
            "three commitments for two branches",
            {"op": "remove", "path": b1},
            expect="misuse",
            flags=("wrong length",),
        ),
        bad(
            "factor-missing",
            "a product with one alpha and two betas",
            {"op": "remove", "path": "/statements/2/alphas/1"},
            expect="misuse",
            flags=("wrong length",),
        ),
        bad("nothing", "no statement at all", replaced("/statements", []), expect="misuse"),
    ]
    return cases
