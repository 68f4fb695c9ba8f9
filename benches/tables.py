"""The figures of result files as Markdown: ``python -m benches.tables FILE... --into README.md``.

One table per step and contest, the slowest first; each subject at its largest size. The last column
says how many times the fastest way of evote (the batch, where there is one) a subject takes. Nothing is
rounded up: figures are in three places, as the results print them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from evote.bench import figures
from evote.bench.document import read
from evote.bench.figures import Bar, Clock
from evote.bench.output import duration, facts_of
from evote.bench.shape import FOUR, RECORD, Shape
from evote.bench.subjects import NAME
from evote.bench.verifying import BATCH

REFERENCES = (BATCH, NAME)
"""Whom the others are compared with: the first of these that a table has."""

BEGIN, END = "<!-- figures:begin -->", "<!-- figures:end -->"

_STEPS: tuple[tuple[str, str, Shape, bool], ...] = (
    ("verify", "Verifying, per selection", RECORD, False),
    ("verify", "Verifying a ballot with up to two of four answers, per ballot", FOUR, True),
    ("encrypt", "Encrypting, per selection", RECORD, False),
    ("tally", "Tallying, per selection", RECORD, False),
)


def table(title: str, found: Sequence[Bar], what: str) -> list[str]:
    """One table; no lines where nothing was measured."""
    if not found:
        return []
    held = {bar.label: bar for bar in found}
    base = next((held[name] for name in REFERENCES if name in held), None)
    lines = [
        f"| {title} | {what} in a round | time | times {base.label if base else '–'} |",
        "|---|---|---|---|",
    ]
    for bar in found:
        ratio = f"{bar.seconds / base.seconds:.2f}" if base is not None else "–"
        done = f"{bar.done:,}" if bar.done else "–"
        lines.append(f"| {bar.label} | {done} | {duration(bar.seconds)} | {ratio} |")
    return [*lines, ""]


def markdown(runs: Sequence[Mapping[str, Any]], clock: Clock = "wall") -> str:
    """All tables of these documents, and where they were made."""
    results = figures.merged(runs)
    lines: list[str] = []
    for step, title, shape, per_ballot in _STEPS:
        found = (
            figures.four_answers(results, clock)
            if per_ballot
            else figures.bars(results, step, shape, clock=clock)
        )
        if clock == "cpu":
            title = f"{title}, processor time"
        lines += table(title, found, "ballots" if per_ballot else "selections")
    if clock == "cpu":
        lines += ["Processor times, because the machine did other work too.", ""]
    lines += dict.fromkeys(facts_of(run) for run in runs)
    return "\n".join(lines)


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--into", type=click.Path(exists=True, path_type=Path), help="A page that has the two marks.")
@click.option("--clock", type=click.Choice(["wall", "cpu"]), default="wall", show_default=True)
def main(files: tuple[Path, ...], into: Path | None, clock: Clock) -> None:
    """Print result files as Markdown tables, or put them between the marks of a page."""
    text = markdown([read(file) for file in files], clock)
    if into is None:
        click.echo(text)
        return
    page = into.read_text(encoding="utf-8")
    if not 0 <= page.find(BEGIN) < page.find(END):
        raise click.UsageError(f"{into} has no {BEGIN} with {END} behind it")
    before, behind = page[: page.find(BEGIN)], page[page.find(END) :]
    into.write_text(f"{before}{BEGIN}\n\n{text}\n\n{behind}", encoding="utf-8")


if __name__ == "__main__":
    main()
