"""What one decryption session is about, as those who call it announce it to the guardians.

A plan is a proposal: every guardian makes the request again from the record that it verified itself,
and goes on only if that is the request which the plan names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from evote.codec import MAX_CONTESTS, MAX_GUARDIANS, AtMost, Count, Digest, Index
from evote.decryption import DecryptionRequest, Scope, decryption_request, provisional_request
from evote.errors import RefusedError
from evote.guardian.closed import ClosedRecord
from evote.tally import ClosingHead, UnitHead


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """Election, closing head, who takes part, and what is decrypted; ``request`` names all of it.

    While units are open, ``provisional`` is true, ``units`` are those whose cells are decrypted, with the
    heads with which they were closed, and ``head``, that of the ballots so far, binds nobody.
    """

    extended_hash: Digest
    provisional: bool
    units: tuple[UnitHead, ...]
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
        request.provisional,
        request.units,
        request.head,
        request.session,
        request.guardians,
        scope.contests,
        scope.begin,
        scope.end,
        request.digest,
    )


def make_request(
    record: ClosedRecord, guardians: Sequence[int], session: int, scope: Scope | None = None
) -> DecryptionRequest:
    """The request for what a verified record has to decrypt still; ``scope`` is everything unless given.

    Cells that were published are not asked for again. Raises as
    :func:`~evote.decryption.decryption_request` and :func:`~evote.decryption.provisional_request`.
    """
    stands = record.standing
    if not record.closed:
        return provisional_request(record.tally, stands.states, guardians, session, stands.done)
    chosen = Scope.everything(record.tally) if scope is None else scope
    left = replace(chosen, done=stands.done)
    units = stands.states.units()
    return decryption_request(record.tally, record.values, guardians, session, left, units)


def anything_left(record: ClosedRecord) -> bool:
    """Whether a closed record has something that was not published before: a cell, contest data, a nonce."""
    quorum = tuple(range(1, record.election.parameters.quorum + 1))
    return bool(make_request(record, quorum, 1).statements)


def request_of(record: ClosedRecord, plan: SessionPlan) -> DecryptionRequest:
    """The request that a plan announces, made from one's own view of the record.

    Raises :class:`RefusedError` if the plan is about another election or record, or if it does not
    name the request that comes out; and for what :func:`decryption_request` refuses.
    """
    election = record.election
    if plan.extended_hash != election.extended_hash:
        raise RefusedError("the session is about another election than the record")
    if plan.provisional == record.closed:
        raise RefusedError(
            "the session decrypts "
            + ("while units are open, and this record is closed" if record.closed else "a closed record")
        )
    if record.closed and plan.head != record.tally.head:
        raise RefusedError(
            f"the session is about a record of {plan.head.size} ballots with root "
            f"{plan.head.root.hex()[:16]}…; this one has {record.tally.head.size} with root "
            f"{record.tally.head.root.hex()[:16]}…"
        )
    try:
        scope = Scope(plan.contests, plan.begin, plan.end)
        request = make_request(record, plan.guardians, plan.session, scope)
    except ValueError as error:
        raise RefusedError(f"the plan of the session is not one that can be held: {error}") from None
    if request.digest != plan.request:
        raise RefusedError(
            "the session decrypts something else than its plan says; whoever called it has another record"
        )
    return request
