"""The laws of :class:`evote.groups.Group`: what every group, and every later kernel, must pass.

A law is a function of a :class:`Subject`: a group with what is known about it from outside (bytes
that are no encoding, encodings of values that are no members, hashes with their scalars). Nothing
here knows how a group works inside. ``LAWS`` lists them; ``test_laws.py`` runs every law over every
group, and a new group is held to them by adding one subject to ``subjects.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from evote.errors import DecodeError, VerificationError
from evote.groups import Claimed, Element, FixedBase, Group, MembershipError, Scalar
from evote.secret import Secret
from evote.testing.randomness import SeededRandomness


@dataclass(frozen=True, slots=True)
class Subject:
    """A group on trial."""

    group: Group
    other: Group
    """A group of another order."""
    malformed: Mapping[str, bytes]
    """What :meth:`Group.claim` refuses."""
    strangers: Mapping[str, bytes]
    """What :meth:`Group.claim` accepts and :meth:`Group.decode` refuses."""
    digests: Mapping[str, int]
    """Known answers of :meth:`Group.scalar_from_digest`: 64 hexadecimal digits to the scalar."""
    windows: Sequence[int]
    """Sizes of tables that are tried."""
    rounds: int
    """How often a law with random values is tried."""
    all_members: bool = False
    """Whether every value that :meth:`Group.claim` accepts is a member, so that there are no strangers."""


Law = Callable[[Subject], None]
LAWS: list[Law] = []


def law(function: Law) -> Law:
    LAWS.append(function)
    return function


class Sample:
    """Seeded scalars and elements of one group."""

    def __init__(self, group: Group, name: str) -> None:
        self.group = group
        self.rng = SeededRandomness(f"{name}/{group.name}")

    def scalar(self) -> Scalar:
        return self.group.random_scalar(self.rng)

    def element(self) -> Element:
        return self.group.power(self.group.generator, self.scalar())

    def bare(self) -> Element:
        """An element without a table."""
        return self.group.multiply(self.element(), self.group.identity)


def by_definition(group: Group, base: Element, exponent: Scalar) -> Element:
    """``base ** exponent`` from multiplications alone, highest bit first."""
    result = group.identity
    for bit in bin(exponent.value)[2:]:
        result = group.multiply(result, result)
        if bit == "1":
            result = group.multiply(result, base)
    return result


def telling_exponents(group: Group) -> list[Scalar]:
    """Exponents at the borders of bits, digits and windows."""
    q = group.order
    values = {0, 1, 2, 3, q - 1, q - 2, q // 2, q // 2 + 1, 189, 255, 256}
    bits = q.bit_length()
    for place in {1, 3, 4, 5, 7, 8, 9, 15, 16, 17, bits // 2, bits - 1}:
        values |= {2**place - 1, 2**place, 2**place + 1}
    values.add(int("1000" * (bits // 4), 2))
    values.add(int("0111" * (bits // 4), 2))
    return [Scalar(value, q) for value in sorted(values) if value < q]


# --- the group -----------------------------------------------------------------------------------


@law
def multiplication_is_associative_and_commutative(subject: Subject) -> None:
    group, sample = subject.group, Sample(subject.group, "associative")
    for _ in range(subject.rounds):
        x, y, z = sample.element(), sample.element(), sample.element()
        assert group.multiply(group.multiply(x, y), z) == group.multiply(x, group.multiply(y, z))
        assert group.multiply(x, y) == group.multiply(y, x)


@law
def the_identity_is_neutral(subject: Subject) -> None:
    group, x = subject.group, Sample(subject.group, "neutral").element()
    one = group.identity
    assert group.multiply(x, one) == group.multiply(one, x) == x
    assert group.multiply(one, one) == one == group.invert(one)
    assert group.product([]) == one
    assert x != one
    for exponent in (0, 1, group.order - 1):
        assert group.power(one, group.scalar(exponent)) == one
        assert group.power_secret(one, Secret(group.scalar(exponent))) == one


@law
def every_element_has_its_inverse(subject: Subject) -> None:
    group, sample = subject.group, Sample(subject.group, "inverse")
    for _ in range(subject.rounds):
        x = sample.element()
        assert group.multiply(x, group.invert(x)) == group.identity
        assert group.invert(group.invert(x)) == x
        assert group.power(x, -group.scalar(1)) == group.invert(x)


@law
def the_generator_has_the_order_of_the_group(subject: Subject) -> None:
    group = subject.group
    assert group.generator != group.identity
    last = by_definition(group, group.generator, Scalar(group.order - 1, group.order))
    assert group.multiply(last, group.generator) == group.identity
    assert isinstance(group.generator, FixedBase)
    assert group.generator is group.generator


@law
def exponents_add_and_multiply(subject: Subject) -> None:
    group, sample = subject.group, Sample(subject.group, "exponents")
    for _ in range(subject.rounds):
        x, y, a, b = sample.element(), sample.element(), sample.scalar(), sample.scalar()
        assert group.power(x, a + b) == group.multiply(group.power(x, a), group.power(x, b))
        assert group.power(x, a - b) == group.multiply(group.power(x, a), group.invert(group.power(x, b)))
        assert group.power(x, a * b) == group.power(group.power(x, a), b)
        assert group.power(group.multiply(x, y), a) == group.multiply(group.power(x, a), group.power(y, a))
        assert group.power(x, group.scalar(1)) == x
        assert group.power(x, group.scalar(0)) == group.identity


@law
def products_multiply_everything_once(subject: Subject) -> None:
    group, sample = subject.group, Sample(subject.group, "products")
    elements = [sample.element() for _ in range(5)]
    expected = group.identity
    for count, element in enumerate(elements):
        assert group.product(elements[:count]) == expected
        assert group.product(iter(elements[:count])) == expected
        expected = group.multiply(expected, element)
    row = elements[::-1]
    pairs = zip(elements, row, strict=True)
    assert group.multiply_columns(elements, row) == [group.multiply(left, right) for left, right in pairs]
    assert group.multiply_columns([], []) == []
    with pytest.raises(ValueError):
        group.multiply_columns(elements, row[1:])
    with pytest.raises(ValueError):
        group.multiply_columns(elements[1:], row)


# --- powers --------------------------------------------------------------------------------------


@law
def every_road_to_a_power_ends_at_the_same_element(subject: Subject) -> None:
    group, sample = subject.group, Sample(subject.group, "roads")
    base = sample.bare()
    exponents = telling_exponents(group) + [sample.scalar() for _ in range(subject.rounds)]
    expected = [by_definition(group, base, exponent) for exponent in exponents]
    assert [group.power(base, exponent) for exponent in exponents] == expected
    assert [group.power_secret(base, Secret(exponent)) for exponent in exponents] == expected
    assert group.powers(base, exponents) == expected
    assert group.powers(base, exponents[:2]) == expected[:2]
    assert group.powers(base, exponents[:1]) == expected[:1]
    assert group.powers(base, []) == []
    for window in subject.windows:
        fixed = group.precompute(base, window)
        assert fixed == base
        assert [group.power(fixed, exponent) for exponent in exponents] == expected
        assert group.powers(fixed, exponents) == expected
        assert group.power_secret(fixed, Secret(exponents[-1])) == expected[-1]
    claimed = group.claim(base.encode())
    assert group.powers_of_claimed(claimed, exponents) == (expected, base)


@law
def the_generators_table_gives_its_powers(subject: Subject) -> None:
    group, sample = subject.group, Sample(subject.group, "generator")
    for exponent in [*telling_exponents(group), sample.scalar()]:
        assert group.power(group.generator, exponent) == by_definition(group, group.generator, exponent)


@law
def powers_of_a_claimed_value_show_that_it_is_a_member(subject: Subject) -> None:
    group, sample = subject.group, Sample(subject.group, "claimed")
    for count in range(4):
        element = sample.bare()
        exponents = [sample.scalar() for _ in range(count)]
        powers, member = group.powers_of_claimed(group.claim(element.encode()), exponents)
        assert powers == [group.power(element, exponent) for exponent in exponents]
        assert isinstance(member, Element)
        assert member == element
        for known in (element, group.precompute(element, 4)):
            powers_again, same = group.powers_of_claimed(known, exponents)
            assert powers_again == powers
            assert same is known


@law
def a_table_has_a_window_of_1_to_16_bits(subject: Subject) -> None:
    for window in (-1, 0, 17, 64):
        with pytest.raises(ValueError):
            subject.group.precompute(subject.group.generator, window)


# --- encodings and membership --------------------------------------------------------------------


@law
def encodings_are_of_one_width_and_come_back(subject: Subject) -> None:
    group, sample = subject.group, Sample(subject.group, "encodings")
    seen: dict[bytes, Element] = {}
    for element in [group.identity, group.generator, *(sample.element() for _ in range(subject.rounds))]:
        data = element.encode()
        assert data == group.encode(element)
        assert len(data) == group.element_bytes
        decoded = group.decode(data)
        assert isinstance(decoded, Element)
        assert decoded == element
        assert hash(decoded) == hash(element)
        assert decoded.encode() == data
        claimed = group.claim(data)
        assert not isinstance(claimed, Element)
        assert claimed == element
        assert claimed.encode() == data
        assert seen.setdefault(data, element) == element


@law
def bytes_of_another_width_are_refused(subject: Subject) -> None:
    group = subject.group
    data = group.generator.encode()
    for wrong in (b"", data[:-1], data[1:], data + b"\x00", b"\x00" + data, data + data):
        for read in (group.claim, group.decode):
            with pytest.raises(DecodeError):
                read(wrong)


@law
def bytes_that_encode_nothing_are_refused(subject: Subject) -> None:
    assert subject.malformed
    for name, data in subject.malformed.items():
        for read in (subject.group.claim, subject.group.decode):
            with pytest.raises(DecodeError):
                read(data)
                pytest.fail(f"{name} was accepted")


@law
def values_outside_the_subgroup_are_refused(subject: Subject) -> None:
    group, sample = subject.group, Sample(subject.group, "strangers")
    assert bool(subject.strangers) is not subject.all_members
    for name, data in subject.strangers.items():
        claimed = group.claim(data)
        assert claimed.encode() == data
        with pytest.raises(MembershipError):
            group.decode(data)
            pytest.fail(f"{name} was accepted")
        some = [sample.scalar() for _ in range(2)]
        zero, last = group.scalar(0), group.scalar(group.order - 1)
        for exponents in ([], some[:1], some, some * 2, [zero, zero], [last]):
            with pytest.raises(MembershipError):
                group.powers_of_claimed(claimed, exponents)
                pytest.fail(f"{name} was accepted with {len(exponents)} powers")


@law
def a_membership_error_is_a_failed_verification_and_no_decode_error(subject: Subject) -> None:
    assert issubclass(MembershipError, VerificationError)
    assert not issubclass(MembershipError, DecodeError)


@law
def products_of_claimed_values_keep_what_is_wrong_with_them(subject: Subject) -> None:
    group, sample = subject.group, Sample(subject.group, "claimed products")
    elements = [sample.element() for _ in range(3)]
    claims = [group.claim(element.encode()) for element in elements]
    product = group.product_of_claimed(claims)
    assert not isinstance(product, Element)
    assert product == group.product(elements)
    assert group.product_of_claimed(claims[:1]) == elements[0]
    assert group.product_of_claimed(elements) == product
    with pytest.raises(ValueError):
        group.product_of_claimed([])
    for data in subject.strangers.values():
        mixed = group.product_of_claimed([*claims, group.claim(data)])
        with pytest.raises(MembershipError):
            group.powers_of_claimed(mixed, [sample.scalar()])


# --- many values at once -------------------------------------------------------------------------


def raised(group: Group, value: Claimed, exponent: int) -> Claimed | None:
    """``value ** exponent`` from products of two values alone; None stands for 1."""
    result: Claimed | None = None
    for bit in bin(exponent)[2:] if exponent else "":
        if result is not None:
            result = group.product_of_claimed([result, result])
        if bit == "1":
            result = value if result is None else group.product_of_claimed([result, value])
    return result


def mixed(subject: Subject, sample: Sample, members: int) -> list[Claimed]:
    """Members and non-members as they come from outside."""
    encodings = [sample.element().encode() for _ in range(members)] + list(subject.strangers.values())
    return [subject.group.claim(data) for data in encodings]


@law
def a_combination_is_the_product_of_the_powers(subject: Subject) -> None:
    group, sample, q = subject.group, Sample(subject.group, "combination"), subject.group.order
    values = mixed(subject, sample, 4)
    lengths = (0, 1, 2, 9, 128, 256, 384, 512)
    for shift in range(min(len(lengths), subject.rounds)):
        exponents = [sample.rng.below(1 << lengths[(i + shift) % len(lengths)]) for i in range(len(values))]
        powers = [raised(group, value, e) for value, e in zip(values, exponents, strict=True)]
        expected = group.product_of_claimed([group.identity, *(power for power in powers if power)])
        assert group.combination(values, exponents) == expected
        by_subsets = group.combination_by_subsets(values[:4], exponents[:4], 128)
        assert by_subsets == group.combination(values[:4], exponents[:4])
    assert not isinstance(group.combination(values[:1], [1]), Element)
    assert group.combination(values[:1], [1]) == values[0]
    assert group.combination(values, [0] * len(values)) == group.identity == group.combination([], [])
    assert group.combination(values[:2] * 2, [1, 2, 3, 4]) == group.combination(values[:2], [4, 6])
    assert group.combination(values[:1], [q]) == group.identity


@law
def a_combination_does_not_reduce_its_exponents(subject: Subject) -> None:
    group = subject.group
    for name, data in subject.strangers.items():
        assert group.combination([group.claim(data)], [group.order]) != group.identity, name


@law
def a_combination_has_one_exponent_from_0_on_per_value(subject: Subject) -> None:
    group = subject.group
    x = group.generator
    for values, exponents in (([x], []), ([], [1]), ([x, x], [1]), ([x], [-1]), ([x, x], [2, -2])):
        with pytest.raises(ValueError):
            group.combination(values, exponents)
        with pytest.raises(ValueError):
            group.combination_by_subsets(values, exponents, 8)


@law
def a_subset_with_a_stranger_in_it_is_found(subject: Subject) -> None:
    group, sample = subject.group, Sample(subject.group, "subsets")
    members = [group.claim(sample.element().encode()) for _ in range(5)]
    exponents = [sample.rng.below(1 << 16) for _ in members]
    for name, data in subject.strangers.items():
        stranger = group.claim(data)
        for bit in range(8):
            assert group.combination_by_subsets([*members, stranger], [*exponents, 1 << bit], 8) is None, name
        # Bits beyond those that are looked at show nothing: 256 = 2^8.
        far = group.combination_by_subsets([*members, stranger], [*exponents, 256], 8)
        assert far == group.combination([*members, stranger], [*exponents, 256])


@law
def two_strangers_of_order_2_do_not_hide_each_other_in_all_subsets(subject: Subject) -> None:
    group = subject.group
    for data in subject.strangers.values():
        twice = [group.claim(data)] * 2
        assert group.combination_by_subsets(twice, [0b01, 0b10], 2) is None
        assert group.combination_by_subsets(twice, [0b10, 0b11], 2) is None


@law
def suspects_are_what_a_square_would_hide_and_never_members(subject: Subject) -> None:
    group, sample = subject.group, Sample(subject.group, "suspects")
    members = [group.claim(sample.element().encode()) for _ in range(subject.rounds)]
    assert group.suspects([*members, group.identity, group.generator]) == []
    assert group.suspects([]) == []
    for name, data in subject.strangers.items():
        stranger = group.claim(data)
        found = group.suspects([*members, stranger, members[0], stranger])
        assert found in ([], [len(members), len(members) + 2])
        try:
            group.decode(group.combination([stranger], [2]).encode())
        except MembershipError:
            continue
        assert found, name


@law
def values_are_admitted_by_an_equation_that_holds(subject: Subject) -> None:
    group, sample, q = subject.group, Sample(subject.group, "admit"), subject.group.order
    bits = 128
    values = [group.claim(sample.bare().encode()) for _ in range(3)]
    others: list[Claimed] = [group.claim(sample.bare().encode()), sample.element()]
    exponents = [sample.rng.below(1 << 300) - (1 << 299) for _ in values]
    weights = [sample.rng.below(1 << bits) for _ in others]
    reduced = [exponent % q for exponent in exponents]
    expected = group.decode(group.combination([*values, *others], [*reduced, *weights]).encode())
    drawn: list[int] = []

    def draw() -> int:
        drawn.append(sample.rng.below(1 << bits))
        return drawn[-1]

    def admitted(these: Sequence[Claimed], those: Sequence[Claimed], by_subsets: bool) -> bool:
        found = group.admit(
            these, exponents, those, weights, expected, draw=draw, bits=bits, by_subsets=by_subsets
        )
        if found is not None:
            assert found == list(these)
            assert all(isinstance(member, Element) for member in found)
        return found is not None

    for by_subsets in (False, True):
        assert group.admission_error(bits, by_subsets=by_subsets) > 0
        drawn.clear()
        assert admitted(values, others, by_subsets)
        assert len(drawn) == len(set(drawn)) == len(values)
        assert not admitted([values[1], values[0], values[2]], others, by_subsets)
        for name, data in subject.strangers.items():
            if group.admission_error(bits, by_subsets=by_subsets) < 2**-32:
                stranger = group.claim(data)
                assert not admitted([stranger, *values[1:]], others, by_subsets), name
                assert not admitted(values, [stranger, others[1]], by_subsets), name
        with pytest.raises(ValueError):
            admitted(values[1:], others, by_subsets)
        with pytest.raises(ValueError):
            admitted(values, others[1:], by_subsets)
        with pytest.raises(ValueError):
            admitted(values[1:], [values[0], *others], by_subsets)


# --- scalars -------------------------------------------------------------------------------------


@law
def scalars_are_the_integers_modulo_the_order(subject: Subject) -> None:
    group, sample, q = subject.group, Sample(subject.group, "scalars"), subject.group.order
    for _ in range(subject.rounds):
        a, b = sample.scalar(), sample.scalar()
        assert (a + b).value == (a.value + b.value) % q
        assert (a - b).value == (a.value - b.value) % q
        assert (a * b).value == a.value * b.value % q
        assert (-a).value == -a.value % q
        assert a + (-a) == group.scalar(0)
        assert (a == b) == (a.value == b.value)
        assert hash(a) == hash(group.scalar(a.value))
    for integer, value in ((0, 0), (q, 0), (-1, q - 1), (q + 5, 5), (-q, 0), (2 * q - 1, q - 1), (True, 1)):
        assert group.scalar(integer).value == value
    for outside in (-1, q, q + 1, 2**256):
        with pytest.raises(ValueError):
            Scalar(outside, q)


@law
def scalars_have_one_encoding_of_32_bytes(subject: Subject) -> None:
    group, q = subject.group, subject.group.order
    for value in (0, 1, q // 2, q - 1):
        scalar = group.scalar(value)
        assert scalar.encode() == value.to_bytes(32, "big")
        assert group.decode_scalar(scalar.encode()) == scalar
    for beyond in {q, q + 1, min(2 * q - 1, 2**256 - 1), 2**256 - 1}:
        with pytest.raises(DecodeError):
            group.decode_scalar(beyond.to_bytes(32, "big"))
    for size in (0, 1, 31, 33, 64):
        with pytest.raises(DecodeError):
            group.decode_scalar(bytes(size))


@law
def random_scalars_come_from_the_whole_range_and_the_given_source(subject: Subject) -> None:
    group = subject.group

    class Scripted:
        def __init__(self, value: int) -> None:
            self.value = value

        def token(self, size: int) -> bytes:
            raise AssertionError("a scalar is drawn by rejection below the order")

        def below(self, bound: int) -> int:
            assert bound == group.order
            return self.value

    for value in (0, 1, group.order - 1):
        assert group.random_scalar(Scripted(value)).value == value
    assert group.random_scalar(SeededRandomness("s")) == group.random_scalar(SeededRandomness("s"))
    drawn = {group.random_scalar().value for _ in range(20)}
    assert len(drawn) > 10
    assert all(0 <= value < group.order for value in drawn)


@law
def hashes_become_the_known_scalars(subject: Subject) -> None:
    assert subject.digests
    for digest, value in subject.digests.items():
        assert subject.group.scalar_from_digest(bytes.fromhex(digest)).value == value
    for size in (0, 31, 33, 64):
        with pytest.raises(ValueError):
            subject.group.scalar_from_digest(bytes(size))


@law
def a_scalar_keeps_its_digits_out_of_logs(subject: Subject) -> None:
    scalar = subject.group.scalar(subject.group.order - 1)
    assert str(scalar.value) not in f"{scalar} {scalar!r} {[scalar]}"
    assert subject.group.name in repr(subject.group.generator)


# --- mix-ups -------------------------------------------------------------------------------------


@law
def a_scalar_is_no_element_and_an_element_no_scalar(subject: Subject) -> None:
    group: Any = subject.group
    x, s = group.generator, group.scalar(3)
    mistakes: list[Callable[[], object]] = [
        lambda: group.power(s, s),
        lambda: group.power(x, x),
        lambda: group.power(x, 3),
        lambda: group.power(x, Secret(s)),
        lambda: group.power(3, s),
        lambda: group.power_secret(x, s),
        lambda: group.power_secret(x, Secret(x)),
        lambda: group.power_secret(x, Secret(3)),
        lambda: group.power_secret(s, Secret(s)),
        lambda: group.powers(x, [s, x]),
        lambda: group.powers(s, [s]),
        lambda: group.powers(group.invert(x), [s, 3]),
        lambda: group.powers_of_claimed(s, [s]),
        lambda: group.powers_of_claimed(group.claim(x.encode()), [x]),
        lambda: group.powers_of_claimed(x, [3]),
        lambda: group.powers_of_claimed(x.encode(), [s]),
        lambda: group.multiply(x, s),
        lambda: group.multiply(s, x),
        lambda: group.multiply(x, 1),
        lambda: group.invert(s),
        lambda: group.product([x, s]),
        lambda: group.product_of_claimed([x, s]),
        lambda: group.combination([x, s], [1, 2]),
        lambda: group.combination([x], [s]),
        lambda: group.combination_by_subsets([s], [1], 1),
        lambda: group.suspects([x, s]),
        lambda: group.multiply_columns([x], [s]),
        lambda: group.multiply_columns([s], [x]),
        lambda: group.precompute(s),
        lambda: group.encode(s),
        lambda: group.scalar(x),
        lambda: group.scalar(1.0),
        lambda: group.scalar("1"),
        lambda: s + 1,
        lambda: s + x,
        lambda: s - 1,
        lambda: s * x,
        lambda: 2 * s,
    ]
    for mistake in mistakes:
        with pytest.raises(TypeError):
            mistake()
    assert s != s.value
    assert x != s
    assert x != x.encode()


@law
def a_claimed_value_is_no_element_yet(subject: Subject) -> None:
    group: Any = subject.group
    x, s = group.generator, group.scalar(3)
    claimed: Claimed = group.claim(x.encode())
    mistakes: list[Callable[[], object]] = [
        lambda: group.power(claimed, s),
        lambda: group.power_secret(claimed, Secret(s)),
        lambda: group.powers(claimed, [s]),
        lambda: group.powers(claimed, [s, s]),
        lambda: group.multiply(x, claimed),
        lambda: group.multiply(claimed, x),
        lambda: group.invert(claimed),
        lambda: group.product([claimed]),
        lambda: group.multiply_columns([claimed], [x]),
        lambda: group.multiply_columns([x], [claimed]),
        lambda: group.precompute(claimed),
        lambda: group.admit([x], [1], [], [], claimed, draw=lambda: 1, bits=1, by_subsets=False),
    ]
    for mistake in mistakes:
        with pytest.raises(TypeError):
            mistake()


@law
def values_of_two_groups_do_not_mix(subject: Subject) -> None:
    group, other = subject.group, subject.other
    assert group.order != other.order
    x, s, y, t = group.generator, group.scalar(3), other.generator, other.scalar(3)
    own, foreign = group.invert(x), other.invert(y)
    mistakes: list[Callable[[], object]] = [
        lambda: group.multiply(x, y),
        lambda: group.multiply(y, x),
        lambda: group.invert(y),
        lambda: group.product([x, y]),
        lambda: group.product_of_claimed([own, foreign]),
        lambda: group.product_of_claimed([other.claim(y.encode())]),
        lambda: group.combination([x, y], [1, 2]),
        lambda: group.combination_by_subsets([x, y], [1, 2], 2),
        lambda: group.suspects([foreign]),
        lambda: group.admit([own], [1], [], [], y, draw=lambda: 1, bits=1, by_subsets=False),
        lambda: group.admit([foreign], [1], [], [], x, draw=lambda: 1, bits=1, by_subsets=False),
        lambda: group.multiply_columns([x], [y]),
        lambda: group.multiply_columns([y], [x]),
        lambda: group.power(y, s),
        lambda: group.power(foreign, s),
        lambda: group.power(x, t),
        lambda: group.power(own, t),
        lambda: group.power_secret(foreign, Secret(s)),
        lambda: group.power_secret(own, Secret(t)),
        lambda: group.powers(foreign, [s, s]),
        lambda: group.powers(own, [s, t]),
        lambda: group.powers_of_claimed(other.claim(y.encode()), [s]),
        lambda: group.powers_of_claimed(foreign, [s]),
        lambda: group.powers_of_claimed(own, [t]),
        lambda: group.precompute(y),
        lambda: group.encode(y),
        lambda: s + t,
        lambda: s - t,
        lambda: s * t,
    ]
    for mistake in mistakes:
        with pytest.raises(TypeError):
            mistake()
    assert group.identity != other.identity
    assert s != t
