"""A board election on a toy group and ballots for its box; simple rules in the place of the board's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from evote.ballots import Election, PlaintextBallot, PlaintextContest, ceremony_setting
from evote.ballots.device import Device
from evote.ballots.encrypt import encrypt
from evote.ballots.values import BallotState, ContextOpening, EncryptedBallot
from evote.board.admission import AdmissionReceipt
from evote.board.entries import CastEntry, ChallengeEntry, ReissueEntry, blinded, leaf_data
from evote.board.submission import NO_PREVIOUS, Submission, ballot_hash
from evote.ceremony import run_local
from evote.codec import encode
from evote.errors import RefusedError
from evote.manifest import Manifest, Parameters
from evote.manifest.moments import seconds_of
from evote.signing import SigningKey
from evote.storage.box import BallotBox
from evote.storage.box_checker import Claim
from evote.storage.box_refusals import SubmissionRefusedError
from evote.storage.box_setting import BoxSetting
from evote.testing.boards import CLOSES, BoardKeys
from evote.testing.groups import toy
from evote.testing.randomness import SeededRandomness

CLOSED_AT = seconds_of(CLOSES)
OPENED_AT = CLOSED_AT - 3600
SALT = bytes(range(32))
UNITS = ("North", "South")
DRAFT: Mapping[str, object] = {
    "label": "Town of Boxes 2026",
    "test": True,
    "minimum_cell": 1,
    "contests": [{"label": "Mayor", "options": ["Ada", "Grace", "blank"]}],
    "units": list(UNITS),
}


@cache
def keys() -> BoardKeys:
    return BoardKeys.drawn("boxes", UNITS)


@cache
def election(seed: str = "boxes") -> Election:
    """An election with a board and a roll (whose root nothing here looks at)."""
    rng = SeededRandomness(seed)
    draft = DRAFT | {
        "board": keys().board(SALT, devices={}),
        "roll": keys().roll(SALT, slots=1000, root=bytes(32)),
    }
    authority = SigningKey.generate(rng)
    manifest = Manifest.build(draft, salt=SALT, authority_key=authority.verify_key.encoded)
    parameters = Parameters(toy(), 1, 1)
    _, joint, _ = run_local(ceremony_setting(parameters, manifest), rng)
    return Election.from_keys(parameters, manifest, joint)


def setting(unit: str = "North", of: Election | None = None) -> BoxSetting:
    return BoxSetting.of(of or election(), unit)


def log_key(unit: str = "North") -> SigningKey:
    return keys().units[unit]


@dataclass
class Rules:
    """Reads the slot out of a pseudonym; refuses what ``refuse`` names."""

    reissues: int = 0
    refuse: str | None = None
    revoked: set[bytes] = field(default_factory=set)

    def check(self, submission: Submission, ballot: bytes) -> Claim:
        name = submission.context.pseudonym
        known = self.reissues
        if self.refuse or name is None or name in self.revoked:
            raise SubmissionRefusedError(self.refuse or "revoked-credential", "the rules forbid it")
        style = submission.ballot.style
        if submission.blind is not None:
            return Claim(ChallengeEntry(style, blinded(name, submission.blind), ballot), slot_of(name), known)
        entry = CastEntry(style, name, ballot, submission.previous, "", submission.signatures)
        return Claim(entry, slot_of(name), known)

    def check_reissue(self, entry: ReissueEntry) -> None:
        if entry.reason == "forged":
            raise RefusedError("the authority did not sign it")

    def reissue(self, entry: ReissueEntry) -> None:
        self.revoked.add(entry.old[0])
        self.reissues += 1


def voter(slot: int) -> bytes:
    """The pseudonym of whoever holds a slot."""
    return slot.to_bytes(4, "big") * 8


def slot_of(name: bytes) -> int:
    return int.from_bytes(name[:4], "big")


def submission(
    slot: int = 1,
    *,
    choice: str = "Ada",
    challenge: bool = False,
    previous: bytes = NO_PREVIOUS,
    unit: str = "North",
    hinted: bool = False,
) -> Submission:
    """An honest ballot on its way to the box, with its hint or without."""
    plain = PlaintextBallot(
        unit, election().manifest.unit(unit).styles[0], {"Mayor": PlaintextContest({choice: 1})}
    )
    prepared = encrypt(Device(election(), "device 1"), plain, pseudonym=voter(slot))
    ballot, context, _ = prepared.pending()
    made = _submission(ballot, context, challenge, previous)
    if not hinted:
        return made
    width = election().group.element_bytes
    return replace(made, hint=prepared.hint().fitting(made.submitted, width).encode())


def _submission(
    ballot: EncryptedBallot, context: ContextOpening, challenge: bool, previous: bytes = NO_PREVIOUS
) -> Submission:
    decision = BallotState.CHALLENGED if challenge else BallotState.CAST
    blind = bytes(32) if challenge else None
    return Submission(decision, ballot, context, previous, blind, "", (bytes(64),))


@cache
def _template() -> Submission:
    return submission(1)


def minted(number: int, *, slot: int | None = None, challenge: bool = False) -> Submission:
    """A ballot of the right form, different for every number, whose proofs do not hold; made fast."""
    rng = SeededRandomness(f"minted {number}")
    template = _template()
    contest = template.ballot.contests[0]
    width = len(contest.selections[0].alpha)
    selections = tuple(replace(each, alpha=rng.token(width)) for each in contest.selections)
    ballot = replace(
        template.ballot,
        identifier=rng.token(32),
        contests=(replace(contest, selections=selections),),
        nonce=replace(template.ballot.nonce, c0=rng.token(width)),
    )
    context = ContextOpening(voter(number if slot is None else slot), rng.token(32))
    return _submission(ballot, context, challenge)


def hash_of(made: Submission) -> bytes:
    return ballot_hash(election(), made)


def leaf_of(made: Submission, unit: str = "North") -> bytes:
    """The leaf that the receipt of a submission must name."""
    entry = Rules().check(made, hash_of(made)).entry
    return leaf_data(election().extended_hash, setting(unit).origin, unit, entry)


def check_receipt(receipt: AdmissionReceipt, made: Submission) -> None:
    receipt.verify(log_key().verify_key)
    assert receipt.admission.leaf == leaf_of(made)


class Clock:
    """A clock that the test sets."""

    def __init__(self, now: int = OPENED_AT) -> None:
        self.now = now

    def __call__(self) -> float:
        return float(self.now)


@dataclass
class Place:
    """Where a box lives, so that it can be opened again."""

    location: str | Path
    anchor: Path
    clock: Clock = field(default_factory=Clock)

    @property
    def is_file(self) -> bool:
        """Whether it is an SQLite file."""
        return isinstance(self.location, Path)

    def box(self, *, make: bool = True, checker: Any = None, unit: str = "North", **more: Any) -> BallotBox:
        more = {"clock": self.clock, "anchor": self.anchor} | more
        of = more.pop("of", None)
        return BallotBox(
            self.location, setting(unit, of), log_key(unit), checker or Rules(), make=make, **more
        )


def raw(made: Submission) -> bytes:
    return encode(made)
