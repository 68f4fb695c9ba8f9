"""The clock of a demonstration with a board: it is late while people vote, and right when voting ends.

A board declares when voting ends, and its boxes promise times. In a demonstration nobody waits until then:
while people vote the clock runs :data:`WINDOW` seconds late, so that voting ends where it was declared to
end, at the moment when the demonstration began.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from evote.manifest.moments import moment_of

WINDOW: Final = 3 * 24 * 3600
"""Seconds for which people can vote; longer than any demonstration takes to let them."""


class DemoClock:
    """``source`` gives the seconds since 1970."""

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self._late = WINDOW
        self.closes = int(source())
        """The moment at which voting ends."""

    def now(self) -> int:
        """Seconds since 1970, by this clock."""
        return int(self._source()) - self._late

    def moment(self) -> str:
        """Now as a record writes it."""
        return moment_of(self.now())

    def end_voting(self) -> None:
        """From here on the clock is right, which is behind the end of voting."""
        self._late = 0
