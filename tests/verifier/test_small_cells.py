"""Cells too small to be decrypted: what the rule withholds stays withheld, and says so (A51, A70)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from evote.record import RecordReader
from evote.record.values import DecryptionFile
from evote.report import Report, Status, Verdict
from evote.tally import PublishedTally
from evote.testing.elections import SMALL, Kit, Published
from evote.verifier.verify import _verify

CELLS: Mapping[str, object] = {
    **SMALL,
    "minimum_cell": 2,
    "contests": [{"label": "Mayor", "options": ["Ada", "Grace"]}],
    "styles": [
        {"label": "plain", "contests": ["Mayor"]},
        {"label": "heavy", "contests": ["Mayor"], "weight": 5},
    ],
    "cells": [{"label": "North", "units": ["North"]}, {"label": "South", "units": ["South"]}],
}


def election(*votes: tuple[str, str, str]) -> tuple[Kit, Published]:
    """An election with these ballots: unit, style, whom the vote is for."""
    kit = Kit(CELLS, seed="small cells")
    for unit, style, name in votes:
        kit.vote(unit, {"Mayor": {name: 1}}, style=style)
    return kit, kit.publish()


def verify(kit: Kit, published: Published, tmp_path: Path) -> Report:
    directory = kit.write(published, tmp_path / "record")
    return _verify(RecordReader(directory, {kit.group.name: kit.group}))


ONE = ("South", "plain", "Grace")
TWO = (("North", "plain", "Ada"), ("North", "plain", "Grace"))
HEAVY = (("South", "plain", "Ada"), ("South", "plain", "Ada"), ("South", "heavy", "Grace"))


def _opened(kit: Kit, tally: PublishedTally) -> DecryptionFile:
    """Every cell decrypted, whatever the rule says: k guardians who work together can."""
    cells = tuple(kit.decrypt_cell(cell) for cell in tally.cells)
    return DecryptionFile((1, 2), cells, ())


@pytest.mark.parametrize("small", [(ONE,), HEAVY], ids=["one ballot", "one ballot of its weight"])
def test_a_cell_that_is_too_small_and_decrypted_is_e12(
    small: tuple[tuple[str, str, str], ...], tmp_path: Path
) -> None:
    kit, published = election(*TWO, *small)
    published.decryption = _opened(kit, published.tally)
    report = verify(kit, published, tmp_path)
    assert report.failed == ("E.12",)
    (finding,) = report.check("E.12").findings
    assert "may not be decrypted" in finding.message and "South" in finding.where


@pytest.mark.parametrize("small", [(ONE,), HEAVY], ids=["one ballot", "one ballot of its weight"])
def test_a_cell_that_is_too_small_and_withheld_leaves_the_record_incomplete(
    small: tuple[tuple[str, str, str], ...], tmp_path: Path
) -> None:
    report = verify(*election(*TWO, *small), tmp_path)
    assert report.verdict is Verdict.INCOMPLETE
    assert report.having(Status.NOT_CHECKED) == ("11.D",)
    assert "South" in report.check("11.D").note


def test_a_cell_without_ballots_is_decrypted_to_zeros(tmp_path: Path) -> None:
    kit, published = election(*TWO)
    assert verify(kit, published, tmp_path).verdict is Verdict.PASS
    first, second = published.decryption.cells
    assert [field.count for field in second.fields] == [0, 0]
    # Nobody voted there, so 11.D does not ask for the cell; E.12 does.
    results = kit.results(published)
    published.result, published.csv = results["result.json"], results["result.csv"]
    published.decryption = replace(published.decryption, cells=(first,))
    assert verify(kit, published, tmp_path).failed == ("E.12",)
