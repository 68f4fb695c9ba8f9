"""Hint files: commitments beside the ballots, frame i of one for frame i of the other.

Whoever reads them trusts nothing: whatever is wrong with them ends the hints there, with a sentence for
the reader, and the ballots behind are verified without. Whoever writes them first brings them in line
with the ballots (:func:`align`): what a crash tore is cut off, and what is missing becomes a frame that
says that there is no hint. Nothing here touches the ballots (``specs/record-format.md#hints``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import TracebackType

from evote.ballots.hints import BallotHint, frame_of
from evote.errors import DecodeError, StorageError
from evote.record.files import AppendFile, Location, Lock, sentences
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


def align(directory: Location, ballots: int, known: Mapping[int, BallotHint] | None = None) -> int:
    """Make the folder, which exists, hold a frame for each of ``ballots`` ballots, and no other.

    Whole frames from the first on stay; what comes behind a break, or behind the last ballot, is cut off.
    For those that are missing, ``known`` has hints by position. Returns the number of frames that
    stayed. Raises :class:`StorageError` if the disk does not take it, or something there is no file.
    """
    folder = Folder(directory)
    with Lock(directory):
        kept, number, size = _whole_frames(folder, ballots)
        for name in reversed(folder.names()):
            if segment_number(name) > number:
                folder.remove(name)
        if number and folder.size(segment_name(number)) > size:
            file = AppendFile(folder.root / segment_name(number), new=False)
            try:
                file.cut(size)
            finally:
                file.close()
    if kept < ballots:
        with SegmentWriter(directory) as segments:
            for position in range(kept, ballots):
                segments.append(frame_of(None if known is None else known.get(position)))
    return kept


def count_frames(directory: Location) -> int:
    """The number of frames in a folder of segments, by their lengths alone.

    Raises :class:`DecodeError` where they are torn, or a segment is missing.
    """
    folder = Folder(directory)
    count, number, size = _whole_frames(folder, None)
    names = [name for name in folder.names() if segment_number(name)]
    if names and (segment_number(names[-1]) != number or folder.size(names[-1]) != size):
        raise DecodeError("the frames end in the middle of a file", f"{folder.root.name}/{names[-1]}")
    return count


def _whole_frames(folder: Folder, most: int | None) -> tuple[int, int, int]:
    """How many whole frames there are, at most so many, and with how many bytes of which segment they end."""
    count = number = size = 0
    numbers = {segment_number(name) for name in folder.names()}
    while number + 1 in numbers and (most is None or count < most):
        number += 1
        stream, end = folder.open(segment_name(number), buffering=_HEAD_BUFFER)
        size = 0
        with stream, sentences(folder.root / segment_name(number), "read"):
            while size < end and (most is None or count < most):
                head = stream.read(LENGTH_BYTES)
                length = int.from_bytes(head, "big")
                if len(head) < LENGTH_BYTES or not length or size + LENGTH_BYTES + length > end:
                    return count, number, size
                size += LENGTH_BYTES + length
                count += 1
                stream.seek(size)
        if size < end or not end:
            break
    return count, number, size


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
