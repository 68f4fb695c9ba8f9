"""What the closed log of a unit says of its return: the head, and counts style by style (R10; A54, A59).

Of ballots the log says everything: accepted, rejected, superseded, challenged. Of voters it says who has a
ballot that counts, and with a roll who has rejected ones only and how many are registered. It does not say
who has challenged ballots and no other, because challenges are blinded, and without a roll every ballot
stands for itself: there the office says it, within the bounds that :func:`check_counts` holds it to.

What it leaves out: whether voters add up (:mod:`evote.returns.reconciliation`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from evote.board.checkpoint import open_checkpoint
from evote.board.counting import Fate, Outcome
from evote.board.note import KeyKind, Note, NoteKey
from evote.board.roll import Roll
from evote.hashing import sha256
from evote.manifest.declarations import DeclaredLog
from evote.returns.unitreturn import ClosedLog, StyleCount


@dataclass(frozen=True, slots=True)
class LogCount:
    """One style on the closed log of a unit. ``registered`` and ``rejected_only`` are None without a roll."""

    style: str
    registered: int | None
    counted: int
    rejected_only: int | None
    accepted: int
    rejected: int
    superseded: int
    challenged: int


_SAID: Final = ("registered", "counted", "rejected_only", "accepted", "rejected", "superseded", "challenged")
"""What the log says, or is silent about (None)."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A count of a return that its log contradicts."""

    style: str
    name: str
    expected: str
    stated: int


def closed_log(declared: DeclaredLog, note: Note) -> ClosedLog:
    """What a return says of the log that ``note`` closes.

    Named is the note with the signature of the log alone, since cosignatures may come later. Raises
    :class:`~evote.errors.DecodeError` or :class:`~evote.errors.VerificationError` for a note that is no
    checkpoint of that log.
    """
    key = NoteKey(declared.origin, KeyKind.ED25519, declared.load())
    checkpoint = open_checkpoint(note, key)
    return ClosedLog(declared.origin, checkpoint.size, checkpoint.root, sha256(note.of_key(key).encode()))


def registered_voters(roll: Roll) -> dict[tuple[str, str], int]:
    """Unit and style -> slots of the roll."""
    found: dict[tuple[str, str], int] = {}
    for entry in roll:
        key = entry.unit, entry.style
        found[key] = found.get(key, 0) + 1
    return found


def count_log(
    unit: str,
    styles: Sequence[str],
    outcomes: Iterable[tuple[str, Outcome]],
    registered: Mapping[tuple[str, str], int] | None,
) -> tuple[LogCount, ...]:
    """The counts of each style; ``outcomes`` are the styles and fates of all ballots of the log.

    ``registered`` is None where the election has no roll. A style that is not the unit's is left out: no
    sound log has one.
    """
    fates: dict[str, list[Outcome]] = {style: [] for style in styles}
    for style, outcome in outcomes:
        if style in fates:
            fates[style].append(outcome)
    return tuple(
        _count(style, found, None if registered is None else registered.get((unit, style), 0))
        for style, found in fates.items()
    )


def _count(style: str, outcomes: Sequence[Outcome], registered: int | None) -> LogCount:
    def number(*fates: Fate) -> int:
        return sum(outcome.fate in fates for outcome in outcomes)

    only: int | None = None
    if registered is not None:
        voted = {outcome.slot for outcome in outcomes if outcome.fate is Fate.COUNTED}
        refused = {outcome.slot for outcome in outcomes if outcome.fate is Fate.REJECTED}
        only = len(refused - voted - {None})
    return LogCount(
        style,
        registered,
        number(Fate.COUNTED),
        only,
        number(Fate.COUNTED, Fate.SUPERSEDED),
        number(Fate.REJECTED),
        number(Fate.SUPERSEDED),
        number(Fate.CHALLENGED),
    )


def check_counts(stated: Sequence[StyleCount], found: Sequence[LogCount]) -> Iterator[Difference]:
    """Every count of a return that is not the log's; both are in the order of the unit's styles."""
    for one, log in zip(stated, found, strict=True):
        for name in _SAID:
            wanted, value = getattr(log, name), getattr(one, name)
            if wanted is not None and value != wanted:
                yield Difference(one.style, name, str(wanted), value)
        if log.rejected_only is None and one.rejected_only > log.rejected:
            yield Difference(one.style, "rejected_only", f"at most {log.rejected}", one.rejected_only)
        if one.challenged_only > log.challenged:
            yield Difference(one.style, "challenged_only", f"at most {log.challenged}", one.challenged_only)
