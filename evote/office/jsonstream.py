"""The members of one large JSON object, cut out one by one: a list of a million records is never in memory.

Only borders are looked at here: strings, brackets, commas. Every piece is then read strictly by its user
(:func:`evote.manifest.read_json`), so that nothing passes that is not JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from evote.codec import MAX_MANIFEST_BYTES
from evote.errors import DecodeError
from evote.hashing import sha256_stream

_READ_BYTES = 256 * 1024
_BOM = b"\xef\xbb\xbf"
_SPACE = re.compile(rb"[ \t\r\n]*")
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_BRACKET = re.compile(rb'"(?:[^"\\]|\\.)*+"|[][{}"]', re.DOTALL)
"""A whole string, a bracket outside of one, or the quote of a string whose end is not there yet."""
_SCALAR = re.compile(rb"[^][{},:\"\s]+")


class JsonStream:
    """The JSON object in ``stream``; ``limit`` is the most bytes of one piece."""

    def __init__(self, stream: BinaryIO, limit: int = MAX_MANIFEST_BYTES) -> None:
        self._stream = stream
        self._limit = limit
        self._held = b""
        self._at = 0
        self._offset = 0
        self._digest = sha256_stream()

    def digest(self) -> bytes:
        """SHA-256 of everything that was read."""
        return self._digest.digest()

    def members(self, listed: str) -> Iterator[tuple[str, bytes]]:
        """Name and bytes of every member; of the list called ``listed``, every item by itself.

        Raises :class:`DecodeError` for what is no JSON object, with the byte at which that shows.
        """
        self._more()
        self._held = self._held.removeprefix(_BOM)
        self._take(b"{")
        if self._peek() == b"}":
            self._take(b"}")
        else:
            yield from self._member(listed)
            while self._peek() == b",":
                self._take(b",")
                yield from self._member(listed)
            self._take(b"}")
        if self._peek():
            raise self._error("something follows behind the object")

    def _member(self, listed: str) -> Iterator[tuple[str, bytes]]:
        if self._peek() != b'"':
            raise self._error("the name of a member is wanted here")
        raw = self._value()
        try:
            name = raw[1:-1].decode("utf-8")
        except UnicodeDecodeError:
            raise self._error("not UTF-8") from None
        self._take(b":")
        if name != listed or self._peek() != b"[":
            yield name, self._value()
            return
        self._take(b"[")
        if self._peek() != b"]":
            yield name, self._value()
            while self._peek() == b",":
                self._take(b",")
                yield name, self._value()
        self._take(b"]")

    # --- pieces ------------------------------------------------------------------------------------

    def _peek(self) -> bytes:
        """The next byte that is no white space, empty at the end."""
        while True:
            found = _SPACE.match(self._held, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._held):
                return self._held[self._at : self._at + 1]
            if not self._more():
                return b""

    def _take(self, mark: bytes) -> None:
        found = self._peek()
        if found != mark:
            what = repr(found.decode("ascii", "replace")) if found else "the end"
            raise self._error(f"{mark.decode()!r} is wanted here, not {what}")
        self._at += 1

    def _value(self) -> bytes:
        """The bytes of the next value."""
        first = self._peek()
        pattern = _STRING if first == b'"' else None if first in (b"{", b"[") else _SCALAR
        size = self._nested() if pattern is None else self._flat(pattern)
        value = self._held[self._at : self._at + size]
        self._at += size
        return value

    def _flat(self, pattern: re.Pattern[bytes]) -> int:
        """The length of the string or number here."""
        while True:
            found = pattern.match(self._held, self._at)
            # A number that reaches the end of what was read may go on behind it.
            if found is not None and (pattern is _STRING or found.end() < len(self._held)):
                return found.end() - self._at
            if not self._more():
                if found is not None:
                    return found.end() - self._at
                raise self._error("a value is wanted here")

    def _nested(self) -> int:
        """The length of the object or list here."""
        depth = scanned = 0
        while True:
            for found in _BRACKET.finditer(self._held, self._at + scanned):
                mark = found[0]
                if mark == b'"':
                    scanned = found.start() - self._at
                    break
                scanned = found.end() - self._at
                if mark in (b"{", b"["):
                    depth += 1
                elif mark in (b"}", b"]"):
                    depth -= 1
                    if not depth:
                        return scanned
            else:
                scanned = len(self._held) - self._at
            if not self._more():
                raise self._error("the file ends inside a value")

    def _more(self) -> bool:
        """Read on; False at the end. What was taken is forgotten."""
        if len(self._held) - self._at > self._limit:
            raise self._error(f"a value has more than {self._limit} bytes")
        data = self._stream.read(_READ_BYTES)
        self._digest.update(data)
        self._held = self._held[self._at :] + data
        self._offset += self._at
        self._at = 0
        return bool(data)

    def _error(self, message: str) -> DecodeError:
        return DecodeError(message, f"byte {self._offset + self._at}")
