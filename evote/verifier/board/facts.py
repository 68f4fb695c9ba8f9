"""What the checks of the board need of every ballot in the record, found by the ballot's hash.

Facts are gathered while ballots are looked at, and taken, each once, when the logs are read. They wait in
a temporary file, so that memory does not grow with the number of ballots.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from evote.codec import Count, Digest, Label, Path, decode, encode
from evote.verifier.store import FrameStore


@dataclass(frozen=True, slots=True)
class Facts:
    """One ballot of the record."""

    aside: bool
    """Whether it stands beside the count."""
    position: Count
    """Among the ballots of the record, or among those aside."""
    cast: bool
    identifier: Digest
    unit: Path
    style: Label
    pseudonym: Digest | None
    """Of a cast ballot; None for NONE, and for a challenged one."""

    @property
    def place(self) -> str:
        """Where it stands, in words."""
        return f"ballot {self.position} {'aside' if self.aside else 'of the record'}"


class FactStore:
    """Facts by ballot hash; for one thread. To be closed."""

    __slots__ = ("_added", "_store", "waiting")

    def __init__(self) -> None:
        self._store = FrameStore()
        self._added = 0
        self.waiting = 0
        """Number of ballots that nobody took yet."""

    def add(self, ballot: bytes, facts: Facts) -> bool:
        """Keep facts; False, and nothing is kept, if the record has this very ballot already."""
        self._added += 1
        kept = self._store.add(ballot, self._added, encode(facts))
        self.waiting += kept
        return kept

    def take(self, ballot: bytes) -> Facts | None:
        """The facts of a ballot, which are then no longer here."""
        frame = self._store.take(ballot)
        if frame is None:
            return None
        self.waiting -= 1
        return decode(Facts, frame, element_bytes=0)

    def left(self, most: int) -> Iterator[bytes]:
        """Hashes of the ballots that nobody took, at most so many."""
        return (key for _, key in self._store.left(most))

    def close(self) -> None:
        """Remove the temporary file."""
        self._store.close()
