"""Which ballots count: random histories against a simple model, and what a log must not hold (A37, A45)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evote.board.counting import CountedSet, Fate, counted_set
from evote.board.entries import (
    NO_PSEUDONYM,
    CastEntry,
    ChallengeEntry,
    ClosingEntry,
    Counted,
    CountsEntry,
    Entry,
    UnitHeadEntry,
    VerdictEntry,
)
from evote.board.submission import NO_PREVIOUS
from evote.errors import VerificationError
from evote.testing.electorate import Electorate, Voter

ELECTORATE = Electorate([("North", "plain")] * 3 + [("South", "plain"), ("North", "heavy")])
ALICE, BOB, CAROL, SOUTHERNER, HEAVY = ELECTORATE.voters
NORTHERNERS = (ALICE, BOB, CAROL)
NOW = "2026-06-30T20:00:00Z"
CLOSE, END = ClosingEntry(1, NOW), ClosingEntry(2, NOW)


def number(value: int) -> bytes:
    return value.to_bytes(32, "big")


def cast(voter: Voter, ballot: int, previous: int = 0) -> CastEntry:
    before = number(previous) if previous else NO_PREVIOUS
    return CastEntry(voter.style, voter.holder.pseudonym, number(ballot), before, "", (bytes(64),))


def challenge(ballot: int) -> ChallengeEntry:
    return ChallengeEntry("plain", number(ballot + 10**6), number(ballot))


def accept(ballot: int) -> VerdictEntry:
    return VerdictEntry(number(ballot), True, "", "")


def reject(ballot: int) -> VerdictEntry:
    return VerdictEntry(number(ballot), False, "6.D", "the proof is wrong")


def count(*entries: Entry, closed: bool = True, unit: str = "North") -> CountedSet:
    ending = (CLOSE, END) if closed else ()
    return counted_set(unit, (*entries, *ending), ELECTORATE.credentials(), check="E.25")


def fates(found: CountedSet) -> list[tuple[int, Fate, int | None]]:
    return [
        (int.from_bytes(outcome.ballot, "big"), outcome.fate, outcome.superseded_by)
        for outcome in found.outcomes
    ]


# --- the rules, one by one ---------------------------------------------------------------------------


def test_the_last_accepted_ballot_of_a_slot_counts_and_names_those_it_supersedes() -> None:
    found = count(
        cast(ALICE, 1), accept(1), cast(ALICE, 2, 1), accept(2), cast(ALICE, 3, 2), accept(3)
    ).sound()
    assert fates(found) == [(1, Fate.SUPERSEDED, 4), (2, Fate.SUPERSEDED, 4), (3, Fate.COUNTED, None)]
    assert [outcome.ballot for outcome in found.counted()] == [number(3)]
    assert {outcome.slot for outcome in found.outcomes} == {ALICE.slot}


def test_a_voter_whose_last_ballot_is_rejected_keeps_the_accepted_one_before_it() -> None:
    found = count(cast(ALICE, 1), accept(1), cast(ALICE, 2, 1), reject(2)).sound()
    assert fates(found) == [(1, Fate.COUNTED, None), (2, Fate.REJECTED, None)]
    assert (found.outcomes[1].check, found.outcomes[1].reason) == ("6.D", "the proof is wrong")


def test_the_head_of_a_slot_moves_on_over_a_rejected_ballot() -> None:
    found = count(cast(ALICE, 1), reject(1), cast(ALICE, 2, 1), accept(2)).sound()
    assert fates(found) == [(1, Fate.REJECTED, None), (2, Fate.COUNTED, None)]
    broken = count(cast(ALICE, 1), reject(1), cast(ALICE, 2), accept(2))
    assert fates(broken)[1] == (2, Fate.INVALID, None)


def test_a_challenged_ballot_never_counts_and_moves_no_head() -> None:
    found = count(challenge(7), accept(7), cast(ALICE, 1), challenge(8), reject(8), accept(1)).sound()
    assert fates(found) == [
        (7, Fate.CHALLENGED, None),
        (1, Fate.COUNTED, None),
        (8, Fate.REJECTED, None),
    ]


def test_verdicts_may_come_after_the_end_of_voting_in_any_order() -> None:
    found = count(
        cast(ALICE, 1),
        cast(BOB, 2),
        cast(ALICE, 3, 1),
        CLOSE,
        reject(3),
        accept(2),
        accept(1),
        END,
        closed=False,
    ).sound()
    assert fates(found) == [(1, Fate.COUNTED, None), (2, Fate.COUNTED, None), (3, Fate.REJECTED, None)]


def test_after_a_reissue_the_new_credential_replaces_what_the_old_one_voted() -> None:
    entry, again = ELECTORATE.reissued(ALICE)
    found = count(cast(ALICE, 1), accept(1), entry, cast(again, 2, 1), accept(2)).sound()
    assert fates(found) == [(1, Fate.SUPERSEDED, 3), (2, Fate.COUNTED, None)]
    assert found.reissues == 1
    kept = count(cast(ALICE, 1), accept(1), entry).sound()
    assert fates(kept) == [(1, Fate.COUNTED, None)]


def test_a_credential_that_was_replaced_never_counts_again() -> None:
    entry, again = ELECTORATE.reissued(ALICE)
    found = count(entry, cast(again, 1), accept(1), cast(ALICE, 2, 1), accept(2))
    assert fates(found) == [(1, Fate.COUNTED, None), (2, Fate.INVALID, None)]
    with pytest.raises(VerificationError, match="credential was replaced before"):
        found.sound()


def test_a37_an_older_ballot_that_is_replayed_does_not_count() -> None:
    found = count(cast(ALICE, 1), accept(1), cast(ALICE, 2, 1), accept(2), cast(ALICE, 1))
    assert fates(found)[-1] == (1, Fate.INVALID, None)
    assert fates(found)[1] == (2, Fate.COUNTED, None)
    with pytest.raises(VerificationError, match="follow the last ballot"):
        found.sound()
    copied = count(cast(ALICE, 1), accept(1), cast(ALICE, 1, 1))
    assert fates(copied) == [(1, Fate.COUNTED, None), (1, Fate.INVALID, None)]
    with pytest.raises(VerificationError, match="stands on the log before"):
        copied.sound()


def test_a45_two_ballots_in_another_order_or_one_left_out_are_found() -> None:
    first, second, third = cast(ALICE, 1), cast(ALICE, 2, 1), cast(ALICE, 3, 2)
    verdicts = accept(1), accept(2), accept(3)
    assert count(first, second, third, *verdicts).findings == ()
    for entries in ((second, first, third, *verdicts), (first, third, accept(1), accept(3))):
        with pytest.raises(VerificationError, match="does not follow the last ballot of its voter"):
            count(*entries).sound()


def test_a47_a_ballot_of_nobody_on_the_roll_does_not_count() -> None:
    stranger = replace(cast(ALICE, 1), pseudonym=number(99))
    found = count(stranger, accept(1))
    assert fates(found) == [(1, Fate.INVALID, None)]
    assert [finding.check for finding in found.findings] == ["E.25"]
    assert "entry 0" in found.findings[0].where and "not on the roll" in found.findings[0].message


def test_a22_a_ballot_in_the_log_of_another_unit_or_on_another_style_does_not_count() -> None:
    for entry, reason in (
        (cast(SOUTHERNER, 1), "another unit"),
        (replace(cast(HEAVY, 1), style="plain"), "another ballot style"),
    ):
        found = count(entry, accept(1))
        assert fates(found) == [(1, Fate.INVALID, None)]
        assert reason in found.outcomes[0].reason
    assert fates(count(cast(HEAVY, 1), accept(1)).sound()) == [(1, Fate.COUNTED, None)]
    assert count(cast(SOUTHERNER, 1), accept(1), unit="South").sound().number(Fate.COUNTED) == 1


def test_without_a_roll_every_accepted_cast_ballot_counts() -> None:
    def device(ballot: int, previous: bytes = NO_PREVIOUS) -> CastEntry:
        return CastEntry("plain", NO_PSEUDONYM, number(ballot), previous, "booth 1", (bytes(64),))

    entries = [device(1), accept(1), device(2), reject(2), device(3), accept(3), CLOSE, END]
    found = counted_set("North", entries, None).sound()
    assert [fate for _, fate, _ in fates(found)] == [Fate.COUNTED, Fate.REJECTED, Fate.COUNTED]
    chained = counted_set("North", [device(1), accept(1), device(2, number(1)), accept(2), CLOSE, END], None)
    assert [fate for _, fate, _ in fates(chained)] == [Fate.COUNTED, Fate.INVALID]
    entry, _ = ELECTORATE.reissued(ALICE)
    with pytest.raises(VerificationError, match="has no roll"):
        counted_set("North", [entry, CLOSE, END], None).sound()


COUNTS = CountsEntry(NOW, (Counted("stale", 2),))
HEAD = UnitHeadEntry("North", 1, number(1), (), False)

UNSOUND: dict[str, tuple[Sequence[Entry], str]] = {
    "not closed": ([cast(ALICE, 1), accept(1)], "the log is not closed"),
    "voting ended, log open": ([cast(ALICE, 1), accept(1), CLOSE], "the log is not closed"),
    "end without end of voting": ([END], "closing entry 2 follows 0"),
    "end of voting twice": ([CLOSE, CLOSE, END], "closing entry 1 follows 1"),
    "entry behind the end": ([CLOSE, END, COUNTS], "follows the end of the log"),
    "counts after the end of voting": ([CLOSE, COUNTS, END], "follows the end of voting"),
    "ballot after the end of voting": ([CLOSE, cast(ALICE, 1), accept(1), END], "follows the end of voting"),
    "challenge after the end of voting": ([CLOSE, challenge(1), accept(1), END], "follows the end of voting"),
    "reissue after the end of voting": (
        [CLOSE, ELECTORATE.reissued(ALICE)[0], END],
        "follows the end of voting",
    ),
    "no verdict": ([cast(ALICE, 1), CLOSE, END], "the ballot has no verdict"),
    "no verdict on a challenge": ([challenge(1), CLOSE, END], "the ballot has no verdict"),
    "verdict of nothing": ([accept(1), CLOSE, END], "not on the log before it"),
    "verdict before its ballot": ([accept(1), cast(ALICE, 1), CLOSE, END], "not on the log before it"),
    "two verdicts": ([cast(ALICE, 1), accept(1), reject(1), CLOSE, END], "a second verdict"),
    "accepted with a failed check": (
        [cast(ALICE, 1), VerdictEntry(number(1), True, "6.D", ""), CLOSE, END],
        "an accepted ballot has no failed check",
    ),
    "rejected without a check": (
        [cast(ALICE, 1), VerdictEntry(number(1), False, "", "because"), CLOSE, END],
        "an accepted ballot has no failed check",
    ),
    "head of a unit": ([HEAD, CLOSE, END], "kind unit-head is on the log of a unit"),
    "unsigned reissue": (
        [replace(ELECTORATE.reissued(ALICE)[0], signatures=(bytes(64),)), CLOSE, END],
        "did not sign it",
    ),
}


@pytest.mark.parametrize("name", UNSOUND)
def test_what_breaks_a_rule_of_the_log_is_a_finding(name: str) -> None:
    entries, message = UNSOUND[name]
    found = counted_set("North", entries, ELECTORATE.credentials(), check="E.25")
    assert any(message in finding.message for finding in found.findings), found.findings
    with pytest.raises(VerificationError):
        found.sound()


def test_a_ballot_after_the_end_of_voting_never_counts() -> None:
    entries = (cast(ALICE, 1), accept(1), CLOSE, cast(ALICE, 2, 1), accept(2), challenge(3), accept(3), END)
    found = counted_set("North", entries, ELECTORATE.credentials())
    assert fates(found) == [(1, Fate.COUNTED, None), (2, Fate.INVALID, None), (3, Fate.INVALID, None)]


def test_counts_of_refusals_change_nothing() -> None:
    found = count(COUNTS, cast(ALICE, 1), COUNTS, accept(1)).sound()
    assert fates(found) == [(1, Fate.COUNTED, None)]


# --- random histories --------------------------------------------------------------------------------


@dataclass
class Model:
    """A box that admits what it should, and a count in the plainest words."""

    entries: list[Entry] = field(default_factory=list)
    voters: dict[int, Voter] = field(default_factory=lambda: dict(enumerate(NORTHERNERS)))
    heads: dict[int, int] = field(default_factory=dict)
    cast: dict[int, list[int]] = field(default_factory=lambda: {who: [] for who in range(3)})
    place: dict[int, int] = field(default_factory=dict)
    accepted: dict[int, bool] = field(default_factory=dict)
    due: list[int] = field(default_factory=list)
    challenged: list[int] = field(default_factory=list)
    invalid: list[int] = field(default_factory=list)
    revoked: list[tuple[int, Voter]] = field(default_factory=list)
    reissues: int = 0

    def ballot(self, entry: Entry) -> int:
        ballot = len(self.place) + 1
        self.place[ballot] = len(self.entries)
        self.entries.append(entry)
        self.due.append(ballot)
        return ballot

    def step(self, action: str, who: int, good: bool) -> None:
        following = len(self.place) + 1
        if action == "vote":
            ballot = self.ballot(cast(self.voters[who], following, self.heads.get(who, 0)))
            self.cast[who].append(ballot)
            self.heads[who] = ballot
            self.accepted[ballot] = good
        elif action == "challenge":
            ballot = self.ballot(challenge(following))
            self.challenged.append(ballot)
            self.accepted[ballot] = good
        elif action == "reissue":
            entry, again = ELECTORATE.reissued(self.voters[who], f"reason {len(self.entries)}")
            self.revoked.append((who, self.voters[who]))
            self.entries.append(entry)
            self.voters[who] = again
            self.reissues += 1
        elif action == "old credential" and self.revoked:
            whose, old = self.revoked[who % len(self.revoked)]
            self.bad(cast(old, following, self.heads.get(whose, 0)))
        elif action == "stale":
            self.bad(cast(self.voters[who], following, 10**9))
        elif action == "verdicts":
            self.verdicts(len(self.due) if good else len(self.due) // 2)

    def bad(self, entry: CastEntry) -> None:
        ballot = self.ballot(entry)
        self.invalid.append(ballot)
        self.accepted[ballot] = True

    def verdicts(self, many: int) -> None:
        for ballot in self.due[:many]:
            self.entries.append(accept(ballot) if self.accepted[ballot] else reject(ballot))
        self.due = self.due[many:]

    def close(self) -> None:
        self.entries.append(CLOSE)
        self.verdicts(len(self.due))
        self.entries.append(END)

    def expected(self) -> dict[int, tuple[Fate, int | None]]:
        fates: dict[int, tuple[Fate, int | None]] = dict.fromkeys(self.invalid, (Fate.INVALID, None))
        for ballot in self.challenged:
            fates[ballot] = (Fate.CHALLENGED if self.accepted[ballot] else Fate.REJECTED, None)
        for ballots in self.cast.values():
            good = [ballot for ballot in ballots if self.accepted[ballot]]
            for ballot in ballots:
                if not self.accepted[ballot]:
                    fates[ballot] = (Fate.REJECTED, None)
                elif ballot == good[-1]:
                    fates[ballot] = (Fate.COUNTED, None)
                else:
                    fates[ballot] = (Fate.SUPERSEDED, self.place[good[-1]])
        return fates


ACTIONS = ("vote", "vote", "vote", "challenge", "reissue", "old credential", "stale", "verdicts")


@given(st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 2), st.booleans()), max_size=25))
@settings(max_examples=100, deadline=None)
def test_every_history_is_counted_as_the_plain_model_counts_it(steps: list[tuple[str, int, bool]]) -> None:
    model = Model()
    for step in steps:
        model.step(*step)
    model.close()
    found = counted_set("North", model.entries, ELECTORATE.credentials())
    computed = {ballot: (fate, by) for ballot, fate, by in fates(found)}
    assert computed == model.expected()
    assert len(found.outcomes) == len(model.place)
    assert found.reissues == model.reissues
    assert len(found.findings) == len(model.invalid)
    slots = Counter(outcome.slot for outcome in found.counted())
    assert all(times == 1 for times in slots.values()) and len(slots) <= len(NORTHERNERS)
