"""The counts as the archive states them, for people; the report beside them says whether they hold."""

from __future__ import annotations

from collections.abc import Sequence

from evote.interop.belenios1.election import Election
from evote.interop.belenios1.result import Row
from evote.interop.belenios1.tally import EncryptedTally
from evote.interop.belenios1.trustees import Item
from evote.report import CellSummary, ContestSummary, ElectionSummary, FieldSummary, shown


def result_summary(
    election: Election, items: Sequence[Item], tally: EncryptedTally, stated: Sequence[Row], shares: int
) -> ElectionSummary:
    """Every question with its counts; non-homomorphic ones, whose result is vectors, are left out."""
    contests = []
    for number, (question, row) in enumerate(zip(election.questions, stated, strict=True), start=1):
        counts = [value for value in row if isinstance(value, int)]
        if len(counts) != len(row):
            continue
        names = [name for answers in question.answers for name in answers]
        if question.blank:
            names.insert(0, "(blank)")
        if len(names) != len(counts):
            continue
        fields = tuple(
            FieldSummary(str(place), shown(name), count)
            for place, (name, count) in enumerate(zip(names, counts, strict=True), start=1)
        )
        cell = CellSummary("1", ("all",), tally.ballots, tally.weight, fields)
        contests.append(ContestSummary(str(number), shown(question.text), question.high or 1, (cell,)))
    return ElectionSummary(
        election.description.uuid,
        shown(election.description.name),
        tuple(contests),
        sum(len(item.keys) for item in items),
        sum(item.needed for item in items),
        shares,
    )
