"""Names with a type: what an index or a label is an index or a label *of*.

Indices count from 1 and stay below 2^31 (specification section 5.1.3).
"""

from __future__ import annotations

from typing import NewType

GuardianIndex = NewType("GuardianIndex", int)
ContestIndex = NewType("ContestIndex", int)
OptionIndex = NewType("OptionIndex", int)
StyleLabel = NewType("StyleLabel", str)
UnitPath = NewType("UnitPath", str)
"""Labels from the root of the unit tree, joined by ``/``: ``abroad/ZZ01``."""
CellLabel = NewType("CellLabel", str)

INDEX_LIMIT = 2**31
"""Indices and counts are below this number."""
