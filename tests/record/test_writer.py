"""Writing a record: whole or not at all, nothing twice, nothing that a reader would refuse."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evote.ceremony import Setting, joint_keys
from evote.codec import encode
from evote.errors import DecodeError, RefusedError, StorageError
from evote.manifest import Manifest, base_hash, parameter_base_hash
from evote.record.closing import closing_head
from evote.record.index import examine_indexes, open_index
from evote.record.reader import RecordReader
from evote.record.segments import SegmentWriter, frame_bytes, read_frames
from evote.record.values import DevicesFile, SealedIndex, Stage
from evote.record.writer import RecordWriter, Repair
from evote.signing import SigningKey
from evote.tally import ClosingHead
from evote.testing.elections import SMALL
from tests.record.kit import DATES, GROUPS, begin, finish, seal, small, vote, write_final, write_grown
from tests.record.test_files import full_disk


def files(directory: Path) -> dict[str, bytes]:
    """Every file with its bytes."""
    return {
        str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()
    }


def clean(directory: Path) -> bool:
    """Whether the record is what its indexes seal."""
    kit, _ = small()
    key, fingerprint = kit.authority.verify_key.encoded, kit.election.extended_hash
    return not list(examine_indexes(RecordReader(directory, GROUPS), key=key, fingerprint=fingerprint))


# --- beginning ---------------------------------------------------------------------------------------


def test_a_new_record_has_manifest_and_parameters(tmp_path: Path) -> None:
    kit, published = small()
    RecordWriter.create(tmp_path / "new" / "record", kit.manifest, kit.parameters)
    assert files(tmp_path / "new" / "record") == {
        "manifest.json": kit.manifest.raw,
        "parameters.msgpack": encode(published.parameters),
    }


def test_a_record_is_not_begun_in_a_folder_that_has_something(tmp_path: Path) -> None:
    kit, _ = small()
    (tmp_path / "mine").write_bytes(b"x")
    with pytest.raises(RefusedError, match="is not empty; choose a new folder for the record"):
        RecordWriter.create(tmp_path, kit.manifest, kit.parameters)
    assert files(tmp_path) == {"mine": b"x"}


def test_a_folder_that_is_no_record_is_not_continued(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"has no manifest\.json"):
        RecordWriter.open(tmp_path)


def test_a_record_is_continued_where_it_was_left(tmp_path: Path) -> None:
    head = small()[1].head
    begin(tmp_path / "record")
    for first, end in ((0, 2), (2, 6)):
        writer = RecordWriter.open(tmp_path / "record", GROUPS, segment_bytes=10_000)
        vote(writer, first, end)
    writer = RecordWriter.open(tmp_path / "record", GROUPS)
    finish(writer)
    seal(writer, Stage.FINAL, head=head)
    write_final(tmp_path / "other")
    assert files(tmp_path / "record") == files(tmp_path / "other")


# --- single files ------------------------------------------------------------------------------------


def test_the_same_value_again_changes_nothing_and_another_is_refused(tmp_path: Path) -> None:
    _, published = small()
    write_final(tmp_path)
    before = files(tmp_path)
    writer = RecordWriter.open(tmp_path, GROUPS)
    for put, value, other in (
        (writer.put_guardians, published.guardians, replace(published.guardians, round0=())),
        (writer.put_keys, published.keys, replace(published.keys, extended_hash=bytes(32))),
        (writer.put_devices, published.devices, DevicesFile(())),
        (writer.put_tally, published.tally, replace(published.tally, cells=())),
        (writer.put_decryption, published.decryption, replace(published.decryption, cells=())),
    ):
        put(value)  # type: ignore[operator]
        with pytest.raises(RefusedError, match="the record has another .* already, and it never changes"):
            put(other)  # type: ignore[operator]
    writer.put_result(before["result.json"], before["result.csv"])
    with pytest.raises(RefusedError, match="result.json already"):
        writer.put_result(b"{}", b"")
    assert files(tmp_path) == before


def test_devices_and_result_change_until_they_are_sealed_for_good(tmp_path: Path) -> None:
    _, published = small()
    writer = begin(tmp_path)
    writer.put_devices(DevicesFile(()))
    vote(writer)
    seal(writer, Stage.VOTING)
    writer.put_devices(DevicesFile(()))
    writer.put_devices(published.devices)
    seal(writer, Stage.VOTING, head=published.head)
    with pytest.raises(RefusedError, match="devices.msgpack already"):
        writer.put_devices(DevicesFile(()))
    writer.put_result(b"{}", b"")
    finish(writer)
    assert clean(tmp_path) is False  # not sealed yet
    seal(writer, Stage.FINAL, head=published.head)
    assert clean(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"vote_key": b"short"},
            "this JointKeys cannot be published: vote_key: 32 bytes are wanted here, not 5",
        ),
        ({"extended_hash": b""}, "this JointKeys cannot be published: 32 bytes are wanted here, not 0"),
    ],
)
def test_a_value_that_no_reader_accepts_is_a_mistake_of_the_caller(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    _, published = small()
    writer = begin(tmp_path)
    (tmp_path / "keys.msgpack").unlink()
    with pytest.raises(ValueError, match=message):
        writer.put_keys(replace(published.keys, **change))
    with pytest.raises(TypeError, match="a JointKeys is written here, not a DevicesFile"):
        writer.put_keys(DevicesFile(()))  # type: ignore[arg-type]
    assert not (tmp_path / "keys.msgpack").exists()


def test_a_ballot_that_no_reader_accepts_is_not_appended(tmp_path: Path) -> None:
    _, published = small()
    good = published.submitted[0]
    bad = replace(good, ballot=replace(good.ballot, confirmation_code=b"short"))
    writer = begin(tmp_path)
    with writer.ballots() as ballots:
        frame = ballots.append(good)
        with pytest.raises(ValueError, match="this SubmittedBallot cannot be published: 32 bytes are wanted"):
            ballots.append(bad)
        with pytest.raises(TypeError, match="a SubmittedBallot is written here"):
            ballots.append(good.ballot)  # type: ignore[arg-type]
    assert frame == encode(good)
    assert [frame for _, frame in read_frames(tmp_path / "ballots")] == [frame]


@pytest.mark.parametrize("room", [0, 1, 100, 300])
def test_a_full_disk_leaves_no_half_of_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    _, published = small()
    writer = begin(tmp_path / "record")
    before = files(tmp_path / "record")
    with monkeypatch.context() as patched:
        full_disk(patched, room)
        with pytest.raises(StorageError, match="the disk is full; free some space and try again"):
            writer.put_tally(published.tally)
    assert files(tmp_path / "record") == before
    with monkeypatch.context() as patched:
        full_disk(patched, room)
        with writer.ballots() as ballots, pytest.raises(StorageError, match="the disk is full"):
            ballots.append(published.submitted[0])
    assert list(writer.reader.ballots()) == []
    with monkeypatch.context() as patched:
        full_disk(patched, room)
        with pytest.raises(StorageError, match="the disk is full"):
            seal(writer, Stage.SETUP)
    assert writer.reader.indexes() == []
    seal(writer, Stage.SETUP)


# --- closing and sealing -----------------------------------------------------------------------------


def test_the_closing_head_is_that_of_the_stored_frames() -> None:
    kit, published = small()
    frames = [encode(ballot) for ballot in published.submitted]
    assert closing_head(frames, kit.election.extended_hash) == published.head
    assert closing_head(frames[::-1], kit.election.extended_hash) != published.head
    assert closing_head([], kit.election.extended_hash).size == 0


def test_a_closed_record_takes_no_more_ballots(tmp_path: Path) -> None:
    _, published = small()
    writer = begin(tmp_path)
    vote(writer)
    seal(writer, Stage.VOTING, head=published.head)
    with pytest.raises(RefusedError, match="the record is closed; it takes no more ballots"):
        writer.ballots()
    with SegmentWriter(tmp_path / "ballots") as around:
        around.append(encode(published.submitted[0]))
    with pytest.raises(RefusedError, match="ballots were added to a closed record"):
        seal(writer, Stage.VOTING, DATES[1], published.head)


def test_a_head_of_other_ballots_is_refused(tmp_path: Path) -> None:
    _, published = small()
    writer = begin(tmp_path)
    vote(writer, 0, 5)
    for head in (published.head, ClosingHead(5, bytes(32)), ClosingHead(4, published.head.root)):
        with pytest.raises(RefusedError, match="the closing head is not that of the 5 ballots in the record"):
            seal(writer, Stage.VOTING, head=head)
    assert writer.reader.indexes() == []


def test_a_record_may_be_sealed_while_its_own_writer_is_open(tmp_path: Path) -> None:
    _, published = small()
    writer = begin(tmp_path)
    writer.put_devices(published.devices)
    with writer.ballots() as ballots:
        for number, submitted in enumerate(published.submitted):
            ballots.append(submitted)
            seal(writer, Stage.VOTING, DATES[number])
    assert clean(tmp_path)
    assert len(writer.reader.indexes()) == 6


def test_a_record_is_not_sealed_while_somebody_else_writes(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    vote(writer)
    with RecordWriter.open(tmp_path, GROUPS).ballots():
        with pytest.raises(StorageError, match="is being written by somebody else"):
            seal(writer, Stage.VOTING)
    seal(writer, Stage.VOTING)


def spoil(name: str, data: bytes | None) -> Callable[[Path], None]:
    def change(directory: Path) -> None:
        if data is None:
            (directory / name).unlink()
        else:
            (directory / name).parent.mkdir(exist_ok=True)
            (directory / name).write_bytes(data)

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (spoil("notes.txt", b""), "notes.txt: the file has no place in a record"),
        (spoil("guardian/share", b""), "guardian/share: the file has no place .* looks private"),
        (spoil("devices.msgpack", None), "a record of stage voting has devices.msgpack"),
        (lambda path: (path / "hints").symlink_to("ballots"), "hints: .* a link or a device"),
    ],
)
def test_a_record_that_is_not_fit_is_not_sealed(
    tmp_path: Path, change: Callable[[Path], None], message: str
) -> None:
    writer = begin(tmp_path)
    vote(writer)
    change(tmp_path)
    with pytest.raises(RefusedError, match=f"the record cannot be sealed: .*{message}"):
        seal(writer, Stage.VOTING)
    assert not (tmp_path / "index").exists()


def test_a_record_is_not_final_before_everything_is_there(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    vote(writer)
    with pytest.raises(RefusedError, match="a record of stage final has tally.msgpack"):
        seal(writer, Stage.FINAL, head=small()[1].head)
    finish(writer)
    with pytest.raises(RefusedError, match="a final record has a closing head"):
        seal(writer, Stage.FINAL)
    seal(writer, Stage.FINAL, head=small()[1].head)


def test_only_the_authority_of_the_manifest_seals(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    with pytest.raises(RefusedError, match="the key is not the one that the manifest names for the index"):
        writer.seal(Stage.SETUP, DATES[0], SigningKey.generate())


def test_a_record_without_a_declared_index_is_not_sealed(tmp_path: Path) -> None:
    kit, published = small()
    manifest = Manifest.build(
        {**SMALL, "extensions": ["context", "round0", "cells"]}, salt=bytes(32), authority_key=None
    )
    writer = RecordWriter.create(tmp_path, manifest, kit.parameters)
    writer.put_guardians(published.guardians)
    hashed = parameter_base_hash(kit.parameters)
    setting = Setting(kit.group, 3, 2, hashed, base_hash(hashed, manifest.raw))
    writer.put_keys(joint_keys(setting, published.guardians.guardians).encode())
    with pytest.raises(RefusedError, match="the manifest declares no index"):
        seal(writer, Stage.SETUP)


@pytest.mark.parametrize(
    ("date", "message"),
    [("tomorrow", "is no date like"), (DATES[0], "the date lies before that of the index before")],
)
def test_a_wrong_date_is_refused(tmp_path: Path, date: str, message: str) -> None:
    writer = begin(tmp_path)
    seal(writer, Stage.SETUP, DATES[1])
    with pytest.raises(RefusedError, match=message):
        seal(writer, Stage.SETUP, date)
    assert len(writer.reader.indexes()) == 1


def test_a_record_whose_sealed_ballots_changed_is_not_sealed_again(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    vote(writer, 0, 3)
    seal(writer, Stage.VOTING)
    data = (tmp_path / "ballots" / "000001.seg").read_bytes()
    (tmp_path / "ballots" / "000001.seg").write_bytes(data[:50] + b"?" + data[51:])
    with pytest.raises(
        StorageError, match="000001.seg no longer starts with the .* bytes that are sealed; put"
    ):
        seal(writer, Stage.VOTING, DATES[1])


def test_the_sealed_index_is_what_is_in_the_folder(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    sealed = seal(writer, Stage.SETUP)
    assert isinstance(sealed, SealedIndex)
    assert (tmp_path / "index" / "000001.msgpack").read_bytes() == encode(sealed)
    assert open_index(sealed).fingerprint == small()[0].election.extended_hash


# --- after a crash -----------------------------------------------------------------------------------


def test_recovery_cuts_torn_frames_and_removes_what_writes_left_behind(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    vote(writer, 0, 3)
    seal(writer, Stage.VOTING)
    whole = files(tmp_path)
    last = sorted(os.listdir(tmp_path / "ballots"))[-1]
    with open(tmp_path / "ballots" / last, "ab") as file:
        file.write(frame_bytes(b"x" * 100)[:50])
    (tmp_path / ".tally.msgpack.0123456789abcdef.partial").write_bytes(b"half")
    (tmp_path / "index" / ".000002.msgpack.0123456789abcdef.partial").write_bytes(b"half")
    (tmp_path / ".mine.0123456789abcdef.partial").write_bytes(b"not ours")
    with pytest.raises(StorageError, match="recover the record first"):
        writer.ballots()
    repair = RecordWriter.recover(tmp_path, GROUPS)
    frames = len([1 for _ in read_frames(tmp_path / "ballots")])
    assert isinstance(repair, Repair)
    [(folder, recovered)] = repair.segments
    assert (folder, recovered.segment, recovered.cut) == ("ballots", last, 50)
    assert frames == 3
    assert repair.partial == (
        ".tally.msgpack.0123456789abcdef.partial",
        "index/.000002.msgpack.0123456789abcdef.partial",
    )
    (tmp_path / ".mine.0123456789abcdef.partial").unlink()
    assert files(tmp_path) == whole
    vote(RecordWriter.open(tmp_path, GROUPS, segment_bytes=10_000), 3)
    assert [value for _, _, value in RecordReader(tmp_path, GROUPS).ballots()] == small()[1].submitted


def test_recovery_of_a_sound_record_changes_nothing(tmp_path: Path) -> None:
    write_grown(tmp_path)
    before = files(tmp_path)
    repair = RecordWriter.recover(tmp_path, GROUPS)
    assert [recovered.cut for _, recovered in repair.segments] == [0, 0, 0]
    assert repair.partial == ()
    assert files(tmp_path) == before


def test_recovery_never_cuts_what_is_sealed(tmp_path: Path) -> None:
    writer = begin(tmp_path, segment_bytes=10**6)
    vote(writer, 0, 3)
    seal(writer, Stage.VOTING)
    path = tmp_path / "ballots" / "000001.seg"
    path.write_bytes(path.read_bytes()[:-1])
    before = files(tmp_path)
    with pytest.raises(
        StorageError, match="inside what is already sealed .* put a good copy of the file in its place"
    ):
        RecordWriter.recover(tmp_path, GROUPS)
    assert files(tmp_path) == before


def test_what_was_written_before_a_crash_stays_a_valid_prefix(tmp_path: Path) -> None:
    """The ballots, cut anywhere, give the first ballots whole, and can be continued to the same record."""
    _, published = small()
    writer = begin(tmp_path / "whole", segment_bytes=10**6)
    vote(writer)
    data = (tmp_path / "whole" / "ballots" / "000001.seg").read_bytes()
    for size in range(0, len(data), 487):
        copy = Path(shutil.copytree(tmp_path / "whole", tmp_path / "copy"))
        (copy / "ballots" / "000001.seg").write_bytes(data[:size])
        values = []
        try:
            for _, _, value in RecordReader(copy, GROUPS).ballots():
                values.append(value)
        except DecodeError as error:
            assert "the file ends inside" in error.message
        assert values == published.submitted[: len(values)]
        RecordWriter.recover(copy, GROUPS)
        with RecordWriter.open(copy, GROUPS).ballots() as ballots:
            for submitted in published.submitted[len(values) :]:
                ballots.append(submitted)
        assert (copy / "ballots" / "000001.seg").read_bytes() == data
        shutil.rmtree(copy)


# --- nothing private ---------------------------------------------------------------------------------


def test_no_secret_of_the_election_is_in_any_file(tmp_path: Path) -> None:
    kit, _ = small()
    write_grown(tmp_path)
    secrets = [
        kit.authority.seed().reveal(),
        kit.vote_secret.to_bytes(8, "big"),
        kit.data_secret.to_bytes(8, "big"),
        *kit.nonces.values(),
        *(share.vote_share.reveal().value.to_bytes(8, "big") for share in kit.shares),
        *(share.data_share.reveal().value.to_bytes(8, "big") for share in kit.shares),
    ]
    for name, data in files(tmp_path).items():
        for secret in secrets:
            assert secret not in data, name
            assert secret.hex().encode() not in data.lower(), name
