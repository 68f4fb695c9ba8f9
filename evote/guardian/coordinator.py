"""What the office does with the messages of guardians; no secret is used (sections 3.2.2, 3.6.4).

Of key generation it publishes the record that all messages make. Of decryption, it calls a session by
naming who takes part; at the end either the plaintexts come out or the culprits by name, and the
others go on in a new session.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from evote.ceremony import Complaint as CeremonyComplaint
from evote.ceremony import (
    Confirmation,
    GuardianRecords,
    Round0Message,
    Round1Message,
    Setting,
    assemble_records,
    heed,
)
from evote.decryption import (
    Commitments,
    Complaint,
    Decryption,
    DecryptionRequest,
    Openings,
    Responses,
    Scope,
    combine,
    examine_stopped,
)
from evote.errors import DecryptionError, RefusedError
from evote.guardian import exchange as names
from evote.guardian.closed import ClosedRecord
from evote.guardian.exchange import Exchange, from_guardian
from evote.guardian.plan import SessionPlan, make_request, plan_of, request_of

R = TypeVar("R", Round0Message, Round1Message, Confirmation)
S = TypeVar("S", Commitments, Openings, Responses, Complaint)


def publish_guardians(setting: Setting, exchange: Exchange) -> GuardianRecords:
    """Put the guardian record together from all messages, and put it where guardians compare it.

    Raises :class:`~evote.errors.CeremonyError` if somebody complained or a message is missing;
    :class:`~evote.errors.DecodeError` for bytes that are no message.
    """
    members = setting.indices
    complaints = [index for index in members if exchange.has(from_guardian(names.COMPLAINTS, index))]
    heed(setting, exchange.from_each(CeremonyComplaint, names.COMPLAINTS, complaints))

    def present(kind: type[R], folder: str) -> list[R]:
        found = [index for index in members if exchange.has(from_guardian(folder, index))]
        return exchange.from_each(kind, folder, found)

    records = assemble_records(
        setting,
        present(Round0Message, names.ROUND0),
        present(Round1Message, names.ROUND1),
        present(Confirmation, names.CONFIRMATIONS),
    )
    exchange.send(names.GUARDIANS, records)
    return records


def call_session(
    record: ClosedRecord, exchange: Exchange, guardians: Sequence[int], scope: Scope | None = None
) -> SessionPlan:
    """Announce a session of ``guardians`` (increasing, at least k) under the next free number.

    ``scope`` is everything unless given. Raises as :func:`~evote.guardian.plan.make_request`.
    """
    plan, _ = announce(record, exchange, guardians, scope)
    return plan


def announce(
    record: ClosedRecord, exchange: Exchange, guardians: Sequence[int], scope: Scope | None = None
) -> tuple[SessionPlan, DecryptionRequest]:
    """:func:`call_session` with the request, for the log of requests."""
    number = max(exchange.sessions(), default=0) + 1
    request = make_request(record, guardians, number, scope)
    plan = plan_of(request)
    exchange.session(number).send(names.PLAN, plan)
    return plan, request


def read_plan(exchange: Exchange, number: int) -> SessionPlan:
    """The plan of a session; raises :class:`RefusedError` if its folder has another number than it."""
    plan = exchange.session(number).get(SessionPlan, names.PLAN)
    if plan.session != number:
        raise RefusedError(f"the plan in {names.session_name(number)} is for session {plan.session}")
    return plan


def awaited(exchange: Exchange, plan: SessionPlan) -> str:
    """What the session still waits for, in words; empty if all answers are there."""
    session = exchange.session(plan.session)
    for folder in (names.COMMITMENTS, names.OPENINGS, names.RESPONSES):
        missing = session.missing(folder, plan.guardians)
        if missing:
            return f"the {folder} of guardian{'s' * (len(missing) > 1)} {', '.join(map(str, missing))}"
    return ""


def finish_session(record: ClosedRecord, exchange: Exchange, number: int) -> Decryption:
    """Combine the messages of a session.

    Raises :class:`DecryptionError` that names exactly those who spoilt it: whose message is wrong or
    missing, or who stopped the session with a complaint that no message bears out;
    :class:`~evote.errors.DecodeError` that names the file for bytes that are no message;
    :class:`RefusedError` as :func:`request_of`.
    """
    plan = read_plan(exchange, number)
    request = request_of(record, plan)
    session = exchange.session(number)
    commitments = _present(session, Commitments, names.COMMITMENTS, plan)
    openings = _present(session, Openings, names.OPENINGS, plan)
    responses = _present(session, Responses, names.RESPONSES, plan)
    complaints = [
        complaint
        for complaint in _present(session, Complaint, names.COMPLAINTS, plan)
        if complaint.request == request.digest
    ]
    if complaints:
        examine_stopped(request, commitments, openings)
        reasons = "; ".join(f"guardian {each.sender} complains: {each.reason}" for each in complaints)
        raise DecryptionError(
            f"{reasons}; nothing in the messages bears that out",
            tuple(complaint.sender for complaint in complaints),
        )
    return combine(request, record.shares, commitments, openings, responses)


def _present(session: Exchange, kind: type[S], folder: str, plan: SessionPlan) -> list[S]:
    """The messages of one kind that are there."""
    found = [index for index in plan.guardians if session.has(from_guardian(folder, index))]
    return session.from_each(kind, folder, found)


def others(record: ClosedRecord, guardians: Sequence[int], culprits: Sequence[int]) -> tuple[int, ...]:
    """Those of a session who can go on without the culprits.

    Raises :class:`RefusedError` if fewer than k remain.
    """
    remaining = tuple(guardian for guardian in guardians if guardian not in culprits)
    quorum = record.election.parameters.quorum
    if len(remaining) < quorum:
        raise RefusedError(
            f"{len(remaining)} guardians remain and {quorum} are needed; find others, or nothing is decrypted"
        )
    return remaining
