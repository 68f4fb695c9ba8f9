"""The journal of bulk encryption: what is done, what was begun, and what nobody may do twice."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest

from evote.errors import RefusedError, StorageError
from evote.storage.journal import Journal, Note

ELECTION = bytes(32)


def note(row: int, device: str = "D", name: bytes | None = None) -> Note:
    digest = row.to_bytes(32, "big")
    return Note(row, digest, name, device, b"c" + digest[1:], b"i" + digest[1:])


def journal(folder: Path) -> Journal:
    return Journal(folder / "rows.sqlite", ELECTION, make=True)


def test_what_is_finished_is_known_again(tmp_path: Path) -> None:
    with journal(tmp_path) as held:
        held.begin("S", 0, [note(1, "D/1"), note(3, "D/2", b"n" * 32), note(4, "D/1")])
        held.finish()
    with Journal(tmp_path / "rows.sqlite", ELECTION) as held:
        assert [held.digest_of("S", row) for row in (1, 2, 3)] == [note(1).digest, None, note(3).digest]
        assert held.digest_of("T", 1) is None
        assert held.row_named(b"n" * 32) == ("S", 3)
        assert held.row_named(b"m" * 32) is None
        assert held.devices() == ("D/1", "D/2")
        assert held.codes("D/1") == (note(1).code, note(4).code)
        assert held.last_codes() == {"D/1": note(4).code, "D/2": note(3).code}
        assert held.count() == 3
        assert held.begun() is None


def test_what_was_begun_waits_until_it_is_settled(tmp_path: Path) -> None:
    with journal(tmp_path) as held:
        held.begin("S", 0, [note(1)])
        held.finish()
        held.begin("S", 5, [note(2), note(3), note(4)])
    with journal(tmp_path) as held:
        assert held.begun() == (5, frozenset(note(row).identifier for row in (2, 3, 4)))
        with pytest.raises(RefusedError, match="not settled"):
            held.begin("S", 5, [note(5)])
        assert held.settle({note(2).identifier, note(1).identifier, b"other"}) == 1
        assert held.begun() is None
        assert held.codes("D") == (note(1).code, note(2).code)
        held.begin("S", 6, [note(3), note(4)])
        held.finish()
        assert held.count() == 4


@pytest.mark.parametrize(
    "second",
    [
        [note(1)],
        [note(7), note(7)],
        [Note(8, bytes(32), b"n" * 32, "D", b"x", b"y")],
        [Note(8, bytes(32), None, "D", note(1).code, b"y")],
        [Note(8, bytes(32), None, "D", b"x", note(1).identifier)],
    ],
)
def test_nothing_is_noted_twice_and_a_refused_batch_is_gone(tmp_path: Path, second: list[Note]) -> None:
    with journal(tmp_path) as held:
        held.begin("S", 0, [note(1, name=b"n" * 32)])
        held.finish()
        with pytest.raises(RefusedError, match="in the journal already"):
            held.begin("S", 1, [note(20), *second])
        assert held.count() == 1
        assert held.begun() is None


def test_a_file_belongs_to_one_source_as_soon_as_a_row_of_it_is_done(tmp_path: Path) -> None:
    with journal(tmp_path) as held:
        held.open_source("S", b"f")
        held.open_source("T", b"f")
        held.begin("T", 0, [note(1)])
        held.finish()
        with pytest.raises(RefusedError, match="encrypted for the device 'T'"):
            held.open_source("S", b"f")
        held.open_source("T", b"corrected")
        held.open_source("T", b"f")
        with pytest.raises(RefusedError, match="'T'"):
            held.open_source("S", b"corrected")


def test_a_journal_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    with journal(tmp_path) as held:
        assert stat.S_IMODE(held.path.stat().st_mode) == 0o600


def test_what_is_no_journal_of_this_election_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="not there"):
        Journal(tmp_path / "absent", ELECTION)
    with journal(tmp_path):
        pass
    with pytest.raises(RefusedError, match="journal of the election"):
        Journal(tmp_path / "rows.sqlite", b"\1" * 32)
    (tmp_path / "garbage").write_bytes(b"no database" * 100)
    with pytest.raises(StorageError, match="garbage: it is damaged"):
        Journal(tmp_path / "garbage", ELECTION, make=True)
    with sqlite3.connect(tmp_path / "rows.sqlite") as connection:
        connection.execute("UPDATE journal SET format = 99")
    connection.close()
    with pytest.raises(StorageError, match="this version"):
        Journal(tmp_path / "rows.sqlite", ELECTION)
    with pytest.raises(StorageError, match="another folder"):
        Journal(tmp_path / "no" / "folder", ELECTION, make=True)


def test_two_programs_wait_for_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evote.storage.journal._WAIT_SECONDS", 0.05)
    with journal(tmp_path) as held, journal(tmp_path) as other:
        held._connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="another program"):
            other.begin("S", 0, [note(1)])
        held._connection.execute("ROLLBACK")
        other.begin("S", 0, [note(1)])
