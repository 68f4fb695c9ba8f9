"""How ballots are examined: plainly or in batches, and where the weights of a batch come from.

Every way gives the same findings and the same verdict (``specs/batch-verification.md``). Hints help
a batch and are never trusted; the plain way does not look at them.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from evote.report import Work

KERNELS = ("auto", "gmpy2")
KERNEL = "gmpy2"
"""The arithmetic in use."""

FRESH_BITS = 128
DERIVED_BITS = 256
"""Of so many bits two may agree modulo q, which is below 2^256: the bound of one try is 2^-255."""


class Way(enum.Enum):
    """Which equations are batched."""

    AUTO = "auto"
    """Those of ballots with hints."""
    PLAIN = "plain"
    """None."""
    BATCH = "batch"
    """Those of ballots with hints, and the report warns if there are ballots without."""


METHODS = tuple(way.value for way in Way)
"""The ways by name; the first is the default."""


@dataclass(frozen=True, slots=True)
class Method:
    """A way, and whether the weights can be computed again by anybody (rule A67)."""

    way: Way = Way.AUTO
    reproducible: bool = False

    @property
    def name(self) -> str:
        """The method in one word, as a state names it."""
        return f"{self.way.value}{'/reproducible' if self.reproducible else ''}"

    def work(self, batched: int, plain: int, reused: int) -> Work:
        """What the report says of the work."""
        if self.way is Way.PLAIN:
            weights, bound = "", ""
        elif self.reproducible:
            weights = f"derived from the bytes of each chunk, {DERIVED_BITS} bits"
            bound = f"2^(k-{DERIVED_BITS - 1}) for a prover who does 2^k work"
        else:
            weights = f"fresh from the system, {FRESH_BITS} bits"
            bound = f"2^-{FRESH_BITS} for every batch that was accepted"
        return Work(self.way.value, KERNEL, batched, plain, weights, bound, reused)


def require_kernel(name: str) -> None:
    """Raise ``ValueError`` for a kernel that there is not."""
    if name not in KERNELS:
        raise ValueError(f"no kernel is called {name!r}; there are {', '.join(KERNELS)}")
