"""The groups of Belenios in finite fields: BELENIOS-2048 and RFC-3526-2048 ("Groups").

Both are subgroups of prime order q of the integers modulo a prime p of 2048 bits, but not of the shape
that :class:`~evote.groups.modp.ModPGroup` demands:

* BELENIOS-2048 has a q of 256 bits, and its cofactor has the factor 3. An element of order 3 slips
  through one random exponent in three times, so that membership is x^q = 1 for each value, or for the
  products of random subsets (``specs/batch-verification.md``), and never small exponents alone:
  :meth:`FieldGroup.admission_error` says so.
* RFC-3526-2048 has q = (p - 1) / 2, so that the members are the squares, which the Jacobi symbol tells.
  Its scalars have 256 bytes, and do not fit the 32 bytes of :meth:`~evote.groups.Scalar.encode`.

An element is a decimal number without leading zeros in JSON and in every hash.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import gmpy2
from gmpy2 import mpz

from evote.errors import DecodeError
from evote.groups import Claimed, Element, MembershipError, Profile, Scalar
from evote.groups.modp import ModPGroup

_DECIMAL = re.compile(r"0|[1-9][0-9]*", re.ASCII)

_SMALL_FACTORS: Final = tuple(factor for factor in range(3, 2000, 2) if gmpy2.is_prime(factor))


class FieldGroup(ModPGroup):
    """A subgroup of prime order q modulo a prime p = 3 (mod 4), whatever the cofactor.

    The constructor checks that p and q are prime, that q divides p - 1 once, and that g has order q;
    ``ValueError`` otherwise.
    """

    encoding: tuple[int, int] | None
    """How vectors of small integers become elements: bits of padding and bits of one integer."""

    def __init__(
        self, name: str, profile: Profile, *, p: int, q: int, g: int, encoding: tuple[int, int] | None = None
    ) -> None:
        super().__init__(name, profile, p=p, q=q, g=g)
        self.encoding = encoding
        self._safe = (p - 1) // q == 2
        self._digits = len(str(p))

    def _check(self, g: int) -> None:
        p, q = self._p, self._q
        if not gmpy2.is_prime(p) or not gmpy2.is_prime(q) or p % 4 != 3:
            raise ValueError(f"group {self.name}: p and q must be prime, and p = 3 (mod 4)")
        cofactor, rest = divmod(p - 1, q)
        if rest or cofactor % q == 0:
            raise ValueError(f"group {self.name}: q must divide p - 1 exactly once")
        if not 1 < g < p or gmpy2.powmod(g, q, p) != 1:
            raise ValueError(f"group {self.name}: g must have order q")

    # --- texts -----------------------------------------------------------------------------------

    def read(self, text: str) -> Claimed:
        """The value of a decimal number; :class:`DecodeError` unless it is canonical and from 1 to p - 1."""
        if len(text) > self._digits or not _DECIMAL.fullmatch(text):
            raise DecodeError("an element is a decimal number without sign or leading zeros")
        value = mpz(text)
        if not 0 < value < self._p:
            raise DecodeError("an element lies between 1 and p - 1")
        return Claimed(self, value)

    def text_of(self, encoded: bytes) -> str:
        """An encoded element as Belenios writes it."""
        return mpz.from_bytes(encoded, "big").digits()

    def generator_of(self, digest: bytes) -> Claimed:
        """The element for a hash, by raising it to the cofactor ("GetGenerator")."""
        value = mpz.from_bytes(digest, "big")
        return Claimed(self, gmpy2.powmod(value, (self._p - 1) // self._q, self._p))

    def integers(self, element: Element, count: int) -> list[int]:
        """The vector of ``count`` small integers that an element stands for (``to_ints``).

        ``ValueError`` for a group that has no such encoding.
        """
        if self.encoding is None:
            raise ValueError(f"group {self.name} has no encoding of vectors")
        return unpacked(int(self._member(element)), count, self.encoding)

    # --- what a cofactor with small factors changes ----------------------------------------------

    def powers_of_claimed(self, base: Claimed, exponents: Sequence[Scalar]) -> tuple[list[Element], Element]:
        if isinstance(base, Element):
            return self.powers(base, exponents), base
        raw = self._raw(base)
        values = [self._exponent(exponent) for exponent in exponents]
        if self._safe:
            member = gmpy2.jacobi(raw, self._p) == 1
            raised = self._shared(raw, values)[0] if member and values else []
        elif values:
            # x^q on the chain of squarings that the powers need anyhow.
            (*raised, last), _ = self._shared(raw, [*values, int(self._q)])
            member = last == 1
        else:
            raised = []
            member = gmpy2.powmod(raw, self._q, self._p) == 1
        if not member:
            raise MembershipError("the value is not in the subgroup of order q")
        return [Element(self, value) for value in raised], Element(self, raw)

    def admission_error(self, bits: int, *, by_subsets: bool) -> Fraction:
        orders = [int(self._q)]
        if not by_subsets:
            cofactor = (self._p - 1) // (2 * self._q)
            orders += [factor for factor in _SMALL_FACTORS if cofactor % factor == 0]
        return Fraction(max(-(-(1 << bits) // order) for order in orders), 1 << bits)

    # --- values wider than 32 bytes --------------------------------------------------------------

    def parameter_bytes(self) -> bytes:
        return b"".join(self.published_parameters())

    def published_parameters(self) -> tuple[bytes, bytes, bytes]:
        width = (self._bits + 7) // 8
        p = self.modulus.to_bytes(self.element_bytes, "big")
        return p, self.order.to_bytes(width, "big"), self.encode(self.generator)


def unpacked(number: int, count: int, encoding: tuple[int, int]) -> list[int]:
    """``count`` integers out of one: padding first, then the last integer, and so on to the first."""
    padding, bits = encoding
    rest = number >> padding
    found = []
    for _ in range(count):
        found.append(rest & (1 << bits) - 1)
        rest >>= bits
    return found[::-1]
