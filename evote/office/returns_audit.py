"""Whether what units sent is what the centre added, unit by unit (R14).

Compared are files by their bytes: a return that was sent stands in the publication, and counts there or is
superseded through a link; else the unit and the difference are named.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from evote.office.returns_published import Publication
from evote.returns import MergedReturns, Merger, ReturnVerdict, SignedReturn, Standing, standings
from evote.returns.unitreturn import COUNTS


class Outcome(enum.Enum):
    """What became of what a unit sent."""

    ADDED = "ADDED"
    SUPERSEDED = "SUPERSEDED"
    """The publication has it, and a later version that is linked to it counts."""
    NOT_COUNTED = "NOT COUNTED"
    """The publication has it, and it does not count: a resolution set it aside, or a key was replaced."""
    CONFLICT = "CONFLICT"
    """The publication has it, and counts nothing of the unit, because versions contradict each other."""
    WAITING = "WAITING"
    """It names a version of the roster that is neither in the publication nor among what was sent."""
    ABSENT = "ABSENT"
    """The publication has nothing of the unit."""
    DIFFERENT = "DIFFERENT"
    """The publication counts another file of the unit, and does not have this one."""
    UNSENT = "UNSENT"
    """The publication counts a file that is not among those sent."""
    REFUSED = "REFUSED"
    """What was sent is no authentic return."""

    @property
    def exit_code(self) -> int:
        """1 where what was sent is not what was added."""
        if self in (Outcome.ABSENT, Outcome.DIFFERENT, Outcome.CONFLICT):
            return 1
        return 3 if self in (Outcome.REFUSED, Outcome.WAITING) else 0


@dataclass(frozen=True, slots=True)
class Row:
    """One file that was sent, or one that was added and not sent."""

    unit: str
    outcome: Outcome
    name: str
    differences: tuple[str, ...]


def audit(publication: Publication, sent: Iterable[tuple[str, bytes]]) -> tuple[Row, ...]:
    """Compare a publication with files by name and content, in the order of the tree."""
    election = publication.merged.election
    merger = Merger(MergedReturns.empty(election))
    offered = list(sent)
    published = 0
    # rosters and resolutions of the publication, so that what was sent is judged under the same ones
    for digest, data in publication.merged.files():
        if digest not in publication.merged.returns:
            merger.offer("published", data)
            published += 1
    merger.offer_all(offered)
    mine, report = merger.finish()
    own = report.arrivals[published:]
    brought = {arrival.digest: arrival.name for arrival in reversed(own)}
    names = {arrival.digest: arrival.name for arrival in reversed(report.arrivals)}
    found = {standing.unit: standing for standing in standings(publication.merged)}
    rows = [
        Row(arrival.unit, Outcome.REFUSED, arrival.name, (f"{arrival.verdict.value}: {arrival.message}",))
        for arrival in report.arrivals
        if not arrival.verdict.taken and arrival.verdict is not ReturnVerdict.DUPLICATE
    ]
    for unit, standing in found.items():
        of_unit = mine.of_unit(unit)
        rows += [
            Row(unit, Outcome.WAITING, brought[digest], ("the roster that it names is not here",))
            for digest, signed in mine.waiting.items()
            if signed.unit == unit and digest in brought
        ]
        rows += [_row(names[signed.digest], signed, standing, publication.merged) for signed in of_unit]
        counted = standing.counted
        different = any(row.unit == unit and row.outcome is Outcome.DIFFERENT for row in rows)
        if counted is not None and counted.digest not in mine.returns and not different:
            rows.append(Row(unit, Outcome.UNSENT, counted.digest.hex(), ()))
    return tuple(rows)


def _row(name: str, signed: SignedReturn, standing: Standing, merged: MergedReturns) -> Row:
    if standing.counted is not None and standing.counted.digest == signed.digest:
        return Row(signed.unit, Outcome.ADDED, name, ())
    if signed.digest in merged.returns:
        if any(older.digest == signed.digest for older in standing.superseded):
            return Row(signed.unit, Outcome.SUPERSEDED, name, ())
        verdict = standing.verdict(signed.digest)
        if standing.conflict is not None and signed.digest in standing.conflict.held:
            return Row(signed.unit, Outcome.CONFLICT, name, (standing.conflict.reason,))
        return Row(signed.unit, Outcome.NOT_COUNTED, name, (verdict.value,))
    if standing.counted is None:
        return Row(signed.unit, Outcome.ABSENT, name, ("the publication has no return of the unit",))
    return Row(signed.unit, Outcome.DIFFERENT, name, tuple(_differences(signed, standing.counted)))


def _differences(sent: SignedReturn, added: SignedReturn) -> Iterator[str]:
    """What the two say differently, figure by figure."""
    one, two = sent.returned, added.returned
    if one.version != two.version:
        yield f"version: sent {one.version}, added {two.version}"
    for mine, theirs in zip(one.counts, two.counts, strict=True):
        for count in COUNTS:
            if getattr(mine, count) != getattr(theirs, count):
                yield (
                    f"style {mine.style!r}, {count}: sent {getattr(mine, count)}, "
                    f"added {getattr(theirs, count)}"
                )
    for row, other in zip(one.plain, two.plain, strict=True):
        for field, theirs_field in zip(row.fields, other.fields, strict=True):
            if field != theirs_field:
                yield (
                    f"style {row.style!r}, contest {row.contest!r}, {field.label!r}: sent {field.count}, "
                    f"added {theirs_field.count}"
                )
    if one.sealed != two.sealed:
        yield "the totals of ballots differ"
    if one.log != two.log:
        yield "the closing heads differ"
    if sent.content.statement == added.content.statement:
        yield "one statement under two signatures"
