"""An election whose logs a test writes by hand: entries, heads, cosignatures, promises, proofs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from evote.board.admission import RECEIPT_TAG, Admission, AdmissionReceipt
from evote.board.checkpoint import Checkpoint, sign_checkpoint
from evote.board.cosignature import cosign
from evote.board.entries import (
    CastEntry,
    ChallengeEntry,
    ClosingEntry,
    Entry,
    UnitHeadEntry,
    VerdictEntry,
    blinded,
    leaf_data,
)
from evote.board.note import Note
from evote.board.receipt import Ballot, Inclusion, Promise, Receipt
from evote.board.receipt_log import ShownLog, UnitLog, show
from evote.board.receipt_setting import ReceiptSetting
from evote.board.submission import NO_PREVIOUS
from evote.codec import encode
from evote.manifest.moments import moment_of, seconds_of
from evote.merkle import Tree, leaf_hash
from evote.signing import SigningKey
from evote.testing.boards import CLOSES, ORIGIN, unit_origin
from evote.testing.electorate import Electorate, Voter
from tests.board.logs import WITNESS_SIGNERS, policy_text

CLOSED_AT = seconds_of(CLOSES)
DELAY = 600
VOTED_AT = CLOSED_AT - 3600
DUE = VOTED_AT + DELAY
PUBLISHED_AT = CLOSED_AT + 300

ELECTORATE = Electorate([("North", "plain")] * 3 + [("South", "plain")], witnesses=policy_text().decode())
ALICE, BOB, CAROL, SOUTHERNER = ELECTORATE.voters
SETTING = ReceiptSetting(ELECTORATE.manifest, ELECTORATE.election.extended_hash)
FINGERPRINT = SETTING.fingerprint
LOG_KEY = ELECTORATE.authorities.log


def digest(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


def ballot(voter: Voter, name: str, previous: bytes = NO_PREVIOUS, *, challenged: bool = False) -> Ballot:
    """A ballot that nobody encrypted: a log knows its hash only."""
    who = voter.holder.pseudonym
    if challenged:
        who = blinded(who, digest(f"blind {name}"))
    return Ballot(voter.unit, voter.style, challenged, who, digest(name), previous)


def entry_of(made: Ballot) -> CastEntry | ChallengeEntry:
    if made.challenged:
        return ChallengeEntry(made.style, made.voter, made.ballot)
    return CastEntry(made.style, made.voter, made.ballot, made.previous, "", (bytes(64),))


def accepted(made: Ballot) -> VerdictEntry:
    return VerdictEntry(made.ballot, True, "", "")


def rejected(made: Ballot) -> VerdictEntry:
    return VerdictEntry(made.ballot, False, "6.D", "a proof does not hold")


def unit_key(unit: str) -> SigningKey:
    return ELECTORATE.authorities.units[unit]


def answer(
    made: Ballot,
    *,
    time: int = VOTED_AT,
    deadline: int | None = None,
    setting: ReceiptSetting = SETTING,
    key: SigningKey | None = None,
    **changes: object,
) -> AdmissionReceipt:
    """What the box of the ballot's unit answers, with other values for some fields."""
    origin = unit_origin(made.unit)
    leaf = made.leaf(setting.fingerprint, origin)
    latest = min(time + DELAY, CLOSED_AT + DELAY)
    due = moment_of(latest if deadline is None else deadline)
    admission = replace(
        Admission(1, setting.fingerprint, origin, leaf, moment_of(time), due),
        **changes,  # type: ignore[arg-type]
    )
    signature = (key or unit_key(made.unit)).sign(
        RECEIPT_TAG, admission.fingerprint, admission.origin, encode(admission)
    )
    return AdmissionReceipt(admission, signature)


def promised(made: Ballot, **parts: object) -> Receipt:
    """A receipt with the promise alone."""
    given = answer(made, **parts)  # type: ignore[arg-type]
    promise = Promise(given.admission.time, given.admission.deadline, given.signature)
    return Receipt(FINGERPRINT, made, promise, None)


def witnessed(note: Note, time: int, names: Iterable[str] = tuple(WITNESS_SIGNERS)) -> Note:
    checkpoint = Checkpoint.parse(note.text)
    return note.having(*(cosign(checkpoint, name, WITNESS_SIGNERS[name], time) for name in names))


def ending() -> tuple[ClosingEntry, ClosingEntry]:
    return ClosingEntry(1, CLOSES), ClosingEntry(2, CLOSES)


@dataclass
class Board:
    """The logs of both units and of the election, as they grow."""

    units: dict[str, list[Entry]] = field(default_factory=lambda: {"North": [], "South": []})
    heads: list[UnitHeadEntry] = field(default_factory=list)
    notes: dict[str, Note] = field(default_factory=dict)
    checkpoint: Note | None = None

    def add(self, unit: str, *entries: Entry) -> Board:
        self.units[unit] += entries
        return self

    def tree(self, unit: str) -> Tree:
        entries: Sequence[Entry] = self.units[unit] if unit else self.heads
        origin = unit_origin(unit) if unit else ORIGIN
        return Tree(leaf_hash(leaf_data(FINGERPRINT, origin, unit, entry)) for entry in entries)

    def head(self, unit: str, *, closing: bool = False) -> Board:
        """Sign a head of a unit's log and put it on the election's log."""
        tree = self.tree(unit)
        note = sign_checkpoint(Checkpoint.of_tree(unit_origin(unit), tree), unit_key(unit))
        before = max((entry.size for entry in self.heads if entry.unit == unit), default=0)
        proof = tree.consistency(before, tree.size) if before else ()
        self.heads.append(UnitHeadEntry(unit, tree.size, tree.root(), proof, closing))
        self.notes[unit] = note
        return self

    def witness(self, time: int = PUBLISHED_AT, names: Iterable[str] = tuple(WITNESS_SIGNERS)) -> Board:
        """Sign a head of the election's log and have it cosigned."""
        signed = sign_checkpoint(Checkpoint.of_tree(ORIGIN, self.tree("")), LOG_KEY)
        self.checkpoint = witnessed(signed, time, names)
        return self

    def close(self, time: int = PUBLISHED_AT) -> Board:
        for unit in self.units:
            self.add(unit, *ending()).head(unit, closing=True)
        return self.witness(time)

    def inclusion(self, made: Ballot) -> Inclusion:
        """The proof of a ballot under the last heads."""
        index = self.units[made.unit].index(entry_of(made))
        place = max(at for at, entry in enumerate(self.heads) if entry.unit == made.unit)
        head = self.heads[place]
        return Inclusion.made(
            (self.tree(made.unit), index, self.notes[made.unit]),
            (self.tree(""), place, self.last),
            head.proof,
            head.closing,
        )

    @property
    def last(self) -> Note:
        assert self.checkpoint is not None
        return self.checkpoint

    def final(self, made: Ballot) -> Receipt:
        """The whole receipt."""
        return promised(made).having(self.inclusion(made))

    def shown(self, unit: str = "North") -> ShownLog:
        return show(SETTING, unit, self.units[unit], self.notes[unit], self.heads, self.last)

    def log(self, unit: str = "North") -> UnitLog:
        """The shown log, believed, without fates."""
        return self.shown(unit).verify(SETTING)

    def counted(self, unit: str = "North") -> UnitLog:
        """The same with fates."""
        return self.log(unit).counting(SETTING, self.units[unit], ELECTORATE.credentials())


A, B, C = ballot(ALICE, "a"), ballot(BOB, "b"), ballot(CAROL, "c", challenged=True)
A2 = ballot(ALICE, "a2", A.ballot)
S = ballot(SOUTHERNER, "s")
ABSENT = ballot(CAROL, "absent")


def voting() -> Board:
    """Voting goes on: four ballots in North, one in South, one witnessed head each."""
    board = Board().add("South", entry_of(S), accepted(S)).head("South")
    board.add("North", entry_of(A), accepted(A), entry_of(B), rejected(B)).head("North")
    board.add("North", entry_of(C), accepted(C), entry_of(A2), accepted(A2)).head("North")
    return board.witness(DUE - 60)


def closed() -> Board:
    """The same after the end."""
    return voting().close()
