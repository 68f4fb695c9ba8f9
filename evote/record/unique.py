"""Finds values that occur twice among many millions, in bounded memory and without guessing.

Every value is a 32-byte key (an identifier, or the SHA-256 of something longer) with a place. Keys
are gathered in memory up to a limit, sorted, and written to a temporary file as a run; at the end
the runs are merged, and equal neighbours are the repetitions. Nothing is truncated or sampled, so
that a repetition is found if, and only if, there is one.
"""

from __future__ import annotations

import errno
import heapq
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from types import TracebackType
from typing import IO

from evote.errors import StorageError

KEY_BYTES = 32
PLACE_BYTES = 12
_RECORD_BYTES = KEY_BYTES + PLACE_BYTES

DEFAULT_MEMORY = 131_072
"""Values that are held before they are written out: about 12 MB."""

_MERGE_BYTES = 16 * 1024 * 1024
"""Memory for reading all runs together."""

MAX_PLACES = 100
"""Most places that are named for one repeated value."""


def packed(key: bytes, place: int) -> bytes:
    """A key of 32 bytes and its place, a number from 0 to 2^96 - 1, in 44 bytes."""
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes, not {len(key)}")
    return key + place.to_bytes(PLACE_BYTES, "big")


class UniqueKeys:
    """A set of keys that is asked once, at its end, which of them occurred more than once.

    Not safe for use by several threads at once. Use it as a context manager, or call :meth:`close`:
    a temporary file may be behind it. ``memory`` is the number of values held in memory (at least 1);
    ``directory`` is where the temporary file goes, the system's own place by default.
    """

    __slots__ = ("_directory", "_file", "_held", "_memory", "_runs")

    def __init__(self, *, memory: int = DEFAULT_MEMORY, directory: str | None = None) -> None:
        if memory < 1:
            raise ValueError("at least one value is held in memory")
        self._memory = memory
        self._directory = directory
        self._held: list[bytes] = []
        self._file: IO[bytes] | None = None
        self._runs: list[tuple[int, int]] = []

    def __enter__(self) -> UniqueKeys:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def add(self, key: bytes, place: int) -> None:
        """Enter a key of 32 bytes that stands at ``place``, a number from 0 to 2^96 - 1.

        Raises :class:`StorageError` if the temporary file cannot be written.
        """
        self._held.append(packed(key, place))
        if len(self._held) >= self._memory:
            self._spill()

    def add_all(self, records: bytes) -> None:
        """Enter many keys with their places, each as :func:`packed`, one behind the other."""
        if len(records) % _RECORD_BYTES:
            raise ValueError(f"a key with its place has {_RECORD_BYTES} bytes")
        for at in range(0, len(records), _RECORD_BYTES):
            self._held.append(records[at : at + _RECORD_BYTES])
            if len(self._held) >= self._memory:
                self._spill()

    def groups(self) -> Iterator[tuple[bytes, tuple[int, ...]]]:
        """Each key, in increasing order, with its places in increasing order (at most 100)."""
        for key, members in groupby(self._sorted(), key=_key):
            places: list[int] = []
            for record in members:
                if len(places) < MAX_PLACES:
                    places.append(int.from_bytes(record[KEY_BYTES:], "big"))
            yield key, tuple(places)

    def repeated(self) -> Iterator[tuple[bytes, tuple[int, ...]]]:
        """Each key that was entered more than once, with its places as in :meth:`groups`."""
        return (group for group in self.groups() if len(group[1]) > 1)

    def close(self) -> None:
        """Forget everything and remove the temporary file; closing twice does nothing."""
        self._held = []
        self._runs = []
        if self._file is not None:
            self._file.close()
            self._file = None

    # --- inside ----------------------------------------------------------------------------------

    def _spill(self) -> None:
        self._held.sort()
        data = b"".join(self._held)
        with _sentences():
            if self._file is None:
                # Closed by close(): its life is that of this object, not of a block.
                self._file = tempfile.TemporaryFile(dir=self._directory, prefix="evote-")  # noqa: SIM115
            begin = self._runs[-1][1] if self._runs else 0
            self._file.seek(begin)
            self._file.write(data)
            self._file.flush()
        self._runs.append((begin, begin + len(data)))
        self._held = []

    def _sorted(self) -> Iterator[bytes]:
        self._held.sort()
        if not self._runs:
            return iter(self._held)
        piece = max(_MERGE_BYTES // len(self._runs) // _RECORD_BYTES, 1) * _RECORD_BYTES
        return heapq.merge(iter(self._held), *(self._run(begin, end, piece) for begin, end in self._runs))

    def _run(self, begin: int, end: int, piece: int) -> Iterator[bytes]:
        while begin < end:
            if self._file is None:
                raise ValueError("the set is closed")
            with _sentences():
                self._file.seek(begin)
                data = self._file.read(min(piece, end - begin))
            if not data:
                raise StorageError("a temporary file became shorter while it was read; try again")
            begin += len(data)
            for at in range(0, len(data), _RECORD_BYTES):
                yield data[at : at + _RECORD_BYTES]


def _key(record: bytes) -> bytes:
    return record[:KEY_BYTES]


@contextmanager
def _sentences() -> Iterator[None]:
    """Turns what the operating system says into a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageError(
                "the disk for temporary files is full; free some space, or set TMPDIR to another folder"
            ) from error
        raise StorageError(
            f"a temporary file could not be used ({error.strerror or error}); set TMPDIR to another folder"
        ) from error
