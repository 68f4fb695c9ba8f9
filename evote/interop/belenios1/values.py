"""Group elements, scalars, ciphertexts and proofs out of JSON: one way in for each kind.

Whether an element is in the group is not decided here: it stays :class:`~evote.groups.Claimed` until a
proof, or :func:`member`, has shown it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeVar

from evote.errors import DecodeError
from evote.groups import Claimed, Element, Scalar
from evote.interop.belenios1.groups import TextGroup
from evote.interop.belenios1.texts import MAX_ANSWERS, members
from evote.manifest.strict_json import Node
from evote.proofs.relation import DisjunctionProof, RelationProof

_DECIMAL = re.compile(r"0|[1-9][0-9]*", re.ASCII)
_MAX_DIGITS: Final = 800
"""More decimal digits than any element or scalar has."""

T = TypeVar("T")

Shape: TypeAlias = "int | tuple[Shape, ...]"
"""How values are nested in lists: so many, or so many lists of certain shapes."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A ciphertext whose membership is not known, and its text "alpha,beta" as it enters hashes."""

    alpha: Claimed
    beta: Claimed
    text: str


class Reader:
    """Reads the values of one group; every method raises :class:`DecodeError` with the path."""

    __slots__ = ("group",)

    def __init__(self, group: TextGroup) -> None:
        self.group = group

    def element(self, node: Node) -> Claimed:
        """An element, in range and in its one form."""
        text = node.text(_MAX_DIGITS)
        try:
            return self.group.read(text)
        except DecodeError as error:
            raise DecodeError(error.message, node.where) from None

    def scalar(self, node: Node) -> Scalar:
        """A scalar from 0 to q - 1: decimal, without leading zeros."""
        text = node.text(_MAX_DIGITS)
        if not _DECIMAL.fullmatch(text):
            raise DecodeError("a scalar is a decimal number without sign or leading zeros", node.where)
        value = int(text)
        if value >= self.group.order:
            raise DecodeError("a scalar is below the group order", node.where)
        return Scalar(value, self.group.order)

    def proof(self, node: Node) -> RelationProof:
        """A proof with one challenge and one response."""
        fields = members(node, ("challenge", "response"))
        return RelationProof(self.scalar(fields["challenge"]), (self.scalar(fields["response"]),))

    def disjunction(self, node: Node, branches: int) -> DisjunctionProof:
        """A proof with exactly so many branches."""
        return DisjunctionProof(tuple(self.proof(item) for item in exactly(node, branches)))

    def pair(self, node: Node) -> Pair:
        """A ciphertext."""
        fields = members(node, ("alpha", "beta"))
        alpha, beta = fields["alpha"], fields["beta"]
        return Pair(self.element(alpha), self.element(beta), f"{alpha.value},{beta.value}")

    def text(self, value: Claimed) -> str:
        """An element as it enters hashes."""
        return self.group.text_of(value.encode())


def exactly(node: Node, count: int) -> tuple[Node, ...]:
    """The items of a list that has exactly so many."""
    items = node.items(max(count, MAX_ANSWERS))
    if len(items) != count:
        raise DecodeError(f"{len(items)} items stand where there must be {count}", node.where)
    return items


def shaped(node: Node, shape: Shape, leaf: Callable[[Node], T]) -> list[T]:
    """The values of nested lists of exactly that shape, one after the other."""
    if isinstance(shape, int):
        return [leaf(item) for item in exactly(node, shape)]
    found: list[T] = []
    for item, inner in zip(exactly(node, len(shape)), shape, strict=True):
        found.extend(shaped(item, inner, leaf))
    return found


def size(shape: Shape) -> int:
    """How many values have that shape."""
    return shape if isinstance(shape, int) else sum(map(size, shape))


def member(group: TextGroup, value: Claimed) -> Element:
    """The value as an element; raises :class:`~evote.groups.MembershipError`."""
    return group.powers_of_claimed(value, ())[1]
