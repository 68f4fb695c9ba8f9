"""The strict JSON reader: what it reads, and what it refuses before anything is made of it."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evote.errors import DecodeError
from evote.manifest import read_json
from evote.manifest.strict_json import Node

TEXTS = st.text(st.characters(exclude_categories=("Cs",)))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES, st.booleans())
def test_what_json_writes_is_read_back(value: object, ascii_only: bool) -> None:
    assert read_json(json.dumps(value, ensure_ascii=ascii_only).encode("utf-8")) == value


@pytest.mark.parametrize("number", [2**53 - 1, -(2**53) + 1, 0])
def test_integers_within_2_53_are_read(number: int) -> None:
    assert read_json(str(number).encode()) == number


@pytest.mark.parametrize(
    "text", ["9007199254740992", "-9007199254740992", "-0", "1.0", "1e2", "NaN", "1" * 5000]
)
def test_other_numbers_are_refused(text: str) -> None:
    with pytest.raises(DecodeError):
        read_json(text.encode())


def test_an_escaped_pair_of_surrogates_is_one_letter_and_half_a_pair_is_refused() -> None:
    assert read_json(rb'"\ud83d\ude00"') == "\U0001f600"
    for half in (rb'"\ud83d"', rb'"\ude00\ud83d"', rb'["\udfff"]', rb'{"\ud800": 1}'):
        with pytest.raises(DecodeError, match="surrogate"):
            read_json(half)


@pytest.mark.parametrize("text", [b'{"a":1,"a":1}', b'[{"b":{"a":1,"\\u0061":2}}]'])
def test_a_member_that_stands_twice_is_refused(text: bytes) -> None:
    with pytest.raises(DecodeError, match="'a' stands twice"):
        read_json(text)


def test_many_members_with_one_twice_are_refused_without_delay() -> None:
    members = ",".join(f'"{number}":0' for number in range(100_000))
    with pytest.raises(DecodeError, match="'99999' stands twice"):
        read_json(f'{{{members},"99999":1}}'.encode())


def test_nesting_is_limited() -> None:
    assert read_json(b"[" * 64 + b"]" * 64)
    for depth in (65, 900, 200_000):
        with pytest.raises(DecodeError, match="nested deeper than 64"):
            read_json(b"[" * depth + b"]" * depth)


def test_size_is_limited_before_anything_is_read() -> None:
    assert read_json(b"[1]", limit=3) == [1]
    with pytest.raises(DecodeError, match="4 bytes are more than the limit of 3"):
        read_json(b"[12]", limit=3)


@pytest.mark.parametrize(
    "text",
    [b"", b"\xef\xbb\xbf1", "1".encode("utf-16"), b"\xff", b"1 2", b"{'a':1}", b"[1,]", b'"\t"', b"tru"],
)
def test_what_is_not_json_in_utf_8_is_refused(text: bytes) -> None:
    with pytest.raises(DecodeError):
        read_json(text)


def test_white_space_around_the_value_is_read() -> None:
    assert read_json(b" \r\n\t[ ] \n") == []


def test_a_node_says_the_path_of_what_is_wrong() -> None:
    node = Node({"a": [{"b": "text"}]})
    inner = node.members(("a",))["a"].items(1)[0].members(("b",))["b"]
    with pytest.raises(DecodeError, match=r"^a\[0\]\.b: an integer is wanted here$"):
        inner.integer(0, 1)
    with pytest.raises(DecodeError, match=r"^a\[0\]\.b: the text is longer than 3 bytes$"):
        inner.text(3)
    with pytest.raises(DecodeError, match="^a: 1 members are more than 0$"):
        node.child("a").items(0)
    with pytest.raises(DecodeError, match="names of an object's members are texts"):
        Node({1: 2}).entries()


# --- fractions, for formats that have them -----------------------------------------------------------


def test_fractions_are_decimals_where_they_are_asked_for() -> None:
    value = read_json(b'{"X": 224.25, "E": 1e3, "n": 3}', fractions=True)
    assert value == {"X": Decimal("224.25"), "E": Decimal("1e3"), "n": 3}
    assert isinstance(value, dict) and not any(isinstance(each, float) for each in value.values())
    with pytest.raises(DecodeError, match="only integers"):
        read_json(b'{"X": 224.25}')


@pytest.mark.parametrize("digits", [b"1." + b"0" * 39, b"1e" + b"9" * 60, b"NaN", b"-Infinity", b"-0"])
def test_what_is_no_short_decimal_is_refused_there_too(digits: bytes) -> None:
    with pytest.raises(DecodeError):
        read_json(digits, fractions=True)
