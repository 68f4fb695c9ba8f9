"""The oracle by itself: known answers, and proofs that it verifies with the specification's equations."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from tests.vectors.form import Case, cases_of, completed, stored
from tests.vectors.oracle import (
    HASHES,
    Numbers,
    hashed,
    hashed_number,
    lagrange,
    mac,
    number,
    range_commitments_again,
    scalar,
)
from tests.vectors.setting import REDUCED, STANDARD, TOY, numbers

# H_P of the standard set for (n, k), computed by others from the text of the specification.
KNOWN = {
    (1, 1): "742FDEE2753D416B072D4735E7030721CEFC4F7D34BAC49A0D592AEE3BC52D44",
    (3, 2): "51BCA66C1792739F07526B7422771FC4AEC7AD9A40E92C1BB03BFDE12AE8B661",
    (3, 3): "DA7A87E10AA123565FE41EE06C5D26FD7AA612E0A126CAC69BBDC96E3416B8A8",
    (5, 3): "944286970EAFDB6F347F4EB93B30D48FA3EDCC89BFBAEA6F5AE8F29AFB05DDCE",
}

FINGERPRINTS = {
    STANDARD: (
        "f76fac50669bdb5b75fe86264378525d336bc1566140a48d76aebf7b0dd19f27",
        "77fbd493a68fb3e3d24d7c25608a61be021bb6749567b08e664d093bb32ded77",
    ),
    REDUCED: (
        "589c49144566a67556ea1378048f372bbd28d5fba6b547ea15cff8ca2b7cf8b5",
        "5c8def209ce111e566685a15256944dfebd92d1af4229e45e0ded7f1e9786239",
    ),
}
"""SHA-256 of p and g, big-endian, as published."""


@pytest.mark.parametrize("name", FINGERPRINTS)
def test_the_numbers_are_the_published_ones(name: str) -> None:
    n = numbers(name)
    assert n.q == 2**256 - 189
    found = tuple(hashlib.sha256(data).hexdigest() for data in n.elements(n.p, n.g))
    assert found == FINGERPRINTS[name]


@pytest.mark.parametrize(("guardians", "quorum"), KNOWN)
def test_the_parameter_base_hash_is_the_known_one(guardians: int, quorum: int) -> None:
    value = hashed("parameter_base_hash", numbers(STANDARD), guardians=guardians, quorum=quorum)
    assert value.hex().upper() == KNOWN[guardians, quorum]


def test_hmac_is_that_of_rfc_4231() -> None:
    expected = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    assert mac(b"\x0b" * 20, b"Hi There").hex() == expected


def test_every_domain_byte_of_the_specification_is_there() -> None:
    n = numbers(TOY)
    found = set()
    for name in ("hashes.json", "pre-encryption-hashes.json"):
        for case in cases_of(name).values():
            given = {key: value for key, value in case["input"].items() if key != "use"}
            build, _ = HASHES[case["input"]["use"]]
            _, data = build(n, **_fields(given))
            found.add(data[0])
    assert found == {
        *range(0x02),
        *range(0x10, 0x15),
        *range(0x20, 0x2C),
        *range(0x30, 0x34),
        *range(0x40, 0x46),
    }


def _fields(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _fields(member, key) for key, member in value.items()}
    if isinstance(value, list):
        return [_fields(member, name) for member in value]
    return bytes.fromhex(value) if isinstance(value, str) and name not in ("device", "manifest") else value


@pytest.mark.slow
@pytest.mark.parametrize("group", [STANDARD, TOY])
def test_proofs_of_selections_and_limits_hold_or_fail_in_the_specification_s_equations(group: str) -> None:
    n = numbers(group)
    every = cases_of("selections.json")
    verdicts: dict[str, int] = {"accept": 0, "verify": 0}
    for held in stored("selections.json")["groups"]:
        if held["params"]["kind"] == "verify" and held["params"]["group"] == group:
            for case in held["cases"]:
                verdict = _verdict(n, int(held["params"]["vote_key"], 16), case, every)
                assert verdict == (case["expect"], case.get("checks", [])), case["id"]
                verdicts[case["expect"]] += 1
    assert verdicts["accept"] == 2 and verdicts["verify"] > 20


def _verdict(n: Numbers, key: int, case: Case, every: dict[str, Case]) -> tuple[str, list[str]]:
    """Verification 6, or 7 without an option, written down once more."""
    given = completed(case, every)
    step = 7 if given["option"] is None else 6
    alpha, beta = int(given["alpha"], 16), int(given["beta"], 16)
    if not all(0 <= x < n.p and n.power(x, n.q) == 1 for x in (alpha, beta)):
        return "verify", [f"{step}.A"]
    pairs = [{half: bytes.fromhex(value) for half, value in pair.items()} for pair in given["proof"]]
    failed = set()
    for letter, half in (("B", "challenge"), ("C", "response")):
        if any(number(pair[half]) >= n.q for pair in pairs):
            failed.add(f"{step}.{letter}")
    fields = {"key": bytes.fromhex(given["key"]), "contest": given["contest"]}
    fields |= {"alpha": n.element(alpha), "beta": n.element(beta)}
    commitments = range_commitments_again(n, key, alpha, beta, pairs)
    if step == 6:
        c = hashed_number("selection_challenge", n, option=given["option"], commitments=commitments, **fields)
    else:
        c = hashed_number("limit_challenge", n, commitments=commitments, **fields)
    total = sum(number(pair["challenge"]) for pair in pairs) % n.q
    if len(pairs) != given["limit"] + 1 or c != total:
        failed.add(f"{step}.D")
    return ("verify" if failed else "accept"), sorted(failed)


@pytest.mark.parametrize("members", [(1,), (1, 2), (2, 5), (1, 3, 4)])
def test_lagrange_coefficients_give_a_polynomial_at_zero(members: tuple[int, ...]) -> None:
    n = numbers(TOY)
    coefficients = [n.q - 7, 11, 5][: len(members)]
    values = {i: sum(a * i**j for j, a in enumerate(coefficients)) % n.q for i in members}
    assert sum(lagrange(n, i, members) * values[i] for i in members) % n.q == coefficients[0]
    assert len(scalar(lagrange(n, members[0], members))) == 32
