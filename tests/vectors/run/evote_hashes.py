"""``evote-hashes.json``: the tagged hashes.

The ballot nonce has no function of its own; that encryption uses this formula shows in the whole
ballots of ``ballots.json``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evote.ballots.hashes import context_identifier, submitted_hash
from evote.hashing import tagged
from tests.vectors.form import plain
from tests.vectors.run import Result

FILE = "evote-hashes.json"


def run(params: dict[str, Any], **given: Any) -> Result:
    return Result(plain(USES[params["use"]](**given)))


def _hex(value: str) -> bytes:
    return bytes.fromhex(value)


def _context(extended_hash: str, unit: str, style: str, pseudonym: str | None, randomness: str) -> bytes:
    who = None if pseudonym is None else _hex(pseudonym)
    return context_identifier(_hex(extended_hash), unit, style, who, _hex(randomness))


USES: dict[str, Callable[..., bytes]] = {
    "tagged": lambda tag, fields: tagged(tag, *map(_hex, fields)),
    "context": _context,
    "ballot_nonce": lambda random, device_secret, identifier: tagged(
        "evote/v1/ballot-nonce", _hex(random), _hex(device_secret), _hex(identifier)
    ),
    "submitted": lambda extended_hash, frame: submitted_hash(_hex(extended_hash), _hex(frame)),
}
