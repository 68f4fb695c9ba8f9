"""Some ballots as a task for a worker, and what it sends back: findings, products, and digests.

A stretch is as many ballots as have about :data:`SELECTIONS` selections, whatever the number of workers, so
that reproducible weights are the same everywhere. A result holds no ballot: what goes on is what was
found, the products over the cast ballots, and 32 bytes per code and ciphertext.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from evote.errors import DecodeError
from evote.groups import Claimed, Group
from evote.hashing import tagged
from evote.interop.electionguard1.ballots import Examined, examine
from evote.interop.electionguard1.checks import (
    BALLOT_CHECKS,
    CHECKS,
    FAMILIES,
    SPOILED_CHECKS,
)
from evote.interop.electionguard1.keys import Keys, Setting, claimed, keys_of
from evote.interop.electionguard1.layout import (
    MAX_BALLOT_BYTES,
    MAX_FILE_BYTES,
    SPOILED,
    SUBMITTED,
    decrypted_name,
    file_name,
)
from evote.interop.electionguard1.read_ballots import ballot_of
from evote.interop.electionguard1.read_results import decrypted_of
from evote.interop.electionguard1.run import parsed
from evote.interop.electionguard1.settle import Settling, WeightSource
from evote.interop.electionguard1.spoiled import check_spoiled
from evote.interop.electionguard1.statements import Claim
from evote.interop.electionguard1.values import Ballot, Manifest, State
from evote.proofs.batch import FreshWeights, Weights
from evote.proofs.weights import DerivedWeights
from evote.record.folder import Folder
from evote.report import ReportBuilder

METHOD_VERSION: Final = 1
"""Enters the seed of reproducible weights."""
SELECTIONS: Final = 2_000
MOST_BALLOTS: Final = 500

Sums = dict[tuple[str, str], tuple[bytes, bytes] | None]
"""Products by contest and option, as encoded; None where a value was out of range."""


@dataclass(frozen=True, slots=True)
class Task:
    """Ballots by the names of their files, from place ``first`` on.

    ``decrypted`` are those that have a decryption to look at; ``final`` says whether it is time for that.
    """

    root: str
    setting: Setting
    number: int
    first: int
    names: tuple[str, ...]
    decrypted: frozenset[str]
    final: bool
    batch: bool
    reproducible: bool


@dataclass(frozen=True, slots=True)
class Link:
    """A ballot in its chain: its place among all files, and digests of codes and ciphertexts.

    ``seed`` is the code before, ``code`` the ballot's own as stated, ``computed`` the same as computed.
    """

    place: int
    seed: bytes
    code: bytes
    computed: bytes | None
    ciphertexts: tuple[bytes, ...]


@dataclass(slots=True)
class Result:
    """What a stretch gives."""

    report: ReportBuilder
    files: list[tuple[str, bytes]] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    sums: Sums = field(default_factory=dict)
    cast_contests: dict[str, int] = field(default_factory=dict)
    unread: int = 0
    """Ballots that do not decode, and may have been cast."""
    batched: int = 0


def ballots_of_a_stretch(manifest: Manifest) -> int:
    """How many ballots make a stretch: a function of the manifest alone."""
    largest = max(
        (sum(len(each.selections) for each in manifest.contests_of(style)) for style in manifest.styles),
        default=1,
    )
    return max(1, min(MOST_BALLOTS, SELECTIONS // max(largest, 1)))


def check_stretch(task: Task) -> Result:
    """Examine the ballots of a task, and the decryptions of those that were spoiled."""
    return _Stretch(task).result()


def code_digest(code: str) -> bytes:
    """A code in 32 bytes."""
    return tagged("evote/v1/foreign-code", code.encode("ascii"))


class _Stretch:
    def __init__(self, task: Task) -> None:
        self._task = task
        self._keys: Keys = keys_of(task.setting)
        self._folder = Folder(task.root)
        self._found = Result(ReportBuilder(CHECKS, format_name="", families=FAMILIES))
        self._products = Products(self._keys.group)
        self._claims: list[list[Claim]] = []

    def result(self) -> Result:
        found = self._found
        for place, name in enumerate(self._task.names, start=self._task.first):
            self._take(place, name)
        settling = Settling(self._keys.public, found.report, self._weights())
        settling.decide(self._claims)
        found.sums = self._products.encoded()
        found.batched = settling.batched
        return found

    def _take(self, place: int, name: str) -> None:
        report, path = self._found.report, f"{SUBMITTED}/{name}"
        read = parsed(self._folder, report, path, MAX_BALLOT_BYTES, ballot_of)
        if read is None:
            self._found.unread += 1
            report.skip(BALLOT_CHECKS, f"{path} cannot be read (FILES.1)")
            return
        self._found.files.append((path, read[0]))
        ballot = read[1]
        where = f"ballot {ballot.label!r}"
        if name != file_name(SUBMITTED, ballot.label):
            report.fail("FILES.1", path, f"the file holds {where}")
        report.add("ballots")
        report.add("cast" if ballot.state is State.CAST else "spoiled")
        examined = examine(self._keys, report, ballot, where)
        self._claims.append(examined.claims)
        self._link(place, ballot, examined)
        if ballot.state is State.CAST:
            self._products.add(ballot)
            for contest in ballot.contests:
                counts = self._found.cast_contests
                counts[contest.label] = counts.get(contest.label, 0) + 1
            if self._task.final and name in self._task.decrypted:
                report.fail("SPOILED.1", where, "the ballot was cast, and is decrypted nevertheless")
        elif self._task.final:
            self._take_decrypted(ballot, name, where)

    def _take_decrypted(self, ballot: Ballot, name: str, where: str) -> None:
        """The decryption beside a ballot's file: names come from folders, never from a ballot."""
        report, path = self._found.report, f"{SPOILED}/{decrypted_name(name)}"
        report.count("SPOILED.1")
        if name not in self._task.decrypted:
            report.fail("SPOILED.1", where, "the spoiled ballot is not decrypted")
            return
        read = parsed(self._folder, report, path, MAX_FILE_BYTES, decrypted_of)
        if read is None:
            report.skip(SPOILED_CHECKS, f"{path} cannot be read (FILES.1)")
            return
        self._found.files.append((path, read[0]))
        self._claims += check_spoiled(self._keys, report, ballot, read[1], where)

    def _link(self, place: int, ballot: Ballot, examined: Examined) -> None:
        ring, code = ballot.ring, examined.code
        self._found.links.append(
            Link(
                place,
                code_digest(ring.seed),
                code_digest(ring.code),
                None if code is None else code_digest(code),
                tuple(examined.ciphertexts),
            )
        )

    def _weights(self) -> WeightSource | None:
        """Where weights come from, now that every byte has been read."""
        task = self._task
        if not task.batch:
            return None
        return _Derived(self._seed()).weights if task.reproducible else FreshWeights

    def _seed(self) -> bytes:
        files = [part for name, digest in self._found.files for part in (name.encode("utf-8"), digest)]
        return tagged(
            "evote/v1/foreign-batch-seed",
            METHOD_VERSION.to_bytes(4, "big"),
            self._keys.group.parameter_bytes(),
            self._keys.extended.encode("ascii"),
            self._keys.setting.key,
            self._task.number.to_bytes(8, "big"),
            *files,
        )


class Products:
    """Running products of ciphertexts by contest and option, placeholders left out."""

    def __init__(self, group: Group) -> None:
        self._group = group
        self._held: dict[tuple[str, str], tuple[Claimed, Claimed] | None] = {}

    def add(self, ballot: Ballot) -> None:
        """The selections of a cast ballot, as they stand in the record."""
        for contest in ballot.contests:
            for selection in contest.selections:
                if selection.placeholder:
                    continue
                try:
                    pair = (
                        claimed(self._group, selection.pair.pad),
                        claimed(self._group, selection.pair.data),
                    )
                except DecodeError:
                    self._held[contest.label, selection.label] = None
                    continue
                self._multiply((contest.label, selection.label), pair)

    def merge(self, sums: Sums) -> None:
        """The products of a stretch."""
        for key, values in sums.items():
            if values is None:
                self._held[key] = None
            else:
                self._multiply(key, (self._group.claim(values[0]), self._group.claim(values[1])))

    def encoded(self) -> Sums:
        """All products."""
        return {
            key: None if pair is None else (pair[0].encode(), pair[1].encode())
            for key, pair in self._held.items()
        }

    def _multiply(self, key: tuple[str, str], pair: tuple[Claimed, Claimed]) -> None:
        if key not in self._held:
            self._held[key] = pair
            return
        before = self._held[key]
        if before is not None:
            product = self._group.product_of_claimed
            self._held[key] = product((before[0], pair[0])), product((before[1], pair[1]))


class _Derived:
    """Sources of weights from one seed, one per batch."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._next = 0

    def weights(self) -> Weights:
        number = self._next.to_bytes(8, "big")
        self._next += 1
        return DerivedWeights(tagged("evote/v1/foreign-batch", self._seed, number))
