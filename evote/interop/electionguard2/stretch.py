"""Some ballots as a task for a worker, and what it sends back: findings, products, and digests.

A result holds no ballot: what goes on is what was found, the products over the cast ballots, what chains
need, and 32 bytes per identifier, code and ciphertext. What is true of all ballots together is looked at by
:class:`Repeats`, in bounded memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final

from evote.elgamal import PublicKey
from evote.groups import Group
from evote.interop.contract import Request
from evote.interop.electionguard2.ballots import Entry, Seen, Sum, check_ballot
from evote.interop.electionguard2.chains import Link, check_unchained
from evote.interop.electionguard2.challenged import Decryptions, check_challenged
from evote.interop.electionguard2.checks import CHECKS, FAMILIES, REGULAR
from evote.interop.electionguard2.layout import MAX_BALLOT_BYTES, Layout
from evote.interop.electionguard2.profile import Profile, published_profile
from evote.interop.electionguard2.run import Keys, Run, parsed
from evote.interop.electionguard2.values import Config, Manifest, State
from evote.record.folder import Folder
from evote.record.unique import UniqueKeys
from evote.record.values import Stage
from evote.report import ReportBuilder

SELECTIONS: Final = 500
MOST_BALLOTS: Final = 100

_ENTRIES = 2**24
"""Places of entries: the ballot's place times this, plus the number of the entry."""

_REPEATED = {
    "F.3": "the ballots have the same name",
    "7.C": "the ballots have the same code",
    "17.D": "the ballots have the same code",
    "F.7": "the same ciphertext stands in the record twice",
}


@dataclass(frozen=True, slots=True)
class Task:
    """Ballots by folder of their device and path, from place ``first`` on.

    ``profile`` is given for groups that are not published; the others are known by the names of their
    parameters. ``decryptions`` are the files of decrypted ballots, None where they are not looked at yet.
    """

    root: str
    layout: Layout
    parameters: tuple[str, ...]
    profile: Profile | None
    manifest: Manifest
    config: Config
    key: bytes
    extended: bytes
    stage: Stage
    first: int
    paths: tuple[tuple[str, str], ...]
    decryptions: tuple[str, ...] | None


@dataclass(slots=True)
class Result:
    """What a stretch gives; ``sums`` are encoded pairs (None: nothing yet), ballots, and whether broken."""

    report: ReportBuilder
    digests: list[bytes] = field(default_factory=list)
    sums: dict[tuple[str, str], tuple[tuple[bytes, bytes] | None, int, bool]] = field(default_factory=dict)
    seen: Seen = field(default_factory=Seen)
    links: list[tuple[str, Link]] = field(default_factory=list)
    entries: list[tuple[int, list[Entry]]] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    ballots: int = 0


def ballots_of_a_stretch(manifest: Manifest) -> int:
    """How many ballots make a stretch: a function of the manifest alone."""
    contests = manifest.contests
    largest = max(
        (
            sum(len(contests[each].options) for each in manifest.contests_of(style))
            for style in manifest.styles
        ),
        default=1,
    )
    return max(1, min(MOST_BALLOTS, SELECTIONS // max(largest, 1)))


def check_stretch(task: Task) -> Result:
    """Examine the ballots of a task, and the decryptions of those that were challenged."""
    profile = published_profile(dict.fromkeys(task.parameters, 0)) if task.profile is None else task.profile
    keys = _keys(profile, task)
    report = ReportBuilder(CHECKS, format_name="", families=FAMILIES)
    run = Run(Folder(task.root), report, Request(stage=task.stage))
    run.layout, run.profile, run.keys = task.layout, profile, keys
    found = Result(report)
    decryptions = None if task.decryptions is None else Decryptions(list(task.decryptions))
    for place, (folder, path) in enumerate(task.paths, task.first):
        found.ballots += 1
        read = parsed(run, path, MAX_BALLOT_BYTES, run.reader.ballot)
        if read is None:
            found.seen.unread += 1
            run.skip([*REGULAR, "7.C", "F.3", "F.7"], f"{path} cannot be read (F.1)")
            continue
        ballot = read[1]
        where = f"ballot {ballot.label!r}"
        found.seen.entries = []
        members = check_ballot(run, keys, found.seen, ballot, where)
        found.entries.append((place, found.seen.entries))
        if task.config.chained:
            found.links.append((folder, Link(ballot.label, ballot.device, ballot.aux, ballot.code)))
        else:
            check_unchained(run, task.config, ballot, where)
        if decryptions is not None and ballot.state is State.CHALLENGED:
            check_challenged(run, keys, decryptions, ballot, members)
    found.seen.entries = []
    found.digests = run.digests
    found.taken = [] if decryptions is None else decryptions.taken
    for name, each in found.seen.sums.items():
        pair = None if each.pair is None else (each.pair[0].encode(), each.pair[1].encode())
        found.sums[name] = pair, each.ballots, each.broken
    found.seen.sums = {}
    return found


_held: list[tuple[tuple[int, bytes], Keys]] = []
"""The keys of the task before, whose tables are worth keeping."""


def _keys(profile: Profile, task: Task) -> Keys:
    name = id(profile.group), task.key
    for held, keys in _held:
        if held == name and keys.manifest == task.manifest and keys.extended == task.extended:
            return keys
    public = PublicKey.of(profile.group.decode(task.key))
    keys = Keys(profile, task.manifest, public, task.key, task.extended)
    _held[:] = [(name, keys)]
    return keys


def merge_seen(seen: Seen, result: Result, group: Group) -> None:
    """Enter what a stretch saw into what all of them saw."""
    seen.unread += result.seen.unread
    seen.cast.update(result.seen.cast)
    seen.voted.update(result.seen.voted)
    for label, count in result.seen.cast_contests.items():
        seen.cast_contests[label] = seen.cast_contests.get(label, 0) + count
    product = group.product_of_claimed
    for name, (pair, ballots, broken) in result.sums.items():
        held = seen.sums.setdefault(name, Sum())
        held.ballots += ballots
        held.broken |= broken
        if pair is None:
            continue
        values = group.claim(pair[0]), group.claim(pair[1])
        held.pair = (
            values
            if held.pair is None
            else (product((held.pair[0], values[0])), product((held.pair[1], values[1])))
        )


class Repeats:
    """Identifiers, codes and ciphertexts of all ballots; a context manager with temporary files behind it."""

    def __init__(self, paths: Sequence[tuple[str, str]]) -> None:
        self._paths = paths
        self._sets = {check: UniqueKeys() for check in _REPEATED}

    def __enter__(self) -> Repeats:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in self._sets.values():
            each.close()

    def add(self, place: int, entries: Sequence[Entry]) -> None:
        """The entries of a ballot."""
        for number, entry in enumerate(entries):
            self._sets[entry.check].add(entry.digest, place * _ENTRIES + number)

    def check(self, run: Run) -> None:
        """F.3, 7.C, 17.D and F.7: a finding for each value that occurs more than once."""
        for check, keys in self._sets.items():
            for _, places in keys.repeated():
                paths = dict.fromkeys(self._paths[place // _ENTRIES][1] for place in places)
                run.report.fail(check, ", ".join(paths), _REPEATED[check])
