"""What was refused or went wrong, counted per minute until a transaction writes it down (R16).

The log holds counts and no events, at most one entry per minute and one line per name, so that
nobody can fill it by being refused. What a killed process had not written down yet is lost: at most what
was refused since its last transaction or :data:`HOLD_SECONDS`.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping

from evote.storage.box_log import MINUTE, Happened

HOLD_SECONDS = 10
"""Refusals wait so long for a transaction that comes anyway."""

STARTS = "starts"
"""Times that a process opened the box."""
GAP_SECONDS = "gap-seconds"
"""Seconds without service before a start."""
FAILURES = "failures"
"""Transactions that the database did not take."""


class Counts:
    """The counts of one process; safe among threads."""

    def __init__(self, now: int) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Happened] = Counter()
        self._written = now

    def add(self, now: int, what: str, count: int = 1) -> bool:
        """Count something; whether it is time to write the counts down."""
        with self._lock:
            self._counts[Happened(now - now % MINUTE, what)] += count
            return now - self._written >= HOLD_SECONDS

    def take(self, now: int) -> Mapping[Happened, int]:
        """All counts, to be written down now."""
        with self._lock:
            taken, self._counts = self._counts, Counter()
            self._written = now
            return taken

    def give_back(self, taken: Mapping[Happened, int]) -> None:
        """The counts of a transaction that failed."""
        with self._lock:
            self._counts.update(taken)
