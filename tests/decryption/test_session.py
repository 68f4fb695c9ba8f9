"""Whole sessions: what comes out is what was voted, and every published proof holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from evote.ballots import VerifiedChallenge, verify_opening
from evote.ballots.values import BallotState
from evote.decryption import Scope, examine_data, examine_decryption, withheld
from evote.errors import DiscreteLogError
from evote.tally import Tally
from evote.tally.tally import _TOKEN
from evote.testing.elections import Kit
from tests.decryption.sessions import OPEN, Closed, close, run, small

COUNTS = {
    ("Mayor", "Ada"): 2,
    ("Mayor", "Grace"): 1,
    ("Mayor", "blank"): 1,
    ("Council", "Alan"): 1,
    ("Council", "Emmy"): 1,
    ("Council", "Kurt"): 4,
}


@pytest.mark.parametrize(
    ("guardians", "quorum", "present"),
    [
        (1, 1, (1,)),
        (2, 1, (2,)),
        (3, 2, (1, 2)),
        (3, 2, (1, 3)),
        (3, 2, (1, 2, 3)),
        (5, 3, (2, 4, 5)),
        (5, 3, (1, 3, 4, 5)),
        (5, 3, (1, 2, 3, 4, 5)),
        (4, 4, (1, 2, 3, 4)),
    ],
)
def test_any_quorum_decrypts_what_was_cast(guardians: int, quorum: int, present: tuple[int, ...]) -> None:
    closed = small(guardians, quorum)
    kit = closed.kit
    decryption = run(closed, present)
    assert decryption.guardians == present
    assert decryption.withheld == () == decryption.unopened
    counts = {(cell.contest, part.option): part.count for cell in decryption.cells for part in cell.fields}
    assert counts == COUNTS

    direct = kit.decryption(kit.tally(kit.submitted, closed.tally.head))
    assert [(cell.contest, cell.cell) for cell in decryption.cells] == [
        (cell.contest, cell.cell) for cell in direct.cells
    ]
    for mine, slow in zip(decryption.cells, direct.cells, strict=True):
        assert [part.power for part in mine.fields] == [part.power for part in slow.fields]

    slow_data = kit.contest_data(kit.submitted)
    assert [(data.identifier, data.contest, data.beta, data.plaintext) for data in decryption.data] == [
        (data.identifier, data.contest, data.beta, data.plaintext) for data in slow_data
    ]
    challenged = [ballot for ballot in kit.submitted if ballot.state is BallotState.CHALLENGED]
    assert list(decryption.openings) == [kit.opening(ballot) for ballot in challenged]


def test_every_published_value_passes_its_checks() -> None:
    closed = small(5, 3)
    election, manifest = closed.kit.election, closed.kit.manifest
    decryption = run(closed, (1, 2, 5))
    total: Counter[str] = Counter()
    for cell in decryption.cells:
        contest = manifest.contest_by_label(cell.contest)
        held = closed.tally.cell(contest, manifest.cells(contest.index)[0])
        for option, ciphertext, part in zip(contest.options, held.fields, cell.fields, strict=True):
            findings, counts = examine_decryption(
                election, ciphertext.alpha, ciphertext.beta, contest.index, option.index, part
            )
            assert findings == ()
            total += counts
    assert total == {"10.A": 6, "10.B": 6, "10.C": 6}
    written = {ballot.submitted.ballot.identifier: ballot.submitted.ballot for ballot in closed.ballots}
    assert len(decryption.data) == 4
    for data in decryption.data:
        contest = manifest.contest_by_label(data.contest)
        findings, counts = examine_data(election, written[data.identifier], contest, data)
        assert findings == () and counts == {"12.A": 1, "12.B": 1, "12.C": 1}
    for opened in decryption.openings:
        verify_opening(election, written[opened.identifier], opened)


def test_nothing_but_cells_is_decrypted_where_the_manifest_opens_nothing() -> None:
    decryption = run(small(opened=False), (1, 2))
    assert len(decryption.cells) == 2 and decryption.data == () == decryption.openings


def test_an_empty_record_decrypts_to_zeros() -> None:
    closed = close(Kit(OPEN, seed="nobody"))
    decryption = run(closed, (2, 3))
    assert [part.count for cell in decryption.cells for part in cell.fields] == [0] * 6
    for cell in decryption.cells:
        contest = closed.kit.manifest.contest_by_label(cell.contest)
        held = closed.tally.cell(contest, closed.kit.manifest.cells(contest.index)[0])
        for option, ciphertext, part in zip(contest.options, held.fields, cell.fields, strict=True):
            findings, _ = examine_decryption(
                closed.kit.election, ciphertext.alpha, ciphertext.beta, contest.index, option.index, part
            )
            assert findings == ()


def test_weighted_ballots_decrypt_to_weighted_counts() -> None:
    draft = {**OPEN, "styles": [{"label": "w", "contests": ["Mayor", "Council"], "weight": 1000}]}
    kit = Kit(draft, seed="weights")
    for mark in ("Ada", "Ada", "Grace"):
        kit.vote("North", {"Mayor": {mark: 1}, "Council": {"Kurt": 2}})
    decryption = run(close(kit), (1, 2))
    assert [part.count for part in decryption.cells[0].fields] == [2000, 1000, 0]
    assert [part.count for part in decryption.cells[1].fields] == [0, 0, 6000]


def test_cells_are_decrypted_apart_and_small_ones_are_withheld() -> None:
    draft = {
        "label": "Cells",
        "test": True,
        "minimum_cell": 2,
        "contests": [{"label": "C", "options": ["a", "b"], "cells": "each"}],
        "units": ["X", "Y", "Z"],
    }
    kit = Kit(draft, seed="cells")
    for unit, mark in (("X", "a"), ("X", "a"), ("Y", "b"), ("X", "b")):
        kit.vote(unit, {"C": {mark: 1}})
    closed = close(kit)
    decryption = run(closed, (1, 3))
    assert [(cell.cell, [part.count for part in cell.fields]) for cell in decryption.cells] == [
        ("X", [2, 1]),
        ("Z", [0, 0]),
    ]
    assert decryption.withheld == withheld(closed.tally)
    assert [(cell.contest, cell.cell) for cell in decryption.withheld] == [("C", "Y")]


def test_a_challenged_ballot_whose_nonce_is_a_lie_is_named_and_stops_nothing() -> None:
    kit = Kit(OPEN, seed="liar")
    kit.vote("North", {"Mayor": {"Ada": 1}})
    lying = kit.vote("North", {"Mayor": {"Ada": 1}}, challenge=True)
    honest = kit.vote("South", {"Mayor": {"Ada": 1}}, challenge=True)
    ballot = lying.ballot
    other = kit.forge.sealed_nonce(ballot.identifier_hash, b"\x07" * 32)
    kit.submitted[1] = type(lying)(lying.state, kit.forge.rehash(replace(ballot, nonce=other)), lying.context)
    closed = close(kit)
    assert isinstance(closed.ballots[1], VerifiedChallenge)
    decryption = run(closed, (1, 2))
    assert [ballot.identifier for ballot in decryption.unopened] == [ballot.identifier]
    assert "device" in decryption.unopened[0].reason
    assert [opened.identifier for opened in decryption.openings] == [honest.ballot.identifier]
    assert [part.count for part in decryption.cells[0].fields] == [1, 0, 0]


def test_a_record_can_be_decrypted_in_parts() -> None:
    closed = small()
    whole = run(closed, (1, 2))
    first = run(closed, (1, 2), 2, Scope((1,), 0, 3))
    second = run(closed, (2, 3), 3, Scope((2,), 3, 5))
    assert [cell.contest for cell in (*first.cells, *second.cells)] == ["Mayor", "Council"]
    assert [part.power for cell in (*first.cells, *second.cells) for part in cell.fields] == [
        part.power for cell in whole.cells for part in cell.fields
    ]
    assert [data.plaintext for data in (*first.data, *second.data)] == [data.plaintext for data in whole.data]
    assert (*first.openings, *second.openings) == whole.openings


def test_tables_of_the_guardians_keys_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: Closed = small()
    monkeypatch.setattr("evote.decryption.combination._TABLE_FROM", 1)
    decryption = run(closed, (1, 3))
    assert [part.count for part in decryption.cells[0].fields] == [2, 1, 1]


def test_a_field_that_holds_no_possible_count_ends_in_an_error() -> None:
    closed = small()
    group, tally = closed.kit.group, closed.tally
    for beta in (group.generator, group.identity):
        sums = {
            key: replace(held, fields=(*held.fields[:2], replace(held.fields[2], beta=beta)))
            for key, held in tally.sums.items()
        }
        spoilt = replace(closed, tally=Tally(_TOKEN, tally.election, tally.head, tally.covered, sums))
        with pytest.raises(DiscreteLogError) as caught:
            run(spoilt, (1, 2))
        assert caught.value.bound == 4  # that of the first field with this fault


def test_a_count_beyond_its_own_field_is_an_error_though_another_field_may_have_it() -> None:
    closed = small()
    tally = closed.tally
    key = next(key for key in tally.sums if key[0] == 2)
    sums = {**tally.sums, key: replace(tally.sums[key], weight=1)}
    spoilt = replace(closed, tally=Tally(_TOKEN, tally.election, tally.head, tally.covered, sums))
    with pytest.raises(DiscreteLogError) as caught:
        run(spoilt, (1, 2))
    assert caught.value.bound == 2
