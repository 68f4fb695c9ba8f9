"""What the files of a 1.x record say, as read.

Numbers are still texts, so that hashes cover what stands there. Whether a number is in range, or an
element in the subgroup, is said by the checks that speak of it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Constants:
    """``constants.json``."""

    large_prime: int
    small_prime: int
    cofactor: int
    generator: int


@dataclass(frozen=True, slots=True)
class Context:
    """``context.json``: n, k, K, and the hashes that everything rests on."""

    guardians: int
    quorum: int
    key: str
    commitments: str
    manifest: str
    base: str
    extended: str


@dataclass(frozen=True, slots=True)
class Described:
    """An option, or a placeholder, as ballots must have it; ``hash`` is its description hash."""

    label: str
    order: int
    hash: str
    placeholder: bool


@dataclass(frozen=True, slots=True)
class ManifestContest:
    """A contest of the manifest; ``selections`` are its options and then its placeholders."""

    label: str
    order: int
    district: str
    limit: int
    hash: str
    selections: tuple[Described, ...]

    @property
    def options(self) -> tuple[Described, ...]:
        """The selections that are no placeholders."""
        return tuple(each for each in self.selections if not each.placeholder)


@dataclass(frozen=True, slots=True)
class Manifest:
    """``manifest.json``: what verifications need, and its hash, which covers more."""

    label: str
    hash: str
    contests: dict[str, ManifestContest]
    styles: dict[str, frozenset[str]]
    """The districts of each ballot style."""

    def contests_of(self, style: str) -> tuple[ManifestContest, ...]:
        """The contests on ballots of a style, in order."""
        districts = self.styles[style]
        return tuple(each for each in self.contests.values() if each.district in districts)


@dataclass(frozen=True, slots=True)
class KeyProof:
    """A Schnorr proof for one K_i,j: key, h, c, u."""

    key: str
    commitment: str
    challenge: str
    response: str


@dataclass(frozen=True, slots=True)
class Guardian:
    """``guardian_*.json``: number, K_i, all K_i,j and their proofs."""

    label: str
    number: int
    key: str
    commitments: tuple[str, ...]
    proofs: tuple[KeyProof, ...]


@dataclass(frozen=True, slots=True)
class Device:
    """``device_*.json``."""

    number: int
    session: int
    launch_code: int
    location: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A ciphertext (alpha, beta)."""

    pad: str
    data: str


@dataclass(frozen=True, slots=True)
class SelectionProof:
    """A 0/1 proof: a_0, b_0, a_1, b_1, c_0, c_1, c, v_0, v_1."""

    commitments: tuple[str, str, str, str]
    challenges: tuple[str, str]
    challenge: str
    responses: tuple[str, str]


@dataclass(frozen=True, slots=True)
class PairProof:
    """A Chaum-Pedersen proof: a, b, c, v."""

    commitments: tuple[str, str]
    challenge: str
    response: str


@dataclass(frozen=True, slots=True)
class Selection:
    """An encrypted option or placeholder."""

    label: str
    order: int
    description: str
    pair: Pair
    hash: str
    placeholder: bool
    nonce: str | None
    proof: SelectionProof


@dataclass(frozen=True, slots=True)
class Contest:
    """A contest of a ballot; ``limit`` is the constant of its proof."""

    label: str
    order: int
    description: str
    selections: tuple[Selection, ...]
    total: Pair
    hash: str
    nonce: str | None
    proof: PairProof
    limit: int


class State(enum.IntEnum):
    """Whether a ballot is counted."""

    CAST = 1
    SPOILED = 2


@dataclass(frozen=True, slots=True)
class Ring:
    """A ballot's place in its chain: the code before, its time, its own code."""

    seed: str
    time: int
    code: str


@dataclass(frozen=True, slots=True)
class Ballot:
    """``submitted_ballot_*.json``."""

    label: str
    style: str
    manifest: str
    ring: Ring
    contests: tuple[Contest, ...]
    hash: str
    nonce: str | None
    state: State


@dataclass(frozen=True, slots=True)
class SummedOption:
    """An option of the encrypted tally."""

    order: int
    description: str
    pair: Pair


@dataclass(frozen=True, slots=True)
class SummedContest:
    """A contest of the encrypted tally."""

    order: int
    description: str
    options: dict[str, SummedOption]


@dataclass(frozen=True, slots=True)
class Part:
    """M_i,l: what guardian ``by`` did in place of a missing one, with the recovery key."""

    by: str
    instead_of: str
    factor: str
    key: str
    proof: PairProof


@dataclass(frozen=True, slots=True)
class Share:
    """M_i with its proof, or with the parts that it was put together from."""

    guardian: str
    factor: str
    proof: PairProof | None
    parts: dict[str, Part] | None


@dataclass(frozen=True, slots=True)
class DecryptedOption:
    """t, g^t, the pair that was decrypted, and all shares."""

    count: int
    value: str
    pair: Pair
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Decrypted:
    """``tally.json``, or a spoiled ballot after decryption: contests, and in each its options, by label."""

    label: str
    contests: dict[str, dict[str, DecryptedOption]]
