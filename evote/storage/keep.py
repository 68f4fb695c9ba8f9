"""One secret in one sealed file, replaced whole and destroyed for good.

Rules: a new content takes the file's name only when it is on the disk, and the old bytes are then
overwritten; a destroyed file is overwritten, then removed, and its folder brought up to date before
:meth:`Keep.destroy` returns. On disks that write elsewhere than they are told to (flash, journals,
copies) old bytes can survive; they are sealed, so whoever finds them needs the passphrase too.
"""

from __future__ import annotations

import os
from pathlib import Path

from evote.errors import DecodeError, StorageError
from evote.record.files import PARTIAL, read_limited, sentences, sync_folder, write_atomic
from evote.secret import Secret
from evote.storage.sealed import MAX_SEALED_BYTES, Cost, Sealer

_CHUNK = 1024 * 1024


class Keep:
    """The sealed file at ``path``; ``kind`` says what it holds (the file's name unless given).

    Raises ``ValueError`` for an empty passphrase.
    """

    __slots__ = ("_kind", "_sealer", "path")

    def __init__(
        self,
        path: Path,
        passphrase: Secret[str] | Sealer,
        *,
        kind: str | None = None,
        cost: Cost | None = None,
    ) -> None:
        self.path = path
        self._kind = path.name if kind is None else kind
        self._sealer = passphrase if isinstance(passphrase, Sealer) else Sealer(passphrase, cost)

    def __repr__(self) -> str:
        return f"<sealed file {str(self.path)!r}>"

    def exists(self) -> bool:
        """Whether there is a file."""
        return os.path.lexists(self.path)

    def load(self) -> Secret[bytes]:
        """What is sealed; raises :class:`StorageError` if it is absent, changed, or the passphrase wrong."""
        try:
            return self._sealer.open(self._kind, read_limited(self.path, MAX_SEALED_BYTES))
        except DecodeError as error:
            raise StorageError(f"{self.path} is no sealed file ({error.message}); restore it") from None
        except StorageError as error:
            text = str(error)
            raise StorageError(text if str(self.path) in text else f"{self.path}: {text}") from None

    def save(self, data: Secret[bytes]) -> None:
        """Replace what is sealed; raises :class:`StorageError`, and then nothing has changed."""
        sealed = self._sealer.seal(self._kind, data)
        old = _open_old(self.path)
        try:
            write_atomic(self.path, sealed, mode=0o600)
            if old is not None:
                with sentences(self.path, "written"):
                    _overwrite(old)
        finally:
            if old is not None:
                os.close(old)

    def destroy(self) -> None:
        """Overwrite and remove the file, durably; nothing happens if there is none.

        What interrupted writes of this file left behind goes too. Raises :class:`StorageError`.
        """
        for path in (*self._partial(), self.path):
            erase(path)

    def _partial(self) -> list[Path]:
        if not self.path.parent.is_dir():
            return []
        with sentences(self.path.parent, "read"):
            return sorted(self.path.parent.glob(f".{self.path.name}.*{PARTIAL}"))


def erase(path: Path) -> None:
    """Overwrite a file, remove it, and return when that is on the disk; nothing if there is none."""
    handle = _open_old(path)
    if handle is None:
        return
    with sentences(path, "written"):
        try:
            _overwrite(handle)
        finally:
            os.close(handle)
        os.unlink(path)
        sync_folder(path.parent)


def _open_old(path: Path) -> int | None:
    """The file for overwriting, or None if there is none."""
    if not os.path.lexists(path):
        return None
    flags = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    with sentences(path, "written"):
        return os.open(path, os.O_WRONLY | flags)


def _overwrite(handle: int) -> None:
    left = os.fstat(handle).st_size
    os.lseek(handle, 0, os.SEEK_SET)
    while left > 0:
        left -= os.write(handle, bytes(min(left, _CHUNK)))
    os.fsync(handle)
