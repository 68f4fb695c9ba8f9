"""Making the hint of a ballot again from its proofs: anybody can, with one plain examination."""

from __future__ import annotations

from collections.abc import Sequence

from evote.ballots.election import Election
from evote.ballots.examine import PlainProofs
from evote.ballots.examiner import Examiner, Pair, Part
from evote.ballots.hints import BallotHint
from evote.ballots.values import SubmittedBallot
from evote.groups import Claimed, Scalar
from evote.proofs.relation import Challenge


def compute_hint(election: Election, submitted: SubmittedBallot) -> BallotHint | None:
    """The hint of a ballot; None for one with findings, which no hint would help."""
    proofs = _Listening(election)
    outcome = Examiner(election, submitted, proofs).run()
    if outcome.findings:
        return None
    return BallotHint(submitted.ballot.identifier, b"".join(b"".join(proofs.heard[part]) for part in Part))


class _Listening(PlainProofs):
    """Decides in the plain way, and keeps the commitments that were recomputed on the way."""

    __slots__ = ("heard",)

    def __init__(self, election: Election) -> None:
        super().__init__(election)
        self.heard: dict[Part, list[bytes]] = {part: [] for part in Part}

    def ranged(
        self,
        part: Part,
        alphas: Sequence[Claimed],
        betas: Sequence[Claimed],
        product: tuple[Claimed, Claimed],
        pairs: Sequence[Pair],
        challenge: Challenge,
    ) -> None:
        """See :class:`~evote.ballots.examiner.Proofs`."""
        super().ranged(part, alphas, betas, product, pairs, self._heard(part, challenge))

    def known(self, part: Part, image: Claimed, pair: Pair, challenge: Challenge) -> None:
        """See :class:`~evote.ballots.examiner.Proofs`."""
        super().known(part, image, pair, self._heard(part, challenge))

    def _heard(self, part: Part, challenge: Challenge) -> Challenge:
        def listening(commitments: Sequence[bytes]) -> Scalar:
            self.heard[part].extend(commitments)
            return challenge(commitments)

        return listening
