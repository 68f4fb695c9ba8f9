"""Rosters of unit returns that are refused, each with one fault; see :mod:`tests.manifest.cases`."""

from __future__ import annotations

from typing import Any

from evote.manifest import unit_key_origin
from evote.signing import SigningKey, prove_possession
from evote.testing.returns import ReturnKeys
from tests.manifest.cases import EXTENSIONS, IDENTITY, NOT_A_KEY, NOT_PROVEN, PROOF, Patch, add, put, remove
from tests.manifest.samples import KEYS, OFFICES, SALT, document

RETURNS = f"{EXTENSIONS}/returns"
NORTH, SOUTH = f"{RETURNS}/units/North", f"{RETURNS}/units/South"
N1 = f"{RETURNS}/units/North~1N1"
_ELSEWHERE = ReturnKeys.drawn("elsewhere", ["East"])
_LOG = document("attended")["evote"]["extensions"]["board"]["units"]["South"]


def _reporting(id: str, operations: list[dict[str, Any]], error: str) -> Patch:
    return Patch(id, operations, error, "reporting")


def _unit(path: str, kind: str | None, key: SigningKey) -> dict[str, Any]:
    """A declared unit, well proven."""
    proof = prove_possession(key, salt=SALT, origin=unit_key_origin(path))
    return {"kind": kind, "key": key.verify_key.encoded.hex(), "possession": proof.hex()}


BROKEN_RETURNS = [
    _reporting(
        "returns-possession-wrong",
        [put(f"{RETURNS}/possession", PROOF)],
        f"extension 'returns': roster authority: {NOT_PROVEN}",
    ),
    _reporting(
        "returns-key-small-order",
        [put(f"{RETURNS}/key", IDENTITY)],
        f"extension 'returns': roster authority: {NOT_A_KEY}",
    ),
    _reporting(
        "returns-corrected-on-no-day",
        [put(f"{RETURNS}/correct_until", "2026-02-30T20:00:00Z")],
        "extension 'returns': the end of corrections is no date: there is no moment 2026-02-30T20:00:00Z",
    ),
    _reporting(
        "returns-corrected-before-the-end-of-voting",
        [put(f"{RETURNS}/correct_until", "2026-06-30T20:00:00Z")],
        "extension 'returns': the end of corrections lies after the end of voting",
    ),
    _reporting(
        "return-unit-without-key", [remove(N1)], "extension 'returns': the unit 'North/N1' has no key"
    ),
    _reporting(
        "return-inner-unit-without-key", [remove(NORTH)], "extension 'returns': the unit 'North' has no key"
    ),
    _reporting(
        "return-unit-without-kind",
        [put(f"{N1}/kind", None)],
        "extension 'returns': 'North/N1' reports, so it has a kind",
    ),
    _reporting(
        "return-inner-unit-with-kind",
        [put(f"{NORTH}/kind", "OPEN")],
        "extension 'returns': 'North' has units below it, so it has no kind",
    ),
    _reporting(
        "return-unit-that-is-not-there",
        [add(f"{RETURNS}/units/East", _unit("East", None, _ELSEWHERE.units["East"]))],
        "extension 'returns': there is no unit 'East'",
    ),
    _reporting(
        "return-unit-possession-wrong",
        [put(f"{SOUTH}/possession", PROOF)],
        f"extension 'returns', unit 'South': {NOT_PROVEN}",
    ),
    _reporting(
        "return-unit-possession-of-the-neighbour",
        [put(SOUTH, _unit("North/N2", "OPEN", OFFICES.units["South"]))],
        f"extension 'returns', unit 'South': {NOT_PROVEN}",
    ),
    _reporting(
        "return-unit-key-small-order",
        [put(f"{SOUTH}/key", IDENTITY)],
        f"extension 'returns', unit 'South': {NOT_A_KEY}",
    ),
    _reporting(
        "return-unit-key-of-the-neighbour",
        [put(SOUTH, _unit("South", "OPEN", OFFICES.units["North"]))],
        "the election: the unit 'South' and the unit 'North' have one key; every duty has its own",
    ),
    _reporting(
        "return-unit-key-of-the-authority",
        [put(SOUTH, _unit("South", "OPEN", OFFICES.authority))],
        "the election: the unit 'South' and the roster authority have one key; every duty has its own",
    ),
    _reporting(
        "return-unit-key-of-its-log",
        [put(N1, _unit("North/N1", "BALLOTS", KEYS.units["North/N1"]))],
        "the election: the unit 'North/N1' and the log of 'North/N1' have one key; every duty has its own",
    ),
    _reporting(
        "log-of-an-open-unit",
        [add(f"{EXTENSIONS}/board/units/South", _LOG)],
        "extension 'board': 'South' is of kind OPEN, so it has no log",
    ),
    _reporting(
        "cell-with-an-open-unit",
        [add("/evote/contests/0/cells/0/units/-", "South")],
        "contest 'Mayor', cell 'all': 'South' is no reporting unit with a ballot for this contest",
    ),
    _reporting(
        "returns-of-ballots-without-board",
        [remove(f"{EXTENSIONS}/board")],
        "extension 'returns': totals of ballots are recomputed from a closed log, so 'board' is declared too",
    ),
]

MALFORMED_RETURNS = [
    *(
        _reporting(
            f"returns-{field.replace('_', '-')}-absent",
            [remove(f"{RETURNS}/{field}")],
            f"evote.extensions.returns: the field {field} is absent",
        )
        for field in ("key", "possession", "correct_until", "units")
    ),
    *(
        _reporting(
            f"return-unit-{field}-absent",
            [remove(f"{SOUTH}/{field}")],
            f"evote.extensions.returns.units.South: the field {field} is absent",
        )
        for field in ("kind", "key", "possession")
    ),
    _reporting(
        "returns-field-unknown",
        [add(f"{RETURNS}/colour", "red")],
        "evote.extensions.returns: the field 'colour' is unknown",
    ),
    _reporting(
        "return-kind-unknown",
        [put(f"{SOUTH}/kind", "PAPER")],
        "evote.extensions.returns.units.South.kind: null or one of BALLOTS, OPEN is wanted here",
    ),
    _reporting(
        "return-unit-key-short",
        [put(f"{SOUTH}/key", "00" * 31)],
        "evote.extensions.returns.units.South.key: 64 hexadecimal digits in lower case are wanted here",
    ),
    _reporting("returns-null", [put(RETURNS, None)], "evote.extensions.returns: an object is wanted here"),
]
