"""Peak memory of each subject of a run, measured again alone, in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from evote.bench.harness import Measurement
from evote.bench.memory import Peak, peak
from evote.bench.shape import RECORD


def peaks_of(
    found: Sequence[Measurement],
    command: Sequence[str],
    *,
    measure: Callable[[Sequence[str]], Peak] = peak,
) -> dict[str, Peak]:
    """The peak of each subject on the benchmark record at each size, preparation included, one round each.

    ``command`` starts the same program; the step, the size and the subject's name are added. Raises as
    :func:`evote.bench.memory.peak`.
    """
    peaks = {}
    for one in found:
        if one.shape == RECORD:
            call = [
                *command,
                *("--ballots", str(one.asked), "--rounds", "1", "--step", one.step, "--only", one.subject),
            ]
            peaks[f"{one.step}, {one.subject}, {one.ballots:,} ballots"] = measure(call)
    return peaks
