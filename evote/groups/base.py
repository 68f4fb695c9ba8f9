"""The contract of a group of prime order, and the three kinds of value that it hands out.

=====================  ===========================================================================
:class:`Scalar`        an integer modulo q: exponents, nonces, challenges, responses
:class:`Claimed`       bytes of the right width in the right range; membership not yet shown
:class:`Element`       a member of the subgroup of order q, by construction or by a membership test
:class:`FixedBase`     an element with a table of its powers
=====================  ===========================================================================

Rules: a scalar is never accepted for an element or the other way round, nor values of two groups
together; only a group turns ``Claimed`` into ``Element``, and only after its membership test, one by
one (:meth:`Group.powers_of_claimed`) or for many values at once (:meth:`Group.admit`); a secret
exponent goes through :meth:`Group.power_secret`, which uses no table. What a value is inside (``raw``)
belongs to the group that made it. A scalar belongs to an order, not to a group: the two published sets
share q, and so their scalars.
"""

from __future__ import annotations

import enum
import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from evote.errors import DecodeError, VerificationError
from evote.randomness import SYSTEM, Randomness

if TYPE_CHECKING:
    from evote.secret import Secret  # a verifier loads groups, and nothing that holds secrets

SCALAR_BYTES: Final = 32
"""Width of an encoded scalar in every group (specification section 5.1.2)."""


class MembershipError(VerificationError):
    """A value of the right range that is not in the subgroup of order q."""


class Profile(enum.Enum):
    """How a parameter set stands to the specification; reports show it beside the verdict."""

    STANDARD = "standard"
    """The set of section 3.1.1."""
    NAMED = "named"
    """Published and checked, but not the standard 2.1 set."""
    TOY = "toy"
    """Too small for any election; it taints every record made with it."""


class Scalar:
    """An integer modulo the group order: ``0 <= value < order``. Arithmetic is modulo the order."""

    __slots__ = ("order", "value")

    def __init__(self, value: int, order: int) -> None:
        if not 0 <= value < order:
            raise ValueError("a scalar lies between 0 and the group order")
        self.value = value
        self.order = order

    def __add__(self, other: Scalar) -> Scalar:
        return Scalar((self.value + self._same(other)) % self.order, self.order)

    def __sub__(self, other: Scalar) -> Scalar:
        return Scalar((self.value - self._same(other)) % self.order, self.order)

    def __mul__(self, other: Scalar) -> Scalar:
        return Scalar(self.value * self._same(other) % self.order, self.order)

    def __neg__(self) -> Scalar:
        return Scalar(-self.value % self.order, self.order)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scalar) and (self.value, self.order) == (other.value, other.order)

    def __hash__(self) -> int:
        return hash((self.value, self.order))

    def __repr__(self) -> str:
        # A scalar may be a nonce; its digits stay out of logs and tracebacks.
        return "Scalar(…)"

    def encode(self) -> bytes:
        """32 big-endian bytes (section 5.1.2)."""
        return self.value.to_bytes(SCALAR_BYTES, "big")

    def _same(self, other: Scalar) -> int:
        if type(other) is not Scalar or other.order != self.order:
            raise TypeError("scalars of one group are combined with each other only")
        return other.value


class Claimed:
    """A value of the right form for a group; whether it is in the subgroup is not known."""

    __slots__ = ("group", "raw")

    def __init__(self, group: Group, raw: object) -> None:
        self.group = group
        self.raw = raw

    def encode(self) -> bytes:
        """The one encoding: ``group.element_bytes`` bytes."""
        return self.group.encode(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Claimed) and self.group is other.group and self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.encode().hex()[:16]}…, {self.group.name})"


class Element(Claimed):
    """A member of the subgroup of order q. Made by a :class:`Group` only."""

    __slots__ = ()


class FixedBase(Element):
    """An element whose powers are cheap, because ``table`` holds a set of them."""

    __slots__ = ("table",)

    def __init__(self, group: Group, raw: object, table: object) -> None:
        super().__init__(group, raw)
        self.table = table


class Group(ABC):
    """A group of prime order: what protocols may ask of it.

    A conforming implementation passes the laws in ``tests/groups/laws.py`` and gives the same
    bytes as every other implementation of the same parameters.
    """

    name: str
    profile: Profile
    version: str = "v2.1.0"
    """The protocol version that keys H_P (equation 4); profiles of another structure have their own."""
    order: int
    """The prime q."""
    element_bytes: int
    """Width of an encoded element."""

    # --- scalars -----------------------------------------------------------------------------

    def scalar(self, value: int) -> Scalar:
        """The scalar ``value`` mod q, for any integer; ``TypeError`` for anything else."""
        return Scalar(operator.index(value) % self.order, self.order)

    def random_scalar(self, rng: Randomness = SYSTEM) -> Scalar:
        """A uniform scalar, by rejection sampling."""
        return Scalar(rng.below(self.order), self.order)

    def decode_scalar(self, data: bytes) -> Scalar:
        """The scalar of 32 big-endian bytes; raises :class:`DecodeError` if it is q or more."""
        if len(data) != SCALAR_BYTES:
            raise DecodeError(f"a scalar has {SCALAR_BYTES} bytes, not {len(data)}")
        value = int.from_bytes(data, "big")
        if value >= self.order:
            raise DecodeError("a scalar is below the group order")
        return Scalar(value, self.order)

    @abstractmethod
    def scalar_from_digest(self, digest: bytes) -> Scalar:
        """H_q: the scalar of a hash (section 5.4); raises ``ValueError`` unless it has 32 bytes."""

    # --- elements ----------------------------------------------------------------------------

    @property
    @abstractmethod
    def generator(self) -> FixedBase:
        """g, with its table."""

    @property
    @abstractmethod
    def identity(self) -> Element:
        """The neutral element."""

    @abstractmethod
    def parameter_bytes(self) -> bytes:
        """The parameters as they enter the parameter base hash H_P (equation 4)."""

    @abstractmethod
    def published_parameters(self) -> tuple[bytes, bytes, bytes]:
        """Prime p of the field, order q and generator g as a record states them (1.B, 1.C, 1.D)."""

    @abstractmethod
    def claim(self, data: bytes) -> Claimed:
        """Read one encoded value: width and range only.

        Raises :class:`DecodeError` unless ``data`` is the canonical encoding of a non-zero value.
        """

    def decode(self, data: bytes) -> Element:
        """Read one element, membership included.

        Raises :class:`DecodeError` for a wrong form and :class:`MembershipError` for a non-member.
        """
        _, element = self.powers_of_claimed(self.claim(data), ())
        return element

    @abstractmethod
    def encode(self, value: Claimed) -> bytes:
        """The canonical encoding, ``element_bytes`` long."""

    @abstractmethod
    def multiply(self, left: Element, right: Element) -> Element:
        """The product of two elements."""

    @abstractmethod
    def invert(self, element: Element) -> Element:
        """The inverse."""

    @abstractmethod
    def product(self, elements: Iterable[Element]) -> Element:
        """The product of any number of elements; the identity for none."""

    @abstractmethod
    def product_of_claimed(self, values: Sequence[Claimed]) -> Claimed:
        """The product of one or more values whose membership is not known; ``ValueError`` for none."""

    @abstractmethod
    def multiply_columns(self, columns: Sequence[Element], row: Sequence[Element]) -> list[Element]:
        """``columns[i] * row[i]`` for every i: one step of a tally; ``ValueError`` for unequal lengths."""

    @abstractmethod
    def power(self, base: Element, exponent: Scalar) -> Element:
        """``base ** exponent``, by table where the base has one. Variable time."""

    @abstractmethod
    def power_secret(self, base: Element, exponent: Secret[Scalar]) -> Element:
        """``base ** exponent`` for a secret exponent: no table, constant time where available."""

    @abstractmethod
    def powers(self, base: Element, exponents: Sequence[Scalar]) -> list[Element]:
        """``base ** e`` for each e; the powers of a base without a table share their squarings."""

    @abstractmethod
    def powers_of_claimed(self, base: Claimed, exponents: Sequence[Scalar]) -> tuple[list[Element], Element]:
        """Test membership and raise to powers in one pass.

        Returns the powers and the base as an :class:`Element`; raises :class:`MembershipError`
        if ``base`` is not in the subgroup.
        """

    @abstractmethod
    def precompute(self, base: Element, window: int = 8) -> FixedBase:
        """The same element with a table of its powers.

        ``window`` is the number of exponent bits per table row (1 to 16): 8 costs about 4 MiB and
        0.04 s at 4096 bits, 12 is 1.3 times faster and takes 47 MiB.
        """

    # --- many values at once -------------------------------------------------------------------

    @abstractmethod
    def combination(self, values: Sequence[Claimed], exponents: Sequence[int]) -> Claimed:
        """``prod values[i] ** exponents[i]``; the identity for no value. Variable time.

        Exponents are plain integers from 0 on, of any length. They are not reduced modulo q, which
        would be right for members only. ``ValueError`` for unequal lengths or a negative exponent.
        """

    @abstractmethod
    def combination_by_subsets(
        self, values: Sequence[Claimed], exponents: Sequence[int], bits: int
    ) -> Claimed | None:
        """The combination, if each of ``bits`` subset products is in the subgroup; else None.

        Subset product j holds the values whose exponent has bit j. Where the lowest ``bits`` bits of
        all exponents are uniform and independent, a value outside the subgroup is missed with
        probability 2^-bits at most, in any group (specs/batch-verification.md).
        """

    @abstractmethod
    def suspects(self, values: Sequence[Claimed]) -> list[int]:
        """Positions of the values whose part of order 2 is not trivial: a combination cannot see a pair.

        For integers mod p these are the values that are no squares; in a group without elements of
        order 2 there are none.
        """

    @abstractmethod
    def admission_error(self, bits: int, *, by_subsets: bool) -> Fraction:
        """The probability with which :meth:`admit` at most accepts what it has to refuse."""

    def admit(
        self,
        values: Sequence[Claimed],
        exponents: Sequence[int],
        others: Sequence[Claimed],
        weights: Sequence[int],
        expected: Element,
        *,
        draw: Callable[[], int],
        bits: int,
        by_subsets: bool,
    ) -> list[Element] | None:
        """``values`` as elements, if one random equation shows that they are members; else None.

        The equation is ``prod values^(exponents + q t) * prod others^weights = expected``, with
        t = ``draw()``, uniform on 2^bits values, for each of ``values`` after all other arguments are
        fixed. Non-members among ``values`` are missed with :meth:`admission_error` at most, whatever
        the other arguments are; that the same holds for ``others`` and for the equation needs weights
        that were drawn in the same way (:mod:`evote.proofs.batch`). Elements of order 2 are found by
        :meth:`suspects`, or by :meth:`combination_by_subsets`.

        ``ValueError`` unless there is one exponent per value and one weight per other value.
        """
        if len(values) != len(exponents) or len(others) != len(weights):
            raise ValueError("there is one exponent per value")
        if not isinstance(expected, Element) or expected.group is not self:
            raise TypeError(f"not an element of group {self.name}")
        order = self.order
        lifted = [exponent % order + order * draw() for exponent in exponents]
        every, powers = [*values, *others], [*lifted, *weights]
        product: Claimed | None
        if by_subsets:
            product = self.combination_by_subsets(every, powers, bits)
        elif self.suspects([value for value in every if not isinstance(value, Element)]):
            return None
        else:
            product = self.combination(every, powers)
        return [Element(self, value.raw) for value in values] if product == expected else None
