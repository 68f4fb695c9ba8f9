"""Closing an election: devices, the encrypted tally and the closing head.

Every ballot is verified once more from the record's files, because only a verified ballot enters a
tally; what stands in the record afterwards is what this pass added up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from evote.ballots import BallotState, Election, device_record, examine, verified_of
from evote.ballots.values import DeviceRecord
from evote.errors import DecodeError, RefusedError
from evote.groups import Group
from evote.manifest import ChainingMode
from evote.record import DevicesFile, RecordReader, RecordWriter
from evote.record.layout import BALLOTS, OPENINGS, largest_ballot
from evote.storage.pending import PendingStore
from evote.tally import Tallier, Tally


def verified_tally(election: Election, reader: RecordReader, step: Callable[[int], None]) -> Tally:
    """Verify every ballot of a record and add it up; ``step`` hears how many are done.

    Raises :class:`~evote.errors.VerificationError` for the first ballot that does not hold.
    """
    tallier = Tallier(election)
    if reader.has(BALLOTS):
        limit = largest_ballot(election.manifest, election.group.element_bytes)
        for position, _, submitted in reader.ballots(limit=limit):
            if isinstance(submitted, DecodeError):
                raise submitted
            tallier.add(verified_of(election, submitted, examine(election, submitted)))
            step(position + 1)
    return tallier.tally(tallier.head())


def devices_file(election: Election, store: PendingStore) -> DevicesFile:
    """What is published of the devices: their codes in order, and their closed chains.

    In chaining mode 0 the codes are those of decided ballots. In mode 1 a chain holds every ballot of its
    device, so that all must be decided; raises :class:`RefusedError` otherwise.
    """
    undecided = store.counts().undecided
    if undecided and election.manifest.chaining is not ChainingMode.NONE:
        raise RefusedError(
            f"{undecided} ballots are neither cast nor challenged, and a chain of confirmation codes has no "
            "gaps; let their voters decide, or challenge them: 'evote challenge --undecided'"
        )
    found: list[DeviceRecord] = [
        device_record(election, device, store.recorded_codes(device)) for device in store.devices()
    ]
    return DevicesFile(tuple(found))


def close(
    election: Election,
    record: Path,
    store: PendingStore,
    groups: Mapping[str, Group] | None,
    step: Callable[[int], None],
) -> Tally:
    """Write devices, openings and tally into the record; the tally.

    Raises :class:`RefusedError` if ballots are undecided in a chain, or on their way into the record.
    """
    if store.counts().waiting:
        raise RefusedError("decided ballots are not in the record yet; start 'evote cast' to finish that")
    writer = RecordWriter.open(record, groups)
    devices = devices_file(election, store)
    tally = verified_tally(election, writer.reader, step)
    _openings(election, writer, store)
    writer.put_devices(devices)
    writer.put_tally(tally.publish())
    return tally


def _openings(election: Election, writer: RecordWriter, store: PendingStore) -> None:
    """The openings of challenged ballots, in the order of the record; what is there already stays."""
    if election.manifest.guardian_opening:
        return
    reader = writer.reader
    kept = {entry.ballot.identifier: entry.opening for entry in store.challenged()}
    written = 0
    if reader.has(OPENINGS):
        written = sum(1 for _ in reader.openings())
    challenged = []
    if reader.has(BALLOTS):
        limit = largest_ballot(election.manifest, election.group.element_bytes)
        for _, _, submitted in reader.ballots(limit=limit):
            if isinstance(submitted, DecodeError):
                raise submitted
            if submitted.state is BallotState.CHALLENGED:
                challenged.append(submitted.ballot)
    with writer.openings() as openings:
        for ballot in challenged[written:]:
            opening = kept.get(ballot.identifier)
            if opening is None:
                raise RefusedError(
                    f"ballot {ballot.confirmation_code.hex().upper()} is challenged and not opened; "
                    "start 'evote challenge' with its code again"
                )
            openings.append(opening)
