"""One rich manifest that keeps every rule, and ways to make others from it."""

from __future__ import annotations

import copy
import json
from typing import Any

from evote.manifest import Manifest

SALT = bytes(range(32))
KEY = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")  # RFC 8032, 7.1

DRAFT: dict[str, Any] = {
    "label": "City election",
    "languages": ["en", "fr"],
    "names": {"en": "City election", "fr": "Élection municipale"},
    "contests": [
        {
            "label": "Mayor",
            "names": {"en": "Mayor", "fr": "Maire"},
            "options": ["Ada", "Bo", {"label": "Cy", "names": "Cy d’Or"}],
            "fields": ["overvote", "undervote", "undervote_difference", "null_vote"],
            "write_ins": 1,
            "cells": [{"label": "north", "units": ["North"]}, {"label": "south", "units": ["South"]}],
        },
        {
            "label": "Council",
            "limit": 4,
            "options": [{"label": "Red", "limit": 2}, {"label": "Blue", "limit": "CONTEST_LIMIT"}, "Green"],
        },
    ],
    "styles": [
        {"label": "full", "contests": ["Mayor", "Council"]},
        {"label": "short", "contests": [1], "weight": 3},
    ],
    "units": [
        {"label": "North", "units": [{"label": "N1", "styles": ["full"]}, {"label": "N2"}]},
        {"label": "South", "styles": ["short"]},
    ],
}


def draft(**changes: object) -> dict[str, Any]:
    """The sample draft with other values for some of its members; None takes a member out."""
    changed = copy.deepcopy(DRAFT) | changes
    return {name: value for name, value in changed.items() if value is not None}


def simple(**changes: object) -> dict[str, Any]:
    """The smallest draft: one contest of two options."""
    return {"label": "E", "contests": [{"label": "C", "options": ["a", "b"]}], **changes}


def one_contest(**members: object) -> dict[str, Any]:
    """A draft with one contest that has these members."""
    return simple(contests=[{"label": "C", "options": ["a", "b"], **members}])


def build(described: dict[str, Any]) -> Manifest:
    """The manifest of a draft, with the sample salt and key."""
    return Manifest.build(described, salt=SALT, authority_key=KEY)


def sample() -> Manifest:
    """The sample manifest."""
    return build(DRAFT)


def document() -> dict[str, Any]:
    """The JSON value of the sample manifest."""
    value: dict[str, Any] = json.loads(sample().raw)
    return value


def raw_of(value: object) -> bytes:
    """A JSON value as a manifest file is written."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
