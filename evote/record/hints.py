"""Hint files: commitments beside the ballots, frame i of one for frame i of the other.

Whoever reads them trusts nothing: whatever is wrong with them ends the hints there, with a sentence for
the reader, and the ballots behind are verified without. Whoever writes them first brings them in line
with the ballots (:func:`align`): what a crash tore is cut off, and what is missing becomes a frame that
says that there is no hint. Nothing here touches the ballots (``specs/record-format.md#hints``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from types import TracebackType

from evote.ballots.hints import BallotHint, frame_of
from evote.codec import MAX_COUNT, MAX_FRAME_BYTES
from evote.errors import DecodeError, StorageError
from evote.record.files import PARTIAL, AppendFile, Location, Lock, sentences
from evote.record.folder import Folder
from evote.record.layout import segment_name, segment_number
from evote.record.segments import LENGTH_BYTES, SEGMENT_BYTES, SegmentWriter, read_frames

_HEAD_BUFFER = 16
"""Only the lengths of frames are read when they are counted."""


def read_hints(
    directory: Location, *, element_bytes: int, limit: int, warn: Callable[[str], None]
) -> Iterator[BallotHint | None]:
    """The hint of every ballot in order, as far as there are any; None where a ballot has none.

    ``limit`` is best taken from :func:`~evote.record.layout.largest_hint`. ``warn`` is told, once per
    place, what is wrong; a frame of another form counts as none, and behind a break nothing is read.
    """
    frames = read_frames(directory, limit=limit)
    while True:
        try:
            following = next(frames, None)
        except (DecodeError, StorageError) as error:
            warn(f"the hints end here: {error}")
            return
        if following is None:
            return
        position, content = following
        hint = None
        try:
            hint = BallotHint.decode(content, element_bytes)
        except DecodeError as error:
            warn(f"hint {position} is none: {error.message}")
        yield hint


def align(directory: Location, ballots: int, known: Mapping[int, BallotHint] | None = None) -> None:
    """Make the folder, which exists, hold a frame for each of ``ballots`` ballots, and no other.

    For those that are missing, ``known`` has hints by position. Raises :class:`StorageError` if the disk
    does not take it, or something there is no file.
    """
    kept = cut_back(directory, ballots)
    if kept < ballots:
        with SegmentWriter(directory) as segments:
            for position in range(kept, ballots):
                segments.append(frame_of(None if known is None else known.get(position)))


def cut_back(directory: Location, ballots: int) -> int:
    """Keep whole frames from the first on, at most so many; cut off what comes behind.

    Returns the number of frames that are kept. Raises as :func:`align`.
    """
    folder = Folder(directory)
    with Lock(directory):
        kept, number, size = whole_frames(directory, limit=MAX_FRAME_BYTES, most=ballots)
        for name in reversed(folder.names()):
            if segment_number(name) > number or name.endswith(PARTIAL):
                folder.remove(name)
        if number and folder.size(segment_name(number)) > size:
            file = AppendFile(folder.root / segment_name(number), new=False)
            try:
                file.cut(size)
            finally:
                file.close()
    return kept


def whole_frames(directory: Location, *, limit: int, most: int = MAX_COUNT) -> tuple[int, int, int]:
    """How many whole frames there are, at most so many, and in which segment and at which byte they end.

    Only lengths are read. What is torn, empty or beyond ``limit``, or a segment that is missing, ends them.
    """
    folder = Folder(directory)
    count = number = size = 0
    numbers = {segment_number(name) for name in folder.names()}
    while number + 1 in numbers and count < most:
        number += 1
        found, size, end = frames_of_segment(directory, number, limit=limit, most=most - count)
        count += found
        if size < end or not end:
            break
    return count, number, size


def frames_of_segment(
    directory: Location, number: int, *, limit: int, most: int = MAX_COUNT
) -> tuple[int, int, int]:
    """Whole frames of one segment, at most so many, where they end, and where the file ends."""
    folder, name = Folder(directory), segment_name(number)
    stream, end = folder.open(name, buffering=_HEAD_BUFFER)
    count = at = 0
    with stream, sentences(folder.root / name, "read"):
        while at < end and count < most:
            stream.seek(at)
            head = stream.read(LENGTH_BYTES)
            length = int.from_bytes(head, "big")
            whole = len(head) == LENGTH_BYTES and 0 < length <= min(limit, end - at - LENGTH_BYTES)
            if not whole:
                break
            at += LENGTH_BYTES + length
            count += 1
    return count, at, end


class HintWriter:
    """Appends the hints of ballots that are appended beside; for one thread at a time."""

    __slots__ = ("_segments",)

    def __init__(
        self,
        directory: Location,
        ballots: int,
        known: Mapping[int, BallotHint] | None = None,
        *,
        segment_bytes: int = SEGMENT_BYTES,
    ) -> None:
        """In line with the ``ballots`` that there are, as :func:`align` says."""
        Folder(directory).make()
        align(directory, ballots, known)
        self._segments = SegmentWriter(directory, segment_bytes=segment_bytes)

    def append(self, hint: BallotHint | None) -> None:
        """The hint of the next ballot, or none; raises :class:`StorageError`, and nothing is written then."""
        self._segments.append(frame_of(hint))

    def close(self) -> None:
        """Sync and close; closing twice does nothing."""
        self._segments.close()

    def __enter__(self) -> HintWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class HintFiller:
    """Takes the hints of all ballots of a record, the first one first; for one thread.

    What is there and equal stays, so that a program that was stopped writes only the rest; from the first
    difference on everything is written anew. :meth:`close` cuts off what nobody gave. Raises
    :class:`StorageError` if the disk does not take it.
    """

    __slots__ = ("_directory", "_held", "_same", "_segment_bytes", "_segments")

    def __init__(self, directory: Location, *, segment_bytes: int = SEGMENT_BYTES) -> None:
        Folder(directory).make()
        whole = cut_back(directory, MAX_COUNT)
        self._directory = directory
        self._segment_bytes = segment_bytes
        self._held: Iterator[tuple[int, bytes]] = islice(read_frames(directory), whole)
        self._same = 0
        self._segments: SegmentWriter | None = None

    def append(self, hint: BallotHint | None) -> None:
        """The hint of the next ballot, or none; raises :class:`StorageError`."""
        content = frame_of(hint)
        if self._segments is None:
            _, there = next(self._held, (0, b""))
            if there == content:
                self._same += 1
                return
            self._begin()
        if self._segments is not None:
            self._segments.append(content)

    def close(self) -> None:
        """Sync and close; closing twice does nothing."""
        if self._segments is None:
            self._begin()
        if self._segments is not None:
            self._segments.close()

    def _begin(self) -> None:
        """Behind what is equal there is nothing; what comes is appended."""
        self._held = iter(())
        cut_back(self._directory, self._same)
        self._segments = SegmentWriter(self._directory, segment_bytes=self._segment_bytes)
