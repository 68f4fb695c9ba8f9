"""What a verification found, on stdout."""

from __future__ import annotations

from itertools import groupby

import click

from evote.cli.tables import show
from evote.report import Report, Status, TableRow, Work, rows


def print_report(report: Report, *, details: bool = False) -> None:
    """The subject, a row per verification, every finding, and the verdict last."""
    subject = report.subject
    for name, value in (
        ("Election", subject.election),
        ("Stage", subject.stage),
        ("Group", f"{subject.group} ({subject.profile})" if subject.profile else subject.group),
        ("Record", subject.digest),
    ):
        if value:
            click.echo(f"{name + ':':13}{value}")
    table = rows(report, details=details)
    show(
        "Verifications",
        ("check", "status", "looked at", "about"),
        [(row.ids, row.status.value, row.count, row.title) for row in table],
    )
    for note, rows_of_note in groupby(table, key=lambda row: row.note if _skipped(row) else None):
        members = list(rows_of_note)
        if note is not None:
            click.echo(f"{', '.join(row.ids for row in members)} not checked: {note}")
            continue
        for row in members:
            _explain(row)
    for warning in report.warnings:
        click.echo(f"Warning: {warning}")
    counts = ", ".join(f"{count} {name}" for name, count in report.counts.items())
    click.echo(f"Counts:      {counts}")
    if report.work is not None:
        click.echo(f"Method:      {_method(report.work)}")
    if subject.fingerprint:
        expected = "" if subject.expected is None else f" (expected {subject.expected})"
        click.echo(f"Fingerprint: {subject.fingerprint}{expected}")
    click.echo(f"Verdict:     {report.verdict.value}")


def _method(work: Work) -> str:
    """How the ballots were examined."""
    text = f"{work.method}, kernel {work.kernel}: {work.batched} ballots in batches, {work.plain} one by one"
    if work.batched:
        text += f"; weights {work.weights}, a false statement passes with {work.bound}"
    if work.reused:
        text += f"; {work.reused} of them in an earlier run"
    return text


def _skipped(row: TableRow) -> bool:
    return row.status is Status.NOT_CHECKED


def _explain(row: TableRow) -> None:
    """The findings of a check that failed."""
    for finding in row.findings:
        click.echo(f"{row.ids} {row.status.value}: {finding}")
    if row.more:
        click.echo(f"{row.ids}: and {row.more} more; --json lists them")
