"""What every ballot and every decryption is checked with, as computed and not as the record states it.

:class:`Setting` is plain data and goes to workers; :class:`Keys` is what a process makes of it, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from evote.elgamal import PublicKey
from evote.errors import DecodeError
from evote.groups import Claimed, Element, Group
from evote.interop.electionguard1.group import Parameters, group_of
from evote.interop.electionguard1.hashes import Hashes
from evote.interop.electionguard1.values import Manifest


@dataclass(frozen=True, slots=True)
class GuardianKeys:
    """Number and encoded K_i,j of a guardian; all are members."""

    number: int
    commitments: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """Parameters of the group (None: the published one), manifest, K, Q-bar, quorum, guardians by name.

    ``available`` are the guardians that coefficients are published for: those that were there.
    """

    parameters: Parameters | None
    manifest: Manifest
    key: bytes
    extended: str
    quorum: int
    guardians: Mapping[str, GuardianKeys]
    available: frozenset[str]


@dataclass(frozen=True, slots=True)
class Keys:
    """A :class:`Setting` with its values as elements."""

    setting: Setting
    group: Group
    hashes: Hashes
    public: PublicKey

    @property
    def manifest(self) -> Manifest:
        return self.setting.manifest

    @property
    def extended(self) -> str:
        return self.setting.extended

    def guardian(self, name: str) -> Element:
        """K_i."""
        return _element(self.group, self.setting.guardians[name].commitments[0])

    def recovery(self, missing: str, present: str) -> Element:
        """The key of ``present``'s part of ``missing``'s secret: the product of K_i,j^(l^j)."""
        guardians = self.setting.guardians
        return _recovery(self.group, guardians[missing].commitments, guardians[present].number)

    def coefficient(self, present: str) -> int:
        """w_l, the Lagrange coefficient of one of the guardians that were there."""
        numbers = [self.setting.guardians[name].number for name in self.setting.available]
        return lagrange(self.group.order, self.setting.guardians[present].number, numbers)


def keys_of(setting: Setting) -> Keys:
    """The keys; tables are kept for the next call in the same process."""
    group, public = _public(setting.parameters, setting.key)
    return Keys(setting, group, Hashes(group.order), public)


def lagrange(order: int, number: int, numbers: list[int]) -> int:
    """The product of j / (j - l) over the other numbers j, modulo q; ValueError if two are equal modulo q."""
    above = below = 1
    for other in numbers:
        if other != number:
            above = above * other % order
            below = below * (other - number) % order
    return above * pow(below, -1, order) % order


def claimed(group: Group, text: str) -> Claimed:
    """The value of a number's text; raises :class:`DecodeError` outside 1 to p - 1."""
    data = bytes.fromhex(text)
    if len(data) > group.element_bytes:
        raise DecodeError("an element lies between 1 and p - 1")
    return group.claim(data.rjust(group.element_bytes, b"\x00"))


@lru_cache(maxsize=2)
def _public(parameters: Parameters | None, key: bytes) -> tuple[Group, PublicKey]:
    group = group_of(parameters)
    return group, PublicKey.of(group.decode(key))


@lru_cache(maxsize=4096)
def _element(group: Group, data: bytes) -> Element:
    return group.decode(data)


@lru_cache(maxsize=4096)
def _recovery(group: Group, commitments: tuple[bytes, ...], number: int) -> Element:
    power, product = 1, group.identity
    for data in commitments:
        factor = group.power(_element(group, data), group.scalar(power))
        product = group.multiply(product, factor)
        power = power * number % group.order
    return product
