"""The roll: who may vote, by unit, ballot style and keys, sealed before voting (rules A54, A55; A47).

Entries are sorted by their keys, so that their order says nothing about voters; the position of an
entry, from 0, is its slot. The manifest states the number of slots and the RFC 9162 root over the
leaves of all entries. Whatever happens later (re-issues, :mod:`evote.board.reissue`), the roll stays.

:class:`Roll` holds a whole roll in memory, 48 bytes a slot and 36 more with two keys (lookup by
pseudonym included), so that a box of a million slots fits a small machine.

What it leaves out: files, and whether each key is a valid one (:meth:`Roll.check_keys` looks at all
of them; otherwise a key is checked when it is used, and an invalid one can sign nothing).
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from heapq import merge
from itertools import pairwise
from typing import Annotated, Final

from evote.board.credential import (
    BUILT_IN,
    ED25519,
    KEY_BYTES,
    CredentialVerifier,
    Schemes,
    pseudonym,
)
from evote.codec import AtMost, Label, Path, Width, decode
from evote.errors import DecodeError, VerificationError
from evote.hashing import tagged
from evote.manifest import Manifest
from evote.manifest.declarations import DeclaredRoll
from evote.merkle import RangeBuilder, inclusion_proof, leaf_hash, verify_inclusion

MAX_ENTRY_BYTES: Final = 4096
"""Longest encoding of an entry."""
CHECK: Final = "E.17"
"""Number of the check that a roll is the one of the manifest."""

_KEY_HEAD: Final = b"\xc4\x20"
"""What stands before 32 bytes in msgpack."""
_KEY_HEAD_BYTES: Final = len(_KEY_HEAD)

Key = Annotated[bytes, Width(KEY_BYTES)]


@dataclass(frozen=True, slots=True)
class RollEntry:
    """One slot: where its holder votes, on which ballot, and with which keys."""

    unit: Path
    style: Label
    scheme: Label
    keys: Annotated[tuple[Key, ...], AtMost(2)]


def roll_leaf(salt: bytes, frame: bytes) -> bytes:
    """The RFC 9162 leaf hash of an entry, from its encoding as stored."""
    return leaf_hash(tagged("evote/v1/roll-entry", salt, frame))


def roll_root(salt: bytes, frames: Iterable[bytes]) -> tuple[int, bytes]:
    """Number of slots and root of a roll, from the encodings of its entries in their order."""
    builder = RangeBuilder()
    count = 0
    for frame in frames:
        builder.append(roll_leaf(salt, frame))
        count += 1
    return count, builder.value().root()


def sorted_entries(entries: Iterable[RollEntry]) -> list[RollEntry]:
    """Entries in the order of the roll; ``ValueError`` if two have the same first key."""
    ordered = sorted(entries, key=lambda entry: entry.keys)
    for before, after in pairwise(ordered):
        if before.keys[:1] == after.keys[:1]:
            raise ValueError("one key stands on the roll twice; every slot has keys of its own")
    return ordered


def entry_proof(salt: bytes, frames: Sequence[bytes], slot: int) -> tuple[bytes, ...]:
    """The inclusion proof of one entry, for its holder; ``frames`` is the whole roll."""
    return inclusion_proof([roll_leaf(salt, frame) for frame in frames], slot)


def verify_entry(manifest: Manifest, slot: int, frame: bytes, proof: Sequence[bytes]) -> RollEntry:
    """The entry of a slot that a proof shows to be on the manifest's roll.

    Raises :class:`DecodeError` for no entry and :class:`VerificationError` for one that is not there.
    """
    declared = declared_roll(manifest)
    entry = decode(RollEntry, frame, element_bytes=0, limit=MAX_ENTRY_BYTES)
    verify_inclusion(roll_leaf(manifest.salt, frame), slot, declared.slots, proof, declared.root)
    return entry


def declared_roll(manifest: Manifest) -> DeclaredRoll:
    """What the manifest declares of its roll; ``ValueError`` if it declares none."""
    if manifest.roll is None:
        raise ValueError("the election has no roll")
    return manifest.roll


class Roll:
    """A whole roll that is the one of the manifest. Made by :meth:`read`; nothing changes it."""

    __slots__ = ("_groups", "_kinds", "_order", "_parts", "_prefixes", "_seconds", "_table", "manifest")

    def __init__(self, manifest: Manifest, frames: Iterable[bytes]) -> None:
        self.manifest = manifest
        declared = declared_roll(manifest)
        self._parts = declared.parts
        self._table = bytearray()
        self._kinds: list[tuple[str, str, str]] = []
        self._groups = array("I")
        root = self._fill(frames, {ED25519, *declared.schemes}, declared.slots)
        if len(self) != declared.slots:
            raise _false("the number of slots is not the manifest's", declared.slots, len(self))
        if root != declared.root:
            raise _false("the root of the roll is not the manifest's", declared.root.hex(), root.hex())
        self._seconds = self._second_keys()
        prefixes = array(
            "Q", (_prefix(pseudonym(manifest.salt, self.keys(slot))) for slot in range(len(self)))
        )
        self._order = array("I", sorted(range(len(self)), key=prefixes.__getitem__))
        self._prefixes = array("Q", (prefixes[slot] for slot in self._order))

    @classmethod
    def read(cls, manifest: Manifest, frames: Iterable[bytes]) -> Roll:
        """The roll whose entries are encoded in ``frames``, in order.

        Raises :class:`DecodeError` for what is no entry, :class:`VerificationError` (E.17) for entries
        that are not sorted, a key that stands there twice, a unit or style that is not known, a scheme that
        the manifest does not declare, a number of keys, slots or a root that is not the manifest's, and
        ``ValueError`` for an election that has no roll. Whether somebody here can check the credentials
        of a declared scheme is another question: :meth:`unknown`.
        """
        return cls(manifest, frames)

    def unknown(self, known: Schemes) -> tuple[str, ...]:
        """The schemes that the manifest declares and ``known`` has no verifier for, in their order."""
        return tuple(scheme for scheme in declared_roll(self.manifest).schemes if scheme not in known)

    def __len__(self) -> int:
        return len(self._groups)

    def __repr__(self) -> str:
        return f"<Roll of {len(self)} slots>"

    def keys(self, slot: int) -> tuple[bytes, ...]:
        """The keys of a slot, 0 <= slot < the number of slots."""
        width = KEY_BYTES * self._parts
        own = bytes(self._table[slot * width : (slot + 1) * width])
        return (own,) if self._parts == 1 else (own[:KEY_BYTES], own[KEY_BYTES:])

    def entry(self, slot: int) -> RollEntry:
        """The entry of a slot; ``ValueError`` for a slot that is not there."""
        if not 0 <= slot < len(self):
            raise ValueError(f"there is no slot {slot}; the roll has {len(self)}")
        return RollEntry(*self._kinds[self._groups[slot]], self.keys(slot))

    def __iter__(self) -> Iterator[RollEntry]:
        return (self.entry(slot) for slot in range(len(self)))

    def slot_of_pseudonym(self, name: bytes) -> int | None:
        """The slot whose keys on the roll have this pseudonym, or None."""
        wanted = _prefix(name)
        place = bisect_left(self._prefixes, wanted)
        while place < len(self._prefixes) and self._prefixes[place] == wanted:
            slot = self._order[place]
            if pseudonym(self.manifest.salt, self.keys(slot)) == name:
                return slot
            place += 1
        return None

    def slot_of_keys(self, keys: tuple[bytes, ...]) -> int | None:
        """The slot that has exactly these keys on the roll, or None."""
        slot = self._slot_of_first(keys[0]) if keys else None
        return slot if slot is not None and self.keys(slot) == keys else None

    def has_key(self, key: bytes) -> bool:
        """Whether a key stands on the roll, as any part of a credential."""
        if self._slot_of_first(key) is not None:
            return True
        place = bisect_left(self._seconds, key, key=self._second)
        return place < len(self._seconds) and self._second(self._seconds[place]) == key

    def check_keys(self, known: Schemes = BUILT_IN) -> None:
        """That every key is one that its scheme accepts: about 0.5 ms each. Raises VerificationError."""
        for slot, entry in enumerate(self):
            verifier = known.get(entry.scheme)
            if verifier is None:
                raise _false(
                    f"nothing here checks credentials of the scheme {entry.scheme!r}", "one", "none", slot
                )
            self._check_with(verifier, slot)

    def check_identities(self, known: Schemes) -> int:
        """That those who check other schemes accept the identities on the roll; returns how many there are.

        A scheme that is not ``known`` is passed over (:meth:`unknown` names it). Raises
        :class:`VerificationError`.
        """
        looked = 0
        for slot, group in enumerate(self._groups):
            scheme = self._kinds[group][2]
            verifier = None if scheme == ED25519 else known.get(scheme)
            if verifier is not None:
                self._check_with(verifier, slot)
                looked += 1
        return looked

    def _check_with(self, verifier: CredentialVerifier, slot: int) -> None:
        try:
            verifier.check_keys(self.keys(slot))
        except DecodeError as error:
            raise _false(f"the keys are not valid: {error.message}", "valid keys", "", slot) from error

    # --- building ----------------------------------------------------------------------------------

    def _fill(self, frames: Iterable[bytes], schemes: Set[str], limit: int) -> bytes:
        """All entries, each tested; the root over them."""
        salt = self.manifest.salt
        builder = RangeBuilder()
        # All entries of one unit, style and scheme are the same bytes up to their keys.
        places: dict[bytes, int] = {}
        tail = (_KEY_HEAD_BYTES + KEY_BYTES) * self._parts
        last = b""
        for slot, frame in enumerate(frames):
            if slot == limit:
                raise _false("there are more slots than in the manifest", limit, "more")
            head, keys = frame[:-tail], _keys(frame[-tail:])
            place = places.get(head) if keys else None
            if place is None:
                entry = decode(RollEntry, frame, element_bytes=0, limit=MAX_ENTRY_BYTES)
                keys = entry.keys
                if len(keys) != self._parts:
                    raise _false("the number of keys is not the manifest's", self._parts, len(keys), slot)
                kind = (entry.unit, entry.style, entry.scheme)
                self._check_kind(kind, schemes, slot)
                place = places[head] = len(self._kinds)
                self._kinds.append(kind)
            if keys[0] <= last:
                what = "stands on the roll twice" if keys[0] == last else "is not in its place"
                raise _false(f"the first key {what}", "after the one before", keys[0].hex(), slot)
            last = keys[0]
            builder.append(roll_leaf(salt, frame))
            self._groups.append(place)
            self._table += b"".join(keys)
        return builder.value().root()

    def _check_kind(self, kind: tuple[str, str, str], schemes: Set[str], slot: int) -> None:
        unit, style, scheme = kind
        try:
            place = self.manifest.unit(unit)
        except ValueError as error:
            raise _false(str(error), "a unit of the election", unit, slot) from None
        if not self.manifest.takes_ballots(unit) or style not in place.styles:
            raise _false(f"unit {unit!r} has no ballot style {style!r}", "a style of the unit", style, slot)
        if scheme not in schemes:
            raise _false(
                f"the manifest declares no credentials of the scheme {scheme!r}",
                ", ".join(sorted(schemes)),
                scheme,
                slot,
            )

    def _second_keys(self) -> array[int]:
        """Slots in the order of their second keys, all different from each other and from first keys."""
        if self._parts == 1:
            return array("I")
        order = array("I", sorted(range(len(self)), key=self._second))
        every = merge(
            ((self._first(slot), slot) for slot in range(len(self))),
            ((self._second(slot), slot) for slot in order),
        )
        for (before, _), (after, slot) in pairwise(every):
            if before == after:
                raise _false("the second key stands on the roll twice", "once", "twice", slot)
        return order

    def _second(self, slot: int) -> bytes:
        return bytes(self._table[(2 * slot + 1) * KEY_BYTES : (2 * slot + 2) * KEY_BYTES])

    def _slot_of_first(self, key: bytes) -> int | None:
        place = bisect_left(range(len(self)), key, key=self._first)
        return place if place < len(self) and self._first(place) == key else None

    def _first(self, slot: int) -> bytes:
        at = slot * KEY_BYTES * self._parts
        return bytes(self._table[at : at + KEY_BYTES])


def _keys(tail: bytes) -> tuple[bytes, ...]:
    """The keys that the end of an encoded entry holds, or none if it has another form."""
    step = _KEY_HEAD_BYTES + KEY_BYTES
    if len(tail) % step or any(tail[at : at + 2] != _KEY_HEAD for at in range(0, len(tail), step)):
        return ()
    return tuple(tail[at + 2 : at + step] for at in range(0, len(tail), step))


def _prefix(name: bytes) -> int:
    return int.from_bytes(name[:8], "big")


def _false(message: str, expected: object, computed: object, slot: int | None = None) -> VerificationError:
    where = "roll" if slot is None else f"roll, slot {slot}"
    return VerificationError(
        message, check=CHECK, where=where, expected=str(expected), computed=str(computed)
    )
