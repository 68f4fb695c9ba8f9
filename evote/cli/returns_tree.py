"""The tree of units on a terminal or a pipe: statuses, counts, colours."""

from __future__ import annotations

import click

from evote.office.returns_files import Intake
from evote.report.text import shown as printable
from evote.returns import UnitNode, UnitStatus

_COLOURS = {
    UnitStatus.REPORTED: "green",
    UnitStatus.DUPLICATE: "green",
    UnitStatus.MISSING: "yellow",
    UnitStatus.PARTIAL: "yellow",
    UnitStatus.UNKNOWN: "magenta",
    UnitStatus.CONFLICT: "red",
}


def show_tree(intake: Intake) -> None:
    """Every unit with its status and voters, sums above them, and what wants a look."""
    state = intake.state
    for root in state.roots:
        _show(root, 0)
    for arrival in state.unknown:
        _line(0, "?", UnitStatus.UNKNOWN, f"{arrival.name}: {arrival.message}")
    if state.forked:
        click.echo("CONFLICT of the roster: the authority signed two successors of one version")
    if state.roster_missing:
        click.echo("A version of the roster is missing: a later one is here, and keys may have been replaced")
    for contest, counts in state.totals.plain.items():
        options = intake.merged.election.manifest.contest_by_label(contest).options
        figures = ", ".join(f"{option.label} {count}" for option, count in zip(options, counts, strict=True))
        click.echo(f"Plain counts of {contest}: {figures}")
    for finding in intake.findings:
        click.echo(f"{'Look at' if finding.rule.flag else 'WRONG'}: {finding}")
    missing = state.units(UnitStatus.MISSING, UnitStatus.PARTIAL, UnitStatus.UNKNOWN)
    click.echo(f"{state.reported} of {state.expected} units have reported.")
    if missing:
        names = ", ".join(missing[:20])
        click.echo(f"Waiting for {names}{' …' if len(missing) > 20 else ''}")


def _show(node: UnitNode, depth: int) -> None:
    label = node.path.rpartition("/")[2]
    ballots, paper = node.totals.ballots, node.totals.open
    counted = ballots.count("counted") + paper.count("counted")
    text = f"{counted} voters counted"
    if node.children:
        text = f"{node.reported} of {node.expected} units, {text}"
    elif node.standing is not None and node.standing.conflict is not None:
        text = node.standing.conflict.reason
    elif node.partial:
        text = f"torn: {', '.join(node.partial)}" + (f"; {text}" if node.status.counts else "")
    elif not node.status.counts:
        text = ""
    elif node.standing is not None and node.standing.counted is not None:
        text = f"{node.standing.counted.returned.kind.value}, {text}"
    _line(depth, label, node.status, text)
    for child in node.children:
        _show(child, depth + 1)


def _line(depth: int, label: str, status: UnitStatus, text: str) -> None:
    label, text = printable(label), printable(text)  # names of files and units are anybody's
    name = click.style(f"{status.value:10}", fg=_COLOURS[status])
    click.echo(f"{name}{'  ' * depth}{label}  {text}".rstrip())
