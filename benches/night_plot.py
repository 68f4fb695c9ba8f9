"""Pictures of the replayed nights, drawn with matplotlib (the extra ``bench``).

``belgium-2019.png``: offices that are in over time, and attempts to connect in every second, for each way to
try again; on the right the minutes after the line's return. ``france-2024.png``: the opening on one box, the
evening's returns, and what the full size costs. Lines differ in dashes and the rows in place, so that
neither colour-blind readers nor a printout lose anything.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benches import night_france
from benches.night_office import FIXED_SECONDS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAMES = {
    "sender": "evote returns send",
    "minute": "plain loop, at every whole minute",
    "fixed": f"plain loop, every {FIXED_SECONDS:.0f} s",
}
COLOURS = {"sender": "#0072B2", "minute": "#D55E00", "fixed": "#009E73"}
DASHES = {"sender": "-", "minute": "--", "fixed": ":"}
GREY = "#DDDDDD"
AFTER_SECONDS = 420
"""How much after the line's return is shown on the right."""
_DOTS = 110


def draw(found: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw what the figures have; the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    if "belgium" in found:
        written.append(_belgium(found, folder / "belgium-2019.png"))
    if "france" in found:
        written.append(_france(found, folder / "france-2024.png"))
    return written


# --- Belgium ---------------------------------------------------------------------------------------


def _belgium(found: Mapping[str, Any], path: Path) -> Path:
    from matplotlib.figure import Figure

    ways: Mapping[str, Mapping[str, Any]] = found["belgium"]["ways"]
    scenario = found["belgium"]["scenario"]
    shown = [way for way in NAMES if way in ways]
    figure = Figure(figsize=(11.5, 3.4 + 1.75 * len(shown)), layout="constrained")
    grid = figure.add_gridspec(
        1 + len(shown), 2, width_ratios=(2.3, 1), height_ratios=(1.7, *(1 for _ in shown))
    )
    _arrivals(figure.add_subplot(grid[0, 0]), ways, shown, scenario)
    _after(figure.add_subplot(grid[0, 1]), ways, shown)
    most = max(ways[way]["peak"] for way in shown)
    for row, way in enumerate(shown, 1):
        whole, zoomed = figure.add_subplot(grid[row, 0]), figure.add_subplot(grid[row, 1])
        _attempts(whole, ways[way], way, most, last=row == len(shown))
        whole.set_xlim(0, _end(ways, shown) / 60)
        _attempts_after(zoomed, ways[way], way, most, last=row == len(shown))
    first = ways[shown[0]]
    figure.suptitle(
        f"{first['units']} offices, {len(first['done'])} files over one line that accepts no new connection "
        f"for {scenario['outage'] / 60:.0f} minutes",
        fontsize=12,
    )
    figure.supxlabel(
        f"Real processes on loopback; time runs {scenario['factor']:g} times faster than the clock, and all "
        "axes are in time of the night. The line also drops, cuts, delays and repeats.\n"
        f"{found['group']}; {found['machine']}",
        fontsize=8,
        color="#444444",
    )
    figure.savefig(path, dpi=_DOTS)
    return path


def _arrivals(
    axes: Axes, ways: Mapping[str, Mapping[str, Any]], shown: Sequence[str], scenario: Mapping[str, Any]
) -> None:
    closed = statistics.median(ways[way]["closed"] for way in shown) / 60
    back = statistics.median(ways[way]["back"] for way in shown) / 60
    axes.axvspan(closed, back, color=GREY, label="no new connection")
    for way in shown:
        done = ways[way]["done"]
        axes.step(
            [0, *(at / 60 for at in done)],
            range(len(done) + 1),
            where="post",
            color=COLOURS[way],
            linestyle=DASHES[way],
            linewidth=1.6,
            label=NAMES[way],
        )
    axes.axhline(
        scenario["share"] * len(ways[shown[0]]["done"]), color="#888888", linewidth=0.7, linestyle="-."
    )
    axes.annotate(
        f"{scenario['share']:.0%} of the offices",
        (0, scenario["share"] * len(ways[shown[0]]["done"])),
        xytext=(4, 3),
        textcoords="offset points",
        fontsize=8,
        color="#555555",
    )
    axes.set_title("Files that have arrived", fontsize=10)
    _dress(axes, "", "files")
    axes.set_xlim(0, _end(ways, shown) / 60)
    axes.legend(fontsize=8, loc="lower right")


def _after(axes: Axes, ways: Mapping[str, Mapping[str, Any]], shown: Sequence[str]) -> None:
    for way in shown:
        done = [at - ways[way]["back"] for at in ways[way]["done"] if at >= ways[way]["back"]]
        axes.step(
            [0, *done],
            range(len(done) + 1),
            where="post",
            color=COLOURS[way],
            linestyle=DASHES[way],
            linewidth=1.6,
        )
    axes.set_xlim(0, AFTER_SECONDS)
    axes.set_title("… of those that waited, after the line's return", fontsize=10)
    _dress(axes, "", "files")


def _attempts(axes: Axes, found: Mapping[str, Any], way: str, most: int, *, last: bool) -> None:
    axes.axvspan(found["closed"] / 60, found["back"] / 60, color=GREY)
    counts = Counter(int(at) for at in found["tried"])
    axes.vlines([at / 60 for at in counts], 0, list(counts.values()), color=COLOURS[way], linewidth=0.7)
    axes.set_title(
        f"{NAMES[way]}: {found['attempts']:,} attempts, at most {found['peak']} in one second",
        fontsize=9,
        loc="left",
    )
    axes.set_ylim(0, most * 1.08)
    _dress(axes, "minutes of the night" if last else "", "attempts in a second")


def _attempts_after(axes: Axes, found: Mapping[str, Any], way: str, most: int, *, last: bool) -> None:
    counts = Counter(int(at - found["back"]) for at in found["tried"] if at >= found["back"])
    axes.vlines(list(counts), 0, list(counts.values()), color=COLOURS[way], linewidth=1.5)
    axes.set_title(f"at most {found['peak_after_return']} in one second", fontsize=9, loc="left")
    axes.set_ylim(0, most * 1.08)
    axes.set_xlim(0, AFTER_SECONDS)
    _dress(axes, "seconds after the line's return" if last else "", "")


def _end(ways: Mapping[str, Mapping[str, Any]], shown: Sequence[str]) -> float:
    return max(float(ways[way]["done"][-1]) for way in shown)


# --- France ----------------------------------------------------------------------------------------


def _france(found: Mapping[str, Any], path: Path) -> Path:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11.5, 6.6), layout="constrained")
    grid = figure.add_gridspec(2, 2, width_ratios=(1.5, 1))
    morning, evening = found["france"]["morning"], found["france"]["evening"]
    _rate(figure.add_subplot(grid[0, 0]), morning)
    _waits(figure.add_subplot(grid[1, 0]), morning)
    _returns(figure.add_subplot(grid[0, 1]), evening)
    _costs(figure.add_subplot(grid[1, 1]))
    figure.suptitle("459,000 ballots in 11 units: the opening, the returns, the price", fontsize=12)
    figure.supxlabel(
        f"Opening in real time, at full rate; returns with one ballot for {found['france']['scale']:,} and "
        f"time {found['france']['factor']:g} times faster than the clock.\n"
        f"{found['group']}; {found['machine']}",
        fontsize=8,
        color="#444444",
    )
    figure.savefig(path, dpi=_DOTS)
    return path


def _rate(axes: Axes, morning: Mapping[str, Any]) -> None:
    counts = night_france.per_second(morning["waits"])
    axes.bar(range(len(counts)), counts, width=0.9, align="edge", color="#0072B2", edgecolor="#333333")
    axes.axhline(morning["rate"], color="#D55E00", linestyle="--", linewidth=1.2)
    axes.set_title(
        f"Opening: ballots a second; a tenth of all in ten minutes is {morning['rate']:.1f}", fontsize=10
    )
    _dress(axes, "", "ballots in a second")


def _waits(axes: Axes, morning: Mapping[str, Any]) -> None:
    moments = [at for at, _ in morning["waits"]]
    axes.plot(
        moments, [wait * 1e3 for _, wait in morning["waits"]], ".", markersize=2.5, color="#0072B2", alpha=0.6
    )
    axes.set_yscale("log")
    for name, dashes in (("p50", "-"), ("p99", "--")):
        axes.axhline(
            morning[name],
            color="#D55E00",
            linestyle=dashes,
            linewidth=1.2,
            label=f"{name}: {morning[name]:.0f} ms",
        )
    axes.legend(fontsize=8, loc="upper right")
    axes.set_title("From a voter's moment to a durable receipt, one box for everybody", fontsize=10)
    _dress(axes, "seconds of the morning", "milliseconds (log scale)")


def _returns(axes: Axes, evening: Mapping[str, Any]) -> None:
    axes.axvspan(evening["closed"] / 60, evening["back"] / 60, color=GREY, label="no new connection")
    done = evening["done"]
    axes.step(
        [0, *(at / 60 for at in done)], range(len(done) + 1), where="post", color="#0072B2", linewidth=1.8
    )
    axes.set_title("Evening: returns that have arrived", fontsize=10)
    axes.set_yticks(range(0, len(done) + 1, 2))
    axes.legend(fontsize=8, loc="lower right")
    _dress(axes, "minutes after the count", "units")


def _costs(axes: Axes) -> None:
    found = night_france.costs()
    places = range(len(found) - 1, -1, -1)
    values = [seconds for _, seconds in found]
    axes.barh(list(places), values, height=0.65, color="#0072B2", edgecolor="#333333", linewidth=0.6)
    for place, value in zip(places, values, strict=True):
        axes.annotate(
            f"{value:,.0f} s",
            (value, place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )
    axes.set_xscale("log")
    axes.set_xlim(1, max(values) * 12)
    axes.set_yticks(list(places), [step.name.replace(", ", ",\n", 1) for step, _ in found], fontsize=7.5)
    axes.set_title("Full size: seconds of one core", fontsize=10)
    _dress(axes, "seconds (log scale)", "")


def _dress(axes: Axes, across: str, up: str) -> None:
    axes.set_xlabel(across, fontsize=8)
    axes.set_ylabel(up, fontsize=8)
    axes.tick_params(labelsize=8)
    axes.grid(which="major", color="#EEEEEE", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
