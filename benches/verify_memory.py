"""Peak memory and time of ``evote verify`` over records of growing size: ``python -m benches.verify_memory``.

Writes records of one contest of ten options with the given numbers of ballots, one after the other, and
verifies each in a process of its own. Memory that grew with the record would show here: a verifier
holds a few ballots at a time, whatever the record holds.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from evote.ballots import Election, PlaintextBallot, PlaintextContest, ceremony_setting, verify_cast
from evote.ballots.device import Device
from evote.ballots.encrypt import encrypt
from evote.bench.memory import peak
from evote.ceremony import run_local
from evote.decryption.local import decrypt_local
from evote.groups import NAMES, named
from evote.manifest import Manifest, Parameters
from evote.record import DevicesFile, RecordWriter, Stage, put_results
from evote.signing import SigningKey
from evote.tally import Tallier

OPTIONS = 10


def write_record(folder: Path, group: str, ballots: int) -> None:
    """A final record with that many cast ballots, distinct ciphertexts on each."""
    authority = SigningKey.generate()
    contest = {"label": "Chair", "options": [f"option {number}" for number in range(OPTIONS)]}
    manifest = Manifest.build(
        {"label": f"{ballots} ballots", "test": True, "minimum_cell": 1, "contests": [contest]},
        salt=os.urandom(32),
        authority_key=authority.verify_key.encoded,
    )
    parameters = Parameters(named(group), 1, 1)
    records, keys, shares = run_local(ceremony_setting(parameters, manifest))
    election = Election.from_keys(parameters, manifest, keys)
    writer = RecordWriter.create(folder, manifest, parameters)
    writer.put_guardians(records)
    writer.put_keys(keys)
    device, tallier = Device(election, "bench"), Tallier(election)
    with writer.ballots() as box:
        for number in range(ballots):
            marked = {"Chair": PlaintextContest({f"option {number % OPTIONS}": 1})}
            submitted = encrypt(device, PlaintextBallot("all", "all", marked)).cast()
            tallier.add(verify_cast(election, submitted))
            box.append(submitted)
    tally = tallier.tally(tallier.head())
    writer.put_devices(DevicesFile((device.close(),)))
    writer.put_tally(tally.publish())
    put_results(writer, tally, decrypt_local(tally, records, shares))
    writer.seal(Stage.FINAL, "2026-06-30T20:00:00Z", authority, tally.head)


@click.command()
@click.option("--ballots", type=click.IntRange(min=1), multiple=True, default=(10, 100), show_default=True)
@click.option("--group", type=click.Choice(NAMES), default=NAMES[0], show_default=True)
def main(ballots: tuple[int, ...], group: str) -> None:
    """Peak memory and time of evote verify, by number of ballots."""
    table = Table("ballots", "record, MB", "peak memory, MiB", "processor seconds", "ms per selection")
    with tempfile.TemporaryDirectory() as folder:
        for number in ballots:
            record = Path(folder) / str(number)
            write_record(record, group, number)
            size = sum(path.stat().st_size for path in record.rglob("*") if path.is_file())
            found = peak([sys.executable, "-m", "evote.cli", "verify", str(record)])
            seconds = found.cpu
            table.add_row(
                f"{number:,}",
                f"{size / 1e6:.1f}",
                f"{found.memory / 2**20:.0f}",
                f"{seconds:.1f}",
                f"{1000 * seconds / number / OPTIONS:.2f}",
            )
    Console().print(table)


if __name__ == "__main__":
    main()
