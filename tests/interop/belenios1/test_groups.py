"""The groups of Belenios are held to the laws of every group, and write elements as the format does."""

from __future__ import annotations

import functools

import pytest

from evote.errors import DecodeError
from evote.groups import Claimed, Group, Profile
from evote.interop.belenios1.field import FieldGroup, unpacked
from evote.interop.belenios1.groups import NAMES, named
from evote.testing.groups import toy
from tests.groups.laws import LAWS, Law, Subject
from tests.groups.subjects import DIGESTS
from tests.interop.belenios1 import writer

FIELD = 2**255 - 19


def field(group: FieldGroup, rounds: int) -> Subject:
    """A subgroup with a small cofactor, or one with a factor 3, and values of every other order."""
    p, q, size = group.modulus, group.order, group.element_bytes
    cofactor = (p - 1) // q
    member = pow(int.from_bytes(group.generator.encode(), "big"), 5, p)
    strangers = {"order 2": p - 1, "order 2 q": p - member}
    for factor in (factor for factor in (3, 5) if cofactor % factor == 0):
        root = next(x for x in (pow(base, (p - 1) // factor, p) for base in range(2, 50)) if x != 1)
        strangers |= {f"order {factor}": root, f"order {factor} q": root * member % p}
    malformed = {"0": 0, "p": p, "p + 1": p + 1, "the largest of this width": 2 ** (8 * size) - 1}
    return Subject(
        group=group,
        other=toy(),
        malformed={name: value.to_bytes(size, "big") for name, value in malformed.items()},
        strangers={name: value.to_bytes(size, "big") for name, value in strangers.items()},
        digests={digest: int(digest, 16) % q for digest in DIGESTS},
        windows=(4, 8),
        rounds=rounds,
    )


def edwards() -> Subject:
    group = named("Ed25519")
    base = group.generator
    order_2, order_4 = (group.claim(y.to_bytes(32, "big")) for y in (FIELD - 1, 0))
    order_8 = _of_order_8(group)
    off = next(y for y in range(2, 100) if not _on_curve(y))
    return Subject(
        group=group,
        other=toy(),
        malformed={
            "y = p": FIELD.to_bytes(32, "big"),
            "y = p + 1, the identity once more": (FIELD + 1).to_bytes(32, "big"),
            "the identity with a sign": (1 | 1 << 255).to_bytes(32, "big"),
            "no point": off.to_bytes(32, "big"),
        },
        strangers={
            "order 2": order_2.encode(),
            "order 4": order_4.encode(),
            "order 8": order_8.encode(),
            "order 8 q": group.product_of_claimed([base, order_8]).encode(),
        },
        digests={digest: int(digest, 16) % group.order for digest in DIGESTS},
        windows=(3, 8),
        rounds=2,
    )


def _of_order_8(group: Group) -> Claimed:
    """q times a point of the whole curve whose order is 8 q."""
    for y in range(2, 100):
        if _on_curve(y):
            point = group.combination([group.claim(y.to_bytes(32, "big"))], [group.order])
            if group.combination([point], [4]) != group.identity:
                return point
    raise AssertionError("there is a point of order 8")


def _on_curve(y: int) -> bool:
    d = -121665 * pow(121666, -1, FIELD) % FIELD
    square = (y * y - 1) * pow(d * y * y + 1, -1, FIELD) % FIELD
    return pow(square, (FIELD - 1) // 2, FIELD) in (0, 1)


def safe() -> FieldGroup:
    """A safe prime, as that of RFC-3526-2048."""
    return FieldGroup(
        "safe-96", Profile.TOY, p=0x800000000000000000003687, q=(0x800000000000000000003687 - 1) // 2, g=4
    )


SUBJECTS = {
    "Ed25519": edwards,
    "cofactor 6": lambda: field(writer.GROUP, 5),
    "safe prime": lambda: field(safe(), 5),
    "BELENIOS-2048": lambda: field(_belenios(), 1),
}


def _belenios() -> FieldGroup:
    group = named("BELENIOS-2048")
    assert isinstance(group, FieldGroup)
    return group


@functools.cache
def subject(name: str) -> Subject:
    return SUBJECTS[name]()


@pytest.mark.parametrize("name", [*SUBJECTS][:3])
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_law(name: str, law: Law) -> None:
    law(subject(name))


@pytest.mark.long
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_law_on_belenios_2048(law: Law) -> None:
    law(subject("BELENIOS-2048"))


def test_the_groups_are_those_of_protocol_1() -> None:
    assert NAMES == ("BELENIOS-2048", "RFC-3526-2048", "Ed25519")
    for name in NAMES:
        assert named(name) is named(name)
        assert named(name).name == name
    with pytest.raises(ValueError, match="no group of Belenios"):
        named("BELENIOS-3072")


@pytest.mark.parametrize("name", NAMES)
def test_texts_of_elements_come_back_and_have_one_form(name: str) -> None:
    group = named(name)
    element = group.power(group.generator, group.scalar(3**50))
    text = group.text_of(element.encode())
    assert group.read(text) == element
    assert text == (
        element.encode().hex() if name == "Ed25519" else str(int.from_bytes(element.encode(), "big"))
    )
    for wrong in (
        "",
        " " + text,
        text + "\n",
        "0" + text,
        "+" + text,
        "-" + text,
        text + "0" * 900,
        "\u0661",
    ):
        with pytest.raises(DecodeError):
            group.read(wrong)
    if name == "Ed25519":
        with pytest.raises(DecodeError):
            group.read(text.upper())


def test_an_element_of_order_3_can_pass_small_exponents_and_the_group_says_so() -> None:
    group = _belenios()
    assert group.admission_error(128, by_subsets=False) > 0.3
    assert group.admission_error(128, by_subsets=True) < 2**-127
    rfc = named("RFC-3526-2048")
    assert rfc.admission_error(128, by_subsets=False) < 2**-127


def test_scalars_of_rfc_3526_are_as_wide_as_its_order() -> None:
    group = named("RFC-3526-2048")
    power = group.power(group.generator, group.scalar(-1))
    assert group.multiply(power, group.generator) == group.identity
    claimed = group.claim(power.encode())
    wide = group.scalar(group.order // 3)
    assert group.powers_of_claimed(claimed, [wide])[0] == [group.power(power, wide)]


def test_a_field_of_another_shape_is_refused() -> None:
    for numbers in (
        {"p": writer.P + 2, "q": writer.Q, "g": writer.G},
        {"p": writer.P, "q": writer.Q + 2, "g": writer.G},
        {"p": writer.P, "q": writer.Q, "g": 1},
        {"p": writer.P, "q": writer.Q, "g": writer.P - 1},
    ):
        with pytest.raises(ValueError):
            FieldGroup("wrong", Profile.TOY, **numbers)


def test_vectors_are_packed_with_their_padding_below() -> None:
    assert unpacked(0x01_FF_20_99, 3, (8, 8)) == [1, 255, 32]
    assert unpacked(0, 2, (14, 8)) == [0, 0]
