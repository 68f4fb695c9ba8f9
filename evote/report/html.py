"""A report as one self-contained page in plain language.

Rules: no script, no style sheet, font or picture from elsewhere; every text of the record is escaped;
a rehearsal says so at the top; a page that shows counts also says what the checks found about them,
and what no verification of a record can prove. It prints on paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby

from evote.report.page_parts import (
    CLAIMS,
    FAMILIES,
    NOT_PROVEN,
    STAGE_CLAIMS,
    STATUS_WORDS,
    STYLE,
    VERDICT_WORDS,
)
from evote.report.report import Report
from evote.report.result import CheckResult
from evote.report.status import Status, Verdict
from evote.report.summary import CellSummary, ContestSummary, ElectionSummary, FieldSummary

SHOWN_FINDINGS = 50
"""Findings of one check on the page."""


def html_page(report: Report) -> str:
    """The page of a report, as a whole HTML document."""
    title = report.summary.name if report.summary else report.subject.election or "Election record"
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        # Nothing may be loaded, whatever a text of the record pretends to be.
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">",
        f"<title>{escape(title)} – verification report</title><style>{STYLE}</style></head><body>",
        *_rehearsal(report),
        f'<header><p class="kind">Verification report</p><h1>{escape(title)}</h1></header>',
        *_verdict(report),
        *_warnings(report),
        *_results(report),
        *_checked(report),
        *_findings(report),
        *_identity(report),
        *_not_proven(report),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _rehearsal(report: Report) -> Iterator[str]:
    if report.subject.test:
        yield (
            '<div class="rehearsal" role="alert"><strong>REHEARSAL</strong> This is the record of a test, '
            "not of a real election.</div>"
        )


def _verdict(report: Report) -> Iterator[str]:
    verdict = report.verdict
    failed, missing = len(report.failed), len(report.having(Status.NOT_CHECKED))
    passed = len(report.having(Status.PASS))
    yield f'<section class="verdict {verdict.value.lower()}"><h2>{escape(VERDICT_WORDS[verdict])}</h2>'
    claim = CLAIMS[verdict]
    if verdict is Verdict.PASS:
        claim = STAGE_CLAIMS.get(report.subject.stage, claim)
    yield f"<p>{escape(claim)}</p>"
    yield (
        f"<p>{_number(passed)} checks passed, {_number(failed)} failed, {_number(missing)} could not be made."
        f" {_seen(report)}</p></section>"
    )


def _seen(report: Report) -> str:
    counts = report.counts
    if not counts.get("ballots"):
        return "No ballot was looked at."
    return (
        f"{_number(counts['ballots'])} ballots were looked at: {_number(counts.get('cast', 0))} cast and "
        f"{_number(counts.get('challenged', 0))} challenged, with {_number(counts.get('selections', 0))} "
        "encrypted selections."
    )


def _warnings(report: Report) -> Iterator[str]:
    if report.warnings:
        yield '<section class="warnings"><h2>Please note</h2><ul>'
        yield from (f"<li>{escape(sentence)}</li>" for sentence in report.warnings)
        yield "</ul></section>"


# --- results -------------------------------------------------------------------------------------------


def _results(report: Report) -> Iterator[str]:
    summary = report.summary
    if summary is None:
        return
    yield '<section class="results"><h2>Results</h2>'
    if report.verdict is Verdict.PASS:
        yield "<p>The figures of the record. Every one was derived again from the published ballots.</p>"
    else:
        yield (
            '<p class="caution">These are the figures that the record states. Not all of them are shown to '
            "be right: see the verdict above and the findings below.</p>"
        )
    for contest in summary.contests:
        yield from _contest(contest, summary)
    yield "</section>"


def _contest(contest: ContestSummary, summary: ElectionSummary) -> Iterator[str]:
    yield f"<h3>{escape(contest.name)}</h3>"
    ballots = sum(cell.ballots for cell in contest.cells)
    votes = "one vote" if contest.limit == 1 else f"up to {_number(contest.limit)} votes"
    counted = "1 ballot" if ballots == 1 else f"{_number(ballots)} ballots"
    yield f"<p>{counted} counted, {votes} on each.</p>"
    if contest.withheld:
        yield (
            f'<p class="caution">{_number(contest.withheld)} of {_number(len(contest.cells))} parts are '
            "withheld and missing from these sums.</p>"
        )
    if contest.totals:
        yield from _bars(contest.totals)
    if len(contest.cells) > 1:
        yield "<details><summary>Part by part</summary>"
        for cell in contest.cells:
            yield from _cell(cell)
        yield "</details>"
    elif contest.cells and contest.cells[0].withheld:
        yield f"<p>Withheld: {escape(contest.cells[0].withheld)}</p>"


def _cell(cell: CellSummary) -> Iterator[str]:
    yield f"<h4>{escape(cell.label)}</h4>"
    units = ", ".join(cell.units)
    weighted = f", of weight {_number(cell.weight)}" if cell.weight != cell.ballots else ""
    yield f'<p class="units">{_number(cell.ballots)} ballots{weighted} · {escape(units)}</p>'
    if cell.withheld:
        yield f"<p>Withheld: {escape(cell.withheld)}</p>"
    else:
        yield from _bars(cell.fields)


def _bars(fields: Iterable[FieldSummary]) -> Iterator[str]:
    fields = tuple(fields)
    total = sum(field.count for field in fields if field.counted)
    highest = max((field.count for field in fields if field.counted), default=0)
    yield '<table class="counts"><thead><tr><th scope="col">Option</th>'
    yield '<th scope="col" class="number">Votes</th><th scope="col" class="number">Share</th><th></th></tr>'
    yield "</thead><tbody>"
    for field in fields:
        if field.counted:
            share = f"{100 * field.count / total:.2f} %" if total else "–"
            width = 100 * field.count / highest if highest else 0
            bar = f'<div class="bar" style="width:{width:.1f}%"></div>'
        else:
            share, bar = "not proven", ""  # a device counts it; no proof ties it to the votes
        kind = "" if field.counted else ' class="extra"'
        yield (
            f'<tr{kind}><th scope="row">{escape(field.name)}</th><td class="number">{_number(field.count)}'
            f'</td><td class="number">{share}</td><td class="graph">{bar}</td></tr>'
        )
    yield "</tbody></table>"


# --- checks --------------------------------------------------------------------------------------------


def _checked(report: Report) -> Iterator[str]:
    families = FAMILIES if report.families is None else report.families
    yield '<section class="checks"><h2>What was checked</h2><table><thead><tr><th>No.</th><th>What</th>'
    yield '<th class="number">Statements</th><th>Outcome</th></tr></thead><tbody>'
    for family, members in groupby(report.checks, key=lambda result: result.check.family):
        results = list(members)
        status = _worst(results)
        yield (
            f'<tr class="{status.value.lower()} family"><td>{escape(family)}</td>'
            f"<td>{escape(families.get(family, results[0].title))}</td>"
            f'<td class="number">{_number(sum(result.count for result in results))}</td>'
            f"<td>{STATUS_WORDS[status]}</td></tr>"
        )
        if status is Status.NOT_APPLICABLE:
            continue
        yield from map(_check_row, results)
    yield "</tbody></table></section>"


def _check_row(result: CheckResult) -> str:
    note = f' <span class="note">{escape(result.note)}</span>' if result.note else ""
    return (
        f'<tr class="{result.status.value.lower()}"><td>{escape(result.id)}</td><td>{escape(result.title)}'
        f'{note}</td><td class="number">{_number(result.count)}</td>'
        f"<td>{STATUS_WORDS[result.status]}</td></tr>"
    )


def _worst(results: Iterable[CheckResult]) -> Status:
    statuses = {result.status for result in results}
    for status in (Status.FAIL, Status.NOT_CHECKED, Status.PASS):
        if status in statuses:
            return status
    return Status.NOT_APPLICABLE


def _findings(report: Report) -> Iterator[str]:
    failed = [result for result in report.checks if result.findings]
    yield '<section class="findings"><h2>What was found</h2>'
    if not failed:
        yield "<p>Nothing that is wrong.</p>"
    for result in failed:
        yield f"<h3>{escape(result.id)} – {escape(result.title)}</h3><ul>"
        for finding in result.findings[:SHOWN_FINDINGS]:
            place = f"<b>{escape(finding.where)}</b>: " if finding.where else ""
            sides = "".join(
                f"<br>{label} <code>{escape(text)}</code>"
                for label, text in (("expected", finding.expected), ("found", finding.computed))
                if text
            )
            yield f"<li>{place}{escape(finding.message)}{sides}</li>"
        yield "</ul>"
        if result.found > SHOWN_FINDINGS:
            yield f"<p>{_number(result.found - SHOWN_FINDINGS)} more of this kind are not shown.</p>"
    yield "</section>"


# --- identity and limits -------------------------------------------------------------------------------


def _identity(report: Report) -> Iterator[str]:
    subject = report.subject
    group = f"{subject.group} ({subject.profile})" if subject.profile else subject.group
    lines = [
        ("Fingerprint of the election", subject.fingerprint, True),
        ("Expected fingerprint", subject.expected or "none was given", bool(subject.expected)),
        ("Digest of the record", subject.digest, True),
        ("Group", group, False),
        ("Kind of record", report.format, False),
        ("Checked as", subject.stage, False),
        ("Checked by", f"{report.tool.name} {report.tool.version}", False),
        *_work(report),
    ]
    yield '<section class="identity"><h2>Which record this is about</h2><dl>'
    for label, value, code in lines:
        shown = escape(value or "could not be read")
        yield f"<dt>{label}</dt><dd>{f'<code>{shown}</code>' if code else shown}</dd>"
    yield (
        "</dl><p>The fingerprint stands for the parameters, the manifest and the keys; compare it with the "
        "one that the election authority announced. The digest stands for the whole record: everybody "
        "who verifies the same record sees the same digest.</p></section>"
    )


def _work(report: Report) -> Iterator[tuple[str, str, bool]]:
    """How the ballots were examined."""
    work = report.work
    if work is None:
        return
    text = f"{_number(work.batched)} in batches, {_number(work.plain)} one by one; arithmetic: {work.kernel}"
    if work.batched:
        text += f"; weights {work.weights}; a false statement passes with {work.bound}"
    if work.reused:
        text += f"; {_number(work.reused)} of them in an earlier run of the same verifier"
    yield "Ballots examined", text, False


def _not_proven(report: Report) -> Iterator[str]:
    yield '<section class="limits"><h2>What this does not prove</h2><ul>'
    summary = report.summary
    if report.subject.expected is None:
        yield (
            "<li>That this is the record of the election you mean. It is consistent with the fingerprint "
            "above; whether that one is right must be known from elsewhere.</li>"
        )
    challenged = report.counts.get("challenged", 0)
    opened = (
        f"{_number(challenged)} were challenged and opened here; their voters must have compared them with "
        "what they chose."
        if challenged
        else "No ballot of this record was challenged."
    )
    yield (
        "<li>That voting devices encrypted what voters chose. Every voter can find out by challenging a "
        f"ballot. {opened}</li>"
    )
    yield from (f"<li>{escape(sentence)}</li>" for sentence in NOT_PROVEN)
    if summary is not None:
        yield (
            f"<li>That votes stay secret if guardians collude: any {_number(summary.quorum)} of the "
            f"{_number(summary.guardians)} guardians together can open any ballot.</li>"
        )
    yield "</ul></section>"


def _number(value: int) -> str:
    """A number with thin spaces between groups of three digits."""
    return f"{value:,}".replace(",", "\u202f")
