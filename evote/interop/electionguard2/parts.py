"""The parts of which the files of a 2.0 record consist, read strictly: hashes, pairs, proofs, sealed data.

A member that must be there and is not, a member that no version of the two programs writes, a wrong type,
a hash of another width, a number out of range: each is a :class:`DecodeError` with its path. An optional
member may be null. Elements and scalars are read as bytes of any length, because verifications state their
ranges.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from evote.codec import (
    MAX_CONTEST_DATA_BYTES,
    MAX_COUNT,
    MAX_LABEL_BYTES,
    MAX_SELECTION_LIMIT,
    MAX_TEXT_BYTES,
)
from evote.errors import DecodeError
from evote.hashing import DIGEST_BYTES
from evote.interop.electionguard2.layout import Layout, hexadecimal_bytes
from evote.interop.electionguard2.values import Pair, Proof, Sealed
from evote.manifest.strict_json import Node

MAX_BALLOTS: Final = 100_000_000
MAX_ELEMENT_TEXT: Final = 4096
_MAX_DATA_TEXT: Final = 2 * MAX_CONTEST_DATA_BYTES + 4


class Parts:
    """Reads what a layout writes in its own way."""

    __slots__ = ("layout",)

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    def element(self, node: Node) -> bytes:
        """An element or a scalar: bytes, whose range a verification states."""
        return self.layout.octets(node.text(MAX_ELEMENT_TEXT), node.where)

    def hash(self, node: Node) -> bytes:
        """A hash: 32 bytes."""
        data = self.element(node)
        if len(data) != DIGEST_BYTES:
            raise DecodeError(f"a hash has {DIGEST_BYTES} bytes, not {len(data)}", node.where)
        return data

    def pair(self, node: Node) -> Pair:
        """A ciphertext."""
        members = members_of(node, ("pad", "data"))
        return Pair(self.element(members["pad"]), self.element(members["data"]))

    def proof(self, node: Node) -> Proof:
        """One challenge and one response."""
        members = members_of(node, ("challenge", "response"))
        return Proof(self.element(members["challenge"]), self.element(members["response"]))

    def proofs(self, node: Node) -> tuple[Proof, ...]:
        """A range proof: one pair per value."""
        members = members_of(node, ("proofs",))
        return tuple(self.proof(each) for each in members["proofs"].items(MAX_SELECTION_LIMIT + 1))

    def sealed(self, node: Node) -> Sealed:
        """Encrypted contest data."""
        members = members_of(node, ("c0", "c1", "c2", "numBytes"))
        body = members["c1"]
        return Sealed(
            self.element(members["c0"]),
            self.layout.octets(body.text(_MAX_DATA_TEXT), body.where),
            self.hash(members["c2"]),
            members["numBytes"].integer(0, MAX_CONTEST_DATA_BYTES),
        )


def members_of(node: Node, required: Sequence[str], optional: Sequence[str] = ()) -> dict[str, Node]:
    """The members of an object; optional ones that are null are left out."""
    members = node.members(required, optional)
    return {name: each for name, each in members.items() if name in required or each.value is not None}


def require(members: dict[str, Node], names: Sequence[str], where: str) -> None:
    """Members that an object with free names must have."""
    for name in names:
        if name not in members:
            raise DecodeError(f"the field {name} is absent", where)


def number_of(node: Node) -> int:
    """A constant in hexadecimal digits; the programs differ in case and leading zeros."""
    text = node.text(MAX_ELEMENT_TEXT)
    return int.from_bytes(hexadecimal_bytes("0" * (len(text) % 2) + text, node.where), "big")


def byte_values(node: Node) -> bytes:
    """Bytes as a list of numbers from -128 to 127."""
    return bytes(each.integer(-128, 127) & 0xFF for each in node.items(MAX_TEXT_BYTES))


def labels_of(node: Node) -> tuple[str, ...]:
    """A list of labels, such as those of all cast ballots."""
    return tuple(each.text(MAX_LABEL_BYTES) for each in node.items(MAX_BALLOTS))


def ballot_count(members: dict[str, Node]) -> int:
    """A number of ballots; 0 where a program did not count them."""
    return members["ballot_count"].integer(0, MAX_COUNT) if "ballot_count" in members else 0
