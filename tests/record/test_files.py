"""Files: whole or not at all, within limits, and a sentence for everything the system refuses."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from evote.errors import DecodeError, RefusedError, StorageError
from evote.hashing import sha256
from evote.record.files import AppendFile, Lock, read_limited, write_atomic
from evote.record.folder import Folder, Found, new_folder

Write = Callable[[int, bytes], int]


def full_disk(monkeypatch: pytest.MonkeyPatch, room: int, error: int = errno.ENOSPC) -> None:
    """From now on, ``os.write`` takes ``room`` more bytes and then fails."""
    real, left = os.write, [room]

    def write(handle: int, data: bytes) -> int:
        if left[0] <= 0:
            raise OSError(error, os.strerror(error))
        taken = real(handle, data[: left[0]])
        left[0] -= taken
        return taken

    monkeypatch.setattr(os, "write", write)


# --- write_atomic ------------------------------------------------------------------------------------


def test_a_file_is_written_and_read_back(tmp_path: Path) -> None:
    write_atomic(tmp_path / "file", b"content")
    assert read_limited(tmp_path / "file", 7) == b"content"
    assert os.listdir(tmp_path) == ["file"]


def test_a_file_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    write_atomic(tmp_path / "file", b"old content")
    write_atomic(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"


def test_the_mode_of_a_new_file_is_what_was_asked_for(tmp_path: Path) -> None:
    write_atomic(tmp_path / "secret", b"x", mode=0o600)
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


@pytest.mark.parametrize("room", range(11))
def test_a_full_disk_leaves_the_old_content_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    write_atomic(tmp_path / "file", b"old")
    full_disk(monkeypatch, room)
    with pytest.raises(StorageError, match=r"file could not be written because the disk is full; free some"):
        write_atomic(tmp_path / "file", b"new content")
    assert (tmp_path / "file").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


def test_an_interrupt_leaves_the_old_content_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_atomic(tmp_path / "file", b"old")

    def interrupted(handle: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_atomic(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (errno.EDQUOT, "because the disk is full; free some space and try again"),
        (errno.EACCES, "may not be written; check its owner and its permissions"),
        (errno.EROFS, "because the disk is read-only; choose another folder"),
        (errno.EIO, "could not be written: Input/output error"),
        (errno.EMFILE, "too many files are open"),
    ],
)
def test_what_the_system_refuses_becomes_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, sentence: str
) -> None:
    full_disk(monkeypatch, 0, code)
    with pytest.raises(StorageError, match=sentence) as caught:
        write_atomic(tmp_path / "file", b"x")
    assert str(caught.value).startswith(str(tmp_path / "file"))


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="its folder does not exist; create it first"):
        write_atomic(tmp_path / "absent" / "file", b"x")


# --- read_limited ------------------------------------------------------------------------------------


def test_a_file_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    with pytest.raises(DecodeError, match="5 bytes are more than the limit of 4"):
        read_limited(tmp_path / "file", 4)


def test_a_sparse_file_of_a_tebibyte_is_refused_unread(tmp_path: Path) -> None:
    with open(tmp_path / "file", "wb") as file:
        file.truncate(2**40)
    with pytest.raises(DecodeError, match="more than the limit"):
        read_limited(tmp_path / "file", 1000)


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"nothing does not exist; check the path"):
        read_limited(tmp_path / "nothing", 10)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="is not a file"):
        read_limited(tmp_path, 10)


def test_a_pipe_is_refused_and_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StorageError, match="is not a file"):
        read_limited(tmp_path / "pipe", 10)


# --- AppendFile --------------------------------------------------------------------------------------


def test_pieces_are_appended(tmp_path: Path) -> None:
    file = AppendFile(tmp_path / "file", new=True)
    file.append(b"one")
    file.append(b"two")
    assert file.size == 6
    file.close()
    file.close()
    assert (tmp_path / "file").read_bytes() == b"onetwo"
    with pytest.raises(ValueError, match="is closed"):
        file.append(b"three")


def test_a_new_file_must_not_be_there_and_an_old_one_must(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        AppendFile(tmp_path / "file", new=False)
    AppendFile(tmp_path / "file", new=True).close()
    with pytest.raises(StorageError, match="File exists"):
        AppendFile(tmp_path / "file", new=True)


@pytest.mark.parametrize("room", range(5))
def test_a_piece_that_does_not_fit_is_cut_off_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    file = AppendFile(tmp_path / "file", new=True)
    file.append(b"before")
    with monkeypatch.context() as patched:
        full_disk(patched, room)
        with pytest.raises(StorageError, match="the disk is full"):
            file.append(b"after")
    assert (tmp_path / "file").read_bytes() == b"before"
    file.append(b"later")
    file.close()
    assert (tmp_path / "file").read_bytes() == b"beforelater"


def test_an_interrupted_piece_is_cut_off_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = AppendFile(tmp_path / "file", new=True)
    file.append(b"before")
    real = os.write

    def interrupted(handle: int, data: bytes) -> int:
        real(handle, data[:2])
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            file.append(b"after")
    assert file.size == 6
    file.close()
    assert (tmp_path / "file").read_bytes() == b"before"


# --- Lock --------------------------------------------------------------------------------------------


def test_a_folder_has_one_writer(tmp_path: Path) -> None:
    with Lock(tmp_path):
        with pytest.raises(StorageError, match="is being written by somebody else; wait"):
            Lock(tmp_path)
    held = Lock(tmp_path)
    held.release()
    held.release()
    Lock(tmp_path).release()


# --- Folder ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "/etc/passwd", "../x", "a/../x", "a/./..", "a\\b", ".", ".."])
def test_a_name_that_leads_elsewhere_is_a_mistake_of_the_caller(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="is no name inside a record"):
        Folder(tmp_path).path(name)


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_bytes(b"private")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "file").symlink_to(outside / "file")
    (inside / "folder").symlink_to(outside)
    folder = Folder(inside)
    with pytest.raises(StorageError, match="is a symbolic link; put the file itself there"):
        folder.read("file", 100)
    with pytest.raises(StorageError, match="is a symbolic link; put the folder itself there"):
        folder.read("folder/file", 100)
    with pytest.raises(StorageError, match="is a symbolic link"):
        folder.names("folder")
    with pytest.raises(StorageError, match="is a symbolic link"):
        folder.write("folder/new", b"x")
    assert list(folder.files()) == [Found("file", False), Found("folder", False)]
    assert os.listdir(outside) == ["file"]


def test_everything_below_is_listed_in_order(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    for name in ("b", "a/2", "a/1", "a.x", "c/d/e"):
        folder.write(name, b"")
    os.mkfifo(tmp_path / "pipe")
    assert [found.path for found in folder.files()] == ["a.x", "a/1", "a/2", "b", "c/d/e", "pipe"]
    assert [found.path for found in folder.files() if not found.regular] == ["pipe"]
    assert folder.names("a") == ["1", "2"]
    assert folder.names("absent") == []


def test_digests_of_prefixes_come_from_one_pass(tmp_path: Path) -> None:
    data = bytes(range(256)) * 10
    folder = Folder(tmp_path)
    folder.write("file", data)
    size, digests = folder.digests("file", [2560, 0, 7, 7, 2561])
    assert size == 2560
    assert digests == {n: sha256(data[:n]) for n in (0, 7, 2560)}


# --- new_folder --------------------------------------------------------------------------------------


def test_a_new_folder_appears_when_it_is_complete(tmp_path: Path) -> None:
    with new_folder(tmp_path / "out") as folder:
        folder.write("a/b", b"x")
        assert not (tmp_path / "out").exists()
    assert (tmp_path / "out" / "a" / "b").read_bytes() == b"x"
    assert os.listdir(tmp_path) == ["out"]


def test_a_new_folder_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), new_folder(tmp_path / "out") as folder:
        folder.write("a/b", b"x")
        raise KeyboardInterrupt
    assert os.listdir(tmp_path) == []


def test_a_new_folder_does_not_replace_one_that_has_something(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_bytes(b"x")
    with pytest.raises(RefusedError, match="not empty; choose another name"), new_folder(tmp_path / "out"):
        pytest.fail("the block is not entered")
    assert os.listdir(tmp_path / "out") == ["mine"]


def test_what_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"x")

    def refused(path: object, *rest: object) -> int:
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(os, "open", refused)
    with pytest.raises(StorageError, match="file may not be read; check its owner and its permissions"):
        read_limited(tmp_path / "file", 10)
