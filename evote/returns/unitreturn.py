"""A unit return: what one unit reports, before anybody has signed it (``specs/unit-returns.md``).

A return of kind BALLOTS carries, per ballot style and contest, the products of the counted ballots'
ciphertexts (specification section 3.5, equation 79) and the closing head of the log on which those
ballots stand. One of kind OPEN carries plain counts. Both stand *before* the weight W of the style: who
adds up styles applies it (:mod:`evote.returns.totals`).

What it leaves out: whether the figures are true. Their place in the manifest is tested by
:mod:`evote.returns.content`, their sense by :mod:`evote.returns.reconciliation`, and that a product is
the one of the ballots by whoever has these: a ciphertext total whose ballots are absent is never
decrypted (rule A50).

Rules: a count below zero is refused by name wherever a value is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from evote.codec import (
    MAX_COUNT,
    MAX_OPTIONS,
    MAX_STYLES,
    AtMost,
    Between,
    Count,
    Digest,
    ElementBytes,
    Index,
    Label,
    Path,
    Text,
)
from evote.manifest import ReturnKind, seconds_of
from evote.manifest.moments import MOMENT_BYTES
from evote.returns.verdicts import ReturnError, ReturnVerdict

Moment = Annotated[str, AtMost(MOMENT_BYTES)]
"""UTC as ``2026-06-30T20:00:00Z``."""
Figure = Annotated[int, Between(-MAX_COUNT, MAX_COUNT)]
"""A count as it comes in; one below zero is read so that it can be named, and refused."""

MAX_ROWS: Final = 100_000
"""Most pairs of style and contest in one return."""
FIRST: Final = 1
"""Number of the first version of a return."""


@dataclass(frozen=True, slots=True)
class RosterName:
    """A version of the roster: its number, and the hash that names it beyond doubt."""

    version: Index
    digest: Digest


@dataclass(frozen=True, slots=True)
class ClosedLog:
    """The log of a unit as it was closed: origin, size, root, and SHA-256 of the signed checkpoint."""

    origin: Label
    size: Count
    root: Digest
    checkpoint: Digest


@dataclass(frozen=True, slots=True)
class StyleCount:
    """Voters and ballots of one ballot style in the unit.

    Of voters: ``registered``; ``signed_in``, who came; ``counted``, who have a ballot in the totals;
    ``rejected_only``, who have a rejected ballot and none that counts; ``challenged_only``, who have
    challenged ballots and no other. Of ballots: ``accepted``, ``rejected``, ``superseded`` (accepted, and
    replaced by a later one of the same voter), ``challenged``. On paper a voter has one ballot, and
    ``superseded`` is 0. Raises :class:`ReturnError` NEGATIVE for a count below zero.
    """

    style: Label
    registered: Figure
    signed_in: Figure
    counted: Figure
    rejected_only: Figure
    challenged_only: Figure
    accepted: Figure
    rejected: Figure
    superseded: Figure
    challenged: Figure

    def __post_init__(self) -> None:
        for name in COUNTS:
            if getattr(self, name) < 0:
                raise _negative(f"style {self.style!r}, {name}", getattr(self, name))


COUNTS: Final = (
    "registered",
    "signed_in",
    "counted",
    "rejected_only",
    "challenged_only",
    "accepted",
    "rejected",
    "superseded",
    "challenged",
)
"""The counts of a :class:`StyleCount`, in their order."""


@dataclass(frozen=True, slots=True)
class PlainField:
    """A field of a contest and how often it was marked; :class:`ReturnError` NEGATIVE below zero."""

    label: Label
    count: Figure

    def __post_init__(self) -> None:
        if self.count < 0:
            raise _negative(f"field {self.label!r}", self.count)


@dataclass(frozen=True, slots=True)
class SealedField:
    """A field of a contest and the product (A, B) of its ciphertexts."""

    label: Label
    alpha: ElementBytes
    beta: ElementBytes


@dataclass(frozen=True, slots=True)
class PlainTotal:
    """Plain counts of one contest over the counted ballots of one style: options, then blank and invalid
    as the supplemental fields of the contest count them."""

    style: Label
    contest: Label
    fields: Annotated[tuple[PlainField, ...], AtMost(MAX_OPTIONS)]


@dataclass(frozen=True, slots=True)
class SealedTotal:
    """Ciphertext totals of one contest over the counted ballots of one style; (1, 1) where there are none."""

    style: Label
    contest: Label
    fields: Annotated[tuple[SealedField, ...], AtMost(MAX_OPTIONS)]


@dataclass(frozen=True, slots=True)
class UnitReturn:
    """What a unit reports. The order of styles, contests and fields is that of the manifest.

    ``election`` is H_E. ``previous`` is the SHA-256 of the file of the version before, with a ``reason``
    in words, and both are absent in the first. ``made_at`` is the clock of the office and only that.

    Raises ``ValueError`` for a combination that no return has, :class:`DecodeError` for a moment that is
    none.
    """

    election: Digest
    unit: Path
    kind: ReturnKind
    roster: RosterName
    version: Index
    previous: Digest | None
    reason: Text
    made_at: Moment
    log: ClosedLog | None
    counts: Annotated[tuple[StyleCount, ...], AtMost(MAX_STYLES)]
    plain: Annotated[tuple[PlainTotal, ...], AtMost(MAX_ROWS)]
    sealed: Annotated[tuple[SealedTotal, ...], AtMost(MAX_ROWS)]

    def __post_init__(self) -> None:
        seconds_of(self.made_at)
        corrects = self.version > FIRST
        if corrects != (self.previous is not None) or corrects != bool(self.reason.strip()):
            raise ValueError("a correction names the version before it and a reason, a first return neither")
        ballots = self.kind is ReturnKind.BALLOTS
        if ballots != (self.log is not None):
            raise ValueError("a return of ballots names the closed log of the unit, and an open one has none")
        if self.plain if ballots else self.sealed:
            raise ValueError("ballots are reported as ciphertexts and open counts as numbers, never mixed")

    @property
    def corrects(self) -> bool:
        """Whether this is a correction."""
        return self.version > FIRST

    def row(self, style: str, contest: str) -> PlainTotal | SealedTotal:
        """The totals of a contest in a style; ``ValueError`` if there are none."""
        rows: tuple[PlainTotal | SealedTotal, ...] = self.plain or self.sealed
        for row in rows:
            if row.style == style and row.contest == contest:
                return row
        raise ValueError(f"the return has no totals of contest {contest!r} in style {style!r}")


def _negative(where: str, count: int) -> ReturnError:
    return ReturnError(
        ReturnVerdict.NEGATIVE,
        f"{where}: nothing is counted below zero",
        expected="0 or more",
        computed=str(count),
    )
