"""The bytes under a signature."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evote.signing import signed_bytes

ELECTION = bytes(range(32))

tags = st.from_regex(r"[a-z][a-z0-9-]{0,31}", fullmatch=True)
elections = st.binary(min_size=32, max_size=32)
origins = st.text(min_size=1, max_size=20).filter(lambda text: text.isprintable())
messages = st.binary(max_size=60)
statements = st.tuples(tags, elections, origins, messages)


def test_the_encoding_is_the_documented_one() -> None:
    assert signed_bytes("index", ELECTION, "abroad/ZZ01", b"\xff\x00") == (
        b"\x00\x00\x00\x12evote/v1/signature\x00\x00\x00\x04"
        b"\x00\x00\x00\x05index\x00\x00\x00\x20" + ELECTION + b"\x00\x00\x00\x0babroad/ZZ01"
        b"\x00\x00\x00\x02\xff\x00"
    )


@given(statements, statements)
def test_different_statements_have_different_bytes(
    one: tuple[str, bytes, str, bytes], other: tuple[str, bytes, str, bytes]
) -> None:
    assert (signed_bytes(*one) == signed_bytes(*other)) is (one == other)


@given(tags, elections, st.text("ab", min_size=2, max_size=9), messages, st.integers(1, 8))
def test_bytes_that_move_from_one_field_to_the_next_change_the_encoding(
    tag: str, election: bytes, origin: str, message: bytes, cut: int
) -> None:
    cut = min(cut, len(origin) - 1)
    moved = origin[cut:].encode() + message
    assert signed_bytes(tag, election, origin, message) != signed_bytes(tag, election, origin[:cut], moved)


def test_the_bytes_are_never_those_of_a_text() -> None:
    assert signed_bytes("index", ELECTION, "abroad", b"x").startswith(b"\x00")


@pytest.mark.parametrize("tag", ["", "Index", "1st", "-a", "a b", "a/b", "a\n", "é", "a" * 33])
def test_a_tag_of_another_form_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match="tag"):
        signed_bytes(tag, ELECTION, "abroad", b"")


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_an_election_is_named_by_32_bytes(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        signed_bytes("index", bytes(length), "abroad", b"")


def test_a_statement_without_origin_is_refused() -> None:
    with pytest.raises(ValueError, match="origin"):
        signed_bytes("index", ELECTION, "", b"")
