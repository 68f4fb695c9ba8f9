"""Rows in few statements: all of them, once, in order, whatever their number and size; on both databases."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evote.storage import box_rows
from evote.storage.box_database import Database
from evote.storage.box_rows import MOST_BYTES, MOST_ROWS, inserts, padded, parts
from evote.storage.box_sqlite import SqliteDatabase
from tests.storage.box_kit import Place


@given(st.integers(0, 300))
def test_every_row_is_inserted_once_in_its_order_by_few_statements(count: int) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE pairs (number BIGINT PRIMARY KEY, name TEXT)")
    rows = [(number, f"row {number}") for number in range(count)]
    statements = list(inserts("pairs (number, name)", rows))
    for statement, values in statements:
        connection.execute(statement, values)
    assert connection.execute("SELECT number, name FROM pairs ORDER BY rowid").fetchall() == rows
    connection.close()
    assert len(statements) <= count // MOST_ROWS + MOST_ROWS.bit_length()
    assert len({statement for statement, _ in statements}) <= MOST_ROWS.bit_length()


@given(st.lists(st.integers(0, 40), max_size=80))
def test_statements_of_several_rows_keep_the_limit_of_bytes(sizes: list[int]) -> None:
    rows = [(number, bytes(size)) for number, size in enumerate(sizes)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(box_rows, "MOST_BYTES", 50)
        made = [values for _, values in inserts("pairs (number, data)", rows)]
        cut = [list(some) for some in parts(rows)]
    assert [value for values in made for value in values] == [value for row in rows for value in row]
    assert [row for some in cut for row in some] == rows
    for values in made:
        held = sum(len(value) for value in values if isinstance(value, bytes))
        assert len(values) == 2 or held <= 50
    for some in cut:
        assert len(some) == 1 or sum(len(data) for _, data in some) <= 50


def test_the_limit_of_bytes_lets_the_largest_frame_through_alone() -> None:
    frame = (1, bytes(MOST_BYTES + 1))
    assert [list(some) for some in parts([frame, (2, b""), (3, b"")])] == [[frame], [(2, b""), (3, b"")]]


@given(st.lists(st.integers(), min_size=1, max_size=300))
def test_a_question_about_some_is_one_of_few_and_about_no_others(members: list[int]) -> None:
    found = padded(members)
    assert found[: len(members)] == members and set(found) == set(members)
    assert len(found).bit_count() == 1 and len(found) < 2 * len(members)


def _database(place: Place) -> Database:
    if "://" in str(place.location):
        from evote.storage.box_postgres import PostgresDatabase

        return PostgresDatabase(str(place.location), "evote_rows", make=True)
    path = place.anchor.with_name("rows.db")
    return SqliteDatabase(path, make=True)


def test_both_databases_take_groups_with_absent_numbers_texts_and_conflicts(place: Place) -> None:
    database = _database(place)
    table = (
        "CREATE TABLE things (id BIGINT PRIMARY KEY, small INTEGER NOT NULL, slot BIGINT, name TEXT,"
        " data {blob})"
    )
    names = "things (id, small, slot, name, data)"
    rows = [
        (n, n % 2, None if n % 3 else 2**40 + n, f"\u00e9'%?{n}", bytes([0, 39, 92, n])) for n in range(130)
    ]
    absent = [(1000 + number, 1, None, "", b"") for number in range(3)]
    again = [(number, 7, number, "again", b"\xff") for number in (5, 64)]
    try:
        with database.make([table]) as session:
            session.insert(names, [])
            session.insert(names, rows)
            session.insert(names, absent)
            session.insert(names, again, "ON CONFLICT (id) DO UPDATE SET name = excluded.name")
        wanted = [(*row[:3], "again" if row[0] in (5, 64) else row[3], row[4]) for row in rows] + absent
        with database.reading() as session:
            found = [
                (*row[:4], bytes(row[4]))
                for row in session.rows("SELECT id, small, slot, name, data FROM things ORDER BY id")
            ]
            some = session.among("SELECT id FROM things WHERE id {among}", [3, 1001, 77, -1, 64])
        assert found == wanted
        assert sorted(row[0] for row in some) == [3, 64, 77, 1001]
    finally:
        database.close()
