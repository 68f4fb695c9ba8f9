"""Products of ciphertexts with weights, and the whole tally of a few ballots with its closing head."""

from __future__ import annotations

import hashlib
from typing import Any

import msgpack

from evote.testing.randomness import SeededRandomness
from tests.vectors.form import Case, Document, case, document, group
from tests.vectors.handmade import Plan, Vote
from tests.vectors.handmade import make as made_ballot
from tests.vectors.oracle import Numbers, number, tagged
from tests.vectors.setting import STANDARD, TOY, World, numbers, world

FILE = "tally.json"

PLANS = (
    Plan("tally-1", "North", "full", {"Mayor": Vote((1, 0, 0, 0, 0, 0)), "Council": Vote((1, 1, 0))}),
    Plan("tally-2", "South", "full", {"Mayor": Vote((0, 1, 0, 0, 0, 0)), "Council": Vote((0, 0, 2))}),
    Plan("tally-3", "North", "council", {"Council": Vote((0, 1, 1))}),
    Plan("tally-4", "North", "full", {"Mayor": Vote((0, 0, 0, 1, 1, 1)), "Council": Vote((0, 0, 0), 3)}),
)
CHALLENGED = 3
"""The last one is challenged: it is covered by the head and not counted."""


def make() -> Document:
    products = [
        group({"kind": "product", "group": name}, _products(numbers(name))) for name in (STANDARD, TOY)
    ]
    w = world("tally", TOY, "town")
    whole = [_whole(w, 4), _whole(w, 1), _whole(w, 0)]
    notes = [
        "kind product: (79), with weights (3.5): A is the product of alpha^weight.",
        "kind ballots: submitted ballots in the order of the record; expect is what is published: the "
        "products of every cell over the cast ballots, and the closing head.",
        "The head is evote's own: the RFC 9162 root over leaves SHA-256(00 || h), h the tagged hash of the "
        "ballot's canonical MessagePack (evote-hashes.json, submitted).",
    ]
    return document(
        "section 3.5; verification 9", notes, [*products, group({"kind": "ballots", **w.params()}, whole)]
    )


def _products(n: Numbers) -> list[Case]:
    short = "standard" if n.name == STANDARD else "toy"
    cases = []
    for name, weights in (
        ("plain", (1, 1, 1)),
        ("weighted", (1, 3, 1000000)),
        ("single", (1,)),
        ("none", ()),
    ):
        label = f"product-{short}-{name}"
        rng = SeededRandomness(f"vectors/{label}")
        ballots, A, B = [], 1, 1
        for weight in weights:
            alpha, beta = (n.power(n.g, rng.below(n.q)) for _ in range(2))
            A, B = A * n.power(alpha, weight) % n.p, B * n.power(beta, weight) % n.p
            ballots.append({"alpha": n.element(alpha), "beta": n.element(beta), "weight": weight})
        comment = f"weights {', '.join(map(str, weights)) or 'none: the identity'}"
        cases.append(
            case(label, comment, {"ballots": ballots}, {"alpha": n.element(A), "beta": n.element(B)})
        )
    return cases


def _whole(w: World, count: int) -> Case:
    submitted = []
    for place, plan in enumerate(PLANS[:count]):
        made = made_ballot(w, plan)
        submitted.append(made.challenged() if place == CHALLENGED else made.cast())
    cells = [cell for contest in w.manifest.contests for cell in _cells(w, contest.index, submitted)]
    hashes = [tagged("evote/v1/submitted", w.extended_hash, packed(ballot)) for ballot in submitted]
    leaves = [hashlib.sha256(b"\x00" + hashed).digest() for hashed in hashes]
    expect = {"head": {"size": len(leaves), "root": root_of(leaves)}, "cells": cells}
    comment = f"{count} ballots" + (", of which the last is challenged" if count > CHALLENGED else "")
    return case(f"tally-{count}", comment, {"ballots": submitted}, expect)


def _cells(w: World, contest: int, submitted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    n, described = w.numbers, w.manifest.contest(contest)
    cells = []
    for cell in w.manifest.cells(contest):
        products = [[1, 1] for _ in described.options]
        ballots = weights = 0
        for item in submitted:
            ballot = item["ballot"]
            found = [made for made in ballot["contests"] if made["contest"] == contest]
            if item["state"] != "cast" or ballot["unit"] not in cell.units or not found:
                continue
            ballots, weights = ballots + 1, weights + ballot["weight"]
            for product, made in zip(products, found[0]["selections"], strict=True):
                for side, data in enumerate((made["alpha"], made["beta"])):
                    product[side] = product[side] * n.power(number(data), ballot["weight"]) % n.p
        fields = [
            {"option": option.label, "alpha": n.element(A), "beta": n.element(B)}
            for option, (A, B) in zip(described.options, products, strict=True)
        ]
        cells.append(
            {
                "contest": described.label,
                "cell": cell.label,
                "ballots": ballots,
                "weight": weights,
                "fields": fields,
            }
        )
    return cells


def packed(value: object) -> bytes:
    """Canonical MessagePack: maps in the order of their fields, everything in its shortest form."""
    data: bytes = msgpack.packb(value, use_bin_type=True)
    return data


def root_of(leaves: list[bytes]) -> bytes:
    """RFC 9162 2.1.1, from hashes of leaves."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + root_of(leaves[:split]) + root_of(leaves[split:])).digest()
