"""Whether the figures of a return agree with each other: voters first, then votes (R10; rule A50).

Per ballot style, of voters::

    registered >= signed_in = counted + rejected_only + challenged_only

and of ballots: accepted = counted + superseded, and no fewer rejected or challenged ballots than voters
who have only such. Superseded ballots stand apart: they are nobody's second vote.

Per style and contest, where counts are plain: no field above R times the counted voters, no more votes
than L times them; and if the manifest counts what was left out or marked too often, exactly L times them::

    votes + undervote_difference + L * overvote = L * counted       (options with R and L)
    votes + null_vote + overvote = counted                          (L = 1)

A list that nobody in a whole unit voted for is *flagged*: it may be true, and it is what votes that were
never typed in look like. What it leaves out: totals that are still ciphertexts.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from evote.ballots import Election
from evote.manifest import Contest, FieldKind, ReturnKind
from evote.returns.unitreturn import PlainTotal, StyleCount, UnitReturn


class Rule(enum.Enum):
    """What does not agree, by name."""

    MORE_SIGNED_IN_THAN_REGISTERED = "more-signed-in-than-registered"
    VOTERS_DO_NOT_ADD_UP = "voters-do-not-add-up"
    BALLOTS_DO_NOT_ADD_UP = "ballots-do-not-add-up"
    REJECTED_DO_NOT_ADD_UP = "rejected-do-not-add-up"
    CHALLENGED_DO_NOT_ADD_UP = "challenged-do-not-add-up"
    SUPERSEDED_ON_PAPER = "superseded-on-paper"
    LOG_TOO_SHORT = "log-too-short"
    TOO_MANY_VOTES = "too-many-votes"
    VOTES_UNACCOUNTED = "votes-unaccounted"
    LIST_AT_ZERO = "list-at-zero"
    CONTEST_AT_ZERO = "contest-at-zero"

    @property
    def flag(self) -> bool:
        """Whether it only asks somebody to look: the figures are possible."""
        return self in (Rule.LIST_AT_ZERO, Rule.CONTEST_AT_ZERO)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not agree, or wants a look."""

    rule: Rule
    unit: str
    style: str
    """Empty where it is about all styles of the unit."""
    contest: str
    field: str
    expected: str
    found: str

    def __str__(self) -> str:
        place = ", ".join(part for part in (self.unit, self.style, self.contest, self.field) if part)
        return f"{place}: {self.rule.value} (expected {self.expected}, found {self.found})"


def reconcile(election: Election, returned: UnitReturn) -> tuple[Finding, ...]:
    """Everything in a return that does not agree, in the order of styles and contests.

    Requires a return that fits the manifest (:func:`evote.returns.content.check_content`).
    """
    return tuple(_all(election, returned))


def _all(election: Election, returned: UnitReturn) -> Iterator[Finding]:
    counted = {}
    for each in returned.counts:
        counted[each.style] = each.counted
        yield from _voters(returned, each)
    yield from _against_log(returned)
    for row in returned.plain:
        contest = election.manifest.contest_by_label(row.contest)
        yield from _votes(returned, row, contest, counted[row.style])
    yield from _zeros(election, returned, counted)


def _voters(returned: UnitReturn, each: StyleCount) -> Iterator[Finding]:
    def wrong(rule: Rule, expected: object, found: object) -> Finding:
        return Finding(rule, returned.unit, each.style, "", "", str(expected), str(found))

    if each.signed_in > each.registered:
        yield wrong(Rule.MORE_SIGNED_IN_THAN_REGISTERED, f"at most {each.registered}", each.signed_in)
    voters = each.counted + each.rejected_only + each.challenged_only
    if voters != each.signed_in:
        yield wrong(Rule.VOTERS_DO_NOT_ADD_UP, each.signed_in, voters)
    if each.counted + each.superseded != each.accepted:
        yield wrong(Rule.BALLOTS_DO_NOT_ADD_UP, each.accepted, each.counted + each.superseded)
    if each.rejected < each.rejected_only:
        yield wrong(Rule.REJECTED_DO_NOT_ADD_UP, f"at least {each.rejected_only}", each.rejected)
    if each.challenged < each.challenged_only:
        yield wrong(Rule.CHALLENGED_DO_NOT_ADD_UP, f"at least {each.challenged_only}", each.challenged)
    if returned.kind is ReturnKind.OPEN and each.superseded:
        yield wrong(Rule.SUPERSEDED_ON_PAPER, 0, each.superseded)


def _against_log(returned: UnitReturn) -> Iterator[Finding]:
    """Every admitted or challenged ballot is at least one leaf, so a log cannot be shorter than they are."""
    if returned.log is None:
        return
    ballots = sum(each.accepted + each.rejected + each.challenged for each in returned.counts)
    if ballots > returned.log.size:
        yield Finding(
            Rule.LOG_TOO_SHORT,
            returned.unit,
            "",
            "",
            "",
            f"at least {ballots} leaves",
            str(returned.log.size),
        )


def _votes(returned: UnitReturn, row: PlainTotal, contest: Contest, counted: int) -> Iterator[Finding]:
    def wrong(rule: Rule, field: str, expected: object, found: object) -> Finding:
        return Finding(rule, returned.unit, row.style, contest.label, field, str(expected), str(found))

    votes = 0
    kinds: dict[FieldKind, int] = {}
    for option, each in zip(contest.options, row.fields, strict=True):
        if each.count > option.limit * counted:
            yield wrong(Rule.TOO_MANY_VOTES, each.label, f"at most {option.limit * counted}", each.count)
        if option.in_limit:
            votes += each.count
        else:
            kinds[option.kind] = each.count
    most = contest.limit * counted
    accounted = _accounted(contest, votes, kinds)
    if votes > most:
        yield wrong(Rule.TOO_MANY_VOTES, "", f"at most {most}", votes)
    elif accounted is not None and accounted > most:
        yield wrong(Rule.TOO_MANY_VOTES, "", most, accounted)
    elif accounted is not None and accounted < most:
        yield wrong(Rule.VOTES_UNACCOUNTED, "", most, accounted)


def _accounted(contest: Contest, votes: int, kinds: dict[FieldKind, int]) -> int | None:
    """The votes that were given, left out or void, if the manifest counts all three; None if it does not."""
    over = kinds.get(FieldKind.OVERVOTE)
    if over is None:
        return None
    left = kinds.get(FieldKind.UNDERVOTE_DIFFERENCE)
    if left is not None:
        return votes + left + contest.limit * over
    if contest.limit != 1:
        return None
    empty = kinds.get(FieldKind.NULL_VOTE, kinds.get(FieldKind.UNDERVOTE))
    return None if empty is None else votes + empty + over


def _zeros(election: Election, returned: UnitReturn, counted: dict[str, int]) -> Iterator[Finding]:
    """Options at zero in all styles of the unit that have the contest and counted ballots."""
    sums: dict[str, list[int]] = {}
    voters: dict[str, int] = {}
    for row in returned.plain:
        voters[row.contest] = voters.get(row.contest, 0) + counted[row.style]
        held = sums.setdefault(row.contest, [0] * len(row.fields))
        for place, each in enumerate(row.fields):
            held[place] += each.count
    for label, numbers in sums.items():
        if not voters[label]:
            continue
        contest = election.manifest.contest_by_label(label)
        options = [
            (option.label, number)
            for option, number in zip(contest.options, numbers, strict=True)
            if option.in_limit
        ]
        if not any(number for _, number in options):
            yield Finding(Rule.CONTEST_AT_ZERO, returned.unit, "", label, "", "votes", "0")
            continue
        for option, number in options:
            if not number:
                yield Finding(Rule.LIST_AT_ZERO, returned.unit, "", label, option, "votes", "0")
