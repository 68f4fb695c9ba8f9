"""The group Ed25519 of Belenios: the points of prime order of edwards25519 ("Groups").

Elements are 32 bytes: the big-endian number y + 2^255 (x mod 2), that is, the bytes of RFC 8032
backwards; in JSON and in every hash the same number as 64 lower-case hexadecimal digits. Multiplication
of elements is addition of points. Decoding is strict (y < p, no second form of a point), and because
the cofactor is 8, each point is tested by itself: q P must be neutral.

Scalars are integers modulo q = 2^252 + 27742317777372353535851937790883648493, and a hash becomes one
by reduction modulo q, as the format demands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Final, cast

from gmpy2 import mpz

from evote.errors import DecodeError
from evote.groups import Claimed, Element, FixedBase, Group, MembershipError, Profile, Scalar
from evote.hashing import DIGEST_BYTES
from evote.interop.belenios1 import edwards
from evote.interop.belenios1.edwards import BASE, ORIGIN, Affine, Extended, L, P
from evote.interop.belenios1.field import unpacked
from evote.signing.ed25519 import compress, decompress

if TYPE_CHECKING:
    from evote.secret import Secret  # a verifier loads groups, and nothing that holds secrets

NAME: Final = "Ed25519"
_BYTES: Final = 32
_BITS: Final = 253
_COFACTOR: Final = 8
_ENCODING: Final = (14, 8)
"""Bits of padding and bits of one integer in an encoded vector."""
_HEX = re.compile(r"[0-9a-f]{64}")


class Ed25519Group(Group):
    """The subgroup of order q. Two groups are the same only if they are one object."""

    def __init__(self) -> None:
        self.name = NAME
        self.profile = Profile.NAMED
        self.order = int(L)
        self.element_bytes = _BYTES
        self.encoding = _ENCODING
        self._identity = Element(self, ORIGIN)
        self._generator: FixedBase | None = None

    def __repr__(self) -> str:
        return f"<group {self.name}>"

    # --- scalars and parameters ----------------------------------------------------------------

    def scalar_from_digest(self, digest: bytes) -> Scalar:
        """The hash modulo q."""
        if len(digest) != DIGEST_BYTES:
            raise ValueError(f"a hash has {DIGEST_BYTES} bytes, not {len(digest)}")
        return Scalar(int.from_bytes(digest, "big") % self.order, self.order)

    def parameter_bytes(self) -> bytes:
        """p, q and the generator, 32 bytes each."""
        return b"".join(self.published_parameters())

    def published_parameters(self) -> tuple[bytes, bytes, bytes]:
        return int(P).to_bytes(_BYTES, "big"), self.order.to_bytes(_BYTES, "big"), self.generator.encode()

    @property
    def generator(self) -> FixedBase:
        if self._generator is None:
            # Two threads may both build the table; either result is right, and one is kept.
            self._generator = self.precompute(Element(self, BASE))
        return self._generator

    @property
    def identity(self) -> Element:
        return self._identity

    # --- bytes and texts -------------------------------------------------------------------------

    def claim(self, data: bytes) -> Claimed:
        if len(data) != _BYTES:
            raise DecodeError(f"an element has {_BYTES} bytes, not {len(data)}")
        x, y = decompress(data[::-1])
        return Claimed(self, (mpz(x), mpz(y)))

    def encode(self, value: Claimed) -> bytes:
        x, y = self._point(value)
        return compress(int(x), int(y))[::-1]

    def read(self, text: str) -> Claimed:
        """The point of 64 lower-case hexadecimal digits; raises :class:`DecodeError`."""
        if not _HEX.fullmatch(text):
            raise DecodeError("an element has 64 lower-case hexadecimal digits")
        return self.claim(bytes.fromhex(text))

    def text_of(self, encoded: bytes) -> str:
        """An encoded element as Belenios writes it."""
        return encoded.hex()

    def generator_of(self, digest: bytes) -> Claimed:
        """The element for a hash: the next y of a point from hash / 4 on, times 8 ("GetGenerator")."""
        number = int.from_bytes(digest, "big") >> 2
        while True:
            try:
                x, y = decompress(number.to_bytes(_BYTES, "little"))
            except DecodeError:
                number += 1
                continue
            return Claimed(self, edwards.affine(edwards.multiples((mpz(x), mpz(y)), [_COFACTOR])[0]))

    def integers(self, element: Element, count: int) -> list[int]:
        """The vector of ``count`` small integers that an element stands for (``to_ints``)."""
        self._member(element)
        return unpacked(int.from_bytes(element.encode(), "big"), count, self.encoding)

    # --- arithmetic ------------------------------------------------------------------------------

    def multiply(self, left: Element, right: Element) -> Element:
        return self._element(self._sum(self._member(left), self._member(right)))

    def invert(self, element: Element) -> Element:
        return Element(self, edwards.negate(self._member(element)))

    def product(self, elements: Iterable[Element]) -> Element:
        return Element(self, edwards.total(self._member(element) for element in elements))

    def product_of_claimed(self, values: Sequence[Claimed]) -> Claimed:
        if not values:
            raise ValueError("the product of no value at all has no meaning here")
        return Claimed(self, edwards.total([self._point(value) for value in values]))

    def multiply_columns(self, columns: Sequence[Element], row: Sequence[Element]) -> list[Element]:
        pairs = zip(columns, row, strict=True)
        sums = [self._sum(self._member(left), self._member(right)) for left, right in pairs]
        return [Element(self, point) for point in edwards.affine_all(sums)]

    def power(self, base: Element, exponent: Scalar) -> Element:
        return self._element(self._power(base, self._exponent(exponent)))

    def power_secret(self, base: Element, exponent: Secret[Scalar]) -> Element:
        if isinstance(exponent, Scalar):
            raise TypeError("a secret exponent travels in a Secret")
        from Crypto.PublicKey import ECC  # a verifier has no use for it

        (x, y), factor = self._member(base), self._exponent(exponent.reveal())
        if (x, y) == ORIGIN or factor == 0:  # zero has probability 1/q
            return self._identity
        # Documented there as ECC.EccPoint, although the module's stub does not list it.
        start = ECC.EccPoint(int(x), int(y), "Ed25519")  # type: ignore[attr-defined]
        product = start * factor
        return Element(self, (mpz(int(product.x)), mpz(int(product.y))))

    def powers(self, base: Element, exponents: Sequence[Scalar]) -> list[Element]:
        values = [self._exponent(exponent) for exponent in exponents]
        if type(base) is FixedBase:
            raised = [self._power(base, value) for value in values]
        else:
            raised = edwards.multiples(self._member(base), values)
        return [Element(self, point) for point in edwards.affine_all(raised)]

    def powers_of_claimed(self, base: Claimed, exponents: Sequence[Scalar]) -> tuple[list[Element], Element]:
        if isinstance(base, Element):
            return self.powers(base, exponents), base
        point = self._point(base)
        values = [self._exponent(exponent) for exponent in exponents]
        *raised, last = edwards.multiples(point, [*values, self.order])
        if not edwards.is_neutral(last):
            raise MembershipError("the point is not in the subgroup of order q")
        return [Element(self, found) for found in edwards.affine_all(raised)], Element(self, point)

    def precompute(self, base: Element, window: int = 8) -> FixedBase:
        if not 1 <= window <= 16:
            raise ValueError("the window has 1 to 16 bits")
        point = self._member(base)
        return FixedBase(self, point, (window, edwards.table(point, window, _BITS)))

    # --- many values at once ---------------------------------------------------------------------

    def combination(self, values: Sequence[Claimed], exponents: Sequence[int]) -> Claimed:
        points = self._checked(values, exponents)
        return Claimed(self, edwards.affine(edwards.combination(points, exponents)))

    def combination_by_subsets(
        self, values: Sequence[Claimed], exponents: Sequence[int], bits: int
    ) -> Claimed | None:
        points = self._checked(values, exponents)
        for bit in range(bits):
            chosen = [p for p, exponent in zip(points, exponents, strict=True) if exponent >> bit & 1]
            multiple = edwards.multiples(edwards.total(chosen), [self.order])[0]
            if not edwards.is_neutral(multiple):
                return None
        return Claimed(self, edwards.affine(edwards.combination(points, exponents)))

    def suspects(self, values: Sequence[Claimed]) -> list[int]:
        """Positions of the points with a part of small order, each tested by itself."""
        return [
            position
            for position, value in enumerate(values)
            if not edwards.is_neutral(edwards.multiples(self._point(value), [self.order])[0])
        ]

    def admission_error(self, bits: int, *, by_subsets: bool) -> Fraction:
        return Fraction(max(-(-(1 << bits) // self.order), 1), 1 << bits)

    # --- inside ----------------------------------------------------------------------------------

    def _checked(self, values: Sequence[Claimed], exponents: Sequence[int]) -> list[Affine]:
        points = [self._point(value) for value in values]
        if len(points) != len(exponents):
            raise ValueError("there is one exponent per value")
        if any(exponent < 0 for exponent in exponents):
            raise ValueError("exponents are not negative")
        return points

    def _power(self, base: Element, exponent: int) -> Extended:
        point = self._member(base)
        if type(base) is not FixedBase:
            return edwards.multiples(point, [exponent])[0]
        window, rows = cast("tuple[int, list[list[Extended]]]", base.table)
        if window == 8:
            return edwards.by_table(rows, exponent.to_bytes(len(rows), "little"))
        mask = (1 << window) - 1
        return edwards.by_table(rows, [exponent >> window * index & mask for index in range(len(rows))])

    def _sum(self, left: Affine, right: Affine) -> Extended:
        return edwards.add(edwards.extended(left), edwards.extended(right))

    def _element(self, point: Extended) -> Element:
        return Element(self, edwards.affine(point))

    def _point(self, value: Claimed) -> Affine:
        if not isinstance(value, Claimed) or value.group is not self:
            raise TypeError(f"not a value of group {self.name}")
        return cast("Affine", value.raw)

    def _member(self, element: Element) -> Affine:
        if not isinstance(element, Element) or element.group is not self:
            raise TypeError(f"not an element of group {self.name}")
        return cast("Affine", element.raw)

    def _exponent(self, scalar: Scalar) -> int:
        if type(scalar) is not Scalar or scalar.order != self.order:
            raise TypeError(f"not a scalar of group {self.name}")
        return scalar.value
