"""Figures that cannot be together are named: the shapes of what went wrong in real elections."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from evote.returns import PlainField, PlainTotal, Rule, UnitReturn, reconcile
from evote.testing.returns import count_of
from tests.returns.kit import kit, merged, state, verdicts


def votes(unit: str, numbers: dict[tuple[str, str], tuple[int, ...]], counted: dict[str, int]) -> UnitReturn:
    """A return with these counts by style and contest, and so many voters by style."""
    made = kit().made(unit)
    plain = tuple(
        PlainTotal(
            row.style,
            row.contest,
            tuple(
                PlainField(each.label, number)
                for each, number in zip(row.fields, numbers[row.style, row.contest], strict=True)
            ),
        )
        for row in made.plain
    )
    return dataclasses.replace(
        made, plain=plain, counts=tuple(count_of(style, number) for style, number in counted.items())
    )


GOOD = {
    ("full", "Mayor"): (40, 30, 20, 4, 6),
    ("full", "Council"): (60, 50, 40, 30),
    ("short", "Mayor"): (5, 2, 1, 1, 1),
}
VOTERS = {"full": 100, "short": 10}


def rules(returned: UnitReturn) -> list[Rule]:
    return [finding.rule for finding in reconcile(kit().election, returned)]


def test_figures_that_agree_have_no_finding() -> None:
    assert rules(votes("B", GOOD, VOTERS)) == []


def test_a_voter_with_a_rejected_or_a_challenged_ballot_only_adds_up() -> None:
    counts = (
        count_of("full", 100, signed_in=105, registered=105, rejected_only=2, challenged_only=3, rejected=4,
                 challenged=9),
        count_of("short", 10),
    )  # fmt: skip
    assert rules(dataclasses.replace(votes("B", GOOD, VOTERS), counts=counts)) == []


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"registered": 99}, Rule.MORE_SIGNED_IN_THAN_REGISTERED),
        ({"signed_in": 101}, Rule.VOTERS_DO_NOT_ADD_UP),
        ({"signed_in": 99}, Rule.VOTERS_DO_NOT_ADD_UP),
        ({"accepted": 101}, Rule.BALLOTS_DO_NOT_ADD_UP),
        ({"superseded": 1}, Rule.BALLOTS_DO_NOT_ADD_UP),
        ({"signed_in": 101, "rejected_only": 1}, Rule.REJECTED_DO_NOT_ADD_UP),
        ({"signed_in": 101, "challenged_only": 1}, Rule.CHALLENGED_DO_NOT_ADD_UP),
        ({"superseded": 1, "accepted": 101}, Rule.SUPERSEDED_ON_PAPER),
    ],
)
def test_voters_and_ballots_that_do_not_add_up_are_named(changes: dict[str, int], rule: Rule) -> None:
    made = votes("B", GOOD, VOTERS)
    wrong = dataclasses.replace(made, counts=(count_of("full", 100, **changes), made.counts[1]))
    found = reconcile(kit().election, wrong)
    assert rule in [finding.rule for finding in found]
    assert all(finding.style == "full" and not finding.rule.flag for finding in found)


def test_superseded_ballots_stand_apart_where_ballots_are_on_a_log() -> None:
    k = kit()
    revoted = k.made("A/1", counts=(count_of("full", 7, accepted=9, superseded=2), count_of("short", 7)))
    assert rules(revoted) == []
    counted_twice = k.made("A/1", counts=(count_of("full", 9, accepted=9, signed_in=7), count_of("short", 7)))
    assert rules(counted_twice) == [Rule.VOTERS_DO_NOT_ADD_UP]
    no_room = k.made("A/1", log=dataclasses.replace(k.log("A/1"), size=13))
    assert rules(no_room) == [Rule.LOG_TOO_SHORT]


def boxmeer() -> UnitReturn:
    """Boxmeer 2017: only the first lists were typed in at the head office; the rest stood at zero."""
    typed = GOOD | {("full", "Mayor"): (40, 0, 0, 4, 6), ("short", "Mayor"): (5, 0, 0, 1, 1)}
    return votes("B", typed, VOTERS)


def test_lists_that_were_never_typed_in_are_flagged_and_their_votes_are_missing() -> None:
    found = reconcile(kit().election, boxmeer())
    zero = [finding.field for finding in found if finding.rule is Rule.LIST_AT_ZERO]
    assert zero == ["Bo", "Cy"]
    missing = [finding for finding in found if finding.rule is Rule.VOTES_UNACCOUNTED]
    assert [(finding.style, finding.expected, finding.found) for finding in missing] == [
        ("full", "100", "50"),
        ("short", "10", "7"),
    ]


def test_a_list_at_zero_is_flagged_where_no_field_says_how_many_votes_were_left_out() -> None:
    typed = GOOD | {("full", "Council"): (60, 50, 0, 0)}
    found = reconcile(kit().election, votes("B", typed, VOTERS))
    assert [(finding.rule, finding.field) for finding in found] == [
        (Rule.LIST_AT_ZERO, "L3"),
        (Rule.LIST_AT_ZERO, "L4"),
    ]
    assert all(finding.rule.flag for finding in found)


def test_a_list_at_zero_in_one_style_only_is_no_finding() -> None:
    shifted = GOOD | {("short", "Mayor"): (8, 0, 0, 1, 1)}
    assert rules(votes("B", shifted, VOTERS)) == []


def test_a_contest_without_any_vote_is_flagged() -> None:
    found = rules(votes("B", GOOD | {("full", "Council"): (0, 0, 0, 0)}, VOTERS))
    assert found == [Rule.CONTEST_AT_ZERO]


def test_a_unit_in_which_nobody_voted_has_nothing_to_flag() -> None:
    empty = {key: tuple(0 for _ in numbers) for key, numbers in GOOD.items()}
    assert rules(votes("B", empty, {"full": 0, "short": 0})) == []


def brussels() -> UnitReturn:
    """Brussels 2024: voters got the ballot of another category; votes do not match voters by category."""
    wrong = GOOD | {("full", "Mayor"): (40, 28, 20, 4, 6), ("short", "Mayor"): (5, 4, 1, 1, 1)}
    return votes("B", wrong, VOTERS)


def test_votes_by_category_that_do_not_match_voters_by_category_are_named() -> None:
    found = reconcile(kit().election, brussels())
    assert [(finding.rule, finding.style, finding.expected, finding.found) for finding in found] == [
        (Rule.VOTES_UNACCOUNTED, "full", "100", "98"),
        (Rule.TOO_MANY_VOTES, "short", "10", "12"),
    ]
    assert "B, short, Mayor: too-many-votes" in str(found[1])


@pytest.mark.parametrize(
    ("numbers", "field"),
    [((201, 0, 0, 0), ""), ((101, 50, 40, 9), "L1"), ((90, 90, 20, 1), "")],
)
def test_more_votes_than_voters_have_are_named(numbers: tuple[int, ...], field: str) -> None:
    found = reconcile(kit().election, votes("B", GOOD | {("full", "Council"): numbers}, VOTERS))
    assert Rule.TOO_MANY_VOTES in [finding.rule for finding in found]
    assert field in [finding.field for finding in found if finding.rule is Rule.TOO_MANY_VOTES]


def _credited(make: Callable[[str, int], bytes]) -> list[str]:
    return verdicts(make("A/2", 5), make("A/3", 9))


def test_votes_credited_to_the_neighbour_do_not_carry_the_neighbours_signature() -> None:
    """Nivelles 2014: totals right, attribution wrong. The centre cannot swap what two units signed."""
    k = kit()
    assert _credited(lambda unit, number: k.signed(unit, votes=number)) == ["good", "good"]
    other = {"A/2": "A/3", "A/3": "A/2"}
    swapped = _credited(lambda unit, number: k.signed(unit, votes=number, key=k.keys.units[other[unit]]))
    assert swapped == ["neighbours-key", "neighbours-key"]
    right = state(k.signed("A/2", votes=5), k.signed("A/3", votes=9))
    wrong = state(k.signed("A/2", votes=9), k.signed("A/3", votes=5))
    assert right.totals == wrong.totals
    assert [node.totals for node in right.roots[0].children] != [
        node.totals for node in wrong.roots[0].children
    ]


def test_what_does_not_agree_is_still_what_the_unit_said() -> None:
    data = kit().signed("B", plain=boxmeer().plain, counts=boxmeer().counts)
    value, report = merged(data)
    assert report.exit_code == 0
    (signed,) = value.returns.values()
    assert reconcile(kit().election, signed.returned) == reconcile(kit().election, boxmeer())
