"""5.A and E.6: no identifier and no ciphertext occurs twice, over all ballots, cast and challenged.

E.6 speaks of every g^nonce on a ballot together (the alpha of each selection, C0 of the ballot nonce
and of contest data): whoever copies one of them into any of those places is found (A53, A63).
"""

from __future__ import annotations

from evote.ballots import EncryptedBallot
from evote.hashing import sha256
from evote.verifier.state import Verification
from evote.verifier.unique import UniqueKeys

_SELECTION, _DATA, _NONCE = 0, 1, 2
_BITS = 15
_MASK = (1 << _BITS) - 1
_SLOT_BITS = 32


class Identifiers:
    """Gathers identifiers and ciphertexts, and names the repeated ones at the end."""

    def __init__(self, run: Verification) -> None:
        self._run = run
        self._identifiers = UniqueKeys()
        self._values = UniqueKeys()

    def see(self, position: int, ballot: EncryptedBallot) -> None:
        """The ballot at ``position`` of the record."""
        base = position << _SLOT_BITS
        self._identifiers.add(ballot.identifier, base)
        self._values.add(sha256(ballot.nonce.c0), base | _slot(_NONCE))
        number = 1
        for contest in ballot.contests:
            for selection in contest.selections:
                slot = _slot(_SELECTION, contest.contest, selection.option)
                self._values.add(sha256(selection.alpha), base | slot)
                number += 1
            if contest.data is not None:
                self._values.add(sha256(contest.data.c0), base | _slot(_DATA, contest.contest))
                number += 1
        self._run.report.count("5.A")
        self._run.report.count("E.6", number)

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


def _slot(kind: int, contest: int = 0, option: int = 0) -> int:
    # Indices of a misshapen ballot may be too large; they are cut, because they serve messages only.
    return kind << 2 * _BITS | min(contest, _MASK) << _BITS | min(option, _MASK)


def _ballots(places: tuple[int, ...]) -> str:
    positions = sorted({place >> _SLOT_BITS for place in places})
    return f"ballot{'s' if len(positions) > 1 else ''} {', '.join(map(str, positions))} of the record"


def _uses(places: tuple[int, ...]) -> str:
    return "; ".join(_use(place) for place in places[:4]) + ("; …" if len(places) > 4 else "")


def _use(place: int) -> str:
    position, slot = place >> _SLOT_BITS, place & ((1 << _SLOT_BITS) - 1)
    kind, contest, option = slot >> 2 * _BITS, slot >> _BITS & _MASK, slot & _MASK
    what = {
        _SELECTION: f"option {option} of contest {contest}",
        _DATA: f"contest data of contest {contest}",
        _NONCE: "ballot nonce",
    }[kind]
    return f"{what} of ballot {position}"
