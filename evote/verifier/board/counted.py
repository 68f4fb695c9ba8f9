"""E.33 and the second half of E.31: what is counted is what the closed logs say, and no more (rule A54).

The ballots of the record are exactly those that count and those that were challenged and opened; the ballots
aside are the superseded, the rejected, and the challenged ones whose opening nobody gave: unit by unit in
the order of the manifest, or, where units were closed one by one, in that in which their logs stand in the
record; and in the order of each log. A superseded ballot verifies; a rejected one fails
the check that its verdict names.
``checkpoints.msgpack`` states, unit by unit, closing head, number and digest of the counted set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from evote.board.counting import CountedSet, Fate, Outcome
from evote.merkle import RangeBuilder, leaf_hash
from evote.record import layout
from evote.record.values import CheckpointsFile
from evote.tally import ClosingHead, CountedLog
from evote.verifier.board import ids
from evote.verifier.board.facts import Facts
from evote.verifier.board.unitlog import UnitLog
from evote.verifier.state import Verification

_KEPT = (Fate.COUNTED, Fate.CHALLENGED)
"""What may stand in the record proper; a challenged ballot that nobody opened stands aside."""


def counted_log(origin: str, head: ClosingHead, outcomes: Sequence[Outcome]) -> CountedLog:
    """What ``checkpoints.msgpack`` states of a unit: the counted ballots of its log at its closing head."""
    counted = [leaf_hash(one.ballot) for one in outcomes if one.fate is Fate.COUNTED]
    return CountedLog(origin, head.size, head.root, len(counted), RangeBuilder.of(counted).value().root())


@dataclass(slots=True)
class Counted:
    """Goes through the closed units in the order of their ballots."""

    run: Verification
    stated: CheckpointsFile | None
    failed: Sequence[tuple[str, ...] | None]
    """By position of a ballot aside: the checks that fail on it; None for a frame that is no ballot."""
    _next: dict[bool, int] = field(default_factory=lambda: {False: 0, True: 0})
    _computed: dict[int, CountedLog] = field(default_factory=dict)
    """By number of the log, so in the order of the manifest when sorted."""

    def see(self, number: int, log: UnitLog, result: CountedSet) -> None:
        """The next unit, whose log has this number."""
        report = self.run.report
        for outcome in result.outcomes:
            facts = log.places.get(outcome.index)
            report.count(ids.COUNTED)
            if outcome.fate not in _KEPT:
                report.add(outcome.fate.value)
            if facts is None:
                continue  # E.26 names it
            self._place(log, outcome, facts)
            if facts.aside:
                self._verdict(log, outcome, facts)
        self._computed[number] = counted_log(log.log.origin, log.head(), result.outcomes)

    def _place(self, log: UnitLog, outcome: Outcome, facts: Facts) -> None:
        aside = outcome.fate not in _KEPT
        where = f"{log.where(outcome.index)}, {facts.place}"
        if facts.aside and outcome.fate is Fate.CHALLENGED:
            aside = True
            self.run.report.add("unopened")
        if facts.aside != aside:
            stands = "beside the count" if facts.aside else "among those that count or were challenged"
            message = f"the ballot is {outcome.fate.value} and stands {stands}"
            self.run.report.fail(ids.COUNTED, where, message)
        elif facts.position < self._next[aside]:  # gaps are ballots that no log has (E.26)
            self.run.report.fail(
                ids.COUNTED,
                where,
                "the ballots do not stand in the order of the logs",
                expected=f"position {self._next[aside]} or later",
                computed=f"position {facts.position}",
            )
        self._next[facts.aside] = facts.position + 1

    def _verdict(self, log: UnitLog, outcome: Outcome, facts: Facts) -> None:
        failed = self.failed[facts.position]
        if failed is None:
            return  # E.2 names it
        where = f"{log.where(outcome.index)}, {facts.place}"
        if outcome.fate in (Fate.SUPERSEDED, Fate.CHALLENGED) and failed:
            self.run.report.fail(
                ids.VERDICTS,
                where,
                "the ballot was accepted and does not verify",
                expected="no failing check",
                computed=", ".join(failed),
            )
        if outcome.fate is Fate.REJECTED and outcome.check not in failed:
            self.run.report.fail(
                ids.VERDICTS,
                where,
                "the ballot was rejected for a check that it passes",
                expected=outcome.check,
                computed=", ".join(failed) or "no failing check",
            )

    def finish(self) -> None:
        """Compare with what is stated."""
        run = self.run
        if self.stated is None:
            run.skip((ids.COUNTED,), f"{layout.CHECKPOINTS} cannot be read")
            return
        run.report.count(ids.COUNTED)
        every = [self._computed[number] for number in sorted(self._computed)]
        if len(self.stated.counted) != len(every):
            run.report.fail(
                ids.COUNTED,
                layout.CHECKPOINTS,
                "there is not one counted set per closed unit",
                expected=str(len(every)),
                computed=str(len(self.stated.counted)),
            )
        for computed, stated in zip(every, self.stated.counted, strict=False):
            run.report.count(ids.COUNTED)
            if computed != stated:
                run.report.fail(
                    ids.COUNTED,
                    f"{layout.CHECKPOINTS}, counted set of {computed.origin!r}",
                    "what is stated is not the counted set of the closed log",
                    expected=_shown(computed),
                    computed=_shown(stated),
                )


def _shown(log: CountedLog) -> str:
    return (
        f"{log.origin!r}, {log.size} leaves, root {log.root.hex()}, "
        f"{log.ballots} ballots, digest {log.digest.hex()}"
    )
