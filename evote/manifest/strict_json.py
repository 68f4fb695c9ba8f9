"""JSON read strictly: one value, or :class:`DecodeError`.

Implements the reading rules of the 2.1 serialization draft, and stricter ones, because a file that
two readers understand differently is two files under one hash (A24, A34): UTF-8 without a byte
order mark, no member twice in one object, integers only, within +-(2^53 - 1) and without "-0", no
NaN or Infinity, no half of a surrogate pair, nesting and size limited, nothing after the value but
white space.

:class:`Node` is a value together with its path; it is how typed readers ask for what they want.
Where a foreign format has fractions (places on paper), a reader may ask for them: they are then
decimals, never binary floating point, and a number of votes is still an integer.

What it leaves out: whether members stand in a certain order, and whether white space is absent;
stored bytes are hashed as they are, so neither matters to a hash.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn

from evote.codec import MAX_COUNT, MAX_JSON_DEPTH, MAX_MANIFEST_BYTES
from evote.errors import DecodeError

_BOM = b"\xef\xbb\xbf"
_BRACKET = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[][{}]', re.DOTALL)
"""A whole string, or a bracket outside of one. A string without an end is taken to the end of the text at
once: to look for it again from every escaped quotation mark inside would take quadratic time (A34)."""
_DIGITS = 40


def read_json(raw: bytes, *, limit: int = MAX_MANIFEST_BYTES, fractions: bool = False) -> object:
    """The value that the JSON text ``raw`` holds: dict, list, str, int, bool or None.

    With ``fractions``, numbers with a fraction or an exponent are ``Decimal``. Raises :class:`DecodeError`
    for anything that the module's rules exclude and for more than ``limit`` bytes.
    """
    if len(raw) > limit:
        raise DecodeError(f"{len(raw)} bytes are more than the limit of {limit}")
    if raw.startswith(_BOM):
        raise DecodeError("the text starts with a byte order mark; write UTF-8 without it")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DecodeError(f"not UTF-8: byte {error.start} is wrong") from None
    # Before parsing: how deep the parser itself can go differs between versions of Python.
    if _depth(text) > MAX_JSON_DEPTH:
        raise DecodeError(f"objects and lists are nested deeper than {MAX_JSON_DEPTH}")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_int=_integer,
            parse_float=_decimal if fractions else _no_float,
            parse_constant=_no_constant,
        )
    except json.JSONDecodeError as error:
        raise DecodeError(f"not JSON: {error.msg} (line {error.lineno}, column {error.colno})") from None
    _check_texts(value)
    return value


def _depth(text: str) -> int:
    """How deep brackets are nested outside of strings, whether or not they match."""
    deepest = depth = 0
    for found in _BRACKET.finditer(text):
        if found[0] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif found[0] in "]}":
            depth -= 1
    return deepest


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise DecodeError(f"the member {name[:40]!r} stands twice in one object")
            seen.add(name)
    return found


def _integer(digits: str) -> int:
    # Sixteen digits are enough for 2^53; longer ones are not even converted.
    if digits == "-0" or len(digits) > 17 or abs(int(digits)) > MAX_COUNT:
        raise DecodeError(f"the number {digits[:20]} is not an integer within 2^53 - 1")
    return int(digits)


def _no_float(digits: str) -> NoReturn:
    raise DecodeError(f"the number {digits[:20]} has a fraction or an exponent; only integers are read")


def _decimal(digits: str) -> Decimal:
    if len(digits) > _DIGITS:
        raise DecodeError(f"the number {digits[:20]}… has more than {_DIGITS} characters")
    return Decimal(digits)


def _no_constant(name: str) -> NoReturn:
    raise DecodeError(f"{name} is not a number of JSON")


def _check_texts(value: object) -> None:
    """Every text of the value, without recursion."""
    waiting: list[object] = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            _check_text(node)
        elif isinstance(node, dict):
            waiting.extend((*node.keys(), *node.values()))
        elif isinstance(node, list):
            waiting.extend(node)


def _check_text(text: str, where: str = "") -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise DecodeError("a text holds half of a surrogate pair", where) from None


@dataclass(frozen=True, slots=True)
class Node:
    """A JSON value and the path at which it stands; every method raises :class:`DecodeError`."""

    value: object
    where: str = ""

    def members(self, required: Sequence[str], optional: Sequence[str] = ()) -> dict[str, Node]:
        """The members of an object that has all of ``required``, maybe some of ``optional``, no other."""
        value = self._object()
        for name in required:
            if name not in value:
                raise DecodeError(f"the field {name} is absent", self.where)
        for name in value:
            if name not in required and name not in optional:
                raise DecodeError(f"the field {str(name)[:40]!r} is unknown", self.where)
        return {name: self.child(name) for name in value}

    def entries(self) -> dict[str, Node]:
        """The members of an object whose keys are free."""
        return {name: self.child(name) for name in self._object()}

    def child(self, name: str) -> Node:
        """The member called ``name`` of an object that has it."""
        return Node(self._object()[name], f"{self.where}.{name}" if self.where else name)

    def items(self, limit: int) -> tuple[Node, ...]:
        """The members of a list of at most ``limit``; paths count from 0."""
        if not isinstance(self.value, list | tuple):
            raise DecodeError("a list is wanted here", self.where)
        if len(self.value) > limit:
            raise DecodeError(f"{len(self.value)} members are more than {limit}", self.where)
        return tuple(Node(item, f"{self.where}[{index}]") for index, item in enumerate(self.value))

    def text(self, limit: int) -> str:
        """A text of at most ``limit`` bytes of UTF-8."""
        if type(self.value) is not str:
            raise DecodeError("a text is wanted here", self.where)
        _check_text(self.value, self.where)
        if len(self.value) > limit or len(self.value.encode("utf-8")) > limit:
            raise DecodeError(f"the text is longer than {limit} bytes", self.where)
        return self.value

    def integer(self, low: int, high: int) -> int:
        """An integer from ``low`` to ``high``, both included."""
        if type(self.value) is not int:
            raise DecodeError("an integer is wanted here", self.where)
        if not low <= self.value <= high:
            raise DecodeError(f"{self.value} is not between {low} and {high}", self.where)
        return self.value

    def boolean(self) -> bool:
        """True or false."""
        if type(self.value) is not bool:
            raise DecodeError("true or false is wanted here", self.where)
        return self.value

    def _object(self) -> Mapping[str, object]:
        if not isinstance(self.value, Mapping):
            raise DecodeError("an object is wanted here", self.where)
        for name in self.value:
            if type(name) is not str:
                raise DecodeError("the names of an object's members are texts", self.where)
        return self.value
