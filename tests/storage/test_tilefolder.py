"""A log in a folder: written for web servers, read back and verified."""

from __future__ import annotations

from pathlib import Path

import pytest

from evote.board.note import Note
from evote.board.tiles import read_entries
from evote.errors import DecodeError, StorageError, VerificationError
from evote.storage.tilefolder import folder_reader, read_log, write_log
from tests.board.logs import LOG, cosigned, entries, flipped, head, signed, signer, tree

TREE = tree(600)
DATA = entries(600)


def write(folder: Path, size: int) -> Note:
    note = signed(head(TREE, size))
    assert write_log(folder, LOG, note, TREE, DATA) == head(TREE, size)
    return note


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 600])
def test_what_is_written_is_read_back_and_verified(tmp_path: Path, size: int) -> None:
    note = write(tmp_path / "log", size)
    found, grown = read_log(tmp_path / "log", LOG)
    assert (found, grown.size, grown.root()) == (note, size, TREE.root(size))
    assert list(read_entries(folder_reader(tmp_path / "log"), head(TREE, size))) == DATA[:size]


def test_a_growing_log_keeps_its_full_tiles_and_drops_partial_ones_that_are_full_now(tmp_path: Path) -> None:
    write(tmp_path, 100)
    assert names(tmp_path) == {"checkpoint", "tile/0/000.p/100", "tile/entries/000.p/100"}
    write(tmp_path, 200)
    assert {"tile/0/000.p/100", "tile/0/000.p/200"} <= names(tmp_path)
    write(tmp_path, 300)
    kept = (tmp_path / "tile" / "0" / "000").stat()
    write(tmp_path, 600)
    after = (tmp_path / "tile" / "0" / "000").stat()
    assert (after.st_ino, after.st_mtime_ns) == (kept.st_ino, kept.st_mtime_ns)
    assert names(tmp_path) == {
        "checkpoint",
        *(f"tile/{kind}/{name}" for kind in ("0", "entries") for name in ("000", "001", "002.p/88")),
        "tile/1/000.p/1",
        "tile/1/000.p/2",
    }
    assert read_log(tmp_path, LOG)[1].root() == TREE.root()


def test_the_same_head_with_more_cosignatures_replaces_the_head(tmp_path: Path) -> None:
    write(tmp_path, 300)
    note = cosigned(head(TREE, 300))
    write_log(tmp_path, LOG, note, TREE, DATA)
    assert read_log(tmp_path, LOG)[0] == note


def test_a_folder_of_a_longer_or_another_log_is_not_overwritten(tmp_path: Path) -> None:
    write(tmp_path, 300)
    before = {name: (tmp_path / name).read_bytes() for name in names(tmp_path)}
    with pytest.raises(StorageError, match="holds 300 leaves"):
        write(tmp_path, 299)
    other = tree(600, start=1)
    with pytest.raises(StorageError, match="holds 300 leaves"):
        write_log(tmp_path, LOG, signed(head(other)), other, entries(600, start=1))
    assert {name: (tmp_path / name).read_bytes() for name in names(tmp_path)} == before


def test_head_tree_and_entries_must_belong_together(tmp_path: Path) -> None:
    note = signed(head(TREE, 300))
    for grown, data in ((TREE, DATA[:299]), (tree(299), DATA), (tree(600, start=1), DATA)):
        with pytest.raises(ValueError, match="not one of this tree"):
            write_log(tmp_path, LOG, note, grown, data)
    with pytest.raises(ValueError, match="entries are not those"):
        write_log(tmp_path, LOG, note, TREE, [*DATA[:299], b"", *DATA[300:]])
    with pytest.raises(VerificationError, match="not signed by"):
        write_log(tmp_path, LOG, signed(head(TREE), signer("somebody")), TREE, DATA)
    assert names(tmp_path) == set()


def test_a_changed_file_is_noticed(tmp_path: Path) -> None:
    write(tmp_path, 600)
    for name in sorted(names(tmp_path) - {"checkpoint"}):
        file = tmp_path / name
        data = file.read_bytes()
        file.write_bytes(flipped(data, 40))
        with pytest.raises((DecodeError, VerificationError)):
            if "entries" in name:
                list(read_entries(folder_reader(tmp_path), head(TREE)))
            else:
                read_log(tmp_path, LOG)
        file.write_bytes(data)
    (tmp_path / "checkpoint").write_bytes(b"nonsense")
    with pytest.raises(DecodeError) as caught:
        read_log(tmp_path, LOG)
    assert caught.value.where == str(tmp_path / "checkpoint")


def test_a_folder_without_a_head_is_no_log(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no folder of a log"):
        read_log(tmp_path, LOG)


def test_only_names_of_tiles_are_looked_for(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "secret").write_bytes(b"x")
    read = folder_reader(tmp_path / "log")
    for path in ("../secret", "tile/0/../../../secret", str(tmp_path / "secret"), "tile/0/000"):
        assert read(path) is None


def test_tiles_stand_before_the_head_that_needs_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, 100)
    written: list[str] = []

    def recording(path: Path, data: bytes) -> None:
        written.append(path.name)

    monkeypatch.setattr("evote.storage.tilefolder.write_atomic", recording)
    write(tmp_path, 600)
    assert written[-1] == "checkpoint"
    assert written.count("checkpoint") == 1
