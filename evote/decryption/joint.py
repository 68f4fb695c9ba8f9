"""From the openings of all guardians to the joint challenge (section 3.6.5; no secret is used).

Guardians and those who combine compute the same: each opening against its commitment (88, 99), then
M, a, b (86, 89) and c (90, 101).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evote.decryption.inbox import Blame, by_sender, check_length
from evote.decryption.messages import Commitments, Openings, Part
from evote.decryption.request import DecryptionRequest
from evote.decryption.statements import Statement
from evote.errors import DecodeError
from evote.groups import Claimed, Element, Group, MembershipError, Scalar


def check_openings(
    request: DecryptionRequest,
    commitments: Mapping[int, Commitments],
    openings: Mapping[int, Openings],
    blame: Blame,
) -> None:
    """Every opening is the one that its sender committed to (equations 88, 99).

    Adds to ``blame`` whose lists have a wrong length, who opens without having committed, and whose
    openings differ from the commitments.
    """
    for sender, message in commitments.items():
        check_length(request, sender, len(message.hashes), "list of commitments", blame)
    for sender, opened in openings.items():
        check_length(request, sender, len(opened.parts), "list of openings", blame)
        if sender not in commitments:
            blame.add(f"guardian {sender} opens without having committed", sender)
        if sender in blame:
            continue
        hashes = commitments[sender].hashes
        for statement, committed, part in zip(request.statements, hashes, opened.parts, strict=True):
            if committed != statement.commitment(sender, part.partial, part.a, part.b, request.guardians):
                blame.add(f"{statement.where}: guardian {sender} opens what it did not commit to", sender)
                break


def examine_stopped(
    request: DecryptionRequest, commitments: Iterable[Commitments], openings: Iterable[Openings]
) -> None:
    """Who spoilt a session that guardians left with a complaint, as far as its messages show.

    Messages that are missing are nobody's fault here: whoever complains stops. Raises
    :class:`DecryptionError` that names those whose messages are wrong, and returns if none is.
    """
    blame = Blame()
    group = request.election.group
    committed = by_sender(request, None, commitments, None, "list of commitments", blame)
    opened = by_sender(request, None, openings, None, "list of openings", blame)
    check_openings(request, committed, opened, blame)
    for sender, message in opened.items():
        for statement, part in zip(request.statements, message.parts, strict=False):
            if sender in blame:
                break
            try:
                group.decode(part.partial)
                group.claim(part.a)
                group.claim(part.b)
            except (DecodeError, MembershipError) as error:
                blame.add(f"{statement.where}: wrong value from guardian {sender}: {error.message}", sender)
    blame.settle()


@dataclass(frozen=True, slots=True)
class JointChallenge:
    """M and c of one statement."""

    combined: Element
    """M = A^s (equation 86), or beta = C0^ŝ (97)."""
    challenge: Scalar
    partials: Mapping[int, Element]
    """M_i by guardian."""


def joint_challenge(
    group: Group,
    statement: Statement,
    weights: Mapping[int, Scalar],
    parts: Mapping[int, Part],
    blame: Blame,
) -> JointChallenge | None:
    """M, a, b and the challenge over them; None, with the culprits in ``blame``, if a part is no part.

    ``weights`` are the Lagrange coefficients. Every M_i is shown to be in the subgroup here. For
    a_i and b_i the range is enough: they are compared with members when responses are checked.
    """
    partials: dict[int, Element] = {}
    factors: list[Element] = []
    first: list[Claimed] = []
    second: list[Claimed] = []
    for guardian, weight in weights.items():
        part = parts[guardian]
        try:
            (factor,), partials[guardian] = group.powers_of_claimed(group.claim(part.partial), (weight,))
            first.append(group.claim(part.a))
            second.append(group.claim(part.b))
        except (DecodeError, MembershipError) as error:
            blame.add(f"{statement.where}: wrong value from guardian {guardian}: {error.message}", guardian)
        else:
            factors.append(factor)
    if len(factors) < len(weights):
        return None
    combined = group.product(factors)
    challenge = statement.challenge(
        group,
        combined.encode(),
        group.product_of_claimed(first).encode(),
        group.product_of_claimed(second).encode(),
    )
    return JointChallenge(combined, challenge, partials)
