"""What one guardian has decrypted, written down before its part leaves it (rules A46, A51).

One append-only file per guardian and election. An entry names the closing head, the contest, cell and
option, and the ciphertext itself; entries are chained by hash. The rule of the ledger: the very same
ciphertext may be decrypted again, in another session; anything else that would overlap with an entry
is refused, because the difference of two sums is a sum over the few ballots in which they differ.

* A key decrypts from one closing head: another head has other ballots in the same cells.
* One field of one cell, the contest data of one ballot and contest, and the nonce of one ballot each have
  one ciphertext. (Cells of one contest are disjoint by the manifest, which the key covers.)
* A ballot whose nonce was opened does not have its contest data decrypted, or the other way round.

The file is made when key generation begins and is needed ever after: a guardian that lost it cannot
know what it decrypted. A frame that a crash cut off was never answered for, and is removed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from evote.codec import (
    MAX_FRAME_BYTES,
    MAX_GUARDIANS,
    AtMost,
    Digest,
    ElementBytes,
    Index,
    Label,
    decode,
    encode,
)
from evote.decryption import BallotData, BallotNonce, DecryptionRequest, FieldSum, Statement
from evote.errors import DecodeError, RefusedError, StorageError
from evote.hashing import sha256
from evote.record.files import AppendFile, read_limited
from evote.tally import ClosingHead

MAX_LEDGER_BYTES: Final = 2**32
_LENGTH_BYTES = 4
_START = bytes(32)


@dataclass(frozen=True, slots=True)
class LedgerField:
    """One field of one cell: (contest, cell, option, A, B)."""

    contest: Label
    cell: Label
    option: Label
    alpha: ElementBytes
    beta: ElementBytes


@dataclass(frozen=True, slots=True)
class LedgerValue:
    """The contest data (or, without a contest, the nonce) of one ballot, by the digest of its statement."""

    identifier: Digest
    contest: Label | None
    statement: Digest


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One session: what it decrypts, from which closed record, with whom.

    ``previous`` is the SHA-256 of the entry before, zeros in the first.
    """

    previous: Digest
    extended_hash: Digest
    head: ClosingHead
    session: Index
    guardians: Annotated[tuple[Index, ...], AtMost(MAX_GUARDIANS)]
    request: Digest
    fields: tuple[LedgerField, ...]
    values: tuple[LedgerValue, ...]


_Key = tuple[str, ...] | tuple[bytes, str]


class Ledger:
    """The ledger at ``path``, read whole when it is opened; for one program at a time."""

    def __init__(self, path: Path, element_bytes: int) -> None:
        """Open the ledger; raises :class:`StorageError` if it is absent or damaged."""
        self._path = path
        self._element_bytes = element_bytes
        self._last = _START
        self._head: tuple[bytes, ClosingHead] | None = None
        self._done: dict[_Key, bytes] = {}
        self._cast: set[bytes] = set()
        self._opened: set[bytes] = set()
        self._requests: set[bytes] = set()
        self._size = self._read()

    def __repr__(self) -> str:
        return f"<ledger {str(self._path)!r}, {len(self._requests)} sessions>"

    @staticmethod
    def create(path: Path) -> None:
        """Make an empty ledger, durably; raises :class:`StorageError` if there is a file."""
        AppendFile(path, new=True).close()

    def check(self, request: DecryptionRequest) -> None:
        """Raises :class:`RefusedError` if the request overlaps with what was decrypted before."""
        if self._head is not None and self._head != (request.election.extended_hash, request.head):
            size = self._head[1].size
            raise RefusedError(
                f"this guardian has decrypted from the record that was closed at {size} ballots with root "
                f"{self._head[1].root.hex()[:16]}…, and decrypts from no other: the difference between two "
                "results would show the votes in which they differ"
            )
        for statement in request.statements:
            key, ciphertext = _entry_of(statement)
            held = self._done.get(key)
            if held is not None and held != ciphertext:
                raise RefusedError(
                    f"{statement.where}: another ciphertext was decrypted there before; only the identical "
                    "one may be decrypted again"
                )
            if isinstance(statement, BallotNonce) and statement.ballot.identifier in self._cast:
                raise RefusedError(
                    f"{statement.where}: contest data of this ballot was decrypted before, so it was cast"
                )
            if isinstance(statement, BallotData) and statement.identifier in self._opened:
                raise RefusedError(f"{statement.where}: this ballot was opened before, so it was challenged")

    def append(self, request: DecryptionRequest) -> None:
        """Write the request down; it is on the disk when this returns.

        A request that stands there already is not written again. Raises as :meth:`check`, and
        :class:`StorageError`.
        """
        self.check(request)
        if request.digest in self._requests:
            return
        entry = self._entry(request)
        data = encode(entry)
        if len(data) > MAX_FRAME_BYTES:
            raise ValueError("the request is too large for one entry; split it")
        file = AppendFile(self._path, new=False)
        try:
            if file.size != self._size:
                raise StorageError(f"{self._path} was changed by another program; stop it, and try again")
            file.append(len(data).to_bytes(_LENGTH_BYTES, "big") + data)
            file.sync()
            self._size = file.size
        finally:
            file.close()
        self._take(entry, data)

    # --- inside ----------------------------------------------------------------------------------

    def _entry(self, request: DecryptionRequest) -> LedgerEntry:
        fields, values = [], []
        for statement in request.statements:
            if isinstance(statement, FieldSum):
                fields.append(
                    LedgerField(
                        statement.contest.label,
                        statement.cell.label,
                        statement.option.label,
                        statement.alpha.encode(),
                        statement.beta.encode(),
                    )
                )
            elif isinstance(statement, BallotData):
                values.append(LedgerValue(statement.identifier, statement.contest.label, statement.digest))
            elif isinstance(statement, BallotNonce):
                values.append(LedgerValue(statement.ballot.identifier, None, statement.digest))
            else:
                raise TypeError(f"{statement!r} is no statement of a request")
        return LedgerEntry(
            self._last,
            request.election.extended_hash,
            request.head,
            request.session,
            request.guardians,
            request.digest,
            tuple(fields),
            tuple(values),
        )

    def _read(self) -> int:
        """Take in all entries; returns the size after cutting off what a crash left at the end."""
        if not os.path.lexists(self._path):
            raise StorageError(
                f"{self._path} is gone: without its ledger this guardian cannot know what it has decrypted, "
                "and decrypts nothing; put the newest copy back"
            )
        data = self._bytes()
        at = 0
        for entry, frame in self._frames(data):
            if entry.previous != self._last:
                raise StorageError(
                    f"{self._path} is damaged at byte {at}: an entry does not continue the one before; "
                    "put the newest copy back"
                )
            self._take(entry, frame)
            at += _LENGTH_BYTES + len(frame)
        if at < len(data):
            file = AppendFile(self._path, new=False)
            try:
                file.cut(at)
            finally:
                file.close()
        return at

    def _bytes(self) -> bytes:
        try:
            return read_limited(self._path, MAX_LEDGER_BYTES)
        except DecodeError as error:
            raise StorageError(f"{self._path}: {error.message}") from None

    def _frames(self, data: bytes) -> Iterator[tuple[LedgerEntry, bytes]]:
        at = 0
        while len(data) - at >= _LENGTH_BYTES:
            length = int.from_bytes(data[at : at + _LENGTH_BYTES], "big")
            frame = data[at + _LENGTH_BYTES : at + _LENGTH_BYTES + length]
            if length > MAX_FRAME_BYTES or length == 0:
                raise StorageError(f"{self._path} is damaged at byte {at}; put the newest copy back")
            if len(frame) < length:
                return  # cut off by a crash, so nothing was answered for it
            try:
                entry = decode(LedgerEntry, frame, element_bytes=self._element_bytes)
            except DecodeError as error:
                raise StorageError(
                    f"{self._path} is damaged at byte {at} ({error}); put the newest copy back"
                ) from None
            yield entry, frame
            at += _LENGTH_BYTES + length

    def _take(self, entry: LedgerEntry, frame: bytes) -> None:
        self._last = sha256(frame)
        self._head = entry.extended_hash, entry.head
        self._requests.add(entry.request)
        for field in entry.fields:
            self._done[field.contest, field.cell, field.option] = field.alpha + field.beta
        for value in entry.values:
            self._done[value.identifier, value.contest or ""] = value.statement
            (self._opened if value.contest is None else self._cast).add(value.identifier)


def _entry_of(statement: Statement) -> tuple[_Key, bytes]:
    """What a statement is in the ledger, and its ciphertext there."""
    if isinstance(statement, FieldSum):
        place = statement.contest.label, statement.cell.label, statement.option.label
        return place, statement.alpha.encode() + statement.beta.encode()
    if isinstance(statement, BallotData):
        return (statement.identifier, statement.contest.label), statement.digest
    if isinstance(statement, BallotNonce):
        return (statement.ballot.identifier, ""), statement.digest
    raise TypeError(f"{statement!r} is no statement of a request")
