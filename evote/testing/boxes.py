"""Ballot boxes in memory: a whole small election with a board, every entry open to change.

:class:`Boxes` plays voters, boxes, election log and witnesses on a toy group, without a database and
without a clock, and publishes a record in which everything fits together. A test casts and challenges, may
then change the entries of a log (:attr:`Boxes.logs`), and publishes: heads, checkpoints and counted sets
follow from the entries as they are, so that only the check in question can object.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from evote.ballots import BallotState, examine
from evote.ballots.values import ContextOpening, SubmittedBallot
from evote.board.checkpoint import Checkpoint, sign_checkpoint
from evote.board.cosignature import cosign
from evote.board.counting import CountedSet, Fate, counted_set
from evote.board.entries import (
    NO_PSEUDONYM,
    CastEntry,
    ChallengeEntry,
    ClosingEntry,
    Counted,
    CountsEntry,
    Entry,
    UnitHeadEntry,
    VerdictEntry,
    blinded,
    kind_of,
    leaf_data,
)
from evote.board.holder import signed
from evote.board.note import KeyKind, Note, NoteKey
from evote.board.reissue import Credentials
from evote.board.submission import NO_PREVIOUS, Submission, ballot_hash
from evote.codec import encode
from evote.manifest import ReturnKind
from evote.merkle import RangeBuilder, Tree, leaf_hash
from evote.office.returns_counts import Place
from evote.office.returns_making import UnitLogSource, Version, ballots_return, open_return
from evote.record.values import CheckpointsFile, ClosingNote, LogFrame
from evote.returns import UnitReturn, sign_return
from evote.returns.closedlog import closed_log, count_log, registered_voters
from evote.returns.roster import first_name
from evote.signing import SigningKey
from evote.storage.box_intake import verdict_of
from evote.tally import ClosingHead, CountedLog, UnitClosing
from evote.testing.boards import BoardKeys
from evote.testing.elections import BoardFiles, Kit, Published
from evote.testing.electorate import ONE_QUESTION, Electorate, Voter
from evote.testing.forge import HONEST, Cheat
from evote.testing.randomness import SeededRandomness
from evote.testing.returns import ReturnKeys

CLOSED = "2026-06-30T20:00:00Z"
ENDED = "2026-06-30T20:05:00Z"
RETURNED = "2026-06-30T21:30:00Z"
"""When units say that they made their returns."""
SEEN = 1_782_850_000
"""When the witnesses saw the closing checkpoint: 2026-06-30T20:06:40Z."""

PLACES = (("North", "plain"), ("North", "plain"), ("North", "heavy"), ("South", "plain"))
DEVICE = "polling place"


def witness_keys(seed: str, number: int = 3) -> dict[str, SigningKey]:
    """Seeded witnesses by name."""
    return {
        f"w{each}.example": SigningKey.generate(SeededRandomness(f"{seed}/witness {each}"))
        for each in range(1, number + 1)
    }


def policy_of(keys: Mapping[str, SigningKey], quorum: int) -> str:
    """The policy that asks for ``quorum`` of these witnesses."""
    lines = [
        f"witness {name} {NoteKey(name, KeyKind.COSIGNATURE, key.verify_key)}\n" for name, key in keys.items()
    ]
    return "".join((*lines, f"group all {quorum} {' '.join(keys)}\n", "quorum all\n"))


_Marked = tuple[dict[str, list[Entry]], list[tuple[str, int]], dict[bytes, SubmittedBallot], dict[int, bytes]]


class Boxes:
    """Arguments as :class:`Electorate`; with ``attended`` there is no roll, and one device signs.

    ``offices`` are the kinds of the units where they report with signed returns, in an attended election:
    those of kind OPEN have no box.
    """

    def __init__(
        self,
        places: Sequence[tuple[str, str]] = PLACES,
        *,
        draft: Mapping[str, object] = ONE_QUESTION,
        seed: str = "boxes",
        parts: int = 1,
        witnesses: int = 3,
        quorum: int = 2,
        attended: bool = False,
        schemes: Mapping[int, str] = MappingProxyType({}),
        offices: Mapping[str, ReturnKind] | None = None,
    ) -> None:
        self.witnesses = witness_keys(seed, witnesses)
        policy = policy_of(self.witnesses, quorum) if witnesses else ""
        self.roll: list[bytes] = []
        self.offices = ReturnKeys.drawn(seed, offices or {})
        """Who signs returns; their keys are those of the manifest where ``offices`` are given."""
        self.voters: tuple[Voter, ...] = ()
        self.electorate: Electorate | None = None
        if attended:
            units = [str(unit["label"]) for unit in draft["units"]]  # type: ignore[attr-defined]
            kinds = dict(offices or {})
            if kinds:
                units = [path for path, kind in kinds.items() if kind is ReturnKind.BALLOTS]
            self.keys = BoardKeys.drawn(seed, units, devices=(DEVICE,))
            self.kit = Kit(
                lambda salt: {
                    **draft,
                    "board": self.keys.board(salt, witnesses=policy),
                    **({"returns": self.offices.returns(salt, kinds)} if kinds else {}),
                },
                seed=seed,
            )
        else:
            self.electorate = Electorate(
                places, parts=parts, draft=draft, seed=seed, witnesses=policy, schemes=schemes
            )
            self.kit, self.keys = self.electorate.kit, self.electorate.authorities
            self.roll, self.voters = self.electorate.frames, self.electorate.voters
        self.election = self.kit.election
        self.manifest = self.kit.manifest
        self.units = [unit.path for unit in self.manifest.ballot_units()]
        self._seed = seed
        self._marked: _Marked | None = None
        self._nonces: dict[bytes, bytes] = {}
        self.restart()

    def restart(self) -> None:
        """Forget everything that was voted."""
        self.kit.restart()
        self.rng = SeededRandomness(f"{self._seed}/boxes")
        self.logs: dict[str, list[Entry]] = {unit: [] for unit in self.units}
        self.published: list[tuple[str, int]] = []
        """Unit and size of every head that went into the election's log before the end."""
        self.ballots: dict[bytes, SubmittedBallot] = {}
        """Every submitted ballot by its hash."""
        self.slot_heads: dict[int, bytes] = {}

    def mark(self) -> None:
        """Remember what was voted so far, for :meth:`rewind`."""
        logs = {unit: list(log) for unit, log in self.logs.items()}
        self._marked = logs, list(self.published), dict(self.ballots), dict(self.slot_heads)
        self._nonces = dict(self.kit.nonces)

    def rewind(self) -> bool:
        """Be as at the last :meth:`mark`; False if there was none."""
        if self._marked is None:
            return False
        logs, published, ballots, heads = self._marked
        self.logs = {unit: list(log) for unit, log in logs.items()}
        self.published, self.ballots, self.slot_heads = list(published), dict(ballots), dict(heads)
        self.kit.nonces = dict(self._nonces)
        return True

    # --- voting ------------------------------------------------------------------------------------

    def cast(self, voter: Voter | None = None, option: str = "yes", **parts: object) -> CastEntry:
        """Cast a ballot; the entry and its verdict are on the log. See :meth:`submission` for ``parts``."""
        submission, ballot = self.submission(voter, option, **parts)  # type: ignore[arg-type]
        entry = CastEntry(
            submission.ballot.style,
            submission.context.pseudonym or NO_PSEUDONYM,
            ballot,
            submission.previous,
            submission.device,
            submission.signatures,
        )
        self._admit(submission, ballot, entry)
        if voter is not None:
            self.slot_heads[voter.slot] = ballot
        return entry

    def challenge(self, voter: Voter | None = None, option: str = "no", **parts: object) -> ChallengeEntry:
        """Have a ballot opened; likewise."""
        submission, ballot = self.submission(voter, option, challenge=True, **parts)  # type: ignore[arg-type]
        name = submission.context.pseudonym or NO_PSEUDONYM
        entry = ChallengeEntry(submission.ballot.style, blinded(name, submission.blind or b""), ballot)
        self._admit(submission, ballot, entry)
        return entry

    def submission(
        self,
        voter: Voter | None,
        option: str,
        *,
        challenge: bool = False,
        previous: bytes | None = None,
        cheat: Cheat = HONEST,
        unit: str | None = None,
        style: str | None = None,
        pseudonym: bytes | None = None,
        signers: Sequence[SigningKey] | None = None,
        device: str | None = None,
    ) -> tuple[Submission, bytes]:
        """A signed submission and its ballot hash, with other values for some of its parts."""
        place = unit or (self.units[0] if voter is None else voter.unit)
        form = style or (self.manifest.unit(place).styles[0] if voter is None else voter.style)
        contest = self.manifest.contest(1)
        name = pseudonym or (None if voter is None else voter.holder.pseudonym)
        state = BallotState.CHALLENGED if challenge else BallotState.CAST
        submitted, nonce = self.kit.forge.ballot(
            place,
            form,
            {contest.label: {option: 1}},
            device="voter's device" if voter else DEVICE,
            state=state,
            pseudonym=name,
            cheat=cheat,
        )
        self.kit.nonces[submitted.ballot.identifier] = nonce
        context = submitted.context or ContextOpening(name, bytes(32))
        if previous is None:
            head = None if voter is None else self.slot_heads.get(voter.slot)
            previous = NO_PREVIOUS if challenge or head is None else head
        submission = Submission(
            state,
            submitted.ballot,
            context,
            previous,
            self.rng.token(32) if challenge else None,
            (DEVICE if voter is None else "") if device is None else device,
            (),
        )
        keys = signers or (voter.holder.keys if voter else (self.keys.devices[DEVICE],))
        submission = signed(self.election, submission, keys)
        return submission, ballot_hash(self.election, submission)

    def reissue(self, voter: Voter) -> Voter:
        """Give the voter's slot a new credential; the voter with that."""
        if self.electorate is None:
            raise ValueError("the election has no roll")
        entry, new = self.electorate.reissued(voter)
        self.logs[voter.unit].append(entry)
        return new

    def refused(self, unit: str, minute: str, **counts: int) -> None:
        """Count refusals."""
        counted = tuple(Counted(name, number) for name, number in sorted(counts.items()))
        self.logs[unit].append(CountsEntry(minute, counted))

    def head(self, unit: str) -> None:
        """Put the head of a unit's log, as it is, into the election's log."""
        self.published.append((unit, len(self.logs[unit])))

    def close(self, units: Sequence[str] | None = None) -> None:
        """Close the logs of these units, or all."""
        for unit in self.units if units is None else units:
            log = self.logs[unit]
            log += (ClosingEntry(1, CLOSED), ClosingEntry(2, ENDED))

    def _admit(self, submission: Submission, ballot: bytes, entry: Entry) -> None:
        submitted = submission.submitted
        self.ballots[ballot] = submitted
        verdict = verdict_of(ballot, examine(self.election, submitted))
        self.logs[submission.ballot.unit] += (entry, verdict)

    # --- returns -----------------------------------------------------------------------------------

    def log_source(self, unit: str) -> UnitLogSource:
        """What a unit's box hands over at its end, for whoever makes the return."""
        board = self.manifest.board
        if board is None:
            raise ValueError("the election has no board")
        found = self.counted(unit)
        note = Note.parse(self.closing_note(unit, self.tree(unit)))
        styles = [(getattr(self.logs[unit][one.index], "style"), one) for one in found.outcomes]  # noqa: B009
        registered = None
        if self.electorate is not None:
            registered = registered_voters(self.electorate.roll)
        counts = count_log(unit, self.manifest.unit(unit).styles, styles, registered)
        ballots = [self.ballots[one.ballot] for one in found.counted()]
        return UnitLogSource(unit, closed_log(board.units[unit], note), counts, ballots)

    def returned(self, unit: str, counts: Mapping[Place, int], **version: Any) -> UnitReturn:
        """The return of a unit, not signed yet: from its log, or of the counts of a paper office."""
        told = Version(RETURNED, first_name(self.election.extended_hash), **version)
        if unit in self.units:
            return ballots_return(self.election, self.log_source(unit), counts, told)
        return open_return(self.election, unit, counts, told)

    def reported(self, unit: str, counts: Mapping[Place, int]) -> bytes:
        """The file of a unit's first return."""
        return sign_return(self.returned(unit, counts), self.offices.units[unit])

    # --- publication -------------------------------------------------------------------------------

    def publish(self) -> Published:
        """The record of the logs as they are; everything consistent."""
        counted = {unit: self.counted(unit) for unit in self.units}
        kept: list[SubmittedBallot] = []
        aside: list[SubmittedBallot] = []
        placed: set[bytes] = set()
        for result in counted.values():
            for one in result.outcomes:
                if one.ballot in self.ballots and one.ballot not in placed:
                    placed.add(one.ballot)
                    stays = one.fate in (Fate.COUNTED, Fate.CHALLENGED)
                    (kept if stays else aside).append(self.ballots[one.ballot])
        self.kit.submitted = kept
        published = self.kit.publish()
        published.board = BoardFiles(list(self.roll), self.log_frames(), self.checkpoints(counted), aside)
        return published

    def publish_closed(self, units: Sequence[str], election: Sequence[Entry] | None = None) -> Published:
        """The record while only these units are closed, in this order; the logs of the others go on.

        ``election`` stands in the place of the entries of the election's own log (:meth:`heads_of`).
        """
        heads = self.heads_of(units) if election is None else list(election)
        counted = {unit: self.counted(unit) for unit in self.units}
        numbers = {unit: self.units.index(unit) + 1 for unit in units}
        kept: list[SubmittedBallot] = []
        aside: list[SubmittedBallot] = []
        for unit in units:
            for one in counted[unit].outcomes:
                stays = one.fate in (Fate.COUNTED, Fate.CHALLENGED)
                (kept if stays else aside).append(self.ballots[one.ballot])
        self.kit.submitted = kept
        published = self.kit.publish()
        frames = [LogFrame(0, kind_of(entry), encode(entry)) for entry in heads]
        for unit in units:
            frames += [LogFrame(numbers[unit], kind_of(entry), encode(entry)) for entry in self.logs[unit]]
        every = self.checkpoints(counted, heads)
        origins = {self.origin(unit) for unit in units}
        stated = CheckpointsFile(
            tuple(note for note in every.closing if note.log in (0, *numbers.values())),
            tuple(one for one in every.counted if one.origin in origins),
        )
        trees = {unit: self.tree(unit) for unit in units}
        closings = [
            UnitClosing(unit, ClosingHead(tree.size, tree.root()), None, "") for unit, tree in trees.items()
        ]
        published.board = BoardFiles(list(self.roll), frames, stated, aside, closings=closings)
        return published

    def heads_of(self, closed: Sequence[str]) -> list[Entry]:
        """The heads that were published, then the closing ones of these units."""
        return [
            entry
            for entry in self.election_log()
            if isinstance(entry, UnitHeadEntry) and (not entry.closing or entry.unit in closed)
        ]

    def counted(self, unit: str) -> CountedSet:
        """What counts of a unit's log."""
        credentials = None
        if self.electorate is not None:
            credentials = Credentials(self.electorate.roll, self.election.extended_hash)
        return counted_set(unit, self.logs[unit], credentials)

    def origin(self, unit: str) -> str:
        """Of a unit's log."""
        board = self.manifest.board
        if board is None:
            raise ValueError("the election has no board")
        return board.units[unit].origin if unit else board.log.origin

    def tree(self, unit: str) -> Tree:
        """The tree of a unit's log."""
        election, origin = self.election.extended_hash, self.origin(unit)
        data = (leaf_data(election, origin, unit, entry) for entry in self.logs[unit])
        return Tree(leaf_hash(one) for one in data)

    def election_log(self) -> list[Entry]:
        """The heads of the units: those that were published, then the closing ones."""
        trees = {unit: self.tree(unit) for unit in self.units}
        last = dict.fromkeys(self.units, 0)
        entries: list[Entry] = []
        heads = [*self.published, *((unit, tree.size) for unit, tree in trees.items())]
        for place, (unit, size) in enumerate(heads):
            tree = trees[unit]
            proof = tree.consistency(last[unit], size) if last[unit] else ()
            entries.append(UnitHeadEntry(unit, size, tree.root(size), proof, place >= len(self.published)))
            last[unit] = size
        return entries

    def log_frames(self, election: Sequence[Entry] | None = None) -> list[LogFrame]:
        """All logs as the record has them; ``election`` in the place of the election's own."""
        logs = [self.election_log() if election is None else election, *self.logs.values()]
        return [
            LogFrame(number, kind_of(entry), encode(entry))
            for number, entries in enumerate(logs)
            for entry in entries
        ]

    def checkpoints(
        self, counted: Mapping[str, CountedSet], election: Sequence[Entry] | None = None
    ) -> CheckpointsFile:
        """Closing checkpoints and counted sets of the logs as they are."""
        notes, sets = [ClosingNote(0, self.closing_note("", self._election_tree(election)))], []
        for number, unit in enumerate(self.units, 1):
            tree = self.tree(unit)
            notes.append(ClosingNote(number, self.closing_note(unit, tree)))
            hashes = [leaf_hash(one.ballot) for one in counted[unit].counted()]
            digest = RangeBuilder.of(hashes).value().root()
            sets.append(CountedLog(self.origin(unit), tree.size, tree.root(), len(hashes), digest))
        return CheckpointsFile(tuple(notes), tuple(sets))

    def closing_note(self, unit: str, tree: Tree, *, key: SigningKey | None = None) -> bytes:
        """The closing checkpoint of a log, cosigned by two witnesses if it is the election's."""
        checkpoint = Checkpoint.of_tree(self.origin(unit), tree)
        note = sign_checkpoint(checkpoint, key or (self.keys.units[unit] if unit else self.keys.log))
        if not unit:
            lines = [
                cosign(checkpoint, name, witness, SEEN) for name, witness in list(self.witnesses.items())[:2]
            ]
            note = note.having(*lines)
        return note.encode()

    def _election_tree(self, election: Sequence[Entry] | None) -> Tree:
        entries = self.election_log() if election is None else election
        data = (leaf_data(self.election.extended_hash, self.origin(""), "", entry) for entry in entries)
        return Tree(leaf_hash(one) for one in data)

    def edit(self, unit: str, index: int, **fields: object) -> None:
        """Change fields of an entry."""
        entry: Any = self.logs[unit][index]
        self.logs[unit][index] = replace(entry, **fields)

    def find(self, unit: str, kind: type[Entry], number: int = 0) -> int:
        """The index of an entry of a kind in a unit's log."""
        return [at for at, entry in enumerate(self.logs[unit]) if isinstance(entry, kind)][number]

    def verdict(self, ballot: bytes) -> tuple[str, int]:
        """Unit and index of the verdict on a ballot."""
        for unit, log in self.logs.items():
            for index, entry in enumerate(log):
                if isinstance(entry, VerdictEntry) and entry.ballot == ballot:
                    return unit, index
        raise ValueError("the ballot has no verdict")
