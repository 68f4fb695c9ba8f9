"""What a voter marked, and what is encrypted for it (specification section 3.3.5).

A mark beyond the option limit, or more marks than the contest limit, is an overvote: every option
is encrypted as zero and what was marked goes into the contest data, where the manifest has that
field. Facts that the manifest counts (overvote, undervote, null vote) are fields of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from evote.manifest import MAX_MARK, Contest, ContestRecord, ContestStatus, FieldKind, Manifest


@dataclass(frozen=True, slots=True)
class PlaintextContest:
    """Marks by option label (absent means zero) and the texts of write-ins."""

    marks: Mapping[str, int] = field(default_factory=dict)
    write_ins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaintextBallot:
    """One voter's marks: ``contests`` has every contest of the style, empty for a null vote."""

    unit: str
    style: str
    contests: Mapping[str, PlaintextContest]


@dataclass(frozen=True, slots=True)
class ContestVote:
    """What is encrypted for a contest: a value per field in order, and the contest data."""

    contest: Contest
    values: tuple[int, ...]
    record: ContestRecord

    @property
    def total(self) -> int:
        """The sum over the fields that the contest limit counts."""
        return sum(
            value for option, value in zip(self.contest.options, self.values, strict=True) if option.in_limit
        )


def interpret(manifest: Manifest, ballot: PlaintextBallot) -> tuple[ContestVote, ...]:
    """The votes of a ballot in manifest order.

    Raises ``ValueError`` that names the contest or option: unknown unit, style, contest or option,
    a style that the unit does not have, a contest left out, a negative or huge mark, a mark on a
    counted fact, more or longer write-ins than the manifest offers.
    """
    unit = manifest.unit(ballot.unit)
    if not unit.reports:
        raise ValueError(f"unit {ballot.unit!r} does not take ballots; its parts do")
    if not manifest.takes_ballots(ballot.unit):
        raise ValueError(f"unit {ballot.unit!r} counts on paper; no ballot of it is encrypted")
    if ballot.style not in unit.styles:
        raise ValueError(f"unit {ballot.unit!r} has no ballot style {ballot.style!r}")
    contests = manifest.contests_of(ballot.style)
    for label in ballot.contests:
        if all(label != contest.label for contest in contests):
            raise ValueError(f"ballot style {ballot.style!r} has no contest {label!r}")
    for contest in contests:
        if contest.label not in ballot.contests:
            raise ValueError(f"contest {contest.label!r} is missing; give it without marks for a null vote")
    return tuple(_vote(contest, ballot.contests[contest.label]) for contest in contests)


def _vote(contest: Contest, marked: PlaintextContest) -> ContestVote:
    known = {option.label: option for option in contest.options}
    for label, mark in marked.marks.items():
        option = known.get(label)
        if option is None:
            raise ValueError(f"contest {contest.label!r} has no option {label!r}")
        if option.kind is not FieldKind.OPTION:
            raise ValueError(f"{label!r} of contest {contest.label!r} is counted by the device, not marked")
        if type(mark) is not int or not 0 <= mark <= MAX_MARK:
            raise ValueError(
                f"the mark on {label!r} of contest {contest.label!r} is not from 0 to {MAX_MARK}"
            )
    if marked.write_ins and contest.data is None:
        raise ValueError(f"contest {contest.label!r} takes no write-ins")
    marks = [marked.marks.get(option.label, 0) for option in contest.options]
    total = sum(marks)
    over = total > contest.limit or any(
        mark > option.limit
        for option, mark in zip(contest.options, marks, strict=True)
        if option.kind is FieldKind.OPTION
    )
    if over:
        status = ContestStatus.OVERVOTE
    elif total == 0:
        status = ContestStatus.NULL_VOTE
    elif total < contest.limit:
        status = ContestStatus.UNDERVOTE
    else:
        status = ContestStatus.NORMAL
    facts = {
        FieldKind.OVERVOTE: int(over),
        FieldKind.UNDERVOTE: int(not over and total < contest.limit),
        FieldKind.UNDERVOTE_DIFFERENCE: 0 if over else contest.limit - total,
        FieldKind.NULL_VOTE: int(total == 0),
    }
    values = tuple(
        (0 if over else mark) if option.kind is FieldKind.OPTION else facts[option.kind]
        for option, mark in zip(contest.options, marks, strict=True)
    )
    options = [mark for option, mark in zip(contest.options, marks, strict=True) if option.in_limit]
    record = ContestRecord(status, tuple(options) if over else (), marked.write_ins)
    return ContestVote(contest, values, record)
