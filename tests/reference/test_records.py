"""Both verifiers say the same of every check, on every kind of record that the tests know how to make."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evote.errors import VerificationError
from evote.groups import named
from evote.record import Stage, layout
from evote.testing.elections import SMALL, Kit
from evote.verifier import verify_record
from tests.reference.second import differences, reference, statuses
from tests.verifier import alone, board_alone, more, test_rich_election, ways
from tests.verifier.alone import ceremony, honest

CATALOGUE = {name: (case.draft, case.make, case.setup) for name, case in alone.CASES.items()}
CATALOGUE |= {f"more: {case.name}": (case.draft, case.make, False) for case in more.CASES}
CATALOGUE |= {f"honest: {draft}": (draft, honest, False) for draft in alone.DRAFTS}


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_record_of_the_catalogue_gets_the_same_statuses(name: str, tmp_path: Path) -> None:
    draft, make, setup = CATALOGUE[name]
    kit = ceremony(draft)
    stage = Stage.SETUP if setup else Stage.FINAL
    directory = kit.write(make(kit), tmp_path / "record", stage=stage)
    assert differences(directory, stage=stage) == []


@pytest.mark.parametrize("name", ["honest", *board_alone.CASES][::6])
def test_a_record_with_a_board_gets_the_same_statuses_where_the_board_is_not_asked(
    name: str, tmp_path: Path
) -> None:
    case = board_alone.CASES.get(name)
    box = board_alone.boxes("roll" if case is None else case.kind)
    published = board_alone.honest(box) if case is None else case.make(box)
    directory = box.kit.write(published, tmp_path / "record")
    assert differences(directory) == []
    found = statuses(directory)
    assert found["E.17"] == found["E.26"] == "NOT_CHECKED"


# --- elections of other shapes ---------------------------------------------------------------------------

SHAPES: Mapping[str, tuple[Mapping[str, object], int, int]] = {
    "a cell of its own for each unit, too small": ({"cells": "each", "minimum_cell": 2}, 3, 0),
    "no challenged ballot": ({}, 3, 0),
    "challenged ballots only": ({}, 0, 2),
    "nobody voted": ({}, 0, 0),
    "nobody voted, contest data decrypted": ({"decrypt_contest_data": True}, 0, 0),
    "nothing declared": ({"extensions": []}, 3, 1),
    "no index": ({"extensions": ["context", "round0", "cells"]}, 0, 0),
    "a chain": ({"chaining": 1}, 3, 1),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("sealed", list(Stage))
def test_elections_of_other_shapes_at_every_stage(shape: str, sealed: Stage, tmp_path: Path) -> None:
    draft, cast, challenged = SHAPES[shape]
    kit = Kit({**SMALL, **draft}, seed="shapes")
    for number in range(cast + challenged):
        kit.vote(("North", "South")[number % 2], {"Mayor": {"Ada": 1}}, challenge=number >= cast)
    published = kit.publish()
    if "extensions" in draft:
        published.left_out.add("index")
    directory = kit.write(published, tmp_path / "record", stage=sealed)
    for asked in Stage:
        assert differences(directory, stage=asked, zero=asked is sealed) == [], asked
    expected = kit.election.fingerprint if sealed is Stage.FINAL else "00" * 32
    assert differences(directory, stage=Stage.SETUP, expect=expected) == []


def test_an_election_with_everything_a_manifest_may_have(tmp_path: Path) -> None:
    kit, published = test_rich_election.record()
    directory = kit.write(published, tmp_path / "record")
    assert differences(directory) == []
    assert set(statuses(directory).values()) == {"PASS", "NOT_APPLICABLE"}


@pytest.mark.parametrize("what", test_rich_election.TALLIES)
def test_an_encrypted_tally_of_another_form(what: str, tmp_path: Path) -> None:
    edit = test_rich_election.TALLIES[what]
    kit, published = test_rich_election.record()
    published.tally = replace(published.tally, cells=edit(published.tally.cells))
    try:
        directory = kit.write(published, tmp_path / "record")
    except VerificationError:  # there is no whole result then
        published.result, published.csv = b"{}", b""
        directory = kit.write(published, tmp_path / "record")
    assert differences(directory) == []


# --- damage ----------------------------------------------------------------------------------------------


def written(folder: Path, changed: Mapping[str, bytes], *, seal: bool) -> Path:
    """The record of the kit "opened" with these files in place of its own."""
    kit = ceremony("opened")
    files = {**kit.files(honest(kit)), **changed}
    if seal:
        rest = {name: data for name, data in files.items() if not layout.index_number(name)}
        files = {**rest, layout.index_path(1): kit.index(honest(kit), rest, Stage.FINAL)}
    shutil.rmtree(folder, ignore_errors=True)
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


FILES = sorted(ceremony("opened").files(honest(ceremony("opened"))))
DAMAGES = {
    "cut": lambda data: data[:-1],
    "longer": lambda data: data + b"\x00",
    "empty": lambda data: b"",
    "noise": lambda data: bytes(byte ^ 0x5A for byte in data),
}


@pytest.mark.parametrize(
    ("name", "damage"),
    [(name, damage) for name in FILES for damage in ("cut", "noise")]
    + [(name, damage) for name in FILES[::3] for damage in ("longer", "empty")],
)
def test_damaged_files(name: str, damage: str, tmp_path: Path) -> None:
    kit = ceremony("opened")
    content = DAMAGES[damage](kit.files(honest(kit))[name])
    sealed = not layout.index_number(name) and damage == "cut"
    assert differences(written(tmp_path / "record", {name: content}, seal=sealed)) == []


@pytest.mark.parametrize("name", [name for name in FILES if name != "manifest.json"][::2])
def test_missing_files(name: str, tmp_path: Path) -> None:
    directory = written(tmp_path / "record", {}, seal=False)
    (directory / name).unlink()
    assert differences(directory) == []


@settings(max_examples=12)
@given(data=st.data())
def test_a_changed_byte_anywhere(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    kit = ceremony("opened")
    files = kit.files(honest(kit))
    name = data.draw(st.sampled_from([name for name in FILES if not layout.index_number(name)]))
    content = bytearray(files[name])
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    folder = tmp_path_factory.getbasetemp() / "changed byte"
    assert differences(written(folder, {name: bytes(content)}, seal=True)) == [], name


@pytest.mark.parametrize("name", ["notes.txt", "ballots/private.key", "deep/er/file", "hints/000001.seg"])
def test_files_that_have_no_place(name: str, tmp_path: Path) -> None:
    assert differences(written(tmp_path / "record", {name: b"x"}, seal=False)) == []


def test_a_link_is_never_followed(tmp_path: Path) -> None:
    directory = written(tmp_path / "record", {}, seal=False)
    os.symlink(tmp_path, directory / "elsewhere")
    assert differences(directory) == []


# --- groups ----------------------------------------------------------------------------------------------


def test_the_toy_group_is_nobodys_but_the_tests(tmp_path: Path) -> None:
    kit = ceremony("small")
    directory = kit.write(honest(kit), tmp_path / "record")
    theirs = {check.id: check.status.value for check in verify_record(directory).checks}
    mine = {check["id"]: check["status"] for check in reference.verify(directory)["checks"]}
    assert mine == theirs and mine["1.B"] == "FAIL"


# --- larger ones -----------------------------------------------------------------------------------------


def test_a_record_of_two_hundred_selections(tmp_path: Path) -> None:
    kit = ways.long(ceremony("small"), 33)
    directory = kit.write(kit.publish(), tmp_path / "record")
    assert differences(directory) == []


@pytest.mark.long
@pytest.mark.parametrize("group", ["electionguard-4096", "electionguard-3072"])
def test_larger_records_in_the_published_groups(group: str, tmp_path: Path) -> None:
    options = [f"option {number}" for number in range(10)]
    draft = {**SMALL, "contests": [{"label": "Mayor", "options": options}]}
    kit = Kit(draft, seed="large", group=named(group))
    for number in range(30):
        marks = {"Mayor": {options[number % 10]: 1}}
        kit.vote(("North", "South")[number % 2], marks, challenge=number % 7 == 3)
    directory = kit.write(kit.publish(), tmp_path / "record")
    theirs = {check.id: check.status.value for check in verify_record(directory).checks}
    mine = {check["id"]: check["status"] for check in reference.verify(directory)["checks"]}
    assert mine == theirs and set(mine.values()) == {"PASS", "NOT_APPLICABLE"}
