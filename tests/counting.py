"""A toy group that counts what is asked of it: the price of a proof, without a clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from evote.groups import Claimed, Element, FixedBase, Group, Profile, Scalar
from evote.groups.modp import ModPGroup
from evote.secret import Secret
from evote.testing.groups import toy


class CountingGroup(ModPGroup):
    """Counts ``fixed`` and ``variable`` powers, ``secret`` powers, ``multiply``, and for values whose
    membership is not known the ``passes`` and the ``shared`` powers taken in them.
    """

    def __init__(self) -> None:
        data = toy().parameter_bytes()
        self.counts: Counter[str] = Counter()
        super().__init__(
            "counting",
            Profile.TOY,
            p=int.from_bytes(data[:32], "big"),
            q=toy().order,
            g=int.from_bytes(data[64:], "big"),
        )

    def power(self, base: Element, exponent: Scalar) -> Element:
        self.counts["fixed" if isinstance(base, FixedBase) else "variable"] += 1
        return super().power(base, exponent)

    def power_secret(self, base: Element, exponent: Secret[Scalar]) -> Element:
        self.counts["secret"] += 1
        return super().power_secret(base, exponent)

    def powers(self, base: Element, exponents: Sequence[Scalar]) -> list[Element]:
        self.counts["fixed" if isinstance(base, FixedBase) else "variable"] += len(exponents)
        return super().powers(base, exponents)

    def powers_of_claimed(self, base: Claimed, exponents: Sequence[Scalar]) -> tuple[list[Element], Element]:
        if not isinstance(base, Element):  # else it comes by :meth:`powers`
            self.counts["passes"] += 1
            self.counts["shared"] += len(exponents)
        return super().powers_of_claimed(base, exponents)

    def multiply(self, left: Element, right: Element) -> Element:
        self.counts["multiply"] += 1
        return super().multiply(left, right)

    def spent(self) -> dict[str, int]:
        """What was counted since the last call."""
        counts, self.counts = dict(self.counts), Counter()
        return counts


def random_element(group: Group) -> Element:
    """An element that no caller knows the logarithm of."""
    return group.power(group.generator, group.random_scalar())
