"""Writing a record: for the election authority, and for a demonstration that plays all parts.

Rules: a file of the record is written whole or not at all; what stands in it never changes
(devices, checkpoints and result apart, as long as no index seals them for good); nothing is written that a
reader would refuse; a sealed record has only files that belong there. Whether values are true is
not checked here, but a closing head that is not that of the ballots is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Generic, TypeVar

from evote.ballots.hints import BallotHint
from evote.ballots.values import OpenedBallot, SubmittedBallot
from evote.board.roll import RollEntry
from evote.ceremony.messages import GuardianRecords, JointKeys
from evote.codec import MAX_FRAME_BYTES, decode, encode
from evote.decryption.requestlog import RequestFrame
from evote.errors import DecodeError, RefusedError, StorageError, VerificationError
from evote.groups import Group
from evote.manifest import Manifest, Parameters
from evote.record import layout
from evote.record.closing import closing_head
from evote.record.election import load_election, parameters_file
from evote.record.files import PARTIAL, Location, Lock
from evote.record.folder import Folder
from evote.record.hints import HintFiller, HintWriter
from evote.record.index import foreign_files, next_index, seal_index
from evote.record.layout import Kind, kind_of
from evote.record.provisional import SealedProvisional
from evote.record.reader import RecordReader
from evote.record.segments import (
    SEGMENT_BYTES,
    Recovered,
    SegmentWriter,
    count_frames,
    read_frames,
    recover,
)
from evote.record.standing import decrypted_units, require_not_decrypted
from evote.record.values import (
    CheckpointsFile,
    DecryptionFile,
    DevicesFile,
    Index,
    IndexEntry,
    LogFrame,
    ReturnFrame,
    SealedIndex,
    Stage,
)
from evote.tally import ClosingHead, DecryptedData, PublishedTally, UnitClosing

if TYPE_CHECKING:
    from evote.signing import SigningKey

T = TypeVar("T")


class FrameWriter(Generic[T]):
    """Appends values of one kind to a folder of segments; for one thread at a time."""

    __slots__ = ("_element_bytes", "_kind", "_segments")

    def __init__(self, segments: SegmentWriter, kind: type[T], element_bytes: int) -> None:
        self._segments = segments
        self._kind = kind
        self._element_bytes = element_bytes

    def append(self, value: T) -> bytes:
        """Write one value behind the others; returns its frame, which is what gets hashed.

        Raises ``ValueError`` for a value that no reader would accept, :class:`StorageError` if the disk
        does not take it; the record is then as it was.
        """
        frame = _checked(self._kind, value, self._element_bytes, MAX_FRAME_BYTES)
        self._segments.append(frame)
        return frame

    def sync(self) -> None:
        """Return when everything so far is on the disk."""
        self._segments.sync()

    def close(self) -> None:
        """Sync and close; closing twice does nothing."""
        self._segments.close()

    def __enter__(self) -> FrameWriter[T]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class BallotWriter(FrameWriter[SubmittedBallot]):
    """Appends ballots; none of a unit that was decrypted, because it could never be counted (A51)."""

    __slots__ = ("_decrypted",)

    def __init__(self, segments: SegmentWriter, element_bytes: int, decrypted: frozenset[str]) -> None:
        super().__init__(segments, SubmittedBallot, element_bytes)
        self._decrypted = decrypted

    def append(self, value: SubmittedBallot) -> bytes:
        """As :meth:`FrameWriter.append`; raises :class:`RefusedError` for a ballot that comes too late."""
        if type(value) is SubmittedBallot:  # what is none is told so below
            require_not_decrypted(self._decrypted, value.ballot.unit)
        return super().append(value)


@dataclass(frozen=True, slots=True)
class Repair:
    """What :meth:`RecordWriter.recover` did."""

    segments: tuple[tuple[str, Recovered], ...]
    """Per folder of segments, what was cut."""
    partial: tuple[str, ...]
    """Left-over files of interrupted writes, which were deleted."""


class RecordWriter:
    """The one who writes a record. Made by :meth:`create` or :meth:`open`."""

    def __init__(self, directory: Location, groups: Mapping[str, Group] | None, segment_bytes: int) -> None:
        self._folder = Folder(directory)
        self._reader = RecordReader(directory, groups)
        self._segment_bytes = segment_bytes
        self._open: dict[str, SegmentWriter] = {}

    def __repr__(self) -> str:
        return f"<writer of {self._reader!r}>"

    @classmethod
    def create(
        cls,
        directory: Location,
        manifest: Manifest,
        parameters: Parameters,
        *,
        segment_bytes: int = SEGMENT_BYTES,
    ) -> RecordWriter:
        """Begin a record in a folder that is empty or does not exist.

        Raises :class:`RefusedError` if something is in the folder, :class:`StorageError` if it cannot be
        written.
        """
        folder = Folder(directory)
        if not folder.is_empty():
            raise RefusedError(f"{folder.root} is not empty; choose a new folder for the record")
        folder.make()
        group = parameters.group
        folder.write(layout.PARAMETERS, encode(parameters_file(parameters, manifest)))
        # The manifest comes last, because it is what makes a folder a record.
        folder.write(layout.MANIFEST, manifest.raw)
        return cls(directory, {group.name: group}, segment_bytes)

    @classmethod
    def open(
        cls,
        directory: Location,
        groups: Mapping[str, Group] | None = None,
        *,
        segment_bytes: int = SEGMENT_BYTES,
    ) -> RecordWriter:
        """Go on with a record; ``groups`` as for :class:`~evote.record.RecordReader`.

        Raises :class:`StorageError` if there is none.
        """
        return cls(directory, groups, segment_bytes)

    @property
    def reader(self) -> RecordReader:
        """The record so far."""
        return self._reader

    # --- single files ------------------------------------------------------------------------------

    def put_guardians(self, records: GuardianRecords) -> None:
        """Write the guardians' records; errors as :meth:`put_keys`."""
        self._put(layout.GUARDIANS, GuardianRecords, records)

    def put_keys(self, keys: JointKeys) -> None:
        """Write the joint keys.

        Raises :class:`RefusedError` if the record has others, ``ValueError`` for a value that no reader
        would accept, :class:`StorageError` if the disk does not take it.
        """
        self._put(layout.KEYS, JointKeys, keys)

    def put_devices(self, devices: DevicesFile) -> None:
        """Write the devices, in place of those before; refused once a closed record is sealed."""
        self._put(layout.DEVICES, DevicesFile, devices)

    def put_tally(self, tally: PublishedTally) -> None:
        """Write the encrypted tally; errors as :meth:`put_keys`."""
        self._put(layout.TALLY, PublishedTally, tally)

    def put_decryption(self, decryption: DecryptionFile) -> None:
        """Write the decrypted cells; errors as :meth:`put_keys`."""
        self._put(layout.DECRYPTION, DecryptionFile, decryption)

    def put_checkpoints(self, checkpoints: CheckpointsFile) -> None:
        """Write the checkpoints of the logs, in place of those before; refused as :meth:`put_devices`."""
        self._put(layout.CHECKPOINTS, CheckpointsFile, checkpoints)

    def put_result(self, json: bytes, csv: bytes) -> None:
        """Write both forms of the result (:mod:`evote.record.result`); refused once others are sealed."""
        for name, data in ((layout.RESULT_JSON, json), (layout.RESULT_CSV, csv)):
            if len(data) > layout.LIMITS[name]:
                raise ValueError(
                    f"{name} has {len(data)} bytes, more than the limit of {layout.LIMITS[name]}"
                )
            self._write(name, data)

    def put_returns_result(self, json: bytes) -> None:
        """Write what follows from the unit returns (:mod:`evote.returns.result`), in place of what was."""
        if len(json) > layout.LIMITS[layout.RETURNS_JSON]:
            raise ValueError(f"{layout.RETURNS_JSON} has {len(json)} bytes, more than its limit")
        self._write(layout.RETURNS_JSON, json)

    def _put(self, name: str, kind: type[T], value: T) -> None:
        self._write(name, _checked(kind, value, self._reader.element_bytes, layout.LIMITS[name]))

    def _write(self, name: str, data: bytes) -> None:
        if self._reader.has(name):
            if self._reader.raw(name) == data:
                return
            if not self._may_change(name):
                raise RefusedError(f"the record has another {name} already, and it never changes")
        self._folder.write(name, data)

    def _may_change(self, name: str) -> bool:
        last = self._reader.latest_index()
        if name in layout.GROWING:
            return last is None or last.head is None
        if name in layout.DERIVED:
            return True
        sealed = last is not None and any(entry.path == name for entry in last.files)
        return name in (layout.RESULT_JSON, layout.RESULT_CSV) and not sealed

    # --- segments ----------------------------------------------------------------------------------

    def ballots(self) -> FrameWriter[SubmittedBallot]:
        """Append submitted ballots, in the order of the record.

        Raises :class:`RefusedError` if an index has closed the record, and as
        :class:`~evote.record.segments.SegmentWriter`. What comes out refuses ballots of decrypted units.
        """
        self._require_open("ballots")
        decrypted: frozenset[str] = frozenset()
        if self._reader.has(layout.PROVISIONAL):
            decrypted = decrypted_units(self._reader, self._reader.manifest())
        return BallotWriter(self._segments(layout.BALLOTS), self._reader.element_bytes, decrypted)

    def aside(self) -> FrameWriter[SubmittedBallot]:
        """Append superseded and rejected ballots; errors as :meth:`ballots`."""
        self._require_open("ballots")
        return self._append_to(layout.ASIDE, SubmittedBallot)

    def log(self) -> FrameWriter[LogFrame]:
        """Append entries of the logs; errors as :meth:`ballots`."""
        self._require_open("entries of logs")
        return self._append_to(layout.LOG, LogFrame)

    def roll(self) -> FrameWriter[RollEntry]:
        """Append entries of the roll, in its order.

        Raises :class:`RefusedError` once the record is sealed for the first time.
        """
        if self._reader.latest_index() is not None:
            raise RefusedError("the record was sealed, and a roll does not change after that")
        return self._append_to(layout.ROLL, RollEntry)

    def _require_open(self, what: str) -> None:
        last = self._reader.latest_index()
        if last is not None and last.head is not None:
            raise RefusedError(f"the record is closed; it takes no more {what}")

    def openings(self) -> FrameWriter[OpenedBallot]:
        """Append openings of challenged ballots."""
        return self._append_to(layout.OPENINGS, OpenedBallot)

    def data(self) -> FrameWriter[DecryptedData]:
        """Append decrypted contest data: in the order of the ballots, and of the contests on each."""
        return self._append_to(layout.DATA, DecryptedData)

    def returns(self) -> FrameWriter[ReturnFrame]:
        """Append files of unit returns; also to a record that is closed."""
        return self._append_to(layout.RETURNS, ReturnFrame)

    def closings(self) -> FrameWriter[UnitClosing]:
        """Append statements that units are closed; a record that is closed takes corrections too."""
        return self._append_to(layout.CLOSINGS, UnitClosing)

    def provisional(self) -> FrameWriter[SealedProvisional]:
        """Append provisional results."""
        return self._append_to(layout.PROVISIONAL, SealedProvisional)

    def requests(self) -> FrameWriter[RequestFrame]:
        """Append to the log of requests to decrypt."""
        return self._append_to(layout.REQUESTS, RequestFrame)

    def hints(self, known: Mapping[int, BallotHint] | None = None) -> HintWriter:
        """Append hints, each for a ballot that is appended from now on; those so far are brought in line.

        To be opened before the first of those ballots is appended. ``known`` has hints by position for
        ballots of the record whose hints are missing. What is written is no promise: a reader goes on
        without. Raises :class:`StorageError` if the folder cannot be used.
        """
        ballots = count_frames(self._folder.subfolder(layout.BALLOTS))
        return HintWriter(
            self._folder.subfolder(layout.HINTS), ballots, known, segment_bytes=self._segment_bytes
        )

    def hints_behind(self, ballots: int) -> HintWriter:
        """Appends hints behind those of the first so many ballots; what stands behind these is cut off.

        Raises :class:`StorageError` if the folder cannot be used.
        """
        return HintWriter(self._folder.subfolder(layout.HINTS), ballots, segment_bytes=self._segment_bytes)

    def fill_hints(self) -> HintFiller:
        """Takes the hints of all ballots of the record, from the first on, in the place of those so far.

        Raises :class:`StorageError` if the folder cannot be used.
        """
        return HintFiller(self._folder.subfolder(layout.HINTS), segment_bytes=self._segment_bytes)

    def _append_to(self, name: str, kind: type[T]) -> FrameWriter[T]:
        return FrameWriter(self._segments(name), kind, self._reader.element_bytes)

    def _segments(self, name: str) -> SegmentWriter:
        segments = SegmentWriter(self._folder.subfolder(name), segment_bytes=self._segment_bytes)
        self._open[name] = segments
        return segments

    # --- sealing -----------------------------------------------------------------------------------

    def seal(self, stage: Stage, date: str, key: SigningKey, head: ClosingHead | None = None) -> SealedIndex:
        """Write the next index: a publication of everything that is in the folder now.

        ``date`` is the moment in UTC as ``2026-06-30T20:00:00Z``; ``head`` closes the record and is given
        from then on. Writers of this object may stay open; those of others must be closed.

        Raises :class:`RefusedError` if the record is not fit to be published: a file is missing for
        the stage or has no place in a record, the key is not the one in the manifest, the head is not
        that of the ballots, or a rule of growth is broken. Nothing is written then.
        """
        election = load_election(self._reader, window=1)
        declared = election.manifest.extensions.get(layout.INDEX)
        if declared is None:
            raise RefusedError("the manifest declares no index, so there is no key to seal the record with")
        if declared.key != key.verify_key.encoded.hex():
            raise RefusedError("the key is not the one that the manifest names for the index")
        with self._quiet():
            foreign = next(foreign_files(self._reader.files()), None)
            if foreign is not None:
                raise RefusedError(f"the record cannot be sealed: {foreign}")
            previous, last = self._last()
            if head is not None and (last is None or last.head is None):
                self._check_head(head, election.extended_hash)
            try:
                index = next_index(
                    previous,
                    last,
                    stage=stage,
                    date=date,
                    fingerprint=election.extended_hash,
                    head=head,
                    files=self._entries(last),
                )
            except VerificationError as error:
                raise RefusedError(f"the record cannot be sealed: {error}") from None
            sealed = seal_index(index, key)
            self._folder.write(layout.index_path(index.sequence), encode(sealed))
        return sealed

    @contextmanager
    def _quiet(self) -> Iterator[None]:
        """Everything appended is on the disk, and nobody appends meanwhile."""
        with ExitStack() as stack:
            for name in layout.SEGMENTED:
                mine = self._open.get(name)
                if mine is not None and not mine.closed:
                    mine.sync()
                elif self._reader.has(name):
                    stack.enter_context(Lock(self._folder.subfolder(name)))
            yield

    def _last(self) -> tuple[bytes | None, Index | None]:
        indexes = self._reader.indexes()
        return (indexes[-1][1], self._reader.latest_index()) if indexes else (None, None)

    def _check_head(self, head: ClosingHead, extended_hash: bytes) -> None:
        frames = read_frames(self._folder.subfolder(layout.BALLOTS))
        computed = closing_head((frame for _, frame in frames), extended_hash)
        if computed != head:
            raise RefusedError(
                f"the closing head is not that of the {computed.size} ballots in the record; "
                "it names another number of ballots or another order"
            )

    def _entries(self, last: Index | None) -> list[IndexEntry]:
        """Every file that an index covers; segments are read to their end, sealed prefix included."""
        sealed = {} if last is None else {entry.path: entry for entry in last.files}
        entries = []
        for found in self._reader.files():
            if kind_of(found.path) not in (Kind.SINGLE, Kind.SEGMENT):
                continue
            before = sealed.get(found.path)
            size = self._folder.size(found.path)
            sizes = [size] if before is None else [size, before.size]
            _, digests = self._reader.digests(found.path, sizes)
            if (
                before is not None
                and kind_of(found.path) is Kind.SEGMENT
                and digests.get(before.size) != before.digest
            ):
                raise StorageError(
                    f"{found.path} no longer starts with the {before.size} bytes that are sealed; "
                    "put a good copy of the file in its place"
                )
            entries.append(IndexEntry(found.path, size, digests[size]))
        return entries

    # --- after a crash -----------------------------------------------------------------------------

    @staticmethod
    def recover(directory: Location, groups: Mapping[str, Group] | None = None) -> Repair:
        """Bring a record back to its last whole frames after a crash, and say what was cut.

        Deletes what interrupted writes of single files left behind. Raises :class:`StorageError` if
        sealed bytes are damaged; no frame is cut then from that folder.
        """
        folder = Folder(directory)
        reader = RecordReader(directory, groups)
        last = reader.latest_index()
        sealed = {} if last is None else {entry.path: entry.size for entry in last.files}
        cut = []
        for name in layout.SEGMENTED:
            if not reader.has(name):
                continue
            path = folder.subfolder(name)
            numbers = [segment for segment in folder.names(name) if layout.segment_number(segment)]
            keep = sealed.get(f"{name}/{numbers[-1]}", 0) if numbers else 0
            cut.append((name, recover(path, keep=keep)))
        partial = [found.path for found in reader.files() if _is_partial(found.path) and found.regular]
        for path_of in partial:
            folder.remove(path_of)
        return Repair(tuple(cut), tuple(partial))


def _is_partial(path: str) -> bool:
    """Whether a file is what an interrupted :func:`~evote.record.files.write_atomic` leaves behind."""
    name = path.rpartition("/")[2]
    folder = path[: -len(name)]
    target, _, token = name.removesuffix(PARTIAL).rpartition(".")
    return (
        name.endswith(PARTIAL)
        and name.startswith(".")
        and len(token) == 16
        and kind_of(folder + target[1:]) is not None
    )


def _checked(kind: type[T], value: T, element_bytes: int, limit: int) -> bytes:
    """The canonical bytes of a value; ``ValueError`` if a reader would refuse them."""
    if type(value) is not kind:
        raise TypeError(f"a {kind.__name__} is written here, not a {type(value).__name__}")
    try:
        data = encode(value)
        decode(kind, data, element_bytes=element_bytes, limit=limit)
    except (DecodeError, ValueError) as error:
        raise ValueError(f"this {kind.__name__} cannot be published: {error}") from None
    return data
