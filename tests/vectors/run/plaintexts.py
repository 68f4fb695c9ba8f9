"""``plaintext-ballots.json``: interpretation of marks, and the records made of them."""

from __future__ import annotations

from typing import Any

from evote.ballots import PlaintextBallot, PlaintextContest
from evote.ballots.plaintext import interpret
from evote.manifest import Manifest
from tests.vectors.form import members
from tests.vectors.run import Result

FILE = "plaintext-ballots.json"


def marked_contests(contests: dict[str, Any]) -> dict[str, PlaintextContest]:
    """What was marked, by contest."""
    marked = {}
    for label, contest in contests.items():
        marks, write_ins = members(contest, "marks", "write_ins")
        marked[label] = PlaintextContest(marks, tuple(write_ins))
    return marked


def run(params: dict[str, Any], unit: str, style: str, contests: dict[str, Any]) -> Result:
    manifest = Manifest.parse(params["manifest"].encode())
    marked = marked_contests(contests)
    votes = None
    try:
        votes = interpret(manifest, PlaintextBallot(unit, style, marked))
        for vote in votes:
            if vote.contest.data is not None:
                vote.record.encode(vote.contest)
    except ValueError:
        if params["kind"] == "record" and votes is None:
            return Result("refused before its record was made")
        if params["kind"] == "refused" and votes is not None:
            return Result("refused by its record")
        return Result("misuse")
    return Result(
        [
            {
                "contest": vote.contest.label,
                "values": vote.values,
                "status": vote.record.status.name.lower(),
                "marks": vote.record.marks,
                "write_ins": vote.record.write_ins,
            }
            for vote in votes
        ]
    )
