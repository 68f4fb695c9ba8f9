"""Groups of prime order q: the contract, integers modulo p, and the published parameter sets.

Specification sections 3.1.1 and 5.1.1. A group is a value that callers pass on; there is no global
group. :func:`named` gives the published sets, checked when first loaded; toy groups exist only in
``evote.testing``. Later groups and kernels are held to the same laws (``tests/groups/laws.py``).
"""

from __future__ import annotations

from evote.groups.base import Claimed, Element, FixedBase, Group, MembershipError, Profile, Scalar
from evote.groups.params import NAMES, named, reduced_group, standard_group

__all__ = [
    "NAMES",
    "Claimed",
    "Element",
    "FixedBase",
    "Group",
    "MembershipError",
    "Profile",
    "Scalar",
    "named",
    "reduced_group",
    "standard_group",
]
