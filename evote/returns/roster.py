"""The roster: which key signs for which unit, from the manifest's first version on (rules A50, A60).

The first version is the manifest's. A later one replaces keys and nothing else: it names the version
before it by hash, the units whose keys change, each with scheme, key and proof of possession, and the
returns under the old key that stay good. The roster's authority signs it.

:class:`Rosters` holds every version that is here. Versions may come in any order; one whose
predecessor is absent waits. Two different successors of one version are the authority's fault, and
``forks`` names them.

Rules: the name of the first version is a hash over H_E, which covers the manifest; the name of a later
one is a hash over its statement, without the signature. A key is never used again, for any unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Final

from evote.ballots import Election
from evote.codec import (
    MAX_REJECTED,
    MAX_RETURN_BYTES,
    MAX_SIGNER_BYTES,
    MAX_UNITS,
    AtMost,
    Digest,
    Index,
    Label,
    Path,
    Text,
    Width,
    decode,
    encode,
)
from evote.errors import DecodeError, VerificationError
from evote.hashing import tagged
from evote.manifest import unit_key_origin
from evote.manifest.declarations import ROSTER_ORIGIN, DeclaredReturns
from evote.returns.envelope import FileKind, OpenedFile, seal
from evote.returns.schemes import ED25519, SignatureSchemes, Signer, scheme_named
from evote.returns.unitreturn import RosterName
from evote.returns.verdicts import ReturnError, ReturnVerdict
from evote.signing import SIGNATURE_BYTES, signed_bytes
from evote.signing.statement import POSSESSION

if TYPE_CHECKING:
    from evote.signing import SigningKey

ROSTER_TAG: Final = "roster"
"""Role of the authority's signature under a later version."""

SignerBytes = Annotated[bytes, AtMost(MAX_SIGNER_BYTES)]


@dataclass(frozen=True, slots=True)
class RosterKey:
    """A key of a unit, and the scheme of its signatures."""

    scheme: str
    key: bytes


@dataclass(frozen=True, slots=True)
class KeyChange:
    """The new key of a unit. ``keeps``: SHA-256 of each file under the old key that stays good, sorted."""

    unit: Path
    scheme: Label
    key: SignerBytes
    possession: SignerBytes
    keeps: Annotated[tuple[Digest, ...], AtMost(MAX_REJECTED)]

    def __post_init__(self) -> None:
        if list(self.keeps) != sorted(set(self.keeps)):
            raise ValueError("the files that a change of a key keeps are sorted, each once")


@dataclass(frozen=True, slots=True)
class RosterStatement:
    """A later version of the roster: what the authority signs. Changes are sorted by unit, each once."""

    election: Digest
    version: Index
    previous: Digest
    reason: Text
    changes: Annotated[tuple[KeyChange, ...], AtMost(MAX_UNITS)]

    def __post_init__(self) -> None:
        units = [change.unit for change in self.changes]
        if self.version < 2 or not units or units != sorted(set(units)):
            raise ValueError("a later roster has version 2 or more, and changes sorted by unit, each once")


@dataclass(frozen=True, slots=True)
class RosterFile:
    """The content of a roster's file."""

    statement: Annotated[bytes, AtMost(MAX_RETURN_BYTES)]
    signature: Annotated[bytes, Width(SIGNATURE_BYTES)]


@dataclass(frozen=True, slots=True)
class Roster:
    """One version: the key of every unit. Made by :class:`Rosters`; checked."""

    name: RosterName
    previous: bytes | None
    keys: Mapping[str, RosterKey]
    changes: Mapping[str, frozenset[bytes]] = field(default_factory=dict)
    """Unit whose key this version replaced -> the files that it keeps."""


def first_name(extended_hash: bytes) -> RosterName:
    """The name of the manifest's version, for an election with this H_E."""
    return RosterName(1, tagged("evote/v1/roster-first", extended_hash))


def statement_name(statement: RosterStatement, encoded: bytes) -> RosterName:
    """The name of a later version, from its statement as stored."""
    return RosterName(statement.version, tagged("evote/v1/roster", encoded))


def sign_roster(statement: RosterStatement, authority: SigningKey) -> bytes:
    """The file of a later version, signed by the roster's authority."""
    encoded = encode(statement)
    signature = authority.sign(ROSTER_TAG, statement.election, ROSTER_ORIGIN, encoded)
    return seal(FileKind.ROSTER, "", encode(RosterFile(encoded, signature)))


def prove_unit_key(key: bytes, signer: Signer, salt: bytes, unit: str) -> bytes:
    """The proof of possession that comes with a new key of a unit."""
    return signer.sign(POSSESSION, salt, unit_key_origin(unit), key)


def declared_returns(election: Election) -> DeclaredReturns:
    """What the manifest declares of unit returns; ``ValueError`` if it declares none."""
    if election.manifest.returns is None:
        raise ValueError("the election has no unit returns")
    return election.manifest.returns


class Rosters:
    """The versions of the roster that are here, by hash. Nothing changes it once it is made.

    ``files`` are opened files of kind ROSTER, in any order; what is false in one stands in ``refused``, by
    the digest of the file, and nothing of it is used. Costs two signature checks per changed key.
    """

    __slots__ = ("_by_hash", "election", "first", "forks", "refused", "schemes", "waiting")

    def __init__(
        self, election: Election, schemes: SignatureSchemes, files: Iterable[OpenedFile] = ()
    ) -> None:
        self.election = election
        self.schemes = schemes
        declared = declared_returns(election)
        self.first = Roster(
            first_name(election.extended_hash),
            None,
            MappingProxyType({path: RosterKey(ED25519, unit.key) for path, unit in declared.units.items()}),
        )
        self._by_hash = {self.first.name.digest: self.first}
        self.refused: dict[bytes, ReturnError] = {}
        """Digest of a file that is not taken -> why."""
        self.waiting: frozenset[bytes] = frozenset()
        """Digests of files whose predecessor is absent."""
        self._fill(list(files))
        self.forks = self._forks()
        """Hashes of versions that have two different successors here."""

    def find(self, name: RosterName) -> Roster | None:
        """The version of that name, or None if it is not here."""
        found = self._by_hash.get(name.digest)
        return found if found is not None and found.name == name else None

    def all(self) -> tuple[Roster, ...]:
        """Every version that is here, by number and hash."""
        return tuple(
            sorted(self._by_hash.values(), key=lambda roster: (roster.name.version, roster.name.digest))
        )

    def latest(self) -> Roster:
        """The last version; raises :class:`ReturnError` CONFLICT if the authority signed two."""
        if self.forks:
            raise ReturnError(ReturnVerdict.CONFLICT, "the authority signed two successors of one roster")
        return self.all()[-1]

    def replaced(self, unit: str, name: RosterName, digest: bytes) -> bool:
        """Whether a later version took the key away under which ``name`` let ``unit`` sign this file."""
        key = self._by_hash[name.digest].keys[unit]
        return any(
            digest not in roster.changes[unit]
            for roster in self._by_hash.values()
            if unit in roster.changes
            and roster.previous is not None
            and self._by_hash[roster.previous].keys[unit] == key  # this version is the one that replaced it
            and self._descends(roster, name.digest)
        )

    def _descends(self, roster: Roster, ancestor: bytes) -> bool:
        current: Roster | None = roster
        while current is not None:
            if current.name.digest == ancestor:
                return True
            current = None if current.previous is None else self._by_hash[current.previous]
        return False

    def _forks(self) -> tuple[bytes, ...]:
        previous = [roster.previous for roster in self._by_hash.values() if roster.previous is not None]
        return tuple(sorted({digest for digest in previous if previous.count(digest) > 1}))

    def _fill(self, files: list[OpenedFile]) -> None:
        read: list[tuple[OpenedFile, RosterStatement, RosterName]] = []
        for opened in files:
            try:
                read.append((opened, *_read(self.election, opened)))
            except ReturnError as error:
                self.refused[opened.digest] = error
        read.sort(key=lambda item: item[1].version)
        waiting = set()
        for opened, statement, name in read:
            before = self._by_hash.get(statement.previous)
            if before is None:
                waiting.add(opened.digest)
                continue
            try:
                self._by_hash[name.digest] = self._next(before, statement, name)
            except ReturnError as error:
                self.refused[opened.digest] = error
        self.waiting = frozenset(waiting)

    def _next(self, before: Roster, statement: RosterStatement, name: RosterName) -> Roster:
        if statement.version != before.name.version + 1:
            raise _bad("the number is not the next one", before.name.version + 1, statement.version)
        used = set(self._used(before))
        keys = dict(before.keys)
        for change in statement.changes:
            if change.unit not in keys:
                raise _bad(f"there is no unit {change.unit!r}", "a unit of the tree", change.unit)
            if change.key in used:
                raise _bad(f"the key of {change.unit!r} is or was in use", "a new key", change.key.hex())
            used.add(change.key)
            self._possession(change)
            keys[change.unit] = RosterKey(change.scheme, change.key)
        return Roster(
            name,
            before.name.digest,
            MappingProxyType(keys),
            MappingProxyType({change.unit: frozenset(change.keeps) for change in statement.changes}),
        )

    def _used(self, roster: Roster) -> Iterator[bytes]:
        """Every key of the manifest, and of this version and those before it."""
        manifest = self.election.manifest
        yield declared_returns(self.election).authority.key
        if manifest.board is not None:
            yield from (log.key for _, log in manifest.board.logs())
            yield from (device.key for device in manifest.board.devices.values())
        if manifest.roll is not None:
            yield from (authority.key for authority in manifest.roll.authorities)
        current: Roster | None = roster
        while current is not None:
            yield from (key.key for key in current.keys.values())
            current = None if current.previous is None else self._by_hash[current.previous]

    def _possession(self, change: KeyChange) -> None:
        scheme = scheme_named(self.schemes, change.scheme, change.unit)
        origin = unit_key_origin(change.unit)
        message = signed_bytes(POSSESSION, self.election.manifest.salt, origin, change.key)
        try:
            scheme.check_key(change.key)
            scheme.verify(change.key, message, change.possession)
        except (DecodeError, VerificationError) as error:
            raise _bad(
                f"the key of {change.unit!r} is not proven: {error.message}",
                "a proof",
                change.possession.hex(),
            ) from error


def read_roster(election: Election, opened: OpenedFile) -> RosterStatement:
    """The statement of a roster's file, signed by the authority of this election.

    Whether it follows the version before it is tested by :class:`Rosters`. Raises :class:`ReturnError`.
    """
    return _read(election, opened)[0]


def _read(election: Election, opened: OpenedFile) -> tuple[RosterStatement, RosterName]:
    try:
        content = decode(RosterFile, opened.body, element_bytes=0)
        statement = decode(RosterStatement, content.statement, element_bytes=0)
    except DecodeError as error:
        raise ReturnError(ReturnVerdict.MALFORMED, f"no roster: {error}") from error
    if opened.unit:
        raise ReturnError(
            ReturnVerdict.WRONG_UNIT, "a roster is no unit's", expected="", computed=opened.unit
        )
    if statement.election != election.extended_hash:
        raise ReturnError(
            ReturnVerdict.FOREIGN_ELECTION,
            "the roster is one of another election",
            expected=election.extended_hash.hex(),
            computed=statement.election.hex(),
        )
    try:
        declared_returns(election).authority.load().verify(
            content.signature,
            tag=ROSTER_TAG,
            election=election.extended_hash,
            origin=ROSTER_ORIGIN,
            message=content.statement,
        )
    except VerificationError as error:
        raise ReturnError(
            ReturnVerdict.FORGED,
            f"the authority did not sign the roster: {error.message}",
            expected=error.expected,
            computed=error.computed,
        ) from error
    return statement, statement_name(statement, content.statement)


def _bad(message: str, expected: object, computed: object) -> ReturnError:
    return ReturnError(
        ReturnVerdict.BAD_ROSTER, f"roster: {message}", expected=str(expected), computed=str(computed)
    )
