"""Cast vote record reports for tests, in the form of NIST SP 1500-103."""

from __future__ import annotations

from typing import Any


def selection(identifier: str | None, *positions: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"@type": "CVR.CVRContestSelection", "SelectionPosition": list(positions)}
    return made if identifier is None else {**made, "ContestSelectionId": identifier}


def position(indication: str = "yes", votes: int = 1, **more: object) -> dict[str, Any]:
    return {"@type": "CVR.SelectionPosition", "HasIndication": indication, "NumberVotes": votes, **more}


def written(text: str | None) -> dict[str, Any]:
    return {"@type": "CVR.CVRWriteIn"} if text is None else {"@type": "CVR.CVRWriteIn", "Text": text}


def contest(identifier: str, *selections: dict[str, Any], **more: object) -> dict[str, Any]:
    return {
        "@type": "CVR.CVRContest",
        "ContestId": identifier,
        "CVRContestSelection": list(selections),
        **more,
    }


def record(*contests: dict[str, Any], **more: object) -> dict[str, Any]:
    old = {"@id": "s0", "@type": "CVR.CVRSnapshot", "Type": "original"}
    now = {"@id": "s1", "@type": "CVR.CVRSnapshot", "Type": "modified", "CVRContest": list(contests)}
    return {
        "@type": "CVR.CVR",
        "BallotStyleUnitId": "gp-n",
        "BallotStyleId": "7",
        "CVRSnapshot": [old, now],
        "CurrentSnapshotId": "s1",
        "ElectionId": "e",
        **more,
    }


def candidate(identifier: str, name: str) -> dict[str, Any]:
    return {"@id": identifier, "@type": "CVR.Candidate", "Name": name}


def chosen(identifier: str, *people: str, **more: object) -> dict[str, Any]:
    made: dict[str, Any] = {"@id": identifier, "@type": "CVR.CandidateSelection", **more}
    return {**made, "CandidateIds": list(people)} if people else made


def answer(identifier: str, text: str) -> dict[str, Any]:
    return {"@id": identifier, "@type": "CVR.BallotMeasureSelection", "Selection": text}


def report(*records: dict[str, Any]) -> dict[str, Any]:
    code = {"@type": "CVR.Code", "Type": "other", "OtherType": "label", "Value": "Council"}
    return {
        "@type": "CVR.CastVoteRecordReport",
        "CVR": list(records),
        "GeneratedDate": "2026-06-30T20:00:00Z",
        "ReportGeneratingDeviceIds": ["d"],
        "ReportingDevice": [{"@id": "d", "@type": "CVR.ReportingDevice"}],
        "Version": "1.0.0",
        "GpUnit": [
            {"@id": "gp", "@type": "CVR.GpUnit", "Type": "combined-precinct", "Name": "Town"},
            {"@id": "gp-n", "@type": "CVR.GpUnit", "Type": "precinct", "Name": "North"},
            {"@id": "gp-s", "@type": "CVR.GpUnit", "Type": "precinct", "Name": "Town/South"},
        ],
        "Election": [
            {
                "@id": "e",
                "@type": "CVR.Election",
                "ElectionScopeId": "gp",
                "Candidate": [
                    candidate("p1", "Ada Lovelace"),
                    candidate("p2", "Grace Hopper"),
                    candidate("p3", "Al"),
                    candidate("p4", "Em"),
                    candidate("p5", "Ku"),
                ],
                "Contest": [
                    {
                        "@id": "c1",
                        "@type": "CVR.CandidateContest",
                        "Name": "Mayor",
                        "ContestSelection": [
                            chosen("c1-1", "p1"),
                            chosen("c1-2", "p2"),
                            chosen("c1-w", IsWriteIn=True),
                        ],
                    },
                    {
                        "@id": "c2",
                        "@type": "CVR.CandidateContest",
                        "Name": "Members of the council",
                        "Code": [code],
                        "ContestSelection": [chosen("c2-1", "p3", "p4"), chosen("c2-2", "p5")],
                    },
                    {
                        "@id": "Question 1",
                        "@type": "CVR.BallotMeasureContest",
                        "ContestSelection": [
                            answer("q-y", "Yes"),
                            answer("q-n", "No"),
                            chosen("write-in", IsWriteIn=True),
                        ],
                    },
                    {
                        "@id": "c9",
                        "@type": "CVR.CandidateContest",
                        "Name": "Elsewhere",
                        "ContestSelection": [chosen("c9-1", "p1")],
                    },
                ],
            }
        ],
    }
