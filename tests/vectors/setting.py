"""The elections of the vectors: parameters, guardians' polynomials, keys and hashes, from seeds.

Everything is computed with the oracle; only the manifest's bytes are written by the package,
because a manifest is an input here and not a result.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evote.ballots import Election
from evote.groups import Group, named
from evote.groups.modp import ModPGroup
from evote.manifest import Manifest, Parameters
from evote.testing.boards import BoardKeys
from evote.testing.groups import toy
from evote.testing.randomness import SeededRandomness
from tests.vectors.oracle import Numbers, evaluate, hashed, lagrange

STANDARD = "electionguard-4096"
REDUCED = "electionguard-3072"
TOY = "toy-64-256"

AUTHORITY_KEY = bytes.fromhex(
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
)  # RFC 8032, 7.1

TOWN: Mapping[str, object] = {
    "label": "Town of Vectors",
    "test": True,
    "minimum_cell": 1,
    "contests": [
        {
            "label": "Mayor",
            "options": ["Ada", "Grace"],
            "fields": ["overvote", "undervote", "undervote_difference", "null_vote"],
        },
        {
            "label": "Council",
            "limit": 2,
            "options": ["Alan", "Emmy", {"label": "Kurt", "limit": 2}],
            "write_ins": 1,
            "write_in_bytes": 30,
        },
    ],
    "styles": [
        {"label": "full", "contests": ["Mayor", "Council"]},
        {"label": "council", "contests": ["Council"], "weight": 3},
    ],
    "units": ["North", {"label": "South", "styles": ["full"]}],
}
"""Supplemental fields, L = 2, R = 2, contest data, a style without the first contest, a weight."""

QUESTION: Mapping[str, object] = {
    "label": "Question",
    "test": True,
    "minimum_cell": 1,
    "contests": [{"label": "Question", "options": ["yes", "no"]}],
}
"""One contest of two options: small enough for the standard group."""

REMARKS: Mapping[str, object] = {
    "label": "Remarks",
    "test": True,
    "minimum_cell": 1,
    "contests": [{"label": "Question", "options": ["yes"], "contest_data": True}],
    "decrypt_contest_data": True,
    "guardian_opening": True,
}
"""One option and one block of contest data, which guardians decrypt; they open challenged ballots too."""

ROLL = "roll"
"""The question with a board and a roll, so that ballots carry a pseudonym."""

DRAFTS = {"town": TOWN, "question": QUESTION, "remarks": REMARKS, ROLL: QUESTION}

GUARDIANS, QUORUM = 3, 2


def package_group(name: str) -> Group:
    """The package's group of that name; every call gives the same object."""
    return toy() if name == TOY else named(name)


@functools.cache
def numbers(name: str) -> Numbers:
    """p, q, g of a group as integers."""
    group = package_group(name)
    if not isinstance(group, ModPGroup):
        raise TypeError(f"{name} is no group of integers")
    return Numbers(name, group.modulus, group.order, int.from_bytes(group.generator.encode(), "big"))


@dataclass(frozen=True)
class World:
    """One election with all its secrets, as integers and bytes."""

    numbers: Numbers
    manifest: Manifest
    vote: list[list[int]]
    """a_i,j by guardian."""
    data: list[list[int]]
    """The coefficients of the second polynomials."""
    communication: list[int]
    """zeta_i."""
    parameter_hash: bytes
    base_hash: bytes
    extended_hash: bytes
    vote_key: int
    data_key: int

    @property
    def indices(self) -> range:
        """1 to n."""
        return range(1, len(self.vote) + 1)

    def vote_share(self, i: int) -> int:
        """z_i (83)."""
        return sum(evaluate(self.numbers, polynomial, i) for polynomial in self.vote) % self.numbers.q

    def data_share(self, i: int) -> int:
        """The share of the second secret."""
        return sum(evaluate(self.numbers, polynomial, i) for polynomial in self.data) % self.numbers.q

    @property
    def vote_secret(self) -> int:
        """s, from the first k shares."""
        return self._joined([self.vote_share(i) for i in range(1, QUORUM + 1)])

    @property
    def data_secret(self) -> int:
        """The secret behind the key for ballot data."""
        return self._joined([self.data_share(i) for i in range(1, QUORUM + 1)])

    def _joined(self, shares: list[int]) -> int:
        members = range(1, len(shares) + 1)
        weights = [lagrange(self.numbers, i, members) for i in members]
        return sum(w * z for w, z in zip(weights, shares, strict=True)) % self.numbers.q

    def params(self) -> dict[str, object]:
        """What a case of this election needs to know, as it stands in a file."""
        n = self.numbers
        return {
            "group": n.name,
            "guardians": len(self.vote),
            "quorum": len(self.vote[0]),
            "manifest": self.manifest.raw.decode(),
            "vote_key": n.element(self.vote_key),
            "data_key": n.element(self.data_key),
            "extended_hash": self.extended_hash,
        }


@functools.cache
def world(seed: str, group: str, kind: str, chaining: int = 0) -> World:
    """The election of that seed; ``kind`` is a key of ``DRAFTS``."""
    rng = SeededRandomness(f"vectors/{seed}")
    n = numbers(group)
    draft = {**DRAFTS[kind], "chaining": chaining}
    salt = rng.token(32)
    if kind == ROLL:
        keys = BoardKeys.drawn("vectors", ["all"])
        draft |= {"board": keys.board(salt), "roll": keys.roll(salt, slots=1, root=bytes(32))}
    manifest = Manifest.build(draft, salt=salt, authority_key=AUTHORITY_KEY)
    vote = [[rng.below(n.q) for _ in range(QUORUM)] for _ in range(GUARDIANS)]
    data = [[rng.below(n.q) for _ in range(QUORUM)] for _ in range(GUARDIANS)]
    communication = [rng.below(n.q) for _ in range(GUARDIANS)]
    vote_key = n.power(n.g, sum(polynomial[0] for polynomial in vote) % n.q)
    data_key = n.power(n.g, sum(polynomial[0] for polynomial in data) % n.q)
    parameter_hash = hashed("parameter_base_hash", n, guardians=GUARDIANS, quorum=QUORUM)
    base_hash = hashed("base_hash", n, key=parameter_hash, manifest=manifest.raw.decode())
    extended_hash = hashed(
        "extended_base_hash",
        n,
        key=base_hash,
        vote_key=n.element(vote_key),
        data_key=n.element(data_key),
    )
    return World(
        n,
        manifest,
        vote,
        data,
        communication,
        parameter_hash,
        base_hash,
        extended_hash,
        vote_key,
        data_key,
    )


_elections: dict[tuple[str, str, str], Election] = {}


def election_of(params: Mapping[str, Any]) -> Election:
    """The package's election of a group of cases; its H_E must be the one that is stated."""
    name = (params["group"], params["manifest"], params["vote_key"])
    if name not in _elections:
        group = package_group(params["group"])
        made = Election.of(
            Parameters(group, params["guardians"], params["quorum"]),
            Manifest.parse(params["manifest"].encode()),
            group.decode(bytes.fromhex(params["vote_key"])),
            group.decode(bytes.fromhex(params["data_key"])),
        )
        if made.extended_hash.hex().upper() != params["extended_hash"]:
            raise AssertionError("H_E of the case is not that of its parameters")
        _elections[name] = made
    return _elections[name]
