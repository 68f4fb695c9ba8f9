"""How much a server takes: one table, with what is sensible for one machine behind a proxy.

Rules: every number has a least and a most value, so that no setting switches a limit off.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Raises ``ValueError`` for a number outside of its bounds (:data:`BOUNDS`)."""

    connections: int = 1024
    """Open connections; those beyond are answered 503 and closed."""
    uploads: int = 64
    """Requests to the collector at work."""
    submissions: int = 256
    """Ballots on their way in, all units together: bodies that are read, and what waits for a box."""
    queue: int = 128
    """Ballots of one unit that wait for its box or are at work there; more are counted as queue-full."""
    threads: int = 16
    """Threads that admit ballots."""
    reading: int = 128
    """Other requests at work."""
    header_seconds: int = 15
    """From the first byte of a request (or the connection) to the end of its header."""
    idle_seconds: int = 30
    """Longest pause inside a body, in either direction."""
    least_rate: int = 1024
    """Bytes a second that a body needs on average, beyond one pause."""
    stop_seconds: int = 20
    """How long requests at work may go on when the server is stopped."""
    return_bytes: int = 64 * _MIB
    """Largest unit return."""
    office_bytes: int = 512 * _MIB
    """Of files that are not finished, per office."""
    office_files: int = 20_000
    """Files of one office, arrived or not."""
    reserve_bytes: int = 64 * _MIB
    """Room on the disk that uploads leave."""
    keep_days: int = 7
    """After so many days without a byte, what is not finished is forgotten."""

    def __post_init__(self) -> None:
        for each in fields(self):
            value, (least, most) = getattr(self, each.name), BOUNDS[each.name]
            if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
                raise ValueError(f"{each.name} is a whole number from {least} to {most}")


BOUNDS: Final = {
    "connections": (1, 100_000),
    "uploads": (1, 10_000),
    "submissions": (1, 10_000),
    "queue": (1, 10_000),
    "threads": (1, 256),
    "reading": (1, 10_000),
    "header_seconds": (1, 300),
    "idle_seconds": (1, 300),
    "least_rate": (1, 1_000_000),
    "stop_seconds": (1, 600),
    "return_bytes": (1, 1024 * _MIB),
    "office_bytes": (1, 1024 * 1024 * _MIB),
    "office_files": (1, 10_000_000),
    "reserve_bytes": (0, 1024 * 1024 * _MIB),
    "keep_days": (1, 3650),
}
"""Name of a limit -> least and most value."""
