"""Challenged ballots with their openings, and cast ballots with their decrypted data: 12 to 14, 18, 19.

What belongs together stands in different files and is brought together by the process that leads the
verification; a worker then reads the ballots again, from the places where the first look found them,
finds by their leaf hashes that they are the same, and examines each with what belongs to it.
"""

from __future__ import annotations

from dataclasses import dataclass

from evote.ballots import Election, OpenedBallot, SubmittedBallot, examine_opening
from evote.ballots.hashes import submitted_hash
from evote.ballots.preencrypted_opened import examine_uncast
from evote.codec import decode
from evote.decryption import examine_data
from evote.errors import DecodeError
from evote.record import layout
from evote.record.folder import Folder
from evote.record.stretches import Piece, changed, read_stretch
from evote.tally import DecryptedData
from evote.verifier.said import Notebook, Said
from evote.verifier.setting import ElectionData


@dataclass(frozen=True, slots=True)
class JoinItem:
    """One ballot, by its place and leaf hash, with the frame of its opening or with its contest data."""

    segment: str
    begin: int
    size: int
    leaf: bytes
    opening: bytes | None
    data: tuple[DecryptedData, ...]


@dataclass(frozen=True, slots=True)
class JoinTask:
    """Ballots of one stretch that have something beside them."""

    record: str
    election: ElectionData
    limit: int
    items: tuple[JoinItem, ...]


def check_joined(task: JoinTask) -> Said:
    """Examine openings and contest data; raises :class:`~evote.errors.StorageError` for other bytes."""
    election, notebook = task.election.election(task.record), Notebook()
    folder = Folder(task.record).subfolder(layout.BALLOTS)
    for item in task.items:
        (frame,), _ = read_stretch(
            folder, (Piece(item.segment, item.begin, item.begin + item.size, bytes(32)),)
        )
        if submitted_hash(election.extended_hash, frame) != item.leaf:
            raise changed(folder / item.segment)
        try:
            submitted = decode(
                SubmittedBallot, frame, element_bytes=election.group.element_bytes, limit=task.limit
            )
        except DecodeError:  # the same bytes were decoded before
            raise changed(folder / item.segment) from None
        _examine(election, submitted, item, notebook)
    return notebook.said()


def _examine(election: Election, submitted: SubmittedBallot, item: JoinItem, notebook: Notebook) -> None:
    if item.opening is not None:
        opened = decode(OpenedBallot, item.opening, element_bytes=election.group.element_bytes)
        if submitted.pre is None:
            findings, counts = examine_opening(election, submitted.ballot, opened)
        else:
            findings, counts = examine_uncast(election, submitted, opened)
        notebook.count_all(counts)
        for error in findings:
            notebook.fail_with(error)
    for data in item.data:
        contest = election.manifest.contest_by_label(data.contest)
        findings, counts = examine_data(election, submitted.ballot, contest, data)
        notebook.count_all(counts)
        for error in findings:
            notebook.fail_with(error)
