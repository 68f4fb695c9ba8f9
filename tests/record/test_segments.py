"""Segments: what was written stays a valid prefix, whatever happens."""

from __future__ import annotations

import itertools
import os
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evote.errors import DecodeError, StorageError
from evote.record.segments import Recovered, SegmentWriter, frame_bytes, read_frames, recover
from tests.record.test_files import full_disk

CONTENTS = [b"a", b"bcd", b"e" * 300, b"fg", b"h" * 20]


def write(directory: Path, contents: list[bytes] = CONTENTS, *, segment_bytes: int = 10**6) -> None:
    with SegmentWriter(directory, segment_bytes=segment_bytes) as writer:
        for content in contents:
            writer.append(content)


def read(directory: Path, *, limit: int = 1000) -> tuple[list[bytes], DecodeError | None]:
    """The frames up to the error, and the error."""
    contents = []
    frames = read_frames(directory, limit=limit)
    while True:
        try:
            position, content = next(frames)
        except StopIteration:
            return contents, None
        except DecodeError as error:
            assert next(frames, None) is None
            return contents, error
        assert position == len(contents)
        contents.append(content)


# --- writing and reading -----------------------------------------------------------------------------


def test_frames_are_read_back_in_order(tmp_path: Path) -> None:
    write(tmp_path / "ballots")
    assert read(tmp_path / "ballots") == (CONTENTS, None)
    assert os.listdir(tmp_path / "ballots") == ["000001.seg"]


def test_a_frame_is_its_length_and_its_content(tmp_path: Path) -> None:
    write(tmp_path, [b"ab", b"c"])
    assert (tmp_path / "000001.seg").read_bytes() == b"\x00\x00\x00\x02ab\x00\x00\x00\x01c"


def test_a_folder_that_does_not_exist_has_no_frames(tmp_path: Path) -> None:
    assert read(tmp_path / "absent") == ([], None)


@given(
    contents=st.lists(st.binary(min_size=1, max_size=40), max_size=20),
    segment_bytes=st.integers(1, 100),
    stops=st.sets(st.integers(0, 20)),
)
def test_segments_hold_the_frames_however_they_are_split_and_resumed(
    tmp_path_factory: pytest.TempPathFactory, contents: list[bytes], segment_bytes: int, stops: set[int]
) -> None:
    directory = tmp_path_factory.mktemp("segments")
    for begin, end in itertools.pairwise(
        sorted({0, len(contents), *(s for s in stops if s < len(contents))})
    ):
        write(directory, contents[begin:end], segment_bytes=segment_bytes)
    assert read(directory) == (contents, None)
    for name in os.listdir(directory):
        path = directory / name
        assert path.stat().st_size <= segment_bytes or len(path.read_bytes()) == 4 + len(
            contents[_frames_before(directory, name)]
        )


def _frames_before(directory: Path, name: str) -> int:
    """How many frames the segments before ``name`` hold."""
    count = 0
    for other in sorted(os.listdir(directory)):
        if other == name:
            break
        data, at = (directory / other).read_bytes(), 0
        while at < len(data):
            at += 4 + int.from_bytes(data[at : at + 4], "big")
            count += 1
    return count


def test_reading_starts_where_it_is_told_to(tmp_path: Path) -> None:
    write(tmp_path, segment_bytes=50)
    for first in range(len(CONTENTS) + 2):
        assert list(read_frames(tmp_path, first=first)) == list(enumerate(CONTENTS))[first:]


def test_files_of_other_names_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path)
    for name in ("000002.seg.bak", "2.seg", "notes", "0000002.seg"):
        (tmp_path / name).write_bytes(b"x")
    assert read(tmp_path) == (CONTENTS, None)


@pytest.mark.parametrize("content", [b"", b"x" * 11])
def test_a_frame_that_no_reader_accepts_is_not_written(tmp_path: Path, content: bytes) -> None:
    with SegmentWriter(tmp_path, limit=10) as writer:
        with pytest.raises(ValueError):
            writer.append(content)
    assert os.listdir(tmp_path) == []


def test_a_closed_writer_takes_nothing_more(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path)
    writer.close()
    writer.close()
    with pytest.raises(ValueError, match="is closed"):
        writer.append(b"x")
    assert os.listdir(tmp_path) == []


def test_a_folder_has_one_writer_at_a_time(tmp_path: Path) -> None:
    with SegmentWriter(tmp_path) as writer:
        with pytest.raises(StorageError, match="is being written by somebody else"):
            SegmentWriter(tmp_path)
        writer.append(b"x")
        with pytest.raises(StorageError, match="is being written by somebody else"):
            recover(tmp_path)
    SegmentWriter(tmp_path).close()


# --- bytes that are no frames ------------------------------------------------------------------------


def test_a_segment_that_is_missing_is_named(tmp_path: Path) -> None:
    directory = tmp_path / "ballots"
    write(directory, segment_bytes=1)
    (directory / "000003.seg").unlink()
    with pytest.raises(DecodeError, match=r"ballots/000003.seg: the segment is missing"):
        next(read_frames(directory))
    with pytest.raises(DecodeError, match="is missing"):
        SegmentWriter(directory)


@pytest.mark.parametrize(
    ("tail", "message"),
    [
        (b"\x00\x00\x00\x00", "the frame is empty"),
        (b"\x00\x00\x00\x65" + b"x" * 0x65, "the frame has 101 bytes, more than the limit of 100"),
        (b"\xff\xff\xff\xff", "the frame has 4294967295 bytes, more than the limit of 100"),
        (b"\x00\x00\x00\x05abcd", "the file ends inside a frame, after 4 of 5 bytes"),
        (b"\x00\x00\x00", "the file ends inside the length of a frame, after 3 of 4 bytes"),
    ],
)
def test_what_is_no_frame_is_named_with_file_and_offset(tmp_path: Path, tail: bytes, message: str) -> None:
    directory = tmp_path / "ballots"
    write(directory, [b"ab"])
    with open(directory / "000001.seg", "ab") as file:
        file.write(tail)
    contents, error = read(directory, limit=100)
    assert contents == [b"ab"]
    assert str(error) == f"ballots/000001.seg at byte 6: {message}"


def test_an_empty_segment_is_refused_before_another_and_not_at_the_end(tmp_path: Path) -> None:
    directory = tmp_path / "ballots"
    write(directory, segment_bytes=1)
    (directory / "000006.seg").write_bytes(b"")
    assert read(directory) == (CONTENTS, None)
    (directory / "000002.seg").write_bytes(b"")
    contents, error = read(directory)
    assert contents == CONTENTS[:1]
    assert str(error) == "ballots/000002.seg: the segment is empty, and another follows"


# --- crashes -----------------------------------------------------------------------------------------


def test_a_segment_cut_anywhere_is_a_valid_prefix_and_then_one_error(tmp_path: Path) -> None:
    write(tmp_path / "whole")
    data = (tmp_path / "whole" / "000001.seg").read_bytes()
    borders = list(itertools.accumulate((len(frame_bytes(content)) for content in CONTENTS), initial=0))
    for size in range(len(data) + 1):
        directory = tmp_path / f"cut{size}"
        directory.mkdir()
        (directory / "000001.seg").write_bytes(data[:size])
        whole = sum(border <= size for border in borders) - 1
        contents, error = read(directory)
        assert contents == CONTENTS[:whole]
        torn = size - borders[whole]
        if not torn:
            assert error is None
            SegmentWriter(directory).close()
            assert recover(directory) == Recovered("000001.seg", whole, 0)
        else:
            assert error is not None
            assert error.where == f"cut{size}/000001.seg at byte {borders[whole]}"
            with pytest.raises(StorageError, match=f"recover the record first, .* the last {torn} bytes"):
                SegmentWriter(directory)
            assert (directory / "000001.seg").read_bytes() == data[:size]
            assert recover(directory) == Recovered("000001.seg", whole, torn)
        assert (directory / "000001.seg").read_bytes() == data[: borders[whole]]
        write(directory, CONTENTS[whole:])
        assert (directory / "000001.seg").read_bytes() == data


def test_a_tail_of_zeros_is_cut_off_too(tmp_path: Path) -> None:
    write(tmp_path)
    with open(tmp_path / "000001.seg", "ab") as file:
        file.write(bytes(100))
    assert recover(tmp_path) == Recovered("000001.seg", len(CONTENTS), 100)
    assert read(tmp_path) == (CONTENTS, None)


def test_sealed_bytes_are_never_cut(tmp_path: Path) -> None:
    directory = tmp_path / "ballots"
    write(directory)
    before = (directory / "000001.seg").read_bytes()
    damaged = before[:5] + b"\x00\x00\x00\x00" + before[9:]
    (directory / "000001.seg").write_bytes(damaged)
    with pytest.raises(StorageError, match=r"damaged at byte 5, inside what is already sealed .12 bytes"):
        recover(directory, keep=12)
    assert (directory / "000001.seg").read_bytes() == damaged


def test_recovering_nothing_does_nothing(tmp_path: Path) -> None:
    assert recover(tmp_path) == Recovered("", 0, 0)
    assert recover(tmp_path / "absent") == Recovered("", 0, 0)


@pytest.mark.parametrize("room", range(24))
def test_a_full_disk_keeps_every_frame_that_was_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    writer = SegmentWriter(tmp_path, segment_bytes=12)
    accepted = []
    with monkeypatch.context() as patched:
        full_disk(patched, room)
        with pytest.raises(StorageError, match="the disk is full; free some space and try again"):
            for content in (b"abc", b"de", b"fghij", b"klm"):
                writer.append(content)
                accepted.append(content)
    assert read(tmp_path) == (accepted, None)
    writer.append(b"later")
    writer.close()
    assert read(tmp_path) == ([*accepted, b"later"], None)


def test_an_interrupt_keeps_every_frame_that_was_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = os.write, itertools.count()

    def write_some(handle: int, data: bytes) -> int:
        if next(calls) == 2:
            real(handle, data[:3])
            raise KeyboardInterrupt
        return real(handle, data)

    monkeypatch.setattr(os, "write", write_some)
    with pytest.raises(KeyboardInterrupt), SegmentWriter(tmp_path) as writer:
        for content in CONTENTS:
            writer.append(content)
    assert read(tmp_path) == (CONTENTS[:2], None)
    SegmentWriter(tmp_path).close()


def test_each_frame_is_one_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, written = os.write, []

    def counted(handle: int, data: bytes) -> int:
        written.append(bytes(data))
        return real(handle, data)

    monkeypatch.setattr(os, "write", counted)
    write(tmp_path)
    assert written == [frame_bytes(content) for content in CONTENTS]


# --- memory ------------------------------------------------------------------------------------------


def test_thousands_of_frames_are_streamed_in_bounded_memory(tmp_path: Path) -> None:
    content = bytes(range(1, 251)) * 40  # 10 kB
    with SegmentWriter(tmp_path, segment_bytes=5 * 10**6) as writer:
        for _ in range(4000):
            writer.append(content)
    assert len(os.listdir(tmp_path)) == 9
    tracemalloc.start()
    try:
        count = sum(1 for _ in read_frames(tmp_path))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 4000
    assert peak < 4 * 1024 * 1024  # of 40 MB


def test_a_length_that_lies_allocates_nothing(tmp_path: Path) -> None:
    (tmp_path / "000001.seg").write_bytes((2**31).to_bytes(4, "big") + b"abc")
    tracemalloc.start()
    try:
        with pytest.raises(DecodeError, match="ends inside a frame, after 3 of 2147483648 bytes"):
            list(read_frames(tmp_path, limit=2**32))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * 1024 * 1024
