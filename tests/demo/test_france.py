"""The figures of the demonstration and what is made of them."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from evote.ballots.plaintext import interpret
from evote.demo.france import (
    BLANK,
    MAX_SCALE,
    Constituency,
    ballot,
    draft,
    load,
    scaled,
    sequence,
)
from evote.manifest import MINIMUM_CELL, Manifest
from tests.shared import shared_data

ELECTION = load()


def built(scale: int) -> Manifest:
    return Manifest.build(draft(ELECTION, scale), salt=bytes(32), authority_key=None)


def test_the_figures_are_those_of_the_official_result() -> None:
    published = json.loads(shared_data("fr-2024-abroad-round1.json").read_text(encoding="utf-8"))
    assert [
        {
            "id": item.label,
            "registered": item.registered,
            "voters": item.voters,
            "blank": item.blank,
            "null": item.null,
            "candidates": [
                {"name": candidate.name, "label": candidate.nuance, "votes": candidate.votes}
                for candidate in item.candidates
            ],
        }
        for item in ELECTION.constituencies
    ] == [
        {key: unit[key] for key in ("id", "registered", "voters", "blank", "null", "candidates")}
        for unit in published["units"]
    ]


def test_there_are_eleven_constituencies_whose_figures_add_up() -> None:
    assert [item.label for item in ELECTION.constituencies] == [f"ZZ{number:02}" for number in range(1, 12)]
    for item in ELECTION.constituencies:
        valid = sum(candidate.votes for candidate in item.candidates)
        assert valid + item.blank + item.null == item.voters <= item.registered
        assert len({candidate.name for candidate in item.candidates}) == len(item.candidates)
    assert sum(count for item in ELECTION.constituencies for _, count in item.votes) == 572_929


def test_scale_one_is_the_whole_election() -> None:
    for item in ELECTION.constituencies:
        assert scaled(item, 1) == item.votes


@pytest.mark.parametrize("scale", [2, 7, 100, 5000, 90_000, MAX_SCALE])
def test_a_scaled_election_stays_in_proportion(scale: int) -> None:
    for item in ELECTION.constituencies:
        total = sum(count for _, count in item.votes)
        found = scaled(item, scale)
        ballots = sum(count for _, count in found)
        assert ballots == max(1, round(total / scale)) or abs(ballots - total / scale) == 0.5
        assert [label for label, _ in found] == [label for label, _ in item.votes]
        for (_, count), (_, official) in zip(found, item.votes, strict=True):
            assert abs(count - official * ballots / total) < 1


@pytest.mark.parametrize("scale", [0, -1, MAX_SCALE + 1])
def test_a_scale_out_of_range_is_refused(scale: int) -> None:
    with pytest.raises(ValueError, match="the scale lies between"):
        scaled(ELECTION.constituencies[0], scale)


def test_the_order_of_ballots_has_every_vote_once_and_mixes_the_options() -> None:
    counts = scaled(ELECTION.constituencies[0], 500)
    order = list(sequence(counts))
    assert Counter(order) == {label: count for label, count in counts if count}
    half = Counter(order[: len(order) // 2])
    for label, count in counts:
        assert abs(half[label] - count / 2) <= 1.5
    assert order == list(sequence(counts))


@pytest.mark.parametrize("scale", [1, 5000, MAX_SCALE])
def test_the_manifest_is_a_test_election_with_a_cell_for_each_constituency(scale: int) -> None:
    manifest = built(scale)
    assert manifest.test
    assert [contest.label for contest in manifest.contests] == [c.label for c in ELECTION.constituencies]
    for contest, item in zip(manifest.contests, ELECTION.constituencies, strict=True):
        assert contest.limit == 1
        assert contest.options[-1].label == BLANK
        assert [option.label for option in contest.options] == [label for label, _ in item.votes]
        assert [cell.units for cell in manifest.cells(contest.index)] == [(item.unit,)]
        assert sum(count for _, count in scaled(item, scale)) >= manifest.minimum_cell
        assert contest.name("en") != contest.name("fr")
    assert manifest.minimum_cell <= MINIMUM_CELL


def test_the_minimum_size_of_a_cell_is_the_usual_one_where_the_scale_allows_it() -> None:
    assert built(1).minimum_cell == MINIMUM_CELL
    assert built(100_000).minimum_cell == 1


def test_every_option_of_every_constituency_can_be_voted_for() -> None:
    manifest = built(1)

    def selected(item: Constituency, label: str) -> list[str]:
        (vote,) = interpret(manifest, ballot(item, label))
        return [o.label for o, value in zip(vote.contest.options, vote.values, strict=True) if value]

    for item in ELECTION.constituencies:
        for label, _ in item.votes:
            assert selected(item, label) == [label]
