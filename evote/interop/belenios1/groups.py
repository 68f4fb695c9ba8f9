"""The groups that an archive of protocol 1 may name ("Groups").

BELENIOS-2048 was drawn at random and stands here in full; the prime of RFC-3526-2048 follows from its
formula (RFC 3526 section 3), ``p = 2^2048 - 2^1984 - 1 + 2^64 (floor(2^1918 pi) + 124476)`` with g = 2.
Each set is checked when it is first asked for: fingerprints of p, g and q, primality, order of g.
"""

from __future__ import annotations

import threading
from typing import Final, TypeAlias

import gmpy2
from gmpy2 import mpz

from evote.groups import Profile
from evote.hashing import sha256
from evote.interop.belenios1 import ed25519
from evote.interop.belenios1.ed25519 import Ed25519Group
from evote.interop.belenios1.field import FieldGroup

BELENIOS_2048: Final = "BELENIOS-2048"
RFC_3526_2048: Final = "RFC-3526-2048"
NAMES: Final = (BELENIOS_2048, RFC_3526_2048, ed25519.NAME)

TextGroup: TypeAlias = FieldGroup | Ed25519Group
"""A group with the texts of Belenios."""

_BYTES: Final = 256

_P = int(
    "A3EF2D011FEFB1B6E39E568FCCDFFB0FB7DC7EF3A791B6862791811D21FC35F21E6D36856B428030421F514ED40BFD4C06E0"
    "92A495AF8D79A2F85E0FB11C0EDE07DD973F9C53E50930C6E82AC36DE1AE3FB8C3AABFFF12CE27A5022DDD8912D107435012"
    "768A2CDD0A4091D8FA447F6C7EBC15A349FA318A6B4FE17D8D47E843A3E14DFA9B2162F4D7229ABE93A188B46B006517D6F6"
    "747EBBB29C9EC3099B607F18FB1A8BC858279AA8599411D998D3E3FADA9E010840D082D8C31911ACDD4A0E7992D0F18CC759"
    "CB5DE0ACF66A3882555BC810941E021B6A4CCFA04EE4008F878AFFA2375E2999B44F6CEF17D707301E59E0E6351E051ED9CE"
    "C4157646E64F",
    16,
)
_G = int(
    "1307C1AB5F295885D7CAA3A78A42415E31FD1C5807B61FB1E781878A52230A51988B98C259597F9C5A9DFD001D26BA31D9D8"
    "976F01D95A1C8262EE68A0E92CEA541E5219E0D0D094301B894236823FE1D4BC04E29F3748AEFD4F10D5B1A356A8643E673F"
    "D9D215FC8FE5FB9CF9FDB8EA88FDB1A3381A697FDF9C2458570B06D26AEF1BE365FDD90165F397C6B870DF8C1B9E519EDCEE"
    "8BB0F74B7A1615A274BA60A7EA574A61F552D2DDE0CE514E0927C4FF49B1964C4A913731AE4268D60D7F22127B6CBBA44D45"
    "3AC8B72FD04E0991B7AEFF04867D8724AC638F5F34100D2D47AA680D43771902743D663F42D853C041E1C91FE3823F4BCF28"
    "4308F1D7E653",
    16,
)
_Q = int("ADB6066A73522565F4DAA0F2579DB7F2F0FA90C2168BC709E20263387D55C491", 16)

_DIGESTS = {
    (BELENIOS_2048, "p"): "242e22aa62d544196df4a137568e7ea3b934993b0dcfff08b4e516f8f672836c",
    (BELENIOS_2048, "g"): "eea5fbf55fcdec1675350bc3c46b779f9696ef0eee636249cd6e6c431b394ae0",
    (BELENIOS_2048, "q"): "8bc72470a3a2b8e74db30de2fab23b93e5f452c57dc41cd9d873da42e6908c7e",
    (RFC_3526_2048, "p"): "d66436f79bbd6b2e38c0ffbd079be904d2641415e2e67140e09448be9a60890e",
}
"""SHA-256 of p and g (256 bytes each) and of a q of 32 bytes."""

_loaded: dict[str, TextGroup] = {}
_loading = threading.Lock()


def named(name: str) -> TextGroup:
    """The group of that name, checked; raises ``ValueError`` for any other name.

    Every call gives the same object, in every thread: values of two objects would not mix.
    """
    if name not in NAMES:
        raise ValueError(f"no group of Belenios is called {name!r}; known: {', '.join(NAMES)}")
    with _loading:
        if name not in _loaded:
            _loaded[name] = _load(name)
        return _loaded[name]


def _load(name: str) -> TextGroup:
    if name == ed25519.NAME:
        return Ed25519Group()
    if name == RFC_3526_2048:
        with gmpy2.context(precision=2048 + 64):
            digits = mpz(gmpy2.floor(gmpy2.const_pi() * mpz(2) ** 1918))
        p = int(2**2048 - 2**1984 - 1 + 2**64 * (digits + 124476))
        _demand(name, "p", p, _BYTES)
        # Vectors of bytes, with a byte of padding below.
        return FieldGroup(name, Profile.NAMED, p=p, q=(p - 1) // 2, g=2, encoding=(8, 8))
    for label, value, width in (("p", _P, _BYTES), ("g", _G, _BYTES), ("q", _Q, 32)):
        _demand(name, label, value, width)
    return FieldGroup(name, Profile.NAMED, p=_P, q=_Q, g=_G)


def _demand(name: str, label: str, value: int, width: int) -> None:
    if sha256(value.to_bytes(width, "big")).hex() != _DIGESTS[name, label]:
        raise ValueError(f"{label} of {name} does not have its published fingerprint")
