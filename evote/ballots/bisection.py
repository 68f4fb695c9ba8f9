"""Which ballots a rejected batch is rejected for: taking it apart within a bound on the work.

The plain way over all candidates has a known price. Beyond it, :data:`EXTRA` of that price may be spent
on batches. The *slack* is what may still be spent so that all undecided ballots can be examined in the
plain way afterwards:

* a batch costs its price, and is asked only where the slack covers that and something is left; if not, a
  first part that costs at most half of the slack is asked alone;
* an accepted batch gives back what its ballots would have cost in the plain way;
* a plain examination leaves the slack as it is, for its price was put by.

So the work never exceeds ``1 + EXTRA`` times the plain way, whatever the ballots are, and where most are
good the slack grows with every accepted part. Parts of a rejected batch come after those of which nothing
is known yet. ``specs/decisions/batch-bisection.md`` has the reasons and the bounds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

from evote.ballots.effort import NOTHING, Effort
from evote.ballots.election import Election
from evote.ballots.examine import examine
from evote.ballots.examiner import Outcome
from evote.ballots.verified import Examination
from evote.proofs.batch import Batch, Method, Weights

EXTRA: Final = 0.22
"""How much the work may exceed the plain way, as a share of it."""
WORTH: Final = 0.4
"""Part of a rejected batch is asked again only where that costs at most so much of its plain price."""
PAYS: Final = 0.6
PAYS_JUST: Final = 0.9
"""Share of its plain price that a first part may cost for half of the slack, and for all of it."""
LEAVES: Final = 0.9
"""Share of the slack that a whole part may cost; what is left finds a single bad ballot in it."""
MAX_BALLOTS: Final = 1000
MAX_VALUES: Final = 120_000
"""Most ballots and values of one batch: a larger one gains little and costs more to take apart."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A ballot whose equations alone are undecided."""

    position: int
    outcome: Outcome
    effort: Effort
    equations: tuple[Callable[[Batch], None], ...]


@dataclass(slots=True)
class Settled:
    """The examinations of all candidates by position, and the work that they took."""

    examinations: dict[int, Examination] = field(default_factory=dict)
    batched: int = 0
    equations: int = 0
    effort: int = 0


def settle(
    election: Election, candidates: Sequence[Candidate], weights: Callable[[], Weights], method: Method
) -> Settled:
    """Decide all candidates; ``RuntimeError`` if a batch rejects and nothing is found on its ballots."""
    search = _Search(election, candidates, weights, method)
    search.run()
    return search.settled


class _Search:
    """The search over one chunk; ranges are half-open, over the candidates in their order."""

    def __init__(
        self,
        election: Election,
        candidates: Sequence[Candidate],
        weights: Callable[[], Weights],
        method: Method,
    ) -> None:
        self._election = election
        self._candidates = candidates
        self._source = weights
        self._weights: Weights | None = None
        self._bits = 0
        self._method: Method = method
        self._upto = list(accumulate((each.effort for each in candidates), initial=NOTHING))
        self._slack = EXTRA * self._upto[-1].plain
        self._rejected: list[range] = []
        self.settled = Settled()

    def run(self) -> None:
        if not self._candidates:
            return
        self._weights = self._source()
        self._bits = self._weights.bits
        waiting = deque((part, False) for part in self._first_parts())
        while waiting:
            part, suspected = waiting.popleft()
            price, plain = self._price(part), self._effort(part).plain
            if suspected and (len(part) == 1 or price > WORTH * plain):
                self._examine(part)
                continue
            whole = price <= min(LEAVES * self._slack, PAYS_JUST * plain)
            asked = part if whole else self._affordable(part)
            if not asked:
                self._examine(part)
                continue
            if len(asked) < len(part):
                waiting.appendleft((part[len(asked) :], suspected))
            if not self._accepted(asked):
                middle = len(asked) // 2
                waiting.extend((half, True) for half in (asked[:middle], asked[middle:]) if half)
        for part in self._rejected:
            found = self.settled.examinations
            if not any(found[self._candidates[index].position].findings for index in part):
                raise RuntimeError("a batch was rejected, and every ballot in it passes by itself")

    def _first_parts(self) -> list[range]:
        parts = []
        begin = 0
        for end in range(1, len(self._candidates) + 1):
            effort = self._effort(range(begin, end))
            full = end - begin == MAX_BALLOTS or effort.images + effort.commitments >= MAX_VALUES
            if full or end == len(self._candidates):
                parts.append(range(begin, end))
                begin = end
        return parts

    def _effort(self, part: range) -> Effort:
        return self._upto[part.stop] - self._upto[part.start]

    def _price(self, part: range) -> int:
        return self._effort(part).batched(self._bits)

    def _affordable(self, part: range) -> range:
        """A first part to ask alone, the longest for half of the slack or for all of it, if that pays.

        Half, so that a rejection leaves something for the next; but small batches cost much per ballot.
        """
        for budget, share in ((self._slack / 2, PAYS), (self._slack, PAYS_JUST)):
            found = part[: self._longest(part, budget)]
            if found and self._price(found) <= share * self._effort(found).plain:
                return found
        return part[:0]

    def _longest(self, part: range, budget: float) -> int:
        """The length of the longest first part that costs at most so much."""
        low, high = 0, len(part)
        while low < high:
            middle = (low + high + 1) // 2
            if self._price(part[:middle]) <= budget:
                low = middle
            else:
                high = middle - 1
        return low

    def _accepted(self, part: range) -> bool:
        """Ask one batch; those that it accepts are decided."""
        weights, self._weights = self._weights or self._source(), None
        batch = Batch(self._election.group, weights, method=self._method)
        for index in part:
            for add in self._candidates[index].equations:
                add(batch)
        effort = self._effort(part)
        price = self._price(part)
        self._slack -= price
        self.settled.effort += price
        self.settled.equations += effort.commitments
        decision = batch.decide()
        if decision is None:
            self._rejected.append(part)
            return False
        self._slack += effort.plain
        self.settled.batched += len(part)
        for index in part:
            candidate = self._candidates[index]
            self.settled.examinations[candidate.position] = candidate.outcome.finish(decision.element)
        return True

    def _examine(self, part: range) -> None:
        """The plain way."""
        self.settled.effort += self._effort(part).plain
        for index in part:
            candidate = self._candidates[index]
            submitted = candidate.outcome.submitted
            self.settled.examinations[candidate.position] = examine(self._election, submitted)
