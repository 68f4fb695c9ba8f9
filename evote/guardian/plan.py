"""What one decryption session is about, as those who call it announce it to the guardians.

A plan is a proposal: every guardian makes the request again from the record that it verified itself,
and goes on only if that is the request which the plan names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from evote.codec import MAX_CONTESTS, MAX_GUARDIANS, AtMost, Count, Digest, Index
from evote.decryption import DecryptionRequest, Scope, decryption_request
from evote.errors import RefusedError
from evote.guardian.closed import ClosedRecord
from evote.tally import ClosingHead


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """Election, closing head, who takes part, and what is decrypted; ``request`` names all of it."""

    extended_hash: Digest
    head: ClosingHead
    session: Index
    guardians: Annotated[tuple[Index, ...], AtMost(MAX_GUARDIANS)]
    contests: Annotated[tuple[Index, ...], AtMost(MAX_CONTESTS)]
    begin: Count
    end: Count
    request: Digest


def plan_of(request: DecryptionRequest) -> SessionPlan:
    """The plan that announces a request."""
    scope = request.scope
    return SessionPlan(
        request.election.extended_hash,
        request.head,
        request.session,
        request.guardians,
        scope.contests,
        scope.begin,
        scope.end,
        request.digest,
    )


def request_of(record: ClosedRecord, plan: SessionPlan) -> DecryptionRequest:
    """The request that a plan announces, made from one's own view of the record.

    Raises :class:`RefusedError` if the plan is about another election or record, or if it does not
    name the request that comes out; and for what :func:`decryption_request` refuses.
    """
    election = record.election
    if plan.extended_hash != election.extended_hash:
        raise RefusedError("the session is about another election than the record")
    if plan.head != record.tally.head:
        raise RefusedError(
            f"the session is about a record of {plan.head.size} ballots with root "
            f"{plan.head.root.hex()[:16]}…; this one has {record.tally.head.size} with root "
            f"{record.tally.head.root.hex()[:16]}…"
        )
    try:
        scope = Scope(plan.contests, plan.begin, plan.end)
        request = decryption_request(record.tally, record.values, plan.guardians, plan.session, scope)
    except ValueError as error:
        raise RefusedError(f"the plan of the session is not one that can be held: {error}") from None
    if request.digest != plan.request:
        raise RefusedError(
            "the session decrypts something else than its plan says; whoever called it has another record"
        )
    return request
