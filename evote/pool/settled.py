"""Memory of a program that has everything it needs and begins to serve.

What stands there at that moment (modules, tables, the election, the roll) stays until the end; the collector
of cycles need not look at it again and again, and forked processes keep sharing its pages. Then it looks less
often: requests make many short-lived values and hardly a cycle.

For programs only: it holds for the whole process, so that no library call does it.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

YOUNG: Final = 20_000
"""Values that were made and not freed before the collector looks at the young ones."""


@contextmanager
def settled_memory() -> Iterator[None]:
    """For the length of a block what lives at its beginning is out of the collector's sight.

    Afterwards everything is as it was. Blocks do not nest.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
