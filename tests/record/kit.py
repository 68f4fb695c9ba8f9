"""A small election written as a record, for the tests of this package."""

from __future__ import annotations

import functools
from pathlib import Path

from evote.record.counts import RecordCounter, RecordCounts
from evote.record.reader import RecordReader
from evote.record.result import compute_result, result_csv, result_json
from evote.record.values import SealedIndex, Stage
from evote.record.writer import RecordWriter
from evote.tally import ClosingHead
from evote.testing.elections import SMALL, Kit, Published
from evote.testing.groups import toy

GROUPS = {toy().name: toy()}
DRAFT = {**SMALL, "decrypt_contest_data": True}
DATES = tuple(f"2026-06-0{day}T20:00:00Z" for day in range(1, 10))


@functools.cache
def small() -> tuple[Kit, Published]:
    """Six ballots in two units, one challenged; contest data is decrypted."""
    kit = Kit(DRAFT, seed="record")
    for place, (unit, mayor, council) in enumerate(
        [
            ("North", {"Ada": 1}, {"Kurt": 2}),
            ("South", {"Grace": 1}, {"Alan": 1}),
            ("North", {"Ada": 1}, {}),
            ("North", {"blank": 1}, {"Emmy": 1, "Alan": 1}),
            ("South", {}, {"Emmy": 1}),
            ("South", {"Ada": 1}, {"Kurt": 1}),
        ]
    ):
        marks = {"Mayor": mayor, "Council": council}
        kit.vote(unit, marks, challenge=place == 3, device=f"device {place % 2 + 1}")
    return kit, kit.publish()


def counts(published: Published) -> RecordCounts:
    """The counts of what is published, without a record."""
    counter = RecordCounter(published.manifest, published.data)
    for submitted in published.submitted:
        counter.add(submitted)
    return counter.finish()


def begin(directory: Path, *, segment_bytes: int = 10_000) -> RecordWriter:
    """A record in setup, not sealed."""
    kit, published = small()
    writer = RecordWriter.create(directory, kit.manifest, kit.parameters, segment_bytes=segment_bytes)
    writer.put_guardians(published.guardians)
    writer.put_keys(published.keys)
    return writer


def vote(writer: RecordWriter, first: int = 0, end: int | None = None) -> None:
    """Add some of the ballots, and the devices as they are then."""
    kit, published = small()
    with writer.ballots() as ballots:
        for submitted in published.submitted[first:end]:
            ballots.append(submitted)
    writer.put_devices(kit.devices(published.submitted[:end]))


def finish(writer: RecordWriter) -> None:
    """Add everything that comes after the voting."""
    kit, published = small()
    writer.put_tally(published.tally)
    with writer.openings() as openings:
        for opened in published.openings:
            openings.append(opened)
    with writer.data() as data:
        for decrypted in published.data:
            data.append(decrypted)
    writer.put_decryption(published.decryption)
    result = compute_result(
        kit.manifest,
        published.tally,
        published.decryption,
        counts(published),
        fingerprint=kit.election.extended_hash,
    )
    writer.put_result(result_json(result), result_csv(result))


def seal(
    writer: RecordWriter, stage: Stage, date: str = DATES[0], head: ClosingHead | None = None
) -> SealedIndex:
    """The next index, by the authority of the small election."""
    return writer.seal(stage, date, small()[0].authority, head)


def write_final(directory: Path) -> RecordReader:
    """The whole record, sealed once."""
    writer = begin(directory)
    vote(writer)
    finish(writer)
    seal(writer, Stage.FINAL, head=small()[1].head)
    return RecordReader(directory, GROUPS)


def write_grown(directory: Path) -> RecordReader:
    """The whole record in five publications: setup, two while voting, closed, final."""
    head = small()[1].head
    writer = begin(directory)
    seal(writer, Stage.SETUP, DATES[0])
    vote(writer, 0, 2)
    seal(writer, Stage.VOTING, DATES[1])
    vote(writer, 2, 5)
    seal(writer, Stage.VOTING, DATES[2])
    vote(writer, 5)
    seal(writer, Stage.VOTING, DATES[3], head)
    finish(writer)
    seal(writer, Stage.FINAL, DATES[4], head)
    return RecordReader(directory, GROUPS)
