"""JSON as Belenios writes it: compact, members in the order of their type, one form for every value.

A file that two readers understand differently is two files under one hash. What stands behind evote's
own strict reader (:mod:`evote.manifest.strict_json`: no member twice, no fractions, nothing after the
value, limits of size and depth) is stricter here: :func:`compact` demands the one form that the format
gives a value, and :func:`members` the order. Names and descriptions are free texts of the election and
the trustees, which stay as they were stored.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from typing import Final

from evote.codec import MAX_FRAME_BYTES, MAX_TEXT_BYTES
from evote.errors import DecodeError
from evote.hashing import sha256
from evote.manifest.strict_json import Node, read_json

MAX_BYTES: Final = MAX_FRAME_BYTES
"""Most bytes of one file in an archive."""
MAX_ANSWERS: Final = 10_000
"""Most answers, lists, proofs or questions of one place."""
MAX_MEMBERS: Final = 10_000_000
"""Most credentials, or counted ballots."""
MAX_WEIGHT: Final = 10**11
"""Largest sum of weights ("Weights")."""

_HASH = re.compile(r"[0-9a-f]{64}")
_NUMBER = re.compile(r"0|[1-9][0-9]*", re.ASCII)
_LARGEST_NUMBER = 2**30 - 1
"""A larger weight is a text."""


def read(raw: bytes) -> Node:
    """The value of a JSON text, strictly read; raises :class:`DecodeError`."""
    return Node(read_json(raw, limit=MAX_BYTES))


def read_compact(raw: bytes) -> Node:
    """:func:`read`, where the text must be the one compact form of its value."""
    node = read(raw)
    if compact(node.value) != raw:
        raise DecodeError("the text is not in the compact form that the format demands")
    return node


def compact(value: object) -> bytes:
    """The compact form of a value, members in the order that they have."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("\x7f", "\\u007f").encode("utf-8")


def members(node: Node, required: Sequence[str], optional: Sequence[str] = ()) -> dict[str, Node]:
    """The members of an object, which stand in the order of ``required``.

    An optional member is written ``before:name``: it stands right before the required member of that
    name, or at the end where that is empty.
    """
    order = list(required)
    names = []
    for item in optional:
        before, _, name = item.rpartition(":")
        names.append(name)
        order.insert(order.index(before) if before else len(order), name)
    found = node.members(required, names)
    present = [name for name in order if name in found]
    if list(found) != present:
        raise DecodeError("the members are not in the order that the format demands", node.where)
    return found


def digest(node: Node) -> str:
    """A hash as 64 lower-case hexadecimal digits."""
    text = node.text(64)
    if not _HASH.fullmatch(text):
        raise DecodeError("a hash has 64 lower-case hexadecimal digits", node.where)
    return text


def number_text(text: str, where: str = "") -> int:
    """A number from 0 on as a decimal text without leading zeros, within the limit of weights."""
    if len(text) > 12 or not _NUMBER.fullmatch(text) or int(text) > MAX_WEIGHT:
        raise DecodeError(f"{text[:20]!r} is not a number from 0 to {MAX_WEIGHT}", where)
    return int(text)


def weight(node: Node) -> int:
    """A weight or a weighted count: a number, or a text above 2^30 - 1."""
    if type(node.value) is str:
        found = number_text(node.value, node.where)
        if found <= _LARGEST_NUMBER:
            raise DecodeError(f"numbers up to {_LARGEST_NUMBER} are not written as a text", node.where)
        return found
    return node.integer(0, _LARGEST_NUMBER)


def free_text(node: Node) -> str:
    """A text for people."""
    return node.text(16 * MAX_TEXT_BYTES)


def b64(data: bytes) -> str:
    """SHA-256 of stored bytes as base 64 without padding: fingerprints, trackers, hashes of ballots."""
    return base64.b64encode(sha256(data)).decode("ascii").rstrip("=")
