"""Two documents side by side: what became faster or slower, and what else differs between the runs.

Only results of the same step, shape, subject and size are compared, by the medians of their rounds. A
ratio says little where machine, programs or kernel differ, or where either run was made beside other
work; :class:`Comparison` therefore always names what differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

FORMAT = "evote-bench-comparison/1"

Key = tuple[str, int, int, int, str, int]


@dataclass(frozen=True, slots=True)
class Pair:
    """One subject in both runs, in seconds of wall and processor time per selection.

    ``times_faster`` is how many times faster the second run is in wall time, None where it took none.
    """

    step: str
    shape: Mapping[str, int]
    subject: str
    asked: int
    first: float
    second: float
    first_cpu: float
    second_cpu: float
    times_faster: float | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A fact of the runs that differs; None where a run does not have it."""

    fact: str
    first: object
    second: object


@dataclass(frozen=True, slots=True)
class Comparison:
    """What :func:`compare` found; ``only_first`` and ``only_second`` name what only one run has."""

    pairs: tuple[Pair, ...]
    differences: tuple[Difference, ...]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The comparison as JSON values."""
        return {"format": FORMAT, **asdict(self)}


def compare(first: Mapping[str, Any], second: Mapping[str, Any]) -> Comparison:
    """Compare two documents as :func:`evote.bench.document.read` returns them."""
    ours, theirs = _by_key(first), _by_key(second)
    differences = _facts(first, second)
    pairs = []
    for key, one in ours.items():
        if key not in theirs:
            continue
        other = theirs[key]
        for field in ("kernel", "workers", "ballots"):
            if one[field] != other[field]:
                differences.append(Difference(f"{field} of {_named(key)}", one[field], other[field]))
        a, b = one["seconds_per_selection"], other["seconds_per_selection"]
        wall, later = a["wall"]["median"], b["wall"]["median"]
        pairs.append(
            Pair(
                one["step"],
                one["shape"],
                one["subject"],
                one["asked"],
                wall,
                later,
                a["cpu"]["median"],
                b["cpu"]["median"],
                wall / later if later > 0 else None,
            )
        )
    return Comparison(
        tuple(pairs),
        tuple(differences),
        tuple(_named(key) for key in ours if key not in theirs),
        tuple(_named(key) for key in theirs if key not in ours),
    )


def _by_key(run: Mapping[str, Any]) -> dict[Key, Mapping[str, Any]]:
    return {
        (
            result["step"],
            result["shape"]["options"],
            result["shape"]["option_limit"],
            result["shape"]["selection_limit"],
            result["subject"],
            result["asked"],
        ): result
        for result in run["results"]
    }


def _named(key: Key) -> str:
    step, options, _, limit, subject, asked = key
    contest = f"{options} options" + (f", limit {limit}" if limit > 1 else "")
    return f"{step}, {subject}, {contest}, {asked:,} ballots"


def _facts(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Difference]:
    """Differences of machine, programs and seed; the load is stated whenever it is not the same."""
    found = []
    for part in ("machine", "versions"):
        names = [*first[part], *(name for name in second[part] if name not in first[part])]
        for name in names:
            a, b = first[part].get(name), second[part].get(name)
            if a != b:
                found.append(Difference(name, a, b))
    if first["seed"] != second["seed"]:
        found.append(Difference("seed", first["seed"], second["seed"]))
    return found
