"""Seeded randomness, so that vectors are the same bytes on every machine."""

from __future__ import annotations

from evote.hashing import tagged
from evote.randomness import uniform_below


class SeededRandomness:
    """A deterministic byte stream named by ``seed``; for vectors and tests only."""

    __slots__ = ("_counter", "_seed")

    def __init__(self, seed: str) -> None:
        self._seed = seed.encode("utf-8")
        self._counter = 0

    def token(self, size: int) -> bytes:
        out = b""
        while len(out) < size:
            self._counter += 1
            out += tagged("evote/testing/randomness", self._seed, self._counter.to_bytes(8, "big"))
        return out[:size]

    def below(self, bound: int) -> int:
        return uniform_below(self.token, bound)
