"""ElGamal in the exponent, to the base of the public key (specification section 3.3.1).

``(alpha, beta) = (g^nonce, K^(value + nonce))``, equation 31: products of ciphertexts encrypt the
sum of the values, and a decryption gives ``K^sum``. The count behind it is found by a search
that is bounded by the caller: :class:`DiscreteLog` never runs beyond its bound.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from evote.errors import DiscreteLogError
from evote.groups import Element, FixedBase, Group, Scalar

MAX_BOUND = 10**12
"""Largest bound of a search."""

_MAX_TABLE = 100_000
"""Most baby steps that are kept (about 60 MB at 4096 bits); beyond, only the giant steps grow."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key K (or the key for ballot data) with its table of powers."""

    base: FixedBase

    @classmethod
    def of(cls, element: Element, window: int = 8) -> PublicKey:
        """The key with its table; see :meth:`Group.precompute` for the cost of ``window``."""
        return cls(element.group.precompute(element, window))

    @property
    def group(self) -> Group:
        return self.base.group


@dataclass(frozen=True, slots=True)
class Ciphertext:
    """A pair (alpha, beta), both members of the subgroup."""

    alpha: Element
    beta: Element

    def encode(self) -> bytes:
        """alpha then beta, as they enter every hash."""
        return self.alpha.encode() + self.beta.encode()


def encrypt(key: PublicKey, value: int, nonce: Scalar) -> Ciphertext:
    """Enc(value, nonce) by equation 31; requires ``value >= 0``.

    The operations are the same for every value: one power of g and one of K.
    """
    if value < 0:
        raise ValueError("only counts from 0 on are encrypted")
    group = key.group
    return Ciphertext(
        group.power(group.generator, nonce),
        group.power(key.base, group.scalar(value) + nonce),
    )


class DiscreteLog:
    """Counts ``0 <= t <= bound`` from ``K^t``, by baby steps and giant steps (Shanks).

    Build one per key and reuse it: the table has about sqrt(bound) entries, a search costs at most
    as many multiplications (more above 10^10, where the table stops growing).
    Requires ``0 <= bound <= MAX_BOUND``.
    """

    __slots__ = ("_baby", "_base", "_giant", "_size", "bound")

    def __init__(self, base: Element, bound: int) -> None:
        if not 0 <= bound <= MAX_BOUND:
            raise ValueError(f"the bound of a search lies between 0 and {MAX_BOUND}")
        group = base.group
        self.bound = bound
        self._base = base
        self._size = min(math.isqrt(bound) + 1, _MAX_TABLE)
        self._baby: dict[object, int] = {}
        current = group.identity
        for exponent in range(self._size):
            self._baby.setdefault(current.raw, exponent)
            current = group.multiply(current, base)
        self._giant = group.invert(current)

    def find(self, power: Element) -> int:
        """The least t with ``base^t == power``; raises :class:`DiscreteLogError` beyond the bound."""
        group = self._base.group
        if not isinstance(power, Element) or power.group is not group:
            raise TypeError(f"not an element of group {group.name}")
        current = power
        for step in range(self.bound // self._size + 1):
            exponent = self._baby.get(current.raw)
            if exponent is not None:
                found = step * self._size + exponent
                if found > self.bound:
                    break
                return found
            current = group.multiply(current, self._giant)
        raise DiscreteLogError(self.bound)
