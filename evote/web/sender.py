"""Sends files to one collector until it has them: resumes at the byte, waits as it is told, and never in
step.

The core knows no network, clock or chance: a :class:`Line` asks and puts, and clock, sleep and chance are
arguments, so that whole nights are replayed in tests.

Rules:

- After every break the collector is asked how much it holds; nothing that it holds is sent again.
- A wait is what Retry-After says and a random time behind it; without that, a random time between nothing and
  twice the last bound ("full jitter"), which any progress puts back. So senders that lost one line together
  do not come back together.
- Only "arrived" by the collector's word, after the whole file, counts as delivered. What is refused by name
  is not sent again.
"""

from __future__ import annotations

import enum
import random
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

BASE_SECONDS: Final = 1.0
CAP_SECONDS: Final = 60.0
"""Bounds of the random wait: the first one, and the largest."""
PIECE_BYTES: Final = 4 * 1024 * 1024
"""Bytes of one request, so that a slow line shows progress."""
MAX_RESTARTS: Final = 3
"""How often a file is sent from its start because the collector found another hash."""
_CHANCE: Final = random.SystemRandom()
_TOKEN: Final = ("no-token", "not-allowed")


class RoadError(Exception):
    """The line broke, or the answer was none; the text says how, and holds no token."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a collector said. ``offset`` and ``retry_after`` are None where it did not say."""

    status: int
    offset: int | None = None
    complete: bool = False
    retry_after: float | None = None
    name: str = ""
    """Of the problem."""
    again: bool = False
    detail: str = ""
    verdict: str = ""


class Line(Protocol):
    """A way to one collector. Both raise :class:`RoadError`."""

    def ask(self, sha256: str) -> Answer:
        """How a file stands."""

    def put(self, sha256: str, begin: int, data: bytes, total: int) -> Answer:
        """Send the bytes from ``begin`` on; no bytes at ``begin == total`` finish a file that is held."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file on its way; ``read(begin, size)`` gives its bytes."""

    name: str
    sha256: str
    size: int
    read: Callable[[int, int], bytes]


class State(enum.Enum):
    """How a delivery ended."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    """By name, for good."""
    UNUSABLE = "unusable"
    """The collector takes nothing from this sender."""
    WAITING = "waiting"
    """Time ran out; what was held stays held."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a parcel."""

    parcel: Parcel
    state: State
    attempts: int
    sent: int
    """Bytes that were sent for it, with those that were sent again."""
    name: str = ""
    """Of the refusal, or of the last trouble."""
    message: str = ""


class Stopped(Exception):
    """Ends sending, from inside ``sleep``."""


class Sender:
    """Sends over one line. ``deadline`` is in seconds of ``clock`` from the first call; None has no end."""

    def __init__(
        self,
        line: Line,
        *,
        deadline: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        uniform: Callable[[float, float], float] = _CHANCE.uniform,
        piece: int = PIECE_BYTES,
        tell: Callable[[Parcel, int], None] = lambda parcel, held: None,
    ) -> None:
        self._line = line
        self._clock, self._sleep, self._uniform = clock, sleep, uniform
        self._end = None if deadline is None else clock() + deadline
        self._piece = piece
        self._tell = tell
        self._failures = 0

    def send(self, parcels: Iterable[Parcel]) -> Iterator[Delivery]:
        """Deliver one after the other; what became of each, in their order, as soon as it is known."""
        fault = ""
        for parcel in parcels:
            if fault:
                yield Delivery(parcel, State.UNUSABLE, 0, 0, fault)
                continue
            delivery = _Journey(self, parcel).run()
            if delivery.state is State.UNUSABLE:
                fault = delivery.name
            yield delivery

    def pause(self, retry_after: float | None) -> bool:
        """Wait before the next try; False if the time is over."""
        bound = min(CAP_SECONDS, BASE_SECONDS * 2.0 ** min(self._failures, 16))
        self._failures += 1
        wait = (retry_after or 0.0) + self._uniform(0.0, bound)
        if self._end is not None and self._clock() + wait >= self._end:
            return False
        self._sleep(wait)
        return True

    def moved(self) -> None:
        """There was progress."""
        self._failures = 0

    @property
    def line(self) -> Line:
        """The line."""
        return self._line

    @property
    def piece(self) -> int:
        """Bytes of one request."""
        return self._piece

    @property
    def tell(self) -> Callable[[Parcel, int], None]:
        """Who hears of progress."""
        return self._tell


class _Journey:
    """One parcel until it is delivered, refused, or out of time."""

    def __init__(self, sender: Sender, parcel: Parcel) -> None:
        self._sender, self._parcel = sender, parcel
        self._attempts = self._sent = self._restarts = self._held = 0

    def run(self) -> Delivery:
        name = message = ""
        while True:
            retry_after = None
            try:
                self._attempts += 1
                found = self._attempt()
                if found is None or found.status in (200, 201):
                    return self._ended(State.DELIVERED)
                name, message, retry_after = found.name, found.detail, found.retry_after
                if found.name in _TOKEN or found.status in (404, 405):
                    return self._ended(State.UNUSABLE, name or "not-found", message)
                if not found.again and not self._restart(found):
                    return self._ended(State.REFUSED, found.verdict or name, message)
            except RoadError as error:
                name, message = "unreachable", str(error)
            if not self._sender.pause(retry_after):
                return self._ended(State.WAITING, name, message)

    def _attempt(self) -> Answer | None:
        """Go on as far as it goes; None if the collector has the file, else what it said."""
        line, parcel = self._sender.line, self._parcel
        answer = line.ask(parcel.sha256)
        if answer.complete:
            return None
        if answer.status not in (200, 404) or (answer.status == 404 and answer.offset is None):
            return answer
        at = answer.offset or 0
        while True:
            self._progress(at)
            data = parcel.read(at, min(self._sender.piece, parcel.size - at))
            self._sent += len(data)
            answer = line.put(parcel.sha256, at, data, parcel.size)
            if answer.status != 202 or answer.offset is None:
                return answer
            if answer.offset <= at:
                raise RoadError("the collector holds less than it was sent")
            at = answer.offset

    def _progress(self, held: int) -> None:
        if held > self._held:
            self._held = held
            self._sender.moved()
        self._sender.tell(self._parcel, held)

    def _restart(self, answer: Answer) -> bool:
        """Whether the file is worth another try from its start."""
        self._restarts += 1
        self._held = 0
        return answer.name == "wrong-hash" and self._restarts <= MAX_RESTARTS

    def _ended(self, state: State, name: str = "", message: str = "") -> Delivery:
        if state is State.DELIVERED:
            self._progress(self._parcel.size)
            self._sender.moved()
        return Delivery(self._parcel, state, self._attempts, self._sent, name, message)
