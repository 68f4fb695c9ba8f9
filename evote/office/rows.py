"""Rows of a file of cast vote records, whatever its form: a ballot each, or why there is none.

A source is read from its start as often as asked; what it read last has a digest. Its rows are checked
against the manifest as they are read, one at a time in memory.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from evote.ballots import PlaintextBallot
from evote.bulk.encrypt import require_encryptable
from evote.errors import DecodeError
from evote.manifest import Manifest

MAX_NAME_BYTES = 1024
"""Most bytes of the identifier of a row."""


@dataclass(frozen=True, slots=True)
class Row:
    """One cast vote record: ``ballot``, or the ``refusal`` that says why it cannot be encrypted."""

    number: int
    """From 1; a header is not counted."""
    place: str
    """Where it stands in the file, for people."""
    name: str | None = field(repr=False)
    """The identifier that the file gives it, None if it gives none."""
    ballot: PlaintextBallot | None = field(repr=False)
    refusal: str = ""

    def content(self) -> bytes:
        """What the row says in one form, by which it is known again; of a row that has a ballot."""
        if self.ballot is None:
            raise ValueError("a refused row has no content")
        contests = {
            label: [{option: mark for option, mark in marked.marks.items() if mark}, list(marked.write_ins)]
            for label, marked in self.ballot.contests.items()
        }
        parts = [self.name, self.ballot.unit, self.ballot.style, contests]
        return json.dumps(parts, sort_keys=True, separators=(",", ":")).encode("ascii")


class RowSource(Protocol):
    """A file of cast vote records."""

    @property
    def path(self) -> Path:
        """The file."""

    @property
    def digest(self) -> bytes:
        """SHA-256 of the file as it was when :meth:`rows` last came to its end, empty before."""

    def rows(self) -> Iterator[Row]:
        """Every row in order.

        Raises :class:`DecodeError` for a file in which rows cannot be told from each other, or which is
        not for this election, and ``OSError``.
        """


def row_of(
    manifest: Manifest, number: int, place: str, name: str | None, read: Callable[[], PlaintextBallot]
) -> Row:
    """The row whose ballot ``read`` gives; refused where that, or the manifest, says so."""
    if name is not None and not 1 <= len(name.encode("utf-8")) <= MAX_NAME_BYTES:
        return Row(number, place, None, None, f"an identifier has 1 to {MAX_NAME_BYTES} bytes")
    try:
        ballot = read()
        require_encryptable(manifest, ballot)
    except (DecodeError, ValueError) as error:
        return Row(number, place, name, None, str(error))
    return Row(number, place, name, ballot)
