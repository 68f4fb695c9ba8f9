"""What a verifier has to say: statuses, findings, counts and a verdict; as JSON, as a table, as a page.

=============  ==================================================================================
``status``     what became of one check, and of all of them together
``check``      a numbered check: id, title, anchor in the specification
``result``     findings, and the result of one check
``subject``    what was verified, and by what
``work``       how it was made
``summary``    the counts that the record states, for people
``report``     the report: verdict, exit code, JSON
``builder``    collects while a verifier runs, in bounded memory
``table``      rows for a terminal
``text``       texts of a record as they may be shown
``html``       one self-contained page in plain language
=============  ==================================================================================

Nothing here does I/O; the JSON form is described by ``report.schema.json`` beside this file.
"""

from __future__ import annotations

from evote.report.builder import ReportBuilder
from evote.report.check import Check
from evote.report.html import html_page
from evote.report.report import Report
from evote.report.result import CheckResult, Finding
from evote.report.status import Status, Verdict
from evote.report.subject import Subject, Tool
from evote.report.summary import CellSummary, ContestSummary, ElectionSummary, FieldSummary
from evote.report.table import TableRow, rows
from evote.report.text import shown
from evote.report.work import Work

__all__ = [
    "CellSummary",
    "Check",
    "CheckResult",
    "ContestSummary",
    "ElectionSummary",
    "FieldSummary",
    "Finding",
    "Report",
    "ReportBuilder",
    "Status",
    "Subject",
    "TableRow",
    "Tool",
    "Verdict",
    "Work",
    "html_page",
    "rows",
    "shown",
]
