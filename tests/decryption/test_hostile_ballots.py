"""What a hostile device can put into a record must not keep the guardians from decrypting the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from evote.ballots.values import Selection
from evote.testing.elections import Kit
from tests.decryption.sessions import OPEN, Closed, close, run

Edit = Callable[[Kit, Selection], Selection]


def _outside(kit: Kit, selection: Selection) -> Selection:
    value = kit.p - int.from_bytes(selection.beta, "big")
    return replace(selection, beta=value.to_bytes(len(selection.beta), "big"))


def _beyond(kit: Kit, selection: Selection) -> Selection:
    return replace(selection, beta=b"\xff" * len(selection.beta))


def _zero(kit: Kit, selection: Selection) -> Selection:
    return replace(selection, beta=bytes(len(selection.beta)))


def challenged(edit: Edit) -> Closed:
    """Two cast ballots and a challenged one, one selection of which is no ciphertext."""
    kit = Kit(OPEN, seed="hostile")
    kit.vote("North", {"Mayor": {"Ada": 1}, "Council": {"Kurt": 2}})
    kit.vote("South", {"Mayor": {"Ada": 1}, "Council": {}})
    submitted = kit.vote("South", {"Mayor": {"Grace": 1}, "Council": {}}, challenge=True)
    first, *rest = submitted.ballot.contests
    head, *tail = first.selections
    wrong = replace(first, selections=(edit(kit, head), *tail))
    ballot = kit.forge.rehash(replace(submitted.ballot, contests=(wrong, *rest)))
    kit.submitted[-1] = replace(submitted, ballot=ballot)
    return close(kit)


@pytest.mark.parametrize("edit", [_outside, _beyond, _zero])
def test_a_challenged_ballot_with_a_value_outside_the_group_stays_unopened_and_spoils_nothing(
    edit: Edit,
) -> None:
    closed = challenged(edit)
    decryption = run(closed, (1, 3))
    assert decryption.openings == ()
    assert [ballot.identifier for ballot in decryption.unopened] == [
        closed.kit.submitted[-1].ballot.identifier
    ]
    counts = {cell.contest: [field.count for field in cell.fields] for cell in decryption.cells}
    assert counts["Mayor"] == [2, 0, 0]
