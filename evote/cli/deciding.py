"""What ``evote cast`` and ``evote challenge`` have in common: which ballots are meant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evote.cli.ending import UnusableError, reading, say
from evote.cli.world import World
from evote.office.box import catch_up
from evote.office.intake import settle
from evote.office.open import OpenElection, open_election
from evote.office.private import journal_of, pending_store
from evote.record import read_limited
from evote.storage.pending import Entry, PendingStore

MAX_CODES_BYTES = 256 * 1024 * 1024


@contextmanager
def open_box(world: World, record: Path, private: Path) -> Iterator[tuple[OpenElection, PendingStore]]:
    """The election and its pending ballots; what a stopped program left is finished first."""
    with reading(record):
        opened = open_election(record, world.groups)
        opened.require_no_board()
        opened.require_voting()
    with reading(private):
        store = pending_store(private, opened.election)
    with store:
        with journal_of(private, opened.election) as journal:
            if journal is not None:
                settle(opened.election, journal, record, world.groups)
        catch_up(opened.election, store, record, world.groups, say)
        yield opened, store


def chosen(store: PendingStore, codes: tuple[str, ...], file: Path | None, undecided: bool) -> list[Entry]:
    """The ballots that the arguments name, each once; all are found before one is decided.

    Raises :class:`UnusableError` for none, or a code that is not that of one ballot.
    """
    if undecided:
        if codes or file is not None:
            raise UnusableError("--undecided means all undecided ballots; give no codes beside it")
        return list(store.undecided())
    wanted = list(codes)
    if file is not None:
        with reading(file):
            text = read_limited(file, MAX_CODES_BYTES).decode("utf-8", errors="strict")
        wanted += [line.strip() for line in text.splitlines() if line.strip()]
    if not wanted:
        raise UnusableError("no ballot is named; give confirmation codes, --codes FILE or --undecided")
    found: dict[int, Entry] = {}
    for code in wanted:
        with reading("confirmation code"):
            entry = store.find(code)
        found[entry.number] = entry
    return list(found.values())
