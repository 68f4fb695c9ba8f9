"""Tables: drawn on a terminal, columns of plain text on a pipe."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click
from rich.console import Console
from rich.table import Table


def show(title: str, heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table on stdout; columns whose cells are all numbers are set to the right."""
    texts = [[str(cell) for cell in row] for row in rows]
    numeric = [bool(rows) and all(isinstance(row[place], int) for row in rows) for place in range(len(heads))]
    if sys.stdout.isatty():
        table = Table(title=title, title_justify="left")
        for head, right in zip(heads, numeric, strict=True):
            table.add_column(head, justify="right" if right else "left")
        for cells in texts:
            table.add_row(*cells)
        Console().print(table)
        return
    widths = [max([len(head), *(len(cells[place]) for cells in texts)]) for place, head in enumerate(heads)]
    click.echo(title)
    for cells in [list(heads), *texts]:
        columns = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(cells, widths, numeric, strict=True)
        ]
        click.echo(f"  {'  '.join(columns)}".rstrip())
