"""Election parameters and the first two base hashes (specification 3.1.3, 3.1.4, 5.5.1).

H_P binds group, number of guardians and quorum; H_B binds the manifest file, byte for byte.
"""

from __future__ import annotations

from dataclasses import dataclass

from evote.codec import MAX_GUARDIANS
from evote.groups import Group
from evote.hashing import DIGEST_BYTES, hmac, prefixed, u32

VERSION = Group.version
"""The protocol version that keys H_P in the groups of the specification."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """A group, n guardians and the quorum k of them that decrypts. Requires ``1 <= k <= n <= 1000``."""

    group: Group
    guardians: int
    """n"""
    quorum: int
    """k"""

    def __post_init__(self) -> None:
        for name, number in (("guardians", self.guardians), ("quorum", self.quorum)):
            if type(number) is not int:
                raise TypeError(f"{name} is an integer, not {type(number).__name__}")
        if not 1 <= self.guardians <= MAX_GUARDIANS:
            raise ValueError(f"an election has 1 to {MAX_GUARDIANS} guardians, not {self.guardians}")
        if not 1 <= self.quorum <= self.guardians:
            raise ValueError(
                f"the quorum lies between 1 and the {self.guardians} guardians; {self.quorum} does not"
            )

    def warnings(self) -> tuple[str, ...]:
        """What the people who set the election up ought to know about n and k, in sentences."""
        n, k = self.guardians, self.quorum
        found = []
        if 2 * k <= n:
            found.append(
                f"With a quorum of {k} of {n} guardians (2k <= n), two separate groups of guardians can each "
                "decrypt on their own, so half of the guardians or fewer can open any ballot, and no group "
                "sees what another has decrypted."
            )
        if k == n:
            who = "the only guardian" if n == 1 else f"any one of the {n} guardians"
            found.append(
                f"With a quorum of {k} of {n} (k = n), the loss or refusal of {who} means that nothing can "
                "ever be decrypted."
            )
        return tuple(found)


def parameter_base_hash(parameters: Parameters) -> bytes:
    """H_P = H(ver; 00, p, q, g, n, k), 32 bytes (equation 4)."""
    key = parameters.group.version.encode("ascii").ljust(DIGEST_BYTES, b"\x00")
    return hmac(
        key,
        0x00,
        parameters.group.parameter_bytes(),
        u32(parameters.guardians),
        u32(parameters.quorum),
    )


def base_hash(parameter_hash: bytes, manifest_raw: bytes) -> bytes:
    """H_B = H(H_P; 01, manifest), 32 bytes: the file as it is, behind its length (equation 5)."""
    return hmac(parameter_hash, 0x01, prefixed(manifest_raw))
