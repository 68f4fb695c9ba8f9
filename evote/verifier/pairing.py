"""Joins a stream of frames to a stream of ballots, both in the order of the record.

What belongs to a ballot is looked for at the front of the frames, and a limited way ahead, so that
one frame too many or too few does not put everything behind it out of step. Memory is bounded by
that way, whatever the streams hold.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeVar

from evote.errors import DecodeError

T = TypeVar("T")

AHEAD = 64
"""Frames that are held while the one that belongs to the next ballot is looked for."""


class Pairing(Generic[T]):
    """Frames with keys, taken by key.

    ``surplus`` is told every frame that nobody took, ``broken`` every frame that did not decode and,
    at most once, why the frames could not be read to their end. ``ordered`` says whether what was
    taken so far stood in the order in which it was asked for.
    """

    __slots__ = ("_broken", "_ended", "_frames", "_held", "_key", "_last", "_surplus", "ordered")

    def __init__(
        self,
        frames: Iterator[tuple[int, bytes, T | DecodeError]],
        key: Callable[[T], Hashable],
        *,
        surplus: Callable[[int, T], None],
        broken: Callable[[DecodeError], None],
    ) -> None:
        self._frames = frames
        self._key = key
        self._surplus = surplus
        self._broken = broken
        self._held: dict[Hashable, tuple[int, T]] = {}
        self._ended = False
        self._last = -1
        self.ordered = True

    def take(self, key: Hashable) -> T | None:
        """The value with that key, or None if it is not within reach."""
        found = self._held.pop(key, None)
        if found is not None:
            return self._taken(*found)
        for _ in range(AHEAD):
            following = self._next()
            if following is None:
                return None
            position, value = following
            here = self._key(value)
            if here == key:
                return self._taken(position, value)
            self._hold(here, position, value)
        return None

    def finish(self) -> None:
        """Tell of everything that was not taken."""
        for position, value in self._held.values():
            self._surplus(position, value)
        self._held = {}
        while (following := self._next()) is not None:
            self._surplus(*following)

    def _taken(self, position: int, value: T) -> T:
        self.ordered = self.ordered and position > self._last
        self._last = position
        return value

    def _hold(self, key: Hashable, position: int, value: T) -> None:
        if key in self._held:
            self._surplus(position, value)
            return
        if len(self._held) >= AHEAD:
            oldest = next(iter(self._held))
            self._surplus(*self._held.pop(oldest))
        self._held[key] = position, value

    def _next(self) -> tuple[int, T] | None:
        while not self._ended:
            try:
                position, _, value = next(self._frames)
            except StopIteration:
                self._ended = True
            except DecodeError as error:
                self._ended = True
                self._broken(error)
            else:
                if not isinstance(value, DecodeError):
                    return position, value
                self._broken(value)
        return None
