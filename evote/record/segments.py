"""Frames in append-only segments: how a record holds a million ballots and still grows.

A frame is ``length (4 bytes, big-endian, 1 or more) || bytes``. Segments of one folder are called
``000001.seg``, ``000002.seg`` and so on; each ends at the end of a frame, and the frames of all of
them, one segment after the other, are one sequence. Bytes once written never change, so that the
digest of a prefix seals it for ever (``specs/record-format.md#segments``).

A program that stops in the middle of a write leaves a *torn* frame at the very end. Readers report
it; a writer refuses to go on behind it until :func:`recover` has cut it off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Final

from evote.codec import MAX_FRAME_BYTES
from evote.errors import DecodeError, StorageError
from evote.hashing import sha256_stream
from evote.record.files import AppendFile, Location, Lock, sentences
from evote.record.folder import Folder
from evote.record.layout import MAX_SEGMENTS, segment_name, segment_number

LENGTH_BYTES: Final = 4
SEGMENT_BYTES: Final = 256 * 1024 * 1024
"""A segment that would become larger is followed by the next one."""


def frame_bytes(content: bytes) -> bytes:
    """The frame around ``content``, which has 1 to 2^32 - 1 bytes."""
    if not content:
        raise ValueError("a frame is not empty")
    return len(content).to_bytes(LENGTH_BYTES, "big") + content


_HEAD_BUFFER = 16
"""Where only the lengths of frames are read, no more than those."""


# --- reading -----------------------------------------------------------------------------------------


def read_frames(
    directory: Location,
    *,
    limit: int = MAX_FRAME_BYTES,
    first: int = 0,
    finished: Callable[[str, int, bytes], None] | None = None,
) -> Iterator[tuple[int, bytes]]:
    """Every frame with its position, from 0 through all segments; one frame in memory at a time.

    ``first`` is the position to start from; frames before it are skipped unread. ``finished`` is told
    file name, length and SHA-256 of every segment that was read from its first to its last byte. A
    folder that does not exist has no frames. Raises :class:`DecodeError` with file and offset for a
    frame that is torn, empty or longer than ``limit``, for a segment that is missing or empty, and
    :class:`StorageError` for what cannot be read.
    """
    folder = Folder(directory)
    position = 0
    names = segment_names(folder)
    for name in names:
        where = f"{folder.root.name}/{name}"
        stream, size = folder.open(name)
        whole, digest = position >= first, sha256_stream()
        with stream:
            if size == 0 and name != names[-1]:
                raise DecodeError("the segment is empty, and another follows", where)
            at = 0
            while at < size:
                with sentences(folder.root / name, "read"):
                    length, fault = frame_length(stream.read(LENGTH_BYTES), size - at, limit)
                    if fault:
                        raise DecodeError(fault, f"{where} at byte {at}")
                    if position < first:
                        stream.seek(length, 1)
                        content = b""
                    else:
                        content = stream.read(length)
                if position >= first:
                    if len(content) != length:
                        raise StorageError(
                            f"{folder.root / name} became shorter while it was read; try again"
                        )
                    if whole and finished is not None:
                        digest.update(frame_bytes(content))
                    yield position, content
                at += LENGTH_BYTES + length
                position += 1
        if whole and finished is not None:
            finished(name, size, digest.digest())


def segment_names(folder: Folder) -> list[str]:
    """The file names of the segments in their order; other names in the folder are passed over.

    Raises :class:`DecodeError` if one is missing between others.
    """
    if not folder.is_folder():
        return []
    names = [name for name in folder.names() if segment_number(name)]
    for number, name in enumerate(names, 1):
        if segment_number(name) != number:
            raise DecodeError("the segment is missing", f"{folder.root.name}/{segment_name(number)}")
    return names


def count_frames(directory: Location, *, limit: int = MAX_FRAME_BYTES) -> int:
    """The number of whole frames in a folder, unread; 0 for a folder that does not exist.

    Raises :class:`DecodeError` if a segment is missing between others, :class:`StorageError` for what
    cannot be read.
    """
    folder = Folder(directory)
    return sum(_measure(folder, name, limit)[0] for name in segment_names(folder))


def frame_length(head: bytes, rest: int, limit: int) -> tuple[int, str]:
    """The length that ``head``, the next 4 bytes or fewer, states, and what is wrong with it.

    ``rest`` bytes of the segment follow, those of ``head`` included.
    """
    if len(head) < LENGTH_BYTES:
        return 0, f"the file ends inside the length of a frame, after {len(head)} of 4 bytes"
    length = int.from_bytes(head, "big")
    if length == 0:
        return 0, "the frame is empty"
    if length > limit:
        return 0, f"the frame has {length} bytes, more than the limit of {limit}"
    if length > rest - LENGTH_BYTES:
        return 0, f"the file ends inside a frame, after {rest - LENGTH_BYTES} of {length} bytes"
    return length, ""


# --- after a crash -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recovered:
    """What :func:`recover` found in one folder."""

    segment: str
    """File name of the last segment, empty if there is none."""
    frames: int
    """Whole frames in that segment."""
    cut: int
    """Bytes cut off its end; 0 if nothing was wrong."""


def recover(directory: Location, *, limit: int = MAX_FRAME_BYTES, keep: int = 0) -> Recovered:
    """Cut the last segment back to its last whole frame.

    ``keep`` is the number of bytes of that segment that must stay, because they are sealed. Raises
    :class:`StorageError` if a whole frame cannot be found at or behind them, or if another program
    writes to the folder; then nothing has changed. Earlier segments are not looked at: a crash
    does not reach them.
    """
    folder = Folder(directory)
    names = segment_names(folder)
    if not names:
        return Recovered("", 0, 0)
    with Lock(directory):
        frames, good, size, fault = _measure(folder, names[-1], limit)
        if good < keep:
            raise StorageError(
                f"{folder.root / names[-1]} is damaged at byte {good}, inside what is already sealed "
                f"({keep} bytes): {fault}; put a good copy of the file in its place"
            )
        if good < size:
            file = AppendFile(folder.root / names[-1], new=False)
            try:
                file.cut(good)
            finally:
                file.close()
    return Recovered(names[-1], frames, size - good)


def _measure(folder: Folder, name: str, limit: int) -> tuple[int, int, int, str]:
    """Whole frames of a segment, where the last one ends, the file's size, and what comes after it."""
    stream, size = folder.open(name, buffering=_HEAD_BUFFER)
    frames, at = 0, 0
    with stream, sentences(folder.root / name, "read"):
        while at < size:
            length, fault = frame_length(stream.read(LENGTH_BYTES), size - at, limit)
            if fault:
                return frames, at, size, fault
            stream.seek(length, 1)
            at += LENGTH_BYTES + length
            frames += 1
    return frames, at, size, ""


# --- writing -----------------------------------------------------------------------------------------


class SegmentWriter:
    """Appends frames to a folder of segments, which is made if it is not there.

    For one thread at a time. The folder is locked against other writers until :meth:`close`. Raises
    :class:`StorageError` if another holds it, or if the last segment ends inside a frame: then
    :func:`recover` comes first, because what is appended behind a torn frame could never be read.
    """

    __slots__ = ("_closed", "_file", "_folder", "_limit", "_lock", "_number", "_segment_bytes")

    def __init__(
        self, directory: Location, *, limit: int = MAX_FRAME_BYTES, segment_bytes: int = SEGMENT_BYTES
    ) -> None:
        if segment_bytes < 1:
            raise ValueError("a segment has at least one byte")
        self._folder = Folder(directory)
        self._limit = limit
        self._segment_bytes = segment_bytes
        self._folder.make()
        self._lock = Lock(directory)
        self._file: AppendFile | None = None
        self._closed = False
        try:
            self._number = self._resume()
        except BaseException:
            self._lock.release()
            raise

    def append(self, content: bytes) -> None:
        """Write one frame behind the others, in one call.

        Raises ``ValueError`` for an empty content or one beyond the limit, :class:`StorageError` if
        the disk does not take it; the segments then end where they ended before.
        """
        if self._closed:
            raise ValueError(f"{self._folder.root} is closed")
        if len(content) > self._limit:
            raise ValueError(f"a frame of {len(content)} bytes is beyond the limit of {self._limit}")
        frame = frame_bytes(content)
        self._room_for(len(frame)).append(frame)

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` was called."""
        return self._closed

    def sync(self) -> None:
        """Return when every frame so far is on the disk."""
        if self._file is not None:
            self._file.sync()

    def close(self) -> None:
        """Sync, close and let others write; closing twice does nothing."""
        self._closed = True
        try:
            if self._file is not None:
                self._file.close()
        finally:
            self._lock.release()

    def __enter__(self) -> SegmentWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _resume(self) -> int:
        """Open the last segment, if there is one; its number, or 0."""
        names = segment_names(self._folder)
        if not names:
            return 0
        name = names[-1]
        _, good, size, fault = _measure(self._folder, name, self._limit)
        if fault:
            raise StorageError(
                f"{self._folder.root / name} does not end with a whole frame ({fault}); recover the record "
                f"first, which cuts off the last {size - good} bytes"
            )
        self._file = AppendFile(self._folder.root / name, new=False)
        return segment_number(name)

    def _room_for(self, size: int) -> AppendFile:
        """The segment that takes the next ``size`` bytes."""
        file = self._file
        if file is not None and (file.size == 0 or file.size + size <= self._segment_bytes):
            return file
        if self._number >= MAX_SEGMENTS:
            raise StorageError(f"{self._folder.root} has {MAX_SEGMENTS} segments, the most that there can be")
        # The old segment is durable before the next one exists: a crash never reaches back to it.
        if file is not None:
            file.close()
        self._file = AppendFile(self._folder.root / segment_name(self._number + 1), new=True)
        self._number += 1
        return self._file
