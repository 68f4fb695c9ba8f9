"""What became of a check, and what follows from all of them together.

Rules: a check that found something FAILs whatever else is true of it; only a check that looked at
something passes; one failure makes the verdict FAIL; without one, a single check that was not done
makes it INCOMPLETE (A30, A43).
"""

from __future__ import annotations

import enum
from collections.abc import Iterable


class Status(enum.Enum):
    """The outcome of one check."""

    PASS = "PASS"
    """It looked at everything that it speaks of, and found nothing wrong."""
    FAIL = "FAIL"
    """At least one statement is false, or something that must be there is not."""
    NOT_CHECKED = "NOT_CHECKED"
    """It should have looked and could not; the note says why. Never a success."""
    NOT_APPLICABLE = "NOT_APPLICABLE"
    """The election, as it was declared, has nothing of this kind; or it belongs to a later stage."""


class Verdict(enum.Enum):
    """The outcome of all checks."""

    PASS = "PASS"
    FAIL = "FAIL"
    INCOMPLETE = "INCOMPLETE"

    @property
    def exit_code(self) -> int:
        """0, 1 or 3: the exit code of a program with this verdict."""
        return _EXIT_CODES[self]


_EXIT_CODES = {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.INCOMPLETE: 3}


def verdict_of(statuses: Iterable[Status]) -> Verdict:
    """FAIL if any check failed, else INCOMPLETE if one was not done or none passed, else PASS."""
    found = set(statuses)
    if Status.FAIL in found:
        return Verdict.FAIL
    if Status.NOT_CHECKED in found or Status.PASS not in found:
        return Verdict.INCOMPLETE
    return Verdict.PASS
