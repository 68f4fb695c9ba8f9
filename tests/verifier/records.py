"""Small records for the tests of the verifier, and one way to verify them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from evote.record import layout
from evote.record.index import open_index
from evote.record.reader import RecordReader
from evote.record.values import Stage
from evote.report import Report
from evote.testing.elections import SMALL, Kit, Published
from evote.testing.groups import toy
from evote.verifier.verify import _verify

CHAINED: Mapping[str, object] = {**SMALL, "chaining": 1}
OPENED: Mapping[str, object] = {**SMALL, "decrypt_contest_data": True}
APART: Mapping[str, object] = {**SMALL, "cells": "each", "minimum_cell": 2}
"""A cell per unit; one ballot alone is withheld."""


def kit(draft: Mapping[str, object] = SMALL, *, challenge: bool = True) -> Kit:
    """An election in which four ballots were cast and, if asked for, one was challenged."""
    made = Kit(draft)
    made.vote("North", {"Mayor": {"Ada": 1}, "Council": {"Alan": 1, "Emmy": 1}})
    made.vote("South", {"Mayor": {"Grace": 1}, "Council": {"Emmy": 1}})
    made.vote("North", {"Mayor": {"Ada": 1}, "Council": {"Kurt": 2}}, device="device 2")
    made.vote("South", {})
    if challenge:
        made.vote("South", {"Mayor": {"blank": 1}, "Council": {"Kurt": 1}}, challenge=True)
    return made


def verify(directory: Path, **options: object) -> Report:
    """Verify a record on the toy group."""
    return _verify(RecordReader(directory, {toy().name: toy()}), **options)  # type: ignore[arg-type]


def report_of(made: Kit, published: Published, directory: Path, **options: object) -> Report:
    """Write a record and verify it."""
    return verify(made.write(published, directory), **options)


def reseal(
    made: Kit, published: Published, directory: Path, change: Callable[[dict[str, bytes]], None]
) -> Path:
    """Write a record whose files were changed before the index was made over them."""
    files = made.files(published)
    index = files.pop(layout.index_path(1))
    change(files)
    files[layout.index_path(1)] = index
    files[layout.index_path(1)] = made.index(published, _without_index(files), Stage.FINAL)
    for name, data in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return directory


def _without_index(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name: data for name, data in files.items() if not layout.index_number(name)}


def honest_results(made: Kit, published: Published) -> Published:
    """The record with its result files fixed as they are now, whatever is changed later."""
    files = made.results(published)
    return replace(published, result=files[layout.RESULT_JSON], csv=files[layout.RESULT_CSV])


__all__ = [
    "APART",
    "CHAINED",
    "OPENED",
    "honest_results",
    "kit",
    "open_index",
    "report_of",
    "reseal",
    "verify",
]
