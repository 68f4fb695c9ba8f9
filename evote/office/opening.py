"""Decryption as the office sees it: what the guardians gave goes into the record, and the result.

The office calls a session and combines its messages (:mod:`evote.guardian.coordinator`); it holds no
share and sees no vote. Everything here can be done again after a stop: the same messages give the same
bytes, and what is in the record already stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TypeVar

from evote.ballots import BallotState, OpenedBallot
from evote.decryption import Decryption, ShownRequests
from evote.errors import DecodeError, RefusedError
from evote.guardian import ClosedRecord
from evote.manifest import Manifest
from evote.office.provisional import merge, put_requests
from evote.office.returns_published import put_returns_result
from evote.record import (
    DecryptionFile,
    RecordReader,
    RecordWriter,
    Stage,
    put_result_files,
)
from evote.record.layout import BALLOTS, DATA, OPENINGS, largest_ballot
from evote.record.reader import Frames
from evote.record.writer import FrameWriter
from evote.signing import SigningKey

T = TypeVar("T")


def publish_decryption(
    record: ClosedRecord,
    writer: RecordWriter,
    decryption: Decryption,
    key: SigningKey,
    date: str,
    requests: ShownRequests | None = None,
) -> DecryptionFile:
    """Write decryption, openings, contest data and result, and seal the final record.

    What was published before the end is carried over as it is. ``requests`` is the log of requests, where one
    is declared. Raises :class:`RefusedError` if the record holds another decryption, and for a missing log.
    """
    put_requests(record.election, writer, requests)
    file = merge(record.election.manifest, record.standing, decryption)
    writer.put_decryption(file)
    reader, manifest = writer.reader, record.election.manifest
    if manifest.guardian_opening:
        challenged = _challenged(reader, manifest)
        openings = _in_order(challenged, decryption.openings)
        held = reader.openings() if reader.has(OPENINGS) else iter(())
        with writer.openings() as frames:
            _append_rest(frames, held, openings)
    if decryption.data:
        present = reader.contest_data() if reader.has(DATA) else iter(())
        with writer.data() as data:
            _append_rest(data, present, decryption.data)
    put_result_files(writer, record.tally, file)
    put_returns_result(writer, record.election)
    writer.seal(Stage.FINAL, date, key, record.tally.head)
    return file


def _challenged(reader: RecordReader, manifest: Manifest) -> list[bytes]:
    """The identifiers of the challenged ballots in the order of the record."""
    found = []
    if reader.has(BALLOTS):
        limit = largest_ballot(manifest, reader.element_bytes)
        for _, _, submitted in reader.ballots(limit=limit):
            if isinstance(submitted, DecodeError):
                raise submitted
            if submitted.state is BallotState.CHALLENGED:
                found.append(submitted.ballot.identifier)
    return found


def _in_order(identifiers: Sequence[bytes], openings: Sequence[OpenedBallot]) -> list[OpenedBallot]:
    by_identifier = {opening.identifier: opening for opening in openings}
    return [by_identifier[identifier] for identifier in identifiers if identifier in by_identifier]


def _append_rest(writer: FrameWriter[T], held: Frames[T] | Iterator[object], values: Sequence[T]) -> None:
    """Append what is not there yet; what is there must be the beginning of ``values``."""
    written = sum(1 for _ in held)
    if written > len(values):
        raise RefusedError("the record has more openings than the guardians made; start from a sound copy")
    for value in islice(values, written, None):
        writer.append(value)
