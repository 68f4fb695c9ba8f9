"""A whole election with a bulletin board in one place: roll, codes, boxes, receipts, witnesses, closing.

:func:`hold_board` plays every part in one process, with the calls that the commands of an election make:
credential authority, guardians, voters with codes, a ballot box per unit, the election's log, witnesses,
closing, decryption. :func:`check_receipts` then asks of every receipt what became of its ballot, from the
record alone.

In every unit the first voter sends the ballot twice and gets one receipt, the voters whom the plan names have
a ballot opened before they cast, and the last voter first casts something else and then changes it.

Rules: codes and keys live and die in memory; the folder for boxes holds nothing that opens a ballot; while
people vote the record stays as it was sealed before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from evote.ballots import Election, OpenedBallot, PlaintextBallot, PlaintextContest
from evote.board.codes import WHOLE, Code
from evote.board.credential import ED25519
from evote.board.evidence import ReceiptVerdict
from evote.board.receipt import Receipt
from evote.board.receipt_check import check_receipt
from evote.board.receipt_setting import ReceiptSetting
from evote.board.roll import RollEntry, roll_root, sorted_entries
from evote.codec import encode
from evote.demo.boxes import DemoBoard, open_board
from evote.demo.clock import WINDOW, DemoClock
from evote.demo.hold import Held, Progress, counts_of, make_keys, publish
from evote.demo.plan import CountKey, Plan, Voter
from evote.demo.trustees import decrypt
from evote.demo.voter import DemoVoter
from evote.demo.witness import DemoWitness, policy_of
from evote.errors import RefusedError, VerificationError
from evote.manifest import DeclaredKey, Manifest
from evote.manifest.declarations import AUTHORITY_ORIGIN
from evote.manifest.moments import moment_of
from evote.office.boardclose import close_board
from evote.office.inclusion import record_proofs
from evote.office.logkeys import BoardTerms, board_content
from evote.office.open import OpenElection
from evote.office.receipts import record_log, record_setting
from evote.office.roll import ITERATIONS, roll_content
from evote.randomness import SYSTEM
from evote.record import RecordReader, RecordWriter, Stage
from evote.secret import Secret
from evote.signing import SigningKey, prove_possession

ORIGIN: Final = "evote.example/demonstration"
WITNESSES: Final = ("press.evote.example", "observers.evote.example")
ABSTAINERS: Final = 1
"""Voters of each unit who are on the roll and do not vote."""


_LOGGED: Final = (ReceiptVerdict.COUNTED, ReceiptVerdict.SUPERSEDED, ReceiptVerdict.CHALLENGED)


@dataclass(frozen=True, slots=True)
class KeptReceipt:
    """A receipt, and what its voter knows that it must become."""

    receipt: Receipt
    expected: ReceiptVerdict


@dataclass(frozen=True, slots=True)
class BoardHeld:
    """An election with a board that was held."""

    held: Held
    slots: int
    """Of the roll."""
    units: int
    repeated: int
    """Ballots that were sent twice, for one receipt."""
    receipts: tuple[KeptReceipt, ...]


@dataclass(frozen=True, slots=True)
class CheckedReceipts:
    """What the receipts became: how many of each, one of each with its proof, and how many are not what they
    must be."""

    verdicts: Mapping[ReceiptVerdict, int]
    samples: Mapping[ReceiptVerdict, Receipt]
    unexpected: int


def hold_board(plan: Plan, folder: Path, private: Path, progress: Progress) -> BoardHeld:
    """Hold the election of a plan with a board; the record goes into ``folder``, the boxes into ``private``.

    ``folder`` is empty or not there, ``private`` is an empty folder of the caller's. Requires and raises as
    :func:`evote.demo.hold.hold`, and what boxes, logs and closing raise.
    """
    clock = DemoClock()
    voters = list(plan.voters())
    salt, authority = SYSTEM.token(32), SigningKey.generate()
    witnesses = tuple(DemoWitness(name) for name in WITNESSES)
    draft = {**plan.draft, "chaining": 0}
    bare = Manifest.build(draft, salt=salt, authority_key=None)
    terms = BoardTerms(ORIGIN, moment_of(clock.closes), WINDOW, policy_of(witnesses))
    draft["board"], logs = _declared_logs(bare, terms, salt)
    draft["roll"], roll, sheets = _codes(bare, voters, lambda done, all_: progress("Codes", done, all_))
    manifest = Manifest.build(draft, salt=salt, authority_key=authority.verify_key.encoded)
    writer = RecordWriter.create(folder, manifest, plan.parameters)
    with writer.roll() as slots:
        for entry in roll:
            slots.append(entry)
    progress("Ceremony", 0, 1)
    election, shares = make_keys(plan, manifest, writer)
    writer.seal(Stage.SETUP, clock.moment(), authority)
    progress("Ceremony", 1, 1)
    with open_board(election, folder, private, logs, witnesses, clock) as board:
        voting = _Voting(election, board, voters, sheets, clock)
        voting.run(lambda done: progress("Voting", done, len(voters)))
        clock.end_voting()
        progress("Closing", 0, 1)
        units = board.close()
        opened = OpenElection(election, folder, writer, {election.group.name: election.group})
        closed = close_board(opened, board.log, units, voting.openings)
    if closed.tally is None:
        raise RefusedError("a unit of the demonstration is still open")
    writer.seal(Stage.VOTING, clock.moment(), authority, closed.tally.head)
    progress("Closing", 1, 1)
    deciding = [share for share in shares if share.index in plan.deciding]
    decryption = decrypt(writer.reader, deciding, progress)
    publish(writer, decryption, (), closed.tally, authority)
    challenged = len(voting.openings)
    ballots = closed.tally.head.size - challenged
    held = Held(election, voting.cast, counts_of(decryption), ballots, challenged)
    return BoardHeld(held, len(roll), len(units), voting.repeated, tuple(voting.receipts))


def check_receipts(
    reader: RecordReader, held: BoardHeld, step: Callable[[int], None] = lambda done: None
) -> CheckedReceipts:
    """Ask the record what became of every receipt's ballot; ``step`` hears how many are checked.

    Raises as :func:`evote.office.receipts.record_log`.
    """
    setting = record_setting(reader)
    verdicts: Counter[ReceiptVerdict] = Counter()
    samples: dict[ReceiptVerdict, Receipt] = {}
    unexpected = done = 0
    for unit in sorted({kept.receipt.ballot.unit for kept in held.receipts}):
        log = record_log(reader, setting, unit)
        for kept in held.receipts:
            if kept.receipt.ballot.unit != unit:
                continue
            found = check_receipt(setting, kept.receipt, log=log).verdict
            verdicts[found] += 1
            if found not in samples:
                samples[found] = _completed(reader, setting, kept.receipt, found)
            unexpected += found is not kept.expected
            done += 1
            step(done)
    return CheckedReceipts(verdicts, samples, unexpected)


def _completed(
    reader: RecordReader, setting: ReceiptSetting, receipt: Receipt, found: ReceiptVerdict
) -> Receipt:
    """The receipt with its proof, if its ballot is on the log."""
    if found not in _LOGGED:
        return receipt
    return record_proofs(reader, setting, receipt.ballot.unit).complete(receipt)


# --- before ------------------------------------------------------------------------------------------


def _declared_logs(
    manifest: Manifest, terms: BoardTerms, salt: bytes
) -> tuple[dict[str, object], dict[str, SigningKey]]:
    """The member ``board`` of the draft, and the key of every log by its unit, the election's under ""."""
    drawn: dict[str, SigningKey] = {}

    def draw(_: str, origin: str) -> dict[str, str]:
        key = drawn[origin] = SigningKey.generate()
        proof = prove_possession(key, salt=salt, origin=origin)
        return {"key": key.verify_key.encoded.hex(), "possession": proof.hex()}

    content, origins = board_content(manifest, terms, draw)
    names = ("", *(unit.path for unit in manifest.ballot_units()))
    return content, {name: drawn[origin] for name, origin in zip(names, origins, strict=True)}


def _codes(
    manifest: Manifest, voters: list[Voter], step: Callable[[int, int], None]
) -> tuple[dict[str, object], list[RollEntry], list[Secret[str]]]:
    """The member ``roll`` of the draft, the entries of the roll, and what stands on each voter's sheet."""
    salt, authority = manifest.salt, SigningKey.generate()
    places = [(voter.ballot.unit, voter.ballot.style) for voter in voters]
    absent = [(unit.path, unit.styles[0]) for unit in manifest.ballot_units() for _ in range(ABSTAINERS)]
    entries, sheets = [], []
    for done, (unit, style) in enumerate((*places, *absent), 1):
        code = Code.drawn(WHOLE)
        key = code.key(salt, ITERATIONS).verify_key.encoded
        entries.append(RollEntry(unit, style, ED25519, (key,)))
        sheets.append(code.text())
        step(done, len(places) + len(absent))
    roll = sorted_entries(entries)
    slots, root = roll_root(salt, map(encode, roll))
    proof = prove_possession(authority, salt=salt, origin=AUTHORITY_ORIGIN)
    declared = DeclaredKey(authority.verify_key.encoded, proof)
    return roll_content((declared,), slots, root, ITERATIONS), roll, sheets[: len(places)]


# --- voting ------------------------------------------------------------------------------------------


class _Voting:
    """Everybody votes, in the order of the plan; heads go to the witnesses when half of them have."""

    def __init__(
        self,
        election: Election,
        board: DemoBoard,
        voters: list[Voter],
        sheets: list[Secret[str]],
        clock: DemoClock,
    ) -> None:
        self._election, self._board, self._clock = election, board, clock
        self._voters, self._sheets = voters, sheets
        self.cast: dict[CountKey, Counter[str]] = {}
        self.openings: list[OpenedBallot] = []
        self.receipts: list[KeptReceipt] = []
        self.repeated = 0

    def run(self, step: Callable[[int], None]) -> None:
        """All of them; ``step`` hears how many have voted."""
        last = {voter.ballot.unit: number for number, voter in enumerate(self._voters)}
        begun: set[str] = set()
        for number, (voter, sheet) in enumerate(zip(self._voters, self._sheets, strict=True)):
            ballot = voter.ballot
            box = self._board.box(ballot.unit)
            device = DemoVoter(self._election, box, sheet, self._clock.now)
            if voter.challenges:
                receipt, opening = device.challenge(ballot)
                self._keep(receipt, ReceiptVerdict.CHALLENGED)
                self.openings.append(opening)
            if last[ballot.unit] == number:
                self._keep(device.cast(_other(self._election, ballot)), ReceiptVerdict.SUPERSEDED)
            twice = ballot.unit not in begun
            begun.add(ballot.unit)
            self.repeated += twice
            self._keep(device.cast(ballot, twice=twice), ReceiptVerdict.COUNTED)
            for contest, marked in ballot.contests.items():
                self.cast.setdefault((contest, ballot.unit), Counter()).update(marked.marks)
            if number == len(self._voters) // 2:
                self._board.publish_heads()
            step(number + 1)

    def _keep(self, receipt: Receipt, expected: ReceiptVerdict) -> None:
        self.receipts.append(KeptReceipt(receipt, expected))


def _other(election: Election, ballot: PlaintextBallot) -> PlaintextBallot:
    """A ballot of the same voter that says something else in every contest."""
    contests = {}
    for label, marked in ballot.contests.items():
        options = [option.label for option in election.manifest.contest_by_label(label).options]
        unmarked = next((option for option in options if option not in marked.marks), None)
        if unmarked is None:
            raise VerificationError("every option is marked, and nothing else can be chosen", where=label)
        contests[label] = PlaintextContest({unmarked: 1})
    return PlaintextBallot(ballot.unit, ballot.style, contests)
