"""What is encrypted for what was marked: limits, overvotes, counted facts, refusals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evote.ballots import PlaintextBallot, PlaintextContest
from evote.ballots.plaintext import interpret
from evote.manifest import ContestStatus, Manifest

FACTS = {
    "label": "Facts",
    "test": True,
    "minimum_cell": 1,
    "contests": [
        {
            "label": "C",
            "limit": 3,
            "options": ["a", "b", {"label": "c", "limit": 2}],
            "fields": ["overvote", "undervote", "undervote_difference", "null_vote"],
            "write_ins": 1,
            "write_in_bytes": 8,
        },
        {"label": "Plain", "options": ["x", "y"]},
    ],
    "units": [{"label": "town", "units": ["north", "south"]}],
}


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    return Manifest.build(FACTS, salt=bytes(32), authority_key=None)


def vote(manifest: Manifest, marks: dict[str, int], write_ins: tuple[str, ...] = ()):
    ballot = PlaintextBallot(
        "town/north", "all", {"C": PlaintextContest(marks, write_ins), "Plain": PlaintextContest({"x": 1})}
    )
    return interpret(manifest, ballot)[0]


@pytest.mark.parametrize(
    ("marks", "values", "status"),
    [
        ({"a": 1, "c": 2}, (1, 0, 2, 0, 0, 0, 0), ContestStatus.NORMAL),
        ({"a": 1}, (1, 0, 0, 0, 1, 2, 0), ContestStatus.UNDERVOTE),
        ({}, (0, 0, 0, 0, 1, 3, 1), ContestStatus.NULL_VOTE),
        ({"a": 0}, (0, 0, 0, 0, 1, 3, 1), ContestStatus.NULL_VOTE),
        ({"a": 1, "b": 1, "c": 2}, (0, 0, 0, 1, 0, 0, 0), ContestStatus.OVERVOTE),
        ({"a": 2}, (0, 0, 0, 1, 0, 0, 0), ContestStatus.OVERVOTE),
        ({"c": 65535}, (0, 0, 0, 1, 0, 0, 0), ContestStatus.OVERVOTE),
    ],
)
def test_marks_become_values_facts_and_a_status(manifest, marks, values, status) -> None:
    found = vote(manifest, marks)
    assert found.values == values
    assert found.record.status is status
    assert found.total == sum(values[:3])


def test_an_overvote_keeps_what_was_marked_for_the_contest_data(manifest) -> None:
    assert vote(manifest, {"a": 1, "b": 1, "c": 2}).record.marks == (1, 1, 2)
    assert vote(manifest, {"a": 1}).record.marks == ()


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), st.integers(0, 5)))
def test_encrypted_values_never_exceed_a_limit(marks: dict[str, int]) -> None:
    manifest = Manifest.build(FACTS, salt=bytes(32), authority_key=None)
    found = vote(manifest, marks)
    assert found.total <= 3
    assert all(
        value <= option.limit for option, value in zip(found.contest.options, found.values, strict=True)
    )


@pytest.mark.parametrize(
    ("ballot", "message"),
    [
        (PlaintextBallot("nowhere", "all", {}), "nowhere"),
        (PlaintextBallot("town", "all", {}), "does not take ballots"),
        (PlaintextBallot("town/north", "half", {}), "no ballot style 'half'"),
        (PlaintextBallot("town/north", "all", {"C": PlaintextContest()}), "contest 'Plain' is missing"),
        (
            PlaintextBallot(
                "town/north",
                "all",
                {"C": PlaintextContest(), "Plain": PlaintextContest(), "D": PlaintextContest()},
            ),
            "no contest 'D'",
        ),
        (
            PlaintextBallot(
                "town/north", "all", {"C": PlaintextContest({"z": 1}), "Plain": PlaintextContest()}
            ),
            "contest 'C' has no option 'z'",
        ),
        (
            PlaintextBallot(
                "town/north", "all", {"C": PlaintextContest({"a": -1}), "Plain": PlaintextContest()}
            ),
            "not from 0 to",
        ),
        (
            PlaintextBallot(
                "town/north", "all", {"C": PlaintextContest({"a": 10**9}), "Plain": PlaintextContest()}
            ),
            "not from 0 to",
        ),
        (
            PlaintextBallot(
                "town/north", "all", {"C": PlaintextContest({"overvote": 1}), "Plain": PlaintextContest()}
            ),
            "counted by the device",
        ),
        (
            PlaintextBallot(
                "town/north", "all", {"C": PlaintextContest({"a": True}), "Plain": PlaintextContest()}
            ),
            "not from 0 to",
        ),
        (
            PlaintextBallot(
                "town/north", "all", {"C": PlaintextContest(), "Plain": PlaintextContest({}, ("Zoe",))}
            ),
            "takes no write-ins",
        ),
    ],
)
def test_what_the_manifest_does_not_know_is_refused_by_name(manifest, ballot, message) -> None:
    with pytest.raises(ValueError, match=message):
        interpret(manifest, ballot)
