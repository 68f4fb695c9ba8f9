"""The files of one record by their names inside its folder; no link below the folder is followed.

A record is somebody else's: a name in it must not lead to the reader's own files, a pipe must not
hang the reader, and a huge file must not fill the memory.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from evote.errors import DecodeError, RefusedError, StorageError
from evote.hashing import sha256_stream
from evote.record.files import (
    CHUNK_BYTES,
    NO_FOLLOW,
    PARTIAL,
    Location,
    open_regular,
    read_file,
    sentences,
    sync_folder,
    write_atomic,
)


@dataclass(frozen=True, slots=True)
class Found:
    """Something in a folder that is not a folder: its path from the top, with ``/`` between parts."""

    path: str
    regular: bool
    """False for links, pipes and devices, which have no place in a record."""


class Folder:
    """The files below one folder, by their names inside it (``ballots/000001.seg``).

    Names are the program's own; a name that leads elsewhere is a ``ValueError``. No link below the
    folder is followed: a record that somebody sent cannot point at the receiver's files.
    """

    __slots__ = ("root",)

    def __init__(self, root: Location) -> None:
        self.root = Path(root)

    def path(self, name: str) -> Path:
        """Where ``name`` is; raises :class:`StorageError` if a folder on the way is a link."""
        parts = PurePosixPath(name).parts
        if not parts or name.startswith("/") or "\\" in name or any(part in (".", "..") for part in parts):
            raise ValueError(f"{name!r} is no name inside a record")
        path = self.root
        for part in parts[:-1]:
            path = path / part
            _refuse_link(path)
        return path / parts[-1]

    def subfolder(self, name: str) -> Path:
        """Where a folder below is, or the folder itself for "."; raises :class:`StorageError` for a link."""
        if name == ".":
            return self.root
        path = self.path(name)
        _refuse_link(path)
        return path

    def exists(self, name: str) -> bool:
        """Whether there is anything of that name."""
        with sentences(self.root, "read"):
            return os.path.lexists(self.path(name))

    def size(self, name: str) -> int:
        """The number of bytes of a file."""
        path = self.path(name)
        with sentences(path, "read"):
            return os.stat(path, follow_symlinks=False).st_size

    def read(self, name: str, limit: int) -> bytes:
        """The bytes of a file; errors as :func:`read_limited`, and :class:`StorageError` for a link."""
        try:
            return read_file(self.path(name), limit, NO_FOLLOW)
        except DecodeError as error:
            raise DecodeError(error.message, name) from None

    def open(self, name: str, *, buffering: int = CHUNK_BYTES) -> tuple[BinaryIO, int]:
        """A stream over a file, and the file's size; the caller closes the stream."""
        path = self.path(name)
        stream = open_regular(path, NO_FOLLOW, buffering)
        with sentences(path, "read"):
            return stream, os.fstat(stream.fileno()).st_size

    def write(self, name: str, data: bytes) -> None:
        """Write a file by :func:`write_atomic`; folders on the way are made."""
        self.make(str(PurePosixPath(name).parent))
        write_atomic(self.path(name), data)

    def make(self, name: str = ".") -> None:
        """Make the folder itself, or one below it, if it is not there."""
        path = self.subfolder(name)
        with sentences(path, "written"):
            path.mkdir(parents=True, exist_ok=True)

    def remove(self, name: str) -> None:
        """Delete a file."""
        path = self.path(name)
        with sentences(path, "written"):
            path.unlink()
            sync_folder(path.parent)

    def is_folder(self) -> bool:
        """Whether the folder exists."""
        with sentences(self.root, "read"):
            return self.root.is_dir()

    def is_empty(self) -> bool:
        """Whether nothing is in the folder, or it does not exist."""
        with sentences(self.root, "read"):
            if not self.root.exists():
                return True
            with os.scandir(self.root) as entries:
                return next(entries, None) is None

    def names(self, folder: str = ".") -> list[str]:
        """The names directly in the folder itself or in one below, sorted; none if it does not exist."""
        path = self.subfolder(folder)
        if not os.path.lexists(path):
            return []
        with sentences(path, "read"):
            return sorted(os.listdir(path))

    def files(self) -> Iterator[Found]:
        """Everything below that is not a folder, in the order of the paths; a link is not entered."""
        waiting = [""]
        found: list[Found] = []
        while waiting:
            prefix = waiting.pop()
            place = self.root / prefix
            with sentences(place, "read"), os.scandir(place) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(f"{prefix}{entry.name}/")
                    else:
                        found.append(Found(prefix + entry.name, entry.is_file(follow_symlinks=False)))
        return iter(sorted(found, key=lambda item: item.path))

    def digests(self, name: str, sizes: Iterable[int]) -> tuple[int, dict[int, bytes]]:
        """The size of a file, and the SHA-256 of its first n bytes for every n of ``sizes`` that it has.

        One pass, whatever the number of sizes.
        """
        stream, total = self.open(name)
        found: dict[int, bytes] = {}
        running = sha256_stream()
        at = 0
        with stream, sentences(self.root / name, "read"):
            for size in sorted({size for size in sizes if size <= total}):
                while at < size:
                    piece = stream.read(min(CHUNK_BYTES, size - at))
                    if not piece:
                        raise StorageError(f"{self.root / name} became shorter while it was read; try again")
                    running.update(piece)
                    at += len(piece)
                found[size] = running.copy().digest()
        return total, found


@contextmanager
def new_folder(path: Location) -> Iterator[Folder]:
    """A folder to fill, which takes the name ``path`` when the block ends and vanishes if it fails.

    Raises :class:`RefusedError` if there is something of that name, unless it is an empty folder.
    """
    target = Folder(path)
    if not target.is_empty():
        raise RefusedError(f"{target.root} is there already and not empty; choose another name")
    Folder(target.root.parent).make()
    partial = Folder(target.root.with_name(f".{target.root.name}.{os.urandom(8).hex()}{PARTIAL}"))
    partial.make()
    try:
        yield partial
        with sentences(target.root, "written"):
            os.replace(partial.root, target.root)
            sync_folder(target.root.parent)
    except BaseException:
        shutil.rmtree(partial.root, ignore_errors=True)
        raise


def _refuse_link(path: Path) -> None:
    if path.is_symlink():
        raise StorageError(f"{path} is a symbolic link; put the folder itself there")
