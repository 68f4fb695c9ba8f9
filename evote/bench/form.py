"""Whether a JSON value has the form of a document: the few words of JSON Schema that ours uses.

Core programs depend on no schema library, and a document of somebody else is an input like any other.
Words that this module does not know raise an error of the program, so that a schema cannot say more
than is checked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from math import isfinite
from typing import Any

from evote.errors import DecodeError

SCHEMA_FILE = "bench.schema.json"

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}

_SILENT = frozenset(("$schema", "$defs", "title", "description"))


@cache
def schema() -> dict[str, Any]:
    """The schema of documents."""
    text = files("evote.bench").joinpath(SCHEMA_FILE).read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def check(value: object, name: str, where: str) -> None:
    """Raise :class:`DecodeError` unless the value has the form ``$defs/name`` of the schema."""
    _check(value, schema()["$defs"][name], where)


def _check(value: object, form: dict[str, Any], where: str) -> None:
    for word, wanted in form.items():
        if word in _SILENT:
            continue
        if word not in _WORDS:
            raise ValueError(f"{SCHEMA_FILE} uses {word!r}, which is not checked")
        _WORDS[word](value, wanted, form, where)


def _reference(value: object, wanted: str, form: dict[str, Any], where: str) -> None:
    _check(value, schema()["$defs"][wanted.removeprefix("#/$defs/")], where)


def _type(value: object, wanted: str | list[str], form: dict[str, Any], where: str) -> None:
    names = [wanted] if isinstance(wanted, str) else wanted
    # In JSON a truth value is no number, and numbers are finite.
    fits = not isinstance(value, bool) and any(isinstance(value, _TYPES[name]) for name in names)
    if not fits or (isinstance(value, float) and not isfinite(value)):
        raise DecodeError(f"this is not of type {' or '.join(names)}", where)


def _const(value: object, wanted: object, form: dict[str, Any], where: str) -> None:
    if value != wanted:
        raise DecodeError(f"this is not {wanted!r}", where)


def _enum(value: object, wanted: list[object], form: dict[str, Any], where: str) -> None:
    if value not in wanted:
        raise DecodeError(f"this is none of {', '.join(map(str, wanted))}", where)


def _minimum(value: object, wanted: float, form: dict[str, Any], where: str) -> None:
    if isinstance(value, int | float) and value < wanted:
        raise DecodeError(f"this is less than {wanted}", where)


def _min_length(value: object, wanted: int, form: dict[str, Any], where: str) -> None:
    if isinstance(value, str) and len(value) < wanted:
        raise DecodeError("this text is empty", where)


def _pattern(value: object, wanted: str, form: dict[str, Any], where: str) -> None:
    if isinstance(value, str) and not re.search(wanted, value):
        raise DecodeError(f"this does not match {wanted}", where)


def _min_items(value: object, wanted: int, form: dict[str, Any], where: str) -> None:
    if isinstance(value, list) and len(value) < wanted:
        raise DecodeError("this list is empty", where)


def _items(value: object, wanted: dict[str, Any], form: dict[str, Any], where: str) -> None:
    if isinstance(value, list):
        for place, item in enumerate(value):
            _check(item, wanted, f"{where}[{place}]")


def _required(value: object, wanted: list[str], form: dict[str, Any], where: str) -> None:
    if isinstance(value, dict):
        for name in wanted:
            if name not in value:
                raise DecodeError(f"the field {name!r} is missing", where)


def _properties(value: object, wanted: dict[str, Any], form: dict[str, Any], where: str) -> None:
    if isinstance(value, dict):
        for name, inner in wanted.items():
            if name in value:
                _check(value[name], inner, f"{where}.{name}")


def _additional(value: object, wanted: bool | dict[str, Any], form: dict[str, Any], where: str) -> None:
    if isinstance(value, dict):
        for name in value:
            if name in form.get("properties", {}):
                continue
            if wanted is False:
                raise DecodeError(f"the field {name!r} is not known", where)
            if isinstance(wanted, dict):
                _check(value[name], wanted, f"{where}.{name}")


_WORDS: dict[str, Callable[[Any, Any, dict[str, Any], str], None]] = {
    "$ref": _reference,
    "type": _type,
    "const": _const,
    "enum": _enum,
    "minimum": _minimum,
    "minLength": _min_length,
    "pattern": _pattern,
    "minItems": _min_items,
    "items": _items,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
}
