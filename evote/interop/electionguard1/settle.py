"""Decides statements whose commitments are published: many at once, or one by one, with the same verdict.

A batch (:mod:`evote.proofs.batch`) that accepts decides all its statements, and the membership of every
value in them. One that rejects is halved, down to single ballots, which are decided plainly: commitments are
computed again from challenge and response, and compared. Which findings there are does not depend on the
way, except with the probability that the batch states (2^-128 for the published group).

The cofactor of the 1.x prime is twice a prime, so that Jacobi symbols do; the group's own
``admission_error`` says so to the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from evote.elgamal import PublicKey
from evote.errors import VerificationError
from evote.groups import Claimed, Element, Group, MembershipError
from evote.interop.electionguard1.statements import Claim, total
from evote.proofs.batch import Batch, FreshWeights, Weights
from evote.proofs.relation import Disjunction, DisjunctionProof, LinearRelation, RelationProof, recompute
from evote.report import ReportBuilder

WeightSource = Callable[[], Weights]
"""Called once per batch."""


class Settling:
    """Decides statements under one key; ``weights`` None stands for no batches at all."""

    def __init__(
        self,
        key: PublicKey,
        report: ReportBuilder,
        weights: WeightSource | None = FreshWeights,
    ) -> None:
        self._key = key
        self._group: Group = key.group
        self._report = report
        self._weights = weights
        self.batched = 0
        """Groups of statements that a batch decided."""

    def decide(self, groups: Sequence[Sequence[Claim]]) -> None:
        """Every statement of every group (a ballot, an option): findings go into the report."""
        for group in groups:
            for claim in group:
                self._report.count(claim.equation)
                self._report.count(claim.member, len(claim.commitments))
        together: list[Sequence[Claim]] = []
        for group in groups:
            if self._weights is not None and all(claim.batchable for claim in group):
                together.append(group)
            else:
                self._plain(group)
        self._halve([group for group in together if group])

    # --- many at once ----------------------------------------------------------------------------

    def _halve(self, groups: Sequence[Sequence[Claim]]) -> bool:
        """Whether something is wrong with the groups; it is then in the report."""
        claims = [claim for group in groups for claim in group]
        if len(claims) < 2:
            return self._plain(claims)
        if self._accepted(claims):
            self.batched += len(groups)
            return False
        if len(groups) == 1:
            found = self._plain(claims)
        else:
            middle = len(groups) // 2
            found = any([self._halve(groups[:middle]), self._halve(groups[middle:])])
        if not found:
            raise RuntimeError("a batch was rejected, and nothing is wrong with any of its parts")
        return found

    def _accepted(self, claims: Sequence[Claim]) -> bool:
        if self._weights is None:
            raise ValueError("there are no batches")
        batch = Batch(self._group, self._weights())
        for claim in claims:
            batch.add(claim.statement, claim.proof, claim.commitments)
        return batch.decide() is not None

    # --- one by one ------------------------------------------------------------------------------

    def _plain(self, claims: Sequence[Claim]) -> bool:
        members: dict[Claimed, Element] = {}
        wrong = sum(not self._holds(claim, members) for claim in claims)
        return wrong > 0

    def _holds(self, claim: Claim, members: dict[Claimed, Element]) -> bool:
        statement = claim.statement
        if claim.total is not None:
            together = self._total(claim, members)
            if together is None:
                self._report.skip(claim.equation, f"{claim.where}: a selection is not in the subgroup")
                return False
            statement = together
        try:
            found = recompute(self._group, *_branches(statement, claim.proof), members)
        except MembershipError as error:
            self._report.fail(claim.member, claim.where, error.message)
            self._report.skip(claim.equation, f"{claim.where}: a value is not in the subgroup")
            return False
        except VerificationError as error:
            self._report.fail(claim.equation, claim.where, error.message)
            return False
        if any(one != other for one, other in zip(found, claim.commitments, strict=True)):
            self._report.fail(
                claim.equation, claim.where, "the proof does not answer its challenge with its commitments"
            )
            return False
        return True

    def _total(self, claim: Claim, members: dict[Claimed, Element]) -> LinearRelation | None:
        """The statement on a contest over the product of its selections, if all are members."""
        if claim.total is None:
            raise ValueError("the claim is not on a contest")
        alphas = [members.get(value) for value in claim.total.alphas]
        betas = [members.get(value) for value in claim.total.betas]
        if None in alphas or None in betas:
            return None
        product = self._group.product
        return total(
            self._key,
            (product(value for value in alphas if value is not None),),
            (product(value for value in betas if value is not None),),
            claim.total.limit,
        )


def _branches(
    statement: LinearRelation | Disjunction, proof: RelationProof | DisjunctionProof
) -> tuple[Sequence[LinearRelation], Sequence[RelationProof]]:
    relations = statement.branches if isinstance(statement, Disjunction) else (statement,)
    proofs = proof.branches if isinstance(proof, DisjunctionProof) else (proof,)
    return relations, proofs
