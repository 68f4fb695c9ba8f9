"""Where random bytes come from: the operating system, everywhere but in the vector generator.

A function that needs randomness takes a :class:`Randomness` and passes it on; the public entry
points do not expose it, so that nonces cannot be set from outside (rule A63).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Protocol


class Randomness(Protocol):
    """A source of uniform, independent bytes."""

    def token(self, size: int) -> bytes:
        """``size`` fresh uniform bytes."""
        ...

    def below(self, bound: int) -> int:
        """A uniform integer in ``0 <= x < bound`` (rejection sampling, no modulo bias)."""
        ...


class SystemRandomness:
    """The operating system's generator (``os.urandom``); safe across forks, holds no state."""

    __slots__ = ()

    def token(self, size: int) -> bytes:
        return os.urandom(size)

    def below(self, bound: int) -> int:
        return uniform_below(self.token, bound)


def uniform_below(token: Callable[[int], bytes], bound: int) -> int:
    """Uniform ``0 <= x < bound`` from a byte source, by rejection.

    Raises ``ValueError`` for a bound below 1.
    """
    if bound < 1:
        raise ValueError("the bound must be at least 1")
    bits = (bound - 1).bit_length()
    size = (bits + 7) // 8
    shift = 8 * size - bits
    while True:
        value = int.from_bytes(token(size), "big") >> shift
        if value < bound:
            return value


SYSTEM = SystemRandomness()
