"""Segments cut into stretches of so many frames, so that each stretch can be read by itself and proven.

:func:`survey` goes through the segments of a folder once. It finds where frames begin and end, and
computes the SHA-256 of every file, of the prefixes that it is asked for, and of the bytes of every
stretch. Whoever reads a stretch later (:func:`read_stretch`) hashes the very bytes that it parses; the
digest is compared with the survey's, so that what was parsed is what was digested (rule A68).

Rules: stretches are cut by number of frames and by nothing else; a stretch may lie in several files;
what comes behind a broken frame is in no stretch, and is digested nevertheless.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, BinaryIO

from evote.codec import MAX_FRAME_BYTES, AtMost, Count, Digest
from evote.errors import DecodeError, StorageError
from evote.hashing import sha256, sha256_stream
from evote.record.files import CHUNK_BYTES, Location, sentences
from evote.record.folder import Folder
from evote.record.segments import LENGTH_BYTES, frame_length, segment_names


@dataclass(frozen=True, slots=True)
class Piece:
    """The bytes from ``begin`` to ``end`` of a segment, and their SHA-256. Both lie between two frames."""

    segment: Annotated[str, AtMost(16)]
    begin: Count
    end: Count
    digest: Digest


@dataclass(frozen=True, slots=True)
class Prefix:
    """The SHA-256 of the first ``size`` bytes of a segment."""

    segment: Annotated[str, AtMost(16)]
    size: Count
    digest: Digest


@dataclass(frozen=True, slots=True)
class Stretch:
    """Frames ``first`` to ``first + frames - 1`` of a folder, and where they are."""

    number: Count
    first: Count
    frames: Count
    pieces: tuple[Piece, ...]
    prefixes: tuple[Prefix, ...]
    """For each piece: everything up to its end in its segment."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What :func:`survey` found."""

    stretches: tuple[Stretch, ...]
    fault: DecodeError | None
    """Where, and why, the frames cannot be followed any further."""
    files: Mapping[str, tuple[int, dict[int, bytes]]] = field(repr=False)
    """By file name: size, and SHA-256 of the first n bytes for the whole size and every n asked for."""

    @property
    def frames(self) -> int:
        """How many frames there are up to the end, or to the fault."""
        return sum(stretch.frames for stretch in self.stretches)


def survey(
    directory: Location,
    *,
    frames: int,
    limit: int = MAX_FRAME_BYTES,
    most: int | None = None,
    sizes: Mapping[str, Iterable[int]] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Survey:
    """Cut the segments of a folder into stretches of ``frames`` frames (1 or more; the last may have less).

    ``limit`` is the most bytes of a frame; ``sizes`` says by file name which prefixes are digested;
    ``progress`` is told bytes done and bytes in all. With ``most``, nothing is read behind so many frames
    or behind a fault, however much there is, and the survey has no ``files``. A folder that does not
    exist has no stretch. What is wrong with the frames is the survey's ``fault``, in the words of
    :func:`~evote.record.segments.read_frames`; raises :class:`StorageError` for what cannot be read.
    """
    if frames < 1:
        raise ValueError("a stretch has at least one frame")
    folder = Folder(directory)
    try:
        names = segment_names(folder)
    except DecodeError as error:
        return Survey((), error, {})
    cutter = _Cutter(frames, most)
    found: dict[str, tuple[int, dict[int, bytes]]] = {}
    total = sum(folder.size(name) for name in names) if progress is not None else 0
    done = 0
    for name in names:
        if cutter.ended:
            break
        stream, size = folder.open(name)
        with stream, sentences(folder.root / name, "read"):
            walk = _Walk(stream, f"{folder.root / name}", name, size, (sizes or {}).get(name, ()))
            if size == 0 and name != names[-1] and cutter.fault is None:
                where = f"{folder.root.name}/{name}"
                cutter.fault = DecodeError("the segment is empty, and another follows", where)
            _follow(walk, cutter, f"{folder.root.name}/{name}", limit)
            cutter.leave(walk)
            if most is None:
                walk.rest()
                found[name] = size, walk.digests
        done += size
        if progress is not None:
            progress(done, total)
    cutter.close()
    return Survey(tuple(cutter.stretches), cutter.fault, found)


def read_stretch(directory: Location, pieces: Iterable[Piece]) -> tuple[list[bytes], tuple[Piece, ...]]:
    """The bytes of the pieces, and the same pieces with the digests of these bytes.

    Raises :class:`StorageError` if a file cannot be read, or ends too early.
    """
    folder = Folder(directory)
    read: list[bytes] = []
    found: list[Piece] = []
    for piece in pieces:
        stream, _ = folder.open(piece.segment)
        with stream, sentences(folder.root / piece.segment, "read"):
            stream.seek(piece.begin)
            data = stream.read(piece.end - piece.begin)
        if len(data) != piece.end - piece.begin:
            raise changed(folder.root / piece.segment)
        read.append(data)
        found.append(Piece(piece.segment, piece.begin, piece.end, sha256(data)))
    return read, tuple(found)


def frames_of(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The frames of a piece, each with the offset of its content; raises ``ValueError`` if it is no piece."""
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at : at + LENGTH_BYTES], "big")
        at += LENGTH_BYTES
        if not 0 < length <= len(data) - at:
            raise ValueError("these bytes do not begin and end between two frames")
        yield at, data[at : at + length]
        at += length


def changed(path: object) -> StorageError:
    """What is said of a file that is not what it was a moment ago."""
    return StorageError(
        f"{path} was changed while the record was being read; try again when nobody writes to it"
    )


class _Walk:
    """One segment from its first to its last byte; every byte is read and hashed once."""

    def __init__(self, stream: BinaryIO, path: str, name: str, size: int, sizes: Iterable[int]) -> None:
        self._stream = stream
        self._path = path
        self._whole = sha256_stream()
        wanted = set(sizes)
        self._wanted = sorted((n for n in wanted if 0 < n < size), reverse=True)
        self.name = name
        self.size = size
        self.at = 0
        self.begin = 0
        self.piece = sha256_stream()
        self.digests: dict[int, bytes] = {}
        if 0 in wanted:
            self.digests[0] = self.prefix()

    def head(self) -> bytes:
        """The next bytes, where the length of a frame should stand; they are not consumed."""
        place = self._stream.tell()
        head = self._stream.read(LENGTH_BYTES)
        self._stream.seek(place)
        return head

    def feed(self, count: int) -> None:
        """Read so many bytes, which there are, into the digests."""
        while count:
            step = min(count, CHUNK_BYTES)
            if self._wanted:
                step = min(step, self._wanted[-1] - self.at)
            data = self._stream.read(step)
            if len(data) != step:
                raise StorageError(f"{self._path} became shorter while it was read; try again")
            self._whole.update(data)
            self.piece.update(data)
            self.at += step
            count -= step
            if self._wanted and self._wanted[-1] == self.at:
                self.digests[self._wanted.pop()] = self.prefix()

    def prefix(self) -> bytes:
        """SHA-256 of everything so far."""
        return self._whole.copy().digest()

    def rest(self) -> None:
        """Read to the end."""
        self.feed(self.size - self.at)
        self.digests[self.size] = self.prefix()


class _Cutter:
    """Gathers pieces into stretches."""

    def __init__(self, frames: int, most: int | None) -> None:
        self._frames = frames
        self._most = most
        self._pieces: list[Piece] = []
        self._prefixes: list[Prefix] = []
        self._held = 0
        self._first = 0
        self.stretches: list[Stretch] = []
        self.fault: DecodeError | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more is to be read."""
        return self._most is not None and (self.fault is not None or self._first + self._held >= self._most)

    def frame(self, walk: _Walk) -> None:
        """A frame ends here."""
        self._held += 1
        if self._held == self._frames:
            self.leave(walk)
            self.close()

    def leave(self, walk: _Walk) -> None:
        """What was walked since the last border belongs to the stretch that is being gathered."""
        if walk.at > walk.begin:
            self._pieces.append(Piece(walk.name, walk.begin, walk.at, walk.piece.digest()))
            self._prefixes.append(Prefix(walk.name, walk.at, walk.prefix()))
        walk.begin = walk.at
        walk.piece = sha256_stream()

    def close(self) -> None:
        """The stretch ends here."""
        if self._held:
            pieces, prefixes = tuple(self._pieces), tuple(self._prefixes)
            self.stretches.append(Stretch(len(self.stretches), self._first, self._held, pieces, prefixes))
        self._first += self._held
        self._held = 0
        self._pieces, self._prefixes = [], []


def _follow(walk: _Walk, cutter: _Cutter, where: str, limit: int) -> None:
    """Go from frame to frame until the segment ends, or cannot be followed."""
    while cutter.fault is None and not cutter.ended and walk.at < walk.size:
        length, fault = frame_length(walk.head(), walk.size - walk.at, limit)
        if fault:
            cutter.fault = DecodeError(fault, f"{where} at byte {walk.at}")
            return
        walk.feed(LENGTH_BYTES + length)
        cutter.frame(walk)
