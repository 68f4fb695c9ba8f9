"""Parameters and the base hashes H_P and H_B, against known answers and the written formula."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

import pytest

from evote.groups import named, reduced_group, standard_group
from evote.manifest import VERSION, Parameters, base_hash, parameter_base_hash
from evote.testing.groups import toy

# (n, k) -> H_P of the standard group, computed by others from the text of the specification.
KNOWN = {
    (1, 1): "742FDEE2753D416B072D4735E7030721CEFC4F7D34BAC49A0D592AEE3BC52D44",
    (3, 2): "51BCA66C1792739F07526B7422771FC4AEC7AD9A40E92C1BB03BFDE12AE8B661",
    (3, 3): "DA7A87E10AA123565FE41EE06C5D26FD7AA612E0A126CAC69BBDC96E3416B8A8",
    (5, 3): "944286970EAFDB6F347F4EB93B30D48FA3EDCC89BFBAEA6F5AE8F29AFB05DDCE",
}


@pytest.mark.parametrize("numbers", KNOWN, ids=str)
def test_h_p_has_its_known_answer(numbers: tuple[int, int]) -> None:
    assert parameter_base_hash(Parameters(standard_group(), *numbers)).hex().upper() == KNOWN[numbers]


def test_h_p_is_the_formula_of_the_specification() -> None:
    group = reduced_group()
    generator = group.generator.encode()
    modulus = bytes.fromhex(f"{group.modulus:0768x}")
    message = b"\x00" + modulus + bytes.fromhex(f"{group.order:064x}") + generator + b"\0\0\0\x05\0\0\0\x03"
    assert len(message) == 1 + 384 + 32 + 384 + 8
    key = b"v2.1.0" + bytes(26)
    assert parameter_base_hash(Parameters(group, 5, 3)) == hmac.new(key, message, hashlib.sha256).digest()


def test_h_p_differs_with_group_guardians_and_quorum() -> None:
    every = [
        parameter_base_hash(Parameters(group, n, k))
        for group in (toy(), reduced_group(), standard_group())
        for n, k in ((2, 1), (1, 1), (2, 2), (3, 1))
    ]
    assert len(set(every)) == len(every)


def test_h_b_covers_the_length_and_every_byte_of_the_file() -> None:
    key = bytes(range(32))
    raw = b'{"label":"E"}'
    message = b"\x01" + (13).to_bytes(4, "big") + raw
    assert base_hash(key, raw) == hmac.new(key, message, hashlib.sha256).digest()
    changed = [raw + b"\n", raw[:-1], raw.replace(b"E", b"F"), b""]
    assert base_hash(key, raw) not in {base_hash(key, other) for other in changed}
    with pytest.raises(ValueError, match="32 bytes"):
        base_hash(key[:-1], raw)


@pytest.mark.parametrize(("n", "k"), [(0, 0), (1, 0), (1, 2), (3, -1), (1001, 1), (-1, -1)])
def test_impossible_numbers_of_guardians_are_refused(n: int, k: int) -> None:
    with pytest.raises(ValueError, match="guardians"):
        Parameters(toy(), n, k)


def test_numbers_of_guardians_are_integers() -> None:
    with pytest.raises(TypeError, match="quorum is an integer"):
        Parameters(toy(), 3, 2.0)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="guardians is an integer"):
        Parameters(toy(), True, 1)


@pytest.mark.parametrize(
    ("n", "k", "words"),
    [
        (5, 3, []),
        (3, 2, []),
        (4, 2, ["2k <= n"]),
        (5, 1, ["2k <= n"]),
        (3, 3, ["k = n"]),
        (1, 1, ["the only guardian"]),
    ],
)
def test_a_weak_quorum_is_warned_of_with_what_follows(n: int, k: int, words: list[str]) -> None:
    warnings = Parameters(toy(), n, k).warnings()
    assert len(warnings) == len(words)
    for warning, word in zip(warnings, words, strict=True):
        assert word in warning
        assert warning.endswith(".")


def test_the_vectors_hold() -> None:
    path = Path(__file__).resolve().parents[2] / "vectors" / "parameter-base-hash.json"
    vectors = json.loads(path.read_text(encoding="utf-8"))
    assert VERSION in vectors["spec"]
    seen = set()
    for group in vectors["groups"]:
        for case in group["cases"]:
            given = case["input"]
            parameters = Parameters(named(group["params"]["group"]), given["n"], given["k"])
            assert parameter_base_hash(parameters).hex().upper() == case["expect"], case["id"]
            seen.add((group["params"]["group"], given["n"], given["k"]))
    assert {("electionguard-4096", *numbers) for numbers in KNOWN} <= seen
