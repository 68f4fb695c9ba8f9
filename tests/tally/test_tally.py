"""Tallies: what they accept, cover and merge."""

from __future__ import annotations

import functools
import itertools
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evote.ballots import VerifiedBallot, VerifiedChallenge, verify_cast, verify_challenged
from evote.ballots.values import BallotState
from evote.errors import RefusedError
from evote.tally import ClosingHead, Tallier, Tally
from evote.testing.elections import SMALL, Kit

Verified = VerifiedBallot | VerifiedChallenge


@functools.cache
def counted() -> tuple[Kit, tuple[Verified, ...], ClosingHead]:
    kit = Kit(seed="tally")
    draw = random.Random(7)
    for index in range(12):
        marks = {"Mayor": {draw.choice(["Ada", "Grace"]): 1}, "Council": {"Kurt": draw.randint(0, 2)}}
        kit.vote(draw.choice(["North", "South"]), marks, challenge=index % 5 == 4)
    verified = tuple(
        verify_cast(kit.election, ballot)
        if ballot.state is BallotState.CAST
        else verify_challenged(kit.election, ballot)
        for ballot in kit.submitted
    )
    return kit, verified, kit.head(kit.submitted)


def part(begin: int, end: int) -> Tally:
    kit, verified, head = counted()
    tallier = Tallier(kit.election, begin)
    tallier.add_all(verified[begin:end])
    return tallier.tally(head)


def test_the_tally_is_the_product_of_the_cast_ballots() -> None:
    kit, _, head = counted()
    assert part(0, 12).publish() == kit.tally(kit.submitted, head)


def test_the_tallier_finds_the_head_of_what_it_was_given() -> None:
    kit, verified, head = counted()
    tallier = Tallier(kit.election)
    tallier.add_all(verified)
    assert tallier.head() == head


@given(st.lists(st.integers(0, 12), max_size=5), st.randoms(use_true_random=False))
def test_merging_any_cut_in_any_order_gives_the_same_tally(cuts: list[int], order: random.Random) -> None:
    borders = sorted({0, 12, *cuts})
    parts = [part(begin, end) for begin, end in itertools.pairwise(borders)]
    order.shuffle(parts)
    kit, _, head = counted()
    merged = functools.reduce(Tally.merge, parts, Tally.empty(kit.election, head))
    assert merged.complete
    assert merged.publish() == part(0, 12).publish()


def test_merging_is_associative() -> None:
    a, b, c = part(0, 3), part(5, 9), part(3, 5)
    left, right = a.merge(b).merge(c), a.merge(b.merge(c))
    assert left.covered == right.covered and dict(left.sums) == dict(right.sums)


@pytest.mark.parametrize("other", [(0, 12), (4, 5), (3, 5), (11, 12)])
def test_a_ballot_cannot_be_counted_twice(other: tuple[int, int]) -> None:
    covered = part(0, 5).merge(part(11, 12))
    with pytest.raises(RefusedError, match="both tallies"):
        covered.merge(part(*other))


def test_what_does_not_cover_the_head_is_not_published() -> None:
    with pytest.raises(RefusedError, match="does not cover"):
        part(0, 11).publish()
    with pytest.raises(RefusedError, match="does not cover"):
        part(0, 3).merge(part(4, 12)).publish()
    with pytest.raises(RefusedError, match="does not cover"):
        part(1, 12).publish()


def test_the_leaves_must_be_those_of_the_head() -> None:
    kit, verified, head = counted()
    tallier = Tallier(kit.election)
    tallier.add_all(reversed(verified))
    assert not tallier.tally(head).complete
    with pytest.raises(RefusedError, match="more ballots"):
        part_of = Tallier(kit.election)
        part_of.add_all(verified)
        part_of.tally(ClosingHead(11, head.root))


def test_tallies_of_other_heads_and_elections_are_not_merged() -> None:
    kit, _, head = counted()
    with pytest.raises(RefusedError, match="not merged"):
        part(0, 3).merge(Tally.empty(kit.election, ClosingHead(13, head.root)))
    with pytest.raises(RefusedError, match="not merged"):
        part(0, 3).merge(Tally.empty(Kit(seed="other").election, head))


def test_only_verified_ballots_of_this_election_enter() -> None:
    kit, verified, _ = counted()
    with pytest.raises(TypeError, match="verified"):
        Tallier(kit.election).add(kit.submitted[0])  # type: ignore[arg-type]
    with pytest.raises(RefusedError, match="another election"):
        Tallier(Kit(seed="other").election).add(verified[0])


def test_a_tally_is_not_built_from_parts() -> None:
    made = part(0, 12)
    with pytest.raises(TypeError, match="Tallier"):
        Tally(object(), made.election, made.head, made.covered, made.sums)
    with pytest.raises((TypeError, ValueError)):
        replace(made, sums={})


def test_challenged_ballots_are_covered_and_not_counted() -> None:
    _kit, verified, head = counted()
    cast = [ballot for ballot in verified if isinstance(ballot, VerifiedBallot)]
    published = part(0, 12).publish()
    assert len(cast) == 10 and all(cell.ballots == 10 for cell in published.cells)
    assert published.head.size == 12 == head.size


@pytest.mark.parametrize("weight", [2, 3, 1000])
def test_weights_count_as_powers(weight: int) -> None:
    draft = {**SMALL, "styles": [{"label": "shares", "contests": ["Mayor", "Council"], "weight": weight}]}
    kit = Kit(draft, seed="weights")
    for mark in ("Ada", "Ada", "Grace"):
        kit.vote("North", {"Mayor": {mark: 1}})
    tallier = Tallier(kit.election)
    tallier.add_all(verify_cast(kit.election, ballot) for ballot in kit.submitted)
    published = tallier.tally(tallier.head()).publish()
    assert published == kit.tally(kit.submitted, kit.head(kit.submitted))
    assert published.cells[0].weight == 3 * weight
    counts = [part.count for part in kit.decrypt_cell(published.cells[0]).fields]
    assert counts == [2 * weight, weight, 0]


def test_no_ballots_are_a_complete_tally_of_an_empty_head() -> None:
    kit = Kit(seed="empty")
    head = Tallier(kit.election).head()
    empty = Tally.empty(kit.election, head)
    assert empty.complete and all(cell.ballots == 0 for cell in empty.publish().cells)
    assert not Tally.empty(kit.election, ClosingHead(0, bytes(32))).complete


def test_cells_are_summed_apart() -> None:
    draft = {
        "label": "Cells",
        "test": True,
        "minimum_cell": 1,
        "contests": [{"label": "C", "options": ["a", "b"], "cells": "each"}],
        "units": ["North", "South"],
    }
    kit = Kit(draft, seed="cells")
    for unit, mark in (("North", "a"), ("South", "b"), ("South", "b")):
        kit.vote(unit, {"C": {mark: 1}})
    tallier = Tallier(kit.election)
    tallier.add_all(verify_cast(kit.election, ballot) for ballot in kit.submitted)
    published = tallier.tally(tallier.head()).publish()
    assert [cell.ballots for cell in published.cells] == [1, 2]
    counts = [[part.count for part in kit.decrypt_cell(cell).fields] for cell in published.cells]
    assert counts == [[1, 0], [0, 2]]
