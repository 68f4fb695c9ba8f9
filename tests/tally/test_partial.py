"""What workers added up is taken in once, in order, and only where it is a sum of this election's cells."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest

from evote.ballots import verify_cast
from evote.errors import DecodeError, RefusedError
from evote.groups import MembershipError
from evote.merkle import RangeBuilder
from evote.tally import PartialCell, PartialTally, Tallier
from evote.testing.elections import Kit

KIT = Kit(seed="partial tallies")
for number in range(6):
    KIT.vote(("North", "South")[number % 2], {"Mayor": {"Ada": 1}, "Council": {"Kurt": number % 3}})


def part(begin: int, end: int) -> PartialTally:
    tallier = Tallier(KIT.election, begin)
    tallier.add_all(verify_cast(KIT.election, ballot) for ballot in KIT.submitted[begin:end])
    return tallier.partial()


@pytest.mark.parametrize("borders", [(0, 6), (0, 1, 6), (0, 2, 4, 6), (0, 1, 2, 3, 4, 5, 6), (0, 0, 6, 6)])
def test_any_cut_into_parts_gives_the_same_tally(borders: tuple[int, ...]) -> None:
    tallier = Tallier(KIT.election)
    for begin, end in itertools.pairwise(borders):
        tallier.add_partial(part(begin, end))
    assert tallier.tally(tallier.head()).publish() == KIT.publish().tally


def test_ballots_may_be_added_before_and_behind_a_part() -> None:
    tallier = Tallier(KIT.election)
    tallier.add(verify_cast(KIT.election, KIT.submitted[0]))
    tallier.add_partial(part(1, 5))
    tallier.add(verify_cast(KIT.election, KIT.submitted[5]))
    assert tallier.tally(tallier.head()).publish() == KIT.publish().tally


@pytest.mark.parametrize("borders", [((1, 3),), ((0, 2), (0, 2)), ((0, 3), (2, 4)), ((0, 2), (3, 4))])
def test_a_part_that_is_not_the_next_one_is_refused(borders: tuple[tuple[int, int], ...]) -> None:
    tallier = Tallier(KIT.election)
    *before, last = borders
    for begin, end in before:
        tallier.add_partial(part(begin, end))
    with pytest.raises(RefusedError, match="is next"):
        tallier.add_partial(part(*last))


def test_a_part_of_another_election_is_refused() -> None:
    with pytest.raises(RefusedError, match="another election"):
        Tallier(Kit(seed="another").election).add_partial(part(0, 2))


def changed(**parts: object) -> Callable[[PartialTally], PartialTally]:
    def change(partial: PartialTally) -> PartialTally:
        first = replace(partial.cells[0], **parts)  # type: ignore[arg-type]
        return replace(partial, cells=(first, *partial.cells[1:]))

    return change


@pytest.mark.parametrize(
    "change",
    [
        changed(cell="nowhere"),
        changed(contest=9),
        changed(products=()),
        changed(classes=()),
        changed(classes=((1, 0),)),
        changed(classes=((1, -1), (2, 3))),
        changed(classes=((1, 1), (1, 1))),
        changed(classes=((1, 99),)),
        lambda partial: replace(partial, cells=(*partial.cells, partial.cells[0])),
    ],
)
def test_what_is_no_sum_of_a_cell_is_refused_and_nothing_is_added(
    change: Callable[[PartialTally], PartialTally],
) -> None:
    tallier = Tallier(KIT.election)
    with pytest.raises(DecodeError, match="no sum of a cell"):
        tallier.add_partial(change(part(0, 6)))
    tallier.add_partial(part(0, 6))
    assert tallier.tally(tallier.head()).publish() == KIT.publish().tally


def test_a_product_outside_the_group_is_refused() -> None:
    partial = part(0, 6)
    cell: PartialCell = partial.cells[0]
    minus_one = (int.from_bytes(KIT.group.generator.encode(), "big") * -1) % KIT.p
    products = (minus_one.to_bytes(KIT.group.element_bytes, "big"), *cell.products[1:])
    with pytest.raises(MembershipError):
        Tallier(KIT.election).add_partial(replace(partial, cells=(replace(cell, products=products),)))


def test_a_part_without_ballots_changes_nothing() -> None:
    tallier = Tallier(KIT.election)
    tallier.add_partial(PartialTally(KIT.election.extended_hash, RangeBuilder().value(), ()))
    assert tallier.head().size == 0
