"""E.26 to E.32 on the log of one unit, entry by entry, and the tree of its leaves.

Every entry of a ballot takes the ballot's facts from the store, so that a ballot that stands on two logs, or
twice on one, is found, and at the end what no log has. What counts is decided by
:class:`evote.board.counting.Counting`, whose findings have the numbers of :data:`ids.RULES`.

Left out: whether the leaves are those of a witnessed head (E.23 to E.25), signatures (E.17).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from evote.ballots import Election
from evote.board.counting import CountedSet, Counting
from evote.board.credential import ED25519
from evote.board.entries import (
    NO_PSEUDONYM,
    CastEntry,
    ChallengeEntry,
    ClosingEntry,
    CountsEntry,
    Entry,
    ReissueEntry,
    VerdictEntry,
    leaf_data,
)
from evote.board.reissue import Credentials
from evote.board.roll import Roll
from evote.errors import DecodeError
from evote.manifest.declarations import DeclaredBoard, DeclaredLog
from evote.manifest.moments import seconds_of
from evote.merkle import RangeBuilder, leaf_hash
from evote.tally import ClosingHead
from evote.verifier.board import ids
from evote.verifier.board.facts import Facts, FactStore
from evote.verifier.board.signatures import SignedItem
from evote.verifier.state import Verification

_MINUTE = 60


@dataclass(slots=True)
class UnitLog:
    """The log of ``unit`` while it is read; ``roll`` is None where the election has none.

    ``countable`` is False where the roll is declared and not there: what needs it is then left out.
    """

    run: Verification
    election: Election
    unit: str
    log: DeclaredLog
    board: DeclaredBoard
    roll: Roll | None
    countable: bool
    facts: FactStore
    issued: dict[bytes, str]
    """Keys that re-issues of any unit gave, with the unit; the logs of all units share it."""
    places: dict[int, Facts] = field(default_factory=dict)
    """By index of an entry: the ballot of the record that it speaks of."""
    size: int = 0
    _tree: RangeBuilder = field(default_factory=RangeBuilder)
    _credentials: Credentials | None = None
    _counting: Counting | None = None
    _minute: str = ""
    _closed: list[ClosingEntry] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.roll is not None:
            self._credentials = Credentials(self.roll, self.election.extended_hash, self.run.schemes)
        if self.countable:
            self._counting = Counting(self.unit, self._credentials, ids.RULES)

    def read(self, entry: Entry) -> SignedItem | None:
        """The next entry; what is to be checked of its signatures, if it has any of a voter."""
        index = self.size
        self.size += 1
        data = leaf_data(self.election.extended_hash, self.log.origin, self.unit, entry)
        self._tree.append(leaf_hash(data))
        item = None
        if isinstance(entry, CastEntry | ChallengeEntry):
            item = self._ballot(index, entry)
        elif isinstance(entry, VerdictEntry):
            self.run.report.count(ids.VERDICTS)
        elif isinstance(entry, ReissueEntry):
            self.run.report.count(ids.REISSUES)
            self.run.report.add("reissues")
            self._reissued(index, entry)
        elif isinstance(entry, CountsEntry):
            self._counts(index, entry)
        elif isinstance(entry, ClosingEntry):
            self._closing(index, entry)
        if self._counting is not None:
            self._counting.read(index, entry)
        return item

    def head(self) -> ClosingHead:
        """Size and root of what was read."""
        return ClosingHead(self.size, self._tree.value().root())

    @property
    def ended(self) -> bool:
        """Whether the log has both closing entries."""
        return {entry.phase for entry in self._closed} == {1, 2}

    def finish(self) -> CountedSet | None:
        """What counts; None where that cannot be told."""
        self.run.report.count(ids.CLOSING)
        if self._counting is None:
            return None
        result = self._counting.result()
        for finding in result.findings:
            self.run.report.fail_with(finding)
        for scheme in () if self._credentials is None else sorted(self._credentials.unchecked):
            reason = f"no verifier is given for new keys of the scheme {scheme!r}"
            self.run.skip((ids.REISSUES,), reason)
        return result

    def where(self, index: int) -> str:
        """The place of an entry, in words."""
        return f"log of {self.unit!r}, entry {index}"

    # --- entries -----------------------------------------------------------------------------------

    def _ballot(self, index: int, entry: CastEntry | ChallengeEntry) -> SignedItem | None:
        report = self.run.report
        report.count(ids.ENTRIES)
        cast = isinstance(entry, CastEntry)
        if cast:
            report.count(ids.SLOTS)
        facts = self.facts.take(entry.ballot)
        if facts is None:
            report.fail(
                ids.ENTRIES, self.where(index), f"the record has no ballot {entry.ballot.hex()} left for it"
            )
            return None
        self.places[index] = facts
        if facts.cast != cast:
            said, is_ = ("cast", "challenged") if cast else ("challenged", "cast")
            report.fail(
                ids.ENTRIES, self.where(index), f"the ballot is {said} on the log and {is_} in the record"
            )
        self._context(index, entry, facts)
        return self._signed(index, entry, facts) if isinstance(entry, CastEntry) else None

    def _reissued(self, index: int, entry: ReissueEntry) -> None:
        """E.29, what the credentials of one unit cannot see: the new keys are no other unit's new keys."""
        for key in entry.new:
            owner = self.issued.setdefault(key, self.unit)
            if owner != self.unit:
                self.run.report.fail(
                    ids.REISSUES,
                    f"{self.where(index)}, slot {entry.slot}",
                    "the new key was given to a slot of another unit too",
                    expected="a key of its own",
                    computed=f"{key.hex()}, of {owner!r}",
                )

    def _context(self, index: int, entry: CastEntry | ChallengeEntry, facts: Facts) -> None:
        """E.27; that id_B is the hash of what is compared here, E.1 says."""
        report = self.run.report
        report.count(ids.CONTEXTS)
        compared = [("unit", self.unit, facts.unit), ("style", entry.style, facts.style)]
        if isinstance(entry, CastEntry):
            name = NO_PSEUDONYM if facts.pseudonym is None else facts.pseudonym
            compared.append(("pseudonym", entry.pseudonym.hex(), name.hex()))
        for what, expected, computed in compared:
            if expected != computed:
                report.fail(
                    ids.CONTEXTS,
                    f"{self.where(index)}, {facts.place}",
                    f"the ballot has another {what} than its entry",
                    expected=expected,
                    computed=computed,
                )

    def _signed(self, index: int, entry: CastEntry, facts: Facts) -> SignedItem | None:
        scheme, keys = ED25519, self._signers(index, entry)
        if keys is None:
            return None
        if self._credentials is not None:
            holding = self._credentials.find(entry.pseudonym)
            scheme = ED25519 if holding is None else holding.scheme
        return SignedItem(
            index, scheme, keys, entry.signatures, facts.identifier, entry.ballot, entry.previous
        )

    def _signers(self, index: int, entry: CastEntry) -> tuple[bytes, ...] | None:
        """The keys that must have signed; None where another check says that there are none."""
        if not self.countable:
            return None
        if self._credentials is None:
            device = self.board.devices.get(entry.device)
            if device is None:
                self._unsigned(index, f"no attended device of the election is called {entry.device!r}")
                return None
            return (device.key,)
        if entry.device:
            self._unsigned(index, "a device is named, and credentials sign in this election")
        holding = self._credentials.find(entry.pseudonym)
        return None if holding is None else holding.keys  # E.28 names a pseudonym of nobody

    def _unsigned(self, index: int, message: str) -> None:
        self.run.report.count(ids.SIGNATURES)
        self.run.report.fail(ids.SIGNATURES, self.where(index), message)

    def _counts(self, index: int, entry: CountsEntry) -> None:
        """E.32: one entry per minute at most, in their order, each name once and counted at least once."""
        report = self.run.report
        report.count(ids.COUNTS)
        names = [each.what for each in entry.counts]
        try:
            whole = seconds_of(entry.minute) % _MINUTE == 0
        except DecodeError:
            whole = False
        for fault, sentence in (
            (not whole, "no whole minute is named"),
            (whole and entry.minute <= self._minute, "its minute does not come after the one before"),
            (not names, "nothing was counted"),
            (names != sorted(set(names)) or "" in names, "the names are not in order, once each"),
            (any(each.count < 1 for each in entry.counts), "something was counted less than once"),
        ):
            if fault:
                message = f"a count of refusals is not well formed: {sentence}"
                report.fail(ids.COUNTS, self.where(index), message)
        self._minute = entry.minute if whole else self._minute

    def _closing(self, index: int, entry: ClosingEntry) -> None:
        """E.30, beside what :class:`Counting` finds: the times are moments, in their order."""
        report = self.run.report
        try:
            now = seconds_of(entry.time)
        except DecodeError as error:
            message = f"the time of a closing entry is none: {error.message}"
            report.fail(ids.CLOSING, self.where(index), message)
            return
        if self._closed and now < seconds_of(self._closed[-1].time):
            report.fail(
                ids.CLOSING,
                self.where(index),
                "the log ends before voting ends",
                expected=f"not before {self._closed[-1].time}",
                computed=entry.time,
            )
        if not self._closed and now < seconds_of(self.board.closes):
            report.warn(
                f"Voting in {self.unit!r} ended at {entry.time}, before the declared end {self.board.closes}."
            )
        self._closed.append(entry)
