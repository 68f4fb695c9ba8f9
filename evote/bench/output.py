"""What a run or a comparison shows: aligned lines for pipes, a table for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from evote.bench.compare import Comparison
from evote.bench.harness import Spread

_COLUMNS = ("step", "contest", "subject", "ballots", "rounds", "median", "min", "max", "cpu median", "faster")
_COMPARED = ("step", "contest", "subject", "ballots", "A", "B", "faster", "A cpu", "B cpu")
_LEFT = 3
"""The first columns, text, stand to the left; figures to the right."""


def duration(seconds: float) -> str:
    """Seconds for people, in three figures: ``12.3 ms``, ``8.81 µs``."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:{'.3g' if seconds < 999.5 * size else '.0f'}} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def rows(run: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """The results as text cells, one tuple per subject, in the order of the columns."""
    cells: list[tuple[str, ...]] = []
    for result in run["results"]:
        wall = Spread(**result["seconds_per_selection"]["wall"])
        faster = result["times_faster"]["wall"]
        cells.append(
            (
                result["step"],
                contest_of(result["shape"]),
                f"{result['subject']}, {result['kernel']}",
                f"{result['ballots']:,}",
                str(len(result["rounds"])),
                duration(wall.median),
                duration(wall.minimum),
                duration(wall.maximum),
                duration(result["seconds_per_selection"]["cpu"]["median"]),
                _times(faster),
            )
        )
    return cells


def show(run: Mapping[str, Any], console: Console) -> None:
    """Print a document: a table at a terminal, aligned lines elsewhere."""
    heads = [
        f"{facts_of(run)}.",
        f"Time per selection; times faster than {run['baseline']}.",
    ]
    tails = [f"Absent: {missing['name']}: {missing['reason']}" for missing in run["absent"]]
    tails += [f"Peak memory: {m['what']}: {m['peak_bytes'] / 2**20:.1f} MiB" for m in run["memory"]]
    print_table(console, _COLUMNS, rows(run), heads=heads, left=_LEFT)
    for line in tails:
        console.print(line, soft_wrap=True, markup=False, highlight=False)


def show_comparison(found: Comparison, console: Console) -> None:
    """Print a comparison: first what differs between the runs, then the pairs, then what has no pair."""
    heads = [
        f"{difference.fact}: {_said(difference.first)} | {_said(difference.second)}"
        for difference in found.differences
    ]
    heads = ["Differs between A and B:", *(f"  {line}" for line in heads)] if heads else []
    heads.append("Time per selection, medians; how many times faster B is.")
    body = [
        (
            pair.step,
            contest_of(pair.shape),
            pair.subject,
            f"{pair.asked:,}",
            duration(pair.first),
            duration(pair.second),
            _times(pair.times_faster),
            duration(pair.first_cpu),
            duration(pair.second_cpu),
        )
        for pair in found.pairs
    ]
    print_table(console, _COMPARED, body, heads=heads, left=_LEFT)
    for name, only in (("A", found.only_first), ("B", found.only_second)):
        for line in only:
            console.print(f"Only in {name}: {line}", soft_wrap=True, markup=False, highlight=False)


def _said(value: object) -> str:
    return "not stated" if value is None else str(value)


def _times(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}x"


def facts_of(run: Mapping[str, Any]) -> str:
    """Machine and programs of a run, in one line."""
    facts, versions = run["machine"], run["versions"]
    programs = ", ".join(f"{name} {version}" for name, version in versions.items())
    return (
        f"{facts['cpu']}, {facts['usable_cores']} of {facts['cores']} cores, load {facts['load']}, "
        f"{facts['system']}, {programs}"
    )


def contest_of(shape: Mapping[str, int]) -> str:
    """A shape in a cell: ``10 options``, ``4 options, limit 2``."""
    text = f"{shape['options']} option{'s' if shape['options'] > 1 else ''}"
    if shape["selection_limit"] > 1:
        text += f", limit {shape['selection_limit']}"
    if shape["option_limit"] > 1:
        text += f", {shape['option_limit']} each"
    return text


def print_table(
    console: Console,
    columns: Sequence[str],
    body: Sequence[Sequence[str]],
    *,
    heads: Sequence[str],
    left: int,
) -> None:
    """A table under its head lines; the first ``left`` columns are text and stand to the left."""
    if console.is_terminal:
        table = Table(*columns, caption=Text("\n".join(heads)), caption_justify="left")
        for column in table.columns[left:]:
            column.justify = "right"
        for row in body:
            table.add_row(*(Text(cell) for cell in row))
        console.print(table)
    else:
        for line in [*heads, *_lines([columns, *body], left)]:
            console.print(line, soft_wrap=True, markup=False, highlight=False)


def _lines(grid: Sequence[Sequence[str]], left: int) -> list[str]:
    widths = [max(len(row[place]) for row in grid) for place in range(len(grid[0]))]
    return [
        "  ".join(
            cell.ljust(width) if place < left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in grid
    ]
