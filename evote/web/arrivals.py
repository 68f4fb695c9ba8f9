"""What has arrived, in order: one line of JSON per arrival, in a file that only grows.

A line is on the disk before anybody hears that a file arrived. A file that was refused and is right later
(a new roster, say) gets a second line, which stands. Several processes may share the file.

Rules: a line that a crash cut off was promised to nobody and is taken away by the next writer; readers leave
it aside; the number of a line, from 0, never changes.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from evote.errors import StorageError
from evote.manifest import read_json
from evote.manifest.strict_json import Node
from evote.record.files import sentences

_MAX_TEXT = 4096


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that arrived whole."""

    sha256: str
    size: int
    office: str
    """Whose token carried it; empty where a crash left only the file."""
    time: str
    """By the server's clock, UTC; nothing depends on it."""
    accepted: bool
    verdict: str
    """The name of what the inspection found."""
    message: str
    """The same in words."""


class Arrivals:
    """The file at ``path``; safe among threads and processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines: list[Arrival] = []
        self._latest: dict[str, int] = {}
        self._per_office: dict[str, int] = {}
        self._read = 0
        self._lock = threading.Lock()

    def find(self, sha256: str) -> tuple[int, Arrival] | None:
        """Number and content of the last line about a file."""
        with self._lock:
            self._refresh()
            at = self._latest.get(sha256)
            return None if at is None else (at, self._lines[at])

    def page(self, after: int, most: int) -> Sequence[tuple[int, Arrival]]:
        """At most so many lines behind number ``after``, in order."""
        with self._lock:
            self._refresh()
            return [(at, self._lines[at]) for at in range(max(after + 1, 0), len(self._lines))[:most]]

    def count(self, office: str | None = None) -> int:
        """Number of lines, all or those of an office."""
        with self._lock:
            self._refresh()
            return len(self._lines) if office is None else self._per_office.get(office, 0)

    def add(self, arrival: Arrival) -> int:
        """Write a line; durable on return. Its number. The same again gives the number that it has.

        Raises :class:`StorageError`.
        """
        line = json.dumps(asdict(arrival), ensure_ascii=False).encode("utf-8") + b"\n"
        with self._lock, sentences(self._path, "written"):
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
            handle = os.open(self._path, flags, 0o640)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                self._refresh()
                known = self._latest.get(arrival.sha256)
                if known is not None and _same(self._lines[known], arrival):
                    return known
                os.ftruncate(handle, self._read)  # a line that a crash cut off
                written = os.write(handle, line)
                if written != len(line):
                    os.ftruncate(handle, self._read)
                    raise StorageError(f"{self._path} could not be written; free some space and try again")
                os.fsync(handle)
                self._refresh()
                return self._latest[arrival.sha256]
            finally:
                os.close(handle)

    def _refresh(self) -> None:
        """Read the whole lines that are new."""
        if not self._path.exists():
            return
        with sentences(self._path, "read"), self._path.open("rb") as stream:
            stream.seek(self._read)
            new = stream.read()
        whole = new[: new.rfind(b"\n") + 1]
        for line in whole.splitlines():
            arrival = _parse(line)
            self._latest[arrival.sha256] = len(self._lines)
            self._per_office[arrival.office] = self._per_office.get(arrival.office, 0) + 1
            self._lines.append(arrival)
        self._read += len(whole)


def _same(held: Arrival, new: Arrival) -> bool:
    return (held.accepted, held.verdict) == (new.accepted, new.verdict)


def _parse(line: bytes) -> Arrival:
    own = Node(read_json(line)).members(
        ("sha256", "size", "office", "time", "accepted", "verdict", "message")
    )
    return Arrival(
        own["sha256"].text(64),
        own["size"].integer(0, 2**53 - 1),
        own["office"].text(64),
        own["time"].text(20),
        own["accepted"].boolean(),
        own["verdict"].text(_MAX_TEXT),
        own["message"].text(_MAX_TEXT),
    )
