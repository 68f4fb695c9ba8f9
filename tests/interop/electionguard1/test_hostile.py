"""Truncated, reordered, huge and hostile 1.x records: each gets a named finding, none a crash."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from evote.interop import recognise
from evote.report import Verdict
from tests.interop.electionguard1.kit import maker, verified
from tests.interop.electionguard1.writer import Json, Maker

BALLOT = Maker.path(0)
FILES = (
    "constants.json",
    "context.json",
    "manifest.json",
    "coefficients.json",
    "encrypted_tally.json",
    "tally.json",
    "guardians/guardian_g1.json",
    "encryption_devices/device_5.json",
    BALLOT,
    "spoiled_ballots/spoiled_ballot_b1.json",
)


def raw(value: Json) -> bytes:
    """A file as it is written."""
    return json.dumps(value).encode()


def nested(value: Json) -> bytes:
    """A file that is nested deep."""
    return b"[" * 100_000 + b"]" * 100_000


def doubled(value: Json) -> bytes:
    """A file whose first member stands there twice."""
    name = next(iter(value))
    return raw(value)[:-1] + f", {json.dumps(name)}: 1}}".encode()


SPOILS: dict[str, Callable[[Json], bytes]] = {
    "truncated": lambda value: raw(value)[:-20],
    "empty": lambda value: b"",
    "followed by more": lambda value: raw(value) + b"{}",
    "not UTF-8": lambda value: raw(value) + b"\xff",
    "with a byte order mark": lambda value: b"\xef\xbb\xbf" + raw(value),
    "another type": lambda value: b"[]",
    "without a member": lambda value: raw(dict(list(value.items())[1:])),
    "with an unknown member": lambda value: raw({**value, "more": 1}),
    "with a member twice": doubled,
    "nested deep": nested,
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_in_another_form_is_a_finding_of_files_and_nothing_else_fails(
    name: str, tmp_path: Path
) -> None:
    made = maker()
    value = made.files[name]
    for title, spoil in SPOILS.items():
        made.files[name] = spoil(value)
        made.write(tmp_path)
        report = verified(tmp_path)
        allowed = {"FILES.1", "CODES.6", "RESULT.1", "TALLY.1"} if title == "another type" else {"FILES.1"}
        assert "FILES.1" in report.failed, (title, report.failed)
        assert set(report.failed) <= allowed, title


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_missing_is_a_finding(name: str, tmp_path: Path) -> None:
    made = maker()
    del made.files[name]
    made.write(tmp_path)
    assert verified(tmp_path).verdict is Verdict.FAIL


def test_reordered_members_and_white_space_change_nothing(tmp_path: Path) -> None:
    made = maker()
    for name, value in made.files.items():
        made.files[name] = json.dumps(dict(reversed(value.items())), indent=3).encode()
    made.write(tmp_path)
    assert verified(tmp_path).verdict is Verdict.PASS


@pytest.mark.parametrize("text", ["0x05", "5", "ab", "00FF", "", "GG", "FF " * 2, "F" * 5000, "-05", "1.0"])
def test_a_number_in_another_form_is_a_finding_of_files(text: str, tmp_path: Path) -> None:
    made = maker()
    made.files[BALLOT]["contests"][0]["ballot_selections"][0]["ciphertext"]["pad"] = text
    made.write(tmp_path)
    assert verified(tmp_path).failed == ("FILES.1",)


@pytest.mark.parametrize("number", ["1.5", "1e3", "NaN", "9" * 400, "-1", "true", '"1"', "null"])
def test_a_number_that_is_none_is_a_finding_of_files(number: str, tmp_path: Path) -> None:
    made = maker()
    text = raw(made.files[BALLOT]).replace(b'"timestamp": 1719730000', b'"timestamp": ' + number.encode())
    made.files[BALLOT] = text
    made.write(tmp_path)
    assert verified(tmp_path).failed == ("FILES.1",)


@pytest.mark.parametrize("text", ["00", "F" * 66, "F" * 1024])
def test_a_ciphertext_out_of_range_is_a_finding_of_selections(text: str, tmp_path: Path) -> None:
    made = maker()
    made.files[BALLOT]["contests"][0]["ballot_selections"][2]["ciphertext"]["pad"] = text
    made.write(tmp_path)
    report = verified(tmp_path)
    assert "SELECTIONS.1" in report.failed
    assert "FILES.1" not in report.failed


def test_links_and_strange_names_in_folders_are_findings(tmp_path: Path) -> None:
    maker().write(tmp_path)
    secret = tmp_path.parent / "secret.json"
    secret.write_text("{}", encoding="utf-8")
    os.symlink(secret, tmp_path / "submitted_ballots" / "submitted_ballot_x.json")
    (tmp_path / "guardians" / "guardian_9.txt").write_text("{}", encoding="utf-8")
    (tmp_path / "spoiled_ballots" / "spoiled_ballot_.json").mkdir()
    report = verified(tmp_path)
    assert report.failed == ("FILES.1",)
    assert len(report.check("FILES.1").findings) == 3


def test_a_stray_file_at_the_top_is_a_warning(tmp_path: Path) -> None:
    maker().write(tmp_path)
    (tmp_path / "README").write_text("text", encoding="utf-8")
    report = verified(tmp_path)
    assert report.verdict is Verdict.PASS
    assert report.warnings == ("README is no part of a record, and was not read.",)


def test_a_name_of_a_ballot_never_becomes_a_path(tmp_path: Path) -> None:
    made = maker()
    made.files[Maker.path(1)]["object_id"] = "../../../etc/passwd"
    made.write(tmp_path)
    report = verified(tmp_path)
    assert {"FILES.1", "SPOILED.1"} <= set(report.failed)


def test_a_record_with_broken_files_is_still_recognised(tmp_path: Path) -> None:
    for name in ("context.json", "constants.json"):
        (tmp_path / name).write_text("{", encoding="utf-8")
    found = recognise(tmp_path)
    assert found is not None
    assert found.system == "electionguard1"


def test_random_damage_never_crashes_and_never_passes_unseen(tmp_path: Path) -> None:
    """A bit of a hexadecimal text, or a digit of a number, in any file; usage and texts for people apart."""
    chance = random.Random(5)
    for _ in range(12):
        made = maker()
        name = chance.choice([each for each in made.files if each != "manifest.json"])
        places = [place for place in _places(made.files[name]) if place[-1] not in IGNORED]
        place = chance.choice(places)
        holder = made.files[name]
        for key in place[:-1]:
            holder = holder[key]
        holder[place[-1]] = _damaged(holder[place[-1]])
        folder = tmp_path / str(chance.random())
        made.write(folder)
        assert verified(folder).verdict is Verdict.FAIL, (name, place)


IGNORED = ("usage", "max_votes", "allow_overvotes", "extended_data")


def _places(value: Json, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        items: list[tuple[str | int, Json]] = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    else:
        return [] if value is None else [path]
    return [place for key, each in items for place in _places(each, (*path, key))]


def _damaged(value: Json) -> Json:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return value[:-1] + ("0" if value[-1] != "0" else "1")
