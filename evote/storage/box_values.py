"""What comes out of a ballot box."""

from __future__ import annotations

from dataclasses import dataclass

from evote.ballots.hints import BallotHint
from evote.ballots.values import SubmittedBallot
from evote.board.entries import EntryKind


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry of the log with its leaf data (32 bytes); ``body`` is its canonical bytes."""

    position: int
    kind: EntryKind
    leaf: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class StoredBallot:
    """A cast or challenged ballot; ``frame`` is its canonical bytes as the record holds them."""

    position: int
    """Of its entry in the log."""
    identifier: bytes
    ballot: bytes
    """The ballot hash."""
    challenged: bool
    slot: int | None
    """Of the roll; None for a challenge, whose voter is kept nowhere, and where there is no roll."""
    frame: bytes
    hint: BallotHint | None
    """What the voter's device sent as its hint; untrusted."""


@dataclass(frozen=True, slots=True)
class PendingFrame:
    """The bytes of a ballot without a verdict; ``position`` is that of its entry."""

    position: int
    ballot: bytes
    """The ballot hash."""
    frame: bytes
    hint: bytes
    """The content of its hint frame; untrusted."""


@dataclass(frozen=True, slots=True)
class PendingBallot:
    """A ballot without a verdict; ``position`` is that of its entry."""

    position: int
    submitted: SubmittedBallot
    hint: BallotHint | None


@dataclass(frozen=True, slots=True)
class BoxStatus:
    """How a box stands."""

    size: int
    """Number of entries in the log."""
    phase: int
    """Number of closing entries."""
    cast: int
    challenged: int
    pending: int
    """Ballots without a verdict."""
    signed: int
    """Size of the largest head that was signed."""
    fault: str | None
    """Why the box signs nothing, with what to do; None if it works."""
