"""One rich manifest that keeps every rule, and ways to make others from it."""

from __future__ import annotations

import copy
import functools
import json
from typing import Any

from evote.manifest import Manifest, ReturnKind
from evote.testing.boards import BoardKeys
from evote.testing.returns import ReturnKeys

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


KEYS = BoardKeys.drawn("manifest", ["North/N1", "North/N2", "South"], devices=["booth 1"], authorities=2)
"""Whoever signs for the board of the samples."""


def online(**changes: object) -> Manifest:
    """The sample with a board, and a roll of credentials that have two parts."""
    board = KEYS.board(SALT, devices={}, witnesses="quorum none\n")
    roll = KEYS.roll(SALT, slots=3, root=bytes(range(32)), iterations=10_000)
    return build(draft(board=board, roll=roll) | changes)


def attended(**changes: object) -> Manifest:
    """The sample with a board, and a device that signs ballots."""
    return build(draft(board=KEYS.board(SALT)) | changes)


OFFICES = ReturnKeys.drawn("manifest", ["North/N1", "North/N2", "South"])
"""Whoever signs the returns of the samples."""
KINDS = {"North/N1": ReturnKind.BALLOTS, "North/N2": ReturnKind.OPEN, "South": ReturnKind.OPEN}


def reporting(**changes: object) -> Manifest:
    """The sample with unit returns: ballots are cast in one unit, the other two count paper."""
    board = KEYS.board(SALT)
    board["units"] = {"North/N1": board["units"]["North/N1"]}
    contests = copy.deepcopy(DRAFT["contests"])
    del contests[0]["cells"]
    more = {"board": board, "contests": contests, "returns": OFFICES.returns(SALT, KINDS)}
    return build(draft(**more | changes))


SAMPLES = {"sample": sample, "online": online, "attended": attended, "reporting": reporting}


@functools.cache
def _raw(name: str) -> bytes:
    return SAMPLES[name]().raw


def document(name: str = "sample") -> dict[str, Any]:
    """The JSON value of a sample manifest."""
    value: dict[str, Any] = json.loads(_raw(name))
    return value


def raw_of(value: object) -> bytes:
    """A JSON value as a manifest file is written."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
