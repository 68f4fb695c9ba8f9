"""ElectionGuard 2.0: records in the JSON of egk-ec and of electionguard-kotlin-multiplatform.

Implements the verifications of the ElectionGuard Design Specification 2.0.0, section 6, on the 4096-bit
group and on P-256 in the variant of egk-ec, with the departures from the text that these two programs
share (``specs/foreign-records.md``). Leaves out: other sets of parameters, which fail verification 1.
"""

from __future__ import annotations

from evote.interop.electionguard2.layout import recognise
from evote.interop.electionguard2.verify import verify

__all__ = ["recognise", "verify"]
