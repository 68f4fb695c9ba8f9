"""Memory of a program that has everything it needs and begins to serve.

What stands there at that moment (modules, tables, the election, the roll) stays until the end; the collector
of cycles need not look at it again and again, and forked processes keep sharing its pages. Then it looks less
often: requests make many short-lived values and hardly a cycle.

For programs only: it holds for the whole process, so that no library call does it.
"""

from __future__ import annotations

import gc
from typing import Final

YOUNG: Final = 20_000
"""Values that were made and not freed before the collector looks at the young ones."""


def settle_memory() -> None:
    """Take everything that lives now out of the collector's sight, and let it look less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
