"""Reading a record: what is there is given, what is not of its form is named."""

from __future__ import annotations

import functools
import os
import shutil
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evote.ballots.values import SubmittedBallot
from evote.codec import encode
from evote.errors import DecodeError, StorageError, VerificationError
from evote.hashing import sha256
from evote.manifest import ManifestError
from evote.record import layout
from evote.record.election import load_election, load_setup, parameters_file
from evote.record.reader import RecordReader
from evote.record.segments import SegmentWriter, frame_bytes, read_frames
from evote.record.values import ParametersFile
from evote.testing.groups import toy, toy48
from tests.record.kit import GROUPS, begin, small, write_final
from tests.record.mutations import spoiled

READ: dict[str, Callable[[RecordReader], Any]] = {
    "parameters.msgpack": RecordReader.parameters,
    "guardians.msgpack": RecordReader.guardians,
    "keys.msgpack": RecordReader.keys,
    "devices.msgpack": RecordReader.devices,
    "tally.msgpack": RecordReader.tally,
    "decryption.msgpack": RecordReader.decryption,
}
FRAMED: dict[str, Callable[[RecordReader], Any]] = {
    "ballots": RecordReader.ballots,
    "openings": RecordReader.openings,
    "data": RecordReader.contest_data,
}


@pytest.fixture(scope="module")
def final(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole record; not to be changed."""
    directory = tmp_path_factory.mktemp("final") / "record"
    write_final(directory)
    return directory


@pytest.fixture
def record(final: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(final, tmp_path / "record"))


def opened(directory: Path) -> RecordReader:
    return RecordReader(directory, GROUPS)


# --- what was written is what is read ----------------------------------------------------------------


def test_every_file_gives_the_value_that_was_written(final: Path) -> None:
    kit, published = small()
    reader = opened(final)
    assert reader.manifest_bytes() == kit.manifest.raw
    assert reader.manifest() == kit.manifest
    assert reader.parameters() == published.parameters
    assert reader.guardians() == published.guardians
    assert reader.keys() == published.keys
    assert reader.devices() == published.devices
    assert reader.tally() == published.tally
    assert reader.decryption() == published.decryption
    assert [value for _, _, value in reader.ballots()] == published.submitted
    assert [frame for _, frame, _ in reader.ballots()] == [encode(ballot) for ballot in published.submitted]
    assert [position for position, _, _ in reader.ballots()] == list(range(6))
    assert [value for _, _, value in reader.openings()] == published.openings
    assert [value for _, _, value in reader.contest_data()] == published.data
    assert [value for _, _, value in reader.ballots(first=4)] == published.submitted[4:]
    assert reader.group() is toy()
    assert reader.latest_index() is not None


def test_the_files_of_a_final_record_are_those_of_the_layout(final: Path) -> None:
    found = opened(final).files()
    assert all(item.regular and layout.kind_of(item.path) for item in found)
    assert set(layout.REQUIRED[layout.Stage.FINAL]) <= {item.path for item in found}


def test_digests_are_those_of_the_files(final: Path) -> None:
    reader = opened(final)
    for item in reader.files():
        data = (final / item.path).read_bytes()
        assert reader.file_digest(item.path) == (len(data), sha256(data))
        assert reader.file_digest(item.path, 10) == (10, sha256(data[:10]))
        with pytest.raises(StorageError, match="bytes, not"):
            reader.file_digest(item.path, len(data) + 1)


def test_no_ballot_is_longer_than_the_manifest_allows(final: Path) -> None:
    kit, published = small()
    limit = layout.largest_ballot(kit.manifest, kit.group.element_bytes)
    assert all(len(encode(ballot)) < limit for ballot in published.submitted)
    assert limit < 50 * max(len(encode(ballot)) for ballot in published.submitted)


# --- what is not there -------------------------------------------------------------------------------


def test_a_folder_that_is_no_record_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"absent is not a folder; give the folder of a record"):
        RecordReader(tmp_path / "absent")
    with pytest.raises(StorageError, match=r"has no manifest.json, so it is not a record; check the path"):
        RecordReader(tmp_path)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="is not a folder"):
        RecordReader(tmp_path / "file")


@pytest.mark.parametrize("name", READ)
def test_an_absent_file_is_named(record: Path, name: str) -> None:
    (record / name).unlink()
    with pytest.raises(StorageError, match=f"{name} does not exist"):
        READ[name](opened(record))


def test_a_record_without_ballots_has_none(tmp_path: Path) -> None:
    begin(tmp_path / "record")
    reader = opened(tmp_path / "record")
    assert [*reader.ballots(), *reader.openings(), *reader.contest_data()] == []
    assert reader.indexes() == []
    assert reader.latest_index() is None
    assert not reader.has("tally.msgpack")


@pytest.mark.parametrize("name", ["../x", "other.msgpack", "ballots/000001.seg", "ballots", ""])
def test_only_files_of_a_record_are_read(final: Path, name: str) -> None:
    with pytest.raises(ValueError):
        opened(final).raw(name)


def test_files_are_not_read_through_links(record: Path) -> None:
    (record / "keys.msgpack").rename(record.parent / "elsewhere")
    (record / "keys.msgpack").symlink_to(record.parent / "elsewhere")
    with pytest.raises(StorageError, match="is a symbolic link"):
        opened(record).keys()
    (record / "ballots").rename(record.parent / "other")
    (record / "ballots").symlink_to(record.parent / "other")
    reader = opened(record)
    with pytest.raises(StorageError, match="is a symbolic link"):
        list(reader.ballots())
    assert {item.path for item in reader.files() if not item.regular} == {"ballots", "keys.msgpack"}


# --- bytes that are not of their form ----------------------------------------------------------------


@pytest.mark.parametrize("name", READ)
def test_spoiled_bytes_in_a_single_file_are_refused_with_its_name(record: Path, name: str) -> None:
    good = (record / name).read_bytes()
    for how, data in spoiled(good):
        (record / name).write_bytes(data)
        with pytest.raises(DecodeError) as caught:
            READ[name](opened(record))
        assert caught.value.where.startswith((name, "parameters.msgpack")), how
        assert caught.value.message


@pytest.mark.parametrize("name", READ)
def test_a_single_file_cut_anywhere_is_refused(record: Path, name: str) -> None:
    good = (record / name).read_bytes()
    for size in range(0, len(good), max(1, len(good) // 50)):
        (record / name).write_bytes(good[:size])
        with pytest.raises(DecodeError):
            READ[name](opened(record))


@pytest.mark.parametrize("name", [*READ, "manifest.json", "result.json", "result.csv"])
def test_a_file_beyond_its_limit_is_refused_unread(record: Path, name: str) -> None:
    with open(record / name, "ab") as file:
        file.truncate(layout.LIMITS[name] + 1)
    reader = opened(record)
    tracemalloc.start()
    try:
        with pytest.raises(DecodeError, match=f"{name}: .* bytes are more than the limit"):
            READ.get(name, functools.partial(RecordReader.raw, name=name))(reader)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * 1024 * 1024


@pytest.mark.parametrize("folder", FRAMED)
def test_spoiled_bytes_in_a_frame_are_named_and_the_next_frame_is_read(record: Path, folder: str) -> None:
    frames = [frame for _, frame in read_frames(record / folder)]
    for how, data in spoiled(frames[0]):
        if not data:
            continue  # an empty frame is none; see the tests of segments
        shutil.rmtree(record / folder)
        with SegmentWriter(record / folder) as writer:
            for frame in (frames[0], data, *frames[1:]):
                writer.append(frame)
        read = list(FRAMED[folder](opened(record)))
        assert [position for position, _, _ in read] == list(range(len(frames) + 1))
        error = read[1][2]
        assert isinstance(error, DecodeError), how
        assert error.where.startswith(f"{folder}, frame 1"), how
        assert read[1][1] == data
        assert [frame for place, (_, frame, _) in enumerate(read) if place != 1] == frames
        assert not any(
            isinstance(value, DecodeError) for place, (_, _, value) in enumerate(read) if place != 1
        )


@pytest.mark.parametrize("folder", FRAMED)
def test_a_torn_frame_ends_the_stream_with_an_error(record: Path, folder: str) -> None:
    whole = len(list(read_frames(record / folder)))
    last = sorted(os.listdir(record / folder))[-1]
    with open(record / folder / last, "ab") as file:
        file.write(frame_bytes(b"abc")[:-1])
    size = (record / folder / last).stat().st_size - 6
    values = []
    with pytest.raises(DecodeError) as caught:
        for _, _, value in FRAMED[folder](opened(record)):
            values.append(value)
    assert len(values) == whole
    assert (
        str(caught.value)
        == f"{folder}/{last} at byte {size}: the file ends inside a frame, after 2 of 3 bytes"
    )


def test_a_frame_of_another_kind_is_no_ballot(record: Path) -> None:
    _, published = small()
    with SegmentWriter(record / "ballots") as writer:
        writer.append(encode(published.openings[0]))
    *_, (_, _, last) = opened(record).ballots()
    assert isinstance(last, DecodeError)


def test_spoiled_indexes_are_given_as_their_error(record: Path) -> None:
    path = record / "index" / "000001.msgpack"
    good = path.read_bytes()
    for how, data in spoiled(good):
        path.write_bytes(data)
        reader = opened(record)
        [(name, raw, error)] = reader.indexes()
        assert (name, raw) == ("index/000001.msgpack", data)
        assert isinstance(error, DecodeError) and error.where.startswith(name), how
        with pytest.raises(DecodeError):
            reader.latest_index()


@pytest.mark.parametrize("size", [0, 10, 200])
def test_a_manifest_cut_off_is_refused_with_its_name(record: Path, size: int) -> None:
    (record / "manifest.json").write_bytes((record / "manifest.json").read_bytes()[:size])
    with pytest.raises(DecodeError, match=r"manifest\.json: not JSON"):
        opened(record).manifest()


def test_a_group_that_is_not_known_is_named_and_its_elements_still_have_a_width(record: Path) -> None:
    reader = RecordReader(record)
    with pytest.raises(
        DecodeError, match=r"parameters.msgpack: the group 'toy-64-256' is not known; known are"
    ):
        reader.group()
    assert reader.element_bytes == 32
    assert isinstance(next(reader.ballots())[2], SubmittedBallot)


# --- memory ------------------------------------------------------------------------------------------


def test_ballots_are_streamed_in_bounded_memory(record: Path) -> None:
    _, published = small()
    frame = encode(published.submitted[0])
    with SegmentWriter(record / "ballots", segment_bytes=10**6) as writer:
        for _ in range(2000):
            writer.append(frame)
    reader = opened(record)
    next(reader.ballots())  # what is compiled once per type is not counted
    tracemalloc.start()
    try:
        count = sum(1 for _ in reader.ballots())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 2006
    assert len(frame) * count > 5 * 10**6
    assert peak < 2 * 10**6


# --- the election of a record ------------------------------------------------------------------------


def rewrite(record: Path, **changes: Any) -> None:
    """State something else in the parameters."""
    stated = opened(record).parameters()
    fields = {name: getattr(stated, name) for name in ParametersFile.__slots__} | changes
    (record / "parameters.msgpack").write_bytes(encode(ParametersFile(**fields)))


def test_the_election_of_a_record_is_the_one_that_was_held(final: Path) -> None:
    kit, _ = small()
    election = load_election(opened(final), window=1)
    assert election.extended_hash == kit.election.extended_hash
    assert election.vote_key.base.encode() == kit.keys.vote_key
    assert load_election(RecordReader(final), GROUPS, window=1).fingerprint == election.fingerprint


def test_a_record_in_setup_has_parameters_and_manifest(tmp_path: Path) -> None:
    kit, _ = small()
    begin(tmp_path / "record")
    (tmp_path / "record" / "keys.msgpack").unlink()
    parameters, manifest = load_setup(opened(tmp_path / "record"))
    assert (parameters, manifest) == (kit.parameters, kit.manifest)


@pytest.mark.parametrize(
    ("check", "changes"),
    [
        ("1.A", {"version": "v2.0.0"}),
        ("1.B", {"p": b"\x01" * 32}),
        ("1.C", {"q": b"\x01"}),
        ("1.C", {"q": b"\x00" + toy().order.to_bytes(8, "big")}),
        ("1.D", {"g": b"\x01" * 32}),
        ("1.E", {"parameter_hash": bytes(32)}),
        ("1.E", {"guardians": 4}),
        ("1.F", {"base_hash": bytes(32)}),
        ("", {"quorum": 4}),
    ],
)
def test_parameters_that_do_not_fit_are_refused(record: Path, check: str, changes: dict[str, Any]) -> None:
    rewrite(record, **changes)
    with pytest.raises(VerificationError) as caught:
        load_election(opened(record))
    assert caught.value.check == check
    assert caught.value.where.startswith("parameters.msgpack")


def test_a_group_under_a_wrong_name_is_refused(record: Path) -> None:
    with pytest.raises((VerificationError, DecodeError)):
        load_election(RecordReader(record, {toy().name: toy48()}))


@pytest.mark.parametrize(
    ("check", "name"), [("3.A", "vote_key"), ("3.B", "data_key"), ("4.A", "extended_hash")]
)
def test_keys_that_do_not_fit_are_refused(record: Path, check: str, name: str) -> None:
    kit, published = small()
    keys = {
        "vote_key": kit.keys.vote_key,
        "data_key": kit.keys.data_key,
        "extended_hash": kit.keys.extended_hash,
    }
    keys[name] = keys[name][::-1]
    (record / "keys.msgpack").write_bytes(encode(type(published.keys)(**keys)))
    with pytest.raises(VerificationError) as caught:
        load_election(opened(record))
    assert caught.value.check == check


def test_another_manifest_is_refused(record: Path) -> None:
    raw = (record / "manifest.json").read_bytes()
    (record / "manifest.json").write_bytes(raw.replace(b"Ada", b"Bob"))
    with pytest.raises(VerificationError) as caught:
        load_election(opened(record))
    assert caught.value.check == "1.F"
    (record / "manifest.json").write_bytes(raw.replace(b'"Grace"', b'"Ada"'))
    with pytest.raises(ManifestError, match="labels are unique"):
        load_election(opened(record))


def test_parameters_are_written_as_the_specification_hashes_them() -> None:
    kit, published = small()
    stated = parameters_file(kit.parameters, kit.manifest)
    assert stated == published.parameters
    assert stated.p == toy().modulus.to_bytes(32, "big")  # type: ignore[attr-defined]
