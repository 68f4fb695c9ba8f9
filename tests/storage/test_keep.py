"""Sealed files: replaced whole, destroyed for good."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from evote.errors import StorageError
from evote.secret import Secret
from evote.storage.keep import Keep, erase
from evote.storage.sealed import Cost, Sealer


def keep(folder: Path, name: str = "share.sealed", passphrase: str = "pass") -> Keep:
    return Keep(folder / name, Secret(passphrase), cost=Cost(10))


def test_what_is_saved_is_loaded_again(tmp_path: Path) -> None:
    first = keep(tmp_path)
    assert not first.exists()
    first.save(Secret(b"one"))
    first.save(Secret(b"two"))
    assert keep(tmp_path).load().reveal() == b"two" == first.load().reveal()
    assert os.listdir(tmp_path) == ["share.sealed"]


def test_only_the_owner_may_read(tmp_path: Path) -> None:
    keep(tmp_path).save(Secret(b"one"))
    assert stat.S_IMODE(os.stat(tmp_path / "share.sealed").st_mode) == 0o600


def test_a_wrong_passphrase_names_the_file(tmp_path: Path) -> None:
    keep(tmp_path).save(Secret(b"one"))
    with pytest.raises(StorageError, match=r"share\.sealed: the passphrase is wrong"):
        keep(tmp_path, passphrase="other").load()


def test_a_missing_or_foreign_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"share\.sealed does not exist"):
        keep(tmp_path).load()
    (tmp_path / "share.sealed").write_bytes(b"something else")
    with pytest.raises(StorageError, match=r"share\.sealed is no sealed file"):
        keep(tmp_path).load()


def test_a_file_in_the_place_of_another_is_refused(tmp_path: Path) -> None:
    keep(tmp_path, "a.sealed").save(Secret(b"one"))
    (tmp_path / "a.sealed").rename(tmp_path / "b.sealed")
    with pytest.raises(StorageError, match="'a.sealed', not 'b.sealed'"):
        keep(tmp_path, "b.sealed").load()


def test_a_failed_save_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    box = keep(tmp_path)
    box.save(Secret(b"one"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(StorageError, match="disk is full"):
        box.save(Secret(b"two"))
    monkeypatch.undo()
    assert keep(tmp_path).load().reveal() == b"one"
    assert os.listdir(tmp_path) == ["share.sealed"]


def test_old_bytes_are_overwritten_when_they_are_replaced_or_destroyed(tmp_path: Path) -> None:
    box = keep(tmp_path)
    box.save(Secret(b"one"))
    size = os.stat(box.path).st_size
    os.link(box.path, tmp_path / "old")  # a second name shows what becomes of the bytes
    box.save(Secret(b"two"))
    assert (tmp_path / "old").read_bytes() == bytes(size)
    os.link(box.path, tmp_path / "new")
    box.destroy()
    assert (tmp_path / "new").read_bytes() == bytes(size)
    assert not box.exists()
    box.destroy()  # nothing happens


def test_what_an_interrupted_write_left_is_destroyed_too(tmp_path: Path) -> None:
    box = keep(tmp_path)
    box.save(Secret(b"one"))
    (tmp_path / ".share.sealed.0011223344556677.partial").write_bytes(b"half")
    (tmp_path / ".other.sealed.0011223344556677.partial").write_bytes(b"half")
    box.destroy()
    assert os.listdir(tmp_path) == [".other.sealed.0011223344556677.partial"]
    keep(tmp_path / "absent").destroy()


def test_a_link_is_not_overwritten(tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_bytes(b"mine")
    (tmp_path / "link").symlink_to(target)
    with pytest.raises(StorageError):
        erase(tmp_path / "link")
    assert target.read_bytes() == b"mine"


def test_one_sealer_serves_many_files(tmp_path: Path) -> None:
    sealer = Sealer(Secret("pass"), Cost(10))
    for name in ("a", "b"):
        Keep(tmp_path / name, sealer).save(Secret(name.encode()))
    assert keep(tmp_path, "b").load().reveal() == b"b"
    assert "pass" not in repr(Keep(tmp_path / "a", sealer))
