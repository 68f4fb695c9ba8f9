"""The patience of a server: bodies that pause or crawl, answers that nobody reads.

Rules: a body has to come at the least rate on average and may pause once; what does not is answered 408 and
the connection ends, so that a slow client holds a place for a bounded time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from evote.web.limits import Limits
from evote.web.problem import ProblemError

LINGER_BYTES = 1024 * 1024
LINGER_SECONDS = 2.0
"""A body that is refused is read on for so long, so that the client sees the answer and no broken pipe."""
CLOSE = {"Connection": "close"}


class SlowReaderError(Exception):
    """Nobody reads the answer."""


class Body:
    """The body of one request, read once. ``received`` counts its bytes."""

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        limits: Limits,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._scope, self._receive, self._limits, self._clock = scope, receive, limits, clock
        self.received = 0
        self.ended = False

    def length(self, most: int) -> int:
        """What the header says, at most ``most``; raises :class:`ProblemError`."""
        headers = dict(self._scope["headers"])
        coding = headers.get(b"content-encoding", b"identity")
        if coding.strip().lower() != b"identity":
            raise ProblemError("wrong-type", "bodies come as they are, without Content-Encoding")
        text = headers.get(b"content-length")
        if text is None:
            if b"transfer-encoding" in headers:
                raise ProblemError("no-length")
            return 0
        if not text.isdigit():
            raise ProblemError("no-length")
        # Without converting a number of thousands of digits.
        if len(text) > 19 or int(text) > most:
            raise ProblemError("too-large", f"at most {most} bytes are taken here")
        return int(text)

    async def chunks(self, length: int) -> AsyncIterator[bytes]:
        """The body, which has ``length`` bytes.

        Raises :class:`ProblemError` if it comes too slowly or has another length, and
        ``ClientDisconnect``.
        """
        deadline = self._clock() + self._limits.idle_seconds + length / self._limits.least_rate
        while not self.ended:
            left = min(self._limits.idle_seconds, deadline - self._clock())
            try:
                message = await asyncio.wait_for(self._receive(), max(left, 0.0))
            except TimeoutError:
                raise ProblemError("too-slow", headers=CLOSE) from None
            yield self._content(message, length)

    async def whole(self, length: int) -> bytes:
        """All of it; errors as :meth:`chunks`."""
        return b"".join([chunk async for chunk in self.chunks(length)])

    async def linger(self) -> None:
        """Read on for a while what nobody wants, so that the answer is seen; raises ``ClientDisconnect``."""
        until, seen = self._clock() + LINGER_SECONDS, 0
        while not self.ended and seen < LINGER_BYTES:
            left = until - self._clock()
            if left <= 0:
                return
            try:
                message = await asyncio.wait_for(self._receive(), left)
            except TimeoutError:
                return
            seen += len(self._content(message, None))

    def _content(self, message: Message, length: int | None) -> bytes:
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        content: bytes = message.get("body", b"")
        self.ended = not message.get("more_body", False)
        self.received += len(content)
        if length is not None and (self.received > length or (self.ended and self.received != length)):
            raise ProblemError("bad-range", "the body has not the length that its header says")
        return content


def patient(send: Send, seconds: float) -> Send:
    """``send`` that gives up when the client reads nothing for so long."""

    async def sending(message: Message) -> None:
        try:
            await asyncio.wait_for(send(message), seconds)
        except TimeoutError:
            raise SlowReaderError from None

    return sending
