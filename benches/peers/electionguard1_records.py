"""electionguard 1.4.0 and evote on the same 1.x ballots, turn by turn: processor time per ballot.

    python -m benches.peers.electionguard1_records --ballots 60 --rounds 3

=====================  ==================================================================================
subject                one turn does, per ballot
=====================  ==================================================================================
electionguard 1.4.0    ``is_valid`` of every selection's and contest's proof, on objects in memory: no
                       reading, no hashes of selections and ballots, no shape, no codes
evote, plain           reads the ballot's file, checks shape, hashes, codes and every proof, one by one
evote, batch           the same, all equations in one random linear combination per stretch
=====================  ==================================================================================

The peer's figure leaves out what evote's includes, so that the ratio is the smaller one. Ballots are those
of :func:`benches.peers.electionguard1.new_election`: one contest of ten options, one placeholder. The
peer looks at a few of them per turn, for each costs it a quarter of a second.
"""

from __future__ import annotations

import argparse
import importlib
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benches.peers import PeerAbsent, electionguard1
from benches.peers.electionguard1 import Election
from evote.interop.electionguard1.keys import GuardianKeys, Setting
from evote.interop.electionguard1.layout import SUBMITTED
from evote.interop.electionguard1.stretch import Result, Task, check_stretch
from evote.interop.electionguard1.values import Described, Manifest, ManifestContest

PEER_BALLOTS = 4


@dataclass(frozen=True, slots=True)
class Bench:
    """Ballots of one election, as the package's objects and as files of a record."""

    election: Election
    ballots: list[object]
    folder: Path

    def peer(self, count: int) -> None:
        """The package's own check of every proof on so many ballots."""
        key, base = self.election.key, self.election.base
        for ballot in self.ballots[:count]:
            for contest in ballot.contests:  # type: ignore[attr-defined]
                proofs = [
                    selection.proof.is_valid(selection.ciphertext, key, base)
                    for selection in contest.ballot_selections
                ]
                proofs.append(contest.proof.is_valid(contest.ciphertext_accumulation, key, base))
                if not all(proofs):
                    raise RuntimeError("the package refuses a ballot of its own")

    def own(self, *, batch: bool) -> Result:
        """evote's check of all ballots, from their files."""
        names = tuple(sorted(path.name for path in (self.folder / SUBMITTED).iterdir()))
        task = Task(str(self.folder), setting(self.election), 0, 0, names, frozenset(), False, batch, False)
        result = check_stretch(task)
        wrong = [check.id for check in result.report.build().checks if result.report.found(check.id)]
        if wrong or len(result.links) != len(names):
            raise RuntimeError(f"evote refuses a ballot of the package: {wrong}")
        return result


def setting(election: Election) -> Setting:
    """What evote checks ballots of an election of the package with."""
    contest = election.contest
    placeholders = {each.object_id for each in contest.placeholder_selections}
    selections = tuple(
        Described(
            each.object_id, each.sequence_order, str(each.crypto_hash()), each.object_id in placeholders
        )
        for each in (*contest.ballot_selections, *contest.placeholder_selections)
    )
    described = ManifestContest(
        contest.object_id,
        contest.sequence_order,
        contest.electoral_district_id,
        contest.number_elected,
        str(contest.crypto_hash()),
        selections,
    )
    style = election.manifest.ballot_styles[0]
    manifest = Manifest(
        "benchmark",
        str(election.manifest.manifest_hash),
        {described.label: described},
        {style.object_id: frozenset(style.geopolitical_unit_ids)},
    )
    key = bytes.fromhex(str(election.key)).rjust(512, b"\x00")
    guardians = {"1": GuardianKeys(1, (key,))}
    return Setting(None, manifest, key, str(election.base), 1, guardians, frozenset(guardians))


def make(folder: Path, ballots: int, options: int = 10) -> Bench:
    """An election of the package with so many cast ballots, written as it writes them."""
    election = electionguard1.new_election(electionguard1.load(), options)
    box = importlib.import_module("electionguard.ballot_box")
    write = importlib.import_module("electionguard.serialize").to_file
    cast = election.peer.ballot.BallotBoxState.CAST
    made = []
    for ballot in electionguard1.encrypt_ballots(election, ballots):
        submitted = box.submit_ballot(ballot.encrypted, cast)
        write(submitted, f"submitted_ballot_{submitted.object_id}", str(folder / SUBMITTED))
        made.append(submitted)
    return Bench(election, made, folder)


def seconds(work: Callable[[], object]) -> float:
    """The processor time of this process for a piece of work."""
    start = time.process_time()
    work()
    return time.process_time() - start


def measure(bench: Bench, rounds: int) -> dict[str, float]:
    """The median milliseconds of processor time per ballot of each subject, after a cold turn."""
    few = min(PEER_BALLOTS, len(bench.ballots))
    subjects: dict[str, tuple[Callable[[], object], int]] = {
        "electionguard 1.4.0": (lambda: bench.peer(few), few),
        "evote, plain": (lambda: bench.own(batch=False), len(bench.ballots)),
        "evote, batch": (lambda: bench.own(batch=True), len(bench.ballots)),
    }
    bench.own(batch=True)
    found: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(rounds):
        for name, (work, count) in subjects.items():
            found[name].append(1000 * seconds(work) / count)
    return {name: statistics.median(values) for name, values in found.items()}


def main(words: Sequence[str] | None = None) -> int:
    """Measure, and print a line per subject, or JSON."""
    parser = argparse.ArgumentParser(description="1.x ballots: electionguard 1.4.0 beside evote")
    parser.add_argument("--ballots", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print JSON")
    asked = parser.parse_args(words)
    try:
        electionguard1.load()
    except PeerAbsent as absent:
        print(absent, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        found = measure(make(Path(folder), asked.ballots), asked.rounds)
    if asked.json:
        print(json.dumps({"ballots": asked.ballots, "ms_per_ballot": found}))
        return 0
    slowest = found["electionguard 1.4.0"]
    for name, value in found.items():
        print(f"{name:20} {value:8.1f} ms per ballot   {slowest / value:5.1f} times as fast")
    return 0


if __name__ == "__main__":
    sys.exit(main())
