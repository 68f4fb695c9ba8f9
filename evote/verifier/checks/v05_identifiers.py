"""5.A and E.6: no identifier and no ciphertext occurs twice, over all ballots, cast and challenged.

E.6 speaks of every g^nonce on a ballot together (the alpha of each selection, C0 of the ballot nonce
and of contest data): whoever copies one of them into any of those places is found (A53, A63).
"""

from __future__ import annotations

from collections.abc import Iterable

from evote.record.unique import UniqueKeys
from evote.verifier.chunk import ASIDE, SLOT_BITS, ChunkResult, use_of
from evote.verifier.state import Verification


class Identifiers:
    """Gathers identifiers and ciphertexts, and names the repeated ones at the end."""

    def __init__(self, run: Verification) -> None:
        self._run = run
        self._identifiers = UniqueKeys()
        self._values = UniqueKeys()

    def see(self, result: ChunkResult) -> None:
        """The next stretch of ballots."""
        for position, note in enumerate(result.notes, result.first):
            if note is not None:
                self._identifiers.add(note.identifier, position << SLOT_BITS)
        self._values.add_all(result.values)

    def add(self, position: int, identifier: bytes, values: Iterable[bytes]) -> None:
        """A ballot that stands beside the others, at a position of its own."""
        self._identifiers.add(identifier, position << SLOT_BITS)
        for value in values:
            self._values.add_all(value)

    def finish(self) -> None:
        """Name what occurs twice."""
        report = self._run.report
        with self._identifiers as identifiers:
            for key, places in identifiers.repeated():
                report.fail("5.A", _ballots(places), f"the identifier {key.hex()} occurs more than once")
        with self._values as values:
            for _, places in values.repeated():
                report.fail("E.6", _ballots(places), f"one ciphertext stands as {_uses(places)}")

    def close(self) -> None:
        """Give up without an answer."""
        self._identifiers.close()
        self._values.close()


def _ballots(places: tuple[int, ...]) -> str:
    positions = sorted({place >> SLOT_BITS for place in places})
    within = [str(position) for position in positions if position < ASIDE]
    aside = [str(position - ASIDE) for position in positions if position >= ASIDE]
    parts = [
        f"ballot{'s' if len(listed) > 1 else ''} {', '.join(listed)} {place}"
        for listed, place in ((within, "of the record"), (aside, "aside"))
        if listed
    ]
    return "; ".join(parts)


def _uses(places: tuple[int, ...]) -> str:
    return "; ".join(use_of(place) for place in places[:4]) + ("; …" if len(places) > 4 else "")
