"""The group of the curve NIST P-256, as a named profile: not the standard 2.1 set.

The structure of ElectionGuard 2.1 with elements fifteen times smaller (``specs/decisions/p256.md``).
Elements are points in compressed form, 33 bytes: 02 or 03 for an even or odd y, then x; the point at
infinity is 33 bytes FF. Every point of the curve is a member (cofactor 1), so that decoding, which
checks the equation, is the membership test. Multiplication of elements is addition of points.

Hashes become scalars by RFC 9380 ``hash_to_field`` with a tag of our own: a digest mod n would be
biased by 2^-32, because n is not close to 2^256. Parameters enter H_P as a, b, p, the coordinates of
the generator and the cofactor, 32 bytes each, under a version string of our own.

Secret exponents go through pycryptodome's point multiplication in C, which blinds the scalar; the
rest is variable time (:mod:`evote.groups.curve`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Final, cast

from gmpy2 import mpz

from evote.errors import DecodeError
from evote.groups import curve
from evote.groups.base import Claimed, Element, FixedBase, Group, Profile, Scalar
from evote.groups.curve import Affine, B, G, N, P
from evote.hashing import DIGEST_BYTES, expand_message

if TYPE_CHECKING:
    from evote.secret import Secret  # a verifier loads groups, and nothing that holds secrets

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
_BITS = 256


class P256Group(Group):
    """The points of P-256. Two groups are the same only if they are one object."""

    def __init__(self) -> None:
        self.name = NAME
        self.profile = Profile.NAMED
        self.version = VERSION
        self.order = int(N)
        self.element_bytes = _ELEMENT_BYTES
        self._identity = Element(self, None)
        self._generator: FixedBase | None = None

    def __repr__(self) -> str:
        return f"<group {self.name}>"

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

    @property
    def generator(self) -> FixedBase:
        if self._generator is None:
            # Two threads may both build the table; either result is right, and one is kept.
            self._generator = self.precompute(Element(self, G))
        return self._generator

    @property
    def identity(self) -> Element:
        return self._identity

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

    # --- arithmetic ------------------------------------------------------------------------------

    def multiply(self, left: Element, right: Element) -> Element:
        return self._element(curve.add(curve.jacobian(self._member(left)), self._member(right)))

    def invert(self, element: Element) -> Element:
        return Element(self, curve.negate(self._member(element)))

    def product(self, elements: Iterable[Element]) -> Element:
        return Element(self, curve.total(self._member(element) for element in elements))

    def product_of_claimed(self, values: Sequence[Claimed]) -> Claimed:
        if not values:
            raise ValueError("the product of no value at all has no meaning here")
        return Claimed(self, curve.total([self._point(value) for value in values]))

    def multiply_columns(self, columns: Sequence[Element], row: Sequence[Element]) -> list[Element]:
        sums = [
            curve.add(curve.jacobian(self._member(left)), self._member(right))
            for left, right in zip(columns, row, strict=True)
        ]
        return [Element(self, point) for point in curve.affine_all(sums)]

    def power(self, base: Element, exponent: Scalar) -> Element:
        return self._element(self._power(base, self._exponent(exponent)))

    def power_secret(self, base: Element, exponent: Secret[Scalar]) -> Element:
        if isinstance(exponent, Scalar):
            raise TypeError("a secret exponent travels in a Secret")
        from Crypto.PublicKey import ECC  # a verifier has no use for it

        point, factor = self._member(base), self._exponent(exponent.reveal())
        if point is None or factor == 0:  # zero has probability 1/n
            return self._identity
        # Documented there as ECC.EccPoint, although the module's stub does not list it.
        start = ECC.EccPoint(int(point[0]), int(point[1]), "P-256")  # type: ignore[attr-defined]
        product = start * factor
        return Element(self, (mpz(int(product.x)), mpz(int(product.y))))

    def powers(self, base: Element, exponents: Sequence[Scalar]) -> list[Element]:
        values = [self._exponent(exponent) for exponent in exponents]
        if type(base) is FixedBase:
            raised = [self._power(base, value) for value in values]
        else:
            raised = curve.multiples(self._member(base), values)
        return [Element(self, point) for point in curve.affine_all(raised)]

    def powers_of_claimed(self, base: Claimed, exponents: Sequence[Scalar]) -> tuple[list[Element], Element]:
        element = base if isinstance(base, Element) else Element(self, self._point(base))
        return self.powers(element, exponents), element

    def precompute(self, base: Element, window: int = 8) -> FixedBase:
        if not 1 <= window <= 16:
            raise ValueError("the window has 1 to 16 bits")
        point = self._member(base)
        return FixedBase(self, point, (window, curve.table(point, window, _BITS)))

    # --- many values at once ---------------------------------------------------------------------

    def combination(self, values: Sequence[Claimed], exponents: Sequence[int]) -> Claimed:
        points = [self._point(value) for value in values]
        # Every value is a member, so that exponents may be reduced: there is nothing else to see.
        if any(exponent < 0 for exponent in exponents):
            raise ValueError("exponents are not negative")
        reduced = [exponent % self.order for exponent in exponents]
        return Claimed(self, curve.affine(curve.combination(points, reduced)))

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

    def admission_error(self, bits: int, *, by_subsets: bool) -> Fraction:
        return Fraction(max(-(-(1 << bits) // self.order), 1), 1 << bits)

    # --- inside ----------------------------------------------------------------------------------

    def _power(self, base: Element, exponent: int) -> curve.Jacobian:
        point = self._member(base)
        if type(base) is not FixedBase:
            return curve.multiples(point, [exponent])[0]
        window, rows = cast("tuple[int, list[list[Affine]]]", base.table)
        if window == 8:
            return curve.by_table(rows, exponent.to_bytes(len(rows), "little"))
        mask = (1 << window) - 1
        return curve.by_table(rows, [exponent >> window * index & mask for index in range(len(rows))])

    def _element(self, point: curve.Jacobian) -> Element:
        return Element(self, curve.affine(point))

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


def scalar_of(digest: bytes, tag: bytes) -> int:
    """``hash_to_field`` (RFC 9380 section 5.2) to one scalar of P-256, with that tag."""
    return int.from_bytes(expand_message(digest, tag, _UNIFORM_BYTES), "big") % int(N)
