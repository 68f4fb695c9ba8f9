"""The entries of the logs, and the leaf of each.

Every unit has a log; the election has one whose leaves are the heads of the units' logs. An entry is
published whole; its leaf data is a tagged hash over its fields, H_E and the origin of its log, 32
bytes for every kind, so that the log tells nothing by the size of a leaf, and a voter who knows the
fields recomputes the leaf. The RFC 9162 leaf hash is taken over these 32 bytes.

A challenge entry carries, in the place of the pseudonym, a hash of it with 32 secret random bytes
(:func:`blinded`): the opened ballot could otherwise be linked to a voter by trying the roll (A59).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Annotated, Final, TypeAlias

from evote.board.submission import MAX_SIGNATURES, Signature
from evote.codec import AtMost, Between, Count, Digest, Label, Path, Text, Width, encode
from evote.hashing import tagged

NO_PSEUDONYM: Final = bytes(32)
"""Stands in a leaf where an election has no roll."""

Key = Annotated[bytes, Width(32)]
Keys = Annotated[tuple[Key, ...], AtMost(MAX_SIGNATURES)]
Moment = Annotated[str, AtMost(20)]
"""UTC as ``2026-06-30T20:00:00Z``."""


@dataclass(frozen=True, slots=True)
class CastEntry:
    """A ballot was admitted. ``previous`` is the head of the voter's slot before it."""

    style: Label
    pseudonym: Digest
    ballot: Digest
    previous: Digest
    device: Text
    signatures: Annotated[tuple[Signature, ...], AtMost(MAX_SIGNATURES)]

    def fields(self) -> tuple[bytes, ...]:
        """What the leaf covers: everything but the signatures and who signed."""
        return self.style.encode("utf-8"), self.pseudonym, self.ballot, self.previous


@dataclass(frozen=True, slots=True)
class ChallengeEntry:
    """A ballot was challenged; it is never counted. ``blinded`` is that of :func:`blinded`."""

    style: Label
    blinded: Digest
    ballot: Digest

    def fields(self) -> tuple[bytes, ...]:
        """What the leaf covers."""
        return self.style.encode("utf-8"), self.blinded, self.ballot


@dataclass(frozen=True, slots=True)
class VerdictEntry:
    """What checking the proofs of an admitted ballot found: accepted, or the check that failed."""

    ballot: Digest
    accepted: bool
    check: Label
    """Number of the failed check, empty if accepted."""
    reason: Text
    """In words, empty if accepted."""

    def fields(self) -> tuple[bytes, ...]:
        """What the leaf covers."""
        return (
            self.ballot,
            b"\x01" if self.accepted else b"\x00",
            self.check.encode("utf-8"),
            self.reason.encode("utf-8"),
        )


@dataclass(frozen=True, slots=True)
class Counted:
    """How often something happened in one minute."""

    what: Label
    count: Count


@dataclass(frozen=True, slots=True)
class CountsEntry:
    """What was refused, or went wrong, in one minute (R16): counts only, in the order of their names."""

    minute: Moment
    counts: Annotated[tuple[Counted, ...], AtMost(64)]

    def fields(self) -> tuple[bytes, ...]:
        """What the leaf covers."""
        counted = (part for each in self.counts for part in (each.what.encode(), b"%d" % each.count))
        return self.minute.encode("utf-8"), *counted


@dataclass(frozen=True, slots=True)
class ReissueEntry:
    """The credential of a slot is replaced; ballots of the old one never count after one of the new."""

    slot: Count
    old: Keys
    new: Keys
    reason: Text
    signatures: Annotated[tuple[Signature, ...], AtMost(MAX_SIGNATURES)]
    """Of every credential authority of the manifest, in its order, in the role ``reissue``: where a
    credential has two parts, one authority alone must not replace both."""

    def fields(self) -> tuple[bytes, ...]:
        """What the leaf covers: the whole entry."""
        return (encode(self),)


@dataclass(frozen=True, slots=True)
class ClosingEntry:
    """Phase 1: no ballot and no challenge enters any more. Phase 2: nothing enters any more."""

    phase: Annotated[int, Between(1, 2)]
    time: Moment

    def fields(self) -> tuple[bytes, ...]:
        """What the leaf covers."""
        return bytes((self.phase,)), self.time.encode("utf-8")


@dataclass(frozen=True, slots=True)
class UnitHeadEntry:
    """In the election's log: a head of a unit's log, with the proof that it extends the one before.

    ``proof`` is the RFC 9162 consistency proof from the unit's head before it, empty for the first;
    the leaf covers it by hash, so that a receipt need not carry it (rule A65).
    """

    unit: Path
    size: Count
    root: Digest
    proof: Annotated[tuple[Digest, ...], AtMost(64)]
    closing: bool
    """Whether the unit's log ends here, with its closing entry of phase 2."""

    def fields(self) -> tuple[bytes, ...]:
        """What the leaf covers."""
        return _head_fields(self.unit, self.size, self.root, consistency_hash(self.proof), self.closing)


Entry: TypeAlias = (
    CastEntry | ChallengeEntry | VerdictEntry | CountsEntry | ReissueEntry | ClosingEntry | UnitHeadEntry
)


class EntryKind(enum.Enum):
    """The kinds of entry, by the name that their tag and their frame carry."""

    CAST = "cast"
    CHALLENGE = "challenge"
    VERDICT = "verdict"
    COUNTS = "counts"
    REISSUE = "reissue"
    CLOSING = "closing"
    UNIT_HEAD = "unit-head"


TYPES: Final[dict[EntryKind, type[Entry]]] = {
    EntryKind.CAST: CastEntry,
    EntryKind.CHALLENGE: ChallengeEntry,
    EntryKind.VERDICT: VerdictEntry,
    EntryKind.COUNTS: CountsEntry,
    EntryKind.REISSUE: ReissueEntry,
    EntryKind.CLOSING: ClosingEntry,
    EntryKind.UNIT_HEAD: UnitHeadEntry,
}

_KINDS: Final = {kind: name for name, kind in TYPES.items()}


def kind_of(entry: Entry) -> EntryKind:
    """The kind of an entry."""
    return _KINDS[type(entry)]


def leaf_data(extended_hash: bytes, origin: str, unit: str, entry: Entry) -> bytes:
    """The 32 bytes for ``entry`` in the log ``origin`` of ``unit``, which is empty for the election's log."""
    return _leaf_data(kind_of(entry), extended_hash, origin, unit, entry.fields())


def unit_head_leaf_data(
    extended_hash: bytes, origin: str, unit: str, size: int, root: bytes, consistency: bytes, closing: bool
) -> bytes:
    """The leaf data of a :class:`UnitHeadEntry` of ``unit`` in the election's log ``origin``.

    For who has the :func:`consistency_hash` of its proof and not the proof: the holder of a receipt.
    """
    fields = _head_fields(unit, size, root, consistency, closing)
    return _leaf_data(EntryKind.UNIT_HEAD, extended_hash, origin, "", fields)


def consistency_hash(proof: tuple[bytes, ...]) -> bytes:
    """What stands for a consistency proof in the leaf of a unit's head."""
    return tagged("evote/v1/consistency", *proof)


def _head_fields(unit: str, size: int, root: bytes, consistency: bytes, closing: bool) -> tuple[bytes, ...]:
    return unit.encode("utf-8"), b"%d" % size, root, consistency, b"\x01" if closing else b"\x00"


def _leaf_data(
    kind: EntryKind, extended_hash: bytes, origin: str, unit: str, fields: tuple[bytes, ...]
) -> bytes:
    return tagged(
        f"evote/v1/leaf/{kind.value}",
        extended_hash,
        origin.encode("utf-8"),
        unit.encode("utf-8"),
        *fields,
    )


def blinded(pseudonym: bytes, blind: bytes) -> bytes:
    """The stand-in for a pseudonym in a challenge entry; ``blind`` is 32 secret random bytes."""
    if len(pseudonym) != 32 or len(blind) != 32:
        raise ValueError("pseudonym and blinding bytes have 32 bytes each")
    return tagged("evote/v1/blinded", pseudonym, blind)
