"""Whom a receipt is checked against: keys, witnesses and dates of the manifest, and H_E (rule A66).

Everything comes from the bytes of the manifest, which H_E covers, and from a fingerprint that the voter
has from elsewhere (print, press); nothing from the server that gave the receipt.

What is left out: that H_E is the hash of this manifest and of the joint keys. Whoever has the record
knows (:func:`evote.record.load_election`); without it, the logs' keys tie the two together: they stand
in the manifest with a proof of possession for this election, and sign leaves that contain H_E.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from evote.board.note import KeyKind, NoteKey
from evote.board.policy import UNWITNESSED, Policy
from evote.errors import DecodeError
from evote.hashing import DIGEST_BYTES
from evote.manifest import Manifest
from evote.manifest.declarations import DeclaredBoard, DeclaredLog
from evote.manifest.moments import seconds_of


@dataclass(frozen=True, eq=False)
class ReceiptSetting:
    """An election with a board, as receipts are checked in it.

    ``fingerprint`` is H_E, 32 bytes. Raises ``ValueError`` for another length and an election without a
    board, :class:`DecodeError` for a policy of witnesses that is none, or that lists logs and not the
    election's.
    """

    manifest: Manifest
    fingerprint: bytes

    def __post_init__(self) -> None:
        if len(self.fingerprint) != DIGEST_BYTES:
            raise ValueError("an election is named by 32 bytes")
        if self.policy.logs and self.log not in self.policy.logs:
            raise DecodeError("the manifest's policy does not list the log of the election", "witnesses")

    @property
    def board(self) -> DeclaredBoard:
        """What the manifest declares."""
        if self.manifest.board is None:
            raise ValueError("the election has no board, so there are no receipts of its ballots")
        return self.manifest.board

    @cached_property
    def policy(self) -> Policy:
        """Whose cosignatures make a head of the election's log believable."""
        text = self.board.witnesses
        return Policy.parse(text.encode("utf-8")) if text else UNWITNESSED

    @cached_property
    def log(self) -> NoteKey:
        """The key of the election's log."""
        return _note_key(self.board.log)

    @cached_property
    def closes(self) -> int:
        """The moment from which no ballot is taken, in seconds since 1970."""
        return seconds_of(self.board.closes)

    @property
    def last_deadline(self) -> int:
        """The latest deadline that a promise may name: the end of voting and the merge delay."""
        return self.closes + self.board.merge_delay

    def unit_log(self, unit: str) -> NoteKey:
        """The key of a reporting unit's log; ``ValueError`` for what is none."""
        declared = self.board.units.get(unit)
        if declared is None:
            raise ValueError(f"{unit!r} is no reporting unit of the election")
        return _note_key(declared)

    def unit_number(self, unit: str) -> int:
        """The place of a reporting unit in the manifest, from 1; ``ValueError`` for what is none."""
        for number, each in enumerate(self.manifest.ballot_units(), 1):
            if each.path == unit:
                return number
        raise ValueError(f"{unit!r} is no reporting unit of the election")


def _note_key(declared: DeclaredLog) -> NoteKey:
    return NoteKey(declared.origin, KeyKind.ED25519, declared.load())
