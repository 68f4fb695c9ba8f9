"""A report as rows for a terminal: plain data, nothing of colours or widths.

All checks of one verification that passed, or do not apply, make one row; a check that failed or
was not done has a row of its own, followed by its first findings.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from evote.report.report import Report
from evote.report.result import CheckResult, Finding
from evote.report.status import Status

SHOWN_FINDINGS = 5
"""Findings of one check that a table shows."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One line: which checks, what they are about, their common status, and how much they looked at.

    ``findings`` are the first findings, ``more`` the number of those that are not shown; ``note``
    says why something was not checked or does not apply.
    """

    ids: str
    title: str
    status: Status
    count: int
    findings: tuple[Finding, ...] = ()
    more: int = 0
    note: str = ""


def rows(report: Report, *, details: bool = False) -> tuple[TableRow, ...]:
    """The rows of a report, in the order of its checks; ``details`` gives each check its own row."""
    if details:
        return tuple(_single(result) for result in report.checks)
    found: list[TableRow] = []
    for _, members in groupby(report.checks, key=lambda result: (result.check.family, _mergeable(result))):
        run = list(members)
        if _mergeable(run[0]) is None:
            found.extend(_single(result) for result in run)
        else:
            found.append(_joined(run))
    return tuple(found)


def _mergeable(result: CheckResult) -> Status | None:
    return result.status if result.status in (Status.PASS, Status.NOT_APPLICABLE) else None


def _single(result: CheckResult) -> TableRow:
    shown = result.findings[:SHOWN_FINDINGS]
    return TableRow(
        result.id,
        result.title,
        result.status,
        result.count,
        shown,
        result.found - len(shown),
        result.note,
    )


def _joined(run: list[CheckResult]) -> TableRow:
    first, last = run[0], run[-1]
    ids = first.id if first is last else f"{first.id}–{last.id}"
    notes = {result.note for result in run}
    title = first.title if first is last else f"{first.title} … {last.title}"
    return TableRow(
        ids,
        title,
        first.status,
        sum(result.count for result in run),
        note=notes.pop() if len(notes) == 1 else "",
    )
