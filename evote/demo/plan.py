"""What a demonstration is going to do, and what it will cost, before it starts.

A :class:`Plan` is a whole election in advance: parameters, draft of the manifest, who votes where and
how, who challenges, who decrypts. :func:`estimate` measures this machine for a moment, by encrypting
and verifying ballots of a throw-away election, and says how many ballots, how much disk and about how
long.
"""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from evote.ballots import Election, PlaintextBallot, verify_cast
from evote.ballots.device import Device
from evote.ballots.encrypt import encrypt
from evote.codec import encode
from evote.demo import france
from evote.errors import StorageError
from evote.groups import Group
from evote.manifest import Manifest, Parameters
from evote.randomness import SYSTEM

PASSES = 3
"""How often every cast ballot is verified: when it is cast, for the guardians, by the verifier."""

FIXED_BYTES = 4 * 1024 * 1024
"""Room for everything in a record that does not grow with the ballots, and some more."""

CountKey = tuple[str, str]
"""Contest label and unit path."""


@dataclass(frozen=True, slots=True)
class Voter:
    """One voter's choice; ``challenges`` says that the voter first challenges an encryption of it."""

    ballot: PlaintextBallot
    challenges: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """An election to hold. ``voters`` starts anew with each call and always gives the same."""

    title: str
    parameters: Parameters
    draft: Mapping[str, object]
    voters: Callable[[], Iterator[Voter]]
    deciding: tuple[int, ...]
    """The guardians who decrypt, increasing; at least as many as the quorum."""

    def expected(self) -> dict[CountKey, Counter[str]]:
        """What the voters choose, by contest and unit, as it should come out of the count."""
        found: dict[CountKey, Counter[str]] = {}
        for voter in self.voters():
            for contest, marked in voter.ballot.contests.items():
                found.setdefault((contest, voter.ballot.unit), Counter()).update(marked.marks)
        return found


def france_2024(group: Group, scale: int) -> Plan:
    """The election of :mod:`evote.demo.france` at that scale, with five guardians and a quorum of three.

    In every constituency the first voter challenges a ballot before casting one. Raises
    ``ValueError`` for a scale out of range.
    """
    election = france.load()
    by_label = {item.label: item for item in election.constituencies}
    counts = {item.label: france.scaled(item, scale) for item in election.constituencies}

    def voters() -> Iterator[Voter]:
        choices = {label: france.sequence(found) for label, found in counts.items()}
        seen: set[str] = set()
        sizes = tuple((label, sum(count for _, count in found)) for label, found in counts.items())
        for label in france.sequence(sizes):
            ballot = france.ballot(by_label[label], next(choices[label]))
            yield Voter(ballot, label not in seen)
            seen.add(label)

    return Plan(
        election.title["en"],
        Parameters(group, guardians=5, quorum=3),
        france.draft(election, scale),
        voters,
        (1, 3, 5),
    )


@dataclass(frozen=True, slots=True)
class Estimate:
    """What holding an election will take."""

    cast: int
    challenged: int
    selections: int
    """Encrypted fields of all ballots."""
    disk: int
    """Bytes."""
    seconds: float


def estimate(plan: Plan) -> Estimate:
    """Count the ballots of a plan, and measure what one costs on this machine."""
    sample, costs = _measure(plan)
    cast = challenged = selections = work = 0
    for voter in plan.voters():
        fields = _fields(sample.manifest, voter.ballot.style)
        times = 1 + voter.challenges
        cast += 1
        challenged += voter.challenges
        selections += times * fields
        work += fields + times
    per_field, bytes_per_field = costs
    fields_to_decrypt = sum(
        len(contest.options) * len(sample.manifest.cells(contest.index))
        for contest in sample.manifest.contests
    )
    # Encryption and verification per field, and about 24 verified powers per decrypted field and guardian.
    seconds = work * per_field.encrypt + (work + cast) * per_field.verify * PASSES
    seconds += fields_to_decrypt * (2 + len(plan.deciding)) * per_field.verify + 5.0
    disk = (selections + cast + challenged) * bytes_per_field + FIXED_BYTES
    return Estimate(cast, challenged, selections, disk, seconds)


@dataclass(frozen=True, slots=True)
class _PerField:
    """Seconds for one field of a ballot, the ballot's own parts shared out."""

    encrypt: float
    verify: float


def _measure(plan: Plan) -> tuple[Election, tuple[_PerField, int]]:
    """A throw-away election with keys that nobody knows, and what a ballot of it costs per field."""
    group = plan.parameters.group
    manifest = Manifest.build(plan.draft, salt=SYSTEM.token(32), authority_key=None)
    keys = [group.power(group.generator, group.random_scalar(SYSTEM)) for _ in range(2)]
    election = Election.of(Parameters(group, 1, 1), manifest, *keys)
    voter = next(plan.voters())
    fields = _fields(manifest, voter.ballot.style) + 1
    device = Device(election, "measurement")
    started = time.perf_counter()
    submitted = encrypt(device, voter.ballot).cast()
    encrypted = time.perf_counter()
    verify_cast(election, submitted)
    verified = time.perf_counter()
    costs = _PerField((encrypted - started) / fields, (verified - encrypted) / fields)
    return election, (costs, -(-len(encode(submitted)) // fields))


def _fields(manifest: Manifest, style: str) -> int:
    return sum(len(contest.options) for contest in manifest.contests_of(style))


def require_room(folder: Path, needed: int) -> None:
    """Raise :class:`StorageError` unless the disk of ``folder`` has ``needed`` bytes free.

    ``folder`` need not exist; the nearest folder above it that does counts.
    """
    place = folder.absolute()
    while not place.exists() and place.parent != place:
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < needed:
        raise StorageError(
            f"{folder}: the election needs about {megabytes(needed)} and the disk has {megabytes(free)} "
            "left; make room, choose another folder, or take a larger scale"
        )


def megabytes(size: int) -> str:
    """A size in bytes as people say it."""
    return f"{size / 1e9:.1f} GB" if size >= 10**9 else f"{-(-size // 10**6)} MB"
