"""An election of offices for the replayed nights: real ballots on closed logs, signed returns, and the truth.

A unit of kind BALLOTS has encrypted ballots, each verified, entered on a log with its verdict, and closed;
its return carries the products of the counted ones. A unit of kind OPEN has plain counts. What was really
voted is kept beside it (:attr:`Offices.truth`), and nothing of what is measured reads it.

What it leaves out: voters' credentials. Ballots come from an attended device, as in polling places.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from evote.ballots import (
    BallotHint,
    BallotState,
    Election,
    PlaintextBallot,
    PlaintextContest,
    SubmittedBallot,
)
from evote.ballots.batch import examine_chunk
from evote.ballots.device import Device
from evote.ballots.encrypt import encrypt
from evote.board.checkpoint import Checkpoint, sign_checkpoint
from evote.board.counting import Fate, counted_set
from evote.board.entries import NO_PSEUDONYM, CastEntry, ClosingEntry, Entry, VerdictEntry, leaf_data
from evote.board.holder import signed
from evote.board.submission import NO_PREVIOUS, Submission, ballot_hash
from evote.codec import decode, encode
from evote.elgamal import Ciphertext
from evote.groups import Group
from evote.hashing import sha256
from evote.manifest import ReturnKind
from evote.merkle import Tree, leaf_hash
from evote.returns import (
    ClosedLog,
    PlainField,
    PlainTotal,
    SealedField,
    SealedTotal,
    UnitReturn,
    sign_return,
)
from evote.returns.roster import first_name
from evote.storage.box_intake import verdict_of
from evote.tally import TalliedCell, TalliedField
from evote.testing.boards import BoardKeys
from evote.testing.elections import Kit
from evote.testing.returns import MADE_AT, ReturnKeys, count_of

CLOSED, ENDED = "2026-06-30T20:00:00Z", "2026-06-30T20:05:00Z"
DEVICE = "polling place"


@dataclass(frozen=True)
class Unit:
    """A reporting unit: its path, kind, the contest that it votes in (also the name of the style), and the
    votes of each option."""

    path: str
    kind: ReturnKind
    contest: str
    votes: Mapping[str, int]


@dataclass(frozen=True)
class Stored:
    """A ballot in its written form, and the hint beside it, which nobody trusts."""

    frame: bytes
    hint: BallotHint


@dataclass
class Offices:
    """The election with all its secrets, the returns of all offices, and what is true."""

    kit: Kit
    keys: ReturnKeys
    logs: BoardKeys
    units: Mapping[str, Unit]
    returns: dict[str, UnitReturn] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    """Path -> the signed file of the unit's return."""
    ballots: dict[str, list[Stored]] = field(default_factory=dict)
    """Path -> the counted ballots of a unit as a record holds them."""

    @property
    def election(self) -> Election:
        """The election."""
        return self.kit.election

    def truth(self, paths: Iterable[str]) -> dict[str, dict[str, int]]:
        """Contest -> option -> votes in these units."""
        total: dict[str, Counter[str]] = {}
        for path in paths:
            unit = self.units[path]
            total.setdefault(unit.contest, Counter()).update(unit.votes)
        return {contest: dict(votes) for contest, votes in total.items()}

    def another(self, path: str) -> bytes:
        """A second first version of an OPEN unit's return, which contradicts the first."""
        returned = self.returns[path]
        row = returned.plain[0]
        one, two = row.fields[:2]
        moved = (PlainField(one.label, one.count - 1), PlainField(two.label, two.count + 1))
        changed = replace(returned, plain=(replace(row, fields=(*moved, *row.fields[2:])),))
        return sign_return(changed, self.keys.units[path])

    def decrypted(self, contest: str, sums: Sequence[Ciphertext]) -> dict[str, int]:
        """The plain counts in a sum, decrypted with the guardians' joint key."""
        options = self.election.manifest.contest_by_label(contest).options
        fields = tuple(
            TalliedField(option.label, pair.alpha.encode(), pair.beta.encode())
            for option, pair in zip(options, sums, strict=True)
        )
        cell = self.kit.decrypt_cell(TalliedCell(contest, "", 0, 0, fields))
        return {each.option: each.count for each in cell.fields}


def made(units: Sequence[Unit], group: Group, *, seed: str) -> Offices:
    """The election of these units, with every ballot cast and every return signed."""
    kinds = {unit.path: unit.kind for unit in units}
    contests = {unit.contest: list(unit.votes) for unit in units}
    logs = BoardKeys.drawn(
        seed, [unit.path for unit in units if unit.kind is ReturnKind.BALLOTS], devices=[DEVICE]
    )
    keys = ReturnKeys.drawn(seed, kinds)

    def draft(salt: bytes) -> dict[str, Any]:
        return {
            "label": f"The night, replayed ({seed})",
            "test": True,
            "minimum_cell": 1,
            "contests": [{"label": label, "options": options} for label, options in contests.items()],
            "styles": [{"label": label, "contests": [label]} for label in contests],
            "units": _tree(units),
            "board": logs.board(salt),
            "returns": keys.returns(salt, kinds),
        }

    kit = Kit(draft, guardians=3, quorum=2, seed=seed, group=group)
    offices = Offices(kit, keys, logs, {unit.path: unit for unit in units})
    device = Device(kit.election, DEVICE)
    for unit in units:
        voters = sum(unit.votes.values())
        parts: dict[str, Any] = {"counts": (count_of(unit.contest, voters),), "plain": (), "sealed": ()}
        if unit.kind is ReturnKind.BALLOTS:
            parts["log"], ballots = _voted(offices, unit, device)
            offices.ballots[unit.path] = ballots
            parts["sealed"] = (recomputed(kit.election, unit.contest, ballots),)
        else:
            fields = tuple(PlainField(label, count) for label, count in unit.votes.items())
            parts["log"], parts["plain"] = None, (PlainTotal(unit.contest, unit.contest, fields),)
        roster = first_name(kit.election.extended_hash)
        returned = UnitReturn(
            election=kit.election.extended_hash,
            unit=unit.path,
            kind=unit.kind,
            roster=roster,
            version=1,
            previous=None,
            reason="",
            made_at=MADE_AT,
            **parts,
        )
        offices.returns[unit.path] = returned
        offices.files[unit.path] = sign_return(returned, keys.units[unit.path])
    return offices


def recomputed(election: Election, contest: str, ballots: Sequence[Stored]) -> SealedTotal:
    """The products of ballots as anybody recomputes them: decoded, verified, multiplied (equation 79).

    Raises the finding of a ballot that does not hold.
    """
    width = election.group.element_bytes
    submitted = [decode(SubmittedBallot, each.frame, element_bytes=width) for each in ballots]
    found = examine_chunk(election, submitted, [each.hint for each in ballots])
    options = election.manifest.contest_by_label(contest).options
    one, multiply = election.group.identity, election.group.multiply
    sums = [Ciphertext(one, one) for _ in options]
    for each in found.examinations:
        for finding in each.findings:
            raise finding
        sums = [
            Ciphertext(multiply(held.alpha, new.alpha), multiply(held.beta, new.beta))
            for held, new in zip(sums, each.selections[0], strict=True)
        ]
    fields = tuple(
        SealedField(option.label, pair.alpha.encode(), pair.beta.encode())
        for option, pair in zip(options, sums, strict=True)
    )
    return SealedTotal(contest, contest, fields)


def _voted(offices: Offices, unit: Unit, device: Device) -> tuple[ClosedLog, list[Stored]]:
    """Encrypt every vote of a unit, enter it and its verdict on the log, and close that."""
    election = offices.election
    plain = [
        PlaintextBallot(unit.path, unit.contest, {unit.contest: PlaintextContest({option: 1})})
        for option, votes in unit.votes.items()
        for _ in range(votes)
    ]
    submissions, hints = [], []
    for each in plain:
        prepared = encrypt(device, each)
        ballot, context, _ = prepared.pending()
        unsigned = Submission(BallotState.CAST, ballot, context, NO_PREVIOUS, None, DEVICE, ())
        submissions.append(signed(election, unsigned, (offices.logs.devices[DEVICE],)))
        hints.append(prepared.hint())
    found = examine_chunk(election, [each.submitted for each in submissions], hints)
    entries: list[Entry] = []
    stored: dict[bytes, Stored] = {}
    for submission, hint, examination in zip(submissions, hints, found.examinations, strict=True):
        name = ballot_hash(election, submission)
        stored[name] = Stored(encode(submission.submitted), hint)
        entries.append(
            CastEntry(
                submission.ballot.style,
                NO_PSEUDONYM,
                name,
                submission.previous,
                submission.device,
                submission.signatures,
            )
        )
        entries.append(verdict_of(name, examination))
    entries += (ClosingEntry(1, CLOSED), ClosingEntry(2, ENDED))
    board = election.manifest.board
    assert board is not None
    origin = board.units[unit.path].origin
    tree = Tree(leaf_hash(leaf_data(election.extended_hash, origin, unit.path, entry)) for entry in entries)
    note = sign_checkpoint(Checkpoint.of_tree(origin, tree), offices.logs.units[unit.path]).encode()
    outcomes = counted_set(unit.path, entries, None).sound().outcomes
    assert all(isinstance(each, CastEntry | VerdictEntry | ClosingEntry) for each in entries)
    counted = [stored[each.ballot] for each in outcomes if each.fate is Fate.COUNTED]
    assert len(counted) == len(plain)
    return ClosedLog(origin, tree.size, tree.root(), sha256(note)), counted


def _tree(units: Sequence[Unit]) -> list[dict[str, Any]]:
    roots: list[dict[str, Any]] = []
    for unit in units:
        level = roots
        *above, last = unit.path.split("/")
        for label in above:
            node = next((each for each in level if each["label"] == label), None)
            if node is None:
                node = {"label": label, "units": []}
                level.append(node)
            level = node["units"]
        level.append({"label": last, "styles": [unit.contest]})
    return roots
