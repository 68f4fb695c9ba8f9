"""What large elections cost: every step measured on one core, its bytes counted, and the workers' speed-up.

    python -m benches.scaling --ballots 200 --workers 1 --workers 2 --json scaling.json

One contest of ten options on every ballot, in the standard group. Steps are taken in processor time of
one process, the coordinator's share apart; the speed-up is wall time, and means something only on a machine
that does nothing else. ``specs/scaling.md`` says what follows for a million ballots, and for a hundred.
"""

from __future__ import annotations

import json
import pickle
import time
from collections.abc import Callable
from typing import Any, TypeVar

import click

from evote.ballots import PlaintextBallot, PlaintextContest, examine, verified_of
from evote.ballots.batch import examine_chunk
from evote.ballots.hashes import submitted_hash
from evote.ballots.rehint import compute_hint
from evote.bulk import encrypt as bulk
from evote.bulk.encrypt import EncryptTask, encrypt_ballots, encrypt_chunk
from evote.bulk.setting import ElectionSetting
from evote.bulk.tally import TallyTask, tally_chunk
from evote.groups import standard_group
from evote.hashing import DIGEST_BYTES
from evote.merkle import leaf_hash
from evote.pool import processes
from evote.tally import Tallier
from evote.testing.elections import Kit

OPTIONS = 10
DRAFT = {
    "label": "Scaling",
    "test": True,
    "minimum_cell": 1,
    "contests": [{"label": "Contest", "options": [f"Option {number}" for number in range(OPTIONS)]}],
}
SIZES = (10**6, 10**8)
T = TypeVar("T")


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Processor seconds of this process, and the result."""
    begin = time.process_time()
    result = work()
    return time.process_time() - begin, result


def votes(kit: Kit, count: int) -> tuple[PlaintextBallot, ...]:
    """Ballots that share no object, so that their bytes on the way to a worker are theirs alone."""
    unit, style = kit.manifest.reporting_units()[0].path, kit.manifest.styles[0].label
    return tuple(
        PlaintextBallot(unit, style, {"Contest": PlaintextContest({f"Option {number % OPTIONS}": 1})})
        for number in range(count)
    )


def measure(ballots: int) -> dict[str, Any]:
    """Milliseconds of one core, and bytes, per ballot."""
    kit = Kit(DRAFT, guardians=1, quorum=1, group=standard_group())
    election, setting = kit.election, ElectionSetting.of(kit.election, window=bulk.WINDOW)
    task = EncryptTask(setting, "Device", None, votes(kit, ballots))
    encrypt_chunk(EncryptTask(setting, "Device", None, votes(kit, 1)))  # tables
    encrypting, answer = timed(lambda: encrypt_chunk(task))
    looking, finished = timed(
        lambda: list(bulk._finished(election, "Device", None, task.ballots, answer))
    )
    submitted = [one.submitted for one in finished]
    few = submitted[: max(1, ballots // 10)]
    hinting, _ = timed(lambda: [compute_hint(election, one) for one in few])
    alone, _ = timed(lambda: [examine(election, one) for one in few])
    together, examined = timed(lambda: examine_chunk(election, submitted, [one.hint for one in finished]))
    if examined.batched != ballots:
        raise SystemExit("not every ballot was verified in the batch")
    verified = [
        verified_of(election, one, found) for one, found in zip(submitted, examined.examinations, strict=True)
    ]
    tallier = Tallier(election)
    adding, _ = timed(lambda: tallier.add_all(verified))
    frames = tuple(one.frame for one in finished)
    hashing, _ = timed(
        lambda: [leaf_hash(submitted_hash(election.extended_hash, frame)) for frame in frames]
    )
    tally_task = TallyTask(setting, 0, frames, tuple(one.hint for one in finished))
    partial = tally_chunk(tally_task)
    sixteen = EncryptTask(setting, "Device", None, votes(kit, bulk.CHUNK))
    return {
        "milliseconds": {
            "encrypt": 1000 * encrypting / ballots,
            "encrypt: coordinator": 1000 * looking / ballots,
            "make hints": 1000 * hinting / len(few),
            "verify, one by one": 1000 * alone / len(few),
            "verify, in batches": 1000 * together / ballots,
            "add up": 1000 * adding / ballots,
            "tally: coordinator": 1000 * hashing / ballots,
        },
        "bytes": {
            "ballot in the record": sum(len(frame) + 4 for frame in frames) / ballots,
            "hint beside it": len(finished[0].hint.encode()) + 4,
            "code in devices": DIGEST_BYTES + 2,
            "encrypt: to a worker": len(pickle.dumps(sixteen)) / bulk.CHUNK,
            "encrypt: from a worker": len(pickle.dumps(answer)) / ballots,
            "tally: to a worker": len(pickle.dumps(tally_task)) / ballots,
            "tally: from a worker": len(pickle.dumps(partial)) / ballots,
        },
    }


def speed_up(ballots: int, workers: int) -> float:
    """Ballots per second of wall time, encrypted by so many processes."""
    kit = Kit(DRAFT, guardians=1, quorum=1, group=standard_group())
    plaintexts = votes(kit, ballots)
    with processes(workers) as executor:
        warm = votes(kit, 2 * bulk.CHUNK * workers)
        for _ in encrypt_ballots(kit.election, "Device", warm, executor=executor):
            continue
        begin = time.perf_counter()
        count = sum(1 for _ in encrypt_ballots(kit.election, "Device", plaintexts, executor=executor))
        return count / (time.perf_counter() - begin)


@click.command()
@click.option("--ballots", type=click.IntRange(10), default=200, show_default=True)
@click.option("--workers", type=click.IntRange(1, 1024), multiple=True, help="Repeatable; the first is base.")
@click.option("--json", "json_file", metavar="FILE")
def main(ballots: int, workers: tuple[int, ...], json_file: str | None) -> None:
    """Measure, and state what a million and a hundred million ballots of ten selections cost."""
    found = measure(ballots)
    for step, milliseconds in found["milliseconds"].items():
        hours = [milliseconds * size / 3_600_000 for size in SIZES]
        print(f"{step:28} {milliseconds:9.3f} ms/ballot  {hours[0]:10.2f} h  {hours[1]:12.0f} h")
    for thing, size in found["bytes"].items():
        print(f"{thing:28} {size:9.0f} B/ballot   {size / 1000:10.2f} GB {size / 10:12.0f} GB")
    found["ballots per second"] = {count: speed_up(ballots, count) for count in workers}
    for count, rate in found["ballots per second"].items():
        base = found["ballots per second"][workers[0]]
        print(f"{count:4} workers {rate:8.1f} ballots/s  {rate / base:5.2f} x")
    if json_file is not None:
        with open(json_file, "w", encoding="utf-8") as stream:
            json.dump(found, stream, indent=2)


if __name__ == "__main__":
    main()
