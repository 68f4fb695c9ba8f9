"""Cast vote records on their way into the record: each row once, whatever stops the program.

A file is read twice. :meth:`Intake.survey` looks at every row and changes nothing: what is refused is heard
of before the first ballot is encrypted. :meth:`Intake.encrypt` encrypts the rest and writes the ballots,
cast, with their hints, into the record, a batch at a time, as :mod:`evote.storage.journal` describes; what a
program that was stopped left is settled first (:func:`settle`).

Rules: the device stands for one source of rows, and serves nothing else. A row that was done is left out
when the file, corrected or longer, comes again; a row that says something else than it did when it was done
ends the run, because nobody knows then which rows are new.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from evote.ballots import Election, PlaintextBallot
from evote.bulk.encrypt import FinishedBallot, encrypt_ballots
from evote.errors import DecodeError, RefusedError, StorageError
from evote.groups import Group
from evote.office.box import Hints, Warn
from evote.office.rows import Row, RowSource
from evote.record import RecordReader, RecordWriter
from evote.record.layout import BALLOTS, largest_ballot
from evote.record.segments import count_frames
from evote.storage.journal import Journal, Note
from evote.storage.pending import PendingStore
from evote.storage.vault import Vault

BATCH = 64
"""Ballots that are written and noted together."""

_ROW, _NAME, _FILE = "row", "name of a row", "file of rows"


@dataclass(frozen=True, slots=True)
class Survey:
    """What is in a file: ``rows`` in all, of which some are ``done``, ``refused``, or ``ready``."""

    rows: int
    done: int
    refused: int
    digest: bytes
    """SHA-256 of the file."""

    @property
    def ready(self) -> int:
        """Rows that can be encrypted and are not yet."""
        return self.rows - self.done - self.refused


@dataclass(frozen=True, slots=True)
class Taken:
    """A row that is in the record now, and the confirmation code of its ballot."""

    row: int
    code: str


class Intake:
    """The rows of one source on their way into one record; a context manager, for one thread."""

    def __init__(
        self,
        election: Election,
        journal: Journal,
        vault: Vault,
        store: PendingStore,
        source: RowSource,
        device: str,
    ) -> None:
        """Raises :class:`RefusedError` for a device that serves voters."""
        if any(name == device or name.startswith(f"{device}/") for name in store.devices()):
            raise RefusedError(f"the device {device!r} serves voters; give these rows another one")
        self._election = election
        self._journal = journal
        self._vault = vault
        self._source = source
        self._device = device
        # In a temporary file of SQLite's own: the identifiers of a million rows need not be in memory.
        self._left_out = sqlite3.connect("", isolation_level=None)
        self._left_out.execute("CREATE TABLE names (name BLOB PRIMARY KEY, row INTEGER) WITHOUT ROWID")
        self._left_out.execute("CREATE TABLE rows (row INTEGER PRIMARY KEY)")

    def __enter__(self) -> Intake:
        return self

    def __exit__(self, *error: object) -> None:
        self._left_out.close()

    # --- looking -----------------------------------------------------------------------------------

    def survey(self, refused: Callable[[Row], None], step: Callable[[int], None]) -> Survey:
        """Look at every row; ``refused`` hears each that is, ``step`` how many were looked at.

        Raises what the source raises, and :class:`RefusedError` for a row that says something else than
        when it was encrypted.
        """
        rows = done = left = 0
        self._left_out.execute("BEGIN")
        self._left_out.execute("DELETE FROM names")
        self._left_out.execute("DELETE FROM rows")
        for row in self._source.rows():
            rows += 1
            held = self._journal.digest_of(self._device, row.number)
            reason = row.refusal
            if held is not None:
                if row.ballot is None or self._digest(row) != held:
                    raise RefusedError(_changed(row, self._device))
                done += 1
            elif not reason:
                reason = self._name_taken(row)
            if reason:
                left += 1
                refused(Row(row.number, row.place, row.name, None, reason))
            if reason or held is not None:
                self._left_out.execute("INSERT INTO rows VALUES (?)", (row.number,))
            step(rows)
        self._left_out.execute("COMMIT")
        return Survey(rows, done, left, self._source.digest)

    def _name_taken(self, row: Row) -> str:
        """Why a row cannot have its identifier; empty if it can."""
        name = self._name(row)
        if name is None:
            return ""
        elsewhere = self._journal.row_named(name)
        if elsewhere is not None:
            source, number = elsewhere
            return f"the identifier {row.name!r} is that of row {number} of {source!r}, which is done"
        try:
            self._left_out.execute("INSERT INTO names VALUES (?, ?)", (name, row.number))
        except sqlite3.IntegrityError:
            (first,) = self._left_out.execute("SELECT row FROM names WHERE name = ?", (name,)).fetchone()
            return f"the identifier {row.name!r} is that of row {first} too"
        return ""

    # --- writing -----------------------------------------------------------------------------------

    def encrypt(
        self,
        writer: RecordWriter,
        survey: Survey,
        warn: Warn,
        *,
        executor: Executor | None = None,
        batch: int = BATCH,
    ) -> Iterator[Taken]:
        """Encrypt what is ready and write it; yields each row once its ballot is durably in the record.

        Raises :class:`RefusedError` for a file that was encrypted for another device, or is not the one that
        was surveyed, and as :func:`~evote.bulk.encrypt.encrypt_ballots`; the record and the journal then have
        the rows so far.
        """
        waiting: deque[tuple[Row, bytes, bytes | None]] = deque()

        def ballots() -> Iterator[PlaintextBallot]:
            for row in self._source.rows():
                if row.ballot is None or self._is_left_out(row):
                    continue
                waiting.append((row, self._digest(row), self._name(row)))
                yield row.ballot
            if self._source.digest != survey.digest:
                raise RefusedError(
                    f"{self._source.path} was changed while its rows were encrypted; look at what is done, "
                    "and start again"
                )

        self._journal.open_source(self._device, self._vault.digest(_FILE, survey.digest))
        position = count_frames(Path(writer.reader.directory) / BALLOTS)
        finished = encrypt_ballots(
            self._election, self._device, ballots(), executor=executor, codes=self._journal.last_codes()
        )
        with writer.ballots() as box, closing(Hints(writer.hints, warn)) as hints, closing(finished):

            def write() -> None:
                notes = [_note(*about, ballot) for about, ballot in made]
                self._journal.begin(self._device, position, notes)
                for _, ballot in made:
                    box.append(ballot.submitted)
                box.sync()
                self._journal.finish()
                for _, ballot in made:
                    hints.append(ballot.hint)

            made: list[tuple[tuple[Row, bytes, bytes | None], FinishedBallot]] = []
            fault: Exception | None = None
            while True:
                try:
                    ballot = next(finished, None)
                except Exception as error:  # noqa: BLE001 - raised below, behind what is finished
                    ballot, fault = None, error
                if ballot is not None:
                    made.append((waiting.popleft(), ballot))
                if made and (ballot is None or len(made) >= batch):
                    write()
                    position += len(made)
                    for (row, _, _), done in made:
                        yield Taken(row.number, done.code)
                    made.clear()
                if fault is not None:
                    raise fault
                if ballot is None:
                    return

    def _is_left_out(self, row: Row) -> bool:
        found = self._left_out.execute("SELECT 1 FROM rows WHERE row = ?", (row.number,)).fetchone()
        return found is not None

    def _digest(self, row: Row) -> bytes:
        return self._vault.digest(_ROW, row.content())

    def _name(self, row: Row) -> bytes | None:
        return None if row.name is None else self._vault.digest(_NAME, row.name.encode("utf-8"))


def settle(election: Election, journal: Journal, directory: Path, groups: Mapping[str, Group] | None) -> int:
    """Finish what a program that was stopped had begun to write; how many ballots that concerned.

    A torn frame is cut off the record; ballots that are not in it are forgotten, and their rows encrypted
    again. Raises :class:`StorageError` while another program writes to the record.
    """
    begun = journal.begun()
    if begun is None:
        return 0
    position, identifiers = begun
    RecordWriter.recover(directory, groups)
    reader = RecordReader(directory, groups)
    if count_frames(directory / BALLOTS) < position:
        raise StorageError(
            f"{directory} has fewer ballots than {journal.path} knows of; put the newest copy back"
        )
    recorded = set()
    if reader.has(BALLOTS):
        limit = largest_ballot(election.manifest, election.group.element_bytes)
        for _, _, submitted in reader.ballots(limit=limit, first=position):
            if isinstance(submitted, DecodeError):
                raise submitted
            recorded.add(submitted.ballot.identifier)
    journal.settle(recorded)
    return len(identifiers)


def _note(row: Row, digest: bytes, name: bytes | None, ballot: FinishedBallot) -> Note:
    made = ballot.submitted.ballot
    return Note(row.number, digest, name, made.device, made.confirmation_code, made.identifier)


def _changed(row: Row, device: str) -> str:
    return (
        f"row {row.number} ({row.place}) is not what was encrypted as row {row.number} of {device!r}; "
        "a corrected file has the same rows in the same places, and another file has another device"
    )
