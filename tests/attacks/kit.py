"""What the attacks share: records that a cheat made, ballots that a cheat cast, and who catches them.

The steps of many attacks stand in the catalogues of :mod:`tests.verifier`, where the cheat makes one
deviation and lets everything downstream follow from it; here they are carried out by name.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from evote.ballots.examine import examine
from evote.ballots.values import EncryptedContest, Selection, SubmittedBallot
from evote.record import RecordReader, Stage
from evote.report import Report
from evote.testing.elections import Kit
from evote.testing.forge import HONEST, Cheat
from evote.verifier.verify import _verify
from tests.verifier import alone, board_alone, more


@functools.cache
def kit() -> Kit:
    """The small election before any vote."""
    return Kit(seed="attacks")


def vote(cheat: Cheat = HONEST, *, challenge: bool = False) -> SubmittedBallot:
    """A ballot of the small election, made by a cheating device."""
    marks = {"Mayor": {"Ada": 1}, "Council": {"Alan": 1, "Emmy": 1}}
    return kit().vote("North", marks, challenge=challenge, cheat=cheat)


def failing(submitted: SubmittedBallot) -> set[str]:
    """The checks that object to a ballot of the small election."""
    return {finding.check for finding in examine(kit().election, submitted).findings}


def with_contest(
    submitted: SubmittedBallot, edit: Callable[[EncryptedContest], EncryptedContest]
) -> SubmittedBallot:
    """The ballot with another first contest, its hash and its code made to fit."""
    first, *rest = submitted.ballot.contests
    ballot = kit().forge.rehash(replace(submitted.ballot, contests=(edit(first), *rest)))
    return replace(submitted, ballot=ballot)


def with_selection(submitted: SubmittedBallot, edit: Callable[[Selection], Selection]) -> SubmittedBallot:
    """The same for the first selection of the first contest."""

    def change(contest: EncryptedContest) -> EncryptedContest:
        first, *rest = contest.selections
        return replace(contest, selections=(edit(first), *rest))

    return with_contest(submitted, change)


def report_on(made: Kit, directory: Path, stage: Stage = Stage.FINAL) -> Report:
    """The report of the verifier, to which the toy group of the election is known."""
    return _verify(RecordReader(directory, {made.group.name: made.group}), stage=stage)


def assert_record_fails(name: str, folder: Path) -> None:
    """A record with the named deviation fails exactly the checks that the catalogue says."""
    if name in alone.CASES:
        case = alone.CASES[name]
        made, stage = alone.ceremony(case.draft), Stage.SETUP if case.setup else Stage.FINAL
        published, fails = case.make(made), case.fails
    elif name in board_alone.CASES:
        entry = board_alone.CASES[name]
        box = board_alone.boxes(entry.kind)
        made, stage, fails = box.kit, Stage.FINAL, entry.fails
        published = entry.make(box)
    else:
        other = next(each for each in more.CASES if each.name == name)
        made, stage, fails = alone.ceremony(other.draft), Stage.FINAL, other.fails
        published = other.make(made)
    directory = made.write(published, folder / "".join(filter(str.isalnum, name)), stage=stage)
    report = report_on(made, directory, stage)
    findings = [f"{check.id} {finding}" for check in report.checks for finding in check.findings]
    assert set(report.failed) == fails, findings
    assert report.exit_code == 1
