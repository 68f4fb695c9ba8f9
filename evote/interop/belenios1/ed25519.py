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
from collections.abc import Sequence
from typing import Final

from gmpy2 import mpz

from evote.errors import DecodeError
from evote.groups import Claimed, Element, MembershipError, Profile, Scalar
from evote.groups.chains import check_factors
from evote.groups.points import Curve, PointGroup
from evote.hashing import DIGEST_BYTES
from evote.interop.belenios1 import edwards
from evote.interop.belenios1.edwards import BASE, ORIGIN, Affine, Extended, L, P
from evote.interop.belenios1.field import unpacked
from evote.signing.ed25519 import compress, decompress

NAME: Final = "Ed25519"
_BYTES: Final = 32
_COFACTOR: Final = 8
_ENCODING: Final = (14, 8)
"""Bits of padding and bits of one integer in an encoded vector."""
_HEX = re.compile(r"[0-9a-f]{64}")


CURVE: Final = Curve(
    library="Ed25519",
    base=BASE,
    neutral=ORIGIN,
    law=edwards.LAW,
    settled=edwards.extended,
    negate=edwards.negate,
    affine_all=edwards.affine_all,
    total=edwards.total,
    combination=edwards.combination,
)


class Ed25519Group(PointGroup[Affine, Extended, Extended]):
    """The subgroup of order q. Two groups are the same only if they are one object."""

    def __init__(self) -> None:
        self.name = NAME
        self.profile = Profile.NAMED
        self.element_bytes = _BYTES
        self.encoding = _ENCODING
        super().__init__(CURVE, int(L))

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

    # --- membership ------------------------------------------------------------------------------

    def powers_of_claimed(self, base: Claimed, exponents: Sequence[Scalar]) -> tuple[list[Element], Element]:
        if isinstance(base, Element):
            return self.powers(base, exponents), base
        point = self._point(base)
        values = [self._exponent(exponent) for exponent in exponents]
        *raised, last = edwards.multiples(point, [*values, self.order])
        if not edwards.is_neutral(last):
            raise MembershipError("the point is not in the subgroup of order q")
        return self._elements(raised), Element(self, point)

    def combination_by_subsets(
        self, values: Sequence[Claimed], exponents: Sequence[int], bits: int
    ) -> Claimed | None:
        points = [self._point(value) for value in values]
        check_factors(points, exponents)
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
