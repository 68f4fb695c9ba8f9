"""Units are closed by linked statements; a correction counts before the decryption, and never after."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from evote.errors import VerificationError
from evote.manifest import Manifest
from evote.merkle import Tree, leaf_hash
from evote.tally import ClosingHead, UnitChange, UnitClosing, UnitHead, UnitStates, UnitTrees

DRAFT: Mapping[str, object] = {
    "label": "Closings",
    "test": True,
    "minimum_cell": 1,
    "contests": [
        {"label": "Mayor", "options": ["a"], "cells": "each"},
        {"label": "Plan", "options": ["a"], "cells": [{"label": "all", "units": ["W", "X"]}]},
    ],
    "units": ["W", "X"],
}


def head(number: int) -> ClosingHead:
    return ClosingHead(number, bytes([number]) * 32)


@pytest.fixture
def states() -> UnitStates:
    return UnitStates(Manifest.build(DRAFT, salt=bytes(32), authority_key=None))


def test_a_cell_is_complete_when_the_last_of_its_units_is_closed(states: UnitStates) -> None:
    states.close(UnitClosing("X", head(1), None, ""))
    assert states.complete() == (("Mayor", "X"),)
    states.close(UnitClosing("W", head(2), None, ""))
    assert states.complete() == (("Mayor", "W"), ("Mayor", "X"), ("Plan", "all"))
    assert states.units() == (UnitHead("W", head(2)), UnitHead("X", head(1)))
    assert states.units_of([("Mayor", "X")]) == (UnitHead("X", head(1)),)
    assert [one.unit for one in states.units_of([("Plan", "all")])] == ["W", "X"]


def test_a_correction_replaces_the_head_until_a_cell_of_the_unit_is_decrypted(states: UnitStates) -> None:
    states.close(UnitClosing("W", head(1), None, ""))
    states.close(UnitClosing("W", head(2), head(1), "first"))
    assert states.heads["W"] == head(2)
    assert states.replaced == [UnitChange("W", head(1), head(2), "first")]
    states.decrypt([("Mayor", "W")])
    states.close(UnitClosing("W", head(3), head(2), "second"))
    states.close(UnitClosing("W", head(4), head(3), "third"))
    assert states.heads["W"] == head(2) and states.stated("W") == head(4)
    assert states.discrepancies == [
        UnitChange("W", head(2), head(3), "second"),
        UnitChange("W", head(2), head(4), "third"),
    ]


@pytest.mark.parametrize(
    ("closing", "message"),
    [
        (UnitClosing("Z", head(1), None, ""), "none in which ballots are cast"),
        (UnitClosing("W", head(2), None, ""), "does not name the head"),
        (UnitClosing("W", head(2), head(3), "why"), "does not name the head"),
        (UnitClosing("W", head(2), head(1), ""), "says why"),
        (UnitClosing("X", head(2), None, "why"), "no reason"),
        (UnitClosing("W", head(1), head(1), "why"), "has the head of the one before"),
    ],
)
def test_a_statement_that_breaks_a_rule_changes_nothing(
    closing: UnitClosing, message: str, states: UnitStates
) -> None:
    states.close(UnitClosing("W", head(1), None, ""))
    with pytest.raises(VerificationError, match=message):
        states.close(closing)
    assert states.units() == (UnitHead("W", head(1)),) and not states.replaced


def test_a_cell_with_an_open_unit_and_one_that_nobody_knows_are_not_decrypted(states: UnitStates) -> None:
    states.close(UnitClosing("W", head(1), None, ""))
    with pytest.raises(VerificationError, match="before 'X' is closed"):
        states.decrypt([("Plan", "all")])
    with pytest.raises(VerificationError, match="no such cell"):
        states.decrypt([("Plan", "some")])
    assert not states.decrypted


def test_the_head_of_a_unit_is_the_tree_over_its_own_ballots() -> None:
    trees = UnitTrees(Manifest.build(DRAFT, salt=bytes(32), authority_key=None))
    ballots = [bytes([number]) * 32 for number in range(5)]
    for number, ballot in enumerate(ballots):
        trees.add("WX"[number % 2], ballot)
        trees.add("elsewhere", ballot)
    mine = Tree(leaf_hash(ballot) for ballot in ballots[::2])
    assert trees.heads()["W"] == ClosingHead(3, mine.root()) and set(trees.heads()) == {"W", "X"}
