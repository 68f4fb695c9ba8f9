"""The checks of unit returns by their meaning."""

from __future__ import annotations

from typing import Final

FILES: Final = "E.34"
ROSTERS: Final = "E.35"
CONFLICTS: Final = "E.36"
COMPLETE: Final = "E.37"
PRODUCTS: Final = "E.38"
HEADS: Final = "E.39"
COUNTS: Final = "E.40"
RECONCILED: Final = "E.41"
RESULT: Final = "E.42"

RETURNS: Final = (FILES, ROSTERS, CONFLICTS, COMPLETE, PRODUCTS, HEADS, COUNTS, RECONCILED, RESULT)
"""All checks of unit returns."""

OF_BALLOTS: Final = (PRODUCTS, HEADS, COUNTS)
"""What is said of units of kind BALLOTS only."""
