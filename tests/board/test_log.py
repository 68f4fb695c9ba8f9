"""A log as its keeper sees it: what it asks its witnesses, and what they answer."""

from __future__ import annotations

import pytest

from evote.board.log import proof_in, request_for
from evote.board.note import Note
from evote.board.policy import Policy
from evote.board.witness import Advance, Remembered, Request, StaleRequestError, consider
from evote.errors import DecodeError
from evote.merkle import Tree
from tests.board.logs import (
    LOG,
    NOW,
    WITNESS_SIGNERS,
    WITNESSES,
    head,
    policy_text,
    signed,
    tree,
)

TREE = tree(60)


def test_a_log_grows_is_witnessed_and_proves_its_leaves_to_who_has_the_policy() -> None:
    memory: dict[str, Remembered] = {}
    policy = Policy.parse(policy_text())
    old = 0
    for size in (0, 1, 20, 20, 60):
        note = signed(head(TREE, size))
        for witness in WITNESSES[:2]:
            asked = Request.parse(request_for(TREE, old, note).encode())
            outcome = consider(LOG, memory.get(witness.name), asked, NOW + size)
            assert isinstance(outcome, Advance)
            memory[witness.name] = outcome.remember
            note = note.having(outcome.cosign(witness.name, WITNESS_SIGNERS[witness.name]))
        old = size
        for index in range(0, size, 7):
            found = proof_in(TREE, index, note).verify(TREE.leaf(index), LOG, policy)
            assert found.time == NOW + size
    asked = request_for(TREE, old, signed(head(TREE)))
    with pytest.raises(StaleRequestError):
        consider(LOG, None, asked, NOW)


def test_a_log_asks_only_for_heads_of_its_own_tree() -> None:
    for note in (signed(head(tree(61))), signed(head(tree(60, start=1)))):
        with pytest.raises(ValueError, match="not a head of this tree"):
            request_for(TREE, 0, note)
    with pytest.raises(ValueError, match="no proof leads"):
        request_for(TREE, 21, signed(head(TREE, 20)))
    with pytest.raises(DecodeError):
        request_for(TREE, 0, Note("text\n", signed(head(TREE)).signatures))


def test_a_tree_that_is_built_again_from_its_leaves_gives_the_same_heads_and_proofs() -> None:
    again = Tree()
    again.extend_packed(TREE.nodes(0, 0, 60))
    assert head(again) == head(TREE)
    note = signed(head(again))
    assert [proof_in(again, at, note) for at in range(60)] == [proof_in(TREE, at, note) for at in range(60)]
