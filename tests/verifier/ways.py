"""Records and the ways to verify them, for tests that compare reports."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from evote.ballots.hints import BallotHint, frame_of
from evote.ballots.rehint import compute_hint
from evote.errors import DecodeError
from evote.record import RecordReader, SegmentWriter, Stage, layout, load_election
from evote.report import Report
from evote.testing.elections import Kit
from evote.testing.groups import toy
from evote.verifier.plan import Options
from evote.verifier.preparing import StateOptions
from evote.verifier.verify import _verify
from tests.verifier import alone, more

GROUPS = {toy().name: toy()}


def verify(
    directory: Path,
    options: Options | None = None,
    *,
    stage: Stage = Stage.FINAL,
    resume: Path | None = None,
    since: Path | None = None,
) -> Report:
    """The report on a record of the toy group."""
    state = StateOptions.of(resume, since)
    return _verify(RecordReader(directory, GROUPS), stage=stage, options=options or Options(), state=state)


def said(report: Report) -> dict[str, object]:
    """Everything that a report says of the record: what it says of the work, and of hints, is left out."""
    found = report.to_dict()
    del found["work"]
    found["warnings"] = [sentence for sentence in report.warnings if "hint" not in sentence]
    found["counts"] = dict(report.counts)
    found["notes"] = {result.id: (result.note, result.findings) for result in report.checks}
    return found


def hinted(directory: Path, edit: Mapping[int, bytes] | None = None) -> Path:
    """The record with hints beside it, some of them changed."""
    reader = RecordReader(directory, GROUPS)
    election = load_election(reader)
    with SegmentWriter(directory / layout.HINTS, segment_bytes=4_000) as segments:
        for position, _, value in reader.ballots():
            hint = None if isinstance(value, DecodeError) else compute_hint(election, value)
            segments.append((edit or {}).get(position, frame_of(hint)))
    return directory


def some_hint(directory: Path, position: int) -> BallotHint:
    """The right hint of one ballot."""
    reader = RecordReader(directory, GROUPS)
    for at, _, value in reader.ballots():
        if at == position and not isinstance(value, DecodeError):
            hint = compute_hint(load_election(reader), value)
            assert hint is not None
            return hint
    raise AssertionError("there is no such ballot")


def long(kit: Kit, ballots: int = 40) -> Kit:
    """The kit with many votes, some challenged."""
    kit.restart()
    names = ("Ada", "Grace", "blank")
    for number in range(ballots):
        mark = int(hashlib.sha256(bytes((number,))).hexdigest(), 16)
        marks = {"Mayor": {names[mark % 3]: 1}, "Council": {"Kurt": mark % 2}}
        kit.vote(("North", "South")[number % 2], marks, challenge=number % 7 == 3)
    return kit


def cases() -> dict[str, tuple[str, alone.Make]]:
    """By name: the draft of a record that fails somewhere in the ballots, and what makes it."""
    found = {
        name: (case.draft, case.make)
        for name, case in alone.CASES.items()
        if not case.setup and case.fails & BALLOT_CHECKS
    }
    found |= {
        f"more: {case.name}": (case.draft, case.make) for case in more.CASES if case.fails & BALLOT_CHECKS
    }
    found["honest: opened"] = ("opened", alone.honest)
    return found


BALLOT_CHECKS = {
    *("5.A", "5.B", "6.A", "6.B", "6.C", "6.D", "7.A", "7.B", "7.C", "7.D", "8.A", "8.B", "8.D", "8.E"),
    *("9.A", "9.B", "11.D", "12.A", "12.B", "12.C", "13.A", "13.B", "14.A", "14.E", "14.F"),
    *("E.1", "E.2", "E.3", "E.4", "E.5", "E.6", "E.7", "E.11", "E.12", "E.13", "E.14", "E.20"),
}
"""Checks that look at ballots, or at what is added up over them."""
