"""From the openings of all guardians to the joint challenge (section 3.6.5; no secret is used).

Guardians and those who combine compute the same: each opening against its commitment (88, 99), then
M, a, b (86, 89) and c (90, 101).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evote.decryption.inbox import Blame, check_length
from evote.decryption.messages import Commitments, Openings, Part
from evote.decryption.request import DecryptionRequest
from evote.decryption.statements import Statement
from evote.errors import DecodeError
from evote.groups import Claimed, Element, Group, MembershipError, Scalar


def check_openings(
    request: DecryptionRequest, commitments: Mapping[int, Commitments], openings: Mapping[int, Openings]
) -> None:
    """Every opening is the one that its sender committed to (equations 88, 99).

    Both maps have one message of each guardian of U. Raises :class:`DecryptionError` that names
    those whose lists have a wrong length or whose openings differ from their commitments.
    """
    blame = Blame()
    for sender in request.guardians:
        hashes, parts = commitments[sender].hashes, openings[sender].parts
        check_length(request, sender, len(hashes), "list of commitments", blame)
        check_length(request, sender, len(parts), "list of openings", blame)
        if sender in blame:
            continue
        for statement, committed, part in zip(request.statements, hashes, parts, strict=True):
            if committed != statement.commitment(sender, part.partial, part.a, part.b, request.guardians):
                blame.add(f"{statement.where}: guardian {sender} opens what it did not commit to", sender)
                break
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
