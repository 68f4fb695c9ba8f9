"""Whole records for measuring: every ballot distinct, and every check of a verifier passes.

A made record is that of an election of one contest, held in one process by one guardian, which is said
in its label; its manifest marks it as a test. The seed decides the votes (:mod:`evote.bench.votes`) and
nothing else. Ballots stream into the record, so that its size is bounded by the disk.

Rules: what is tallied was verified; the totals that come out are compared with those of the seed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from evote.ballots import Election, ceremony_setting, verify_cast
from evote.ballots.device import Device
from evote.ballots.encrypt import encrypt
from evote.bench.shape import Shape
from evote.bench.subject import WrongResultError
from evote.bench.votes import Votes
from evote.ceremony import run_local
from evote.decryption.local import decrypt_local
from evote.groups import Group
from evote.manifest import Parameters
from evote.randomness import SYSTEM
from evote.record import DevicesFile, RecordWriter, Stage, put_results
from evote.signing import SigningKey
from evote.tally import Tallier

Progress = Callable[[str, int, int], None]


def make_record(
    folder: Path,
    *,
    group: Group,
    shape: Shape,
    ballots: int,
    seed: int,
    date: str,
    progress: Progress | None = None,
) -> Election:
    """Write a final record of ``ballots`` cast ballots into the new folder, sealed at ``date``.

    Requires ``ballots >= 1`` and a seed as :class:`Votes` (ValueError). ``progress`` is told the stage
    of the work, how much is done and how much there is. Raises :class:`~evote.errors.StorageError` for a
    folder that is there already or cannot be written, and :class:`WrongResultError` should the totals not
    be those of the seed.
    """
    if ballots < 1:
        raise ValueError("a record for measuring has at least one ballot")
    tell = progress or (lambda stage, done, total: None)
    votes, authority = Votes(shape, seed), SigningKey.generate()
    manifest = votes.manifest(
        label=f"Benchmark record: {ballots} ballots, {shape.options} options, seed {seed}",
        salt=SYSTEM.token(32),
        authority_key=authority.verify_key.encoded,
    )
    parameters = Parameters(group, 1, 1)
    records, keys, shares = run_local(ceremony_setting(parameters, manifest))
    election = Election.from_keys(parameters, manifest, keys)
    writer = RecordWriter.create(folder, manifest, parameters)
    writer.put_guardians(records)
    writer.put_keys(keys)
    device, tallier = Device(election, "bench"), Tallier(election)
    with writer.ballots() as box:
        for number in range(ballots):
            submitted = encrypt(device, votes.ballot(number)).cast()
            tallier.add(verify_cast(election, submitted))
            box.append(submitted)
            tell("ballots", number + 1, ballots)
    tally = tallier.tally(tallier.head())
    writer.put_devices(DevicesFile((device.close(),)))
    writer.put_tally(tally.publish())
    decryption = decrypt_local(tally, records, shares)
    put_results(writer, tally, decryption)
    (cell,) = decryption.cells
    found, expected = [field.count for field in cell.fields], votes.totals(ballots)
    if found != expected:
        raise WrongResultError(f"the record's totals are {found}, those of the seed {expected}")
    writer.seal(Stage.FINAL, date, authority, tally.head)
    return election
