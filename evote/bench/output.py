"""What a run leaves: a JSON document for programs, lines for pipes, a table for a terminal.

The document's form is ``benches/schema.json``. Seconds are per selection and unrounded, and every
round is kept, so that other statistics can be taken later. ``times_faster`` compares medians with
the baseline subject's in the same step and shape; it is null for whom no baseline was measured.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from evote.bench.harness import Measurement, Spread, ratio
from evote.bench.machine import Machine
from evote.bench.memory import Peak
from evote.bench.subject import Absent

FORMAT = "evote-bench/1"

_COLUMNS = ("step", "options", "subject", "ballots", "rounds", "median", "min", "max", "cpu median", "faster")
_LEFT = 3
"""The first columns, text, stand to the left; figures to the right."""


def document(
    measurements: Sequence[Measurement],
    machine: Machine,
    *,
    baseline: str,
    absent: Sequence[Absent] = (),
    peaks: Mapping[str, Peak] | None = None,
    started: datetime | None = None,
) -> dict[str, Any]:
    """The whole run as JSON values. ``peaks`` names what was measured; ``started`` defaults to now."""
    moment = started or datetime.now(UTC)
    return {
        "format": FORMAT,
        "started": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": asdict(machine),
        "baseline": baseline,
        "absent": [asdict(missing) for missing in absent],
        "results": [_result(one, _base(one, measurements, baseline)) for one in measurements],
        "memory": [
            {"what": what, "peak_bytes": peak.memory, "cpu_seconds": peak.cpu}
            for what, peak in (peaks or {}).items()
        ],
    }


def _base(one: Measurement, measurements: Sequence[Measurement], baseline: str) -> Measurement | None:
    for other in measurements:
        if (other.subject, other.step, other.shape) == (baseline, one.step, one.shape):
            return other
    return None


def _result(one: Measurement, base: Measurement | None) -> dict[str, Any]:
    return {
        "step": one.step,
        "shape": asdict(one.shape),
        "subject": one.subject,
        "kernel": one.kernel,
        "ballots": one.ballots,
        "rounds": [asdict(turn) for turn in one.rounds],
        "seconds_per_selection": {"wall": asdict(one.wall), "cpu": asdict(one.cpu)},
        "times_faster": {
            "wall": ratio(base.wall, one.wall) if base else None,
            "cpu": ratio(base.cpu, one.cpu) if base else None,
        },
    }


def write(path: Path, run: Mapping[str, Any]) -> None:
    """Write a document as JSON, indented, into a file."""
    path.write_text(json.dumps(run, indent=2, sort_keys=False) + "\n", encoding="utf-8")


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
                str(result["shape"]["options"]),
                f"{result['subject']}, {result['kernel']}",
                f"{result['ballots']:,}",
                str(len(result["rounds"])),
                duration(wall.median),
                duration(wall.minimum),
                duration(wall.maximum),
                duration(result["seconds_per_selection"]["cpu"]["median"]),
                "–" if faster is None else f"{faster:.2f}x",
            )
        )
    return cells


def show(run: Mapping[str, Any], console: Console) -> None:
    """Print a document: a table at a terminal, aligned lines elsewhere."""
    facts = run["machine"]
    heads = [
        f"{facts['cpu']}, {facts['usable_cores']} of {facts['cores']} cores, load {facts['load']}, "
        f"{facts['system']}, {facts['python']}, gmpy2 {facts['gmpy2']}, {facts['gmp']}",
        f"Time per selection; times faster than {run['baseline']}.",
    ]
    tails = [f"Absent: {missing['name']}: {missing['reason']}" for missing in run["absent"]]
    tails += [f"Peak memory: {m['what']}: {m['peak_bytes'] / 2**20:.1f} MiB" for m in run["memory"]]
    if console.is_terminal:
        table = Table(*_COLUMNS, caption=Text("\n".join(heads)), caption_justify="left")
        for column in table.columns[_LEFT:]:
            column.justify = "right"
        for row in rows(run):
            table.add_row(*(Text(cell) for cell in row))
        console.print(table)
    else:
        for line in [*heads, *_lines(rows(run))]:
            console.print(line, soft_wrap=True, markup=False, highlight=False)
    for line in tails:
        console.print(line, soft_wrap=True, markup=False, highlight=False)


def _lines(body: Sequence[tuple[str, ...]]) -> list[str]:
    grid = [_COLUMNS, *body]
    widths = [max(len(row[place]) for row in grid) for place in range(len(_COLUMNS))]
    return [
        "  ".join(
            cell.ljust(width) if place < _LEFT else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in grid
    ]
