"""A decryption session with the oracle: what every guardian sends, and what comes out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from tests.vectors.oracle import Numbers, lagrange, scalar
from tests.vectors.setting import World

Commit = Callable[[int, bytes, bytes, bytes], bytes]
"""d_i from i, a_i, b_i and M_i."""
Challenge = Callable[[bytes, bytes, bytes], int]
"""c from a, b and M."""


@dataclass(frozen=True)
class Joint:
    """The outcome for one value."""

    combined: int
    challenge: int
    response: int
    sent: list[dict[str, Any]]
    """What each guardian sent, and the joint values, as a case states them."""


def decrypt(
    n: Numbers,
    U: Sequence[int],
    shares: dict[int, int],
    base: int,
    us: dict[int, int],
    commit: Commit,
    challenge: Challenge,
) -> Joint:
    """(84) to (93), or (96) to (103), for one value."""
    partials = {i: n.power(base, shares[i]) for i in U}
    a_i = {i: n.power(n.g, us[i]) for i in U}
    b_i = {i: n.power(base, us[i]) for i in U}
    weights = {i: lagrange(n, i, U) for i in U}
    combined = prod(n.power(partials[i], weights[i]) for i in U) % n.p
    a, b = prod(a_i.values()) % n.p, prod(b_i.values()) % n.p
    c = challenge(n.element(a), n.element(b), n.element(combined))
    responses = {i: (us[i] - c * weights[i] * shares[i]) % n.q for i in U}
    sent = [
        {
            "guardian": i,
            "weight": scalar(weights[i]),
            "partial": n.element(partials[i]),
            "a": n.element(a_i[i]),
            "b": n.element(b_i[i]),
            "commitment": commit(i, n.element(a_i[i]), n.element(b_i[i]), n.element(partials[i])),
            "response": scalar(responses[i]),
        }
        for i in U
    ]
    return Joint(combined, c, sum(responses.values()) % n.q, sent)


def guardians_of(w: World) -> list[dict[str, list[bytes]]]:
    """The commitments of all guardians, from which everybody's share can be checked."""
    n = w.numbers
    return [
        {
            "vote_commitments": n.elements(*(n.power(n.g, secret) for secret in vote)),
            "data_commitments": n.elements(*(n.power(n.g, secret) for secret in data)),
        }
        for vote, data in zip(w.vote, w.data, strict=True)
    ]
