"""Closing an election: devices, the encrypted tally and the closing head.

Every ballot is verified once more from the record's files, because only a verified ballot enters a
tally; what stands in the record afterwards is what this pass added up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from pathlib import Path

from evote.ballots import BallotState, Election, device_record
from evote.bulk.tally import tally_record
from evote.errors import DecodeError, RefusedError
from evote.groups import Group
from evote.manifest import ChainingMode
from evote.record import DevicesFile, RecordWriter
from evote.record.layout import BALLOTS, OPENINGS, largest_ballot
from evote.storage.journal import Journal
from evote.storage.pending import PendingStore
from evote.tally import Tally


def devices_file(election: Election, store: PendingStore, journal: Journal | None) -> DevicesFile:
    """What is published of the devices, those of bulk encryption included: codes in the record's order.

    A chain is closed behind the last of them; as long as people vote, the next publication has a longer one.
    """
    made = [(device, store.recorded_codes(device)) for device in store.devices()]
    if journal is not None:
        made += [(device, journal.codes(device)) for device in journal.devices()]
    return DevicesFile(tuple(device_record(election, device, codes) for device, codes in made))


def require_decided(election: Election, store: PendingStore) -> None:
    """Raises :class:`RefusedError` while ballots are on their way, or undecided where codes are chained.

    A chain holds every ballot of its device. Without chains, undecided ballots stay out of the record.
    """
    counts = store.counts()
    if counts.undecided and election.manifest.chaining is not ChainingMode.NONE:
        what = "ballot is" if counts.undecided == 1 else "ballots are"
        raise RefusedError(
            f"{counts.undecided} {what} neither cast nor challenged, and a chain of confirmation codes "
            "has no gaps; let the voters decide, or challenge what is left: 'evote challenge --undecided'"
        )
    if counts.waiting:
        raise RefusedError("decided ballots are not in the record yet; start 'evote cast' to finish that")


def close(
    election: Election,
    record: Path,
    store: PendingStore,
    groups: Mapping[str, Group] | None,
    step: Callable[[int], None],
    *,
    journal: Journal | None = None,
    warn: Callable[[str], None] = lambda sentence: None,
    executor: Executor | None = None,
) -> Tally:
    """Write devices, openings and tally into the record; the tally.

    Raises as :func:`require_decided` and :func:`evote.bulk.tally.tally_record`.
    """
    require_decided(election, store)
    writer = RecordWriter.open(record, groups)
    devices = devices_file(election, store, journal)
    tally = tally_record(election, writer.reader, executor=executor, step=step, warn=warn)
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
