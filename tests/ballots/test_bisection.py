"""The search behind a rejected batch, over batches that only know which ballots are bad."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evote.ballots import bisection
from evote.ballots.bisection import EXTRA, Candidate, Settled, settle
from evote.ballots.effort import Effort
from evote.ballots.examiner import Outcome
from evote.errors import VerificationError
from evote.proofs.batch import FreshWeights

TEN_OPTIONS = Effort(10 * 948 + 948 + 374, 21, 45)
"""A ballot of ten options, one vote each, one in all."""
FEW = Effort(2 * 948 + 948 + 374, 5, 13)


class Crowd:
    """Ballots of one size, some of them bad; counts what is asked."""

    def __init__(self, count: int, bad: Iterable[int], effort: Effort = TEN_OPTIONS) -> None:
        self.bad = set(bad)
        self.effort = effort
        self.asked: Counter[str] = Counter()
        self.candidates = [
            Candidate(
                number,
                Outcome(None, number, (), Counter(), (), None, ()),  # type: ignore[arg-type]
                effort,
                (lambda batch, number=number: batch.numbers.append(number),),
            )
            for number in range(count)
        ]

    def settle(self, monkeypatch: pytest.MonkeyPatch) -> Settled:
        crowd = self

        class Batch:
            def __init__(self, *_: object, **__: object) -> None:
                self.numbers: list[int] = []

            def decide(self) -> object | None:
                crowd.asked["batches"] += 1
                return None if crowd.bad.intersection(self.numbers) else SimpleNamespace(element=None)

        def examine(_: object, number: Any) -> object:
            crowd.asked["plain"] += 1
            found = (VerificationError("bad"),) if number in crowd.bad else ()
            return SimpleNamespace(findings=found, number=number)

        monkeypatch.setattr(bisection, "Batch", Batch)
        monkeypatch.setattr(bisection, "examine", examine)
        monkeypatch.setattr(
            Outcome, "finish", lambda self, _: SimpleNamespace(findings=(), number=self.submitted)
        )
        election: Any = SimpleNamespace(group=None)
        settled = settle(election, self.candidates, FreshWeights, "auto")
        assert sorted(settled.examinations) == list(range(len(self.candidates)))
        culprits = {each for each, found in settled.examinations.items() if found.findings}
        assert culprits == self.bad
        assert settled.batched + self.asked["plain"] == len(self.candidates)
        return settled

    @property
    def plain(self) -> int:
        return self.effort.plain * len(self.candidates)


@pytest.fixture
def patch() -> Iterable[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as context:
        yield context


@given(
    st.integers(1, 120),
    st.sampled_from([TEN_OPTIONS, FEW, Effort(374, 1, 1)]),
    st.lists(st.integers(0, 119), max_size=120),
    st.sampled_from(["scattered", "front", "back", "all"]),
)
def test_the_work_never_exceeds_the_bound_whatever_is_bad(
    count: int, effort: Effort, drawn: list[int], where: str
) -> None:
    bad = {
        "scattered": {each for each in drawn if each < count},
        "front": set(range(min(len(drawn), count))),
        "back": set(range(max(count - len(drawn), 0), count)),
        "all": set(range(count)),
    }[where]
    crowd = Crowd(count, bad, effort)
    with pytest.MonkeyPatch.context() as context:
        assert crowd.settle(context).effort <= (1 + EXTRA) * crowd.plain


@pytest.mark.parametrize("position", [0, 499, 500, 7777, 9999])
@pytest.mark.parametrize("effort", [TEN_OPTIONS, FEW])
def test_one_bad_ballot_in_ten_thousand_costs_less_than_twice_the_clean_run(
    position: int, effort: Effort, patch: pytest.MonkeyPatch
) -> None:
    clean = Crowd(10_000, (), effort).settle(patch).effort
    crowd = Crowd(10_000, (position,), effort)
    assert crowd.settle(patch).effort < 1.5 * clean
    assert crowd.asked["plain"] <= 16


@pytest.mark.parametrize("count", [12, 30, 100, 300, 1000])
@pytest.mark.parametrize("effort", [TEN_OPTIONS, FEW])
def test_one_bad_ballot_anywhere_in_a_small_record_does_not_undo_the_batches(
    count: int, effort: Effort, patch: pytest.MonkeyPatch
) -> None:
    clean = Crowd(count, (), effort).settle(patch).effort
    works = [
        Crowd(count, (position,), effort).settle(patch).effort
        for position in range(0, count, max(count // 50, 1))
    ]
    assert max(works) < 4 * clean
    assert sum(works) / len(works) < 3.4 * clean


def test_a_clean_run_asks_one_batch_per_thousand_ballots(patch: pytest.MonkeyPatch) -> None:
    crowd = Crowd(10_000, ())
    settled = crowd.settle(patch)
    assert crowd.asked == {"batches": 10}
    assert settled.equations == 10_000 * TEN_OPTIONS.commitments
    assert settled.effort < 0.25 * crowd.plain


def test_half_bad_and_all_bad_cost_little_more_than_the_plain_way(patch: pytest.MonkeyPatch) -> None:
    for bad in (range(0, 2000, 2), range(1000), range(2000)):
        crowd = Crowd(2000, bad)
        assert crowd.settle(patch).effort <= (1 + EXTRA) * crowd.plain
        assert crowd.asked["batches"] < 80


def test_bad_ballots_in_one_place_cost_little(patch: pytest.MonkeyPatch) -> None:
    """A device that was broken for a while."""
    crowd = Crowd(3000, range(1200, 1260))
    assert crowd.settle(patch).effort < 0.5 * crowd.plain


def test_ballots_that_are_cheap_by_themselves_are_batched_in_parts_that_pay(
    patch: pytest.MonkeyPatch,
) -> None:
    crowd = Crowd(40, (), Effort(748, 2, 2))
    settled = crowd.settle(patch)
    assert settled.batched >= 30 and settled.effort < 0.8 * crowd.plain


def test_nothing_is_asked_about_nothing(patch: pytest.MonkeyPatch) -> None:
    assert Crowd(0, ()).settle(patch) == Settled()


def test_a_single_ballot_is_examined_alone_because_a_batch_of_it_could_cost_too_much(
    patch: pytest.MonkeyPatch,
) -> None:
    crowd = Crowd(1, ())
    assert crowd.settle(patch).effort == crowd.plain
    assert crowd.asked == {"plain": 1}


def test_wider_weights_cost_more_and_are_reckoned_with(patch: pytest.MonkeyPatch) -> None:
    assert TEN_OPTIONS.batched(256) > TEN_OPTIONS.batched(128)
