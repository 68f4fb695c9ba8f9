"""Which ballots of a closed log count: a function of the roll and the log's entries (rules A54 to A56).

Every ballot of the log has one fate:

==========  =============================================================================
CHALLENGED  the voter had it opened; it is never counted
REJECTED    its verdict names the check that failed
SUPERSEDED  accepted, and a later cast ballot of the same slot was accepted too
COUNTED     the last accepted cast ballot of its slot
INVALID     it should not be on the log at all: the finding on its entry says why
==========  =============================================================================

A slot's head is its last *admitted* cast ballot, also if that is rejected later, so a voter whose last
ballot is rejected still has the accepted one before it. Without a roll every cast ballot stands for
itself. Between the two closing entries only verdicts stand. Entries are read in the order of the log;
what breaks a rule of the log is a finding, and the ballot in question is INVALID: an entry signed with a
credential that was replaced before it, or that follows another ballot than the slot's head, never counts,
whatever the box said.

What it leaves out: signatures and contexts (:mod:`evote.board.rules`), proofs behind the verdicts, and
that the entries are those of a witnessed log.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from evote.board.entries import (
    CastEntry,
    ChallengeEntry,
    ClosingEntry,
    CountsEntry,
    Entry,
    ReissueEntry,
    VerdictEntry,
    kind_of,
)
from evote.board.reissue import Credentials
from evote.board.submission import NO_PREVIOUS
from evote.errors import VerificationError


class Rule(enum.Enum):
    """What a finding on a log is about."""

    ONCE = "once"
    """A ballot stands on the log once."""
    SLOT = "slot"
    """Who cast it: the slot's credential in force, for its unit and style, behind the slot's last ballot."""
    REISSUE = "reissue"
    """A credential is issued again."""
    VERDICT = "verdict"
    """Every ballot has one verdict."""
    END = "end"
    """Two closing entries, and what may stand behind each; no entry of a foreign kind."""


_LATE = "it came after the end of voting"
_REPEATED = "the same ballot stands on the log before"


class Fate(enum.Enum):
    """What became of a ballot that is on the log."""

    COUNTED = "counted"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"
    CHALLENGED = "challenged"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The fate of the ballot at one place of the log."""

    index: int
    """Of its entry in the log, from 0."""
    ballot: bytes
    """Its hash."""
    slot: int | None
    """Of the roll; None for a challenge, and where there is no roll."""
    fate: Fate
    superseded_by: int | None = None
    """Index of the counted ballot of the slot, for SUPERSEDED."""
    check: str = ""
    """Number of the check that failed, for REJECTED."""
    reason: str = ""
    """Why, in words, for REJECTED and INVALID."""


@dataclass(frozen=True, slots=True)
class CountedSet:
    """The fates of all ballots of a closed log, in its order, and what is wrong with the log."""

    outcomes: tuple[Outcome, ...]
    findings: tuple[VerificationError, ...]
    reissues: int
    """Number of re-issues in this log."""

    def counted(self) -> Iterator[Outcome]:
        """The ballots that count."""
        return (outcome for outcome in self.outcomes if outcome.fate is Fate.COUNTED)

    def number(self, fate: Fate) -> int:
        """How many ballots have that fate."""
        return sum(outcome.fate is fate for outcome in self.outcomes)

    def sound(self) -> CountedSet:
        """The same set; raises the first finding if there is one."""
        if self.findings:
            raise self.findings[0]
        return self


def counted_set(
    unit: str,
    entries: Iterable[Entry],
    credentials: Credentials | None,
    *,
    check: str = "",
) -> CountedSet:
    """The counted set of the closed log of ``unit``.

    ``credentials`` is the roll as it was sealed, without any re-issue of this log (it is changed by
    those), and None where the election has no roll. Findings carry the number ``check``. Holds a few
    hundred bytes per ballot.
    """
    log = Counting(unit, credentials, dict.fromkeys(Rule, check))
    for index, entry in enumerate(entries):
        log.read(index, entry)
    return log.result()


@dataclass(slots=True)
class _Ballot:
    """A ballot while the log is read."""

    index: int
    hash: bytes
    slot: int | None
    challenged: bool
    invalid: str = ""
    verdict: VerdictEntry | None = None


class Counting:
    """One pass over the entries of one log, for a caller who brings them one by one.

    Arguments as :func:`counted_set`; ``checks`` has the number of the check for each rule.
    """

    def __init__(self, unit: str, credentials: Credentials | None, checks: Mapping[Rule, str]) -> None:
        self._unit = unit
        self._credentials = credentials
        self._checks = checks
        self._findings: list[VerificationError] = []
        self._ballots: dict[bytes, _Ballot] = {}
        self._repeated: list[_Ballot] = []
        self._heads: dict[int, bytes] = {}
        self._phase = 0
        self._reissues = 0

    def read(self, index: int, entry: Entry) -> None:
        """One more entry."""
        if self._phase == 2:
            self._fail(Rule.END, index, f"an entry of kind {kind_of(entry).value} follows the end of the log")
        if self._phase == 1 and not isinstance(entry, VerdictEntry | ClosingEntry):
            self._fail(Rule.END, index, f"an entry of kind {kind_of(entry).value} follows the end of voting")
        late = self._phase > 0
        if isinstance(entry, CastEntry):
            self._cast(index, entry, late)
        elif isinstance(entry, ChallengeEntry):
            self._add(_Ballot(index, entry.ballot, None, True, _LATE * late))
        elif isinstance(entry, VerdictEntry):
            self._verdict(index, entry)
        elif isinstance(entry, ReissueEntry):
            self._reissue(index, entry, late)
        elif isinstance(entry, ClosingEntry):
            if entry.phase != self._phase + 1:
                self._fail(Rule.END, index, f"closing entry {entry.phase} follows {self._phase} of them")
            self._phase = max(self._phase, entry.phase)
        elif not isinstance(entry, CountsEntry):
            self._fail(Rule.END, index, f"an entry of kind {kind_of(entry).value} is on the log of a unit")

    def result(self) -> CountedSet:
        """What came out, after the last entry."""
        if self._phase < 2:
            self._findings.append(
                VerificationError(
                    "the log is not closed", check=self._checks[Rule.END], where=f"log of {self._unit!r}"
                )
            )
        last: dict[int, int] = {}
        for ballot in self._ballots.values():
            if ballot.slot is not None and not ballot.challenged and _accepted(ballot):
                last[ballot.slot] = ballot.index
        every = sorted((*self._ballots.values(), *self._repeated), key=lambda ballot: ballot.index)
        outcomes = tuple(self._outcome(ballot, last) for ballot in every)
        return CountedSet(outcomes, tuple(self._findings), self._reissues)

    # --- entries -----------------------------------------------------------------------------------

    def _cast(self, index: int, entry: CastEntry, late: bool) -> None:
        slot, invalid = None, _LATE if late else ""
        if self._credentials is None:
            if not invalid and entry.previous != NO_PREVIOUS:
                invalid = "it follows another ballot, and the election has no roll"
        else:
            holding = self._credentials.find(entry.pseudonym)
            if holding is None:
                invalid = invalid or "its credential is not on the roll"
            else:
                slot = holding.slot
                invalid = invalid or self._fault(entry, holding.slot, holding.unit, holding.style)
                if not invalid and holding.revoked:
                    invalid = "its credential was replaced before"
        if self._add(_Ballot(index, entry.ballot, slot, False, invalid)) and slot is not None:
            self._heads[slot] = entry.ballot

    def _fault(self, entry: CastEntry, slot: int, unit: str, style: str) -> str:
        if unit != self._unit:
            return "its credential votes in another unit"
        if style != entry.style:
            return "its credential votes on another ballot style"
        if entry.previous != self._heads.get(slot, NO_PREVIOUS):
            return "it does not follow the last ballot of its voter"
        return ""

    def _add(self, ballot: _Ballot) -> bool:
        """Keep a ballot; says whether it is one that the box could admit."""
        if ballot.hash in self._ballots:
            ballot.invalid = ballot.invalid or _REPEATED
            self._repeated.append(ballot)
        else:
            self._ballots[ballot.hash] = ballot
        if ballot.invalid:
            rule = {_LATE: Rule.END, _REPEATED: Rule.ONCE}.get(ballot.invalid, Rule.SLOT)
            self._fail(rule, ballot.index, f"a ballot that was not to be admitted: {ballot.invalid}")
        return not ballot.invalid

    def _verdict(self, index: int, entry: VerdictEntry) -> None:
        ballot = self._ballots.get(entry.ballot)
        if ballot is None:
            self._fail(Rule.VERDICT, index, "a verdict on a ballot that is not on the log before it")
        elif ballot.verdict is not None:
            self._fail(Rule.VERDICT, index, f"a second verdict on the ballot of entry {ballot.index}")
        elif entry.accepted == bool(entry.check):
            self._fail(Rule.VERDICT, index, "an accepted ballot has no failed check, and a rejected one has")
        else:
            ballot.verdict = entry

    def _reissue(self, index: int, entry: ReissueEntry, late: bool) -> None:
        self._reissues += 1
        if self._credentials is None:
            self._fail(Rule.REISSUE, index, "a credential is issued again, and the election has no roll")
        elif not late:
            try:
                self._credentials.apply(self._unit, entry)
            except VerificationError as error:
                self._fail(Rule.REISSUE, index, error.message, error.expected, error.computed)

    # --- fates -------------------------------------------------------------------------------------

    def _outcome(self, ballot: _Ballot, last: dict[int, int]) -> Outcome:
        def fate(name: Fate, by: int | None = None, check: str = "", reason: str = "") -> Outcome:
            return Outcome(ballot.index, ballot.hash, ballot.slot, name, by, check, reason)

        if ballot.invalid:
            return fate(Fate.INVALID, reason=ballot.invalid)
        verdict = ballot.verdict
        if verdict is None:
            self._fail(Rule.VERDICT, ballot.index, "the ballot has no verdict")
            return fate(Fate.INVALID, reason="it has no verdict")
        if not verdict.accepted:
            return fate(Fate.REJECTED, check=verdict.check, reason=verdict.reason)
        if ballot.challenged:
            return fate(Fate.CHALLENGED)
        if ballot.slot is None or last[ballot.slot] == ballot.index:
            return fate(Fate.COUNTED)
        return fate(Fate.SUPERSEDED, last[ballot.slot])

    def _fail(self, rule: Rule, index: int, message: str, expected: str = "", computed: str = "") -> None:
        self._findings.append(
            VerificationError(
                message,
                check=self._checks[rule],
                where=f"log of {self._unit!r}, entry {index}",
                expected=expected,
                computed=computed,
            )
        )


def _accepted(ballot: _Ballot) -> bool:
    return not ballot.invalid and ballot.verdict is not None and ballot.verdict.accepted
