"""The JSON document of a run: making it, and reading one that somebody else made.

Its form is ``bench.schema.json`` beside this file. Seconds are per selection and unrounded, and every
round is kept, so that other statistics can be taken later. ``times_faster`` compares medians with the
baseline subject's in the same step, shape and size; it is null for whom no baseline was measured.

Documents of format 1 are read too: what they do not say is null, or what was true of every run then.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evote.bench.form import check
from evote.bench.harness import Measurement, ratio
from evote.bench.machine import Machine
from evote.bench.memory import Peak
from evote.bench.subject import Absent
from evote.errors import DecodeError, StorageError

FORMAT = "evote-bench/2"
OLD_FORMAT = "evote-bench/1"

MAX_BYTES = 64 * 1024 * 1024

Document = dict[str, Any]


def document(
    measurements: Sequence[Measurement],
    machine: Machine,
    *,
    baseline: str,
    seed: int | None = None,
    versions: Mapping[str, str] | None = None,
    absent: Sequence[Absent] = (),
    peaks: Mapping[str, Peak] | None = None,
    started: datetime | None = None,
) -> Document:
    """The whole run as JSON values.

    ``seed`` decided the votes; ``versions`` are those of the programs beside the ones that ``machine``
    states; ``peaks`` names what was measured; ``started`` defaults to now.
    """
    moment = started or datetime.now(UTC)
    facts = asdict(machine)
    programs = facts.pop("versions")
    return {
        "format": FORMAT,
        "started": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": facts,
        "versions": {**programs, **(versions or {})},
        "seed": seed,
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
        if (other.subject, other.step, other.shape, other.asked) == (
            baseline,
            one.step,
            one.shape,
            one.asked,
        ):
            return other
    return None


def _result(one: Measurement, base: Measurement | None) -> Document:
    return {
        "step": one.step,
        "shape": asdict(one.shape),
        "subject": one.subject,
        "kind": one.kind,
        "kernel": one.kernel,
        "workers": one.workers,
        "asked": one.asked,
        "ballots": one.ballots,
        "cold": None if one.cold is None else asdict(one.cold),
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


def read(path: Path) -> Document:
    """The document in a file, in the form of today.

    Raises :class:`~evote.errors.DecodeError` for what is no such document, with the place and what is
    wrong there, or of a format that is not known, and :class:`~evote.errors.StorageError` for a file that
    cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror or error}") from error
    if len(data) > MAX_BYTES:
        raise DecodeError(f"the file has {len(data)} bytes, more than any document of a bench", str(path))
    try:
        run = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DecodeError("this is not JSON, so no document of a bench", str(path)) from error
    found = run.get("format") if isinstance(run, dict) else None
    if found == OLD_FORMAT:
        check(run, "old", str(path))
        run = _today(run)
    elif found != FORMAT:
        raise DecodeError(
            f"the format is {found!r}, and this program reads {FORMAT!r} and {OLD_FORMAT!r}: "
            "it is no document of a bench, or a newer version of evote wrote it",
            str(path),
        )
    check(run, "run", str(path))
    return dict(run)


def _today(run: Document) -> Document:
    """A document of format 1 in the form of format 2."""
    machine = dict(run["machine"])
    versions = {name: machine.pop(name) for name in ("python", "gmpy2", "gmp")}
    results = []
    for old in run["results"]:
        name = old["subject"]
        own, limit = name.startswith("evote"), name.startswith("arithmetic limit")
        rounds = [{**turn, "idle_wall": 0.0, "idle_cpu": 0.0} for turn in old["rounds"]]
        results.append(
            {
                **old,
                "kind": "limit" if limit else "evote" if own else "peer",
                "workers": 1,
                "asked": old["ballots"],
                "cold": None,
                "rounds": rounds,
            }
        )
    return {
        **run,
        "format": FORMAT,
        "machine": machine,
        "versions": versions,
        "seed": None,
        "results": results,
    }
