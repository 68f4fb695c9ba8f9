"""NIST SP 1500-100: every export is valid, and says what the sheet says."""

from __future__ import annotations

import functools
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from evote.office.official.levels import levels_of
from evote.office.official.nist_err import ELECTION_TYPES, nist_report
from evote.office.official.sheet import (
    CellLine,
    Figures,
    OpenLine,
    ResultSheet,
    Standing,
    UnitLine,
    UnitStatus,
)
from tests.manifest.samples import sample
from tests.office.official.kit import ISSUER, build, mixed, opened, reported, schema, sheet, sheets

SCHEMA = "NIST_V2_election_results_reporting.json"


def valid(data: bytes) -> Any:
    """The report, once it is found valid; formats (dates, addresses) are tested too."""
    report = json.loads(data, parse_float=refuse)
    validator().validate(report)
    references(report)
    return report


@functools.cache
def validator() -> jsonschema.Draft4Validator:
    """The schema says that it is one of draft 4."""
    return jsonschema.Draft4Validator(schema(SCHEMA), format_checker=jsonschema.FormatChecker())


def refuse(digits: str) -> None:
    raise AssertionError(f"{digits} is no integer")


def references(report: Any) -> None:
    """Every identifier stands there once, and every reference leads to one of the right kind."""
    kinds: dict[str, str] = {}
    waiting: list[Any] = [report]
    used: list[tuple[str, str]] = []
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, dict):
            if "@id" in value:
                assert value["@id"] not in kinds
                kinds[value["@id"]] = value["@type"]
            for name, kind in (
                ("GpUnitId", "ReportingUnit"),
                ("ElectionScopeId", "ReportingUnit"),
                ("ElectionDistrictId", "ReportingUnit"),
                ("ContestId", "CandidateContest"),
            ):
                if name in value:
                    used.append((value[name], kind))
            for name, kind in (
                ("GpUnitIds", "ReportingUnit"),
                ("ComposingGpUnitIds", "ReportingUnit"),
                ("CandidateIds", "Candidate"),
            ):
                used += [(each, kind) for each in value.get(name, ())]
            waiting.extend(value.values())
    for key, kind in used:
        assert kinds[key] == f"ElectionResults.{kind}"


def votes(report: Any, contest: int, selection: int) -> dict[tuple[str, str], int]:
    found = report["Election"][0]["Contest"][contest]["ContestSelection"][selection]["VoteCounts"]
    return {(each["GpUnitId"], each.get("OtherType", each["Type"])): each["Count"] for each in found}


def test_the_tree_of_units_has_paths_statuses_and_voters() -> None:
    report = valid(nist_report(mixed(), ISSUER).data)
    units = {unit["@id"]: unit for unit in report["GpUnit"]}
    assert units["election"]["ComposingGpUnitIds"] == ["unit-1", "unit-4"]
    assert units["unit-1"]["ComposingGpUnitIds"] == ["unit-2", "unit-3"]
    assert units["unit-2"]["ExternalIdentifier"][0]["Value"] == "North/N1"
    assert (units["unit-2"]["VotersRegistered"], units["unit-2"]["VotersParticipated"]) == (20, 13)
    assert (units["election"]["SubUnitsReported"], units["election"]["TotalSubUnits"]) == (2, 3)
    assert "VotersRegistered" not in units["election"]
    assert [unit["CountStatus"][0]["Status"] for unit in report["GpUnit"][:5]] == [
        "in-process",
        "completed",
        "completed",
        "completed",
        "not-processed",
    ]


def test_decrypted_and_open_counts_stand_beside_their_sum() -> None:
    report = valid(nist_report(mixed(), ISSUER).data)
    assert votes(report, 0, 0) == {
        ("election", "total"): 5,
        ("election", "decrypted"): 3,
        ("election", "open"): 2,
        ("unit-1", "total"): 5,
        ("unit-1", "decrypted"): 3,
        ("unit-1", "open"): 2,
        ("unit-2", "total"): 3,
        ("unit-3", "total"): 2,
        ("unit-3", "open"): 2,
    }
    others = {each["GpUnitId"]: each for each in report["Election"][0]["Contest"][0]["OtherCounts"]}
    assert (others["election"]["Overvotes"], others["election"]["Undervotes"]) == (1, 1)
    ballots = {each["GpUnitId"]: each for each in report["Election"][0]["BallotCounts"]}
    assert (ballots["unit-1"]["BallotsCast"], ballots["unit-1"]["BallotsRejected"]) == (15, 1)


def test_a_withheld_cell_is_marked_and_its_zero_is_no_count() -> None:
    report = valid(nist_report(mixed(), ISSUER).data)
    council = report["Election"][0]["Contest"][1]
    counts = {each["GpUnitId"]: each for each in council["ContestSelection"][0]["VoteCounts"]}
    assert counts["unit-2"]["IsSuppressedForPrivacy"] is True and counts["unit-2"]["Count"] == 0
    assert "IsSuppressedForPrivacy" not in counts["unit-3"] and counts["unit-3"]["Count"] == 7
    assert "withheld, fewer than 10 ballots" in report["Notes"]
    assert council["CountStatus"][0]["Status"] == "in-process"


def test_names_stand_there_in_every_language() -> None:
    report = valid(nist_report(mixed(), ISSUER).data)
    election = report["Election"][0]
    texts = [(text["Language"], text["Content"]) for text in election["Name"]["Text"]]
    assert texts == [("en", "City election"), ("fr", "Élection municipale")]
    labels = [text["Language"] for text in report["GpUnit"][1]["Name"]["Text"]]
    assert labels == ["und"]
    assert election["Contest"][0]["BallotTitle"]["Text"][1]["Content"] == "Maire"


def test_limits_become_votes_allowed_and_a_variation() -> None:
    contests = valid(nist_report(mixed(), ISSUER).data)["Election"][0]["Contest"]
    assert [(each["VotesAllowed"], each["VoteVariation"]) for each in contests] == [
        (1, "plurality"),
        (4, "cumulative"),
    ]
    manifest = build({"label": "E", "contests": [{"label": "C", "limit": 2, "options": ["a", "b", "c"]}]})
    report = valid(nist_report(sheet(manifest, {"all": reported()}), ISSUER).data)
    assert report["Election"][0]["Contest"][0]["VoteVariation"] == "n-of-m"


def test_what_is_not_carried_is_named() -> None:
    left = nist_report(mixed(), ISSUER).left_out
    assert "ballot style short has the weight 3" in left
    assert "limits of single options" in left
    assert "unit North/N1: 2 challenged ballots" in left
    notes = valid(nist_report(mixed(), ISSUER).data)["Notes"].splitlines()
    assert "unit South: missing" in notes
    assert "contest Mayor, field null vote (null_vote, not proved): 1" in notes


def standings() -> list[tuple[ResultSheet, str]]:
    manifest = build({"label": "E", "contests": [{"label": "C", "options": ["a"]}], "units": ["X", "Y"]})
    nothing = {"X": UnitLine(UnitStatus.MISSING), "Y": opened(UnitStatus.MISSING)}
    units = {"X": reported(), "Y": opened()}
    cells = (CellLine(1, "all", Figures(1, 1, (1,))),)
    plain = (OpenLine(1, "Y", Figures(1, 1, (1,))),)
    return [
        (sheet(manifest, nothing), "pre-election"),
        (sheet(manifest, units), "unofficial-partial"),
        (sheet(manifest, units, cells=cells), "unofficial-partial"),
        (sheet(manifest, units, cells=cells, open=plain), "unofficial-complete"),
        (sheet(manifest, units, cells=cells, open=plain, standing=Standing.FINAL), "unofficial-complete"),
        (sheet(manifest, units, cells=cells, open=plain, standing=Standing.CERTIFIED), "certified"),
        (sheet(manifest, units, cells=cells, standing=Standing.CORRECTION), "correction"),
    ]


def test_certified_is_only_what_the_office_says() -> None:
    for filled, status in standings():
        assert valid(nist_report(filled, ISSUER).data)["Status"] == status


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        (UnitStatus.REPORTED, "completed"),
        (UnitStatus.MISSING, "not-processed"),
        (UnitStatus.PARTIAL, "in-process"),
        (UnitStatus.CONFLICT, "in-process"),
        (UnitStatus.UNKNOWN, "unknown"),
    ],
)
def test_every_status_has_its_word(status: UnitStatus, shown: str) -> None:
    units = {"North/N1": UnitLine(status), "North/N2": UnitLine(status), "South": UnitLine(status)}
    exported = nist_report(sheet(sample(), units), ISSUER)
    report = valid(exported.data)
    assert {unit["CountStatus"][0]["Status"] for unit in report["GpUnit"][:5]} == {shown}
    assert ("Notes" in report) == (status is not UnitStatus.REPORTED)


def test_the_type_of_an_election_is_one_of_the_list() -> None:
    declared = schema(SCHEMA)["definitions"]["ElectionResults.ElectionType"]["enum"]
    assert list(ELECTION_TYPES) == declared
    for election_type in ("general", "other"):
        report = valid(nist_report(mixed(), ISSUER, election_type=election_type).data)
        assert report["Election"][0]["Type"] == election_type
        assert ("OtherType" in report["Election"][0]) == (election_type == "other")
    with pytest.raises(ValueError, match="not 'by-election'"):
        nist_report(mixed(), ISSUER, election_type="by-election")


def test_a_summary_has_no_figures_of_single_units() -> None:
    manifest = build({"label": "E", "contests": [{"label": "C", "options": ["a"]}], "units": ["X", "Y"]})
    cells = (CellLine(1, "all", Figures(1, 1, (1,))),)
    report = valid(nist_report(sheet(manifest, {"X": reported(), "Y": reported()}, cells=cells), ISSUER).data)
    assert report["Format"] == "summary-contest"
    assert votes(report, 0, 0) == {("election", "total"): 1}


@given(sheets())
@settings(max_examples=15)
def test_every_sheet_becomes_a_valid_report_with_the_same_totals(filled: ResultSheet) -> None:
    report = valid(nist_report(filled, ISSUER).data)
    assert nist_report(filled, ISSUER).data == nist_report(filled, ISSUER).data
    levels = levels_of(filled)
    for at, level in enumerate(levels.contests):
        for option in level.contest.selectable:
            found = votes(report, at, option.index - 1)
            for key, subtotal in level.subtotals.items():
                total = subtotal.total
                if total is not None:
                    assert found[key, "total"] == total.counts[option.index - 1]
                if subtotal.open is not None:
                    assert found[key, "open"] == subtotal.open.counts[option.index - 1]
