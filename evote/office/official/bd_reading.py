"""Objects of a ballot definition, and the account of everything that a draft does not carry.

Rules: an object is opened once, with the types that may stand there; every member that nobody took is in
the account at the end, so that forgetting one names it instead of dropping it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from evote.codec import MAX_TEXT_BYTES
from evote.errors import DecodeError
from evote.manifest.strict_json import Node

PREFIX = "BallotDefinition."
MAX_ITEMS = 100_000


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that the draft does not carry; ``grave`` where the ballot is then another one."""

    where: str
    what: str
    grave: bool

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


class Fields:
    """One object; what is taken from it is carried, or named by whoever took it."""

    __slots__ = ("_left", "_members", "kind", "where")

    def __init__(self, node: Node, kinds: tuple[str, ...]) -> None:
        self._members = node.entries()
        self._left = set(self._members) - {"@type"}
        self.where = node.where
        if "@type" not in self._members:
            raise DecodeError("the field @type is absent", node.where)
        stated = self._members["@type"].text(MAX_TEXT_BYTES)
        self.kind = stated.removeprefix(PREFIX)
        if not stated.startswith(PREFIX) or self.kind not in kinds:
            wanted = " or ".join(PREFIX + kind for kind in kinds)
            raise DecodeError(f"an object of type {wanted} is wanted here", node.where)

    def take(self, name: str) -> Node | None:
        """The member of that name; None where there is none."""
        self._left.discard(name)
        return self._members.get(name)

    def peek(self, name: str) -> Node | None:
        """The member of that name, which stays on the account; None where there is none."""
        return self._members.get(name)

    def need(self, name: str) -> Node:
        """The member of that name; :class:`DecodeError` where there is none."""
        node = self.take(name)
        if node is None:
            raise DecodeError(f"the field {name} is absent", self.where)
        return node

    def text(self, name: str) -> str:
        """A member that is a text and must be there."""
        return self.need(name).text(MAX_TEXT_BYTES)

    def items(self, name: str) -> tuple[Node, ...]:
        """A member that is a list; empty where there is none."""
        node = self.take(name)
        return () if node is None else node.items(MAX_ITEMS)

    def texts(self, name: str) -> tuple[str, ...]:
        """A member that is a list of texts; empty where there is none."""
        return tuple(item.text(MAX_TEXT_BYTES) for item in self.items(name))

    @property
    def left(self) -> set[str]:
        """The members that nobody took."""
        return set(self._left)


class Losses:
    """The account."""

    __slots__ = ("_opened", "_stated")

    def __init__(self) -> None:
        self._opened: list[Fields] = []
        self._stated: list[Loss] = []

    def open(self, node: Node, *kinds: str) -> Fields:
        """Open an object of one of these types; :class:`DecodeError` for another."""
        fields = Fields(node, kinds)
        self._opened.append(fields)
        return fields

    def state(self, where: str, what: str, *, grave: bool = False) -> None:
        """Put a loss on the account."""
        self._stated.append(Loss(where, what, grave))

    def report(self) -> tuple[Loss, ...]:
        """Everything: what is grave first, members that nobody took last, with how often they occur."""
        left = Counter((fields.kind, name) for fields in self._opened for name in fields.left)
        rest = [
            Loss(f"{kind}.{name}", f"not carried ({count} times)" if count > 1 else "not carried", False)
            for (kind, name), count in sorted(left.items())
        ]
        return (*sorted(self._stated, key=lambda loss: not loss.grave), *rest)


def by_identifier(nodes: tuple[Node, ...], losses: Losses, *kinds: str) -> dict[str, Fields]:
    """Objects by their "@id"; :class:`DecodeError` if two have the same."""
    found: dict[str, Fields] = {}
    for node in nodes:
        fields = losses.open(node, *kinds)
        key = fields.text("@id")
        if key in found:
            raise DecodeError(f"the identifier {key[:80]!r} stands there twice", node.where)
        found[key] = fields
    return found


def ordered(items: list[Fields]) -> list[Fields]:
    """In the order of "SequenceOrder" if all have it, as they stand otherwise."""
    places = [item.take("SequenceOrder") for item in items]
    known = [node.integer(-(2**31), 2**31 - 1) for node in places if node is not None]
    if not items or len(known) != len(items):
        return items
    return [item for _, item in sorted(zip(known, items, strict=True), key=lambda pair: pair[0])]
