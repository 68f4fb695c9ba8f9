"""The groups in which 2.0 records are made, with what enters their hashes.

The 4096-bit group is that of the specification. P-256 is egk-ec's own variant and in no specification:
version string v2.1.0, curve parameters in H_P, and hashes to scalars by RFC 9380 with the tag of that
document's test vectors. evote reads that form and never writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from evote.groups import Group, Scalar, named
from evote.groups.p256 import scalar_of

_TEST_TAG = b"QUUX-V01-CS02-with-P256_XMD:SHA-256_SSWU_RO_"


@dataclass(frozen=True, slots=True)
class Profile:
    """A group as 2.0 records use it.

    ``numbers`` gives the parameters by each name that a record may use for them, with the check that
    compares them; ``note`` says how the group stands to the specification, empty for its own.
    """

    group: Group
    version: str
    numbers: Mapping[str, tuple[str, int]]
    to_scalar: Callable[[bytes], Scalar]
    note: str = ""

    @property
    def decisive(self) -> str:
        """The parameter that only this group has: the name of its modulus."""
        return next(iter(self.numbers))


def integer_profile(group: Group) -> Profile:
    """The profile of a group of integers modulo p."""
    p, q, g = (int.from_bytes(part, "big") for part in group.published_parameters())
    numbers = {}
    for check, number, names in (
        ("1.B", p, ("largePrime", "large_prime")),
        ("1.C", q, ("smallPrime", "small_prime")),
        ("1.D", (p - 1) // q, ("cofactor",)),
        ("1.E", g, ("generator",)),
    ):
        numbers.update(dict.fromkeys(names, (check, number)))
    return Profile(group, "v2.0.0", numbers, group.scalar_from_digest)


def curve_profile() -> Profile:
    """P-256 as egk-ec uses it."""
    group = named("p256")
    fields = group.parameter_bytes()
    a, b, prime, x, y, cofactor = (
        int.from_bytes(fields[start : start + 32], "big") for start in range(0, len(fields), 32)
    )
    numbers = {
        "primeModulus": ("1.B", prime),
        "order": ("1.C", group.order),
        "a": ("1.D", a),
        "b": ("1.D", b),
        "h": ("1.D", cofactor),
        "g.x": ("1.E", x),
        "g.y": ("1.E", y),
    }
    note = "a variant of egk-ec, in no ElectionGuard specification"
    return Profile(group, "v2.1.0", numbers, lambda digest: group.scalar(scalar_of(digest, _TEST_TAG)), note)


def published_profile(names: Mapping[str, int]) -> Profile:
    """The profile whose parameters have those names."""
    return curve_profile() if "primeModulus" in names else integer_profile(named("electionguard-4096"))
