"""Returns are made from logs with and without a roll, and from counts in both forms."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evote.errors import DecodeError, VerificationError
from evote.office.returns_checking import compare_with
from evote.office.returns_counts import read_counts
from evote.office.returns_files import gather, take_in
from evote.office.returns_making import sealed_totals
from evote.record import RecordReader, export_json
from evote.returns import Rosters, StyleCount, check_return, open_file
from evote.returns.closedlog import LogCount, check_counts
from evote.returns.schemes import BUILT_IN
from evote.returns.signed import read_return
from evote.testing.elections import Kit
from tests.verifier.board_alone import OVERVOTE
from tests.verifier.returns_alone import COUNTS, NORTH, OFFICES, SOUTH, boxes, files, honest, voted


def test_a_roll_says_who_is_registered_and_who_has_rejected_ballots_only() -> None:
    box = Kit.with_board(seed="counted log")
    ann, bob, eve, dan = box.voters
    box.cast(ann)
    box.cast(ann, "no")
    box.cast(bob, cheat=OVERVOTE)
    box.challenge(ann)
    box.cast(eve)
    box.cast(eve, cheat=OVERVOTE)
    box.close()
    north = {each.style: each for each in box.log_source("North").counts}
    # ann: superseded and counted; bob: rejected only; eve: counted, with a rejected one behind
    assert north["plain"] == LogCount("plain", 2, 1, 1, 2, 1, 1, 1)
    assert north["heavy"] == LogCount("heavy", 1, 1, 0, 1, 1, 0, 0)
    assert dan.unit == "South"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("registered", 3, "2"),
        ("rejected_only", 0, "1"),
        ("challenged_only", 2, "at most 1"),
        ("counted", 2, "1"),
    ],
)
def test_a_count_that_the_log_contradicts_is_named(name: str, value: int, expected: str) -> None:
    log = LogCount("plain", 2, 1, 1, 2, 1, 1, 1)
    right = {
        "registered": 2,
        "signed_in": 3,
        "counted": 1,
        "rejected_only": 1,
        "challenged_only": 1,
        "accepted": 2,
        "rejected": 1,
        "superseded": 1,
        "challenged": 1,
    }
    assert list(check_counts([StyleCount("plain", **right)], [log])) == []
    (found,) = check_counts([StyleCount("plain", **right | {name: value})], [log])
    assert (found.name, found.expected, found.stated) == (name, expected, value)


def test_csv_and_json_say_the_same() -> None:
    text = "style,contest,field,count\r\nfull,,registered,120\r\nfull,Mayor,Ada,41\r\n"
    value = {"full": {"counts": {"registered": 120}, "contests": {"Mayor": {"Ada": 41}}}}
    wanted = {("full", "", "registered"): 120, ("full", "Mayor", "Ada"): 41}
    assert read_counts(text.encode()) == read_counts(json.dumps(value).encode()) == wanted


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"{}x", b'{"a": 1}', b'{"a": {"votes": {}}}', b"a,b\n"])
def test_what_is_no_file_of_counts_is_refused(raw: bytes) -> None:
    with pytest.raises(DecodeError):
        read_counts(raw)


def test_totals_are_products_of_the_units_own_counted_ballots() -> None:
    box = voted(boxes())
    signed = check_return(Rosters(box.election, BUILT_IN), box.reported(NORTH, COUNTS[NORTH]))
    assert compare_with(box.election, signed, box.log_source(NORTH)) == ()
    (said,) = compare_with(box.election, signed, box.log_source(SOUTH))
    assert "Land/South" in said
    with pytest.raises(VerificationError, match="none that the unit counts"):
        sealed_totals(box.election, SOUTH, box.log_source(NORTH).ballots)


def test_a_folder_gives_every_file_of_returns_and_no_other(tmp_path: Path) -> None:
    box = voted(boxes())
    deep = tmp_path / "stick" / "deep"
    deep.mkdir(parents=True)
    for number, data in enumerate(files(box).values()):
        (deep / f"{number}.dat").write_bytes(data)  # known by its first bytes
    (deep / "empty.return").write_bytes(b"")
    (tmp_path / "stick" / "notes.txt").write_text("buy bread")
    found = list(gather([tmp_path / "stick"]))
    assert len(found) == len(OFFICES) + 1
    intake = take_in(box.election, found)
    assert intake.state.reported == 4 and intake.exit_code == 3
    assert [arrival.verdict.value for arrival in intake.files].count("partial") == 1


def test_a_record_with_returns_is_exported_for_people(tmp_path: Path) -> None:
    box = boxes()
    record = box.kit.write(honest(box), tmp_path / "record")
    export_json(RecordReader(record, {box.kit.group.name: box.kit.group}), tmp_path / "out")
    assert (tmp_path / "out" / "returns.json").read_bytes() == (record / "returns.json").read_bytes()
    lines = [
        path for path in (tmp_path / "out").rglob("*") if path.name.startswith("returns") and path.is_file()
    ]
    exported = next(path for path in lines if path.name != "returns.json")
    rows = [json.loads(line) for line in exported.read_text().splitlines()]
    opened = open_file(bytes.fromhex(json.dumps(rows[0]).split('"file": "')[1].split('"')[0]))
    assert read_return(box.election, opened).unit in OFFICES
