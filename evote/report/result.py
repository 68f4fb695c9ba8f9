"""Findings, and the result of one check."""

from __future__ import annotations

from dataclasses import dataclass

from evote.report.check import Check
from evote.report.status import Status
from evote.report.text import shown


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: where, what should stand there, what was found or computed, and why.

    ``expected`` and ``computed`` are empty where there are no two sides. Texts are cut and escaped
    (:func:`~evote.report.text.shown`), because they quote the record.
    """

    where: str
    expected: str
    computed: str
    message: str

    def __post_init__(self) -> None:
        for name in ("where", "expected", "computed", "message"):
            object.__setattr__(self, name, shown(getattr(self, name)))

    def __str__(self) -> str:
        sides = f" (expected {self.expected}, found {self.computed})" if self.expected else ""
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.message}{sides}"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found.

    ``count`` is the number of statements that it looked at, ``found`` the number of findings, of which
    ``findings`` has the first ones. ``note`` says why a check was not done or does not apply.
    """

    check: Check
    status: Status
    count: int
    findings: tuple[Finding, ...] = ()
    found: int = 0
    note: str = ""

    def __post_init__(self) -> None:
        if self.found < len(self.findings) or (self.found > 0) != (self.status is Status.FAIL):
            raise ValueError("a check fails if, and only if, something was found")
        if self.status is Status.PASS and self.count < 1:
            raise ValueError("a check that looked at nothing does not pass")

    @property
    def id(self) -> str:
        return self.check.id

    @property
    def title(self) -> str:
        return self.check.title
