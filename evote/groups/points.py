"""What groups of points have in common: the contract of a group over the sums of a curve.

A curve gives its :class:`~evote.groups.chains.Law`, negation, the way from running to affine points, and
sums of many; a group adds its bytes, its scalars, and what its cofactor demands. Multiplication of elements
is addition of points. What an element is inside is an affine point.

Secret exponents go through pycryptodome's point multiplication in C, which blinds the scalar; the rest is
variable time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from gmpy2 import mpz

from evote.groups.base import Claimed, Element, FixedBase, Group, Scalar
from evote.groups.chains import Law

if TYPE_CHECKING:
    from evote.secret import Secret  # a verifier loads groups, and nothing that holds secrets

A = TypeVar("A")
R = TypeVar("R")
S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Curve(Generic[A, R, S]):
    """Arithmetic on affine points A, running points R and settled points S."""

    library: str
    """The curve's name in pycryptodome."""
    base: A
    neutral: A
    law: Law[R, S]
    settled: Callable[[A], S]
    negate: Callable[[A], A]
    affine_all: Callable[[Sequence[R]], list[A]]
    total: Callable[[Iterable[A]], A]
    combination: Callable[[Sequence[A], Sequence[int]], R]


class PointGroup(Group, Generic[A, R, S]):
    """A group of prime order of points. Two groups are the same only if they are one object."""

    curve: Curve[A, R, S]

    def __init__(self, curve: Curve[A, R, S], order: int) -> None:
        self.curve = curve
        self.order = order
        self._bits = order.bit_length()
        self._identity = Element(self, curve.neutral)
        self._generator: FixedBase | None = None

    def __repr__(self) -> str:
        return f"<group {self.name}>"

    @property
    def generator(self) -> FixedBase:
        if self._generator is None:
            # Two threads may both build the table; either result is right, and one is kept.
            self._generator = self.precompute(Element(self, self.curve.base))
        return self._generator

    @property
    def identity(self) -> Element:
        return self._identity

    # --- arithmetic ------------------------------------------------------------------------------

    def multiply(self, left: Element, right: Element) -> Element:
        return Element(self, self._affine(self._sum(self._member(left), self._member(right))))

    def invert(self, element: Element) -> Element:
        return Element(self, self.curve.negate(self._member(element)))

    def product(self, elements: Iterable[Element]) -> Element:
        return Element(self, self.curve.total([self._member(element) for element in elements]))

    def product_of_claimed(self, values: Sequence[Claimed]) -> Claimed:
        if not values:
            raise ValueError("the product of no value at all has no meaning here")
        return Claimed(self, self.curve.total([self._point(value) for value in values]))

    def multiply_columns(self, columns: Sequence[Element], row: Sequence[Element]) -> list[Element]:
        pairs = zip(columns, row, strict=True)
        return self._elements([self._sum(self._member(left), self._member(right)) for left, right in pairs])

    def power(self, base: Element, exponent: Scalar) -> Element:
        return Element(self, self._affine(self._power(base, self._exponent(exponent))))

    def power_secret(self, base: Element, exponent: Secret[Scalar]) -> Element:
        if isinstance(exponent, Scalar):
            raise TypeError("a secret exponent travels in a Secret")
        from Crypto.PublicKey import ECC  # a verifier has no use for it

        point, factor = self._member(base), self._exponent(exponent.reveal())
        if point == self.curve.neutral or factor == 0:  # zero has probability 1/q
            return self._identity
        x, y = cast("tuple[mpz, mpz]", point)
        # Documented there as ECC.EccPoint, although the module's stub does not list it.
        start = ECC.EccPoint(int(x), int(y), self.curve.library)  # type: ignore[attr-defined]
        product = start * factor
        return Element(self, (mpz(int(product.x)), mpz(int(product.y))))

    def powers(self, base: Element, exponents: Sequence[Scalar]) -> list[Element]:
        values = [self._exponent(exponent) for exponent in exponents]
        if type(base) is FixedBase:
            return self._elements([self._power(base, value) for value in values])
        return self._elements(self._multiples(self._member(base), values))

    def precompute(self, base: Element, window: int = 8) -> FixedBase:
        if not 1 <= window <= 16:
            raise ValueError("the window has 1 to 16 bits")
        point, curve = self._member(base), self.curve
        return FixedBase(self, point, (window, curve.law.table(curve.settled(point), window, self._bits)))

    def combination(self, values: Sequence[Claimed], exponents: Sequence[int]) -> Claimed:
        points = [self._point(value) for value in values]
        return Claimed(self, self._affine(self.curve.combination(points, exponents)))

    def admission_error(self, bits: int, *, by_subsets: bool) -> Fraction:
        return Fraction(max(-(-(1 << bits) // self.order), 1), 1 << bits)

    # --- inside ----------------------------------------------------------------------------------

    def _power(self, base: Element, exponent: int) -> R:
        point = self._member(base)
        if type(base) is not FixedBase:
            return self._multiples(point, [exponent])[0]
        window, rows = cast("tuple[int, list[list[S]]]", base.table)
        if window == 8:
            return self.curve.law.by_table(rows, exponent.to_bytes(len(rows), "little"))
        mask = (1 << window) - 1
        digits = [exponent >> window * index & mask for index in range(len(rows))]
        return self.curve.law.by_table(rows, digits)

    def _multiples(self, point: A, factors: Sequence[int]) -> list[R]:
        return self.curve.law.multiples(self.curve.settled(point), factors)

    def _sum(self, left: A, right: A) -> R:
        law, settled = self.curve.law, self.curve.settled
        return law.add_settled(law.running(settled(left)), settled(right))

    def _affine(self, point: R) -> A:
        (found,) = self.curve.affine_all((point,))
        return found

    def _elements(self, points: Sequence[R]) -> list[Element]:
        return [Element(self, point) for point in self.curve.affine_all(points)]

    def _point(self, value: Claimed) -> A:
        if not isinstance(value, Claimed) or value.group is not self:
            raise TypeError(f"not a value of group {self.name}")
        return cast("A", value.raw)

    def _member(self, element: Element) -> A:
        if not isinstance(element, Element) or element.group is not self:
            raise TypeError(f"not an element of group {self.name}")
        return cast("A", element.raw)

    def _exponent(self, scalar: Scalar) -> int:
        if type(scalar) is not Scalar or scalar.order != self.order:
            raise TypeError(f"not a scalar of group {self.name}")
        return scalar.value
