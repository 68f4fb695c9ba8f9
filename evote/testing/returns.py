"""Elections with unit returns over a toy group: keys of the units, and returns of any figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from evote.ballots import Election
from evote.elgamal import encrypt
from evote.groups import Group
from evote.manifest import Contest, Manifest, Parameters
from evote.manifest.declarations import ROSTER_ORIGIN, ReturnKind, unit_key_origin
from evote.returns import (
    ClosedLog,
    PlainField,
    PlainTotal,
    RosterName,
    SealedField,
    SealedTotal,
    StyleCount,
    UnitReturn,
    correct_return,
    sign_return,
)
from evote.returns.roster import first_name
from evote.signing import SigningKey, prove_possession
from evote.testing.boards import BoardKeys
from evote.testing.groups import toy
from evote.testing.randomness import SeededRandomness

CORRECT_UNTIL = "2026-07-10T20:00:00Z"


@dataclass(frozen=True)
class ReturnKeys:
    """Who signs what in an election with unit returns."""

    authority: SigningKey
    units: Mapping[str, SigningKey]
    """Path of every unit of the tree -> its key."""

    @classmethod
    def drawn(cls, seed: str, paths: Iterable[str]) -> ReturnKeys:
        """Keys that are the same for the same seed and paths; units above those of ``paths`` get some too."""
        names: list[str] = []
        for path in paths:
            labels = path.split("/")
            names += ["/".join(labels[: depth + 1]) for depth in range(len(labels))]

        def key(name: str) -> SigningKey:
            return SigningKey.generate(SeededRandomness(f"{seed}/returns/{name}"))

        return cls(key("roster authority"), {path: key(f"unit {path}") for path in dict.fromkeys(names)})

    def returns(self, salt: bytes, kinds: Mapping[str, ReturnKind], **changes: object) -> dict[str, Any]:
        """The member "returns" of a draft; ``kinds`` has the reporting units."""
        content: dict[str, Any] = {
            **_key(self.authority, salt, ROSTER_ORIGIN),
            "correct_until": CORRECT_UNTIL,
            "units": {
                path: {
                    "kind": kinds[path].value if path in kinds else None,
                    **_key(key, salt, unit_key_origin(path)),
                }
                for path, key in self.units.items()
            },
        }
        return content | changes


def _key(key: SigningKey, salt: bytes, origin: str) -> dict[str, Any]:
    proof = prove_possession(key, salt=salt, origin=origin)
    return {"key": key.verify_key.encoded.hex(), "possession": proof.hex()}


MADE_AT = "2026-06-30T21:30:00Z"
SALT = bytes(range(32))


@dataclass(frozen=True)
class ReturnsKit:
    """An election with unit returns, everybody's keys, and ways to make returns.

    Two contests, "Mayor" (of three, with the fields that account for every vote) and "Council" (2 of 4);
    ballot styles "full" with both and "short", of weight 2, with the first.
    """

    election: Election
    keys: ReturnKeys
    kinds: Mapping[str, ReturnKind]
    secret: int
    """The exponent of the vote key, for tests that look at what is in a sum."""

    @classmethod
    def drawn(
        cls, kinds: Mapping[str, ReturnKind], *, seed: str = "returns", group: Group | None = None
    ) -> ReturnsKit:
        """An election with these reporting units, by path."""
        keys = ReturnKeys.drawn(seed, kinds)
        ballots = [path for path, kind in kinds.items() if kind is ReturnKind.BALLOTS]
        board = BoardKeys.drawn(seed, ballots, devices=["booth"])
        draft: dict[str, Any] = {
            "label": "Returns",
            "test": True,
            "minimum_cell": 1,
            "contests": [
                {"label": "Mayor", "options": ["Ada", "Bo", "Cy"], "fields": ["overvote", "null_vote"]},
                {"label": "Council", "options": ["L1", "L2", "L3", "L4"], "limit": 2},
            ],
            "styles": [
                {"label": "full", "contests": ["Mayor", "Council"]},
                {"label": "short", "contests": ["Mayor"], "weight": 2},
            ],
            "units": _tree(kinds),
            "returns": keys.returns(SALT, kinds),
        }
        if ballots:
            draft["board"] = board.board(SALT)
        manifest = Manifest.build(draft, salt=SALT, authority_key=None)
        chosen = toy() if group is None else group
        secret = 7919
        key = chosen.power(chosen.generator, chosen.scalar(secret))
        other = chosen.power(chosen.generator, chosen.scalar(secret + 1))
        election = Election.of(Parameters(chosen, 3, 2), manifest, key, other, window=4)
        return cls(election, keys, kinds, secret)

    @property
    def roster(self) -> RosterName:
        """The name of the manifest's roster."""
        return first_name(self.election.extended_hash)

    def made(self, unit: str, *, votes: int = 7, **changes: Any) -> UnitReturn:
        """A return whose figures agree: in each style, ``votes`` voters and as many for the first option."""
        manifest, kind = self.election.manifest, self.kinds[unit]
        styles = manifest.unit(unit).styles
        rows = [(style, contest) for style in styles for contest in manifest.contests_of(style)]
        plain = tuple(
            PlainTotal(style, contest.label, _plain_fields(contest, votes)) for style, contest in rows
        )
        ballots = kind is ReturnKind.BALLOTS
        fields: dict[str, Any] = {
            "election": self.election.extended_hash,
            "unit": unit,
            "kind": kind,
            "roster": self.roster,
            "version": 1,
            "previous": None,
            "reason": "",
            "made_at": MADE_AT,
            "log": self.log(unit) if ballots else None,
            "counts": tuple(count_of(style, votes) for style in styles),
            "plain": () if ballots else plain,
            "sealed": tuple(self.sealed(row) for row in plain) if ballots else (),
        }
        return UnitReturn(**fields | changes)

    def log(self, unit: str) -> ClosedLog:
        """A closed log of a unit, of 100 leaves that nobody has."""
        board = self.election.manifest.board
        if board is None:
            raise ValueError("the election has no board")
        return ClosedLog(board.units[unit].origin, 100, bytes(31) + b"\x01", bytes(32))

    def sealed(self, row: PlainTotal) -> SealedTotal:
        """The same totals, encrypted."""
        rng = SeededRandomness(f"{row}")
        group = self.election.group
        fields = []
        for each in row.fields:
            pair = encrypt(self.election.vote_key, each.count, group.scalar(rng.below(group.order)))
            fields.append(SealedField(each.label, pair.alpha.encode(), pair.beta.encode()))
        return SealedTotal(row.style, row.contest, tuple(fields))

    def signed(self, unit: str, *, key: SigningKey | None = None, **changes: Any) -> bytes:
        """The file of :meth:`made`, signed by the unit or with ``key``."""
        return sign_return(self.made(unit, **changes), key or self.keys.units[unit])

    def correction(
        self, unit: str, previous: bytes, *, moment: str = "2026-07-01T09:00:00Z", **changes: Any
    ) -> bytes:
        """The file of a second version, or another with ``version``; ``previous`` is the file's digest."""
        above = unit.rpartition("/")[0]
        cosigner = self.keys.units[above] if above else self.keys.authority
        told = {"version": 2, "reason": "typed wrongly", "made_at": "2026-07-01T08:00:00Z", **changes}
        return correct_return(
            self.made(unit, previous=previous, **told), self.keys.units[unit], cosigner, moment
        )


def count_of(style: str, voters: int, **changes: int) -> StyleCount:
    """The counts of a style in which everybody who came has one counted ballot."""
    counts = {
        "registered": voters + 3,
        "signed_in": voters,
        "counted": voters,
        "rejected_only": 0,
        "challenged_only": 0,
        "accepted": voters,
        "rejected": 0,
        "superseded": 0,
        "challenged": 0,
    }
    return StyleCount(style, **counts | changes)


def _plain_fields(contest: Contest, votes: int) -> tuple[PlainField, ...]:
    """Everybody marks the first options, as many as there are votes to give."""
    return tuple(
        PlainField(option.label, votes if option.in_limit and option.index <= contest.limit else 0)
        for option in contest.options
    )


def _tree(kinds: Mapping[str, ReturnKind]) -> list[dict[str, Any]]:
    roots: list[dict[str, Any]] = []
    for path in kinds:
        level = roots
        for label in path.split("/"):
            node = next((each for each in level if each["label"] == label), None)
            if node is None:
                node = {"label": label, "units": []}
                level.append(node)
            level = node["units"]
    return roots
