"""The log of requests to decrypt: what guardians are asked, for everybody to see before they answer (A51).

A ledger tells one guardian what it decrypted itself. Two quorums without a common guardian (possible where
2k <= n) have no ledger in common, and the difference of what they decrypt is a sum over few ballots. So every
request is an entry of an RFC 9162 log, whose heads are signed notes that witnesses cosign, as the manifest
declares (extension ``requests``). A guardian answers only a request that stands there, and only if nothing
else that stands there overlaps with it.

The leaf data of an entry is a tagged hash over H_E, the log's origin and the entry as it is stored.

What is left out: where the log is kept, and what a guardian remembers of it between two looks
(:mod:`evote.guardian.requests`).
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from evote.board.checkpoint import Checkpoint, open_checkpoint
from evote.board.note import KeyKind, Note, NoteKey
from evote.board.policy import UNWITNESSED, Policy
from evote.codec import MAX_GUARDIANS, AtMost, Count, Digest, Index, Label, decode, encode
from evote.decryption.request import DecryptionRequest
from evote.decryption.statements import FieldSum
from evote.errors import RefusedError, VerificationError
from evote.hashing import tagged
from evote.manifest import DeclaredRequests
from evote.merkle import Tree, leaf_hash
from evote.tally import ClosingHead, UnitHead

MAX_REQUEST_ENTRY: Final = 16 * 1024 * 1024
"""Longest encoding of an entry, or of a head beside it."""

_LEAF: Final = "evote/v1/leaf/decryption-request"
_CELL: Final = "evote/v1/decryption/requested-cell"
_BALLOTS: Final = "evote/v1/decryption/requested-ballots"


@dataclass(frozen=True, slots=True)
class RequestedCell:
    """A cell that is to be decrypted, with a hash over (A, B) of all its options."""

    contest: Label
    cell: Label
    digest: Digest


@dataclass(frozen=True, slots=True)
class RequestedBallots:
    """Contest data and nonces of the ballots from ``begin`` to before ``end``, with a hash over all."""

    begin: Count
    end: Count
    digest: Digest


@dataclass(frozen=True, slots=True)
class RequestEntry:
    """One request: who is asked, and what for."""

    request: Digest
    """The digest that names the session."""
    session: Index
    guardians: Annotated[tuple[Index, ...], AtMost(MAX_GUARDIANS)]
    head: ClosingHead | None
    """Of the closed record; None while units are open."""
    units: tuple[UnitHead, ...]
    """Units that were closed one by one, of the cells below."""
    cells: tuple[RequestedCell, ...]
    ballots: RequestedBallots | None


class RequestFrameKind(enum.Enum):
    """What a frame of the published log holds."""

    ENTRY = "entry"
    HEAD = "head"
    """A signed note over all entries before it."""


@dataclass(frozen=True, slots=True)
class RequestFrame:
    """One entry, or one head, as it is stored and published."""

    kind: RequestFrameKind
    body: Annotated[bytes, AtMost(MAX_REQUEST_ENTRY)]


@dataclass(frozen=True, slots=True)
class ShownRequests:
    """The whole log as guardians get it: every entry, and the newest head."""

    entries: tuple[Annotated[bytes, AtMost(MAX_REQUEST_ENTRY)], ...]
    note: Annotated[bytes, AtMost(64 * 1024)]


def entry_of(request: DecryptionRequest) -> RequestEntry:
    """The entry of a request."""
    cells: dict[tuple[str, str], list[bytes]] = {}
    others = []
    for statement in request.statements:
        if isinstance(statement, FieldSum):
            row = cells.setdefault((statement.contest.label, statement.cell.label), [])
            row += [statement.alpha.encode(), statement.beta.encode()]
        else:
            others.append(statement.digest)
    return RequestEntry(
        request.digest,
        request.session,
        request.guardians,
        None if request.provisional else request.head,
        request.units,
        tuple(RequestedCell(*key, cell_digest(*key, row)) for key, row in cells.items()),
        RequestedBallots(request.scope.begin, request.scope.end, tagged(_BALLOTS, *others))
        if others
        else None,
    )


def cell_digest(contest: str, cell: str, values: Iterable[bytes]) -> bytes:
    """The hash in a :class:`RequestedCell`; ``values`` are alpha and beta of each option by turns."""
    return tagged(_CELL, contest.encode("utf-8"), cell.encode("utf-8"), *values)


def overlap(one: RequestEntry, other: RequestEntry) -> str:
    """Why both requests must not be answered, in words; empty if they may.

    The identical values may be asked for again, as when a session failed. Anything else of the same cell,
    unit or ballots would show votes by its difference.
    """
    if one.head is not None and other.head is not None and one.head != other.head:
        return "they are about two closed records"
    heads = {each.unit: each.head for each in one.units}
    for each in other.units:
        if heads.get(each.unit, each.head) != each.head:
            return f"unit {each.unit!r} has another closing head there"
    cells = {(each.contest, each.cell): each.digest for each in one.cells}
    for cell in other.cells:
        if cells.get((cell.contest, cell.cell), cell.digest) != cell.digest:
            return f"contest {cell.contest!r}, cell {cell.cell!r}: another ciphertext is decrypted there"
    mine, theirs = one.ballots, other.ballots
    if mine is None or theirs is None or mine == theirs:
        return ""
    if mine.begin < theirs.end and theirs.begin < mine.end:
        return "another set of single ballots is decrypted there"
    return ""


class RequestLog:
    """The log as far as it was read: entries in order, and their tree."""

    def __init__(self, declared: DeclaredRequests, extended_hash: bytes) -> None:
        self.declared = declared
        self._extended_hash = extended_hash
        self.entries: list[RequestEntry] = []
        self.tree = Tree()

    @classmethod
    def read(cls, declared: DeclaredRequests, extended_hash: bytes, entries: Iterable[bytes]) -> RequestLog:
        """The log of these stored entries; raises :class:`~evote.errors.DecodeError`."""
        log = cls(declared, extended_hash)
        for entry in entries:
            log.add(entry)
        return log

    @property
    def key(self) -> NoteKey:
        """The key by which the log's heads are known."""
        return NoteKey(self.declared.log.origin, KeyKind.ED25519, self.declared.log.load())

    @property
    def policy(self) -> Policy:
        """Whose cosignatures are wanted; raises :class:`~evote.errors.DecodeError` for no policy."""
        text = self.declared.witnesses
        return Policy.parse(text.encode("utf-8")) if text else UNWITNESSED

    def add(self, data: bytes) -> RequestEntry:
        """The next entry as it is stored; raises :class:`~evote.errors.DecodeError`."""
        entry = decode(RequestEntry, data, element_bytes=0, limit=MAX_REQUEST_ENTRY)
        leaf = tagged(_LEAF, self._extended_hash, self.declared.log.origin.encode("utf-8"), data)
        self.tree.append(leaf_hash(leaf))
        self.entries.append(entry)
        return entry

    def verify(self, note: Note) -> Checkpoint:
        """The head of all entries so far, which the log signed and a quorum of witnesses cosigned.

        Raises :class:`VerificationError` for anything else, :class:`~evote.errors.DecodeError` for no head.
        """
        checkpoint = open_checkpoint(note, self.key)
        if checkpoint.size != self.tree.size or checkpoint.root != self.tree.root():
            raise VerificationError(
                "the head is not that of the requests",
                where=self.declared.log.origin,
                expected=f"{self.tree.size} entries, root {self.tree.root().hex()}",
                computed=f"{checkpoint.size} entries, root {checkpoint.root.hex()}",
            )
        self.policy.verify(note, self.key)
        return checkpoint

    def require(self, request: DecryptionRequest) -> None:
        """Raises :class:`RefusedError` unless the request stands there and nothing overlaps with it."""
        wanted = entry_of(request)
        if wanted not in self.entries:
            raise RefusedError(
                "the request does not stand on the log of requests; whoever called the session enters it "
                "there, "
                "has the head cosigned, and shows the log to the guardians"
            )
        for index, entry in enumerate(self.entries):
            reason = overlap(wanted, entry)
            if reason:
                raise RefusedError(
                    f"entry {index} of the log of requests, session {entry.session} of guardians "
                    f"{', '.join(map(str, entry.guardians))}, overlaps with this one: {reason}"
                )

    def overlaps(self) -> Iterator[tuple[int, int, str]]:
        """Every entry that overlaps with an earlier one: the two indices, and why; the first for each."""
        heads: list[int] = []
        seen: dict[tuple[str, ...], int] = {}
        for index, entry in enumerate(self.entries):
            earlier = {seen[key] for key in _keys(entry) if key in seen} | set(heads)
            for other in sorted(earlier):
                reason = overlap(self.entries[other], entry)
                if reason:
                    yield other, index, reason
                    break
            for key in _keys(entry):
                seen.setdefault(key, index)
            if entry.head is not None:
                heads.append(index)


def shown(entries: Sequence[bytes], note: Note) -> ShownRequests:
    """The log as it is shown to guardians."""
    return ShownRequests(tuple(entries), note.encode())


def stored(entry: RequestEntry) -> bytes:
    """The bytes of an entry that the leaf covers."""
    return encode(entry)


def _keys(entry: RequestEntry) -> Iterator[tuple[str, ...]]:
    for unit in entry.units:
        yield ("unit", unit.unit)
    for cell in entry.cells:
        yield ("cell", cell.contest, cell.cell)
