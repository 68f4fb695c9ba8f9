"""The index of a record: what a publication seals, and whether a record is what was sealed.

Pure: files are looked at by an :class:`IndexSource`, which a :class:`~evote.record.RecordReader` is.
Rules of growth (``specs/record-format.md#growth``): every index names the hash of the index file
before it; single files stay as they were sealed first, devices and checkpoints once the record is closed, and
what follows from unit returns as they grow;
segments keep every sealed prefix and grow only at the end of the last one, the roll never; the stage
never goes back; the closing head, once there, stays, and ballots and logs no longer grow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol

from evote.codec import decode, encode
from evote.errors import DecodeError, VerificationError
from evote.hashing import sha256
from evote.record import layout
from evote.record.layout import Kind, kind_of
from evote.record.values import FORMAT, Index, IndexEntry, SealedIndex, Stage
from evote.signing import VerifyKey
from evote.tally import ClosingHead

if TYPE_CHECKING:
    from evote.record.folder import Found
    from evote.signing import SigningKey

TAG: Final = "index"
"""Role of the authority's signature under an index."""
ORIGIN: Final = "record"
"""What the signature speaks for."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII)
_PRIVATE = re.compile(
    r"private|secret|passphrase|password|nonce|share|ledger|sealed|trustee|\.pem$|\.key$|\.p12$",
    re.IGNORECASE,
)

_ADDED: Final = {
    layout.BALLOTS: "ballots",
    layout.LOG: "entries of logs",
    layout.ASIDE: "ballots beside the count",
}
"""What grows until a record is closed."""


# --- making ------------------------------------------------------------------------------------------


def next_index(
    previous: bytes | None,
    last: Index | None,
    *,
    stage: Stage,
    date: str,
    fingerprint: bytes,
    head: ClosingHead | None,
    files: Iterable[IndexEntry],
) -> Index:
    """The index that follows ``last``, whose file has the bytes ``previous`` (both None for the first).

    Raises :class:`VerificationError` if it would break a rule of form or growth.
    """
    index = Index(
        FORMAT,
        1 if last is None else last.sequence + 1,
        None if previous is None else sha256(previous),
        stage,
        date,
        fingerprint,
        head,
        tuple(sorted(files, key=lambda entry: entry.path)),
    )
    faults = [*form_faults(index)]
    if last is not None:
        faults += growth_faults(last, index)
    if faults:
        raise faults[0]
    return index


def seal_index(index: Index, key: SigningKey) -> SealedIndex:
    """The index with the authority's signature."""
    data = encode(index)
    return SealedIndex(data, key.sign(TAG, index.fingerprint, ORIGIN, data))


def open_index(sealed: SealedIndex) -> Index:
    """The index inside; raises :class:`DecodeError`. The signature is not looked at."""
    return decode(Index, sealed.index, element_bytes=0, limit=layout.MAX_INDEX_BYTES)


# --- rules of one index, and of two in a row ---------------------------------------------------------


def form_faults(index: Index) -> Iterator[VerificationError]:
    """What is wrong with an index by itself."""
    where = layout.index_path(index.sequence)
    if not is_date(index.date):
        yield VerificationError(f"{index.date!r} is no date like 2026-06-30T20:00:00Z", where=where)
    if (index.sequence == 1) != (index.previous is None):
        yield VerificationError("the first index, and no other, names none before it", where=where)
    paths = [entry.path for entry in index.files]
    if paths != sorted(set(paths)):
        yield VerificationError("the files are not listed once each in the order of their paths", where=where)
    for path in paths:
        if kind_of(path) not in (Kind.SINGLE, Kind.SEGMENT):
            yield VerificationError(f"{path!r} has no place in an index", where=where)
    for path in layout.REQUIRED[index.stage]:
        if path not in paths:
            yield VerificationError(f"a record of stage {index.stage.value} has {path}", where=where)
    for path in paths:
        folder, _, name = path.partition("/")
        number = layout.segment_number(name)
        if number > 1 and f"{folder}/{layout.segment_name(number - 1)}" not in paths:
            yield VerificationError(f"the segment before {path} is not listed", where=where)
    if index.stage is Stage.FINAL and index.head is None:
        yield VerificationError("a final record has a closing head", where=where)
    if index.stage is Stage.SETUP and index.head is not None:
        yield VerificationError("a record in setup has no closing head", where=where)


def is_date(text: str) -> bool:
    """Whether ``text`` is a moment in UTC, written as ``2026-06-30T20:00:00Z``."""
    if not _DATE.fullmatch(text):
        return False
    try:
        datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        return False
    return True


def growth_faults(before: Index, after: Index) -> Iterator[VerificationError]:
    """What one index changes that the index before it had sealed."""
    where = layout.index_path(after.sequence)
    if after.fingerprint != before.fingerprint:
        yield VerificationError(
            "the fingerprint is not that of the index before",
            where=where,
            expected=before.fingerprint.hex(),
            computed=after.fingerprint.hex(),
        )
    if layout.STAGES.index(after.stage) < layout.STAGES.index(before.stage):
        yield VerificationError(
            "the stage goes back", where=where, expected=before.stage.value, computed=after.stage.value
        )
    if after.date < before.date:
        yield VerificationError(
            "the date lies before that of the index before",
            where=where,
            expected=before.date,
            computed=after.date,
        )
    closed = before.head is not None
    if closed and after.head != before.head:
        yield VerificationError("the closing head changes", where=where)
    now = {entry.path: entry for entry in after.files}
    for old in before.files:
        new = now.get(old.path)
        if new is None:
            yield VerificationError("a sealed file is no longer listed", where=f"{where}, {shown(old.path)}")
        elif kind_of(old.path) is Kind.SEGMENT:
            yield from _segment_faults(where, before, old, new, closed)
        elif new != old and not _may_change(old.path, closed):
            yield VerificationError("a sealed file has changed", where=f"{where}, {shown(old.path)}")
    if closed:
        known = {entry.path for entry in before.files}
        for path in now:
            if _folder(path) in _ADDED and path not in known:
                yield VerificationError(
                    f"{_ADDED[_folder(path)]} were added to a closed record", where=f"{where}, {shown(path)}"
                )
    yield from _fixed_faults(where, before, now)


def _may_change(path: str, closed: bool) -> bool:
    return path in layout.DERIVED or (path in layout.GROWING and not closed)


def _fixed_faults(where: str, before: Index, now: Mapping[str, IndexEntry]) -> Iterator[VerificationError]:
    """What was fixed before voting and is another now; a segment that shrank or changed was named before."""
    known = {entry.path: entry for entry in before.files}
    for path, entry in now.items():
        held = known.get(path)
        if _folder(path) in layout.FIXED and (held is None or entry.size > held.size):
            yield VerificationError(
                f"the {_folder(path)} grew after it was sealed", where=f"{where}, {shown(path)}"
            )


def _folder(path: str) -> str:
    return path.partition("/")[0]


def _segment_faults(
    where: str, before: Index, old: IndexEntry, new: IndexEntry, closed: bool
) -> Iterator[VerificationError]:
    where = f"{where}, {shown(old.path)}"
    if new.size < old.size or (new.size == old.size and new.digest != old.digest):
        yield VerificationError("what was sealed of a segment has changed", where=where)
    if new.size > old.size:
        folder, _, name = old.path.partition("/")
        following = f"{folder}/{layout.segment_name(layout.segment_number(name) + 1)}"
        if any(entry.path == following for entry in before.files):
            yield VerificationError("a segment grew although another follows it", where=where)
        if closed and folder in _ADDED:
            yield VerificationError(f"{_ADDED[folder]} were added to a closed record", where=where)


# --- checking a record -------------------------------------------------------------------------------


class IndexSource(Protocol):
    """Where the files of a record are; a :class:`~evote.record.RecordReader` is one."""

    def files(self) -> Sequence[Found]:
        """Every file that is there."""
        ...

    def indexes(self) -> Sequence[tuple[str, bytes, SealedIndex | DecodeError]]:
        """Path, bytes and value of every index file, in their order."""
        ...

    def digests(self, name: str, sizes: Iterable[int]) -> tuple[int, dict[int, bytes]]:
        """Size of a file, and the SHA-256 of its prefixes of these sizes as far as it has them."""
        ...


def examine_indexes(source: IndexSource, *, key: bytes, fingerprint: bytes) -> Iterator[VerificationError]:
    """Everything by which a record is not what its indexes seal; without check number.

    ``key`` is the authority's public key from the manifest, ``fingerprint`` the computed H_E. Looks at
    signatures, the chain of indexes and its rules, every file's length and digest, every sealed
    prefix, and at files that are missing, not sealed, or have no place in a record.
    """
    found = source.files()
    yield from foreign_files(found)
    indexes = source.indexes()
    if not indexes:
        yield VerificationError("the record has no index", where=layout.INDEX)
        return
    opened: list[Index] = []
    yield from _chain(indexes, key, fingerprint, opened)
    if opened:
        yield from _contents(source, {item.path for item in found if item.regular}, opened)


def foreign_files(found: Iterable[Found]) -> Iterator[VerificationError]:
    """Links and other things that are no files, and files that have no place in a record."""
    for item in found:
        where = shown(item.path)
        if not item.regular:
            yield VerificationError("a record holds files, and this is a link or a device", where=where)
        elif kind_of(item.path) is None and _PRIVATE.search(item.path):
            yield VerificationError(
                "the file has no place in a record and looks private; take the record off the public place "
                "until somebody knows what it is",
                where=where,
            )
        elif kind_of(item.path) is None:
            yield VerificationError("the file has no place in a record", where=where)


def shown(path: str) -> str:
    """A path as it may stand in a message, whatever its bytes are."""
    return path if path.isprintable() and len(path) <= 200 else ascii(path[:200])


def _chain(
    indexes: Sequence[tuple[str, bytes, SealedIndex | DecodeError]],
    key: bytes,
    fingerprint: bytes,
    opened: list[Index],
) -> Iterator[VerificationError]:
    """Each index by itself and after the one before it; those that can be read go into ``opened``."""
    try:
        verify_key: VerifyKey | None = VerifyKey(key)
    except DecodeError as error:
        verify_key = None
        yield VerificationError(f"the key of the index is none: {error.message}", where=layout.MANIFEST)
    last: tuple[bytes, Index | None] | None = None
    for number, (path, raw, sealed) in enumerate(indexes, 1):
        if path != layout.index_path(number):
            yield VerificationError(f"{layout.index_path(number)} is missing", where=layout.INDEX)
            return
        try:
            if isinstance(sealed, DecodeError):
                raise sealed
            index = open_index(sealed)
        except DecodeError as error:
            yield VerificationError(f"the index does not decode: {error}", where=path)
            last = raw, None
            continue
        if verify_key is not None:
            yield from _signature_faults(verify_key, sealed, fingerprint, path)
        yield from _link_faults(index, number, path, fingerprint, last)
        opened.append(index)
        last = raw, index


def _signature_faults(
    key: VerifyKey, sealed: SealedIndex, fingerprint: bytes, path: str
) -> Iterator[VerificationError]:
    try:
        key.verify(sealed.signature, tag=TAG, election=fingerprint, origin=ORIGIN, message=sealed.index)
    except VerificationError as error:
        yield VerificationError(f"the authority's signature does not hold: {error.message}", where=path)


def _link_faults(
    index: Index, number: int, path: str, fingerprint: bytes, last: tuple[bytes, Index | None] | None
) -> Iterator[VerificationError]:
    yield from form_faults(index)
    if index.sequence != number:
        yield VerificationError(
            "the sequence number is not that of the file",
            where=path,
            expected=str(number),
            computed=str(index.sequence),
        )
    if index.fingerprint != fingerprint:
        yield VerificationError(
            "the index is that of another election",
            where=path,
            expected=fingerprint.hex(),
            computed=index.fingerprint.hex(),
        )
    if last is not None:
        raw, before = last
        if index.previous != sha256(raw):
            yield VerificationError(
                "the hash of the index before is another",
                where=path,
                expected=sha256(raw).hex(),
                computed="none" if index.previous is None else index.previous.hex(),
            )
        if before is not None:
            yield from growth_faults(before, index)


def _contents(source: IndexSource, present: set[str], opened: Sequence[Index]) -> Iterator[VerificationError]:
    """Every file against every index that seals it."""
    latest = {entry.path: entry for entry in opened[-1].files}
    sealed: dict[str, list[IndexEntry]] = {path: [entry] for path, entry in latest.items()}
    for index in opened[:-1]:
        for entry in index.files:
            if kind_of(entry.path) is Kind.SEGMENT:
                sealed.setdefault(entry.path, []).append(entry)
    for path in sorted(sealed):
        if kind_of(path) not in (Kind.SINGLE, Kind.SEGMENT):
            continue  # named by form_faults; such a path is never opened
        if path not in present:
            yield VerificationError("the file is missing", where=path)
            continue
        size, digests = source.digests(path, [entry.size for entry in sealed[path]])
        yield from _file_faults(path, size, digests, latest.get(path), sealed[path])
    for path in sorted(present - latest.keys()):
        if kind_of(path) in (Kind.SINGLE, Kind.SEGMENT):
            yield VerificationError("the last index does not seal the file", where=path)


def _file_faults(
    path: str, size: int, digests: dict[int, bytes], last: IndexEntry | None, sealed: Sequence[IndexEntry]
) -> Iterator[VerificationError]:
    if last is not None and size != last.size:
        yield VerificationError(
            "the file does not have its sealed length",
            where=path,
            expected=str(last.size),
            computed=str(size),
        )
    for entry in dict.fromkeys(sealed):
        digest = digests.get(entry.size)
        if digest is not None and digest != entry.digest:
            yield VerificationError(
                f"the first {entry.size} bytes are not those that were sealed",
                where=path,
                expected=entry.digest.hex(),
                computed=digest.hex(),
            )
