"""The export: everything in the record, readable, or nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from evote.errors import DecodeError, RefusedError, StorageError
from evote.record.export import export_json, to_json
from evote.record.segments import SegmentWriter
from tests.record.kit import begin, small, write_final, write_grown
from tests.record.test_files import full_disk


def test_the_whole_record_is_written_as_json(tmp_path: Path) -> None:
    kit, published = small()
    reader = write_grown(tmp_path / "record")
    export_json(reader, tmp_path / "json")
    out = tmp_path / "json"
    assert sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()) == [
        "ballots.jsonl",
        "data.jsonl",
        "decryption.json",
        "devices.json",
        "guardians.json",
        "index/000001.json",
        "index/000002.json",
        "index/000003.json",
        "index/000004.json",
        "index/000005.json",
        "keys.json",
        "manifest.json",
        "openings.jsonl",
        "parameters.json",
        "result.csv",
        "result.json",
        "tally.json",
    ]
    assert (out / "manifest.json").read_bytes() == kit.manifest.raw
    keys = json.loads((out / "keys.json").read_bytes())
    assert keys == {
        "vote_key": kit.keys.vote_key.hex().upper(),
        "data_key": kit.keys.data_key.hex().upper(),
        "extended_hash": kit.keys.extended_hash.hex().upper(),
    }
    lines = [json.loads(line) for line in (out / "ballots.jsonl").read_bytes().splitlines()]
    assert lines == [
        {"position": n, "value": to_json(ballot)} for n, ballot in enumerate(published.submitted)
    ]
    assert lines[3]["value"]["state"] == "challenged" and lines[3]["value"]["context"] is None
    index = json.loads((out / "index" / "000005.json").read_bytes())
    assert index["index"]["stage"] == "final" and len(index["signature"]) == 128
    assert index["index"]["head"] == to_json(published.head)
    tally = json.loads((out / "tally.json").read_bytes())
    assert tally == to_json(published.tally)


def test_a_record_in_setup_is_exported_as_far_as_it_goes(tmp_path: Path) -> None:
    reader = begin(tmp_path / "record").reader
    export_json(reader, tmp_path / "json")
    assert sorted(os.listdir(tmp_path / "json")) == [
        "guardians.json",
        "keys.json",
        "manifest.json",
        "parameters.json",
    ]


def test_a_frame_that_is_no_ballot_is_exported_as_its_error(tmp_path: Path) -> None:
    reader = write_final(tmp_path / "record")
    with SegmentWriter(tmp_path / "record" / "ballots") as writer:
        writer.append(b"\x01\x02")
    (tmp_path / "record" / "index" / "000001.msgpack").write_bytes(b"\x01")
    export_json(reader, tmp_path / "json")
    line = json.loads((tmp_path / "json" / "ballots.jsonl").read_bytes().splitlines()[6])
    assert line["position"] == 6 and line["bytes"] == "0102" and "ballots, frame 6" in line["error"]
    index = json.loads((tmp_path / "json" / "index" / "000001.json").read_bytes())
    assert index["bytes"] == "01" and "index/000001.msgpack" in index["error"]


@pytest.mark.parametrize("name", ["tally.msgpack", "ballots/000001.seg"])
def test_a_record_that_cannot_be_read_leaves_nothing_behind(tmp_path: Path, name: str) -> None:
    reader = write_final(tmp_path / "record")
    path = tmp_path / "record" / name
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DecodeError):
        export_json(reader, tmp_path / "json")
    assert os.listdir(tmp_path) == ["record"]


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = write_final(tmp_path / "record")
    for room in (0, 5000, 20_000):
        with monkeypatch.context() as patched:
            full_disk(patched, room)
            with pytest.raises(StorageError, match="the disk is full"):
                export_json(reader, tmp_path / "json")
        assert os.listdir(tmp_path) == ["record"]


def test_an_export_replaces_nothing(tmp_path: Path) -> None:
    reader = write_final(tmp_path / "record")
    export_json(reader, tmp_path / "json")
    with pytest.raises(RefusedError, match="is there already and not empty"):
        export_json(reader, tmp_path / "json")


def test_only_wire_values_become_json() -> None:
    assert to_json((b"\xab", None, True, 3, "x")) == ["AB", None, True, 3, "x"]
    with pytest.raises(TypeError, match="float is no wire value"):
        to_json(1.5)
