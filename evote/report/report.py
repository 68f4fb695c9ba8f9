"""The report of a verification: everything that was checked, and the verdict.

``to_json`` gives the documented form (``report.schema.json``); findings are capped per check there,
with their total beside them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from evote.report.result import CheckResult, Finding
from evote.report.status import Status, Verdict, verdict_of
from evote.report.subject import Subject, Tool
from evote.report.summary import ElectionSummary
from evote.report.work import Work

MAX_JSON_FINDINGS = 100
"""Most findings of one check in the JSON form."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was verified, how much, and what was found.

    ``counts`` says how many things the record holds and the verifier saw (``ballots``, ``cast``,
    ``challenged``, ``selections`` …). ``warnings`` are sentences that do not change the verdict; ``work``
    says how ballots were examined, where that stage was reached.
    """

    subject: Subject
    format: str
    counts: Mapping[str, int]
    checks: tuple[CheckResult, ...]
    warnings: tuple[str, ...] = ()
    summary: ElectionSummary | None = None
    tool: Tool = field(default_factory=Tool)
    work: Work | None = None
    families: Mapping[str, str] | None = None
    """What each verification is about, by its number; None for the numbers of 2.1 and evote's own."""

    def __post_init__(self) -> None:
        if len({check.id for check in self.checks}) != len(self.checks):
            raise ValueError("a check stands twice in one report")

    @property
    def verdict(self) -> Verdict:
        """FAIL, INCOMPLETE or PASS, in this order of weight."""
        return verdict_of(check.status for check in self.checks)

    @property
    def exit_code(self) -> int:
        """0 if all passes, 1 if a check failed, 3 if the verdict is incomplete."""
        return self.verdict.exit_code

    def __bool__(self) -> bool:
        raise TypeError("a report has no truth value; ask for its verdict")

    def check(self, identifier: str) -> CheckResult:
        """The result of one check; raises ``ValueError`` if the report has none of that id."""
        for result in self.checks:
            if result.id == identifier:
                return result
        raise ValueError(f"the report has no check {identifier!r}")

    @property
    def failed(self) -> tuple[str, ...]:
        """The ids of the checks that failed, in order."""
        return self.having(Status.FAIL)

    def having(self, status: Status) -> tuple[str, ...]:
        """The ids of the checks with that status, in order."""
        return tuple(result.id for result in self.checks if result.status is status)

    def to_dict(self) -> dict[str, object]:
        """The JSON form as plain dictionaries, lists, texts and numbers."""
        return {
            "tool": {"name": self.tool.name, "version": self.tool.version},
            "subject": _subject(self.subject),
            "format": self.format,
            "verdict": self.verdict.value,
            "counts": dict(self.counts),
            "checks": [_check(result) for result in self.checks],
            "warnings": list(self.warnings),
            "work": None if self.work is None else asdict(self.work),
        }

    def to_json(self) -> str:
        """The JSON form as text, indented, with a newline at the end."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=1) + "\n"


def _subject(subject: Subject) -> dict[str, object]:
    return {
        "digest": subject.digest,
        "fingerprint": subject.fingerprint,
        "expected": subject.expected,
        "group": subject.group,
        "profile": subject.profile,
        "election": subject.election,
        "stage": subject.stage,
        "test": subject.test,
    }


def _check(result: CheckResult) -> dict[str, object]:
    return {
        "id": result.id,
        "title": result.title,
        "status": result.status.value,
        "count": result.count,
        "found": result.found,
        "note": result.note,
        "findings": [_finding(finding) for finding in result.findings[:MAX_JSON_FINDINGS]],
    }


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "where": finding.where,
        "expected": finding.expected,
        "computed": finding.computed,
        "message": finding.message,
    }
