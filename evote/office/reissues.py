"""A voter gets a new credential: the proposal that passes between the authorities, and the entry (A55).

A proposal is a JSON file: slot, unit, old keys, new keys, reason, signatures. Every authority in turn
draws its new code, puts the key in, and signs once all new keys are there; with one authority one turn is
enough, with two the first comes twice. No code is in the file. What comes out is the entry for the box of
the unit.

Rules: an authority signs only a proposal whose new key of its part is the one that it drew for that
slot; old keys are those of the roll and of the re-issues kept in the private folder.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from evote.ballots import Election
from evote.board.codes import FIRST, SECOND, WHOLE, Code
from evote.board.credential import ED25519, pseudonym
from evote.board.entries import ReissueEntry
from evote.board.reissue import REISSUE_TAG, Credentials, reissue_message
from evote.board.roll import Roll
from evote.codec import MAX_COUNT, MAX_PATH_BYTES, MAX_TEXT_BYTES, decode, encode
from evote.errors import DecodeError, RefusedError
from evote.manifest import read_json
from evote.manifest.strict_json import Node
from evote.office.authority import REISSUES
from evote.record.files import read_limited, write_atomic
from evote.signing import SigningKey

ENTRY: Final = ".reissue"
"""How the names of files with a complete entry end."""
MAX_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Proposal:
    """A re-issue on its way; what is not there yet is empty."""

    slot: int
    unit: str
    old: tuple[bytes, ...]
    new: tuple[bytes, ...]
    reason: str
    signatures: tuple[bytes, ...]

    def write(self, path: Path) -> None:
        """Write the file."""
        content = {
            "format": 1,
            "slot": self.slot,
            "unit": self.unit,
            "old": [key.hex() for key in self.old],
            "new": [key.hex() for key in self.new],
            "reason": self.reason,
            "signatures": [signature.hex() for signature in self.signatures],
        }
        write_atomic(path, json.dumps(content, indent=1, ensure_ascii=False).encode() + b"\n")

    @classmethod
    def read(cls, path: Path) -> Proposal:
        """The file; raises :class:`DecodeError` for another form."""
        own = Node(read_json(read_limited(path, MAX_BYTES))).members(
            ("format", "slot", "unit", "old", "new", "reason", "signatures")
        )
        own["format"].integer(1, 1)
        return cls(
            own["slot"].integer(0, MAX_COUNT),
            own["unit"].text(MAX_PATH_BYTES),
            _hex(own["old"], 32),
            _hex(own["new"], 32),
            own["reason"].text(MAX_TEXT_BYTES),
            _hex(own["signatures"], 64),
        )

    @property
    def entry(self) -> ReissueEntry | None:
        """The entry, once every authority has signed."""
        if not all(self.signatures):
            return None
        return ReissueEntry(self.slot, self.old, self.new, self.reason, self.signatures)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one authority's turn gave."""

    proposal: Proposal
    code: Code | None
    """The new code of this authority, if it was drawn in this turn."""
    pseudonym: bytes | None
    """Of the new credential, once all its keys are there."""
    entry: ReissueEntry | None


class Reissuer:
    """One authority at its private folder."""

    def __init__(self, election: Election, roll: Roll, private: Path, key: SigningKey) -> None:
        declared, board = election.manifest.roll, election.manifest.board
        if declared is None or board is None:
            raise RefusedError("the election has no roll; there is nothing to issue again")
        keys = [authority.key for authority in declared.authorities]
        if key.verify_key.encoded not in keys:
            raise RefusedError(f"{private} holds the key of no credential authority of this election")
        self._election, self._declared, self._board = election, declared, board
        self._private, self._key = private, key
        self.place = keys.index(key.verify_key.encoded)
        """Which part of a credential this authority draws, from 0."""
        self._part = WHOLE if len(keys) == 1 else (FIRST, SECOND)[self.place]
        self._credentials = Credentials(roll, election.extended_hash)
        for path in sorted((private / REISSUES).glob(f"*{ENTRY}")):
            kept = self.read(path)
            self._credentials.apply(roll.entry(kept.slot).unit, kept)

    def begin(self, slot: int, reason: str) -> Proposal:
        """A new proposal; ``ValueError`` for a slot that is not there."""
        old = self._credentials.keys(slot)
        scheme = self._credentials.roll.entry(slot).scheme
        if scheme != ED25519:
            raise RefusedError(
                f"the voter of slot {slot} has an identity of the scheme {scheme!r} and no code; whoever "
                "issues those identities replaces them"
            )
        empty = (b"",) * len(old)
        return Proposal(slot, self._credentials.roll.entry(slot).unit, old, empty, reason, empty)

    def turn(self, proposal: Proposal) -> Turn:
        """Draw what this authority has to draw, and sign if all keys are there.

        Raises :class:`RefusedError` for a proposal that this authority does not sign, and
        :class:`~evote.errors.VerificationError` for a complete one that does not hold.
        """
        self._check(proposal)
        code = None
        if not proposal.new[self.place]:
            code = Code.drawn(self._part)
            drawn = code.key(self._election.manifest.salt, self._declared.iterations).verify_key.encoded
            proposal = replace(proposal, new=_with(proposal.new, self.place, drawn))
            write_atomic(self._drawn(proposal.slot), drawn.hex().encode(), mode=0o600)
        if not all(proposal.new):
            return Turn(proposal, code, None, None)
        message = reissue_message(proposal.slot, proposal.old, proposal.new, proposal.reason)
        origin = self._board.units[proposal.unit].origin
        signature = self._key.sign(REISSUE_TAG, self._election.extended_hash, origin, message)
        proposal = replace(proposal, signatures=_with(proposal.signatures, self.place, signature))
        entry = proposal.entry
        if entry is not None:
            self._credentials.check(proposal.unit, entry)
        return Turn(proposal, code, pseudonym(self._election.manifest.salt, proposal.new), entry)

    def keep(self, entry: ReissueEntry) -> None:
        """Keep a complete entry, also one that the other authority completed: later ones build on it.

        After sheet and entry are written, so that a crash before it loses no code. Raises
        :class:`~evote.errors.VerificationError` for one that does not hold.
        """
        roll = self._credentials.roll
        if entry.slot >= len(roll):
            raise RefusedError(f"the roll has no slot {entry.slot}")
        self._credentials.apply(roll.entry(entry.slot).unit, entry)
        folder = self._private / REISSUES
        number = len(list(folder.glob(f"*{ENTRY}"))) + 1
        write_atomic(folder / f"{number:06}{ENTRY}", encode(entry), mode=0o600)

    @staticmethod
    def read(path: Path) -> ReissueEntry:
        """A complete entry from a file; raises :class:`DecodeError`."""
        return decode(ReissueEntry, read_limited(path, MAX_BYTES), element_bytes=0)

    @staticmethod
    def encoded(entry: ReissueEntry) -> bytes:
        """The entry as it goes to the ballot box."""
        return encode(entry)

    def _check(self, proposal: Proposal) -> None:
        parts = len(self._declared.authorities)
        if proposal.slot >= len(self._credentials.roll):
            raise RefusedError(f"the roll has no slot {proposal.slot}")
        if not len(proposal.old) == len(proposal.new) == len(proposal.signatures) == parts:
            raise RefusedError(f"a credential of this election has {parts} keys, and the proposal others")
        if proposal.unit != self._credentials.roll.entry(proposal.slot).unit:
            raise RefusedError(f"slot {proposal.slot} is not one of unit {proposal.unit!r}")
        if proposal.old != self._credentials.keys(proposal.slot):
            raise RefusedError(
                f"the old keys are not those of slot {proposal.slot}; it may have been issued again before"
            )
        own = proposal.new[self.place]
        if own and self._remembered(proposal.slot) != own:
            raise RefusedError("the new key of this authority's part was not drawn here; nothing was signed")

    def _drawn(self, slot: int) -> Path:
        return self._private / REISSUES / f"slot-{slot}.key"

    def _remembered(self, slot: int) -> bytes | None:
        path = self._drawn(slot)
        return bytes.fromhex(read_limited(path, 64).decode("ascii")) if path.exists() else None


def _with(values: tuple[bytes, ...], place: int, value: bytes) -> tuple[bytes, ...]:
    return (*values[:place], value, *values[place + 1 :])


def _hex(node: Node, size: int) -> tuple[bytes, ...]:
    found = []
    for item in node.items(2):
        digits = item.text(2 * size)
        if len(digits) not in (0, 2 * size) or any(digit not in "0123456789abcdef" for digit in digits):
            raise DecodeError(f"{2 * size} hexadecimal digits in lower case, or none, are wanted", item.where)
        found.append(bytes.fromhex(digits))
    return tuple(found)
