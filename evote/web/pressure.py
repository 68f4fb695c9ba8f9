"""How much is at work, and when those who are too many may come again.

A gate lets so many in at once. Who finds it full gets a moment of their own: each refusal takes the next
place in a line that moves as fast as the gate serves (``most`` at once over the mean time of one, Little's
law), and some random time behind it. So those who were sent away come back spread over the time that serving
them takes, and not together.

Rules: clock and chance are arguments; a wait is a whole number of seconds, at least 1; a line that would be
longer than ``longest`` is spread over the second half of that time instead.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

LONGEST: Final = 300.0
"""Seconds; nobody is told to wait longer."""
_CHANCE: Final = random.SystemRandom()
_GUESS: Final = 0.5
"""Seconds that one request takes, before any was measured."""
_WEIGHT: Final = 0.05
"""Of the newest measurement in the mean."""
_SPREAD: Final = 0.5
"""Random time behind a place in the line, as a part of the wait."""


class BusyError(Exception):
    """The gate is full; ``seconds`` says when to come again."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"come again in {seconds} s")


class Gate:
    """Lets ``most`` in at once. ``uniform(a, b)`` draws a float between ``a`` and ``b``."""

    def __init__(
        self,
        name: str,
        most: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        uniform: Callable[[float, float], float] = _CHANCE.uniform,
        longest: float = LONGEST,
    ) -> None:
        if most < 1:
            raise ValueError("a gate lets at least one in")
        self.name = name
        self.most = most
        self.inside = 0
        self.refused = 0
        """How often the gate was full."""
        self._clock, self._uniform, self._longest = clock, uniform, longest
        self._mean = _GUESS
        self._line = 0.0
        """When the last place of the line is served."""
        self._lock = threading.Lock()

    @property
    def rate(self) -> float:
        """Requests that are served in a second when the gate is full, as measured."""
        return self.most / self._mean

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Be inside; raises :class:`BusyError` if there is no room."""
        with self._lock:
            if self.inside >= self.most:
                raise BusyError(self._place())
            self.inside += 1
        begun = self._clock()
        try:
            yield
        finally:
            with self._lock:
                self.inside -= 1
                taken = max(self._clock() - begun, 1e-6)
                self._mean += _WEIGHT * (taken - self._mean)

    def wait(self) -> int:
        """When somebody may come again who was refused elsewhere, in seconds from now."""
        with self._lock:
            return self._place()

    def _place(self) -> int:
        self.refused += 1
        now = self._clock()
        line = max(self._line, now) + self._mean / self.most
        if line - now > self._longest:
            return math.ceil(self._uniform(self._longest / 2, self._longest))
        self._line = line
        wait = line - now
        return max(1, math.ceil(wait + self._uniform(0.0, max(1.0, _SPREAD * wait))))
