"""NIST SP 1500-100 version 2: an election results report in JSON (``specs/official-formats.md#nist-err``).

The tree of units becomes ReportingUnits with their composing units; a cell that is no unit becomes one
more. All contests are CandidateContests, because a manifest does not say what an option is. Beside each
total stand its two parts (types "decrypted" and "open") as soon as one OPEN count is in it.

Rules: the order is that of the manifest; the same sheet gives the same bytes; all numbers are integers;
a figure that is not known is left out, and one that is withheld is marked as suppressed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from evote.manifest import Contest, Option
from evote.office.official.form import (
    UNDETERMINED,
    Exported,
    Issuer,
    bounded,
    unproved_facts,
    unusual_units,
    withheld_cells,
)
from evote.office.official.levels import ContestLevels, Levels, Place, Subtotal, Voters, levels_of
from evote.office.official.sheet import Figures, ResultSheet, Standing, UnitStatus

Object = dict[str, Any]

ELECTION_TYPES = (
    "general",
    "other",
    "partisan-primary-closed",
    "partisan-primary-open",
    "primary",
    "runoff",
    "special",
)

_STATUS = {
    UnitStatus.REPORTED: "completed",
    UnitStatus.MISSING: "not-processed",
    UnitStatus.PARTIAL: "in-process",
    UnitStatus.CONFLICT: "in-process",
    UnitStatus.UNKNOWN: "unknown",
}
_DECRYPTED, _OPEN = "decrypted", "open"


def nist_report(sheet: ResultSheet, issuer: Issuer, *, election_type: str = "other") -> Exported:
    """The report as UTF-8 JSON, one space per level, a line feed at the end.

    ``election_type`` is one of :data:`ELECTION_TYPES`; raises ``ValueError`` for another.
    """
    if election_type not in ELECTION_TYPES:
        raise ValueError(f"an election is one of {', '.join(ELECTION_TYPES)}, not {election_type!r}")
    levels = levels_of(sheet)
    notes = bounded(chain(unusual_units(sheet), withheld_cells(sheet), unproved_facts(sheet, levels)))
    report = _typed(
        "ElectionReport",
        {
            "Format": _detail(levels),
            "GeneratedDate": sheet.moment,
            "Issuer": issuer.name,
            "IssuerAbbreviation": issuer.abbreviation,
            "VendorApplicationId": issuer.application,
            "SequenceStart": 1,
            "SequenceEnd": 1,
            "Status": _standing(sheet),
            "IsTest": sheet.manifest.test,
            "GpUnit": [_unit(place, levels.voters.get(place.id)) for place in levels.places],
            "Election": [_election(sheet, levels, election_type)],
        },
    )
    if notes:
        report["Notes"] = "\n".join(notes)
    data = (json.dumps(report, ensure_ascii=False, indent=1) + "\n").encode("utf-8")
    return Exported(data, bounded(_left_out(sheet)))


def _left_out(sheet: ResultSheet) -> Iterator[str]:
    for style in sheet.manifest.styles:
        if style.weight != 1:
            yield f"ballot style {style.label} has the weight {style.weight}"
    if any(option.limit > 1 for contest in sheet.manifest.contests for option in contest.selectable):
        yield "limits of single options"
    for path, line in sheet.units.items():
        if line.challenged:
            yield f"unit {path}: {line.challenged} challenged ballots"


def _typed(kind: str, members: Mapping[str, Any]) -> Object:
    return {"@type": f"ElectionResults.{kind}", **members}


def _text(label: str, names: Mapping[str, str]) -> Object:
    pairs = list(names.items()) or [(UNDETERMINED, label)]
    strings = [_typed("LanguageString", {"Language": key, "Content": text}) for key, text in pairs]
    return _typed("InternationalizedText", {"Text": strings})


def _other_id(kind: str, value: str) -> Object:
    return _typed("ExternalIdentifier", {"Type": "other", "OtherType": kind, "Value": value})


def _detail(levels: Levels) -> str:
    units = {place.id for place in levels.places if place.path is not None and not place.children}
    return (
        "precinct-level"
        if any(units & set(level.subtotals) for level in levels.contests)
        else "summary-contest"
    )


def _standing(sheet: ResultSheet) -> str:
    if sheet.standing is Standing.CERTIFIED:
        return "certified"
    if sheet.standing is Standing.CORRECTION:
        return "correction"
    if not sheet.cells and not sheet.open:
        return "pre-election" if sheet.reported == 0 else "unofficial-partial"
    return "unofficial-complete" if sheet.whole else "unofficial-partial"


# --- units -------------------------------------------------------------------------------------------


def _unit(place: Place, voters: Voters | None) -> Object:
    unit = _typed(
        "ReportingUnit",
        {
            "@id": place.id,
            "Name": _text(place.label, place.names),
            "Type": "other",
            "OtherType": _kind(place),
        },
    )
    if place.path is not None:
        unit["ExternalIdentifier"] = [_other_id("unit-path", place.path)]
    if place.children:
        unit["ComposingGpUnitIds"] = list(place.children)
    if voters is None:
        return unit
    unit["CountStatus"] = [_count_status(_status(voters))]
    unit["SubUnitsReported"] = voters.reported
    unit["TotalSubUnits"] = voters.expected
    for name, member in (("registered", "VotersRegistered"), ("signed_in", "VotersParticipated")):
        value = voters.number(name)
        if value is not None:
            unit[member] = value
    return unit


def _kind(place: Place) -> str:
    if place.cell:
        return "cell"
    if place.path is None:
        return "election"
    return "group of units" if place.children else "unit"


def _status(voters: Voters) -> str:
    if len(voters.statuses) == 1:
        return _STATUS[next(iter(voters.statuses))]
    return "in-process"


def _count_status(status: str) -> Object:
    return _typed("CountStatus", {"Type": "total", "Status": status})


# --- the election ------------------------------------------------------------------------------------


def _election(sheet: ResultSheet, levels: Levels, election_type: str) -> Object:
    manifest = sheet.manifest
    units = {place.path: place.id for place in levels.places if place.path is not None}
    election = _typed(
        "Election",
        {
            "Name": _text(manifest.label, manifest.names),
            "Type": election_type,
            "StartDate": sheet.first_day,
            "EndDate": sheet.last_day,
            "ElectionScopeId": levels.places[0].id,
            "CountStatus": [_count_status(_status(levels.voters[levels.places[0].id]))],
            "BallotCounts": list(_ballots(levels)),
            "BallotStyle": [
                _typed(
                    "BallotStyle",
                    {
                        "ExternalIdentifier": [_other_id("ballot-style", style.label)],
                        "GpUnitIds": [
                            units[unit.path]
                            for unit in manifest.reporting_units()
                            if style.label in unit.styles
                        ],
                        "OrderedContent": [
                            _typed("OrderedContest", {"ContestId": f"contest-{index}"})
                            for index in style.contests
                        ],
                    },
                )
                for style in manifest.styles
            ],
            "Candidate": [
                _typed(
                    "Candidate",
                    {"@id": _candidate(contest, option), "BallotName": _text(option.label, option.names)},
                )
                for contest in manifest.contests
                for option in contest.selectable
            ],
            "Contest": [_contest(level) for level in levels.contests],
        },
    )
    if election_type == "other":
        election["OtherType"] = "not stated"
    if sheet.fingerprint is not None:
        election["ExternalIdentifier"] = [_other_id("fingerprint", sheet.fingerprint.hex())]
    return election


def _ballots(levels: Levels) -> Iterator[Object]:
    for place in levels.places:
        voters = levels.voters.get(place.id)
        if voters is None or (voters.number("ballots"), voters.number("rejected")) == (None, None):
            continue
        counts = _typed("BallotCounts", {"GpUnitId": place.id, "Type": "total"})
        for name, member in (("ballots", "BallotsCast"), ("rejected", "BallotsRejected")):
            value = voters.number(name)
            if value is not None:
                counts[member] = value
        yield counts


def _candidate(contest: Contest, option: Option) -> str:
    return f"candidate-{contest.index}-{option.index}"


def _contest(level: ContestLevels) -> Object:
    contest = level.contest
    scope = level.subtotals.get(level.scope)
    members = _typed(
        "CandidateContest",
        {
            "@id": f"contest-{contest.index}",
            "Name": contest.label,
            "SequenceOrder": contest.index,
            "ElectionDistrictId": level.scope,
            "VotesAllowed": contest.limit,
            "VoteVariation": _variation(contest),
        },
    )
    if contest.names:
        members["BallotTitle"] = _text(contest.label, contest.names)
    if scope is not None:
        members["SubUnitsReported"] = scope.counted
        members["TotalSubUnits"] = scope.expected
        status = "completed" if scope.complete else "in-process" if scope.counted else "not-processed"
        members["CountStatus"] = [_count_status(status)]
    members["ContestSelection"] = [
        _typed(
            "CandidateSelection",
            {
                "@id": f"selection-{contest.index}-{option.index}",
                "SequenceOrder": option.index,
                "CandidateIds": [_candidate(contest, option)],
                "VoteCounts": list(_votes(level, option)),
            },
        )
        for option in contest.selectable
    ]
    others = list(_others(level))
    if others:
        members["OtherCounts"] = others
    return members


def _variation(contest: Contest) -> str:
    if any(option.limit > 1 for option in contest.selectable):
        return "cumulative"
    return "plurality" if contest.limit == 1 else "n-of-m"


def _votes(level: ContestLevels, option: Option) -> Iterator[Object]:
    at = option.index - 1
    for place, subtotal in level.subtotals.items():
        total = subtotal.total
        if total is None:
            if subtotal.withheld:
                yield _typed(
                    "VoteCounts",
                    {"GpUnitId": place, "Type": "total", "Count": 0, "IsSuppressedForPrivacy": True},
                )
            continue
        yield _typed("VoteCounts", {"GpUnitId": place, "Type": "total", "Count": total.counts[at]})
        for kind, figures in _parts(subtotal):
            yield _typed(
                "VoteCounts",
                {"GpUnitId": place, "Type": "other", "OtherType": kind, "Count": figures.counts[at]},
            )


def _parts(subtotal: Subtotal) -> Iterator[tuple[str, Figures]]:
    if subtotal.open is not None:
        if subtotal.decrypted is not None:
            yield _DECRYPTED, subtotal.decrypted
        yield _OPEN, subtotal.open


def _others(level: ContestLevels) -> Iterator[Object]:
    for place, subtotal in level.subtotals.items():
        total = subtotal.total
        if total is None or total.overvotes is None:
            continue
        counts = _typed("OtherCounts", {"GpUnitId": place, "Overvotes": total.overvotes})
        undervotes = total.undervotes(level.contest)
        if undervotes is not None:
            counts["Undervotes"] = undervotes
        yield counts
