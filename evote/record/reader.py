"""Reading a record that somebody published: everything on demand, strictly, and trusting nothing.

A :class:`RecordReader` gives the values of the files and says what is wrong with bytes that are not
the form of :mod:`evote.record.values`: :class:`DecodeError` names the file and the field,
:class:`StorageError` a file that is not there or cannot be read. Whether a value is true is for the
verifier. Ballots are streamed, one frame in memory at a time.

The width of group elements follows from the group that ``parameters.msgpack`` names. Published
groups are known; tests pass others. Where the group is not known, the width of p is taken, so that a
verifier can still say what is in the record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias, TypeVar

from evote.ballots.hints import BallotHint
from evote.ballots.values import OpenedBallot, SubmittedBallot
from evote.board.roll import MAX_ENTRY_BYTES as MAX_ROLL_ENTRY_BYTES
from evote.board.roll import RollEntry
from evote.ceremony.messages import GuardianRecords, JointKeys
from evote.codec import MAX_FRAME_BYTES, MAX_RETURN_BYTES, decode
from evote.decryption.requestlog import MAX_REQUEST_ENTRY, RequestFrame
from evote.errors import DecodeError, StorageError
from evote.groups import NAMES, Group, named
from evote.hashing import sha256
from evote.manifest import Manifest
from evote.record import layout
from evote.record.files import Location
from evote.record.folder import Folder, Found
from evote.record.hints import read_hints
from evote.record.index import open_index
from evote.record.provisional import SealedProvisional
from evote.record.segments import read_frames
from evote.record.stretches import Piece, Survey, changed, read_stretch, survey
from evote.record.values import (
    MAX_ENTRY_BYTES,
    CheckpointsFile,
    DecryptionFile,
    DevicesFile,
    Index,
    LogFrame,
    ParametersFile,
    ReturnFrame,
    SealedIndex,
)
from evote.tally import DecryptedData, PublishedTally, UnitClosing

T = TypeVar("T")

Frames: TypeAlias = Iterator[tuple[int, bytes, T | DecodeError]]
"""Position, bytes, and value of every frame; the error where the bytes are no such value."""


class RecordReader:
    """The files of one published record.

    ``groups`` maps names to groups; without it the published groups are known. Raises
    :class:`StorageError` if the folder does not exist or has no ``manifest.json``.
    """

    def __init__(self, directory: Location, groups: Mapping[str, Group] | None = None) -> None:
        self._folder = Folder(directory)
        self._groups = groups
        self._element_bytes: int | None = None
        self._seen: dict[str, tuple[int, bytes]] | None = None
        self._surveyed: dict[str, tuple[int, dict[int, bytes]]] = {}
        if not self._folder.is_folder():
            raise StorageError(f"{self._folder.root} is not a folder; give the folder of a record")
        if not self._folder.exists(layout.MANIFEST):
            raise StorageError(
                f"{self._folder.root} has no {layout.MANIFEST}, so it is not a record; check the path"
            )

    def __repr__(self) -> str:
        return f"<record {str(self._folder.root)!r}>"

    @property
    def directory(self) -> str:
        """Where the record is."""
        return str(self._folder.root)

    def watch(self) -> None:
        """From now on every file must stay as it was when it was read, or digested, first.

        What a verifier looks at and what the index seals are then the same bytes, whoever writes to the
        disk meanwhile. Where a file changes between two looks at it, the second raises
        :class:`StorageError`.
        """
        if self._seen is None:
            self._seen = {}

    # --- single files ------------------------------------------------------------------------------

    def raw(self, name: str) -> bytes:
        """The bytes of a single file or an index.

        Raises :class:`StorageError` if it is absent or not readable, :class:`DecodeError` if it is
        larger than such a file may be, ``ValueError`` for a name that no record has.
        """
        limit = layout.LIMITS.get(name, layout.INDEX_LIMIT if layout.index_number(name) else 0)
        if not limit:
            raise ValueError(f"{name!r} is no file of a record that is read whole")
        data = self._folder.read(name, limit)
        if self._seen is not None:
            self._same(name, len(data), sha256(data))
        return data

    def has(self, name: str) -> bool:
        """Whether there is something with the name of a file, or of a folder of segments."""
        return self._folder.exists(name)

    def manifest_bytes(self) -> bytes:
        """The manifest as H_B covers it."""
        return self.raw(layout.MANIFEST)

    def manifest(self) -> Manifest:
        """The manifest; raises :class:`DecodeError` or :class:`~evote.manifest.ManifestError`."""
        with _inside(layout.MANIFEST):
            return Manifest.parse(self.manifest_bytes())

    def parameters(self) -> ParametersFile:
        """Group, n, k, H_P and H_B as stated."""
        return self._decode(layout.PARAMETERS, ParametersFile, 0)

    def guardians(self) -> GuardianRecords:
        """The guardians' records."""
        return self._value(layout.GUARDIANS, GuardianRecords)

    def keys(self) -> JointKeys:
        """K, K̂ and H_E as stated."""
        return self._value(layout.KEYS, JointKeys)

    def devices(self) -> DevicesFile:
        """The devices and their confirmation codes."""
        return self._value(layout.DEVICES, DevicesFile)

    def tally(self) -> PublishedTally:
        """The encrypted tally."""
        return self._value(layout.TALLY, PublishedTally)

    def decryption(self) -> DecryptionFile:
        """The decrypted cells."""
        return self._value(layout.DECRYPTION, DecryptionFile)

    def checkpoints(self) -> CheckpointsFile:
        """The closing checkpoints of the logs."""
        return self._decode(layout.CHECKPOINTS, CheckpointsFile, 0)

    # --- the group ---------------------------------------------------------------------------------

    def group(self) -> Group:
        """The group that the parameters name; raises :class:`DecodeError` if it is not a known one."""
        name = self.parameters().group
        found = self._known(name)
        if found is None:
            known = ", ".join(NAMES if self._groups is None else self._groups)
            raise DecodeError(f"the group {name!r} is not known; known are {known}", layout.PARAMETERS)
        return found

    @property
    def element_bytes(self) -> int:
        """The width of an encoded element of the group."""
        if self._element_bytes is None:
            parameters = self.parameters()
            found = self._known(parameters.group)
            self._element_bytes = len(parameters.p) if found is None else found.element_bytes
        return self._element_bytes

    def _known(self, name: str) -> Group | None:
        if self._groups is None:
            return named(name) if name in NAMES else None
        return self._groups.get(name)

    # --- segments ----------------------------------------------------------------------------------

    def ballots(self, *, limit: int = MAX_FRAME_BYTES, first: int = 0) -> Frames[SubmittedBallot]:
        """The submitted ballots in the order of the record, from position ``first`` on.

        A frame that is no ballot is yielded as its :class:`DecodeError`, so that the caller can name it
        and go on. Raises :class:`DecodeError` where the frames themselves end; behind that nothing can
        be read. ``limit`` is best taken from :func:`~evote.record.layout.largest_ballot`.
        """
        return self._frames(layout.BALLOTS, SubmittedBallot, limit, first)

    def hints(self, *, limit: int, warn: Callable[[str], None]) -> Iterator[BallotHint | None]:
        """The hints in the order of the ballots (:func:`~evote.record.hints.read_hints`); never an error."""
        try:
            folder = self._folder.subfolder(layout.HINTS)
        except StorageError as error:
            warn(f"there are no hints: {error}")
            return iter(())
        return read_hints(folder, element_bytes=self.element_bytes, limit=limit, warn=warn)

    def openings(self, *, limit: int = MAX_FRAME_BYTES) -> Frames[OpenedBallot]:
        """The openings of challenged ballots, as :meth:`ballots`."""
        return self._frames(layout.OPENINGS, OpenedBallot, limit, 0)

    def aside(self, *, limit: int = MAX_FRAME_BYTES) -> Frames[SubmittedBallot]:
        """The superseded and rejected ballots, as :meth:`ballots`."""
        return self._frames(layout.ASIDE, SubmittedBallot, limit, 0)

    def roll(self) -> Frames[RollEntry]:
        """The entries of the roll, as :meth:`ballots`."""
        return self._frames(layout.ROLL, RollEntry, MAX_ROLL_ENTRY_BYTES, 0)

    def log(self) -> Frames[LogFrame]:
        """The entries of all logs, as :meth:`ballots`; what is in their bodies is not looked at."""
        return self._frames(layout.LOG, LogFrame, MAX_ENTRY_BYTES + 1024, 0)

    def returns(self) -> Frames[ReturnFrame]:
        """The files of unit returns, as :meth:`ballots`; what is in them is not looked at."""
        return self._frames(layout.RETURNS, ReturnFrame, MAX_RETURN_BYTES + 1024, 0)

    def closings(self) -> Frames[UnitClosing]:
        """The statements that units are closed, in their order, as :meth:`ballots`."""
        return self._frames(layout.CLOSINGS, UnitClosing, MAX_ENTRY_BYTES, 0)

    def provisional(self) -> Frames[SealedProvisional]:
        """The provisional results, in their order, as :meth:`ballots`."""
        return self._frames(layout.PROVISIONAL, SealedProvisional, MAX_FRAME_BYTES, 0)

    def requests(self) -> Frames[RequestFrame]:
        """The log of requests to decrypt, as :meth:`ballots`."""
        return self._frames(layout.REQUESTS, RequestFrame, MAX_REQUEST_ENTRY + 1024, 0)

    def contest_data(self, *, limit: int = MAX_FRAME_BYTES) -> Frames[DecryptedData]:
        """The decrypted contest data, as :meth:`ballots`."""
        return self._frames(layout.DATA, DecryptedData, limit, 0)

    def _frames(self, folder: str, kind: type[T], limit: int, first: int) -> Frames[T]:
        width = self.element_bytes

        def finished(name: str, size: int, digest: bytes) -> None:
            self._same(f"{folder}/{name}", size, digest)

        for position, frame in read_frames(
            self._folder.subfolder(folder),
            limit=limit,
            first=first,
            finished=None if self._seen is None else finished,
        ):
            yield position, frame, decode_frame(folder, kind, position, frame, width, limit)

    # --- stretches ---------------------------------------------------------------------------------

    def survey(
        self,
        folder: str,
        *,
        frames: int,
        limit: int = MAX_FRAME_BYTES,
        most: int | None = None,
        sizes: Mapping[str, Iterable[int]] | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Survey:
        """The segments of a folder cut into stretches; arguments as :func:`~evote.record.stretches.survey`.

        Where the files are watched, digests that were computed here are not computed again. Hints are
        not watched: nobody trusts them.
        """
        found = survey(
            self._folder.subfolder(folder),
            frames=frames,
            limit=limit,
            most=most,
            sizes=sizes,
            progress=progress,
        )
        if self._seen is not None and folder in layout.SEGMENTED:
            for name, (size, digests) in found.files.items():
                self._same(f"{folder}/{name}", size, digests[size])
                self._surveyed[f"{folder}/{name}"] = size, digests
        return found

    def is_unchanged(self, folder: str, piece: Piece) -> bool:
        """Whether these bytes of a segment still have their digest."""
        _, (now,) = read_stretch(self._folder.subfolder(folder), (piece,))
        return now == piece

    def changed(self, folder: str, piece: Piece) -> StorageError:
        """What is said of a segment that is not what it was when it was surveyed."""
        return changed(self._folder.root / folder / piece.segment)

    # --- indexes and files -------------------------------------------------------------------------

    def indexes(self) -> list[tuple[str, bytes, SealedIndex | DecodeError]]:
        """Path, bytes and value of every index file, in order; files of other names are passed over."""
        found: list[tuple[str, bytes, SealedIndex | DecodeError]] = []
        for name in self._folder.names(layout.INDEX):
            path = f"{layout.INDEX}/{name}"
            if not layout.index_number(path):
                continue
            raw = b""
            try:
                raw = self.raw(path)
                with _inside(path):
                    found.append(
                        (path, raw, decode(SealedIndex, raw, element_bytes=0, limit=layout.INDEX_LIMIT))
                    )
            except DecodeError as error:
                found.append((path, raw, error))
        return found

    def latest_index(self) -> Index | None:
        """What the last publication sealed, None before the first; the signature is not looked at.

        Raises :class:`DecodeError` if the last index file is none.
        """
        indexes = self.indexes()
        if not indexes:
            return None
        path, _, sealed = indexes[-1]
        if isinstance(sealed, DecodeError):
            raise sealed
        with _inside(path):
            return open_index(sealed)

    def files(self) -> list[Found]:
        """Everything in the folder that is not a folder, in the order of the paths."""
        return list(self._folder.files())

    def digests(self, name: str, sizes: Iterable[int]) -> tuple[int, dict[int, bytes]]:
        """The size of a file, and the SHA-256 of its first n bytes for every n of ``sizes`` that it has.

        Raises ``ValueError`` for a name that no record has.
        """
        if layout.kind_of(name) is None:
            raise ValueError(f"{name!r} is no file of a record")
        if self._seen is None:
            return self._folder.digests(name, sizes)
        sizes = set(sizes)
        surveyed = self._surveyed.get(name)
        if surveyed is not None and all(size in surveyed[1] or size > surveyed[0] for size in sizes):
            return surveyed
        whole = self._folder.size(name)
        total, found = self._folder.digests(name, {*sizes, whole})
        self._same(name, total, found.get(total, b""))
        return total, found

    def file_digest(self, name: str, upto: int | None = None) -> tuple[int, bytes]:
        """Length and SHA-256 of a file, or of its first ``upto`` bytes.

        Raises :class:`StorageError` if it is absent, or shorter than ``upto``.
        """
        size = self._folder.size(name) if upto is None else upto
        total, digests = self.digests(name, [size])
        if size not in digests:
            raise StorageError(f"{name} has {total} bytes, not {size}; it was changed or is not complete")
        return size, digests[size]

    # --- inside ------------------------------------------------------------------------------------

    def _same(self, name: str, size: int, digest: bytes) -> None:
        """Remember a file, or find it as it is remembered."""
        if self._seen is not None and self._seen.setdefault(name, (size, digest)) != (size, digest):
            raise changed(self._folder.root / name)

    def _value(self, name: str, kind: type[T]) -> T:
        return self._decode(name, kind, self.element_bytes)

    def _decode(self, name: str, kind: type[T], width: int) -> T:
        raw = self.raw(name)
        with _inside(name):
            return decode(kind, raw, element_bytes=width, limit=layout.LIMITS[name])


def decode_frame(
    folder: str, kind: type[T], position: int, frame: bytes, width: int, limit: int = MAX_FRAME_BYTES
) -> T | DecodeError:
    """The value of a frame; the error, with the place of the frame, if it is no such value.

    ``width`` is that of the group's elements, ``limit`` the most bytes of a frame.
    """
    try:
        return decode(kind, frame, element_bytes=width, limit=limit)
    except DecodeError as error:
        return DecodeError(error.message, _join(f"{folder}, frame {position}", error.where))


class _inside:
    """Puts the name of the file in front of the place of a :class:`DecodeError`."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, DecodeError) and not error.where.startswith(self._name):
            raise DecodeError(error.message, _join(self._name, error.where)) from None


def _join(name: str, where: str) -> str:
    return f"{name}, {where}" if where else name
