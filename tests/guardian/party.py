"""One guardian as a program of its own: ``WHAT PRIVATE EXCHANGE INDEX [RECORD]``.

It sees its private folder, the exchange folder, and for decryption the published record; nothing else.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from evote.ceremony import Setting
from evote.guardian import Guardian, Progress, closed_record
from evote.manifest import Manifest, Parameters, base_hash, parameter_base_hash
from evote.record import RecordReader
from evote.secret import Secret
from evote.storage.sealed import Cost
from evote.testing.groups import toy

GUARDIANS, QUORUM = 5, 3
PATIENCE = 60.0


def setting_in(exchange: Path) -> tuple[Parameters, Manifest, Setting]:
    """The election as the exchange folder announces it."""
    manifest = Manifest.parse((exchange / "manifest.json").read_bytes())
    parameters = Parameters(toy(), GUARDIANS, QUORUM)
    hashed = parameter_base_hash(parameters)
    return (
        parameters,
        manifest,
        Setting(toy(), GUARDIANS, QUORUM, hashed, base_hash(hashed, manifest.raw)),
    )


def guardian(private: Path, exchange: Path, index: int) -> Guardian:
    _, _, setting = setting_in(exchange)
    return Guardian(private, Secret(f"passphrase {index}"), setting, index, cost=Cost(10))


def main(what: str, private: Path, exchange: Path, index: int, record: Path | None) -> int:
    me = guardian(private, exchange, index)
    deadline = time.monotonic() + PATIENCE
    closed = None if record is None else closed_record(RecordReader(record, {toy().name: toy()}))
    if what == "generate":
        me.begin()
    progress = Progress((), "everything", False)
    while not progress.finished:
        if time.monotonic() > deadline:
            print(f"guardian {index} still waits for {progress.waiting}", file=sys.stderr)
            return 1
        if closed is None:
            progress = me.generate(exchange)
        else:
            progress = me.decrypt(closed, exchange)
        time.sleep(0.05)
    return 0


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sys.exit(
        main(
            arguments[0],
            Path(arguments[1]),
            Path(arguments[2]),
            int(arguments[3]),
            Path(arguments[4]) if len(arguments) > 4 else None,
        )
    )
