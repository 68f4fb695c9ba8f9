"""Files on a disk: read within a limit, written whole or not at all, grown by whole pieces.

* :func:`write_atomic`: the whole file or none of it, by rename.
* :class:`Replacement`: the same for what is too large to hold.
* :func:`read_limited`: a file of at most so many bytes.
* :class:`AppendFile`: a file that only grows, by whole pieces.
* :class:`Lock`: one writer per folder.

This module and :mod:`evote.record.folder` are the only ones up to this floor that touch a disk.

Rules: what the operating system refuses becomes a :class:`StorageError` whose sentence says what
to do; a failed write leaves the old state; nothing is read before its size is known to be small
enough.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, TypeAlias

from evote.errors import DecodeError, StorageError

try:
    import fcntl
except ImportError:  # systems without advisory locks: there, one writer is up to the user
    fcntl = None  # type: ignore[assignment]

Location: TypeAlias = "str | os.PathLike[str]"

CHUNK_BYTES: Final = 1024 * 1024
PARTIAL: Final = ".partial"
"""How the names of files end that are being written."""

_EXTRA_FLAGS = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
NO_FOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)  # opening a pipe that nobody writes to must not hang


@contextmanager
def sentences(path: Location, done: str) -> Iterator[None]:
    """Turns what the operating system says into a sentence; ``done`` is "read" or "written"."""
    try:
        yield
    except OSError as error:
        raise StorageError(_sentence(Path(path), done, error)) from error


def _sentence(path: Path, done: str, error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{path} could not be written because the disk is full; free some space and try again"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"{path} may not be {done}; check its owner and its permissions"
    if error.errno == errno.EROFS:
        return f"{path} may not be {done}, because the disk is read-only; choose another folder"
    if error.errno == errno.ENOENT and done == "read":
        return f"{path} does not exist; check the path"
    if error.errno == errno.ENOENT:
        return f"{path} could not be {done}, because its folder does not exist; create it first"
    if error.errno == errno.ELOOP:
        return f"{path} is a symbolic link; put the file itself there"
    if error.errno == errno.EMFILE:
        return f"{path} could not be {done}, because too many files are open; close some and try again"
    return f"{path} could not be {done}: {error.strerror or error}"


# --- single files ------------------------------------------------------------------------------------


def write_atomic(path: Location, data: bytes, *, mode: int = 0o666) -> None:
    """Write a file so that its name shows either the old content or all of ``data``, never a part.

    The bytes go to a file beside it, reach the disk, and take the name. ``mode`` applies to a new
    file, less the process's umask. Raises :class:`StorageError`; then nothing has changed.
    """
    target = Path(path)
    partial = target.with_name(f".{target.name}.{os.urandom(8).hex()}{PARTIAL}")
    with sentences(target, "written"):
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _EXTRA_FLAGS, mode)
        try:
            try:
                _write_all(handle, data)
                os.fsync(handle)
            finally:
                os.close(handle)
            os.replace(partial, target)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        sync_folder(target.parent)


class Replacement:
    """A new content for a file, written piece by piece; the file has it whole after :meth:`commit`.

    A context manager: what was not committed is forgotten. Raises :class:`StorageError`.
    """

    __slots__ = ("_handle", "_partial", "_target")

    def __init__(self, path: Location) -> None:
        self._target = Path(path)
        self._partial = self._target.with_name(f".{self._target.name}.{os.urandom(8).hex()}{PARTIAL}")
        with sentences(self._target, "written"):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _EXTRA_FLAGS
            self._handle: int | None = os.open(self._partial, flags, 0o666)

    def write(self, data: bytes) -> None:
        """The next piece."""
        if self._handle is None:
            raise ValueError(f"{self._target} has its new content already")
        with sentences(self._target, "written"):
            _write_all(self._handle, data)

    def commit(self) -> None:
        """Return when the name shows the new content, durably."""
        if self._handle is None:
            raise ValueError(f"{self._target} has its new content already")
        with sentences(self._target, "written"):
            os.fsync(self._handle)
            handle, self._handle = self._handle, None
            os.close(handle)
            os.replace(self._partial, self._target)
            sync_folder(self._target.parent)

    def __enter__(self) -> Replacement:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._handle is not None:
            handle, self._handle = self._handle, None
            os.close(handle)
        self._partial.unlink(missing_ok=True)


def read_limited(path: Location, limit: int) -> bytes:
    """The bytes of a regular file.

    Raises :class:`StorageError` if it cannot be read or is no regular file, :class:`DecodeError` if it
    has more than ``limit`` bytes.
    """
    return read_file(path, limit, 0)


def read_file(path: Location, limit: int, flags: int) -> bytes:
    """:func:`read_limited` with flags for opening, such as ``NO_FOLLOW``."""
    with open_regular(path, flags) as stream, sentences(path, "read"):
        size = os.fstat(stream.fileno()).st_size
        if size <= limit:
            data = stream.read(limit + 1)
            size = len(data)
    if size > limit:
        raise DecodeError(f"{size} bytes are more than the limit of {limit}", str(path))
    return data


def open_regular(path: Location, flags: int, buffering: int = CHUNK_BYTES) -> BinaryIO:
    """A stream over a regular file; raises :class:`StorageError` for anything else."""
    with sentences(path, "read"):
        handle = os.open(path, os.O_RDONLY | flags | _NO_WAIT | _EXTRA_FLAGS)
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise StorageError(f"{Path(path)} is not a file; check the path")
            return open(handle, "rb", buffering=buffering)
        except BaseException:
            os.close(handle)
            raise


def _write_all(handle: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable, where the system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | _EXTRA_FLAGS)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# --- growing files -----------------------------------------------------------------------------------


class AppendFile:
    """A file that grows at its end by whole pieces; for one writer, and one thread, at a time."""

    __slots__ = ("_handle", "path", "size")

    def __init__(self, path: Location, *, new: bool) -> None:
        """Open the file, which must exist, or must not exist if ``new``; raises :class:`StorageError`."""
        self.path = Path(path)
        flags = os.O_WRONLY | os.O_APPEND | NO_FOLLOW | _EXTRA_FLAGS
        if new:
            flags |= os.O_CREAT | os.O_EXCL
        with sentences(self.path, "written"):
            self._handle: int | None = os.open(self.path, flags, 0o666)
            self.size = os.fstat(self._handle).st_size
            if new:
                sync_folder(self.path.parent)

    def append(self, data: bytes) -> None:
        """Write ``data`` at the end in one call; if that fails or is interrupted, cut it off again.

        Raises :class:`StorageError`; the file is then as it was before.
        """
        handle, before = self._opened(), self.size
        with sentences(self.path, "written"):
            try:
                _write_all(handle, data)
                self.size = before + len(data)
            except BaseException:
                os.ftruncate(handle, before)
                self.size = before
                raise

    def cut(self, size: int) -> None:
        """Shorten the file to ``size`` bytes, durably."""
        with sentences(self.path, "written"):
            os.ftruncate(self._opened(), size)
            os.fsync(self._opened())
        self.size = size

    def sync(self) -> None:
        """Return when what was appended is on the disk."""
        with sentences(self.path, "written"):
            os.fsync(self._opened())

    def close(self) -> None:
        """Sync and close; closing twice does nothing."""
        if self._handle is not None:
            try:
                self.sync()
            finally:
                handle, self._handle = self._handle, None
                os.close(handle)

    def _opened(self) -> int:
        if self._handle is None:
            raise ValueError(f"{self.path} is closed")
        return self._handle


class Lock:
    """Holds a folder against every other writer, in this process or another, until it is released."""

    __slots__ = ("_handle",)

    def __init__(self, folder: Location) -> None:
        """Take the lock, or raise :class:`StorageError` at once if somebody holds it."""
        self._handle: int | None = None
        if fcntl is None:
            return
        with sentences(folder, "read"):
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | NO_FOLLOW | _EXTRA_FLAGS)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            raise StorageError(
                f"{Path(folder)} is being written by somebody else; wait until that writer has finished"
            ) from None
        self._handle = handle

    def release(self) -> None:
        """Let others write; releasing twice does nothing."""
        if self._handle is not None:
            handle, self._handle = self._handle, None
            os.close(handle)

    def __enter__(self) -> Lock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
