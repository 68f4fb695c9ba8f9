"""The ballot box: what voters decide, and decided ballots on their way into the record.

Rules: a ballot is verified before the decision counts, so that nothing enters the record that would
not pass there; the decision is durable before the record changes, and the record is durable before
anybody hears of it. A program that was stopped in between is caught up with at the next start
(:func:`catch_up`), so that a decided ballot is in the record exactly once. Hints travel with the ballots
and never stop one: what is wrong with them is told to ``warn``, and the record goes on without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from evote.ballots import (
    BallotState,
    Election,
    OpenedBallot,
    verify_cast,
    verify_challenged,
    verify_opening,
)
from evote.ballots.hints import BallotHint
from evote.ballots.opening import open_ballot
from evote.errors import DecodeError, RefusedError, StorageError
from evote.groups import Group
from evote.manifest import ChainingMode
from evote.office.booth import NONCE
from evote.office.sheetbox import open_sheet
from evote.record import RecordReader, RecordWriter
from evote.record.hints import HintFiller, HintWriter
from evote.record.layout import BALLOTS, largest_ballot
from evote.record.standing import decrypted_units, require_not_decrypted
from evote.storage.pending import Entry, PendingStore
from evote.storage.vault import Vault

Step = Callable[[int], None]
Warn = Callable[[str], None]
"""Hears what is wrong with hints, in a sentence."""


def cast(
    election: Election,
    store: PendingStore,
    writer: RecordWriter,
    entries: Sequence[Entry],
    step: Step,
    warn: Warn,
) -> None:
    """Cast ballots: decide, then write them into the record. ``step`` hears how many are decided.

    Raises :class:`RefusedError` for a ballot that was challenged; those before it are cast then.
    """
    _require_open_units(election, writer, entries)
    try:
        for number, entry in enumerate(entries, 1):
            decided = store.decide(_verified_cast(election, entry), BallotState.CAST)
            step(number)
            if decided.decision is not BallotState.CAST:
                raise RefusedError(f"ballot {entry.code} is not cast")
    finally:
        append_waiting(election, store, writer, warn)


def challenge(
    election: Election,
    store: PendingStore,
    vault: Vault,
    writer: RecordWriter,
    entries: Sequence[Entry],
    warn: Warn,
) -> list[tuple[Entry, OpenedBallot | None]]:
    """Challenge ballots: decide, open, write them into the record; their openings.

    Sheets that were encrypted before their voters chose are opened whole. There is no opening where the
    manifest leaves that to the guardians. A ballot challenged before is opened again with the same result.
    Raises :class:`RefusedError` for one that was cast.
    """
    _require_open_units(election, writer, entries)
    opened: list[tuple[Entry, OpenedBallot | None]] = []
    try:
        for entry in entries:
            if election.manifest.pre_encrypts(entry.ballot.device):
                opened.append(open_sheet(election, store, vault, entry))
                continue
            if entry.decision is None:
                # The state that it is going to have, so that its hashes and proofs can be checked first.
                _check_challenge(election, entry)
            decided = store.decide(entry, BallotState.CHALLENGED)
            opened.append(_opened(election, store, vault, decided))
    finally:
        append_waiting(election, store, writer, warn)
    return opened


def catch_up(
    election: Election, store: PendingStore, directory: Path, groups: Mapping[str, Group] | None, warn: Warn
) -> int:
    """Finish what a program that was stopped had begun; returns how many ballots that concerned.

    Cuts a torn frame off the record, marks what is in it already, and writes what is missing.
    """
    waiting = {entry.ballot.identifier: entry for entry in store.waiting(chained=_chained(election))}
    if not waiting:
        return 0
    RecordWriter.recover(directory, groups)
    reader = RecordReader(directory, groups)
    known: dict[int, BallotHint] = {}
    if reader.has(BALLOTS):
        limit = largest_ballot(reader.manifest(), reader.element_bytes)
        for position, _, submitted in reader.ballots(limit=limit):
            if isinstance(submitted, DecodeError):
                raise submitted
            entry = waiting.get(submitted.ballot.identifier)
            if entry is not None:
                hint = entry.submitted_hint()
                if hint is not None:
                    known[position] = hint
                store.mark_recorded(entry)
    append_waiting(election, store, RecordWriter.open(directory, groups), warn, known)
    return len(waiting)


def _require_open_units(election: Election, writer: RecordWriter, entries: Sequence[Entry]) -> None:
    """Nothing is decided that could not go into the record, because the unit was decrypted."""
    decrypted = decrypted_units(writer.reader, election.manifest)
    for entry in entries:
        if entry.decision is None:
            require_not_decrypted(decrypted, entry.ballot.unit)


def _verified_cast(election: Election, entry: Entry) -> Entry:
    """The entry, if it can be cast; what was cast before was verified then."""
    if election.manifest.pre_encrypts(entry.ballot.device):
        raise RefusedError(
            f"ballot {entry.code} was encrypted before its voter chose; record its marks with "
            "'evote preencrypt cast'"
        )
    if entry.decision is None:
        verify_cast(election, entry.as_if(BallotState.CAST))
    return entry


def _check_challenge(election: Election, entry: Entry) -> None:
    verify_challenged(election, entry.as_if(BallotState.CHALLENGED))


def _opened(
    election: Election, store: PendingStore, vault: Vault, entry: Entry
) -> tuple[Entry, OpenedBallot | None]:
    if election.manifest.guardian_opening:
        return entry, None
    if entry.opening is None:
        if entry.nonce is None:
            raise RefusedError(f"ballot {entry.code} has neither its nonce nor its opening any more")
        nonce = vault.open(NONCE, entry.ballot.identifier, entry.nonce)
        opening = open_ballot(election, entry.ballot, nonce)
        verify_opening(election, entry.ballot, opening)
        entry = store.keep_opening(entry, opening)
    return entry, entry.opening


def _chained(election: Election) -> bool:
    return election.manifest.chaining is not ChainingMode.NONE


def append_waiting(
    election: Election,
    store: PendingStore,
    writer: RecordWriter,
    warn: Warn,
    known: Mapping[int, BallotHint] | None = None,
) -> None:
    """Write what waits; ``known`` has hints by position for ballots that are in the record already."""
    waiting = list(store.waiting(chained=_chained(election)))
    if not waiting:
        if known:
            Hints(lambda: writer.hints(known), warn).close()
        return
    with writer.ballots() as box, closing(Hints(lambda: writer.hints(known), warn)) as hints:
        for entry in waiting:
            box.append(entry.submitted())
        box.sync()
        for entry in waiting:
            hints.append(entry.submitted_hint())
    for entry in waiting:
        store.mark_recorded(entry)


class Hints:
    """The hints of the record, as long as the disk takes them; ``opened`` gives who writes them."""

    def __init__(self, opened: Callable[[], HintWriter | HintFiller], warn: Warn) -> None:
        self._warn = warn
        self._writer: HintWriter | HintFiller | None = None
        with self._or_without():
            self._writer = opened()

    def append(self, hint: BallotHint | None) -> None:
        with self._or_without():
            if self._writer is not None:
                self._writer.append(hint)

    def close(self) -> None:
        with self._or_without():
            if self._writer is not None:
                self._writer.close()

    @contextmanager
    def _or_without(self) -> Iterator[None]:
        try:
            yield
        except (DecodeError, StorageError) as error:
            self._writer = None
            self._warn(f"the hints that make verification fast are not complete: {error}")
