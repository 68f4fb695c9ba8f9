"""Whole records for measuring: every ballot distinct, with hints, and every check of a verifier passes.

A made record is that of an election of one contest, held in one process by one guardian, which its label
says; its manifest marks it as a test. The seed decides the votes (:mod:`evote.bench.votes`) and nothing
else. Ballots are made in chunks, here or by workers, and stream into the record, so that its size is
bounded by the disk.

Rules: what is tallied was verified by the process that made it, as a verifier would; the coordinator
computes the leaves again from the frames that it writes; the totals that come out are those of the seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path

from evote.ballots import Election, SubmittedBallot, ceremony_setting, verified_of
from evote.ballots.batch import examine_chunk
from evote.ballots.chain import device_record
from evote.ballots.device import Device
from evote.ballots.encrypt import encrypt
from evote.ballots.hashes import submitted_hash
from evote.ballots.hints import BallotHint
from evote.bench.shape import Shape
from evote.bench.subject import WrongResultError
from evote.bench.votes import Votes
from evote.bulk.setting import ElectionSetting
from evote.ceremony import run_local
from evote.codec import decode, encode
from evote.decryption.local import decrypt_local
from evote.errors import WorkerError
from evote.groups import Group
from evote.manifest import Parameters
from evote.merkle import RangeBuilder, leaf_hash
from evote.pool import ordered
from evote.randomness import SYSTEM
from evote.record import DevicesFile, RecordWriter, Stage, put_results
from evote.signing import SigningKey
from evote.tally import PartialTally, Tallier

DEVICE = "bench"
CHUNK_SELECTIONS = 2500
"""Selections of one task: enough for a batch to be worth it, few enough for workers to end together."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class MakeTask:
    """Ballots ``begin`` to ``end - 1`` of the votes of a seed."""

    setting: ElectionSetting = field(repr=False)
    votes: Votes
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Made:
    """What a worker made: frames, hints and confirmation codes in order, and the sums over them."""

    frames: tuple[bytes, ...] = field(repr=False)
    hints: tuple[BallotHint, ...] = field(repr=False)
    codes: tuple[bytes, ...] = field(repr=False)
    partial: PartialTally = field(repr=False)


def make_record(
    folder: Path,
    *,
    group: Group,
    shape: Shape,
    ballots: int,
    seed: int,
    date: str,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Election:
    """Write a final record of ``ballots`` cast ballots into the new folder, sealed at ``date``.

    Requires ``ballots >= 1`` and a seed as :class:`Votes` (ValueError). ``progress`` is told the stage
    of the work, how much is done and how much there is. Raises :class:`~evote.errors.RefusedError` for a
    folder that is not empty, :class:`~evote.errors.StorageError` for one that cannot be written,
    :class:`~evote.errors.WorkerError` where a worker was lost, and :class:`WrongResultError` should a
    hint be wrong or the totals not be those of the seed.
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
    tallier = Tallier(election)
    codes: list[bytes] = []
    tasks = list(_tasks(ElectionSetting.of(election), votes, ballots))
    with writer.hints() as hints, writer.ballots() as box:
        for task, made in zip(tasks, ordered(executor, make_chunk, tasks), strict=True):
            _compare(election, task, made)
            tallier.add_partial(made.partial)
            codes += made.codes
            for frame, hint in zip(made.frames, made.hints, strict=True):
                hints.append(hint)
                box.append(decode(SubmittedBallot, frame, element_bytes=group.element_bytes))
            tell("ballots", task.end, ballots)
    tally = tallier.tally(tallier.head())
    writer.put_devices(DevicesFile((device_record(election, DEVICE, tuple(codes)),)))
    writer.put_tally(tally.publish())
    decryption = decrypt_local(tally, records, shares)
    put_results(writer, tally, decryption)
    (cell,) = decryption.cells
    found, expected = [field.count for field in cell.fields], votes.totals(ballots)
    if found != expected:
        raise WrongResultError(f"the record's totals are {found}, those of the seed {expected}")
    writer.seal(Stage.FINAL, date, authority, tally.head)
    return election


def _tasks(setting: ElectionSetting, votes: Votes, ballots: int) -> Iterator[MakeTask]:
    size = max(1, CHUNK_SELECTIONS // votes.shape.options)
    for begin in range(0, ballots, size):
        yield MakeTask(setting, votes, begin, min(begin + size, ballots))


def make_chunk(task: MakeTask) -> Made:
    """What a worker does: encrypt the ballots of a task, verify them, and add them up."""
    election = task.setting.election()
    device = Device(election, DEVICE)
    prepared = [encrypt(device, task.votes.ballot(number)) for number in range(task.begin, task.end)]
    hints = [ballot.hint() for ballot in prepared]
    submitted = [ballot.cast() for ballot in prepared]
    tallier = Tallier(election, task.begin)
    found = examine_chunk(election, submitted, hints)
    for ballot, examination in zip(submitted, found.examinations, strict=True):
        tallier.add(verified_of(election, ballot, examination))
    if found.wrong_hints:
        raise WrongResultError(f"{found.wrong_hints} of {len(submitted)} ballots have a wrong hint")
    return Made(tuple(map(encode, submitted)), tuple(hints), device.codes, tallier.partial())


def _compare(election: Election, task: MakeTask, made: object) -> None:
    """Raises :class:`WorkerError` unless the answer is one for the task, and its sums cover its frames."""
    count = task.end - task.begin
    if isinstance(made, Made) and len(made.frames) == len(made.hints) == len(made.codes) == count:
        leaves = RangeBuilder(task.begin)
        for frame in made.frames:
            leaves.append(leaf_hash(submitted_hash(election.extended_hash, frame)))
        if made.partial.covered == leaves.value():
            return
    raise WorkerError(f"a worker answered for other ballots than {task.begin} to {task.end - 1}")
