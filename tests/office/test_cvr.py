"""NIST 1500-103 reports: what their contests, options and marks mean, and which CVRs are refused."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from evote.ballots import PlaintextBallot, PlaintextContest
from evote.errors import DecodeError
from evote.manifest import Manifest
from evote.office.cvr import CvrReport
from evote.office.rows import Row
from tests.office.reports import chosen, contest, position, record, report, selection, written
from tests.shared import shared_data

DRAFT = {
    "label": "Report",
    "test": True,
    "minimum_cell": 1,
    "contests": [
        {"label": "Mayor", "options": ["Ada Lovelace", "Grace Hopper"], "write_ins": 1},
        {"label": "Council", "options": ["Al / Em", {"label": "Ku", "limit": 2}], "limit": 2},
        {"label": "Question 1", "options": ["Yes", "No", "write-in"], "write_ins": 1},
    ],
    "units": [{"label": "Town", "units": ["North", "South"]}],
}
MANIFEST = Manifest.build(DRAFT, salt=bytes(32), authority_key=None)
STYLE = MANIFEST.styles[0].label


def rows(folder: Path, value: dict[str, Any]) -> list[Row]:
    path = folder / "report.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    source = CvrReport(MANIFEST, path)
    found = list(source.rows())
    assert list(source.rows()) == found
    return found


def contests_of(folder: Path, *contests: dict[str, Any], **more: object) -> dict[str, PlaintextContest]:
    (row,) = rows(folder, report(record(*contests, **more)))
    assert row.ballot is not None, row.refusal
    return dict(row.ballot.contests)


NOTHING = PlaintextContest()
FULL = record(
    contest("c1", selection("c1-1", position())),
    contest("c2", selection("c2-2", position(votes=2))),
    contest("Question 1", selection("q-y", position("no")), selection("q-n", position(IsAllocable="yes"))),
    UniqueId="ballot 1",
)


def test_a_cvr_is_a_ballot(tmp_path: Path) -> None:
    (row,) = rows(tmp_path, report(FULL))
    assert row.ballot == PlaintextBallot(
        "Town/North",
        STYLE,
        {
            "Mayor": PlaintextContest({"Ada Lovelace": 1}),
            "Council": PlaintextContest({"Ku": 2}),
            "Question 1": PlaintextContest({"No": 1}),
        },
    )
    assert (row.number, row.place, row.name) == (1, "CVR[0]", "ballot 1")


def test_the_report_of_these_tests_is_one_by_the_schema() -> None:
    path = shared_data("schemas/nist/NIST_V0_cast_vote_records.json")
    schema = json.loads(path.read_text(encoding="utf-8"))
    every = report(
        FULL,
        record(contest("c1", selection("c1-w", position(CVRWriteIn=written("Zoë"))))),
        record(contest("c1", Status=["overvoted"], Overvotes=1)),
    )
    jsonschema.validate(every, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**every, "Version": "2"}, schema)


def test_a_contest_that_is_not_in_the_snapshot_has_no_marks(tmp_path: Path) -> None:
    assert contests_of(tmp_path) == {"Mayor": NOTHING, "Council": NOTHING, "Question 1": NOTHING}


def test_tickets_are_known_by_the_names_of_their_candidates(tmp_path: Path) -> None:
    found = contests_of(tmp_path, contest("c2", selection("c2-1", position())))
    assert found["Council"].marks == {"Al / Em": 1}


def test_write_ins_are_texts_and_marks_where_there_is_such_an_option(tmp_path: Path) -> None:
    text = position(CVRWriteIn=written(" Zoë "))
    found = contests_of(
        tmp_path,
        contest("c1", selection("c1-w", text)),
        contest("Question 1", selection("write-in", text)),
    )
    assert found["Mayor"] == PlaintextContest({}, ("Zoë",))
    assert found["Question 1"] == PlaintextContest({"write-in": 1}, ("Zoë",))
    assert contests_of(tmp_path, contest("c1", selection(None, text)))["Mayor"].write_ins == ("Zoë",)


@pytest.mark.parametrize(
    ("position", "counts"),
    [
        (position("yes"), True),
        (position("no"), False),
        (position("yes", IsAllocable="yes"), True),
        (position("yes", IsAllocable="no"), False),
        (position("no", IsAllocable="yes", IsGenerated=True), True),
        (position("no", IsAllocable="no"), False),
    ],
)
def test_a_position_counts_if_it_is_allocable(tmp_path: Path, position: dict[str, Any], counts: bool) -> None:
    found = contests_of(tmp_path, contest("c1", selection("c1-1", position)))
    assert found["Mayor"].marks == ({"Ada Lovelace": 1} if counts else {})


def test_an_overvote_has_every_mark_that_was_made(tmp_path: Path) -> None:
    not_counted = position("yes", IsAllocable="no")
    both = (selection("c1-1", not_counted), selection("c1-2", not_counted))
    found = contests_of(tmp_path, contest("c1", *both, Status=["overvoted"]))
    assert found["Mayor"].marks == {"Ada Lovelace": 1, "Grace Hopper": 1}
    assert contests_of(tmp_path, contest("c1", *both))["Mayor"] == NOTHING


def without(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda cvr: cvr.pop(name)


def with_contest(*parts: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    return lambda cvr: cvr["CVRSnapshot"][1].update(CVRContest=list(parts))


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (without("CurrentSnapshotId"), "CurrentSnapshotId is absent"),
        (without("BallotStyleUnitId"), "the unit is absent"),
        (lambda cvr: cvr.update(ElectionId="other"), "another election"),
        (lambda cvr: cvr.update(CurrentSnapshotId="s9"), "snapshot 's9' is absent"),
        (lambda cvr: cvr.update(BallotStyleUnitId="gp"), "the unit 'gp' is not one"),
        (lambda cvr: cvr.update(UniqueId=""), "an identifier has 1 to"),
        (lambda cvr: cvr.update(UniqueId=7), "a text is wanted"),
        (with_contest(contest("c9", selection("c9-1", position()))), "the contest 'c9' is not one"),
        (with_contest(contest("c1"), contest("c1")), "stands twice"),
        (with_contest(contest("c1", selection("c1-7", position()))), "no option 'c1-7'"),
        (with_contest(contest("c1", selection("c1-1", position("unknown")))), "not adjudicated"),
        (with_contest(contest("c1", selection("c1-1", position(IsAllocable="unknown")))), "not adjudicated"),
        (with_contest(contest("c1", selection("c1-1", position("maybe")))), "neither yes, no nor unknown"),
        (with_contest(contest("c1", selection("c1-1", position(Rank=1)))), "ranked or fractional"),
        (with_contest(contest("c1", {**selection("c1-1", position()), "Rank": 1})), "ranked or fractional"),
        (with_contest(contest("c1", selection("c1-1", position(FractionalVotes="1/2")))), "ranked or fract"),
        (with_contest(contest("c1", selection("c1-1", position(votes=0)))), "not between 1 and"),
        (with_contest(contest("c1", selection("c1-w", position(CVRWriteIn=written(None))))), "its text"),
        (with_contest(contest("c1", selection("c1-w", position()))), "without its text"),
        (with_contest(contest("c1", selection("c1-1", position()), Overvotes=1)), "keep the limits"),
        (with_contest(contest("c2", selection(None, position(CVRWriteIn=written("Zoë"))))), "no write-ins"),
        (lambda cvr: cvr["CVRSnapshot"][1].update(CVRContest={}), "a list is wanted"),
    ],
)
def test_what_is_wrong_in_a_cvr_refuses_that_one(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], part: str
) -> None:
    bad = copy.deepcopy(FULL)
    change(bad)
    first, second, third = rows(tmp_path, report(FULL, bad, FULL))
    assert first.ballot is not None and third.ballot is not None
    assert second.ballot is None
    assert part in second.refusal


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (lambda value: value.pop("@type"), "no cast vote record report"),
        (lambda value: value.update(Version="1.1"), "only version 1.0.0"),
        (
            lambda value: value["Election"][0].update(Contest=value["Election"][0]["Contest"] * 2),
            "two contests",
        ),
        (
            lambda value: value["Election"][0]["Contest"][0]["ContestSelection"].append(chosen("c1-3", "p1")),
            "two selections",
        ),
        (lambda value: value.update(Election={}), "a list is wanted"),
        (lambda value: value["GpUnit"][1].pop("@id"), "@id is absent"),
    ],
)
def test_what_is_wrong_with_the_report_is_named(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], part: str
) -> None:
    value = report(FULL)
    change(value)
    with pytest.raises(DecodeError) as raised:
        rows(tmp_path, value)
    assert part in str(raised.value)


def test_definitions_may_stand_behind_the_records(tmp_path: Path) -> None:
    value = report(FULL)
    reversed_value = dict(reversed(value.items()))
    assert list(reversed_value)[-2:] == ["CVR", "@type"]
    assert rows(tmp_path, reversed_value) == rows(tmp_path, value)
