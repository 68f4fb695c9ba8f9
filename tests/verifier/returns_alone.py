"""Records with unit returns that are wrong in one place, with the checks that fail on each.

As :mod:`tests.verifier.board_alone`: every case takes an honest election, makes one deviation, and lets
everything downstream follow from it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from evote.elgamal import encrypt
from evote.hashing import sha256
from evote.manifest import ReturnKind
from evote.office.returns_counts import Place
from evote.returns import (
    KeyChange,
    RosterStatement,
    SealedField,
    SealedTotal,
    UnitReturn,
    correct_return,
    prove_unit_key,
    sign_return,
    sign_roster,
)
from evote.returns.roster import first_name
from evote.signing import SigningKey
from evote.testing.boxes import RETURNED, Boxes
from evote.testing.elections import Kit, Published
from evote.testing.randomness import SeededRandomness

Make = Callable[[Boxes], Published]

DRAFT = {
    "label": "Returns",
    "test": True,
    "minimum_cell": 1,
    "contests": [
        {"label": "Question", "options": ["yes", "no"], "cells": "each"},
        {"label": "Asked on paper only", "options": ["red", "blue"], "fields": ["overvote", "null_vote"]},
    ],
    "styles": [
        {"label": "plain", "contests": ["Question"]},
        {"label": "heavy", "contests": ["Question"], "weight": 2},
        {"label": "long", "contests": ["Question", "Asked on paper only"]},
    ],
    "units": [
        {
            "label": "Land",
            "units": [
                {"label": "North", "styles": ["plain", "heavy"]},
                {"label": "South", "styles": ["plain"]},
                {"label": "Paper", "styles": ["long"]},
            ],
        },
        {"label": "Island", "styles": ["long"]},
    ],
}
OFFICES = {
    "Land/North": ReturnKind.BALLOTS,
    "Land/South": ReturnKind.BALLOTS,
    "Land/Paper": ReturnKind.OPEN,
    "Island": ReturnKind.OPEN,
}
NORTH, SOUTH, PAPER, ISLAND = OFFICES

COUNTS: dict[str, dict[Place, int]] = {
    NORTH: {
        ("plain", "", "registered"): 9,
        ("plain", "", "signed_in"): 4,
        ("plain", "", "rejected_only"): 0,
        ("plain", "", "challenged_only"): 1,
        ("heavy", "", "registered"): 2,
        ("heavy", "", "signed_in"): 1,
        ("heavy", "", "rejected_only"): 0,
    },
    SOUTH: {
        ("plain", "", "registered"): 5,
        ("plain", "", "signed_in"): 2,
        ("plain", "", "rejected_only"): 0,
    },
    PAPER: {
        ("long", "", "registered"): 100,
        ("long", "", "signed_in"): 61,
        ("long", "", "counted"): 60,
        ("long", "", "rejected_only"): 1,
        ("long", "Question", "yes"): 35,
        ("long", "Question", "no"): 20,
        ("long", "Asked on paper only", "red"): 40,
        ("long", "Asked on paper only", "blue"): 15,
        ("long", "Asked on paper only", "overvote"): 2,
        ("long", "Asked on paper only", "null vote"): 3,
    },
}
COUNTS[ISLAND] = {place: number // 2 if number == 100 else number for place, number in COUNTS[PAPER].items()}
COUNTS[ISLAND][("long", "", "registered")] = 80


@dataclass(frozen=True)
class Case:
    """One deviation: the checks that fail, and how it is made."""

    fails: frozenset[str]
    make: Make


CASES: dict[str, Case] = {}


def case(name: str, *fails: str) -> Callable[[Make], Make]:
    """Enter a case under a name."""

    def enter(make: Make) -> Make:
        assert name not in CASES
        CASES[name] = Case(frozenset(fails), make)
        return make

    return enter


@functools.cache
def boxes() -> Boxes:
    """The election before any vote; the ceremony is held once."""
    draft: dict[str, Any] = DRAFT
    return Kit.with_board(draft=draft, attended=True, offices=OFFICES, seed="returns alone")


def voted(box: Boxes) -> Boxes:
    """Three plain ballots and a heavy one in the North, with a challenge; two in the South; closed."""
    if box.rewind():
        return box
    box.restart()
    for option in ("yes", "yes", "no"):
        box.cast(option=option, unit=NORTH, style="plain")
    box.cast(option="no", unit=NORTH, style="heavy")
    box.challenge(unit=NORTH, style="plain")
    box.cast(unit=SOUTH)
    box.cast(option="no", unit=SOUTH)
    box.close()
    box.mark()
    return box


def files(box: Boxes) -> dict[str, bytes]:
    """The honest return of every unit."""
    return {unit: box.reported(unit, COUNTS[unit]) for unit in OFFICES}


def honest(box: Boxes) -> Published:
    """The honest record that every case starts from."""
    published = voted(box).publish()
    published.returns = list(files(box).values())
    return published


def record(box: Boxes, *returns: bytes) -> Published:
    """A record with these files of returns."""
    published = voted(box).publish()
    published.returns = list(returns)
    return published


def with_return(box: Boxes, unit: str, data: bytes) -> Published:
    """A record in which one unit's return is another."""
    voted(box)
    return record(box, *(files(box) | {unit: data}).values())


def changed(box: Boxes, unit: str, edit: Callable[[UnitReturn], UnitReturn]) -> Published:
    """A record in which one unit signed something else."""
    voted(box)
    made = edit(box.returned(unit, COUNTS[unit]))
    return with_return(box, unit, sign_return(made, box.offices.units[unit]))


def first_style(made: UnitReturn, **changes: int) -> UnitReturn:
    """The return with other counts of its first style."""
    return replace(made, counts=(replace(made.counts[0], **changes), *made.counts[1:]))


@case("a return that another unit signed", "E.34", "E.37")
def _(box: Boxes) -> Published:
    voted(box)
    published = with_return(
        box, PAPER, sign_return(box.returned(PAPER, COUNTS[PAPER]), box.offices.units[ISLAND])
    )
    return published


@case("a return that stands there twice", "E.34")
def _(box: Boxes) -> Published:
    voted(box)
    every = files(box)
    return record(box, *every.values(), every[PAPER])


@case("a torn file besides", "E.34")
def _(box: Boxes) -> Published:
    voted(box)
    every = files(box)
    return record(box, *every.values(), every[PAPER][:-1])


def _roster(box: Boxes, seed: str) -> bytes:
    key = SigningKey.generate(SeededRandomness(f"roster/{seed}"))
    encoded = key.verify_key.encoded
    proof = prove_unit_key(encoded, key, box.manifest.salt, ISLAND)
    keeps = (sha256(box.reported(ISLAND, COUNTS[ISLAND])),)
    change = KeyChange(ISLAND, "ed25519", encoded, proof, keeps)
    first = first_name(box.election.extended_hash)
    statement = RosterStatement(box.election.extended_hash, 2, first.digest, "token lost", (change,))
    return sign_roster(statement, box.offices.authority)


@case("two successors of one roster", "E.35")
def _(box: Boxes) -> Published:
    voted(box)
    return record(box, *files(box).values(), _roster(box, "one"), _roster(box, "other"))


@case("a unit that signs twice differently", "E.36")
def _(box: Boxes) -> Published:
    voted(box)
    made = first_style(box.returned(PAPER, COUNTS[PAPER]), registered=101)
    return record(box, *files(box).values(), sign_return(made, box.offices.units[PAPER]))


@case("totals with a ballot more", "E.38")
def _(box: Boxes) -> Published:
    def edit(made: UnitReturn) -> UnitReturn:
        group, row = box.election.group, made.sealed[0]
        one = encrypt(box.election.vote_key, 1, group.scalar(77))
        first = row.fields[0]
        alpha = group.multiply(group.decode(first.alpha), one.alpha).encode()
        beta = group.multiply(group.decode(first.beta), one.beta).encode()
        fields = (SealedField(first.label, alpha, beta), *row.fields[1:])
        return replace(made, sealed=(SealedTotal(row.style, row.contest, fields), *made.sealed[1:]))

    return changed(box, NORTH, edit)


@case("totals of two styles that were swapped", "E.38")
def _(box: Boxes) -> Published:
    def edit(made: UnitReturn) -> UnitReturn:
        one, two = made.sealed
        return replace(made, sealed=(replace(one, fields=two.fields), replace(two, fields=one.fields)))

    return changed(box, NORTH, edit)


@case("another closing head", "E.39")
def _(box: Boxes) -> Published:
    def edit(made: UnitReturn) -> UnitReturn:
        assert made.log is not None
        return replace(made, log=replace(made.log, size=made.log.size + 1))

    return changed(box, NORTH, edit)


@case("another closing checkpoint", "E.39")
def _(box: Boxes) -> Published:
    def edit(made: UnitReturn) -> UnitReturn:
        assert made.log is not None
        return replace(made, log=replace(made.log, checkpoint=bytes(32)))

    return changed(box, NORTH, edit)


@case("more counted ballots than the log has", "E.40")
def _(box: Boxes) -> Published:
    return changed(box, NORTH, lambda made: first_style(made, counted=4, accepted=4, signed_in=5))


@case("more voters with challenges than challenges", "E.40")
def _(box: Boxes) -> Published:
    return changed(box, SOUTH, lambda made: first_style(made, challenged_only=1, signed_in=3, challenged=1))


@case("more voters than came", "E.41")
def _(box: Boxes) -> Published:
    return changed(box, PAPER, lambda made: first_style(made, counted=61, accepted=61))


@case("votes that nobody gave", "E.41")
def _(box: Boxes) -> Published:
    def edit(made: UnitReturn) -> UnitReturn:
        row = made.plain[1]
        fields = (replace(row.fields[0], count=row.fields[0].count + 1), *row.fields[1:])
        return replace(made, plain=(made.plain[0], replace(row, fields=fields)))

    return changed(box, PAPER, edit)


@case("a result with a vote more", "E.42")
def _(box: Boxes) -> Published:
    published = honest(box)
    right = box.kit.files(published)["returns.json"]
    published.returns_result = right.replace(b'"reported": 4', b'"reported": 3', 1)
    assert published.returns_result != right
    return published


@case("declared returns that were stripped", "E.15")
def _(box: Boxes) -> Published:
    published = honest(box)
    published.left_out |= {"returns/000001.seg", "returns.json"}
    return published


@case("a result of returns that was left out", "E.42")
def _(box: Boxes) -> Published:
    published = honest(box)
    published.left_out.add("returns.json")
    return published


def correction(box: Boxes, unit: str, edit: Callable[[UnitReturn], UnitReturn]) -> bytes:
    """A second version of a unit's return, cosigned by the unit above."""
    first = sha256(box.reported(unit, COUNTS[unit]))
    made = edit(box.returned(unit, COUNTS[unit], number=2, previous=first, reason="typed wrongly"))
    above = unit.rpartition("/")[0]
    signer = box.offices.units[above] if above else box.offices.authority
    return correct_return(made, box.offices.units[unit], signer, RETURNED)
