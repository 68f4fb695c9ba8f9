"""Every unit of the tree has a status, and every level is the sum of those below it."""

from __future__ import annotations

import json

import pytest

from evote.elgamal import Ciphertext
from evote.hashing import sha256
from evote.returns import Totals, UnitNode, UnitStatus, completeness
from evote.returns.result import returns_json
from evote.returns.totals import total
from evote.tally.values import DecryptedCell, DecryptedField
from tests.returns.kit import KINDS, digest, kit, merged, state
from tests.returns.rosters import change_of, roster_of

ALL = {unit: kit().signed(unit, votes=votes) for votes, unit in enumerate(KINDS, start=3)}


def statuses(*files: bytes) -> dict[str, str]:
    return {node.path: node.status.value for node in state(*files).nodes()}


def test_a_complete_tree_is_reported_at_every_level() -> None:
    found = state(*ALL.values())
    assert set(statuses(*ALL.values()).values()) == {"REPORTED"}
    assert (found.reported, found.expected, found.exit_code) == (4, 4, 0)


@pytest.mark.parametrize("unit", KINDS)
def test_a_unit_that_did_not_come_is_named(unit: str) -> None:
    found = state(*(data for path, data in ALL.items() if path != unit))
    assert found.units(UnitStatus.MISSING) == (unit,)
    assert (found.reported, found.expected, found.exit_code) == (3, 4, 3)


def test_a_roster_whose_predecessor_is_absent_keeps_the_tree_incomplete() -> None:
    """It may have replaced a key whose return still counts here."""
    _, waiting = roster_of(change_of("B")[1], version=3, previous=bytes(32))
    found = state(waiting, *ALL.values())
    assert (found.reported, found.roster_missing, found.exit_code) == (4, True, 3)
    assert completeness(merged(waiting, *ALL.values())[0]).exit_code == 3


def test_a_sum_is_not_known_while_no_paper_office_has_reported() -> None:
    manifest = kit().election.manifest
    cells = [
        DecryptedCell(
            contest.label,
            cell.label,
            tuple(DecryptedField(option.label, b"", 2, b"", b"") for option in contest.options),
        )
        for contest in manifest.contests
        for cell in manifest.cells(contest.index)
    ]
    for files, together in (((ALL["A/1"],), False), ((ALL["A/1"], ALL["B"]), True)):
        returns = merged(*files)[0]
        document = json.loads(returns_json(returns, completeness(returns), cells))
        for contest in document["contests"]:
            assert contest["ballots"] is not None
            assert (contest["open"] is not None, contest["sum"] is not None) == (together, together)


@pytest.mark.parametrize("unit", KINDS)
def test_a_torn_copy_is_partial_and_counted_nowhere(unit: str) -> None:
    torn = [data[: len(data) // 2] if path == unit else data for path, data in ALL.items()]
    found = state(*torn)
    assert found.units(UnitStatus.PARTIAL) == (unit,)
    assert found.exit_code == 3
    assert found.totals == state(*(data for path, data in ALL.items() if path != unit)).totals


@pytest.mark.parametrize("unit", KINDS)
def test_a_file_that_came_twice_counts_once(unit: str) -> None:
    found = state(*ALL.values(), ALL[unit])
    assert found.units(UnitStatus.DUPLICATE) == (unit,)
    assert (found.reported, found.exit_code) == (4, 0)
    assert found.totals == state(*ALL.values()).totals


@pytest.mark.parametrize("unit", KINDS)
def test_a_unit_that_signed_twice_is_a_conflict_and_counted_nowhere(unit: str) -> None:
    found = state(*ALL.values(), kit().signed(unit, votes=20))
    assert found.units(UnitStatus.CONFLICT) == (unit,)
    assert (found.reported, found.exit_code) == (3, 1)
    assert found.totals == state(*(data for path, data in ALL.items() if path != unit)).totals


def test_a_torn_copy_beside_a_whole_one_changes_nothing_but_is_told() -> None:
    found = state(*ALL.values(), ALL["B"][:300])
    assert found.roots[1].status is UnitStatus.REPORTED
    assert found.roots[1].partial == ("4",)


def test_the_level_above_shows_what_is_below() -> None:
    assert statuses()["A"] == "MISSING"
    assert statuses(ALL["A/2"])["A"] == "PARTIAL"
    assert statuses(ALL["A/1"], ALL["A/2"], ALL["A/3"])["A"] == "REPORTED"
    assert statuses(*ALL.values(), kit().signed("A/2", votes=20))["A"] == "CONFLICT"


def test_files_of_no_unit_are_listed_beside_the_tree() -> None:
    found = state(*ALL.values(), b"\x89evo")
    assert [arrival.name for arrival in found.unknown] == ["4"]
    assert found.exit_code == 3


def _check(node: UnitNode) -> None:
    if node.children:
        assert node.totals == total(child.totals for child in node.children)
        assert node.reported == sum(child.reported for child in node.children)
        assert node.expected == sum(child.expected for child in node.children)
    for child in node.children:
        _check(child)


def test_every_level_is_the_sum_of_its_children() -> None:
    found = state(*ALL.values())
    for root in found.roots:
        _check(root)
    assert found.totals == total(root.totals for root in found.roots)
    # votes of A/2 are 4, of A/3 5, of B 6; the style "short" has weight 2
    assert found.totals.plain == {"Mayor": (45, 0, 0, 0, 0), "Council": (15, 15, 0, 0)}
    assert found.totals.open.units == 3 and found.totals.ballots.units == 1
    assert found.totals.open.count("counted") == 2 * 15
    assert found.totals.ballots.count("counted") == 2 * 3


def test_ciphertexts_are_multiplied_with_weights_and_never_mixed_with_numbers() -> None:
    found = state(*ALL.values()).totals
    assert set(found.sealed) == {"Mayor", "Council"}

    def opened(pair: Ciphertext) -> int:
        group = kit().election.group
        share = group.power(pair.alpha, group.scalar(kit().secret))
        power = group.multiply(pair.beta, group.invert(share))
        base = kit().election.vote_key.base
        return next(n for n in range(100) if group.power(base, group.scalar(n)) == power)

    assert [opened(pair) for pair in found.sealed["Mayor"]] == [9, 0, 0, 0, 0]
    assert [opened(pair) for pair in found.sealed["Council"]] == [3, 3, 0, 0]


def test_sums_do_not_depend_on_order() -> None:
    parts = [Totals.of(kit().election, kit().made(unit, votes=votes)) for votes, unit in enumerate(KINDS, 3)]
    assert total(parts) == total(reversed(parts)) == total((total(parts[:2]), total(parts[2:])))
    assert total(()) == Totals()


def test_a_correction_takes_the_place_of_what_it_corrects() -> None:
    better = kit().correction("B", digest(ALL["B"]), votes=10)
    found = state(*ALL.values(), better)
    assert found.exit_code == 0
    assert found.totals.plain["Council"] == (19, 19, 0, 0)
    assert found.roots[1].standing is not None
    counted = found.roots[1].standing.counted
    assert counted is not None and counted.digest == sha256(better)
