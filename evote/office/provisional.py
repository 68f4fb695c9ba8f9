"""Provisional results as the office makes them: units are closed, and what was decrypted is published (A51).

With a board a unit is closed when its log comes into the record (:func:`state_closed`); else the order is:
ballots are in the record; :func:`close_units` states that units are closed, and the record is
sealed; guardians decrypt the cells that are complete; :func:`publish_provisional` puts the result into the
record, with the log of requests where one is declared, and the record is sealed again. The final result
(:func:`evote.office.opening.publish_decryption`) carries over what was published.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from evote.ballots import Election
from evote.ballots.hashes import submitted_hash
from evote.decryption import Decryption, RequestFrame, RequestFrameKind, ShownRequests
from evote.errors import DecodeError, RefusedError
from evote.guardian import ClosedRecord
from evote.manifest import Manifest
from evote.record import DecryptionFile, RecordReader, RecordWriter
from evote.record.layout import BALLOTS, CHECKPOINTS, REQUESTS, largest_ballot
from evote.record.provisional import FORMAT, ProvisionalResult, frame_digest, seal_provisional
from evote.record.standing import Standing, standing
from evote.signing import SigningKey
from evote.tally import (
    ClosingHead,
    DecryptedCell,
    TalliedCell,
    UnitClosing,
    UnitTrees,
    WithheldCell,
)
from evote.tally.closings import cell_name, manifest_cells

C = TypeVar("C", TalliedCell, DecryptedCell, WithheldCell)


# --- closing -------------------------------------------------------------------------------------------


def close_units(
    election: Election, writer: RecordWriter, units: Sequence[str], reason: str = ""
) -> tuple[UnitClosing, ...]:
    """State that these units are closed with the ballots that the record has of them; the statements.

    A unit that is closed already is closed again, with ``reason``. With a board the heads are the
    closing ones of the logs. Raises :class:`RefusedError` for a unit that was decrypted already, one
    that changed in nothing, one without ballots of its own, and where a reason is missing or out of place.
    """
    stands = standing(writer.reader, election.manifest, election.extended_hash)
    heads = _heads(election, writer.reader)
    made = []
    for unit in units:
        if unit not in heads:
            raise RefusedError(
                f"{unit!r} has no ballots of its own, or its log is not in the record; "
                "'evote board close' brings it there"
            )
        if unit in stands.states.decrypted:
            raise RefusedError(
                f"unit {unit!r} was decrypted already; a correction is published with 'evote results correct'"
            )
        before = stands.states.stated(unit)
        if before == heads[unit]:
            raise RefusedError(f"unit {unit!r} is closed with these very ballots already")
        if before is not None and not reason:
            raise RefusedError(f"unit {unit!r} was closed with other ballots; say why it is closed again")
        made.append(UnitClosing(unit, heads[unit], before, "" if before is None else reason))
    _append(writer, stands, made)
    return tuple(made)


def state_closed(
    election: Election, writer: RecordWriter, heads: Mapping[str, ClosingHead]
) -> tuple[UnitClosing, ...]:
    """State that units of a board are closed with the closing heads of their logs; the new statements.

    What is stated already is not stated again. Raises :class:`RefusedError` for a unit that was closed with
    another head: its log ends once.
    """
    stands = standing(writer.reader, election.manifest, election.extended_hash)
    made = []
    for unit, head in heads.items():
        before = stands.states.heads.get(unit)
        if before is not None and before != head:
            raise RefusedError(f"unit {unit!r} is closed with another head, and the log of a unit ends once")
        if before is None:
            made.append(UnitClosing(unit, head, None, ""))
    if made:
        _append(writer, stands, made)
    return tuple(made)


def correct_unit(
    election: Election, writer: RecordWriter, unit: str, head: ClosingHead, reason: str
) -> UnitClosing:
    """State that a unit which was decrypted should have had another head: a discrepancy; the statement.

    Nothing that was published changes, and nothing is decrypted for it. Raises :class:`RefusedError` for a
    unit that was not decrypted yet, and for a missing reason.
    """
    stands = standing(writer.reader, election.manifest, election.extended_hash)
    if unit not in stands.states.decrypted:
        raise RefusedError(f"unit {unit!r} is not decrypted yet; close it again with 'evote results close'")
    before = stands.states.stated(unit)
    if not reason or before == head:
        raise RefusedError("a correction has a reason, and another head than the one before it")
    made = UnitClosing(unit, head, before, reason)
    _append(writer, stands, [made])
    return made


def _append(writer: RecordWriter, stands: Standing, made: Sequence[UnitClosing]) -> None:
    for closing in made:
        stands.states.close(closing)  # nothing is written that breaks a rule
    with writer.closings() as frames:
        for closing in made:
            frames.append(closing)
        frames.sync()


def _heads(election: Election, reader: RecordReader) -> dict[str, ClosingHead]:
    board = election.manifest.board
    if board is not None:
        if not reader.has(CHECKPOINTS):
            return {}
        origins = {log.origin: path for path, log in board.units.items()}
        counted = reader.checkpoints().counted
        return {
            origins[one.origin]: ClosingHead(one.size, one.root) for one in counted if one.origin in origins
        }
    trees = UnitTrees(election.manifest)
    if reader.has(BALLOTS):
        limit = largest_ballot(election.manifest, reader.element_bytes)
        for _, frame, submitted in reader.ballots(limit=limit):
            if isinstance(submitted, DecodeError):
                raise submitted
            trees.add(submitted.ballot.unit, submitted_hash(election.extended_hash, frame))
    return trees.heads()


# --- publishing ----------------------------------------------------------------------------------------


def publish_provisional(
    record: ClosedRecord,
    writer: RecordWriter,
    decryption: Decryption | None,
    key: SigningKey,
    date: str,
    requests: ShownRequests | None = None,
) -> ProvisionalResult:
    """Write the next provisional result into the record; whoever calls it seals the record afterwards.

    ``decryption`` is what the guardians gave for the cells that are complete now, None where only units were
    closed or corrected since. ``requests`` is the log of requests, where one is declared. Raises
    :class:`RefusedError` if it would say nothing new, and for a missing log.
    """
    election, stands = record.election, record.standing
    before, states = stands.latest, stands.states
    if decryption is None and before is not None and before.closings == stands.closings:
        raise RefusedError("nothing was closed, corrected or decrypted since the last provisional result")
    put_requests(election, writer, requests)
    merged = merge(election.manifest, stands, decryption)
    done = {(cell.contest, cell.cell) for cell in merged.cells}
    done |= {(cell.contest, cell.cell) for cell in merged.withheld}
    held = {} if before is None else {(cell.contest, cell.cell): cell for cell in before.tally}
    tally = tuple(
        held.get((cell.contest, cell.cell), cell)
        for cell in record.tally.publish().cells
        if (cell.contest, cell.cell) in done
    )
    result = ProvisionalResult(
        FORMAT,
        len(stands.results) + 1,
        frame_digest(stands.last) if stands.last else None,
        date,
        election.extended_hash,
        stands.closings,
        states.units(),
        tuple(states.replaced),
        tuple(states.discrepancies),
        merged.guardians,
        tally,
        merged.cells,
        merged.withheld,
    )
    with writer.provisional() as frames:
        frames.append(seal_provisional(result, key))
        frames.sync()
    return result


def merge(manifest: Manifest, stands: Standing, decryption: Decryption | None) -> DecryptionFile:
    """What was published and what was decrypted now, together; nothing that was published changes.

    Raises :class:`RefusedError` for a cell that is in both.
    """
    before = stands.latest
    guardians = set(() if before is None else before.guardians)
    cells = list(() if before is None else before.cells)
    withheld = list(() if before is None else before.withheld)
    if decryption is not None:
        for cell in decryption.cells:
            if (cell.contest, cell.cell) in stands.done:
                name = cell_name(cell.contest, cell.cell)
                raise RefusedError(f"{name} was published already, and is not decrypted again")
        guardians |= set(decryption.guardians)
        cells += decryption.cells
        withheld += decryption.withheld
    order = {key: place for place, (key, _) in enumerate(manifest_cells(manifest))}
    return DecryptionFile(
        tuple(sorted(guardians)),
        tuple(sorted(cells, key=lambda cell: order[cell.contest, cell.cell])),
        tuple(sorted(withheld, key=lambda cell: order[cell.contest, cell.cell])),
    )


def put_requests(election: Election, writer: RecordWriter, shown: ShownRequests | None) -> None:
    """Bring the log of requests in the record up to what is shown, entries and then the head.

    Raises :class:`RefusedError` if one is declared and none given, or if the record has another one.
    """
    if election.manifest.requests is None:
        return
    if shown is None:
        raise RefusedError("the manifest declares a log of requests; it is published with every result")
    reader = writer.reader
    held = 0
    last = RequestFrame(RequestFrameKind.ENTRY, b"")
    if reader.has(REQUESTS):
        for _, _, frame in reader.requests():
            if isinstance(frame, DecodeError):
                raise frame
            if frame.kind is RequestFrameKind.ENTRY:
                if held >= len(shown.entries) or shown.entries[held] != frame.body:
                    raise RefusedError(
                        "the record has another log of requests already; start from a sound copy"
                    )
                held += 1
            last = frame
    head = RequestFrame(RequestFrameKind.HEAD, shown.note)
    if held == len(shown.entries) and last == head:
        return
    with writer.requests() as frames:
        for entry in shown.entries[held:]:
            frames.append(RequestFrame(RequestFrameKind.ENTRY, entry))
        frames.append(head)
        frames.sync()
