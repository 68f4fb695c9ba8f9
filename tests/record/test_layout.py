"""The layout: which paths belong to a record."""

from __future__ import annotations

import pytest

from evote.record import layout
from evote.record.layout import Kind, kind_of
from evote.record.values import Stage


@pytest.mark.parametrize("path", layout.LIMITS)
def test_single_files_are_known(path: str) -> None:
    assert kind_of(path) is Kind.SINGLE


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("ballots/000001.seg", Kind.SEGMENT),
        ("openings/000123.seg", Kind.SEGMENT),
        ("data/999999.seg", Kind.SEGMENT),
        ("index/000001.msgpack", Kind.INDEX),
        ("hints/000001.seg", Kind.HINT),
    ],
)
def test_numbered_files_are_known(path: str, kind: Kind) -> None:
    assert kind_of(path) is kind


@pytest.mark.parametrize(
    "path",
    [
        "",
        "ballots",
        "ballots/",
        "ballots/000000.seg",
        "ballots/1.seg",
        "ballots/0000001.seg",
        "ballots/000001.SEG",
        "ballots/000001.seg/",
        "ballots/000001.seg\n",
        "ballots/x/000001.seg",
        "ballots/٠٠٠٠٠١.seg",
        "/ballots/000001.seg",
        "./manifest.json",
        "Manifest.json",
        "other/000001.seg",
        "index/000000.msgpack",
        "index/000001.seg",
        "index/000001.msgpack.bak",
        "000001.seg",
    ],
)
def test_nothing_else_has_a_place(path: str) -> None:
    assert kind_of(path) is None


def test_each_stage_has_the_files_of_the_one_before() -> None:
    before: set[str] = set()
    for stage in layout.STAGES:
        assert before < set(layout.REQUIRED[stage]) <= set(layout.LIMITS)
        before = set(layout.REQUIRED[stage])
    assert tuple(Stage) == layout.STAGES


def test_numbers_and_names_belong_together() -> None:
    for number in (1, 42, layout.MAX_SEGMENTS):
        assert layout.segment_number(layout.segment_name(number)) == number
        assert layout.index_number(layout.index_path(number)) == number


@pytest.mark.parametrize("number", [0, -1, layout.MAX_SEGMENTS + 1])
def test_a_number_beyond_the_names_is_a_mistake(number: int) -> None:
    with pytest.raises(ValueError):
        layout.segment_name(number)
    with pytest.raises(ValueError):
        layout.index_path(number)
