"""Records in which one thing is wrong; see :mod:`tests.verifier.cases.tools`."""

from __future__ import annotations

from tests.verifier.cases import ballots, openings, own_ballots, own_record, setup, sums
from tests.verifier.cases.tools import CASES, Case

__all__ = ["CASES", "Case", "ballots", "openings", "own_ballots", "own_record", "setup", "sums"]
