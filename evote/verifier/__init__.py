"""Verifies published records: verifications 1 to 19 of ElectionGuard 2.1, and evote's own checks.

>>> from evote.verifier import Stage, verify_record
>>> report = verify_record("record")                        # doctest: +SKIP
>>> report.verdict, report.exit_code                        # doctest: +SKIP
(<Verdict.PASS: 'PASS'>, 0)

Importing this package loads no module that proves, encrypts or holds secrets. The numbered table of
checks stands in ``specs/verification-table.md``.
"""

from __future__ import annotations

from evote.record.values import Stage
from evote.verifier.method import KERNELS, METHODS
from evote.verifier.registry import CHECKS
from evote.verifier.verify import verify_record

__all__ = ["CHECKS", "KERNELS", "METHODS", "Stage", "verify_record"]
