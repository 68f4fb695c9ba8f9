"""What a manifest declares of board, roll, roster, and log of requests (A50, A51, A55, A60, A65, A66).

Values only: keys with their proofs of possession, origins, dates. :mod:`evote.manifest.reading` reads
them, :mod:`evote.manifest.rules_of_boards` tests them; those of a :class:`~evote.manifest.Manifest` keep
every rule. The policy of witnesses is a text here; the board reads it.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evote.errors import DecodeError, VerificationError
from evote.manifest.trimming import Trimming
from evote.signing import VerifyKey, verify_possession

AUTHORITY_ORIGIN = "credential authority"
"""Origin of the possession proof of the credential authority; no log's origin has a space."""
SECOND_AUTHORITY_ORIGIN = "second credential authority"
"""The same for the second authority, where credentials have two parts."""
BUILT_IN_SCHEME = "ed25519"
"""The scheme of credentials that every program checks; it is not declared."""


ROSTER_ORIGIN = "roster authority"
"""Origin of the possession proof of the authority that keeps the roster of unit returns."""


class ReturnKind(enum.Enum):
    """How a unit reports; fixed per unit before voting (rule A50)."""

    BALLOTS = "BALLOTS"
    """Ciphertext totals that anyone recomputes from the unit's ballots on its closed log."""
    OPEN = "OPEN"
    """Plain counts, signed, as from a paper office; no ballot of the unit is on any log."""


def unit_key_origin(path: str) -> str:
    """Origin of the possession proof of a unit's key; a path may hold anything, so a word goes before it."""
    return f"unit {path}"


def device_origin(name: str) -> str:
    """Origin of the possession proof of an attended device."""
    return f"device {name}"


@dataclass(frozen=True, slots=True)
class DeclaredKey:
    """An Ed25519 key and the proof, over the election salt, that its lister holds the secret."""

    key: bytes
    """32 bytes."""
    possession: bytes
    """64 bytes (:func:`evote.signing.prove_possession`)."""

    def load(self) -> VerifyKey:
        """The key, checked; loading again costs nothing. Raises :class:`DecodeError` for no valid key."""
        return _load(self.key)

    def fault(self, salt: bytes, origin: str) -> str | None:
        """What is wrong with key or proof for ``origin``, as a sentence; None if they hold."""
        return _fault(self.key, self.possession, salt, origin)


@dataclass(frozen=True, slots=True)
class DeclaredLog(DeclaredKey):
    """A log: its origin (the key name of its signed notes) and the key that signs its heads."""

    origin: str


@dataclass(frozen=True, slots=True)
class DeclaredBoard:
    """The bulletin board: one log of the election, and one of each reporting unit."""

    log: DeclaredLog
    """The election's log, whose leaves are heads of the units' logs; witnesses cosign its heads."""
    closes: str
    """The moment from which no ballot is taken."""
    merge_delay: int
    """Longest time, in seconds, from the admission of a ballot to a head that covers it."""
    witnesses: str
    """The policy of witnesses as a text in the form of C2SP tlog-policy, or empty: no witnesses."""
    units: Mapping[str, DeclaredLog]
    """Path of each reporting unit -> its log."""
    devices: Mapping[str, DeclaredKey]
    """Name of each attended device -> its key; empty where ballots are signed with credentials."""

    def logs(self) -> Iterator[tuple[str, DeclaredLog]]:
        """Every log with the path of its unit, which is empty for the election's."""
        yield "", self.log
        yield from self.units.items()


@dataclass(frozen=True, slots=True)
class DeclaredRequests:
    """The log of requests to decrypt (rule A51)."""

    log: DeclaredLog
    """Its entries say what guardians are asked to decrypt; witnesses cosign its heads."""
    witnesses: str
    """The policy of witnesses, as that of a board; empty: no witnesses."""


@dataclass(frozen=True, slots=True)
class DeclaredRoll:
    """The roll of credentials as it was sealed before voting."""

    authorities: tuple[DeclaredKey, ...]
    """The credential authority; a second one where credentials have two parts."""
    slots: int
    """Number of entries; it never changes."""
    root: bytes
    """RFC 9162 root over the sorted entries, 32 bytes."""
    parts: int
    """Keys in each credential, 1 or 2."""
    iterations: int
    """Rounds of PBKDF2 from a printed code to a seed."""
    schemes: tuple[str, ...] = ()
    """Schemes of other credentials on the roll, such as a national e-ID; checked by whoever can."""

    def authority_origins(self) -> tuple[str, ...]:
        """The origin of each authority's proof of possession, in order."""
        return (AUTHORITY_ORIGIN, SECOND_AUTHORITY_ORIGIN)[: len(self.authorities)]


@dataclass(frozen=True, slots=True)
class DeclaredPreEncryption:
    """Ballots that are encrypted before their voters choose (specification section 4)."""

    trimming: Trimming
    """Omega, which makes short codes."""
    styles: tuple[str, ...]
    """Labels of the ballot styles that are made so."""
    tools: tuple[str, ...]
    """Device information strings of the encrypting tools; their ballots are pre-encrypted, all others not."""


@dataclass(frozen=True, slots=True)
class DeclaredUnit(DeclaredKey):
    """A unit of the tree: the key that signs its returns, or cosigns corrections of those below it."""

    kind: ReturnKind | None
    """How a reporting unit reports; None for a unit with others below it."""


@dataclass(frozen=True, slots=True)
class DeclaredReturns:
    """The roster of unit returns, in its first version."""

    authority: DeclaredKey
    """Signs later versions of the roster and resolutions, and cosigns corrections of root units."""
    correct_until: str
    """The moment after which no return is corrected."""
    units: Mapping[str, DeclaredUnit]
    """Path of every unit of the tree -> its key and kind."""

    def open_paths(self) -> frozenset[str]:
        """Paths of the units of kind OPEN."""
        return frozenset(path for path, unit in self.units.items() if unit.kind is ReturnKind.OPEN)


@functools.lru_cache(maxsize=4096)
def _load(key: bytes) -> VerifyKey:
    return VerifyKey(key)


@functools.lru_cache(maxsize=4096)
def _fault(key: bytes, possession: bytes, salt: bytes, origin: str) -> str | None:
    try:
        loaded = _load(key)
    except DecodeError as error:
        return f"the key is no Ed25519 key that is accepted: {error}"
    try:
        verify_possession(loaded, possession, salt=salt, origin=origin)
    except VerificationError:
        return "the proof of possession is not that of the key for this election"
    return None
