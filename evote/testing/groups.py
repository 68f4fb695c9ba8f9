"""Toy groups with the shape of the standard set: q = 2^n - d, (p - 1) / 2q prime, g = 2^r mod p.

The specification prints them in its appendix (two printed values are wrong there; these satisfy
the formula). Negative tests use :func:`toy`, whose q has 64 bits, so that nothing holds by accident.
"""

from __future__ import annotations

from evote.groups import Group, Profile
from evote.groups.modp import ModPGroup

# Made when the module is loaded, so that every thread has the same objects.
_TOY = ModPGroup(
    "toy-64-256",
    Profile.TOY,
    p=0xFFFFFFFFFFFFFFFF93C467E37DB1212B89995855493FF059FFFFFFFFFFFFFFFF,
    q=0xFFFFFFFFFFFFFFC5,
    g=0x3B5431669E3E4893DF745C67CDCFD95CCDDA224878A3CD5D3226F75CC5A95638,
)
_TOY48 = ModPGroup(
    "toy-48-192",
    Profile.TOY,
    p=0xFFFFFFFFFFFFFFFF9ECB779649D9A82DFFFFFFFFFFFFFFFF,
    q=0xFFFFFFFFFFC5,
    g=0x0B5DA0900B367E3C92A1101954DB5E3C873E929A0E324F00,
)
_TINY = ModPGroup("toy-7-16", Profile.TOY, p=59183, q=127, g=32616)


def toy() -> Group:
    """q of 64 bits, p of 256: the default of the tests."""
    return _TOY


def toy48() -> Group:
    """q of 48 bits, p of 192."""
    return _TOY48


def tiny() -> Group:
    """q = 127, p = 59183: small enough to enumerate, too small for any security statement."""
    return _TINY
