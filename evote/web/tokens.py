"""Tokens of offices: who may bring returns to a collector, and who may read what has arrived.

A token is 32 random bytes in letters, so its hash needs no stretching; the server knows hashes only. A
token says who carries a file, never whose file it is: that is in the file's signature. So one office may
carry another's.

Rules: every comparison takes the same time whether a token is known or not; names are those of folders.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from secrets import compare_digest
from typing import Final

from evote.hashing import tagged
from evote.randomness import SYSTEM
from evote.secret import Secret

PREFIX: Final = "evote-office-"
"""How tokens begin, so that one that got into a public place can be found."""
MAX_TOKEN_BYTES: Final = 256

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Office:
    """Who holds a token. Raises ``ValueError`` for a name that is not one, and a hash of another length."""

    name: str
    token: bytes
    """The :func:`token_hash`, 32 bytes."""
    send: bool = True
    read: bool = True

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(
                f"{self.name!r} is no name of an office: letters a to z, digits and hyphens, at most 64"
            )
        if len(self.token) != 32:
            raise ValueError("the hash of a token has 32 bytes")


class Offices:
    """All offices of a server. Raises ``ValueError`` for two with one name or one token."""

    def __init__(self, offices: Iterable[Office]) -> None:
        self._offices = tuple(offices)
        for what in ("name", "token"):
            if len({getattr(each, what) for each in self._offices}) != len(self._offices):
                raise ValueError(f"two offices have one {what}")

    def __len__(self) -> int:
        return len(self._offices)

    def holding(self, token: str) -> Office | None:
        """The office with this token, or None."""
        hashed = token_hash(token)
        found = None
        for office in self._offices:  # all of them, always
            if compare_digest(office.token, hashed):
                found = office
        return found


def token_hash(token: str) -> bytes:
    """What the server keeps of a token, 32 bytes."""
    return tagged("evote/v1/office-token", token.encode("utf-8", "surrogatepass"))


def new_token() -> Secret[str]:
    """A fresh token."""
    return Secret(PREFIX + base64.urlsafe_b64encode(SYSTEM.token(32)).rstrip(b"=").decode("ascii"))
