"""The files of a published record as values (format version 1); see ``specs/record-format.md``.

====================  =========================================================================
file                  content
====================  =========================================================================
manifest.json         the raw bytes that H_B covers
parameters.msgpack    :class:`ParametersFile`
guardians.msgpack     :class:`evote.ceremony.GuardianRecords`
keys.msgpack          :class:`evote.ceremony.JointKeys`
devices.msgpack       :class:`DevicesFile`
ballots/NNNNNN.seg    frames of :class:`evote.ballots.SubmittedBallot`, in the order of the record
roll/NNNNNN.seg       frames of :class:`evote.board.roll.RollEntry`, sorted, where there is a roll
log/NNNNNN.seg        frames of :class:`LogFrame`, where there is a board
checkpoints.msgpack   :class:`CheckpointsFile`, where there is a board
aside/NNNNNN.seg      frames of submitted ballots that are superseded or rejected
returns/NNNNNN.seg    frames of :class:`ReturnFrame`, where there are unit returns
returns.json          what units reported, beside what was decrypted (:mod:`evote.returns.result`)
tally.msgpack         :class:`evote.tally.PublishedTally`
decryption.msgpack    :class:`DecryptionFile`
openings/NNNNNN.seg   frames of :class:`evote.ballots.OpenedBallot`, one per challenged ballot
data/NNNNNN.seg       frames of :class:`evote.tally.DecryptedData`, where the manifest opens it
result.json, .csv     the counts for people and programs, derived from the decryption
closings/NNNNNN.seg   frames of :class:`evote.tally.UnitClosing`, where units are closed one by one
provisional/NNNNNN.seg  frames of :class:`evote.record.provisional.SealedProvisional`
requests/NNNNNN.seg   frames of :class:`evote.decryption.RequestFrame`, where their log is declared
index/NNNNNN.msgpack  :class:`SealedIndex`, one per publication
====================  =========================================================================

A frame is the canonical msgpack of one value behind its length in 4 big-endian bytes.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Annotated, Final

from evote.ballots.values import DeviceRecord
from evote.board.entries import EntryKind
from evote.codec import (
    MAX_GUARDIANS,
    MAX_RETURN_BYTES,
    MAX_UNITS,
    AtMost,
    Between,
    Count,
    Digest,
    Label,
    Path,
    Text,
    Width,
)
from evote.tally import ClosingHead, CountedLog, DecryptedCell, WithheldCell

FORMAT = 1

ELECTION_LOG: Final = 0
"""The number of the election's log; those of the units count from 1, in the order of the manifest."""

MAX_ENTRY_BYTES: Final = 64 * 1024
"""Longest encoding of a log's entry."""

MAX_NOTE_BYTES: Final = 64 * 1024
"""Longest closing checkpoint: room for 128 signatures."""


class Stage(enum.Enum):
    """How far the election is; each stage has the files of the one before and more."""

    SETUP = "setup"
    """Manifest, parameters, guardians, keys."""
    VOTING = "voting"
    """In addition devices and ballots, still growing."""
    FINAL = "final"
    """Closed, tallied, decrypted; everything is there."""


@dataclass(frozen=True, slots=True)
class ParametersFile:
    """Version, group, n and k, and the two hashes over them and the manifest (section 3.1)."""

    version: Label
    group: Label
    p: Annotated[bytes, AtMost(1024)]
    q: Annotated[bytes, AtMost(32)]
    g: Annotated[bytes, AtMost(1024)]
    guardians: Annotated[int, Between(1, MAX_GUARDIANS)]
    quorum: Annotated[int, Between(1, MAX_GUARDIANS)]
    parameter_hash: Digest
    base_hash: Digest


@dataclass(frozen=True, slots=True)
class DevicesFile:
    """The devices that encrypted ballots, each with its codes in order."""

    devices: tuple[DeviceRecord, ...]


@dataclass(frozen=True, slots=True)
class DecryptionFile:
    """The guardians who took part, the decrypted cells, and those withheld with the reason."""

    guardians: tuple[Annotated[int, Between(1, MAX_GUARDIANS)], ...]
    cells: tuple[DecryptedCell, ...]
    withheld: tuple[WithheldCell, ...]


@dataclass(frozen=True, slots=True)
class LogFrame:
    """One entry of a log: which log, which kind, and its encoding (:mod:`evote.board.entries`).

    The frames of one log stand in the order of its leaves; those of several may alternate.
    """

    log: Annotated[int, Between(0, MAX_UNITS)]
    kind: EntryKind
    body: Annotated[bytes, AtMost(MAX_ENTRY_BYTES)]


@dataclass(frozen=True, slots=True)
class ReturnFrame:
    """One file of unit returns as it came: a return, a later roster or a resolution."""

    file: Annotated[bytes, AtMost(MAX_RETURN_BYTES)]


@dataclass(frozen=True, slots=True)
class ClosingNote:
    """The newest checkpoint of a log: the bytes of a signed note, with the cosignatures there are.

    That of a unit's log is its closing one; that of the election's log is so when all units are closed.
    """

    log: Annotated[int, Between(0, MAX_UNITS)]
    note: Annotated[bytes, AtMost(MAX_NOTE_BYTES)]


@dataclass(frozen=True, slots=True)
class CheckpointsFile:
    """Where the logs ended, and what was counted of each unit's (rule A54).

    While units close one by one it has the closed ones only, and is replaced as they become more.
    """

    closing: tuple[ClosingNote, ...]
    """That of the election's log, then one per closed unit, in the order of their numbers."""
    counted: tuple[CountedLog, ...]
    """One per closed unit, in the order of the manifest."""


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """A file, or the sealed prefix of a segment: its length and SHA-256."""

    path: Path
    size: Count
    digest: Digest


@dataclass(frozen=True, slots=True)
class Index:
    """What a publication seals.

    ``previous`` is the SHA-256 of the index file before (none in the first); ``head`` is the closing
    head once the record is closed; ``date`` is UTC as ``2026-06-30T20:00:00Z``.
    """

    format: Annotated[int, Between(FORMAT, FORMAT)]
    sequence: Annotated[int, Between(1, 999_999)]
    previous: Digest | None
    stage: Stage
    date: Text
    fingerprint: Digest
    head: ClosingHead | None
    files: tuple[IndexEntry, ...]


@dataclass(frozen=True, slots=True)
class SealedIndex:
    """The canonical bytes of an :class:`Index` and the authority's signature over them."""

    index: Annotated[bytes, AtMost(16 * 1024 * 1024)]
    signature: Annotated[bytes, Width(64)]
