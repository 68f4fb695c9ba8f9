"""Records of other systems in the place of our own: what of a request they can be asked.

Foreign records are examined in this process, one statement after another: the formats that are read so
far publish no commitments, so that nothing can be batched, and no state is kept to go on from.
"""

from __future__ import annotations

from dataclasses import replace

from evote.errors import RefusedError
from evote.interop import Foreign, Request
from evote.report import Report
from evote.verifier.method import Way


def verify_foreign(foreign: Foreign, request: Request, way: Way, *, stateful: bool) -> Report:
    """The report on a foreign record.

    Raises :class:`RefusedError` where a state was asked for (``stateful``).
    """
    if stateful:
        raise RefusedError("the verification of a record of another system keeps no state; leave it out")
    report = foreign.verify(request)
    if way is Way.BATCH:
        sentence = "The format publishes no commitments: every ballot was checked one equation at a time."
        report = replace(report, warnings=(*report.warnings, sentence))
    return report
