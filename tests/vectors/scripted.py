"""Randomness that gives back the numbers of a case, in the order in which the package draws them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.vectors.form import members


class Scripted:
    """Gives each token and number once; anything drawn beyond them, or left over, is an error."""

    def __init__(self, tokens: Iterable[bytes] = (), numbers: Iterable[int] = ()) -> None:
        self._tokens = list(tokens)
        self._numbers = list(numbers)

    def token(self, size: int) -> bytes:
        """The next bytes."""
        found = self._tokens.pop(0)
        if len(found) != size:
            raise AssertionError(f"{size} bytes are drawn where the case has {len(found)}")
        return found

    def below(self, bound: int) -> int:
        """The next number."""
        found = self._numbers.pop(0)
        if not 0 <= found < bound:
            raise AssertionError("a number of the case is not below q")
        return found

    def end(self) -> None:
        """Nothing is left."""
        if self._tokens or self._numbers:
            raise AssertionError("the case has random numbers that were not drawn")


def branch_numbers(branches: Iterable[dict[str, Any]]) -> list[int]:
    """u and c of every branch; the prover draws c in the branch that holds too, and throws it away."""
    numbers = []
    for branch in branches:
        u, c = members(branch, "u", "c")
        numbers += [int(u, 16), 1 if c is None else int(c, 16)]
    return numbers
