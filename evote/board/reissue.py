"""A credential is issued again: what the authorities sign, when it takes force, who votes for a slot now.

Rule A55: the number of slots never changes. A re-issue names the slot, its keys until now, the new ones
and a reason; every credential authority of the manifest signs it for the log of the slot's unit. From
that entry on the old credential is revoked, and the new one votes for the same slot, so that it can
replace what was voted before and never adds to it.

:class:`Credentials` is the roll with the re-issues of a log so far. Reading is safe among threads.

What it leaves out: that the entry is in the log, and that the number of re-issues is published (the
log's entries are).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from evote.board.credential import BUILT_IN, Schemes, pseudonym
from evote.board.entries import Keys, ReissueEntry
from evote.board.roll import Roll
from evote.codec import Count, Text, encode
from evote.errors import DecodeError, VerificationError
from evote.manifest import Manifest

REISSUE_TAG: Final = "reissue"
"""Role of the authorities' signatures under a re-issue."""
CHECK: Final = "E.17"


@dataclass(frozen=True, slots=True)
class ReissueStatement:
    """What the authorities sign: the entry without its signatures."""

    slot: Count
    old: Keys
    new: Keys
    reason: Text


def reissue_message(slot: int, old: tuple[bytes, ...], new: tuple[bytes, ...], reason: str) -> bytes:
    """The bytes that every authority signs, in the role ``reissue``, for H_E and the unit's log."""
    return encode(ReissueStatement(slot, old, new, reason))


@dataclass(frozen=True, slots=True)
class Holding:
    """What the roll and the re-issues say of the credential with a certain pseudonym."""

    slot: int
    unit: str
    style: str
    scheme: str
    keys: tuple[bytes, ...]
    """Those of the pseudonym, whether or not they are still the slot's."""
    revoked: bool
    """Whether the slot has other keys by now."""


class Credentials:
    """The credentials in force: the roll, and the re-issues applied to it in the order of a log.

    ``extended_hash`` is H_E, which the authorities sign for. New keys of a scheme that is not ``known`` are
    taken as they are, and the scheme is named in :attr:`unchecked`.
    """

    __slots__ = (
        "_current",
        "_extended_hash",
        "_keys",
        "_names",
        "_schemes",
        "count",
        "roll",
        "unchecked",
    )

    def __init__(self, roll: Roll, extended_hash: bytes, known: Schemes = BUILT_IN) -> None:
        self.roll = roll
        self.count = 0
        """Number of re-issues in force."""
        self.unchecked: set[str] = set()
        """Schemes of new keys that nobody here could check."""
        self._extended_hash = extended_hash
        self._schemes = known
        self._current: dict[int, tuple[bytes, ...]] = {}
        self._names: dict[bytes, tuple[int, tuple[bytes, ...]]] = {}
        self._keys: set[bytes] = set()

    @property
    def manifest(self) -> Manifest:
        return self.roll.manifest

    @property
    def schemes(self) -> Schemes:
        """The schemes whose signatures can be checked."""
        return self._schemes

    def keys(self, slot: int) -> tuple[bytes, ...]:
        """The keys that vote for a slot now; ``ValueError`` for a slot that is not there."""
        current = self._current.get(slot)
        return self.roll.entry(slot).keys if current is None else current

    def find(self, name: bytes) -> Holding | None:
        """Whose pseudonym this is, or was; None for nobody's."""
        issued = self._names.get(name)
        if issued is not None:
            slot, keys = issued
        else:
            found = self.roll.slot_of_pseudonym(name)
            if found is None:
                return None
            slot, keys = found, self.roll.keys(found)
        entry = self.roll.entry(slot)
        revoked = self._current.get(slot, entry.keys) != keys
        return Holding(slot, entry.unit, entry.style, entry.scheme, keys, revoked)

    def check(self, unit: str, entry: ReissueEntry) -> None:
        """That a re-issue may take force now, in the log of ``unit``.

        Raises :class:`VerificationError` (E.17) for a slot that is not one of the unit, old keys that are
        not the slot's, new keys that are of a wrong number, invalid, or of any slot now or before, and for
        a missing or wrong signature of an authority.
        """
        if entry.slot >= len(self.roll):
            raise _false(entry, "there is no such slot", f"below {len(self.roll)}", entry.slot)
        listed = self.roll.entry(entry.slot)
        if listed.unit != unit:
            raise _false(entry, "the slot is one of another unit", listed.unit, unit)
        current = self.keys(entry.slot)
        if entry.old != current:
            raise _false(entry, "the old keys are not the slot's", _hex(current), _hex(entry.old))
        if len(entry.new) != len(current):
            raise _false(entry, "the number of new keys is wrong", len(current), len(entry.new))
        if len(set(entry.new)) < len(entry.new) or any(self._used(key) for key in entry.new):
            raise _false(entry, "a new key is or was in use already", "keys of its own", _hex(entry.new))
        self._new_keys(listed.scheme, entry)
        self._signatures(unit, entry)

    def apply(self, unit: str, entry: ReissueEntry) -> None:
        """Checks a re-issue as :meth:`check` does, and from now on the slot has the new keys."""
        self.check(unit, entry)
        self._keys.update(entry.new)
        self._names[pseudonym(self.manifest.salt, entry.new)] = (entry.slot, entry.new)
        self._current[entry.slot] = entry.new
        self.count += 1

    def _new_keys(self, scheme: str, entry: ReissueEntry) -> None:
        verifier = self._schemes.get(scheme)
        if verifier is None:
            self.unchecked.add(scheme)
            return
        try:
            verifier.check_keys(entry.new)
        except DecodeError as error:
            raise _false(
                entry, f"the new keys are not valid: {error.message}", "", _hex(entry.new)
            ) from error

    def _used(self, key: bytes) -> bool:
        return key in self._keys or self.roll.has_key(key)

    def _signatures(self, unit: str, entry: ReissueEntry) -> None:
        board, declared = self.manifest.board, self.manifest.roll
        if board is None or declared is None:
            raise ValueError("credentials are issued again in elections with a board and a roll")
        wanted = len(declared.authorities)
        if len(entry.signatures) != wanted:
            raise _false(
                entry, "there is not one signature per credential authority", wanted, len(entry.signatures)
            )
        message = reissue_message(entry.slot, entry.old, entry.new, entry.reason)
        for number, (authority, signature) in enumerate(
            zip(declared.authorities, entry.signatures, strict=True), start=1
        ):
            try:
                authority.load().verify(
                    signature,
                    tag=REISSUE_TAG,
                    election=self._extended_hash,
                    origin=board.units[unit].origin,
                    message=message,
                )
            except VerificationError as error:
                raise _false(
                    entry, f"credential authority {number} did not sign it", error.expected, error.computed
                ) from error


def _hex(keys: tuple[bytes, ...]) -> str:
    return " ".join(key.hex() for key in keys)


def _false(entry: ReissueEntry, message: str, expected: object, computed: object) -> VerificationError:
    return VerificationError(
        f"re-issue: {message}",
        check=CHECK,
        where=f"slot {entry.slot}",
        expected=str(expected),
        computed=str(computed),
    )
