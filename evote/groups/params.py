"""The published groups by name; sets of the specification are rebuilt from their formula.

Specification section 3.1.1 (4096-bit standard set) and the reduced 3072-bit set of its appendix,
which evote offers as a named profile: a report on it says "not the standard 2.1 set".

    p = 2^b - 2^(b-256) + 2^256 * (floor(2^(b-512) * ln 2) + delta) + 2^256 - 1,   q = 2^256 - 189,
    r = (p - 1) / q,   g = 2^r mod p

A set is checked once, when it is first asked for: fingerprints of p, g and r, primality of p, q
and (p - 1) / 2q, order of g. That takes about 0.3 s.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import gmpy2
from gmpy2 import mpz

from evote.groups.base import Group, Profile
from evote.groups.modp import ModPGroup
from evote.groups.p256 import NAME as P256
from evote.groups.p256 import P256Group
from evote.hashing import sha256

Q = 2**256 - 189


@dataclass(frozen=True, slots=True)
class _Published:
    bits: int
    delta: int
    profile: Profile
    p_digest: str
    g_digest: str
    r_digest: str


_SETS = {
    "electionguard-4096": _Published(
        bits=4096,
        delta=287975203778583638958138611533602521491887169409704874643524560756486080635197037903,
        profile=Profile.STANDARD,
        p_digest="f76fac50669bdb5b75fe86264378525d336bc1566140a48d76aebf7b0dd19f27",
        g_digest="77fbd493a68fb3e3d24d7c25608a61be021bb6749567b08e664d093bb32ded77",
        r_digest="248e6c6df197a2f7ea7fe2493c4bfd4069fe89b641f5ec1099fda69983435542",
    ),
    "electionguard-3072": _Published(
        bits=3072,
        delta=298707407953437995876300625370749906325322663598036756391867662926569213935809577593,
        profile=Profile.NAMED,
        p_digest="589c49144566a67556ea1378048f372bbd28d5fba6b547ea15cff8ca2b7cf8b5",
        g_digest="5c8def209ce111e566685a15256944dfebd92d1af4229e45e0ded7f1e9786239",
        r_digest="2705c1fdc347fce9a3b76213967bd5b4d30184dd1d54241ea1fa4cc0d9126e0b",
    ),
}

NAMES = (*_SETS, P256)
"""The names that :func:`named` knows; the first is the standard set."""


_loaded: dict[str, Group] = {}
_loading = threading.Lock()


def named(name: str) -> Group:
    """The published group of that name, checked; raises ``ValueError`` for any other name.

    Every call gives the same object, in every thread: values of two objects would not mix.
    """
    if name not in NAMES:
        raise ValueError(f"no published group is called {name!r}; known: {', '.join(NAMES)}")
    with _loading:
        if name not in _loaded:
            _loaded[name] = P256Group() if name == P256 else _load(name, _SETS[name])
        return _loaded[name]


def _load(name: str, published: _Published) -> Group:
    bits = published.bits
    with gmpy2.context(precision=bits + 64):
        logarithm = mpz(gmpy2.floor(gmpy2.const_log2() * mpz(2) ** (bits - 512)))
    p = mpz(2) ** bits - mpz(2) ** (bits - 256) + mpz(2) ** 256 * (logarithm + published.delta) + 2**256 - 1
    r, rest = divmod(p - 1, Q)
    g = gmpy2.powmod(2, r, p)
    for label, value, digest in (
        ("p", p, published.p_digest),
        ("g", g, published.g_digest),
        ("r", r, published.r_digest),
    ):
        size = (value.bit_length() + 7) // 8 if label == "r" else bits // 8
        if rest or sha256(value.to_bytes(size, "big")).hex() != digest:
            raise ValueError(f"{label} of {name} does not have its published fingerprint")
    return ModPGroup(name, published.profile, p=int(p), q=Q, g=int(g))


def standard_group() -> Group:
    """The 4096-bit standard set of section 3.1.1."""
    return named("electionguard-4096")


def reduced_group() -> Group:
    """The 3072-bit set: published, but not the standard 2.1 set."""
    return named("electionguard-3072")
