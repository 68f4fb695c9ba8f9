"""What a part of a verification has to say, as a value that can be sent, stored and put into the report.

A part is made in another process, or was made yesterday; its words reach the report in the order of
the record, and the report is then the one that a single pass would have written. Of each check are kept
the number of findings and the first of them, as many as the report keeps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated

from evote.codec import AtMost, Count
from evote.errors import VerificationError
from evote.report import ReportBuilder
from evote.report.builder import MAX_FINDINGS
from evote.report.text import MAX_TEXT
from evote.verifier.state import Verification

_KEPT = MAX_TEXT + 1
"""Letters that are kept of a text: the report shows ``MAX_TEXT``, and whether there were more."""

Identifier = Annotated[str, AtMost(16)]
Line = Annotated[str, AtMost(4 * _KEPT)]


@dataclass(frozen=True, slots=True)
class Number:
    """A count under a name: statements of a check, or one of the report's counts."""

    name: Identifier
    number: Count


@dataclass(frozen=True, slots=True)
class Found:
    """One finding, its texts as they came, cut."""

    check: Identifier
    where: Line
    message: Line
    expected: Line
    computed: Line


@dataclass(frozen=True, slots=True)
class Skip:
    """Why a check could not look at something."""

    check: Identifier
    reason: Line


@dataclass(frozen=True, slots=True)
class Said:
    """Everything that a part said."""

    looked: tuple[Number, ...] = ()
    """Statements per check."""
    added: tuple[Number, ...] = ()
    """For the report's counts."""
    found: tuple[Number, ...] = ()
    """Findings per check, all of them."""
    kept: tuple[Found, ...] = ()
    """The first findings of each check, in their order."""
    skips: tuple[Skip, ...] = ()
    """The first reason of each check."""

    def tell(self, run: Verification) -> None:
        """Put everything into the report of a verification."""
        report = run.report
        report.count_all({entry.name: entry.number for entry in self.looked})
        for entry in self.added:
            report.add(entry.name, entry.number)
        for skip in self.skips:
            run.skip((skip.check,), skip.reason)
        told = _tell_findings(report, self.kept)
        for entry in self.found:
            report.fail_more(entry.name, entry.number - told[entry.name])


def _tell_findings(report: ReportBuilder, kept: Iterable[Found]) -> Counter[str]:
    told: Counter[str] = Counter()
    for one in kept:
        report.fail(one.check, one.where, one.message, expected=one.expected, computed=one.computed)
        told[one.check] += 1
    return told


class Notebook:
    """Gathers what a part says; the words of :class:`~evote.report.ReportBuilder`."""

    __slots__ = ("_added", "_found", "_kept", "_looked", "_skips")

    def __init__(self) -> None:
        self._looked: Counter[str] = Counter()
        self._added: Counter[str] = Counter()
        self._found: Counter[str] = Counter()
        self._kept: list[Found] = []
        self._skips: dict[str, str] = {}

    def count(self, identifier: str, number: int = 1) -> None:
        """The check looked at that many statements more."""
        self._looked[identifier] += number

    def count_all(self, counts: Mapping[str, int]) -> None:
        """:meth:`count` for each id."""
        self._looked.update(counts)

    def add(self, name: str, number: int = 1) -> None:
        """Add to one of the report's counts."""
        self._added[name] += number

    def fail(
        self, identifier: str, where: str, message: str, *, expected: object = "", computed: object = ""
    ) -> None:
        """Something is wrong."""
        self._found[identifier] += 1
        if self._found[identifier] <= MAX_FINDINGS:
            texts = (where, message, str(expected), str(computed))
            self._kept.append(Found(identifier, *(text[:_KEPT] for text in texts)))

    def fail_with(self, error: VerificationError) -> None:
        """The finding that an error carries."""
        self.fail(error.check, error.where, error.message, expected=error.expected, computed=error.computed)

    def skip(self, identifiers: Iterable[str], reason: str) -> None:
        """Something that the checks speak of could not be looked at; the first reason is kept."""
        for identifier in identifiers:
            self._skips.setdefault(identifier, reason[:_KEPT])

    def said(self) -> Said:
        """Everything so far."""
        return Said(
            _numbers(self._looked),
            _numbers(self._added),
            _numbers(self._found),
            tuple(self._kept),
            tuple(Skip(check, reason) for check, reason in self._skips.items()),
        )


def _numbers(counts: Counter[str]) -> tuple[Number, ...]:
    return tuple(Number(name, number) for name, number in counts.items())
