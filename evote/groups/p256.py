"""The group of the curve NIST P-256, as a named profile: not the standard 2.1 set.

The structure of ElectionGuard 2.1 with elements fifteen times smaller (``specs/decisions/p256.md``).
Elements are points in compressed form, 33 bytes: 02 or 03 for an even or odd y, then x; the point at
infinity is 33 bytes FF. Every point of the curve is a member (cofactor 1), so that decoding, which
checks the equation, is the membership test. Multiplication of elements is addition of points.

Hashes become scalars by RFC 9380 ``hash_to_field`` with a tag of our own: a digest mod n would be
biased by 2^-32, because n is not close to 2^256. Parameters enter H_P as a, b, p, the coordinates of
the generator and the cofactor, 32 bytes each, under a version string of our own.

Sums are those of :mod:`evote.groups.curve`, and what groups of points share is in
:mod:`evote.groups.points`, powers with secret exponents too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from gmpy2 import mpz

from evote.errors import DecodeError
from evote.groups import curve
from evote.groups.base import Claimed, Element, Profile, Scalar
from evote.groups.curve import Affine, B, G, Jacobian, N, P
from evote.groups.points import Curve, PointGroup
from evote.hashing import DIGEST_BYTES, expand_message

NAME: Final = "p256"
VERSION: Final = "evote-p256-v1"
"""Keys H_P in the place of the specification's version."""

SCALAR_TAG: Final = b"evote-v1-P256_XMD:SHA-256_SCALAR"
"""Domain separation tag of ``hash_to_field`` (RFC 9380 section 3.1)."""

_FIELD_BYTES = 32
_ELEMENT_BYTES = 1 + _FIELD_BYTES
_UNIFORM_BYTES = 48
"""Bytes that are reduced modulo n: the bias is below 2^-128 (RFC 9380 section 5)."""

_INFINITY = b"\xff" * _ELEMENT_BYTES


def _same(point: Affine) -> Affine:
    """Tables hold affine points as they are."""
    return point


CURVE: Final = Curve(
    library="P-256",
    base=G,
    neutral=None,
    law=curve.LAW,
    settled=_same,
    negate=curve.negate,
    affine_all=curve.affine_all,
    total=curve.total,
    combination=curve.combination,
)


class P256Group(PointGroup[Affine, Jacobian, Affine]):
    """The points of P-256. Two groups are the same only if they are one object."""

    def __init__(self) -> None:
        self.name = NAME
        self.profile = Profile.NAMED
        self.version = VERSION
        self.element_bytes = _ELEMENT_BYTES
        super().__init__(CURVE, int(N))

    # --- scalars and parameters ----------------------------------------------------------------

    def scalar_from_digest(self, digest: bytes) -> Scalar:
        """``hash_to_field`` of a hash: 48 bytes of ``expand_message_xmd``, big-endian, mod n."""
        if len(digest) != DIGEST_BYTES:
            raise ValueError(f"a hash has {DIGEST_BYTES} bytes, not {len(digest)}")
        return Scalar(scalar_of(digest, SCALAR_TAG), self.order)

    def parameter_bytes(self) -> bytes:
        """a, b, p, g.x, g.y and the cofactor, 32 bytes each."""
        return b"".join(int(part).to_bytes(_FIELD_BYTES, "big") for part in (P - 3, B, P, *G, 1))

    def published_parameters(self) -> tuple[bytes, bytes, bytes]:
        return int(P).to_bytes(_FIELD_BYTES, "big"), self.order.to_bytes(32, "big"), self.generator.encode()

    # --- bytes -----------------------------------------------------------------------------------

    def claim(self, data: bytes) -> Claimed:
        if len(data) != _ELEMENT_BYTES:
            raise DecodeError(f"an element has {_ELEMENT_BYTES} bytes, not {len(data)}")
        if data == _INFINITY:
            return Claimed(self, None)
        if data[0] not in (2, 3):
            raise DecodeError("a point starts with 02 or 03")
        x = mpz.from_bytes(data[1:], "big")
        if x >= P:
            raise DecodeError("the coordinate of a point is below p")
        point = curve.lift(x, data[0] & 1)
        if point is None:
            raise DecodeError("no point of the curve has this coordinate")
        return Claimed(self, point)

    def encode(self, value: Claimed) -> bytes:
        point = self._point(value)
        if point is None:
            return _INFINITY
        x, y = point
        return (b"\x03" if y & 1 else b"\x02") + x.to_bytes(_FIELD_BYTES, "big")

    # --- many values at once ---------------------------------------------------------------------

    def powers_of_claimed(self, base: Claimed, exponents: Sequence[Scalar]) -> tuple[list[Element], Element]:
        element = base if isinstance(base, Element) else Element(self, self._point(base))
        return self.powers(element, exponents), element

    def combination(self, values: Sequence[Claimed], exponents: Sequence[int]) -> Claimed:
        # Every value is a member, so that exponents may be reduced: there is nothing else to see.
        if any(exponent < 0 for exponent in exponents):
            raise ValueError("exponents are not negative")
        return super().combination(values, [exponent % self.order for exponent in exponents])

    def combination_by_subsets(
        self, values: Sequence[Claimed], exponents: Sequence[int], bits: int
    ) -> Claimed | None:
        """The combination: there is no value outside the group for a subset to find."""
        if bits < 1:
            raise ValueError("there is at least one subset")
        return self.combination(values, exponents)

    def suspects(self, values: Sequence[Claimed]) -> list[int]:
        """None: the order of the group is odd."""
        for value in values:
            self._point(value)
        return []


def scalar_of(digest: bytes, tag: bytes) -> int:
    """``hash_to_field`` (RFC 9380 section 5.2) to one scalar of P-256, with that tag."""
    return int.from_bytes(expand_message(digest, tag, _UNIFORM_BYTES), "big") % int(N)
