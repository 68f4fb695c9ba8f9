"""Short codes for the minutes, and parts for QR codes."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evote.errors import DecodeError, RefusedError, VerificationError
from evote.hashing import sha256
from evote.returns import (
    PartJoiner,
    choose_withheld,
    compare_code,
    compare_withheld,
    short_code,
    split_file,
    withhold,
)
from evote.returns.shortcode import HIDDEN, SIGNS, printed
from evote.testing.randomness import SeededRandomness
from tests.returns.kit import kit

DATA = kit().signed("B")


def test_a_short_code_is_the_whole_hash_in_signs_that_look_different() -> None:
    groups = short_code(DATA)
    assert len(groups) == 16 and all(len(group) == 4 for group in groups)
    number = 0
    for sign in "".join(groups):
        number = number * 16 + SIGNS.index(sign)
    assert number.to_bytes(32, "big") == sha256(DATA)
    assert len(set(SIGNS)) == 16 and not set(SIGNS) & set("01258BDGILOQSUVZ")
    assert printed(groups).split() == list(groups) and printed(groups).count("\n") == 3


def test_one_bit_changes_the_code() -> None:
    other = bytes((*DATA[:-1], DATA[-1] ^ 1))
    assert short_code(other) != short_code(DATA)
    with pytest.raises(VerificationError, match="differ in group"):
        compare_code(other, printed(short_code(DATA)))


def test_a_code_typed_from_paper_is_compared_without_case_and_spaces() -> None:
    compare_code(DATA, printed(short_code(DATA)).lower().replace(" ", "-"))
    with pytest.raises(VerificationError, match="not whole"):
        compare_code(DATA, printed(short_code(DATA))[:-2])


def test_withheld_groups_are_hidden_until_a_person_types_them() -> None:
    places = choose_withheld(SeededRandomness("desk"))
    assert len(set(places)) == 2 and all(1 <= place <= 16 for place in places)
    shown, groups = withhold(DATA, places), short_code(DATA)
    for number in range(1, 17):
        assert shown[number - 1] == (HIDDEN if number in places else groups[number - 1])
    typed = {place: groups[place - 1].lower() for place in places}
    compare_withheld(DATA, places, typed)
    for wrong in ({}, {places[0]: typed[places[0]]}, typed | {places[1]: "4444"}):
        with pytest.raises(VerificationError, match="differ in group") as caught:
            compare_withheld(DATA, places, wrong)
        assert groups[places[1] - 1] not in str(caught.value)


def test_every_pair_of_groups_may_be_withheld() -> None:
    rng = SeededRandomness("pairs")
    seen = {place for _ in range(200) for place in choose_withheld(rng)}
    assert seen == set(range(1, 17))
    for count in (0, 17):
        with pytest.raises(ValueError, match="1 to 16"):
            choose_withheld(rng, count)
    with pytest.raises(ValueError, match="numbers"):
        withhold(DATA, (17,))
    with pytest.raises(ValueError, match="nothing was withheld"):
        compare_withheld(DATA, (), {})


@given(st.binary(min_size=1, max_size=300), st.integers(1, 40), st.randoms(use_true_random=False))
def test_parts_join_in_any_order_and_any_number(data: bytes, size: int, rng: random.Random) -> None:
    parts = list(split_file(data, size)) * 2
    rng.shuffle(parts)
    joiner = PartJoiner()
    new = [joiner.add(part) for part in parts]
    assert new.count(True) == len(parts) // 2
    assert joiner.missing() == () and joiner.file() == data


def test_a_part_fits_a_code_and_its_alphabet() -> None:
    parts = split_file(DATA)
    assert all(len(part) <= 1451 for part in split_file(bytes(5000)))  # version 25, error correction M
    assert all(set(part) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:") for part in parts)


def test_the_parts_that_are_missing_are_named() -> None:
    parts = split_file(DATA, 100)
    joiner = PartJoiner()
    with pytest.raises(RefusedError, match="missing"):
        joiner.file()
    joiner.add(parts[1])
    assert joiner.missing() == (1, *range(3, len(parts) + 1))
    with pytest.raises(RefusedError, match=f"{len(parts) - 1} of {len(parts)} parts are missing"):
        joiner.file()


def test_parts_of_two_files_are_never_joined() -> None:
    joiner = PartJoiner()
    joiner.add(split_file(DATA, 100)[0])
    with pytest.raises(RefusedError, match="another file"):
        joiner.add(split_file(kit().signed("A/2"), 100)[1])
    with pytest.raises(RefusedError, match="another file"):
        joiner.add(split_file(DATA, 90)[1])
    changed = split_file(DATA, 100)[0].rsplit("/", 1)
    with pytest.raises(RefusedError, match="differently"):
        joiner.add(f"{changed[0]}/AA")


def test_a_part_that_was_changed_does_not_make_a_file() -> None:
    parts = split_file(DATA, 100)
    joiner = PartJoiner()
    head, _ = parts[0].rsplit("/", 1)
    joiner.add(f"{head}/AE")
    for part in parts[1:]:
        joiner.add(part)
    with pytest.raises(DecodeError, match="not those of the file"):
        joiner.file()


@pytest.mark.parametrize(
    "part",
    [
        "",
        "EVOTE1/1/1",
        "EVOTE2/1/1/" + "0" * 64 + "/AA",
        "EVOTE1/2/1/" + "0" * 64 + "/AA",
        "EVOTE1/0/1/" + "0" * 64 + "/AA",
        "EVOTE1/1/1/" + "0" * 63 + "/AA",
        "EVOTE1/1/1/" + "0" * 64 + "/AB",
        "EVOTE1/1/1/" + "0" * 64 + "/AAA",
        "EVOTE1/1/1/" + "0" * 64 + "/aa",
        "EVOTE1/1/1/" + "0" * 64 + "/AA\n",
    ],
)
def test_what_is_no_part_is_not_taken(part: str) -> None:
    with pytest.raises(DecodeError):
        PartJoiner().add(part)


def test_a_file_has_a_sensible_number_of_parts() -> None:
    for data, size in ((b"", 10), (bytes(10_000), 1), (b"x", 0), (b"x", 2501)):
        with pytest.raises(ValueError, match="part"):
            split_file(data, size)
