"""A collector of the replayed night in a process of its own (``python -m benches.night_collector``).

What ``evote web serve`` runs, for an election of any group: uvicorn, the application, a shelf on the disk,
and the inspection of every file against the election's record.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from evote.ballots import Election
from evote.groups import Group, standard_group
from evote.record import RecordReader, load_election
from evote.testing.groups import toy
from evote.web.application import Application
from evote.web.collector import Collector
from evote.web.limits import Limits
from evote.web.returns import ReturnInspection
from evote.web.serve import Runner, listening
from evote.web.shelf import Shelf
from evote.web.tokens import Office, Offices


@dataclass(frozen=True)
class CollectorConfig:
    """``offices`` are the names and hashes of tokens; ``uploads`` the requests at work at once."""

    port: int
    folder: str
    record: str
    offices: dict[str, str]
    uploads: int


def groups() -> dict[str, Group]:
    """The groups that a night may use, by name."""
    return {group.name: group for group in (standard_group(), toy())}


def election_of(record: Path) -> Election:
    """The election of a published record, and nothing else."""
    return load_election(RecordReader(record, groups()))


def main() -> None:
    """The configuration is the file named by the first argument."""
    config = CollectorConfig(**json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    limits = Limits(reserve_bytes=0, uploads=config.uploads, stop_seconds=5)
    shelf = Shelf(Path(config.folder), limits, ReturnInspection(election_of(Path(config.record))))
    offices = Offices(Office(name, bytes.fromhex(token)) for name, token in config.offices.items())
    application = Application(limits, collector=Collector(shelf, offices, limits))
    Runner(application, "127.0.0.1", config.port).run([listening("127.0.0.1", config.port)])


def configured(config: CollectorConfig, file: Path) -> list[str]:
    """The command that runs a collector; its configuration is written to ``file``."""
    file.write_text(json.dumps(asdict(config)), encoding="utf-8")
    return [sys.executable, "-m", "benches.night_collector", str(file)]


if __name__ == "__main__":
    main()
