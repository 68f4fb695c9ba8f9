"""The values of a 2.0 record as they are read: texts, numbers and bytes, nothing yet believed.

Group elements and scalars stay bytes of whatever length the file gives, because their range is what
verifications state; hashes have 32 bytes.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Constants:
    """``constants.json``: the version that it names, and the parameters as integers by their names."""

    version: str
    numbers: dict[str, int]


@dataclass(frozen=True, slots=True)
class Config:
    """``election_config.json``."""

    version: str
    guardians: int
    quorum: int
    parameter_hash: bytes
    manifest_hash: bytes
    base_hash: bytes
    chained: bool
    device_bytes: bytes
    """``baux0``: the bytes B_aux,0 that all devices share; empty where each uses its own name."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Challenge c and response v."""

    challenge: bytes
    response: bytes


@dataclass(frozen=True, slots=True)
class Commitment:
    """A coefficient's public form K_i,j with its Schnorr proof."""

    key: bytes
    proof: Proof


@dataclass(frozen=True, slots=True)
class Guardian:
    """A guardian's commitments; ``index`` is i."""

    name: str
    index: int
    commitments: tuple[Commitment, ...]


@dataclass(frozen=True, slots=True)
class Initialized:
    """``election_initialized.json``: K, H_E and the guardians."""

    joint_key: bytes
    extended_hash: bytes
    guardians: tuple[Guardian, ...]


@dataclass(frozen=True, slots=True)
class ManifestContest:
    """A contest of the manifest: its options in order, R and L."""

    label: str
    order: int
    district: str
    option_limit: int
    limit: int
    options: tuple[tuple[str, int], ...]
    """Label and sequence number of each option."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """``manifest.json``, as far as verifications need it."""

    label: str
    contests: dict[str, ManifestContest]
    styles: dict[str, frozenset[str]]
    """The districts of each ballot style."""

    def contests_of(self, style: str) -> list[str]:
        """Labels of the contests on ballots of a style, in the manifest's order."""
        districts = self.styles[style]
        return [contest.label for contest in self.contests.values() if contest.district in districts]


@dataclass(frozen=True, slots=True)
class Pair:
    """A ciphertext (alpha, beta)."""

    alpha: bytes
    beta: bytes


@dataclass(frozen=True, slots=True)
class Sealed:
    """Encrypted contest data (C0, C1, C2), and how many bytes it has without filling."""

    c0: bytes
    c1: bytes
    c2: bytes
    size: int


@dataclass(frozen=True, slots=True)
class Selection:
    """An encrypted option with its range proof, one (c_j, v_j) per value."""

    label: str
    order: int
    pair: Pair
    proofs: tuple[Proof, ...]


@dataclass(frozen=True, slots=True)
class Vector:
    """A selection vector of a pre-encrypted ballot: psi, its short code, and one pair per option."""

    hash: bytes
    short_code: str
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class PreEncryption:
    """What a contest of a pre-encrypted ballot has besides: its hash, all psi, the chosen vectors."""

    hash: bytes
    all_hashes: tuple[bytes, ...]
    chosen: tuple[Vector, ...]


@dataclass(frozen=True, slots=True)
class Contest:
    """A contest of an encrypted ballot."""

    label: str
    order: int
    hash: bytes
    selections: tuple[Selection, ...]
    proofs: tuple[Proof, ...]
    data: Sealed
    pre_encryption: PreEncryption | None


class State(enum.Enum):
    """Whether a ballot is counted."""

    CAST = "cast"
    CHALLENGED = "challenged"


@dataclass(frozen=True, slots=True)
class Ballot:
    """An encrypted ballot; ``aux`` is B_aux."""

    label: str
    style: str
    device: str
    aux: bytes
    code: bytes
    election: bytes
    contests: tuple[Contest, ...]
    state: State
    pre_encrypted: bool


@dataclass(frozen=True, slots=True)
class SummedContest:
    """A contest of the encrypted tally: (A, B) per option label; ``ballots`` is 0 where not counted."""

    label: str
    options: tuple[tuple[str, Pair], ...]
    ballots: int


@dataclass(frozen=True, slots=True)
class EncryptedTally:
    """``encrypted_tally.json``."""

    contests: tuple[SummedContest, ...]
    cast: tuple[str, ...]
    election: bytes


@dataclass(frozen=True, slots=True)
class DecryptedOption:
    """A decrypted pair: t, T = B / M, and the proof."""

    label: str
    count: int
    value: bytes
    pair: Pair
    proof: Proof


@dataclass(frozen=True, slots=True)
class OpenedData:
    """Decrypted contest data: what it says, what it was, and the proof for beta."""

    over_votes: tuple[int, ...]
    write_ins: tuple[str, ...]
    status: str
    sealed: Sealed
    proof: Proof
    beta: bytes


@dataclass(frozen=True, slots=True)
class DecryptedContest:
    """A contest of the decrypted tally or of a decrypted ballot."""

    label: str
    options: tuple[DecryptedOption, ...]
    ballots: int
    data: OpenedData | None


@dataclass(frozen=True, slots=True)
class Decrypted:
    """``tally.json``, or a challenged ballot after decryption."""

    label: str
    contests: tuple[DecryptedContest, ...]
    election: bytes


@dataclass(frozen=True, slots=True)
class Chain:
    """``ballot_chain.json`` of one device."""

    device: str
    start: bytes
    """``baux0``: B_aux,0 (egk-ec) or H_0 (multiplatform)."""
    election: bytes | None
    ballots: tuple[str, ...]
    last_code: bytes
    closing_hash: bytes | None
