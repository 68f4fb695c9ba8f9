"""Writes the form of a field as the specification of the record does."""

from __future__ import annotations

import dataclasses
import enum
import types
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from evote.codec import ELEMENT, LATER, AtMost, Between, Width

POWERS = {2**53 - 1: "2^53 - 1", 2**31 - 1: "2^31 - 1"}


def fields(kind: type) -> list[tuple[str, str]]:
    """Name and form of every field of a wire type, in order."""
    hints = get_type_hints(kind, include_extras=True)
    found = []
    for field in dataclasses.fields(kind):
        words = form(hints[field.name])
        if field.metadata == LATER:
            words = words.removesuffix(", or nil") + ", or left out"
        found.append((field.name, words))
    return found


def form(kind: Any) -> str:
    """The form of one annotation, in words of the specification."""
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return kind.__name__
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return " or ".join(f'"{member.value}"' for member in kind)
    if kind is bool:
        return "boolean"
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        [inner] = [argument for argument in arguments if argument is not type(None)]
        return f"{form(inner)}, or nil"
    if origin is tuple:
        return f"list of {form(arguments[0])}"
    if origin is Annotated:
        return _marked(*arguments)
    raise ValueError(f"{kind!r} has no form in the specification")


def _marked(base: Any, mark: Any) -> str:
    if mark is ELEMENT:
        return "element"
    if isinstance(mark, Width):
        return f"{mark.size} bytes"
    if isinstance(mark, Between):
        return f"integer {mark.low} to {POWERS.get(mark.high, mark.high)}"
    if isinstance(mark, AtMost) and base is bytes:
        return f"at most {mark.size} bytes"
    if isinstance(mark, AtMost) and base is str:
        return f"text of at most {mark.size} bytes"
    if isinstance(mark, AtMost) and get_origin(base) is tuple:
        return f"list of at most {mark.size} {form(get_args(base)[0])}"
    raise ValueError(f"{mark!r} has no form in the specification")
