"""Tallies as they are written: encrypted (section 3.5) and decrypted (section 3.6).

Labels, not indices, name contests and options, because verification 11 compares labels. Form is
checked here; whether a product or a proof holds is for the verifier.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from evote.codec import (
    MAX_CONTEST_DATA_BYTES,
    MAX_OPTIONS,
    AtMost,
    Count,
    Digest,
    ElementBytes,
    Label,
    ScalarBytes,
    Text,
)


@dataclass(frozen=True, slots=True)
class ClosingHead:
    """Size and RFC 9162 root over the hashes of the submitted ballots, in the order of the record."""

    size: Count
    root: Digest


@dataclass(frozen=True, slots=True)
class CountedLog:
    """What was counted of the closed log of a unit (rule A54).

    ``size`` and ``root`` are those of the log's closing head; ``ballots`` is the number of ballots that
    count, and ``digest`` the RFC 9162 root over their hashes, in the order of the log.
    """

    origin: Label
    size: Count
    root: Digest
    ballots: Count
    digest: Digest


@dataclass(frozen=True, slots=True)
class TalliedField:
    """The aggregate (A, B) of one field of a contest (equations 79, 80)."""

    option: Label
    alpha: ElementBytes
    beta: ElementBytes


@dataclass(frozen=True, slots=True)
class TalliedCell:
    """The aggregates of one cell of a contest.

    ``ballots`` counts the cast ballots that carry the contest in the cell's units, ``weight`` is the
    sum of their weights.
    """

    contest: Label
    cell: Label
    ballots: Count
    weight: Count
    fields: Annotated[tuple[TalliedField, ...], AtMost(MAX_OPTIONS)]


@dataclass(frozen=True, slots=True)
class PublishedTally:
    """The encrypted tally of a closed record: every cell of every contest, in manifest order."""

    head: ClosingHead
    cells: tuple[TalliedCell, ...]


@dataclass(frozen=True, slots=True)
class DecryptedField:
    """T = K^t, the count t and the joint proof (c, v) of one field (section 3.6.5)."""

    option: Label
    power: ElementBytes
    count: Count
    challenge: ScalarBytes
    response: ScalarBytes


@dataclass(frozen=True, slots=True)
class DecryptedCell:
    """The decrypted fields of one cell of a contest."""

    contest: Label
    cell: Label
    fields: Annotated[tuple[DecryptedField, ...], AtMost(MAX_OPTIONS)]


@dataclass(frozen=True, slots=True)
class WithheldCell:
    """A cell that is not decrypted because it has too few ballots, with that reason in words."""

    contest: Label
    cell: Label
    reason: Text


@dataclass(frozen=True, slots=True)
class DecryptedData:
    """The contest data of one cast ballot, with the joint proof (section 3.6.6)."""

    identifier: Digest
    contest: Label
    beta: ElementBytes
    challenge: ScalarBytes
    response: ScalarBytes
    plaintext: Annotated[bytes, AtMost(MAX_CONTEST_DATA_BYTES)]
