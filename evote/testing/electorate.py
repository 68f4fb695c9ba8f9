"""A small election with a board and a roll: voters with codes, and what they send to the box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from evote.ballots.device import Device
from evote.ballots.encrypt import _encrypt
from evote.ballots.plaintext import PlaintextBallot, PlaintextContest
from evote.ballots.values import BallotState
from evote.board.codes import FIRST, SECOND, WHOLE, Code
from evote.board.credential import ED25519
from evote.board.entries import ReissueEntry
from evote.board.holder import Holder
from evote.board.reissue import REISSUE_TAG, Credentials, reissue_message
from evote.board.roll import Roll, RollEntry, roll_root, sorted_entries
from evote.board.rules import Setting
from evote.board.submission import NO_PREVIOUS, Submission
from evote.codec import encode
from evote.testing.boards import BoardKeys, unit_origin
from evote.testing.elections import Kit
from evote.testing.randomness import SeededRandomness

ONE_QUESTION: Mapping[str, object] = {
    "label": "Question",
    "test": True,
    "minimum_cell": 1,
    "contests": [{"label": "Question", "options": ["yes", "no"]}],
    "styles": [
        {"label": "plain", "contests": ["Question"]},
        {"label": "heavy", "contests": ["Question"], "weight": 3},
    ],
    "units": [{"label": "North", "styles": ["plain", "heavy"]}, {"label": "South", "styles": ["plain"]}],
}
"""One contest, two styles, two units: ballots that are quickly made."""


@dataclass(frozen=True)
class Voter:
    """Somebody with codes, and the slot that they vote for."""

    unit: str
    style: str
    codes: tuple[Code, ...]
    holder: Holder
    slot: int


class Electorate:
    """``places`` names unit and style of every voter; ``seed`` names all randomness."""

    def __init__(
        self,
        places: Sequence[tuple[str, str]] = (("North", "plain"), ("North", "plain"), ("South", "plain")),
        *,
        parts: int = 1,
        draft: Mapping[str, object] = ONE_QUESTION,
        seed: str = "electorate",
        witnesses: str = "",
        schemes: Mapping[int, str] = MappingProxyType({}),
        **changes: object,
    ) -> None:
        """``schemes`` names other schemes for voters by their number, from 0; their keys stay the same."""
        self.rng = SeededRandomness(f"{seed}/voters")
        self.parts = parts
        kinds = (WHOLE,) if parts == 1 else (FIRST, SECOND)
        codes = [tuple(Code.drawn(kind, self.rng) for kind in kinds) for _ in places]
        units = [str(unit["label"] if isinstance(unit, dict) else unit) for unit in _list(draft["units"])]
        self.authorities = BoardKeys.drawn(seed, units, authorities=parts)
        self.frames: list[bytes] = []

        def described(salt: bytes) -> dict[str, Any]:
            keys = (tuple(code.key(salt, 1).verify_key.encoded for code in own) for own in codes)
            listed = (
                RollEntry(*place, schemes.get(number, ED25519), own)
                for number, (place, own) in enumerate(zip(places, keys, strict=True))
            )
            self.frames = [encode(entry) for entry in sorted_entries(listed)]
            slots, root = roll_root(salt, self.frames)
            declared = {"schemes": sorted(set(schemes.values()))} if schemes else {}
            roll = self.authorities.roll(salt, slots=slots, root=root, **declared)
            board = self.authorities.board(salt, witnesses=witnesses)
            return {**draft, "board": board, "roll": roll, **changes}

        self.kit = Kit(described, seed=seed)
        self.election = self.kit.election
        self.manifest = self.kit.manifest
        self.roll = Roll.read(self.manifest, self.frames)
        self.voters = tuple(
            self._voter(unit, style, own) for (unit, style), own in zip(places, codes, strict=True)
        )
        self._device = Device(self.election, "voter's device")

    def _voter(self, unit: str, style: str, codes: tuple[Code, ...]) -> Voter:
        holder = Holder.of_codes(self.manifest, codes)
        slot = self.roll.slot_of_keys(holder.public)
        if slot is None:
            raise ValueError("the voter is not on the roll")
        return Voter(unit, style, codes, holder, slot)

    def credentials(self) -> Credentials:
        """The credentials in force before any re-issue."""
        return Credentials(self.roll, self.election.extended_hash)

    def setting(self, unit: str) -> Setting:
        """What the log of a unit admits ballots for."""
        return Setting(self.election, unit)

    def unsigned(
        self,
        voter: Voter,
        *,
        pseudonym: bytes | None = None,
        unit: str | None = None,
        style: str | None = None,
        previous: bytes = NO_PREVIOUS,
        challenge: bool = False,
        option: str = "yes",
    ) -> Submission:
        """A submission of the voter without signatures, with other values for some of its parts."""
        contest = self.manifest.contest(1)
        marks = {contest.label: PlaintextContest({option: 1})}
        plaintext = PlaintextBallot(unit or voter.unit, style or voter.style, marks)
        name = pseudonym or voter.holder.pseudonym
        prepared = _encrypt(self._device, plaintext, name, self.rng)
        ballot, context, _ = prepared.pending()
        decision = BallotState.CHALLENGED if challenge else BallotState.CAST
        blind = self.rng.token(32) if challenge else None
        return Submission(decision, ballot, context, previous, blind, "", ())

    def submission(self, voter: Voter, **parts: Any) -> Submission:
        """A signed submission of the voter."""
        return voter.holder.sign(self.election, self.unsigned(voter, **parts))

    def reissued(self, voter: Voter, reason: str = "lost") -> tuple[ReissueEntry, Voter]:
        """The entry that gives the voter's slot a new credential, and the voter with that."""
        codes = tuple(Code.drawn(code.part, self.rng) for code in voter.codes)
        holder = Holder.of_codes(self.manifest, codes)
        message = reissue_message(voter.slot, voter.holder.public, holder.public, reason)
        signatures = tuple(
            key.sign(REISSUE_TAG, self.election.extended_hash, unit_origin(voter.unit), message)
            for key in self.authorities.authorities
        )
        entry = ReissueEntry(voter.slot, voter.holder.public, holder.public, reason, signatures)
        return entry, Voter(voter.unit, voter.style, codes, holder, voter.slot)


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError("the units of a draft are a list")
    return value
