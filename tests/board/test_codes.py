"""Codes: what is typed wrong is caught, what is typed sloppily is read, and nothing of a code shows."""

from __future__ import annotations

import hashlib
import pickle
import traceback
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evote.board.codes import (
    ALPHABET,
    CODE_CHARACTERS,
    FIRST,
    SECOND,
    WHOLE,
    Code,
    _times,
    syndrome,
)
from evote.errors import DecodeError
from evote.hashing import stretched, tagged
from evote.secret import Secret
from evote.testing.randomness import SeededRandomness

SALT = bytes(range(32))


def sample(part: int = WHOLE) -> Code:
    return Code.drawn(part, SeededRandomness("code"))


def read(text: str) -> Code:
    return Code.read(Secret(text))


def letters(code: Code) -> str:
    return code.text().reveal().replace("-", "")


@given(st.binary(min_size=16, max_size=16), st.sampled_from((WHOLE, FIRST, SECOND)))
@settings(max_examples=200, deadline=None)
def test_a_code_is_read_back_from_its_text(bits: bytes, part: int) -> None:
    code = Code(part, Secret(bits))
    text = code.text().reveal()
    assert [len(group) for group in text.split("-")] == [4] * 7
    again = read(text)
    assert (again.part, again.bits.reveal()) == (part, bits)


def test_the_field_is_one_and_the_powers_of_a_are_all_different() -> None:
    elements = range(32)
    for exponent in range(31):
        assert sorted(_times(value, exponent) for value in elements) == list(elements)
        for left, right in combinations(elements, 2):
            assert _times(left ^ right, exponent) == _times(left, exponent) ^ _times(right, exponent)
    assert len({_times(1, exponent) for exponent in range(31)}) == 31
    assert _times(1, 5) == 0b00101  # x^5 = x^2 + 1


def test_every_wrong_character_and_every_two_are_caught_in_every_code() -> None:
    """The check is linear, so what catches a pattern of differences in one code does so in all."""
    single = {
        (place, value): syndrome((*(0,) * place, value))
        for place in range(CODE_CHARACTERS)
        for value in range(1, 32)
    }
    assert (0, 0) not in single.values()
    # Two differences cancel only if their sums are equal: no two places share one.
    assert len(set(single.values())) == CODE_CHARACTERS * 31


@pytest.mark.parametrize("part", [WHOLE, FIRST, SECOND])
def test_every_wrong_character_of_a_code_is_refused(part: int) -> None:
    right = letters(sample(part))
    for place in range(CODE_CHARACTERS):
        for letter in ALPHABET:
            if letter != right[place]:
                with pytest.raises(DecodeError):
                    read(right[:place] + letter + right[place + 1 :])


def test_every_swap_of_two_characters_is_refused() -> None:
    right = letters(sample())
    swapped = 0
    for left, second in combinations(range(CODE_CHARACTERS), 2):
        if right[left] != right[second]:
            wrong = list(right)
            wrong[left], wrong[second] = wrong[second], wrong[left]
            with pytest.raises(DecodeError, match="changed places"):
                read("".join(wrong))
            swapped += 1
    assert swapped > 300


def test_case_spaces_hyphens_and_look_alikes_are_forgiven() -> None:
    code = Code(WHOLE, Secret(bytes(16)))
    text = code.text().reveal()
    assert text.startswith("0000-0000")
    one = Code(WHOLE, Secret(sum(1 << 5 * place for place in range(25)).to_bytes(16, "big")))
    for typed in (
        text.lower(),
        text.replace("0", "O"),
        text.replace("0", "o"),
        f"  {text.replace('-', ' ')}\n",
        text.replace("-", "\u2013"),
        " ".join(text),
        text.replace("-", "\u00a0"),
    ):
        assert read(typed).bits.reveal() == code.bits.reveal()
    assert "1" in one.text().reveal()
    for letter in "IiLl":
        assert read(one.text().reveal().replace("1", letter)).bits.reveal() == one.bits.reveal()


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", "28 characters, and these are 0"),
        ("0" * 27, "28 characters, and these are 27"),
        ("0" * 29, "28 characters, and these are 29"),
        ("U" + "0" * 27, "character 1 is in no code"),
        ("0" * 27 + "\u0660", "character 28 is in no code"),
        ("0" * 201, "much longer than a code"),
    ],
)
def test_what_is_no_code_is_refused_with_the_reason(typed: str, error: str) -> None:
    with pytest.raises(DecodeError, match=error):
        read(typed)


def test_a_part_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="first or second part"):
        Code(3, Secret(bytes(16)))
    found = 0
    for first in range(32):
        for second in range(32):
            characters = ALPHABET[24] + "0" * 25 + ALPHABET[first] + ALPHABET[second]
            try:
                read(characters)
            except DecodeError as error:
                found += "starts like this" in str(error)
    assert found == 1


def test_the_key_is_pbkdf2_over_the_code_salted_for_election_and_part() -> None:
    code = sample()
    salt = tagged("evote/v1/code-salt", SALT, b"\x00")
    seed = hashlib.pbkdf2_hmac("sha256", code.bits.reveal(), salt, 7)
    assert code.key(SALT, 7).seed().reveal() == seed
    others = [
        code.key(SALT, 8),
        code.key(bytes(32), 7),
        Code(FIRST, code.bits).key(SALT, 7),
        Code(SECOND, code.bits).key(SALT, 7),
    ]
    keys = {key.verify_key for key in (code.key(SALT, 7), *others)}
    assert len(keys) == 5
    with pytest.raises(ValueError, match="32 bytes"):
        code.key(b"short", 7)


def test_pbkdf2_gives_the_published_values() -> None:
    """RFC 7914 section 11, cut to 32 bytes."""
    first = "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
    second = "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"
    assert stretched(b"passwd", b"salt", 1).hex() == first
    assert stretched(b"Password", b"NaCl", 80000).hex() == second
    with pytest.raises(ValueError, match="at least once"):
        stretched(b"", b"", 0)


def test_a_code_shows_in_no_repr_no_error_and_no_pickle() -> None:
    code = sample()
    secrets = (letters(code), code.text().reveal(), code.bits.reveal().hex())
    assert "secret" in repr(code) and not any(secret in repr(code) for secret in secrets)
    with pytest.raises(TypeError, match="not picklable"):
        pickle.dumps(code)
    wrong = "0" + letters(code)[1:-1] + "0"
    try:
        read(wrong)
    except DecodeError as error:
        shown = "".join(traceback.format_exception(error))
    assert wrong[1:-1] not in shown


def test_codes_are_drawn_from_all_128_bits() -> None:
    rng = SeededRandomness("many codes")
    drawn = [int.from_bytes(Code.drawn(WHOLE, rng).bits.reveal(), "big") for _ in range(200)]
    assert len(set(drawn)) == 200
    for bit in range(128):
        assert 50 < sum(number >> bit & 1 for number in drawn) < 150
