"""Records of other systems: recognised by their shape, verified through evote's own proofs and report.

>>> from evote.interop import Request, recognise
>>> found = recognise("record")                                     # doctest: +SKIP
>>> found.system, found.verify(Request()).verdict                   # doctest: +SKIP
('electionguard2', <Verdict.PASS: 'PASS'>)

A reader of a foreign system is decoding, challenge functions and a list of checks, nothing more. Proofs
go through :mod:`evote.proofs`, arithmetic through :mod:`evote.groups`, findings through
:mod:`evote.report`. The order is fixed: shape, then decoding, then proofs; what does not hold fails.
What is checked of each format, and what cannot be, stands in ``specs/foreign-records.md``.
"""

from __future__ import annotations

from evote.interop.contract import Foreign, Progress, Request, System
from evote.interop.recognise import SYSTEMS, recognise

__all__ = ["SYSTEMS", "Foreign", "Progress", "Request", "System", "recognise"]
