"""Restored copies, damaged files, full disks, lost connections: nothing promised is lost unnoticed."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evote.board.checkpoint import Checkpoint
from evote.codec import encode
from evote.errors import RefusedError, StorageError
from evote.storage.box import BallotBox
from evote.storage.box_anchor import Anchor, Mark
from evote.storage.box_refusals import SubmissionRefusedError
from tests.storage.box_kit import Clock, Place, Rules, check_receipt, election, log_key, minted, raw, setting


@pytest.fixture
def file(tmp_path: Path) -> Place:
    return Place(tmp_path / "north.box", tmp_path / "anchor")


def copy_of(place: Place, to: Path) -> None:
    """What a backup program makes of a box that is closed."""
    shutil.copy(place.location, to)


def restore(place: Place, copy: Path) -> None:
    for end in ("-wal", "-shm"):
        Path(f"{place.location}{end}").unlink(missing_ok=True)
    shutil.copy(copy, place.location)


def refuses_to_sign(box: BallotBox) -> None:
    assert box.fault is not None
    with pytest.raises(RefusedError, match="signs nothing more|no anchor"):
        box.head()
    with pytest.raises(SubmissionRefusedError) as caught:
        box.admit(raw(minted(99)))
    assert caught.value.name == "stopped"
    with pytest.raises(RefusedError):
        box.verify_pending()
        box.end_voting()


# --- restored copies -------------------------------------------------------------------------------


def test_a_box_restored_from_an_older_copy_refuses_to_sign(file: Place, tmp_path: Path) -> None:
    with file.box(examiner=None) as box:
        box.admit(raw(minted(1)))
    copy_of(file, tmp_path / "copy")
    with file.box(examiner=None) as box:
        box.admit(raw(minted(2)))
    restore(file, tmp_path / "copy")
    with file.box(make=False, examiner=None) as box:
        assert "restored from an older copy" in str(box.fault)
        refuses_to_sign(box)
        assert box.status().cast == 1, "reading goes on"


def test_a_restored_box_is_found_out_while_it_runs(file: Place, tmp_path: Path) -> None:
    with file.box(examiner=None) as box:
        box.admit(raw(minted(1)))
    copy_of(file, tmp_path / "copy")
    with file.box(examiner=None) as box:
        box.admit(raw(minted(2)))
        with (
            closing(sqlite3.connect(tmp_path / "copy")) as old,
            closing(sqlite3.connect(file.location)) as now,
        ):
            old.backup(now)
        with pytest.raises(RefusedError, match="this program shows"):
            box.admit(raw(minted(3)))
        refuses_to_sign(box)


def test_a_lost_database_is_not_begun_anew(file: Place) -> None:
    with file.box(examiner=None) as box:
        box.admit(raw(minted(1)))
    Path(file.location).unlink()
    with file.box(examiner=None) as box:
        refuses_to_sign(box)


def test_a_log_that_was_rewritten_at_one_size_is_found_out(file: Place, tmp_path: Path) -> None:
    with file.box(examiner=None) as box:
        box.admit(raw(minted(1)))
    other = replace(file, location=tmp_path / "other.box", anchor=tmp_path / "other anchor")
    with other.box(examiner=None) as box:
        box.admit(raw(minted(2)))
    restore(file, Path(other.location))
    with file.box(make=False, examiner=None) as box:
        assert "holds others" in str(box.fault)
        refuses_to_sign(box)


def test_heads_that_others_hold_are_compared_too(file: Place, tmp_path: Path) -> None:
    with file.box(examiner=None) as box:
        box.admit(raw(minted(1)))
        shorter = Checkpoint.parse(box.head().text)
    copy_of(file, tmp_path / "copy")
    with file.box(examiner=None) as box:
        box.admit(raw(minted(2)))
        longer = Checkpoint.parse(box.head().text)
    restore(file, tmp_path / "copy")
    file.anchor.unlink()
    with file.box(make=False, examiner=None, new_anchor=True, witnessed=[longer]) as box:
        assert "that others hold" in str(box.fault)
        refuses_to_sign(box)
    file.anchor.unlink()
    with file.box(make=False, examiner=None, new_anchor=True, witnessed=[shorter]) as box:
        assert box.fault is None
    with pytest.raises(ValueError, match="none of"):
        file.box(make=False, witnessed=[Checkpoint("elsewhere", 1, bytes(32))])


def test_without_its_anchor_a_used_box_signs_nothing_until_told(file: Place) -> None:
    with file.box(examiner=None) as box:
        box.admit(raw(minted(1)))
    file.anchor.unlink()
    with file.box(make=False, examiner=None) as box:
        assert "no anchor" in str(box.fault)
        refuses_to_sign(box)
    with file.box(make=False, examiner=None, new_anchor=True) as box:
        box.admit(raw(minted(2)))


# --- the anchor ------------------------------------------------------------------------------------


def test_an_anchor_survives_a_write_that_was_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "anchor"
    marks = [Mark(size, bytes([size]) * 32) for size in (3, 5, 9)]
    anchor = Anchor(path, bytes(32))
    for mark in marks:
        anchor.keep(mark)
    anchor.close()
    whole = path.read_bytes()
    for place in range(0, len(whole), 13):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        path.write_bytes(damaged)
        anchor = Anchor(path, bytes(32))
        anchor.close()
        assert anchor.mark in (marks[1], marks[2])


def test_an_anchor_never_goes_back(tmp_path: Path) -> None:
    one, other = Anchor(tmp_path / "anchor", bytes(32)), Anchor(tmp_path / "anchor", bytes(32))
    one.keep(Mark(7, bytes(32)))
    other.keep(Mark(5, bytes(32)))
    assert other.mark == Mark(7, bytes(32))
    one.close()
    other.close()
    with pytest.raises(ValueError, match="closed"):
        one.keep(Mark(8, bytes(32)))


def test_an_anchor_that_another_process_begins_is_seen(tmp_path: Path) -> None:
    one, other = Anchor(tmp_path / "anchor", bytes(32)), Anchor(tmp_path / "anchor", bytes(32))
    one.keep(Mark(0, bytes(32)))
    assert other.mark is None
    other.read()
    assert other.mark == Mark(0, bytes(32))
    one.close()
    other.close()


def test_the_anchor_of_another_box_is_refused(file: Place) -> None:
    Anchor(file.anchor, bytes(32)).keep(Mark(1, bytes(32)))
    with pytest.raises(RefusedError, match="another box"):
        file.box()


def test_a_file_that_is_no_anchor_is_refused(file: Place) -> None:
    file.anchor.write_bytes(bytes(1000))
    with pytest.raises(StorageError, match="no anchor"):
        file.box()


# --- other boxes, other formats --------------------------------------------------------------------


def test_the_file_of_another_unit_or_election_is_refused(file: Place, tmp_path: Path) -> None:
    file.box().close()
    with pytest.raises(RefusedError, match="box of 'North' and not of 'South'"):
        file.box(make=False, unit="South")
    with pytest.raises(RefusedError, match="another election"):
        file.box(make=False, of=election("another"))


def test_another_format_is_refused_with_a_sentence(file: Place) -> None:
    file.box().close()
    with closing(sqlite3.connect(file.location)) as connection, connection:
        connection.execute("UPDATE box SET format = 2")
    with pytest.raises(StorageError, match="has format 2 and this program uses 1"):
        file.box(make=False)


def test_a_file_that_is_no_box_is_refused(file: Place) -> None:
    Path(file.location).write_bytes(b"")
    with pytest.raises(StorageError, match="no ballot box"):
        file.box(make=False)
    Path(file.location).write_bytes(b"not a database" * 1000)
    with pytest.raises(StorageError, match="damaged"):
        file.box(make=False)


def test_the_file_is_for_its_owner_alone(file: Place) -> None:
    file.box().close()
    assert os.stat(file.location).st_mode & 0o077 == 0
    assert os.stat(file.anchor).st_mode & 0o077 == 0


# --- damage ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("left", [0.9, 0.5, 0.1])
def test_a_truncated_database_never_goes_on_as_if_nothing_had_happened(file: Place, left: float) -> None:
    with file.box(examiner=None) as box:
        for number in range(40):
            box.admit(raw(minted(number)))
    whole = Path(file.location).read_bytes()
    Path(file.location).write_bytes(whole[: int(len(whole) * left)])
    with pytest.raises((StorageError, RefusedError)):
        with file.box(make=False, examiner=None) as box:
            box.head()


@pytest.mark.parametrize("left", [0.95, 0.5, 0.0])
def test_a_truncated_write_ahead_log_never_loses_a_receipt_unnoticed(
    file: Place, tmp_path: Path, left: float
) -> None:
    """As after a crash of a disk that lost what it had said to be written."""
    copied = replace(file, location=tmp_path / "copy.box")
    with file.box(examiner=None) as box:
        receipts = {number: encode(box.admit(raw(minted(number)))) for number in range(20)}
        shutil.copy(file.location, copied.location)
        wal = Path(f"{file.location}-wal").read_bytes()
    Path(f"{copied.location}-wal").write_bytes(wal[: int(len(wal) * left)])
    try:
        with copied.box(make=False, examiner=None) as box:
            held = box.status().cast
            assert held == 20 or box.fault is not None
            if box.fault is None:
                assert all(encode(box.admit(raw(minted(each)))) == receipts[each] for each in receipts)
    except StorageError as error:
        assert "no ballot box" in str(error) or "damaged" in str(error)


@pytest.mark.parametrize("column", ["leaf", "frontier"])
def test_changed_rows_are_found_at_the_start(file: Place, column: str) -> None:
    with file.box(examiner=None) as box:
        for number in range(3):
            box.admit(raw(minted(number)))
    changes = {
        "leaf": "UPDATE entries SET leaf = zeroblob(32) WHERE position = 1",
        "frontier": "UPDATE state SET frontier = zeroblob(64)",
    }
    with closing(sqlite3.connect(file.location)) as connection, connection:
        connection.execute(changes[column])
    with pytest.raises(StorageError, match="damaged"):
        file.box(make=False)


def test_a_missing_entry_is_found_at_the_start(file: Place) -> None:
    with file.box(examiner=None) as box:
        for number in range(3):
            box.admit(raw(minted(number)))
    with closing(sqlite3.connect(file.location)) as connection, connection:
        connection.execute("DELETE FROM entries WHERE position = 1")
    with pytest.raises(StorageError, match="missing"):
        file.box(make=False)


# --- full disk -------------------------------------------------------------------------------------


def test_a_full_disk_refuses_and_loses_nothing(file: Place) -> None:
    """The size of files is limited, so that writing fails as it does on a full disk."""
    admitted: dict[int, bytes] = {}
    with file.box(examiner=None) as box:
        admitted[0] = encode(box.admit(raw(minted(0))))
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        size = os.stat(f"{file.location}-wal").st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 60_000, before[1]))
        try:
            with pytest.raises(StorageError):
                for number in range(1, 200):
                    admitted[number] = encode(box.admit(raw(minted(number))))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        refused = max(admitted) + 1
        assert 1 < refused < 199
        admitted[refused] = encode(box.admit(raw(minted(refused))))
    with file.box(make=False, examiner=None) as box:
        assert box.status().cast == len(admitted)
        for number, receipt in admitted.items():
            assert encode(box.admit(raw(minted(number)))) == receipt


# --- lost connections ------------------------------------------------------------------------------


def kill_backends(address: str) -> int:
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        rows = connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        ).fetchall()
    return len(rows)


def test_a_connection_that_is_cut_is_made_again(postgres: str, tmp_path: Path) -> None:
    from tests.storage.conftest import drop

    drop(postgres)
    place = Place(postgres, tmp_path / "anchor")
    with place.box(examiner=None) as box:
        for number in range(5):
            assert kill_backends(postgres) >= 1
            check_receipt(box.admit(raw(minted(number))), minted(number))
        assert box.status().cast == 5
    drop(postgres)


def test_a_server_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    pytest.importorskip("sqlalchemy")
    pytest.importorskip("psycopg")
    with pytest.raises(StorageError, match="could not be used|cannot be reached"):
        Place("postgresql://evote:secret@127.0.0.1:1/none", tmp_path / "anchor").box()


def test_passwords_stay_out_of_messages(tmp_path: Path) -> None:
    pytest.importorskip("sqlalchemy")
    pytest.importorskip("psycopg")
    with pytest.raises(StorageError) as caught:
        Place("postgresql://evote:geheim@127.0.0.1:1/none", tmp_path / "anchor").box()
    assert "geheim" not in str(caught.value)


def test_a_box_in_postgresql_needs_an_anchor(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="anchor"):
        location: Any = "postgresql://evote@127.0.0.1:1/none"
        BallotBox(location, setting(), log_key(), Rules(), make=True, clock=Clock())
