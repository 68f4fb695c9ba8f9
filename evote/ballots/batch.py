"""Examining many ballots at once, with the same findings and counts as one by one.

:func:`examine_chunk` looks at every ballot as :func:`~evote.ballots.examine` does, the equations of its
proofs apart. Where a ballot has a hint (:mod:`evote.ballots.hints`), its commitments are hashed with the
ballot's own challenge functions; if that gives the challenges of the proofs, and nothing else is found, the
equations of the ballot go into one :class:`~evote.proofs.batch.Batch` with those of the others.

Rules:

* A batch that accepts is final. Then the hints are the recomputed commitments, so that the plain
  way accepts too.
* Every other ballot is examined in the plain way, which alone speaks: one without hint, with a wrong
  one, with a finding of any kind, and those that a rejected batch leaves. A hint that was wrong on a
  ballot that then passes is a warning, never a finding.
* A batch that rejects is taken apart (:mod:`evote.ballots.bisection`). If nothing is found on any of its
  ballots, that is an internal error (``RuntimeError``), never a pass.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from evote.ballots.bisection import Candidate, Settled, settle
from evote.ballots.effort import effort_of
from evote.ballots.election import Election
from evote.ballots.examine import examine
from evote.ballots.examiner import Examiner, Pair, Part, name_of
from evote.ballots.hints import BallotHint, counts_of
from evote.ballots.values import SubmittedBallot
from evote.ballots.verified import Examination
from evote.errors import DecodeError
from evote.groups import Claimed
from evote.proofs.batch import Batch, FreshWeights, Method, Weights
from evote.proofs.relation import Challenge

MAX_WARNINGS: Final = 20
"""Most warnings of one chunk; one more says how many there were beyond."""


@dataclass(frozen=True, slots=True)
class ChunkExamination:
    """What was found on the ballots of a chunk, and how it was found.

    ``examinations`` has one per ballot, in order. ``batched`` ballots were accepted in a batch, ``plain``
    ones examined one by one. ``warnings`` name ballots whose hint was wrong; ``wrong_hints`` counts them.
    """

    examinations: tuple[Examination, ...]
    batched: int
    plain: int
    warnings: tuple[str, ...] = ()
    wrong_hints: int = 0
    equations: int = 0
    """Equations that batches decided, each as often as it was in one."""
    effort: int = 0
    """Nominal multiplications of the proofs (:mod:`evote.ballots.effort`), plain ones included."""


def examine_chunk(
    election: Election,
    ballots: Sequence[SubmittedBallot],
    hints: Sequence[BallotHint | None],
    *,
    weights: Callable[[], Weights] = FreshWeights,
    method: Method = "auto",
) -> ChunkExamination:
    """Examine ballots, those with right hints together.

    ``hints[i]`` belongs to ``ballots[i]``; ``weights`` is called once per batch, when everything that it
    decides is fixed; ``method`` is that of :class:`~evote.proofs.batch.Batch`. Raises ``ValueError`` for
    unequal lengths.
    """
    if len(ballots) != len(hints):
        raise ValueError("there is one hint, or None, per ballot")
    candidates: list[Candidate] = []
    wrong: list[int] = []
    for position, (submitted, hint) in enumerate(zip(ballots, hints, strict=True)):
        if hint is None:
            continue
        try:
            candidate = _candidate(election, position, submitted, hint)
        except _WrongHint:
            wrong.append(position)
            continue
        if candidate is not None:
            candidates.append(candidate)
    settled = settle(election, candidates, weights, method)
    examinations = tuple(
        settled.examinations.get(position) or examine(election, submitted)
        for position, submitted in enumerate(ballots)
    )
    false = [position for position in wrong if not examinations[position].findings]
    return _result(ballots, examinations, settled, false)


def serves(election: Election, submitted: SubmittedBallot, hint: BallotHint) -> bool:
    """Whether a ballot can be batched with this hint, if its equations hold, which are not looked at."""
    try:
        return _candidate(election, 0, submitted, hint) is not None
    except _WrongHint:
        return False


def _result(
    ballots: Sequence[SubmittedBallot],
    examinations: tuple[Examination, ...],
    settled: Settled,
    false: Sequence[int],
) -> ChunkExamination:
    warnings = [
        f"{name_of(ballots[position])}: the hint is not that of its proofs; it was checked without"
        for position in false[:MAX_WARNINGS]
    ]
    if len(false) > MAX_WARNINGS:
        warnings.append(
            f"{len(false) - MAX_WARNINGS} more ballots have a hint that is not that of their proofs"
        )
    alone = (
        effort_of(submitted).plain
        for position, submitted in enumerate(ballots)
        if position not in settled.examinations
    )
    return ChunkExamination(
        examinations,
        settled.batched,
        len(ballots) - settled.batched,
        tuple(warnings),
        len(false),
        settled.equations,
        settled.effort + sum(alone),
    )


def _candidate(
    election: Election, position: int, submitted: SubmittedBallot, hint: BallotHint
) -> Candidate | None:
    """A ballot that only its equations can speak against; None for one with findings.

    Raises :class:`_WrongHint`.
    """
    proofs = _Hinted(election, submitted, hint)
    outcome = Examiner(election, submitted, proofs).run()
    if outcome.findings:
        return None
    return Candidate(position, outcome, effort_of(submitted), tuple(proofs.equations))


class _WrongHint(Exception):
    """The hint is not that of the ballot's proofs, or not of a form with which they can be batched."""


class _Hinted:
    """Compares challenges with the commitments of a hint, and keeps the equations for later."""

    __slots__ = ("_at", "_generator", "_group", "_key", "_order", "_values", "_width", "equations")

    def __init__(self, election: Election, submitted: SubmittedBallot, hint: BallotHint) -> None:
        group = election.group
        self._group = group
        self._order = group.order
        self._key = election.vote_key
        self._generator = group.generator
        self._width = group.element_bytes
        self._values = hint.values
        self.equations: list[Callable[[Batch], None]] = []
        counts = counts_of(submitted)
        if hint.identifier != submitted.ballot.identifier or len(hint.values) != counts.total * self._width:
            raise _WrongHint
        limits = counts.selections * self._width
        data = limits + counts.limits * self._width
        self._at = {
            Part.SELECTION: 0,
            Part.LIMIT: limits,
            Part.DATA: data,
            Part.NONCE: data + counts.data * self._width,
        }

    def ranged(
        self,
        part: Part,
        alphas: Sequence[Claimed],
        betas: Sequence[Claimed],
        product: tuple[Claimed, Claimed],
        pairs: Sequence[Pair],
        challenge: Challenge,
    ) -> None:
        """See :class:`~evote.ballots.examiner.Proofs`; decided later."""
        if not alphas:
            raise _WrongHint
        total = sum([pair[0] for pair in pairs]) % self._order
        commitments = self._take(part, 2 * len(pairs), total, challenge)
        key = self._key
        self.equations.append(lambda batch: batch.add_range(key, alphas, betas, pairs, commitments))

    def known(self, part: Part, image: Claimed, pair: Pair, challenge: Challenge) -> None:
        """See :class:`~evote.ballots.examiner.Proofs`; decided later."""
        (commitment,) = self._take(part, 1, pair[0], challenge)
        generator = self._generator
        self.equations.append(lambda batch: batch.add_schnorr(generator, image, pair, commitment))

    def product(self, values: Sequence[Claimed]) -> Claimed:
        """See :class:`~evote.ballots.examiner.Proofs`."""
        return self._group.product_of_claimed(values) if values else self._group.identity

    def _take(self, part: Part, count: int, stated: int, challenge: Challenge) -> list[Claimed]:
        """The next commitments of a part, if they hash to the challenge of the proof."""
        width, begin = self._width, self._at[part]
        end = self._at[part] = begin + count * width
        joined = self._values[begin:end]
        if challenge((joined,)).value != stated:
            raise _WrongHint
        claim = self._group.claim
        try:
            return [claim(joined[at : at + width]) for at in range(0, len(joined), width)]
        except DecodeError:
            raise _WrongHint from None
