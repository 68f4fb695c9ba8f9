"""Structural changes of a JSON value: what somebody does who knows the format and not the keys.

Values themselves are left as they are: members and elements are taken away, doubled, moved, renamed, put
in each other's place, or written in another of JSON's forms.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Place = tuple[str | int, ...]
Change = Callable[[random.Random, Any], "tuple[Done, Any] | None"]


@dataclass(frozen=True, slots=True)
class Done:
    """What was changed, and where."""

    what: str
    place: Place
    text: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.what} {self.text}"


def places(value: Any, path: Place = ()) -> Iterator[Place]:
    """The paths of all members and elements, at any depth."""
    items = value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ())
    for name, each in items:
        yield (*path, name)
        yield from places(each, (*path, name))


def at(value: Any, place: Place) -> Any:
    for name in place:
        value = value[name]
    return value


def _drop(generator: random.Random, value: Any) -> tuple[Done, Any] | None:
    # A member that is null is as good as absent.
    place = generator.choice([place for place in places(value) if at(value, place) is not None])
    del at(value, place[:-1])[place[-1]]
    return Done("absent", place), value


def _lists(value: Any, least: int) -> list[Place]:
    every = [(), *places(value)]
    return [place for place in every if isinstance(at(value, place), list) and len(at(value, place)) >= least]


def _double(generator: random.Random, value: Any) -> tuple[Done, Any] | None:
    if not (found := _lists(value, 1)):
        return None
    place = generator.choice(found)
    held = at(value, place)
    index = generator.randrange(len(held))
    held.insert(index, copy.deepcopy(held[index]))
    return Done("doubled", place, str(index)), value


def _exchange(generator: random.Random, value: Any) -> tuple[Done, Any] | None:
    if not (found := _lists(value, 2)):
        return None
    place = generator.choice(found)
    held = at(value, place)
    first, second = generator.sample(range(len(held)), 2)
    held[first], held[second] = held[second], held[first]
    return Done("exchanged", place, f"{first} and {second}"), value


def _retarget(generator: random.Random, value: Any) -> tuple[Done, Any] | None:
    """One subtree where another of the same name stands."""
    every = list(places(value))
    place = generator.choice(every)
    others = [other for other in every if other != place and _name(other) == _name(place)]
    others = [other for other in others if other[: len(place)] != place and place[: len(other)] != other]
    if not others:
        return None
    other = generator.choice(others)
    at(value, place[:-1])[place[-1]] = copy.deepcopy(at(value, other))
    return Done("replaced", place, f"by {other}"), value


def _name(place: Place) -> str:
    return "/".join(part for part in place if isinstance(part, str))


def _rename(generator: random.Random, value: Any) -> tuple[Done, Any] | None:
    named = [place for place in places(value) if isinstance(place[-1], str)]
    if not named:
        return None
    place = generator.choice(named)
    holder = at(value, place[:-1])
    holder[f"{place[-1]}_"] = holder.pop(place[-1])
    return Done("renamed", place), value


def _wrap(generator: random.Random, value: Any) -> tuple[Done, Any] | None:
    place = generator.choice(list(places(value)))
    holder = at(value, place[:-1])
    holder[place[-1]] = generator.choice(
        ([holder[place[-1]]], {"value": holder[place[-1]]}, None, "", 0.5, 10**400)
    )
    return Done("another type", place), value


STRUCTURES: tuple[Change, ...] = (_drop, _double, _exchange, _retarget, _rename, _wrap)


def changed(generator: random.Random, value: Any) -> tuple[Done, Any]:
    """What was done, and a copy of the value that differs from it."""
    while True:
        found = generator.choice(STRUCTURES)(generator, copy.deepcopy(value))
        if found is not None and found[1] != value:
            return found


def _first_member(raw: bytes) -> tuple[bytes, bytes] | None:
    value = json.loads(raw)
    if not isinstance(value, dict) or not value:
        return None
    name = next(iter(value))
    return json.dumps(name).encode(), json.dumps(value[name], separators=(",", ":")).encode()


def _doubled(raw: bytes) -> bytes:
    found = _first_member(raw)
    if found is None:
        return raw + raw
    return raw.rstrip()[:-1] + b"," + found[0] + b":" + found[1] + b"}"


TEXTS: dict[str, Callable[[bytes], bytes]] = {
    "a member twice": _doubled,
    "nested deep": lambda raw: b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "lists without end": lambda raw: b"[" * 100_000,
    "a huge number": lambda raw: b'{"a":' + b"9" * 100_000 + b"}",
    "a number with an exponent": lambda raw: b'{"a":1e400}',
    "no number": lambda raw: raw.rstrip()[:-1] + b',"x":NaN}',
    "more behind": lambda raw: raw + b"1",
    "a byte order mark": lambda raw: b"\xef\xbb\xbf" + raw,
    "sixteen bits": lambda raw: raw.decode().encode("utf-16"),
    "half a character": lambda raw: raw.replace(b'"', b'"\\ud800', 1),
    "a zero byte": lambda raw: raw + b"\0",
    "nothing": lambda raw: b"",
    "half": lambda raw: raw[: len(raw) // 2],
}
"""Texts that no strict reader takes, made of one that it does."""
