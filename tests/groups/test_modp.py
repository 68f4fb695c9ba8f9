"""Integers mod p: what the laws cannot see from outside."""

from __future__ import annotations

import ast
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gmpy2
import pytest

from evote.groups import MembershipError, Profile
from evote.groups.modp import ModPGroup
from evote.secret import Secret
from evote.testing.groups import tiny, toy
from evote.testing.randomness import SeededRandomness

P = 59183


def test_exactly_the_subgroup_is_accepted_of_all_values_below_p() -> None:
    group = tiny()
    members = {pow(32616, exponent, P) for exponent in range(127)}
    accepted = set()
    for value in range(1, P):
        try:
            accepted.add(int.from_bytes(group.decode(value.to_bytes(2, "big")).encode(), "big"))
        except MembershipError:
            continue
    assert accepted == members
    assert len(members) == 127


def test_every_exponent_of_every_road_in_the_smallest_group() -> None:
    group = tiny()
    base = group.power(group.generator, group.scalar(5))
    exponents = [group.scalar(value) for value in range(127)]
    expected = [pow(pow(32616, 5, P), value, P).to_bytes(2, "big") for value in range(127)]
    for roads in (
        group.powers(base, exponents),
        group.powers_of_claimed(group.claim(base.encode()), exponents)[0],
        [group.power(base, exponent) for exponent in exponents],
        [group.power_secret(base, Secret(exponent)) for exponent in exponents],
        *([group.power(group.precompute(base, window), e) for e in exponents] for window in range(1, 9)),
    ):
        assert [power.encode() for power in roads] == expected


def test_random_scalars_reach_both_ends_and_are_uniform() -> None:
    # Chi-square with 126 degrees of freedom: 181 is exceeded once in a thousand seeds; the seed is fixed.
    group, rng = tiny(), SeededRandomness("uniform scalars")
    counts = Counter(group.random_scalar(rng).value for _ in range(127 * 200))
    assert set(counts) == set(range(127))
    assert 75 < sum((count - 200) ** 2 / 200 for count in counts.values()) < 181


def test_a_secret_exponent_takes_the_constant_time_road_and_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    real = gmpy2.powmod_sec

    def spy(base: int, exponent: int, modulus: int) -> Any:
        calls.append(exponent)
        return real(base, exponent, modulus)

    def never(*arguments: object) -> Any:
        raise AssertionError("a secret exponent met a variable-time power")

    group = toy()
    base, generator = group.power(group.generator, group.scalar(9)), group.generator
    monkeypatch.setattr(gmpy2, "powmod_sec", spy)
    monkeypatch.setattr(gmpy2, "powmod", never)
    monkeypatch.setattr(ModPGroup, "_power", never)
    monkeypatch.setattr(ModPGroup, "_shared", never)
    for element in (base, generator):
        group.power_secret(element, Secret(group.scalar(12345)))
    assert calls == [12345, 12345]


def test_threads_that_use_a_new_group_at_once_agree() -> None:
    known = toy()
    data = known.parameter_bytes()
    group = ModPGroup(
        "shared",
        Profile.TOY,
        p=int.from_bytes(data[:32], "big"),
        q=known.order,
        g=int.from_bytes(data[64:], "big"),
    )
    with ThreadPoolExecutor(8) as pool:
        powers = list(pool.map(lambda _: group.power(group.generator, group.scalar(77)), range(64)))
    assert {power.encode() for power in powers} == {known.power(known.generator, known.scalar(77)).encode()}


def test_two_groups_with_the_same_numbers_are_two_groups() -> None:
    known = tiny()
    twin = ModPGroup("twin", Profile.TOY, p=P, q=127, g=32616)
    assert twin.generator.encode() == known.generator.encode()
    assert twin.generator != known.generator
    with pytest.raises(TypeError):
        known.multiply(known.generator, twin.generator)


def test_nothing_outside_the_groups_makes_an_element() -> None:
    root = Path(__file__).resolve().parents[2] / "evote"
    makers = set()
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                if ast.unparse(node.func).startswith("ElementTree."):
                    continue
                called = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
                if called in ("Element", "FixedBase") and not ast.unparse(node.func).startswith(
                    "ElementTree."
                ):
                    makers.add(str(path.relative_to(root).as_posix()))
    groups = {"groups/base.py", "groups/modp.py", "groups/p256.py", "groups/points.py"}
    foreign = {"interop/belenios1/ed25519.py", "interop/belenios1/field.py"}
    assert makers == groups | foreign
