"""A whole election in one place: from the manifest to the counts.

:func:`hold` plays every part in one process: the authority, the guardians with their ceremony (all
messages through the codec), devices, ballot box, count and decryption. It writes the published record
and nothing else; every secret lives and dies in memory. Verifying the record is left to the caller,
who has :func:`evote.verifier.verify_record` for it like anybody else.

Rules: a ballot is verified before it enters the record; the record is sealed after set-up, when it is
closed, and at the end; whoever interrupts the voting is left with a sealed record of the ballots so far.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from evote.ballots import (
    Election,
    OpenedBallot,
    ceremony_setting,
    verify_cast,
    verify_challenged,
    verify_opening,
)
from evote.ballots.device import Device
from evote.ballots.encrypt import encrypt
from evote.ceremony import GuardianShare, run_local
from evote.decryption import Decryption
from evote.demo.plan import CountKey, Plan
from evote.demo.trustees import decrypt
from evote.errors import DecryptionError
from evote.manifest import Manifest
from evote.randomness import SYSTEM
from evote.record import (
    DevicesFile,
    RecordWriter,
    Stage,
    put_results,
)
from evote.signing import SigningKey
from evote.tally import Tallier, Tally

Progress = Callable[[str, int, int], None]
"""Called with a stage in words, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class Held:
    """An election that was held: who it was, what was cast and what the decryption gave."""

    election: Election
    cast: dict[CountKey, Counter[str]]
    """By contest and unit: what voters marked on the ballots that they cast."""
    counted: dict[CountKey, Counter[str]]
    """By contest and unit: what was decrypted. Requires cells of one unit."""
    ballots: int
    challenged: int

    @property
    def agrees(self) -> bool:
        """Whether every decrypted count is what was cast."""
        return {key: +counts for key, counts in self.cast.items()} == {
            key: +counts for key, counts in self.counted.items() if +counts
        }


def hold(plan: Plan, folder: Path, progress: Progress) -> Held:
    """Hold the election of a plan and write its record into ``folder``, which is empty or not there.

    Requires cells of one unit each, and no contest data that is decrypted. Raises
    :class:`~evote.errors.RefusedError` if something is in the folder and
    :class:`~evote.errors.StorageError` if the disk does not take it.
    """
    total = sum(1 for _ in plan.voters())
    authority = SigningKey.generate()
    manifest = Manifest.build(plan.draft, salt=SYSTEM.token(32), authority_key=authority.verify_key.encoded)
    writer = RecordWriter.create(folder, manifest, plan.parameters)
    progress("Ceremony", 0, 1)
    election, shares = make_keys(plan, manifest, writer)
    writer.seal(Stage.SETUP, _now(), authority)
    progress("Ceremony", 1, 1)
    with _sealed_if_stopped(writer, election, authority) as booths:
        cast = _vote(plan, election, writer, booths, lambda done: progress("Voting", done, total))
    tally = _close(writer, booths, authority)
    deciding = [share for share in shares if share.index in plan.deciding]
    decryption = decrypt(writer.reader, deciding, progress)
    publish(writer, decryption, booths.openings, tally, authority)
    counted = counts_of(decryption)
    challenged = len(booths.openings)
    return Held(election, cast, counted, tally.head.size - challenged, challenged)


def counts_of(decryption: Decryption) -> dict[CountKey, Counter[str]]:
    """What was decrypted, by contest and cell; a cell is one unit here, with its path."""
    return {
        (cell.contest, cell.cell): Counter({field.option: field.count for field in cell.fields})
        for cell in decryption.cells
    }


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def make_keys(
    plan: Plan, manifest: Manifest, writer: RecordWriter
) -> tuple[Election, tuple[GuardianShare, ...]]:
    """Hold the guardians' ceremony and write what is public of it; the election and every share."""
    parameters = plan.parameters
    records, keys, shares = run_local(ceremony_setting(parameters, manifest))
    writer.put_guardians(records)
    writer.put_keys(keys)
    return Election.from_keys(parameters, manifest, keys), shares


class _Booths:
    """One device per unit, the tally of what it made, and the openings of challenged ballots."""

    def __init__(self, election: Election) -> None:
        self._election = election
        self._devices: dict[str, Device] = {}
        self.tallier = Tallier(election)
        self.openings: list[OpenedBallot] = []

    def of(self, unit: str) -> Device:
        """The device of a unit, which starts its chain with the first voter."""
        if unit not in self._devices:
            self._devices[unit] = Device(self._election, f"Booth of {unit}")
        return self._devices[unit]

    def close(self) -> DevicesFile:
        """What is published of the devices; they make no more ballots."""
        return DevicesFile(tuple(device.close() for device in self._devices.values()))


@contextmanager
def _sealed_if_stopped(writer: RecordWriter, election: Election, authority: SigningKey) -> Iterator[_Booths]:
    """Whatever ends the voting early, the ballots so far are sealed as a record of that stage."""
    booths = _Booths(election)
    try:
        yield booths
    except BaseException:
        writer.put_devices(booths.close())
        writer.seal(Stage.VOTING, _now(), authority)
        raise


def _vote(
    plan: Plan, election: Election, writer: RecordWriter, booths: _Booths, step: Callable[[int], None]
) -> dict[CountKey, Counter[str]]:
    """Everybody votes; those who challenge see their ballot opened and vote again."""
    cast: dict[CountKey, Counter[str]] = {}
    with closing(writer.hints()) as hints, writer.ballots() as box:
        for number, voter in enumerate(plan.voters(), 1):
            device = booths.of(voter.ballot.unit)
            if voter.challenges:
                prepared = encrypt(device, voter.ballot)
                submitted, opening = prepared.challenge()
                challenge = verify_challenged(election, submitted)
                verify_opening(election, submitted.ballot, opening)
                box.append(submitted)
                hints.append(prepared.hint().fitting(submitted, election.group.element_bytes))
                booths.tallier.add(challenge)
                booths.openings.append(opening)
            prepared = encrypt(device, voter.ballot)
            submitted = prepared.cast()
            verified = verify_cast(election, submitted)
            box.append(submitted)
            hints.append(prepared.hint())
            booths.tallier.add(verified)
            for contest, marked in voter.ballot.contests.items():
                cast.setdefault((contest, voter.ballot.unit), Counter()).update(marked.marks)
            step(number)
    return cast


def _close(writer: RecordWriter, booths: _Booths, authority: SigningKey) -> Tally:
    """End the voting: devices, tally and the closing head, sealed."""
    head = booths.tallier.head()
    tally = booths.tallier.tally(head)
    writer.put_devices(booths.close())
    writer.put_tally(tally.publish())
    writer.seal(Stage.VOTING, _now(), authority, head)
    return tally


def publish(
    writer: RecordWriter,
    decryption: Decryption,
    openings: Sequence[OpenedBallot],
    tally: Tally,
    authority: SigningKey,
) -> None:
    """The decryption, the openings and the result, sealed for the last time."""
    if decryption.data or decryption.unopened:
        raise DecryptionError("a demonstration decrypts totals only", ())
    put_results(writer, tally, decryption, openings)
    writer.seal(Stage.FINAL, _now(), authority, tally.head)
