"""What bad ballots cost a batch: ``python -m benches.bad_ballots``.

Makes a record and examines it chunk by chunk, as a verifier does: as it is, with one bad ballot in the
middle, with every other ballot bad, and with all bad; and some of it one ballot at a time, which is what the
others are held against. A bad ballot has one response of its first proof raised by one and keeps its hint:
its hashes are right, so nothing but an equation is false, and only the batch itself can find it.

Work stands beside seconds: work is nominal multiplications (:mod:`evote.ballots.effort`), the same on
every machine. Before a figure is printed, the findings are compared with what was made bad: every bad
ballot is found, and no other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

import click
from rich.console import Console

from evote.ballots import SubmittedBallot, examine
from evote.ballots.batch import examine_chunk
from evote.ballots.effort import effort_of
from evote.ballots.hints import BallotHint
from evote.bench.limits import batch_size
from evote.bench.machine import machine
from evote.bench.output import duration, print_table
from evote.bench.shape import RECORD, Shape
from evote.bench.stock import Stock, Stored
from evote.bench.subject import WrongResultError
from evote.errors import DecodeError
from evote.groups import NAMES, named
from evote.record.layout import largest_hint

SAMPLE = 20
"""Ballots that are examined one at a time: their cost does not depend on how many there are."""

_COLUMNS = (
    "ballots",
    "bad",
    "in batches",
    "one by one",
    "work of plain",
    "work of clean",
    "seconds",
    "of plain",
)


@dataclass(frozen=True, slots=True)
class Cost:
    """What examining the ballots of a record took: ballots by way, nominal multiplications, seconds."""

    bad: int
    batched: int
    plain: int
    work: int
    seconds: float


Bad = Callable[[int], bool]
"""Whether the ballot at that position is to be bad."""


def spoilt(submitted: SubmittedBallot, order: int) -> SubmittedBallot:
    """The ballot with the first response of its first selection raised by one, modulo ``order``."""
    contest = submitted.ballot.contests[0]
    selection = contest.selections[0]
    pair = selection.proof[0]
    response = (int.from_bytes(pair.response, "big") + 1) % order
    changed = replace(pair, response=response.to_bytes(len(pair.response), "big"))
    proof = replace(selection, proof=(changed, *selection.proof[1:]))
    contests = (replace(contest, selections=(proof, *contest.selections[1:])), *submitted.ballot.contests[1:])
    return replace(submitted, ballot=replace(submitted.ballot, contests=contests))


def ballots_of(stored: Stored, bad: Bad) -> Iterator[tuple[SubmittedBallot, BallotHint | None]]:
    """The ballots of a record, some of them spoilt, each with its hint."""
    reader, election = stored.reader(), stored.election
    hints = reader.hints(limit=largest_hint(election.manifest, election.group.element_bytes), warn=_wrong)
    for (position, _, submitted), hint in zip(reader.ballots(), hints, strict=True):
        if isinstance(submitted, DecodeError):
            raise submitted
        yield spoilt(submitted, election.group.order) if bad(position) else submitted, hint


def _wrong(text: str) -> None:
    raise WrongResultError(text)


def in_batches(stored: Stored, shape: Shape, bad: Bad) -> Cost:
    """Examine a record in chunks; :class:`WrongResultError` unless exactly the bad ballots are found."""
    found: list[bool] = []
    batched = plain = work = 0
    begin = time.perf_counter()
    source = ballots_of(stored, bad)
    while chunk := list(islice(source, batch_size(shape))):
        submitted, hints = zip(*chunk, strict=True)
        result = examine_chunk(stored.election, submitted, hints)
        found += [bool(examination.findings) for examination in result.examinations]
        batched += result.batched
        plain += result.plain
        work += result.effort
    seconds = time.perf_counter() - begin
    if found != [bad(position) for position in range(stored.ballots)]:
        raise WrongResultError("the ballots with findings are not those that were made bad")
    return Cost(sum(found), batched, plain, work, seconds)


def one_by_one(stored: Stored) -> Cost:
    """Examine some ballots one at a time, and say what all would take."""
    some = min(SAMPLE, stored.ballots)
    begin = time.perf_counter()
    chosen = [submitted for submitted, _ in islice(ballots_of(stored, lambda _: False), some)]
    if any(examine(stored.election, submitted).findings for submitted in chosen):
        raise WrongResultError("an honest ballot has findings")
    seconds = time.perf_counter() - begin
    work = sum(effort_of(submitted).plain for submitted in chosen)
    return Cost(0, 0, stored.ballots, work * stored.ballots // some, seconds * stored.ballots / some)


def costs(stored: Stored, shape: Shape) -> dict[str, Cost]:
    """All runs over one record."""
    middle = stored.ballots // 2
    return {
        "one at a time": one_by_one(stored),
        "none bad": in_batches(stored, shape, lambda position: False),
        "one bad": in_batches(stored, shape, lambda position: position == middle),
        "half bad": in_batches(stored, shape, lambda position: position % 2 == 0),
        "all bad": in_batches(stored, shape, lambda position: True),
    }


@click.command()
@click.option("--ballots", type=click.IntRange(min=2), default=100, show_default=True)
@click.option("--group", type=click.Choice(NAMES), default=NAMES[0], show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
def main(ballots: int, group: str, seed: int) -> None:
    """What one bad ballot costs, and half of all, against the clean run and the plain one."""
    facts, stock = machine(), Stock(named(group), seed)
    try:
        found = costs(stock.record(RECORD, ballots), RECORD)
    finally:
        stock.close()
    plain, clean = found["one at a time"], found["none bad"]
    rows = [
        (
            name,
            f"{cost.bad:,}",
            f"{cost.batched:,}",
            f"{cost.plain:,}",
            f"{cost.work / plain.work:.2f}",
            f"{cost.work / clean.work:.2f}",
            duration(cost.seconds),
            f"{cost.seconds / plain.seconds:.2f}",
        )
        for name, cost in found.items()
    ]
    heads = [
        f"{facts.cpu}, load {facts.load}; {ballots:,} ballots of {RECORD.options} options. One at a time: "
        f"{min(SAMPLE, ballots)} measured, the rest in proportion."
    ]
    print_table(Console(), _COLUMNS, rows, heads=heads, left=1)


if __name__ == "__main__":
    main()
