"""``groups.json``: the constructor's checks, and the published sets by name."""

from __future__ import annotations

from typing import Any

from evote.groups import NAMES, Profile, named
from evote.groups.modp import ModPGroup
from tests.vectors.run import Result, refused

FILE = "groups.json"


def run(params: dict[str, Any], p: str, q: str, g: str, r: str | None) -> Result:
    numbers = {name: int(value, 16) for name, value in {"p": p, "q": q, "g": g}.items()}
    if r is not None and int(r, 16) * numbers["q"] != numbers["p"] - 1:
        raise AssertionError("r is not (p - 1) / q")
    result = refused(lambda: ModPGroup("vector", Profile.TOY, **numbers))
    if params["kind"] == "published":
        published = [named(name) for name in NAMES]
        found = [
            group
            for group in published
            if isinstance(group, ModPGroup)
            and (group.modulus, group.order) == (numbers["p"], numbers["q"])
            and group.generator.encode().hex().upper() == g
        ]
        if len(found) != 1:
            return Result("not published")
    return result
