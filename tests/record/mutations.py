"""Ways to spoil canonical msgpack bytes, each of which must be refused wherever they stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgpack


def spoiled(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every kind of damage to one canonical map."""
    value: dict[str, Any] = msgpack.unpackb(data, raw=False)
    pairs = list(value.items())
    yield "empty", b""
    yield "nil", b"\xc0"
    yield "a list", msgpack.packb([list(pair) for pair in pairs])
    yield "not msgpack", b"\xc1" + data[1:]
    for size in sorted({1, len(data) // 3, len(data) // 2, len(data) - 1}):
        yield f"cut after {size}", data[:size]
    yield "a trailing zero", data + b"\x00"
    yield "twice", data + data
    yield "a long map header", b"\xde" + len(pairs).to_bytes(2, "big") + data[1:]
    yield "a field twice", _map([*pairs, pairs[0]])
    yield "a field more", _map([*pairs, ("more", 1)])
    yield "a field less", _map(pairs[:-1])
    yield "a field renamed", _map([("x" + pairs[0][0], pairs[0][1]), *pairs[1:]])
    yield "a field of another type", _map([(pairs[0][0], 1.5), *pairs[1:]])
    yield "a key that is bytes", _map([(pairs[0][0].encode(), pairs[0][1]), *pairs[1:]])
    yield "a key in a long form", data[:1] + _long_text(pairs[0][0]) + data[2 + len(pairs[0][0]) :]
    if len(pairs) > 1:
        yield "two fields swapped", _map([pairs[1], pairs[0], *pairs[2:]])


def _map(pairs: list[tuple[Any, Any]]) -> bytes:
    if len(pairs) > 15:
        raise ValueError("only short maps are made here")
    return bytes((0x80 | len(pairs),)) + b"".join(
        msgpack.packb(key) + msgpack.packb(value) for key, value in pairs
    )


def _long_text(text: str) -> bytes:
    """A short text in the form for longer ones."""
    return b"\xd9" + bytes((len(text),)) + text.encode()
