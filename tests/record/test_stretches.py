"""Stretches are cut by number of frames, and every byte of them is digested once."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evote.errors import DecodeError, StorageError
from evote.hashing import sha256
from evote.record import RecordReader, layout
from evote.record.files import CHUNK_BYTES
from evote.record.folder import Folder
from evote.record.segments import SegmentWriter, frame_bytes, read_frames
from evote.record.stretches import Survey, frames_of, read_stretch, survey
from tests.record.kit import GROUPS, write_final

CONTENTS = st.lists(st.binary(min_size=1, max_size=40), max_size=12)


def write(folder: Path, contents: list[bytes], segment_bytes: int = 60) -> Path:
    with SegmentWriter(folder, segment_bytes=segment_bytes) as segments:
        for content in contents:
            segments.append(content)
    return folder


def contents_of(folder: Path, found: Survey) -> list[bytes]:
    """What is read again by the stretches."""
    read = []
    for stretch in found.stretches:
        data, pieces = read_stretch(folder, stretch.pieces)
        assert pieces == stretch.pieces
        held = [content for piece in data for _, content in frames_of(piece)]
        assert len(held) == stretch.frames and stretch.first == len(read)
        read += held
    return read


@settings(max_examples=60)
@given(CONTENTS, st.integers(1, 5), st.integers(1, 90))
def test_stretches_hold_every_frame_once_in_order(
    contents: list[bytes], frames: int, segment_bytes: int
) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = write(Path(place) / "ballots", contents, segment_bytes)
        found = survey(folder, frames=frames)
        assert found.fault is None and found.frames == len(contents)
        assert contents_of(folder, found) == contents
        assert [stretch.number for stretch in found.stretches] == list(range(len(found.stretches)))
        assert all(stretch.frames == frames for stretch in found.stretches[:-1])
        # Where a stretch lies does not depend on how the others were cut.
        whole = b"".join(path.read_bytes() for path in sorted(folder.iterdir()))
        assert b"".join(b"".join(read_stretch(folder, s.pieces)[0]) for s in found.stretches) == whole
        for stretch in found.stretches:
            for prefix in stretch.prefixes:
                data = (folder / prefix.segment).read_bytes()[: prefix.size]
                assert prefix.digest == sha256(data)


@settings(max_examples=80)
@given(CONTENTS, st.integers(1, 4), st.data())
def test_a_survey_ends_where_reading_ends_and_says_the_same(
    contents: list[bytes], frames: int, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = write(Path(place) / "ballots", contents or [b"x"])
        path = data.draw(st.sampled_from(sorted(folder.iterdir())))
        held = bytearray(path.read_bytes())
        match data.draw(st.sampled_from(["cut", "byte", "more", "gone"])):
            case "cut":
                held = held[: data.draw(st.integers(0, len(held)))]
            case "byte":
                held[data.draw(st.integers(0, len(held) - 1))] ^= data.draw(st.integers(1, 255))
            case "more":
                held += data.draw(st.binary(min_size=1, max_size=9))
        path.write_bytes(held)
        if data.draw(st.booleans()):
            path.unlink()
        read: list[bytes] = []
        fault = ""
        try:
            for _, content in read_frames(folder, limit=45):
                read.append(content)
        except DecodeError as error:
            fault = str(error)
        found = survey(folder, frames=frames, limit=45)
        assert str(found.fault or "") == fault
        assert contents_of(folder, found) == read


def test_digests_of_files_and_of_their_prefixes_are_those_of_the_bytes(tmp_path: Path) -> None:
    folder = write(tmp_path / "ballots", [bytes((number,)) * 30 for number in range(5)], 70)
    sizes = {"000001.seg": (0, 1, 10, 68, 999), "000002.seg": (33,)}
    found = survey(folder, frames=2, sizes=sizes)
    for path in folder.iterdir():
        data = path.read_bytes()
        wanted = {size for size in (*sizes.get(path.name, ()), len(data)) if size <= len(data)}
        assert found.files[path.name] == (len(data), {size: sha256(data[:size]) for size in wanted})


def test_a_segment_that_becomes_shorter_while_it_is_surveyed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "ballots", [b"one", b"two"])
    look = Folder.open

    def longer(self: Folder, name: str, *, buffering: int = CHUNK_BYTES) -> tuple[BinaryIO, int]:
        stream, size = look(self, name, buffering=buffering)
        return stream, size + 5

    monkeypatch.setattr(Folder, "open", longer)
    with pytest.raises(StorageError, match="became shorter"):
        survey(folder, frames=1)


def test_an_empty_segment_ends_the_frames_unless_it_is_the_last(tmp_path: Path) -> None:
    folder = write(tmp_path / "ballots", [bytes((number,)) * 30 for number in range(1, 6)], 70)
    assert sorted(path.name for path in folder.iterdir()) == ["000001.seg", "000002.seg", "000003.seg"]
    (folder / "000003.seg").write_bytes(b"")
    assert survey(folder, frames=2).fault is None
    (folder / "000002.seg").write_bytes(b"")
    found = survey(folder, frames=2)
    assert found.frames == 2 and "another follows" in str(found.fault)


def test_what_lies_behind_a_broken_frame_is_digested_too(tmp_path: Path) -> None:
    folder = write(tmp_path / "ballots", [b"one", b"two"])
    path = folder / "000001.seg"
    path.write_bytes(path.read_bytes() + bytes(4) + b"behind")
    found = survey(folder, frames=10)
    assert found.frames == 2 and "empty" in str(found.fault)
    assert found.files[path.name][1][len(path.read_bytes())] == sha256(path.read_bytes())


@pytest.mark.parametrize(("most", "frames", "read"), [(0, 0, 0), (1, 1, 1), (3, 3, 2), (4, 4, 2), (99, 5, 3)])
def test_nothing_is_read_behind_the_most_frames_that_are_asked_for(
    most: int, frames: int, read: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "hints", [bytes((number,)) * 26 for number in range(1, 6)])
    opened: list[str] = []
    look = Folder.open

    def counting(self: Folder, name: str, *, buffering: int = CHUNK_BYTES) -> tuple[BinaryIO, int]:
        opened.append(name)
        return look(self, name, buffering=buffering)

    monkeypatch.setattr(Folder, "open", counting)
    found = survey(folder, frames=2, most=most)
    assert (found.frames, len(opened), found.fault, found.files) == (frames, read, None, {})
    assert found.stretches == survey(folder, frames=2).stretches[: -(-frames // 2)] or frames % 2
    assert [len(content) for content in contents_of(folder, found)] == [26] * frames


def test_with_a_most_nothing_is_read_behind_a_fault(tmp_path: Path) -> None:
    folder = write(tmp_path / "hints", [b"one"])
    path = folder / "000001.seg"
    with path.open("ab") as file:
        file.truncate(1 << 40)  # reading a terabyte of nothing would take an hour
    found = survey(folder, frames=10, most=99)
    assert found.frames == 1 and "empty" in str(found.fault)


def test_a_folder_that_is_not_there_has_no_stretch(tmp_path: Path) -> None:
    assert survey(tmp_path / "none", frames=1) == Survey((), None, {})


def test_a_stretch_of_no_frames_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError):
        survey(tmp_path, frames=0)


def test_a_stretch_that_became_shorter_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path / "ballots", [b"one", b"two"])
    found = survey(folder, frames=10)
    path = folder / "000001.seg"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(StorageError, match="changed while"):
        read_stretch(folder, found.stretches[0].pieces)


@pytest.mark.parametrize("data", [b"\x00\x00\x00\x00", b"\x00\x00\x00\x05abc", b"\x00"])
def test_bytes_that_are_no_frames_are_no_piece(data: bytes) -> None:
    with pytest.raises(ValueError):
        list(frames_of(frame_bytes(b"right") + data))


def test_a_watched_record_is_not_digested_a_second_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = write_final(tmp_path / "record")
    path = f"{layout.BALLOTS}/000001.seg"
    size, digest = reader.file_digest(path)
    watched = RecordReader(tmp_path / "record", GROUPS)
    watched.watch()
    watched.survey(layout.BALLOTS, frames=2, sizes={"000001.seg": [7]})
    data = (tmp_path / "record" / path).read_bytes()

    def never(*_: object) -> None:
        raise AssertionError("the file is read again")

    with monkeypatch.context() as patch:
        patch.setattr("evote.record.folder.Folder.digests", never)
        assert watched.digests(path, [7, size, size + 1]) == (size, {7: sha256(data[:7]), size: digest})
    assert watched.digests(path, [8])[1][8] == sha256(data[:8])
    (tmp_path / "record" / path).write_bytes(data[::-1])
    with pytest.raises(StorageError, match="changed while"):
        watched.survey(layout.BALLOTS, frames=2)
