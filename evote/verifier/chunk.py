"""A stretch of ballots as a task, and what a look at it gives: values that are sent and stored.

A result holds no ballot and nothing that a tally would accept: what was found, what was added up, and
of each ballot the few bytes that checks on the whole record need. Ballots themselves stay in the process
that read them (rule A68).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from evote.ballots.values import MAX_WEIGHT, ChainingField, SubmittedBallot
from evote.codec import MAX_CONTESTS, MAX_COUNT, AtMost, Between, Count, Digest, Index, Label, Path, Text
from evote.hashing import sha256
from evote.manifest import Manifest
from evote.record import layout
from evote.record.stretches import Piece, Stretch
from evote.record.unique import packed
from evote.verifier.method import Method
from evote.verifier.said import Said
from evote.verifier.setting import ElectionData
from evote.verifier.sums import CellName, CellPart, UnitPart

SELECTIONS = 10_000
"""Selections that a stretch has at least where it may: batches of this size cost little per selection."""

MOST_BALLOTS = 1_000
MOST_BYTES = 64 * 1024 * 1024
"""Bounds on a stretch, so that memory is bounded too."""

MAX_WARNINGS = 64
"""Warnings that are kept of one stretch."""


def chunk_ballots(manifest: Manifest, element_bytes: int) -> int:
    """How many ballots make a stretch: a function of the manifest alone (rule A67).

    Enough for ``SELECTIONS`` selections, at most ``MOST_BALLOTS``, and so few that they have at most
    ``MOST_BYTES`` bytes with their hints; at least one.
    """
    largest = max(
        (
            sum(len(contest.options) for contest in manifest.contests_of(style.label))
            for style in manifest.styles
        ),
        default=1,
    )
    most = min(
        -(-SELECTIONS // max(largest, 1)),
        MOST_BALLOTS,
        MOST_BYTES
        // (layout.largest_ballot(manifest, element_bytes) + layout.largest_hint(manifest, element_bytes)),
    )
    return max(most, 1)


@dataclass(frozen=True, slots=True)
class ChunkTask:
    """One stretch of the ballots of a record."""

    record: str
    """The folder of the record, under a name that the worker knows it by."""
    election: ElectionData
    stretch: Stretch
    limit: int
    """Most bytes of a ballot."""
    method: Method
    hints: Stretch | None = None
    """Where the hints of these ballots are, as far as there are any."""


@dataclass(frozen=True, slots=True)
class ContestNote:
    """A contest of a ballot, and whether it carries contest data."""

    contest: Index
    data: bool


@dataclass(frozen=True, slots=True)
class BallotNote:
    """What checks on the whole record need of one ballot."""

    identifier: Digest
    leaf: Digest
    """Hash of the frame, as it enters the closing head."""
    cast: bool
    shaped: bool
    """Whether E.2 found nothing."""
    unit: Path
    style: Label
    pseudonym: Digest | None
    """In the opening of a cast ballot's context."""
    weight: Annotated[int, Between(1, MAX_WEIGHT)]
    device: Text
    code: Digest
    chaining_field: ChainingField
    contests: Annotated[tuple[ContestNote, ...], AtMost(MAX_CONTESTS)]
    """Of a cast ballot, where the manifest has contest data decrypted; else none."""
    piece: Count
    """In which piece of the stretch the frame is."""
    begin: Count
    size: Count
    """Offset of the frame's content in its segment, and its length."""


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """What a look at one stretch gave."""

    number: Count
    first: Count
    pieces: tuple[Piece, ...]
    """The bytes that were parsed, with their digests."""
    notes: tuple[BallotNote | None, ...]
    """One per frame; None for a frame that is no ballot."""
    leaves: tuple[Digest, ...]
    """The frames as a compact range of the closing head's tree."""
    values: Annotated[bytes, AtMost(MAX_COUNT)]
    """Every g^nonce on these ballots with its place, for E.6, as :func:`evote.record.unique.packed`."""
    submitted: tuple[CellName, ...]
    cells: tuple[CellPart, ...]
    said: Said
    batched: Count
    """Ballots that were accepted in a batch."""
    warnings: Annotated[tuple[Text, ...], AtMost(MAX_WARNINGS)] = ()
    units: tuple[UnitPart, ...] = ()
    """Products per unit and style, where units report with returns."""


# --- places of g^nonce ---------------------------------------------------------------------------------

_SELECTION, _DATA, _NONCE, _VECTOR = 0, 1, 2, 3
_BITS = 15
_MASK = (1 << _BITS) - 1
SLOT_BITS = 32
ASIDE = 1 << 40
"""Positions from here on are those of ballots aside; no record has so many ballots."""


def values_of(position: int, submitted: SubmittedBallot) -> list[bytes]:
    """Every g^nonce of the ballot at ``position`` of the record, hashed, with its place."""
    ballot = submitted.ballot
    base = position << SLOT_BITS
    found = [packed(sha256(ballot.nonce.c0), base | _slot(_NONCE))]
    for contest in ballot.contests:
        for selection in contest.selections:
            slot = _slot(_SELECTION, contest.contest, selection.option)
            found.append(packed(sha256(selection.alpha), base | slot))
        if contest.data is not None:
            found.append(packed(sha256(contest.data.c0), base | _slot(_DATA, contest.contest)))
    for one in () if submitted.pre is None else submitted.pre.contests:
        for vector in one.vectors:
            for selection in vector.selections:
                slot = _slot(_VECTOR, one.contest, selection.option)
                found.append(packed(sha256(selection.alpha), base | slot))
    return found


def use_of(place: int) -> str:
    """What stands at a place, in words."""
    position, slot = place >> SLOT_BITS, place & ((1 << SLOT_BITS) - 1)
    kind, contest, option = slot >> 2 * _BITS, slot >> _BITS & _MASK, slot & _MASK
    what = {
        _SELECTION: f"option {option} of contest {contest}",
        _DATA: f"contest data of contest {contest}",
        _NONCE: "ballot nonce",
        _VECTOR: f"option {option} of a vector of contest {contest}",
    }[kind]
    return f"{what} of {ballot_name(position)}"


def ballot_name(position: int) -> str:
    """A ballot by its position, in words."""
    return f"ballot {position}" if position < ASIDE else f"ballot {position - ASIDE} aside"


def _slot(kind: int, contest: int = 0, option: int = 0) -> int:
    # Indices of a misshapen ballot may be too large; they are cut, because they serve messages only.
    return kind << 2 * _BITS | min(contest, _MASK) << _BITS | min(option, _MASK)
