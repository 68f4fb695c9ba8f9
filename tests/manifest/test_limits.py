"""Sizes are limited where a file is read, before anything is made of it (A34)."""

from __future__ import annotations

import time
from typing import Any

import pytest

from evote.codec import MAX_LANGUAGES, MAX_MANIFEST_BYTES, MAX_PATH_BYTES
from evote.errors import DecodeError
from evote.manifest import BallotStyle, Manifest, Unit, reading
from evote.manifest.coverage import Coverage
from evote.manifest.reading import MAX_EXTENSIONS
from tests.manifest.samples import build, document, raw_of, simple


def test_a_path_is_limited() -> None:
    unit: dict[str, Any] = {"label": "leaf"}
    for _ in range(4):
        unit = {"label": "u" * 255, "units": [unit]}
    longest = {"label": unit["label"], "units": [unit["units"][0] | {"label": "u" * 250}]}
    (leaf,) = build(simple(units=[longest])).reporting_units()
    assert MAX_PATH_BYTES - 4 < len(leaf.path) <= MAX_PATH_BYTES
    with pytest.raises(DecodeError, match=f"more than {MAX_PATH_BYTES} bytes"):
        build(simple(units=[unit]))


def test_the_number_of_units_is_limited_over_the_whole_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = build(simple(units=[{"label": name, "units": ["1", "2"]} for name in "ab"])).raw
    monkeypatch.setattr(reading, "MAX_UNITS", 6)
    assert len(Manifest.parse(raw).reporting_units()) == 4
    monkeypatch.setattr(reading, "MAX_UNITS", 5)
    with pytest.raises(DecodeError, match=r"evote.units\[1\].units: there are more than 5 units"):
        Manifest.parse(raw)


def test_names_and_extensions_are_limited() -> None:
    value = document()
    value["evote"]["names"] = {f"l{number}": "x" for number in range(MAX_LANGUAGES + 1)}
    with pytest.raises(DecodeError, match="evote.names: 101 names are more than 100"):
        Manifest.parse(raw_of(value))
    value = document()
    value["evote"]["extensions"] = {f"e{number}": {"key": None} for number in range(MAX_EXTENSIONS + 1)}
    with pytest.raises(DecodeError, match="evote.extensions: 101 extensions are more than 100"):
        Manifest.parse(raw_of(value))


def test_a_file_is_limited() -> None:
    with pytest.raises(DecodeError, match="more than the limit"):
        Manifest.parse(b" " * (MAX_MANIFEST_BYTES + 1))


def test_many_contests_styles_and_units_together_are_read_in_seconds() -> None:
    """Contests times styles times units: a file of a few megabytes must not cost a billion steps (A34)."""
    number = 800
    every = tuple(range(1, number + 1))
    styles = tuple(BallotStyle(index, f"s{index}", every) for index in every)
    labels = tuple(style.label for style in styles)
    units = tuple(Unit(f"u{index}", f"u{index}", styles=labels) for index in every)
    started = time.process_time()
    coverage = Coverage(styles, units)
    for contest in every:
        assert len(coverage.units_of(contest)) == number
    assert time.process_time() - started < 5


def test_the_units_of_a_contest_are_those_with_a_style_that_has_it() -> None:
    styles = (BallotStyle(1, "a", (1, 3)), BallotStyle(2, "b", (2,)), BallotStyle(3, "c", (3,)))
    leaves = [Unit(f"u{index}", f"u{index}", styles=("c",) if index == 8 else ()) for index in range(20)]
    leaves[9] = Unit("u9", "u9", styles=("a", "b"))
    leaves[19] = Unit("u19", "u19", styles=("b",))
    coverage = Coverage(styles, (Unit("top", "top", children=tuple(leaves)),))
    assert [coverage.units_of(contest) for contest in (1, 2, 3, 4)] == [
        ("u9",),
        ("u9", "u19"),
        ("u8", "u9"),
        (),
    ]
