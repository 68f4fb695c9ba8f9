"""The one verifier: recompute the commitments, recompute the challenge, compare.

A claimed value is shown to be a member in the same pass, so no caller can forget it; the members
found are returned as elements. What it raises: :class:`~evote.groups.MembershipError` for a
non-member, :class:`~evote.errors.VerificationError` for a proof of another shape than its statement
and, with both challenges, where they differ.
"""

from __future__ import annotations

from evote.errors import VerificationError
from evote.groups import Claimed, Element, Group, Scalar
from evote.proofs.relation import (
    Challenge,
    Disjunction,
    DisjunctionProof,
    LinearRelation,
    RelationProof,
    recompute,
)

Members = dict[Claimed, Element]
"""The claimed values of a statement, each with the element that it was shown to be."""


def verify(group: Group, relation: LinearRelation, proof: RelationProof, challenge: Challenge) -> Members:
    """Check a proof of one relation; returns the members that it showed."""
    members: Members = {}
    commitments = recompute(group, (relation,), (proof,), members)
    _compare(challenge([element.encode() for element in commitments]), proof.challenge)
    return members


def verify_disjunction(
    group: Group, statement: Disjunction, proof: DisjunctionProof, challenge: Challenge
) -> Members:
    """Check a proof of a disjunction; returns the members that it showed."""
    members: Members = {}
    commitments = recompute(group, statement.branches, proof.branches, members)
    total = group.scalar(0)
    for branch in proof.branches:
        total = total + branch.challenge
    _compare(challenge([element.encode() for element in commitments]), total)
    return members


def _compare(computed: Scalar, stated: Scalar) -> None:
    # As numbers: foreign groups have orders that do not fit the 32 bytes of an encoded scalar.
    if computed != stated:
        raise VerificationError(
            "the proof does not answer its challenge",
            expected=f"{computed.value:064X}",
            computed=f"{stated.value:064X}",
        )
