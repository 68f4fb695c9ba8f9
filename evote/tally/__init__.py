"""Homomorphic tallies (specification section 3.5): products of verified ballots, cell by cell.

A :class:`Tally` accepts only ballots that this process verified, carries the stretch of the record
that it covers, and merges only with what it does not overlap; so no ballot is counted twice and
none is missed without notice (rule A54). What is published of it is a :class:`PublishedTally`.
"""

from __future__ import annotations

from evote.tally.closings import UnitChange, UnitClosing, UnitHead, UnitStates, UnitTrees
from evote.tally.partial import PartialCell, PartialTally
from evote.tally.tally import CellSum, Tallier, Tally
from evote.tally.values import (
    ClosingHead,
    CountedLog,
    DecryptedCell,
    DecryptedData,
    DecryptedField,
    PublishedTally,
    TalliedCell,
    TalliedField,
    WithheldCell,
)

__all__ = [
    "CellSum",
    "ClosingHead",
    "CountedLog",
    "DecryptedCell",
    "DecryptedData",
    "DecryptedField",
    "PartialCell",
    "PartialTally",
    "PublishedTally",
    "TalliedCell",
    "TalliedField",
    "Tallier",
    "Tally",
    "UnitChange",
    "UnitClosing",
    "UnitHead",
    "UnitStates",
    "UnitTrees",
    "WithheldCell",
]
