"""Pictures of result files, drawn with matplotlib (the extra ``bench``).

``overview.png`` holds every picture that the files have data for. Kinds of subject differ in colour and
in hatching, the colours in brightness too, so that neither colour-blind readers nor a printout lose
anything. Axes of cost are logarithmic and state their unit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evote.bench import figures
from evote.bench.figures import Bar, Clock, Line
from evote.bench.output import duration
from evote.bench.shape import RECORD
from evote.errors import EvoteError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

OVERVIEW = "overview.png"

_COLOURS = {
    "evote": "#0072B2",
    "limit": "#BBBBBB",
    "baseline": "#E69F00",
    "peer": "#882255",
    "published": "#FFFFFF",
}
_HATCHES = {"evote": "", "limit": "///", "baseline": "...", "peer": "xx", "published": "--"}
_MEANINGS = {
    "evote": "evote",
    "limit": "multiplications modulo p alone",
    "baseline": "one power at a time, tables for g and K",
    "peer": "other programs, same run",
    "published": "published figure, not measured here",
}
_STYLES = (("o", "-"), ("s", "--"), ("^", "-."), ("D", ":"), ("v", "-"), ("P", "--"))
_LINE_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#555555", "#CC79A7", "#E69F00")
_WIDTH, _HEIGHT, _DOTS = 6.4, 3.9, 90


class PlotterAbsentError(EvoteError):
    """matplotlib is not installed."""


def draw(
    runs: Sequence[Mapping[str, Any]], folder: Path, *, clock: Clock = "wall", each: bool = False
) -> list[Path]:
    """Draw documents into a folder, made if it is not there; returns the files, the overview first.

    ``clock`` says whether times are wall or processor times. With ``each``, every picture is also
    written by itself.

    Raises :class:`PlotterAbsentError` without matplotlib, and ValueError for documents of which no
    picture can be made.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise PlotterAbsentError("matplotlib is not installed: pip install 'evote[bench]'") from error
    results = figures.merged(runs)
    panels = _panels(results, clock)
    if not panels:
        raise ValueError("these files have nothing to draw: they hold no step on the benchmark record")
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    overview = Figure(figsize=(_WIDTH * columns, _HEIGHT * rows + 0.6), layout="constrained")
    places = overview.subplots(rows, columns, squeeze=False).flat
    for place, paint in zip(places, panels.values(), strict=False):
        paint(place)
    for place in list(overview.axes)[len(panels) :]:
        place.set_axis_off()
    overview.supxlabel(_caption(runs), fontsize=8, color="#444444")
    overview.savefig(folder / OVERVIEW, dpi=_DOTS)
    written.append(folder / OVERVIEW)
    for name, paint in panels.items() if each else ():
        single = Figure(figsize=(_WIDTH, _HEIGHT + 0.3), layout="constrained")
        paint(single.subplots())
        single.supxlabel(_caption(runs), fontsize=6, color="#444444")
        single.savefig(folder / f"{name}.png", dpi=_DOTS)
        written.append(folder / f"{name}.png")
    return written


def _panels(results: figures.Results, clock: Clock) -> dict[str, Callable[[Axes], None]]:
    """Name -> how to draw it, for every picture that there is data for."""
    verify = figures.bars(results, "verify", RECORD, clock=clock)
    others = [
        Bar(f"{step}: {bar.label}", bar.kind, bar.seconds, bar.low, bar.high, bar.done)
        for step in ("encrypt", "tally")
        for bar in figures.bars(results, step, RECORD, clock=clock)
    ]
    ballots, growing = figures.four_answers(results, clock), figures.growth(results, clock)
    workers, options = figures.speed_up(results), figures.series(results, clock)
    time = "processor time" if clock == "cpu" else "time"
    panels: dict[str, Callable[[Axes], None]] = {}
    if verify:
        panels["verify"] = lambda axes: _bars(
            axes, verify, "Verifying, by method", f"{time} per selection, milliseconds (log scale)"
        )
    if growing:
        panels["growth"] = lambda axes: _lines(
            axes,
            growing,
            "Verifying, as the record grows",
            "ballots of 10 options (log scale)",
            f"{time} per ballot, milliseconds (log scale)",
            1e3,
        )
    if ballots:
        panels["four-answers"] = lambda axes: _bars(
            axes,
            ballots,
            "Verifying a ballot with up to 2 of 4 answers",
            f"{time} per ballot, milliseconds (log scale)",
        )
    if workers:
        panels["workers"] = lambda axes: _speed_up(axes, workers)
    if others:
        panels["encrypt-tally"] = lambda axes: _bars(
            axes, others, "Encrypting and tallying", f"{time} per selection, milliseconds (log scale)"
        )
    if options:
        panels["options"] = lambda axes: _lines(
            axes,
            options,
            "Contests of other sizes",
            "options on the ballot (log scale)",
            f"{time} per selection, milliseconds (log scale)",
            1e3,
        )
    return panels


def _bars(axes: Axes, found: Sequence[Bar], title: str, unit: str) -> None:
    values = [bar.seconds * 1e3 for bar in found]
    places = range(len(found) - 1, -1, -1)
    for place, bar, value in zip(places, found, values, strict=True):
        axes.barh(
            place,
            value,
            height=0.7,
            color=_COLOURS[bar.kind],
            hatch=_HATCHES[bar.kind],
            edgecolor="#333333",
            linewidth=0.6,
        )
        error = [[value - bar.low * 1e3], [bar.high * 1e3 - value]]
        axes.errorbar(value, place, xerr=error, color="#333333", capsize=2, linewidth=0.8)
        axes.annotate(
            duration(bar.seconds),
            (max(value, bar.high * 1e3), place),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )
    axes.set_xscale("log")
    axes.set_xlim(min(values) / 3, max(values) * 4)
    _plain_numbers(axes.xaxis)
    axes.set_yticks(list(places), [_wrapped(bar.label) for bar in found], fontsize=8)
    axes.set_xlabel(unit, fontsize=8)
    axes.tick_params(axis="x", labelsize=8)
    axes.grid(axis="x", which="major", color="#DDDDDD")
    axes.set_axisbelow(True)
    axes.set_title(title, fontsize=10)
    _legend(axes, [bar.kind for bar in found])


def _plain_numbers(axis: Axis) -> None:
    """1, 2, 5, 10 at the ticks of a logarithmic axis, in place of powers; numbers that were chosen stay."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullFormatter

    if not isinstance(axis.get_major_locator(), FixedLocator):
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(lambda value, place: f"{value:,.6g}"))
    axis.set_minor_formatter(NullFormatter())


def _legend(axes: Axes, kinds: Sequence[str]) -> None:
    from matplotlib.patches import Patch

    handles = [
        Patch(facecolor=_COLOURS[kind], hatch=_HATCHES[kind], edgecolor="#333333", label=meaning)
        for kind, meaning in _MEANINGS.items()
        if kind in kinds
    ]
    axes.legend(handles=handles, fontsize=7, loc="lower right", framealpha=0.9)


def _lines(axes: Axes, found: Sequence[Line], title: str, across: str, up: str, scale: float) -> None:
    for number, line in enumerate(found):
        marker, style = _STYLES[number % len(_STYLES)]
        axes.plot(
            [x for x, _ in line.points],
            [y * scale for _, y in line.points],
            marker=marker,
            linestyle=style,
            color=_LINE_COLOURS[number % len(_LINE_COLOURS)],
            label=line.label,
            linewidth=1.4,
            markersize=5,
        )
    axes.set_xscale("log")
    axes.set_yscale("log")
    values = [y * scale for line in found for _, y in line.points]
    axes.set_ylim(min(values) / 2, max(values) * 2 ** (1 + len(found) / 3))  # room for the legend
    axes.set_xticks(sorted({x for line in found for x, _ in line.points}))
    for axis in (axes.xaxis, axes.yaxis):
        _plain_numbers(axis)
    _dress(axes, title, across, up)


def _speed_up(axes: Axes, found: Sequence[Line]) -> None:
    most = max(workers for line in found for workers, _ in line.points)
    axes.plot([1, most], [1, most], color="#888888", linestyle=":", label="as many times as workers")
    for number, line in enumerate(found):
        marker, style = _STYLES[number % len(_STYLES)]
        colour = _LINE_COLOURS[number % len(_LINE_COLOURS)]
        axes.plot(
            *zip(*line.points, strict=True), marker=marker, linestyle=style, color=colour, label=line.label
        )
        for workers, times in line.points[1:]:
            axes.annotate(
                f"{times:.2f}", (workers, times), xytext=(4, -10), textcoords="offset points", fontsize=8
            )
    axes.set_xticks(sorted({workers for line in found for workers, _ in line.points}))
    axes.margins(x=0.12)
    axes.set_ylim(bottom=0)
    _dress(axes, "Whole records, with more workers", "worker processes", "times faster than one worker")


def _dress(axes: Axes, title: str, across: str, up: str) -> None:
    axes.set_title(title, fontsize=10)
    axes.set_xlabel(across, fontsize=8)
    axes.set_ylabel(up, fontsize=8)
    axes.tick_params(labelsize=8)
    axes.grid(which="major", color="#DDDDDD")
    axes.set_axisbelow(True)
    axes.legend(fontsize=7, framealpha=0.7, loc="best")


def _wrapped(label: str) -> str:
    """A long label on two lines."""
    if len(label) <= 30:
        return label
    cut = label.rfind(", ", 0, 34)
    cut = cut + 1 if cut > 8 else label.rfind(" ", 0, 34)
    return f"{label[:cut].rstrip()}\n{label[cut:].lstrip()}" if cut > 0 else label


def _caption(runs: Sequence[Mapping[str, Any]]) -> str:
    """Where and when: each machine once."""
    said = []
    for run in runs:
        facts, versions = run["machine"], run["versions"]
        said.append(
            f"{facts['cpu']}, {facts['usable_cores']} cores, "
            + ", ".join(
                f"{name} {versions[name]}" for name in ("evote", "python", "gmpy2") if name in versions
            )
            + f", {run['started'][:10]}"
        )
    return "\n".join(dict.fromkeys(said))
