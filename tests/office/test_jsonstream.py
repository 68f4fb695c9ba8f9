"""Large JSON objects cut into members: whatever the reads, the pieces are those of a whole parse."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evote.errors import DecodeError
from evote.hashing import sha256
from evote.manifest import read_json
from evote.office.jsonstream import JsonStream

LEAVES = st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(max_size=8)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


class Drip(io.BytesIO):
    """Gives few bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__(data)
        self.size = size

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self.size)


def pieces(data: bytes, size: int = 1 << 20, limit: int = 1 << 20) -> list[tuple[str, bytes]]:
    return list(JsonStream(Drip(data, size), limit).members("CVR"))


def joined(found: list[tuple[str, bytes]]) -> dict[str, Any]:
    value: dict[str, Any] = {"CVR": []}
    for name, raw in found:
        if name == "CVR":
            value["CVR"].append(read_json(raw))
        else:
            value[name] = read_json(raw)
    return value


@given(
    st.dictionaries(st.text("abCVR é", max_size=4).filter(lambda name: name != "CVR"), VALUES, max_size=4),
    st.lists(VALUES, max_size=4),
    st.integers(1, 40),
    st.sampled_from((None, 1)),
    st.booleans(),
)
def test_the_pieces_are_those_of_a_whole_parse(
    others: dict[str, Any], listed: list[Any], size: int, indent: int | None, bom: bool
) -> None:
    value = {**others, "CVR": listed}
    data = b"\xef\xbb\xbf" * bom + json.dumps(value, ensure_ascii=False, indent=indent).encode()
    if bom and size < 3:
        size = 3
    source = JsonStream(Drip(data, size))
    assert joined(list(source.members("CVR"))) == value
    assert source.digest() == sha256(data)


def test_what_is_called_like_the_list_and_is_none_is_a_member() -> None:
    assert pieces(b'{"CVR": {"a": [1]}}') == [("CVR", b'{"a": [1]}')]


@pytest.mark.parametrize("size", [1, 7, 4096])
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{",
        b'{"a"',
        b'{"a":',
        b'{"a":}',
        b'{"a" 1}',
        b'{"a":1',
        b'{"a":1,}',
        b'{"a":1}}',
        b'{"a":1} x',
        b'{a:1}',
        b'{1:1}',
        b'{"CVR":[1',
        b'{"CVR":[1,]}',
        b'{"CVR":[1 2]}',
        b'{"CVR":[{]}',
        b'{"a":"b',
        b'{"a":{"b":"}}',
        b'{"\xff":1}',
    ],
)
def test_what_is_no_object_is_refused(data: bytes, size: int) -> None:
    with pytest.raises(DecodeError, match=r"byte \d+"):
        pieces(data, size)


def test_a_piece_beyond_the_limit_is_refused() -> None:
    data = b'{"CVR":[' + b",".join([b'"' + b"x" * 80 + b'"'] * 50) + b"]}"
    assert len(pieces(data, 16, limit=100)) == 50
    with pytest.raises(DecodeError, match="more than 60 bytes"):
        pieces(data, 16, limit=60)
