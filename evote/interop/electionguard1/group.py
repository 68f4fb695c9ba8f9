"""The group of ElectionGuard 1.x: the 4096-bit set of 2.1 with Euler's constant in place of ln 2.

    p = 2^4096 - 2^3840 + 2^256 * (floor(2^3584 * gamma) + delta) + 2^256 - 1,   q = 2^256 - 189,
    r = (p - 1) / q,   g = 2^r mod p

(p - 1) / 2q is prime, which the group's constructor checks, so that subgroups of small order are those of
order 1 and 2 only: the batch bound of ``specs/batch-verification.md`` holds with Jacobi symbols here.
Toy groups of the same shape serve tests, which name them to ``verify.verify_folder``.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import Final

import gmpy2
from gmpy2 import mpz

from evote.groups import Group, Profile
from evote.groups.modp import ModPGroup
from evote.hashing import sha256

NAME: Final = "electionguard-1"
NOTE: Final = "the parameters of ElectionGuard 1.x, not the standard set of 2.1"

_BITS = 4096
_Q = 2**256 - 189
_DELTA = 439294808804231274926900580397189504974648848968881487631310538630010859174858006409
_P_DIGEST = "c83aab8d6b6afd58ba9d0e19a6ad3bee4f5f523cba8f2da2d2e4ac309804bb89"
_G_DIGEST = "6122c52783cf86dd0b26774c8f2a0ec13b3e5873804a4d2c1ab48848f4b1a69c"

Parameters = tuple[int, int, int]
"""p, q and g."""

_loaded: list[Group] = []
_loading = threading.Lock()


def published_group() -> Group:
    """The one object of the published group, checked against its fingerprints when it is first asked for."""
    with _loading:
        if not _loaded:
            _loaded.append(_load())
        return _loaded[0]


@lru_cache(maxsize=8)
def group_of(parameters: Parameters | None) -> Group:
    """The group with those parameters, in every process the same object; None is the published one."""
    if parameters is None:
        return published_group()
    p, q, g = parameters
    return ModPGroup("named by its parameters", Profile.TOY, p=p, q=q, g=g)


def _load() -> Group:
    with gmpy2.context(precision=_BITS + 64):
        middle = mpz(gmpy2.floor(gmpy2.const_euler() * mpz(2) ** (_BITS - 512)))
    p = mpz(2) ** _BITS - mpz(2) ** (_BITS - 256) + mpz(2) ** 256 * (middle + _DELTA) + 2**256 - 1
    g = gmpy2.powmod(2, (p - 1) // _Q, p)
    for label, value, digest in (("p", p, _P_DIGEST), ("g", g, _G_DIGEST)):
        if sha256(value.to_bytes(_BITS // 8, "big")).hex() != digest:
            raise ValueError(f"{label} of {NAME} does not have its published fingerprint")
    return ModPGroup(NAME, Profile.NAMED, p=int(p), q=_Q, g=int(g))
