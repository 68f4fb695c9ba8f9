"""What the checks of one verification share: files, findings, and what was read of the setup.

What could not be had is None, and the checks that need it say so; those of a later stage than was asked for
are passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from evote.errors import DecodeError
from evote.groups import Group
from evote.hashing import sha256, sha256_stream
from evote.interop.contract import Request
from evote.interop.electionguard1.checks import later_than
from evote.interop.electionguard1.hashes import Hashes
from evote.interop.electionguard1.values import Context, Device, Guardian, Manifest
from evote.record.folder import Folder
from evote.report import ReportBuilder

T = TypeVar("T")


class FileDigest:
    """One digest over names and contents of all files that were read, in the order of reading."""

    def __init__(self) -> None:
        self._running = sha256_stream()

    def add(self, name: str, digest: bytes) -> None:
        """A file, by its name and the SHA-256 of its bytes."""
        encoded = name.encode("utf-8", "surrogateescape")
        self._running.update(len(encoded).to_bytes(4, "big") + encoded + digest)

    def hex(self) -> str:
        """The digest so far."""
        return self._running.hexdigest()


@dataclass(slots=True)
class Run:
    """One verification of one record, while it runs."""

    folder: Folder
    report: ReportBuilder
    request: Request
    group: Group
    digest: FileDigest = field(default_factory=FileDigest)
    context: Context | None = None
    manifest: Manifest | None = None
    guardians: list[Guardian] = field(default_factory=list)
    devices: list[Device] = field(default_factory=list)
    coefficients: dict[str, str] | None = None
    unread_guardians: bool = False
    unread_devices: bool = False
    extended: str = ""
    """Q-bar, as computed."""

    @property
    def hashes(self) -> Hashes:
        """The hashes over the group's order."""
        return Hashes(self.group.order)

    def tell(self, what: str, done: int, total: int = 0) -> None:
        """Report progress, if anybody listens."""
        if self.request.progress is not None:
            self.request.progress(what, done, total)

    def skip(self, identifiers: Iterable[str], reason: str) -> None:
        """Something that these checks need could not be had."""
        later = later_than(self.request.stage)
        self.report.skip([each for each in identifiers if each not in later], reason)

    def parsed(self, name: str, limit: int, read: Callable[[bytes], T]) -> T | None:
        """The value of a file; None, with a finding of FILES.1, if it cannot be had."""
        found = parsed(self.folder, self.report, name, limit, read)
        if found is None:
            return None
        self.digest.add(name, found[0])
        return found[1]


def parsed(
    folder: Folder, report: ReportBuilder, name: str, limit: int, read: Callable[[bytes], T]
) -> tuple[bytes, T] | None:
    """The SHA-256 of a file and its value; None, with a finding of FILES.1, if it cannot be had."""
    report.count("FILES.1")
    if not folder.exists(name):
        report.fail("FILES.1", name, "the file is missing")
        return None
    try:
        raw = folder.read(name, limit)
        return sha256(raw), read(raw)
    except DecodeError as error:
        where = f"{name}: {error.where}" if error.where and error.where != name else name
        report.fail("FILES.1", where, error.message)
        return None
