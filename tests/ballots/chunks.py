"""Chunks of ballots with their hints, and the two ways of examining them side by side."""

from __future__ import annotations

from collections.abc import Sequence

from evote.ballots import Examination, SubmittedBallot, examine
from evote.ballots.batch import ChunkExamination, examine_chunk
from evote.ballots.bisection import EXTRA
from evote.ballots.effort import effort_of
from evote.ballots.hints import BallotHint
from evote.ballots.rehint import compute_hint
from evote.testing.elections import Kit

MARKS = {"Mayor": {"Ada": 1}, "Council": {"Alan": 1, "Emmy": 1}}


def honest(kit: Kit, count: int) -> list[SubmittedBallot]:
    return [kit.forge.ballot(("North", "South")[n % 2], "all", MARKS)[0] for n in range(count)]


def hint(kit: Kit, submitted: SubmittedBallot) -> BallotHint:
    made = compute_hint(kit.election, submitted)
    assert made is not None
    return made


def both(
    kit: Kit, ballots: Sequence[SubmittedBallot], hints: Sequence[BallotHint | None]
) -> ChunkExamination:
    """A chunk, compared with the plain way in findings, counts and what is verified; within its price."""
    chunk = examine_chunk(kit.election, ballots, hints)
    assert len(chunk.examinations) == len(ballots) == chunk.batched + chunk.plain
    for submitted, fast in zip(ballots, chunk.examinations, strict=True):
        assert fast.election is kit.election
        assert_same(submitted, fast, examine(kit.election, submitted))
    plain = sum(effort_of(submitted).plain for submitted in ballots)
    assert chunk.effort <= (1 + EXTRA) * plain
    return chunk


def assert_same(submitted: SubmittedBallot, fast: Examination, plain: Examination) -> None:
    assert fast.submitted is submitted
    assert [(str(each), each.expected, each.computed) for each in fast.findings] == [
        (str(each), each.expected, each.computed) for each in plain.findings
    ]
    assert fast.counts == plain.counts
    assert fast.selections == plain.selections
    assert fast.nonce == plain.nonce and fast.data == plain.data
