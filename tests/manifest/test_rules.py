"""Every rule of the manifest is tested by the sample with that one fault, and says where and what."""

from __future__ import annotations

import pickle

import pytest

from evote.errors import DecodeError, EvoteError
from evote.manifest import Manifest, ManifestError, ReturnKind, moment_of, seconds_of
from evote.manifest.rules import MAX_BROKEN
from tests.manifest.cases import BROKEN, MALFORMED, SWAPS, Patch, Swap
from tests.manifest.cases_of_returns import BROKEN_RETURNS, MALFORMED_RETURNS
from tests.manifest.samples import (
    KEYS,
    KINDS,
    OFFICES,
    SALT,
    attended,
    build,
    document,
    draft,
    one_contest,
    online,
    raw_of,
    reporting,
    sample,
)


def test_the_sample_keeps_every_rule() -> None:
    assert Manifest.parse(raw_of(document())) == sample()


@pytest.mark.parametrize("case", [*BROKEN, *BROKEN_RETURNS], ids=lambda case: case.id)
def test_a_broken_rule_is_named_with_its_place(case: Patch) -> None:
    with pytest.raises(ManifestError) as caught:
        Manifest.parse(case.raw())
    assert str(caught.value) == case.error


@pytest.mark.parametrize("case", [*MALFORMED, *MALFORMED_RETURNS], ids=lambda case: case.id)
def test_a_wrong_form_is_named_with_its_path(case: Patch) -> None:
    with pytest.raises(DecodeError) as caught:
        Manifest.parse(case.raw())
    assert str(caught.value) == case.error


@pytest.mark.parametrize("case", SWAPS, ids=lambda case: case.id)
def test_text_that_readers_may_understand_differently_is_refused(case: Swap) -> None:
    with pytest.raises(DecodeError) as caught:
        Manifest.parse(case.raw())
    assert str(caught.value).startswith(case.error)


def test_case_ids_are_unique() -> None:
    ids = [case.id for case in (*BROKEN, *BROKEN_RETURNS, *MALFORMED, *MALFORMED_RETURNS, *SWAPS)]
    assert len(set(ids)) == len(ids)


def test_all_broken_rules_are_listed_at_once_in_the_order_of_the_manifest() -> None:
    value = document()
    value["label"] = "E "
    value["contests"][1]["selection_limit"] = 8
    value["evote"]["ballot_styles"][1]["weight"] = 0
    with pytest.raises(ManifestError) as caught:
        Manifest.parse(raw_of(value))
    assert [broken.where for broken in caught.value.broken] == [
        "the election",
        "contest 'Council'",
        "ballot style 'short'",
    ]
    assert str(caught.value).splitlines()[0] == "3 rules are broken:"
    assert isinstance(caught.value, EvoteError)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_a_hostile_manifest_cannot_make_an_endless_error() -> None:
    described = one_contest(options=[f" {number}" for number in range(1000)], limit=1001)
    with pytest.raises(ManifestError) as caught:
        build(described)
    assert len(caught.value.broken) == MAX_BROKEN
    assert "more broken rules" in caught.value.broken[-1].rule


def test_a_long_label_is_cut_and_escaped_in_messages() -> None:
    with pytest.raises(ManifestError) as caught:
        build(one_contest(label="\u001b[2J" + "x" * 300))
    message = str(caught.value)
    assert "\u001b" not in message
    assert all(len(line) < 200 for line in message.splitlines())


@pytest.mark.parametrize("minimum", [1, 9])
def test_a_test_election_may_have_smaller_cells(minimum: int) -> None:
    assert build(draft(test=True, minimum_cell=minimum)).minimum_cell == minimum


def test_a_minimum_of_one_in_one_cell_needs_no_declaration() -> None:
    manifest = build(one_contest() | {"test": True, "minimum_cell": 1, "extensions": []})
    assert manifest.extensions == {}


def test_revotes_go_with_codes_that_are_not_chained() -> None:
    manifest = online()
    assert manifest.chaining == 0
    assert manifest.roll is not None and manifest.board is not None


def test_what_is_declared_of_board_and_roll_is_there_as_values() -> None:
    manifest = online()
    board, roll = manifest.board, manifest.roll
    assert board is not None and roll is not None
    assert list(manifest.extensions) == ["index", "context", "round0", "cells", "board", "roll"]
    assert manifest.extensions["board"].key == board.log.key.hex()
    assert board.log.load() == KEYS.log.verify_key
    assert seconds_of(board.closes) == 1_782_849_600
    assert [path for path, _ in board.logs()] == ["", "North/N1", "North/N2", "South"]
    assert board.units["South"].load() == KEYS.units["South"].verify_key
    assert [each.load() for each in roll.authorities] == [key.verify_key for key in KEYS.authorities]
    assert (roll.slots, roll.parts, roll.iterations) == (3, 2, 10_000)
    devices = attended().board
    assert devices is not None
    assert devices.devices["booth 1"].load() == KEYS.devices["booth 1"].verify_key
    assert attended().roll is None and sample().board is None


def test_what_is_declared_of_unit_returns_is_there_as_values() -> None:
    manifest = reporting()
    returns = manifest.returns
    assert returns is not None
    assert returns.authority.load() == OFFICES.authority.verify_key
    assert {path: unit.kind for path, unit in returns.units.items()} == {"North": None, **KINDS}
    assert returns.units["North"].load() == OFFICES.units["North"].verify_key
    assert sample().returns is None and sample().open_paths() == frozenset()


def test_units_that_count_paper_report_and_take_no_ballots() -> None:
    manifest = reporting()
    assert [unit.path for unit in manifest.reporting_units()] == ["North/N1", "North/N2", "South"]
    assert [unit.path for unit in manifest.ballot_units()] == ["North/N1"]
    assert manifest.takes_ballots("North/N1")
    assert not manifest.takes_ballots("North/N2") and not manifest.takes_ballots("North")
    assert [cell.units for cell in manifest.cells(1)] == [("North/N1",)]
    assert manifest.style("short").contests == (1,)


def test_an_election_that_counts_paper_only_needs_no_board() -> None:
    kinds = dict.fromkeys(KINDS, ReturnKind.OPEN)
    manifest = reporting(returns=OFFICES.returns(SALT, kinds), board=None)
    assert manifest.ballot_units() == () and manifest.cells(1) == ()


def test_a_rehearsal_may_stretch_codes_less() -> None:
    roll = KEYS.roll(SALT, slots=3, root=bytes(32), iterations=1)
    assert online(roll=roll, test=True).roll is not None
    with pytest.raises(ManifestError, match="codes are stretched 1 times"):
        online(roll=roll)


def test_moments_are_read_in_one_form_and_written_in_it() -> None:
    assert moment_of(0) == "1970-01-01T00:00:00Z"
    assert moment_of(seconds_of("2028-02-29T23:59:59Z")) == "2028-02-29T23:59:59Z"
    for wrong in (
        "2026-06-30T20:00:00",
        "2026-06-30 20:00:00Z",
        "2026-06-30T24:00:00Z",
        "1969-12-31T23:59:59Z",
    ):
        with pytest.raises(DecodeError):
            seconds_of(wrong)
    with pytest.raises(ValueError, match="no moment"):
        moment_of(-1)
