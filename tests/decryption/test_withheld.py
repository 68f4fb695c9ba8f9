"""Cells that are too small to be decrypted (A51, A70)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evote.decryption import FieldSum, withheld
from evote.decryption.withheld import too_few
from evote.testing.elections import Kit
from tests.decryption.sessions import close


@pytest.mark.parametrize(
    ("minimum", "classes", "kept"),
    [
        (3, (), True),
        (3, ((1, 3),), True),
        (3, ((1, 2),), False),
        (3, ((7, 3),), True),
        (3, ((1, 100), (5, 3)), True),
        (3, ((1, 100), (5, 2)), False),
        (3, ((1, 2), (5, 100)), False),
        (1, ((1, 1), (1000, 1)), True),
        (10, ((1, 5), (2, 5)), False),
    ],
)
def test_a_cell_needs_enough_ballots_of_every_weight(
    minimum: int, classes: tuple[tuple[int, int], ...], kept: bool
) -> None:
    reason = too_few(minimum, classes)
    assert (reason == "") is kept
    if reason:
        assert str(minimum) in reason


@given(st.integers(1, 30), st.dictionaries(st.integers(1, 1000), st.integers(1, 40), max_size=4))
def test_a_decrypted_cell_hides_every_ballot_among_as_many_of_its_weight(
    minimum: int, counts: dict[int, int]
) -> None:
    kept = too_few(minimum, sorted(counts.items())) == ""
    assert kept == all(number >= minimum for number in counts.values())


def test_a_unique_large_weight_is_withheld_and_named() -> None:
    draft = {
        "label": "Shares",
        "test": True,
        "minimum_cell": 2,
        "contests": [{"label": "C", "options": ["yes", "no"]}],
        "styles": [
            {"label": "one", "contests": ["C"]},
            {"label": "big", "contests": ["C"], "weight": 1000},
        ],
        "units": ["U"],
    }
    kit = Kit(draft, seed="shares")
    for style, mark in (("one", "yes"), ("one", "no"), ("one", "yes"), ("big", "no")):
        kit.vote("U", {"C": {mark: 1}}, style=style)
    closed = close(kit)
    (cell,) = withheld(closed.tally)
    assert (cell.contest, cell.cell) == ("C", kit.manifest.cells(1)[0].label)
    assert "1 ballot is of weight 1000" in cell.reason
    request = closed.request((1, 2))
    assert request.statements == () and request.withheld == (cell,)
    kit.vote("U", {"C": {"yes": 1}}, style="big")
    assert withheld(close(kit).tally) == ()


def test_counts_of_weights_survive_merging() -> None:
    from evote.tally import Tallier

    draft = {
        "label": "Shares",
        "test": True,
        "minimum_cell": 1,
        "contests": [{"label": "C", "options": ["yes", "no"]}],
        "styles": [
            {"label": "one", "contests": ["C"]},
            {"label": "big", "contests": ["C"], "weight": 9},
        ],
        "units": ["U"],
    }
    kit = Kit(draft, seed="merge")
    for style in ("one", "big", "big", "one", "one"):
        kit.vote("U", {"C": {"yes": 1}}, style=style)
    closed = close(kit)
    left, right = Tallier(kit.election, 0), Tallier(kit.election, 2)
    left.add_all(closed.ballots[:2])
    right.add_all(closed.ballots[2:])
    merged = right.tally(closed.tally.head).merge(left.tally(closed.tally.head))
    contest, cell = kit.manifest.contest(1), kit.manifest.cells(1)[0]
    assert merged.cell(contest, cell) == closed.tally.cell(contest, cell)
    assert merged.cell(contest, cell).classes == ((1, 3), (9, 2))
    bounds = {part.bound for part in closed.request((1, 2)).statements if isinstance(part, FieldSum)}
    assert bounds == {21}
