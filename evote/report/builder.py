"""Collects what a verifier sees, in memory that does not grow with the record.

Of each check are kept: how many statements it looked at, how many findings there are, and the first
of them. Rules: every registered check has a result, whether or not anybody spoke of it; an unknown
id is a programming error; a finding weighs more than every reason not to check; "nothing to look
at" is a success only where somebody said why (``not_applicable``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from evote.errors import VerificationError
from evote.report.check import Check
from evote.report.report import Report
from evote.report.result import CheckResult, Finding
from evote.report.status import Status
from evote.report.subject import Subject
from evote.report.summary import ElectionSummary
from evote.report.text import shown
from evote.report.work import Work

MAX_FINDINGS = 1000
"""Findings that are kept of one check."""

NOTHING_SEEN = "there was nothing to look at"


class ReportBuilder:
    """The report while it is being made; ``checks`` are all that the report will have, in order.

    ``families`` says for people what each verification is about, where its numbers are not those of 2.1.
    """

    def __init__(
        self, checks: Iterable[Check], *, format_name: str, families: Mapping[str, str] | None = None
    ) -> None:
        self._checks = {check.id: check for check in checks}
        self._format = format_name
        self._families = families
        self._looked: Counter[str] = Counter()
        self._found: Counter[str] = Counter()
        self._findings: dict[str, list[Finding]] = {}
        self._skipped: dict[str, str] = {}
        self._inapplicable: dict[str, str] = {}
        self._counts: Counter[str] = Counter()
        self._warnings: list[str] = []
        self.subject = Subject()
        self.summary: ElectionSummary | None = None
        self.work: Work | None = None

    # --- while checking --------------------------------------------------------------------------

    def count(self, identifier: str, number: int = 1) -> None:
        """The check looked at that many statements more."""
        self._looked[self._known(identifier)] += number

    def count_all(self, counts: Mapping[str, int]) -> None:
        """:meth:`count` for each id."""
        for identifier, number in counts.items():
            self.count(identifier, number)

    def fail(
        self, identifier: str, where: str, message: str, *, expected: object = "", computed: object = ""
    ) -> None:
        """Something is wrong."""
        self._found[self._known(identifier)] += 1
        kept = self._findings.setdefault(identifier, [])
        if len(kept) < MAX_FINDINGS:
            kept.append(Finding(where, str(expected), str(computed), message))

    def fail_with(self, error: VerificationError, identifier: str | None = None) -> None:
        """The finding that an error carries; ``identifier`` where the error names no check of its own."""
        self.fail(
            identifier or error.check,
            error.where,
            error.message,
            expected=error.expected,
            computed=error.computed,
        )

    def fail_more(self, identifier: str, number: int) -> None:
        """So many findings more, of which nobody kept the texts."""
        if number:
            self._found[self._known(identifier)] += number

    def compare(self, identifier: str, where: str, message: str, *, expected: bytes, computed: bytes) -> None:
        """Count one statement, that two byte strings are equal; both are shown in hexadecimal."""
        self.count(identifier)
        if expected != computed:
            self.fail(identifier, where, message, expected=expected.hex(), computed=computed.hex())

    def skip(self, identifiers: str | Iterable[str], reason: str) -> None:
        """Something that the check speaks of could not be looked at. The first reason is kept."""
        for identifier in _each(identifiers):
            self._skipped.setdefault(self._known(identifier), shown(reason))

    def not_applicable(self, identifiers: str | Iterable[str], reason: str) -> None:
        """The election declares nothing that the check speaks of. The first reason is kept."""
        for identifier in _each(identifiers):
            self._inapplicable.setdefault(self._known(identifier), shown(reason))

    def add(self, name: str, number: int = 1) -> None:
        """Add to one of the report's counts (``ballots``, ``selections`` …)."""
        self._counts[name] += number

    def name_format(self, name: str) -> None:
        """What the record was found to be, where the reader learns it while it reads."""
        self._format = name

    def warn(self, sentence: str) -> None:
        """A sentence for the reader that does not change the verdict."""
        if (safe := shown(sentence)) not in self._warnings:
            self._warnings.append(safe)

    def merge(self, other: ReportBuilder) -> None:
        """Everything that another builder of the same checks was told, as if told here after the rest."""
        if list(other._checks) != list(self._checks):
            raise ValueError("the other report has other checks")
        self._looked.update(other._looked)
        self._found.update(other._found)
        self._counts.update(other._counts)
        for identifier, findings in other._findings.items():
            kept = self._findings.setdefault(identifier, [])
            kept.extend(findings[: MAX_FINDINGS - len(kept)])
        for mine, others in ((self._skipped, other._skipped), (self._inapplicable, other._inapplicable)):
            for identifier, reason in others.items():
                mine.setdefault(identifier, reason)
        for sentence in other._warnings:
            self.warn(sentence)

    # --- questions -------------------------------------------------------------------------------

    def looked(self, identifier: str) -> int:
        """How many statements the check looked at so far."""
        return self._looked[self._known(identifier)]

    def found(self, identifier: str) -> int:
        """How many findings the check has so far."""
        return self._found[self._known(identifier)]

    def status(self, identifier: str) -> Status:
        """What would become of the check if nothing more were said."""
        return self._result(self._checks[self._known(identifier)]).status

    def counted(self, name: str) -> int:
        """One of the report's counts so far."""
        return self._counts[name]

    # --- the end ---------------------------------------------------------------------------------

    def build(self) -> Report:
        """The report of everything said so far."""
        return Report(
            self.subject,
            self._format,
            dict(self._counts),
            tuple(self._result(check) for check in self._checks.values()),
            tuple(self._warnings),
            self.summary,
            work=self.work,
            families=self._families,
        )

    def _result(self, check: Check) -> CheckResult:
        identifier = check.id
        looked, found = self._looked[identifier], self._found[identifier]
        note = self._skipped.get(identifier, "")
        if found:
            findings = tuple(self._findings[identifier])
            return CheckResult(check, Status.FAIL, looked, findings, found, note)
        if identifier in self._skipped:
            return CheckResult(check, Status.NOT_CHECKED, looked, note=note)
        if identifier in self._inapplicable:
            note = self._inapplicable[identifier]
            return CheckResult(check, Status.NOT_APPLICABLE, looked, note=note)
        if looked < 1:
            return CheckResult(check, Status.NOT_CHECKED, 0, note=NOTHING_SEEN)
        return CheckResult(check, Status.PASS, looked)

    def _known(self, identifier: str) -> str:
        if identifier not in self._checks:
            raise ValueError(f"no check is called {identifier!r}")
        return identifier


def _each(identifiers: str | Iterable[str]) -> Iterable[str]:
    return (identifiers,) if isinstance(identifiers, str) else identifiers
