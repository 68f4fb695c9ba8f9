"""The specification's equations written down once more, slowly: plain integers, ``pow`` and HMAC.

Nothing of the package is used, and no step is saved. Numbers are those of the verifications; ``c``
and ``v`` are lists of plain integers. ``*_hold`` functions answer for the equations alone; whether
values are members (6.A) or in range (6.B, 6.C) is asked separately, so that tests can show which
check it is that stops a forgery.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parameters:
    p: int
    q: int
    g: int

    @property
    def width(self) -> int:
        return (self.p.bit_length() + 7) // 8

    def b(self, x: int) -> bytes:
        """b(x, l_p), equation 124."""
        return x.to_bytes(self.width, "big")

    def is_member(self, x: int) -> bool:
        """x is in Z_p^r (6.A)."""
        return 0 <= x < self.p and pow(x, self.q, self.p) == 1


def commitments_2(params: Parameters, keys: Sequence[int], c: int, v: Sequence[int]) -> list[int]:
    """(2.1) h_j = g^v_j * K_j^c mod p."""
    p, g = params.p, params.g
    return [pow(g, v_j, p) * pow(k_j, c, p) % p for k_j, v_j in zip(keys, v, strict=True)]


def commitments_6(
    params: Parameters, key: int, alpha: int, beta: int, c: Sequence[int], v: Sequence[int]
) -> list[int]:
    """(6.1) a_j = g^v_j * alpha^c_j and (6.2) b_j = K^w_j * beta^c_j, w_j = v_j - j c_j: a_0, b_0, a_1, …"""
    p, q, g = params.p, params.q, params.g
    found = []
    for j, (c_j, v_j) in enumerate(zip(c, v, strict=True)):
        w_j = (v_j - j * c_j) % q
        found.append(pow(g, v_j, p) * pow(alpha, c_j, p) % p)
        found.append(pow(key, w_j, p) * pow(beta, c_j, p) % p)
    return found


def commitments_10(params: Parameters, key: int, a: int, m: int, c: int, v: int) -> list[int]:
    """(10.2) a = g^v * K^c and (10.3) b = A^v * M^c."""
    p = params.p
    return [pow(params.g, v, p) * pow(key, c, p) % p, pow(a, v, p) * pow(m, c, p) % p]


def challenge_6(
    params: Parameters,
    identifier_hash: bytes,
    contest: int,
    option: int | None,
    alpha: int,
    beta: int,
    commitments: Sequence[int],
) -> int:
    """(6.3) c = H_q(H_I; 24, ic, io, alpha, beta, a_0, b_0, …); (7.5) is the same without the option."""
    message = b"\x24" + contest.to_bytes(4, "big")
    if option is not None:
        message += option.to_bytes(4, "big")
    message += params.b(alpha) + params.b(beta) + b"".join(params.b(x) for x in commitments)
    return int.from_bytes(hmac.new(identifier_hash, message, hashlib.sha256).digest(), "big") % params.q


def equations_6_hold(
    params: Parameters,
    identifier_hash: bytes,
    contest: int,
    option: int | None,
    key: int,
    alpha: int,
    beta: int,
    c: Sequence[int],
    v: Sequence[int],
) -> bool:
    """6.D (or 7.D): the challenge that comes out of 6.1 to 6.3 is the sum of the c_j."""
    commitments = commitments_6(params, key, alpha, beta, c, v)
    challenge = challenge_6(params, identifier_hash, contest, option, alpha, beta, commitments)
    return challenge == sum(c) % params.q
