"""The ledger: what was decrypted once is not decrypted again in another shape (A46, A51)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from evote.codec import decode
from evote.decryption import DecryptionRequest, Scope, decryption_request
from evote.errors import RefusedError, StorageError
from evote.guardian import ClosedRecord, Ledger, call_session, closed_record
from evote.guardian.ledgerfile import LedgerAnchor, LedgerEntry, write_anchor
from evote.hashing import sha256
from evote.testing.elections import SMALL, Kit
from tests.guardian.places import OPEN, Place, kit, place, settle, write

CELLS: Mapping[str, object] = {
    "label": "Cells",
    "test": True,
    "minimum_cell": 1,
    "contests": [{"label": "C", "options": ["a", "b"], "cells": "each"}],
    "units": ["X", "Y"],
}


def record_of(made: Kit, folder: Path) -> ClosedRecord:
    return closed_record(write(made, folder))


def request(record: ClosedRecord, session: int = 1, scope: Scope | None = None) -> DecryptionRequest:
    return decryption_request(record.tally, record.values, (1, 2, 3), session, scope)


def ledger(path: Path, made: Kit) -> Ledger:
    if not path.exists():
        Ledger.create(path)
    return Ledger(path, made.group.element_bytes)


def test_the_identical_ciphertexts_may_be_decrypted_in_another_session(tmp_path: Path) -> None:
    here = place(tmp_path)
    book = ledger(tmp_path / "ledger", here.kit)
    for session in (1, 2, 2, 3):
        book.append(request(here.record, session))
    again = ledger(tmp_path / "ledger", here.kit)
    again.check(request(here.record, 4))
    assert "3 sessions" in repr(again)


def test_an_entry_says_what_was_decrypted_from_where(tmp_path: Path) -> None:
    here = place(tmp_path)
    made = request(here.record, 7)
    ledger(tmp_path / "ledger", here.kit).append(made)
    data = (tmp_path / "ledger").read_bytes()
    entry = decode(LedgerEntry, data[4:], element_bytes=here.kit.group.element_bytes)
    assert (entry.head, entry.session, entry.guardians) == (here.record.tally.head, 7, (1, 2, 3))
    assert entry.extended_hash == here.kit.election.extended_hash and entry.request == made.digest
    tally = here.kit.tally(here.kit.submitted, here.record.tally.head)
    assert [(f.contest, f.cell, f.option, f.alpha, f.beta) for f in entry.fields] == [
        (cell.contest, cell.cell, field.option, field.alpha, field.beta)
        for cell in tally.cells
        for field in cell.fields
    ]
    assert [value.contest for value in entry.values] == ["Council", "Council", None, "Council"]


def test_one_more_ballot_is_not_decrypted_after_n(tmp_path: Path) -> None:
    """The sums over n and n + 1 ballots differ by one vote."""
    made = kit()
    book = ledger(tmp_path / "ledger", made)
    book.append(request(record_of(made, tmp_path / "first")))
    made.vote("North", {"Mayor": {"Grace": 1}})
    longer = record_of(made, tmp_path / "second")
    for scope in (None, Scope((1,), 0, 0), Scope((2,), 0, 0), Scope((), 4, 5)):
        with pytest.raises(RefusedError, match="decrypts from no other"):
            book.append(request(longer, 2, scope))
    fresh = ledger(tmp_path / "ledger", made)
    with pytest.raises(RefusedError, match="closed at 4 ballots"):
        fresh.check(request(longer, 2))


def test_a_second_version_of_a_unit_is_not_decrypted(tmp_path: Path) -> None:
    """A corrected record has other ballots in the same cell; its total is not decrypted again."""
    first = Kit(CELLS, guardians=5, quorum=3, seed="versions")
    for unit, mark in (("X", "a"), ("X", "b"), ("Y", "a")):
        first.vote(unit, {"C": {mark: 1}})
    book = ledger(tmp_path / "ledger", first)
    book.append(request(record_of(first, tmp_path / "first"), 1, Scope((1,), 0, 0)))
    del first.submitted[1]
    with pytest.raises(RefusedError, match="decrypts from no other"):
        book.append(request(record_of(first, tmp_path / "second"), 1, Scope((1,), 0, 0)))


def test_a_refused_request_leaves_the_ledger_as_it_was(tmp_path: Path) -> None:
    made = kit()
    book = ledger(tmp_path / "ledger", made)
    book.append(request(record_of(made, tmp_path / "first")))
    before = (tmp_path / "ledger").read_bytes()
    made.vote("North", {})
    with pytest.raises(RefusedError):
        book.append(request(record_of(made, tmp_path / "second")))
    assert (tmp_path / "ledger").read_bytes() == before


def test_a_guardian_refuses_the_longer_record_through_its_machine(tmp_path: Path) -> None:
    made = kit()
    here = Place(made, tmp_path, record_of(made, tmp_path / "first"))
    call_session(here.record, here.messages(), (1, 2, 3))
    for _ in range(4):
        here.advance((1, 2, 3))
    made.vote("North", {"Mayor": {"Grace": 1}})
    longer = Place(made, tmp_path, record_of(made, tmp_path / "second"))
    call_session(longer.record, longer.messages(), (1, 2, 3))
    with pytest.raises(RefusedError, match="decrypts from no other"):
        longer.guardian(1).decrypt(longer.record, longer.exchange)
    assert not (longer.exchange / "session-2" / "commitments").exists()
    # Another guardian, who decrypted nothing yet, would answer: k honest ledgers are what protects.
    assert longer.guardian(4).share().index == 4


def test_what_conflicts_with_an_entry_is_refused_by_place(tmp_path: Path) -> None:
    """What no honest record makes: another ciphertext in a place, or two states of a ballot."""
    from dataclasses import replace

    from evote.codec import encode

    here = place(tmp_path)
    made = request(here.record, 1)
    path = tmp_path / "ledger"
    ledger(path, here.kit).append(made)
    entry = decode(LedgerEntry, path.read_bytes()[4:], element_bytes=here.kit.group.element_bytes)
    first = entry.fields[0]
    nonce = next(value for value in entry.values if value.contest is None)
    data = entry.values[0]
    for changed, word in (
        (replace(entry, fields=(replace(first, alpha=first.beta),)), "another ciphertext"),
        (replace(entry, values=(replace(data, statement=bytes(32)),)), "another ciphertext"),
        (replace(entry, values=(replace(nonce, statement=bytes(32)),)), "another ciphertext"),
        (replace(entry, values=(replace(data, contest=None),)), "was opened before"),
        (replace(entry, values=(replace(nonce, contest="Council"),)), "was cast"),
    ):
        raw = encode(changed)
        path.write_bytes(len(raw).to_bytes(4, "big") + raw)
        write_anchor(path, LedgerAnchor(1, 4 + len(raw), sha256(raw)))
        with pytest.raises(RefusedError, match=word):
            ledger(path, here.kit).check(request(here.record, 2))


# --- the file --------------------------------------------------------------------------------------


def test_a_missing_ledger_stops_the_guardian(tmp_path: Path) -> None:
    here = place(tmp_path)
    call_session(here.record, here.messages(), (1, 2, 3))
    guardian = here.guardian(1)
    (tmp_path / "guardian-1" / "ledger.log").unlink()
    with pytest.raises(StorageError, match="is gone"):
        guardian.decrypt(here.record, here.exchange)


def test_a_changed_ledger_is_refused(tmp_path: Path) -> None:
    here = place(tmp_path)
    path = tmp_path / "ledger"
    book = ledger(path, here.kit)
    book.append(request(here.record, 1))
    one = path.read_bytes()
    book.append(request(here.record, 2))
    both = path.read_bytes()
    second = both[len(one) :]
    for changed in (
        second,  # the first entry removed
        second + one,  # reordered
        one + one,  # repeated
        b"\x00\x00\x00\x00" + both,
        b"\xff" * 8 + both,
        both[:10] + b"\x00" + both[11:],
    ):
        path.write_bytes(changed)
        with pytest.raises(StorageError, match="damaged"):
            ledger(path, here.kit)


def test_two_programs_do_not_write_one_ledger(tmp_path: Path) -> None:
    here = place(tmp_path)
    path = tmp_path / "ledger"
    first, second = ledger(path, here.kit), ledger(path, here.kit)
    first.append(request(here.record, 1))
    with pytest.raises(StorageError, match="another program"):
        second.append(request(here.record, 2))


def test_elections_without_opened_ballots_have_no_values(tmp_path: Path) -> None:
    made = kit(SMALL, "plain")
    record = record_of(made, tmp_path / "record")
    book = ledger(tmp_path / "ledger", made)
    book.append(request(record))
    data = (tmp_path / "ledger").read_bytes()
    entry = decode(LedgerEntry, data[4:], element_bytes=made.group.element_bytes)
    assert entry.values == () and len(entry.fields) == 6
    assert OPEN["guardian_opening"] is True
    assert settle(made, tmp_path / "guardian", 1).index == 1
