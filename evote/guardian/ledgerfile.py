"""The two files of a guardian's ledger: the entries, and the anchor that says how far they go (rule A51).

::

    ledger.log       entries, each after its length in 4 bytes, each with the SHA-256 of the one before
    ledger.anchor    how many entries and bytes there are, and the SHA-256 of the last entry

What a chain of hashes cannot tell by itself is where it ends. So the file of entries alone never says
that: a shorter one, be it cut, an old copy, or one whose lengths were changed, is not that of the anchor.

Rules:

* An entry is appended and on the disk; then the anchor is replaced whole and on the disk; only then is the
  entry committed, and what it stands for may leave the machine.
* When the files are opened, the entries are exactly those of the anchor, or exactly one more, which
  is then committed; or the beginning of one more, which a crash left and nothing was answered for. That
  beginning is the only thing that is ever cut off, and only if it can be nothing else.
* Everything else is refused, and neither file is changed.

Not found: both files put back together from the same old copy.
"""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, NoReturn

from evote.codec import (
    MAX_FRAME_BYTES,
    MAX_GUARDIANS,
    AtMost,
    Between,
    Count,
    Digest,
    ElementBytes,
    Index,
    Label,
    decode,
    encode,
)
from evote.errors import DecodeError, RefusedError, StorageError
from evote.hashing import sha256
from evote.record.files import AppendFile, read_limited, sentences, write_atomic
from evote.tally import ClosingHead, UnitHead

MAX_LEDGER_BYTES: Final = 2**32
MAX_ANCHOR_BYTES: Final = 1024
ANCHOR_SUFFIX: Final = ".anchor"
LENGTH_BYTES: Final = 4
_ADVICE: Final = (
    "put the newest copy of the ledger and its anchor back; without one this guardian cannot know what it "
    "has decrypted and must decrypt nothing more, and the others go on without it"
)


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

    ``previous`` is the SHA-256 of the entry before, zeros in the first. ``head`` is None where other units
    were open. ``units`` are those that were closed one by one and have a cell among the fields. ``log``
    is the head of the log of requests that was seen, None where the manifest declares none.
    """

    previous: Digest
    extended_hash: Digest
    head: ClosingHead | None
    units: tuple[UnitHead, ...]
    log: ClosingHead | None
    session: Index
    guardians: Annotated[tuple[Index, ...], AtMost(MAX_GUARDIANS)]
    request: Digest
    fields: tuple[LedgerField, ...]
    values: tuple[LedgerValue, ...]


@dataclass(frozen=True, slots=True)
class LedgerAnchor:
    """How far a ledger goes: ``entries`` of ``size`` bytes with their lengths, ``last`` the newest's SHA-256.

    ``last`` is zeros if there is no entry.
    """

    entries: Count
    size: Annotated[int, Between(0, MAX_LEDGER_BYTES)]
    last: Digest


@dataclass(frozen=True, slots=True)
class _Opening:
    """The first field of an entry, by itself."""

    previous: Digest


EMPTY: Final = LedgerAnchor(0, 0, bytes(32))
_MARK: Final = bytes([0x80 | len(dataclasses.fields(LedgerEntry))]) + encode(_Opening(bytes(32)))[1:-32]
"""How every entry begins: a map of so many fields, the first of which is ``previous``."""


def anchor_path(path: Path) -> Path:
    """Where the anchor of the ledger at ``path`` is."""
    return path.with_suffix(ANCHOR_SUFFIX)


def write_anchor(path: Path, anchor: LedgerAnchor) -> None:
    """Replace the anchor of the ledger at ``path``, durably; raises :class:`StorageError`."""
    write_atomic(anchor_path(path), encode(anchor), mode=0o600)


def create_files(path: Path) -> None:
    """Make an empty ledger with its anchor, durably, or finish one whose making was interrupted.

    Raises :class:`RefusedError` if something was written down there, :class:`StorageError`.
    """
    held = os.path.lexists(path)
    with sentences(path, "read"):
        used = held and os.lstat(path).st_size > 0
    if used or (os.path.lexists(anchor_path(path)) and _read_anchor(path) != EMPTY):
        raise RefusedError(
            f"{path.parent} has the ledger of another key; a new ceremony needs a new private folder"
        )
    if not held:
        AppendFile(path, new=True).close()
    write_anchor(path, EMPTY)


class LedgerFile:
    """The entries at ``path`` with their anchor; for one program at a time, and first :meth:`read`."""

    def __init__(self, path: Path, element_bytes: int) -> None:
        self.path = path
        self._element_bytes = element_bytes
        self.anchor = EMPTY

    def read(self) -> list[LedgerEntry]:
        """All entries, in order; commits or cuts off what a crash left after the last committed one.

        Raises :class:`StorageError` for files that are absent, damaged, or do not belong together.
        """
        if not os.path.lexists(self.path):
            raise StorageError(f"{self.path} is gone; {_ADVICE}")
        anchor = _read_anchor(self.path)
        try:
            data = read_limited(self.path, MAX_LEDGER_BYTES)
        except DecodeError as error:
            raise StorageError(f"{self.path}: {error.message}") from None
        if len(data) < anchor.size:
            self._refuse(
                f"is damaged or an old copy: it has {len(data)} bytes where its anchor says {anchor.size}"
            )
        self.anchor = EMPTY
        entries = []
        while self.anchor.size < anchor.size:
            entries.append(self._next(data, anchor.size))
        if self.anchor != anchor:
            self._refuse("is not the ledger of its anchor: one of them is damaged or an old copy")
        if len(data) > anchor.size:
            entries += self._left(data)
        return entries

    def append(self, entry: LedgerEntry) -> None:
        """Write one entry; it is committed when this returns.

        Raises ``ValueError`` if it is too large or does not continue the last one, :class:`RefusedError` if
        the ledger is full, :class:`StorageError`. After an error the files are to be read again.
        """
        if entry.previous != self.anchor.last:
            raise ValueError("the entry does not continue the last one")
        frame = encode(entry)
        if len(frame) > MAX_FRAME_BYTES:
            raise ValueError("the request is too large for one entry; split it")
        after = _after(self.anchor, frame)
        if after.size > MAX_LEDGER_BYTES:
            raise RefusedError(f"{self.path} is full, so nothing more is decrypted with this key")
        file = AppendFile(self.path, new=False)
        try:
            if file.size != self.anchor.size or _read_anchor(self.path) != self.anchor:
                raise StorageError(f"{self.path} was changed by another program; stop it, and try again")
            file.append(len(frame).to_bytes(LENGTH_BYTES, "big") + frame)
            file.sync()
        finally:
            file.close()
        write_anchor(self.path, after)
        self.anchor = after

    # --- inside ----------------------------------------------------------------------------------

    def _next(self, data: bytes, end: int) -> LedgerEntry:
        """The entry of ``data[:end]`` after those that were taken in; it is taken in too."""
        at = self.anchor.size
        start = at + LENGTH_BYTES
        length = int.from_bytes(data[at:start], "big")
        if not 0 < length <= MAX_FRAME_BYTES or end - start < length:
            self._refuse(f"is damaged at byte {at}: no entry there has that length")
        frame = data[start : start + length]
        try:
            entry = decode(LedgerEntry, frame, element_bytes=self._element_bytes)
        except DecodeError as error:
            self._refuse(f"is damaged at byte {at} ({error})")
        if entry.previous != self.anchor.last:
            self._refuse(f"is damaged at byte {at}: an entry does not continue the one before")
        self.anchor = _after(self.anchor, frame)
        return entry

    def _left(self, data: bytes) -> list[LedgerEntry]:
        """What stands after the last committed entry: one more, which is committed, or a part, which goes."""
        committed = self.anchor
        torn = self._torn(data[committed.size :])
        entries = [] if torn else [self._next(data, len(data))]
        if self.anchor.size < len(data) and not torn:
            self._refuse("has more than one entry after those of its anchor, which is an old copy")
        file = AppendFile(self.path, new=False)
        try:
            if torn:
                file.cut(committed.size)
            else:
                file.sync()  # the program may have stopped between writing and syncing
        finally:
            file.close()
        if not torn:
            write_anchor(self.path, self.anchor)
        return entries

    def _torn(self, rest: bytes) -> bool:
        """Whether ``rest`` can be nothing but the beginning of the entry that was being appended.

        It is shorter than its length says, begins as the next entry does, is not an entry with a wrong
        length, and has no beginning of another one in it.
        """
        frame = rest[LENGTH_BYTES:]
        length = int.from_bytes(rest[:LENGTH_BYTES], "big")
        if len(rest) >= LENGTH_BYTES and not len(frame) < length <= MAX_FRAME_BYTES:
            return False
        opening = _MARK + self.anchor.last
        if frame[: len(opening)] != opening[: len(frame)] or _MARK in frame[1:]:
            return False
        try:
            decode(LedgerEntry, frame, element_bytes=self._element_bytes)
        except DecodeError:
            return True
        return False

    def _refuse(self, what: str) -> NoReturn:
        raise StorageError(f"{self.path} {what}; {_ADVICE}")


def _after(anchor: LedgerAnchor, frame: bytes) -> LedgerAnchor:
    return LedgerAnchor(anchor.entries + 1, anchor.size + LENGTH_BYTES + len(frame), sha256(frame))


def _read_anchor(path: Path) -> LedgerAnchor:
    where = anchor_path(path)
    if not os.path.lexists(where):
        raise StorageError(f"{where} is gone, which says how far the ledger goes; {_ADVICE}")
    try:
        return decode(LedgerAnchor, read_limited(where, MAX_ANCHOR_BYTES), element_bytes=1)
    except DecodeError as error:
        raise StorageError(f"{where} is damaged ({error}); {_ADVICE}") from None
