"""The vectors of a pre-encrypted ballot, made again from its ballot nonce (specification section 4.2).

The tool that prints a ballot and the device that records it both derive everything from (H_I, xi_B);
what one prints the other finds again. The operations are the same in kind and number for every vector.
Secret side: verifiers never load it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evote.ballots import preencrypted_hashes as pre_hashes
from evote.ballots.election import Election
from evote.ballots.preencrypted_shape import vectors_of
from evote.elgamal import Ciphertext
from evote.elgamal import encrypt as encrypt_value
from evote.groups import Scalar
from evote.manifest import Contest
from evote.secret import Secret


@dataclass(frozen=True, slots=True)
class Vector:
    """Psi of one option, or of a null vote, with its hash and short code; the nonces are secret."""

    position: int
    """j: the option's index, or beyond them for a null vector."""
    option: str | None
    """The option's label; None for a null vector."""
    ciphertexts: tuple[Ciphertext, ...]
    nonces: Secret[tuple[Scalar, ...]]
    hash: bytes
    short_code: str


@dataclass(frozen=True, slots=True)
class ContestVectors:
    """All vectors of a contest in the order of the manifest, null vectors last."""

    contest: Contest
    vectors: tuple[Vector, ...]

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """The selection hashes in ascending order."""
        return tuple(sorted(vector.hash for vector in self.vectors))

    @property
    def collides(self) -> bool:
        """Whether two vectors have one short code: such a ballot is not used (section 4.1.5)."""
        return len({vector.short_code for vector in self.vectors}) != len(self.vectors)

    def place(self, vector: Vector) -> int:
        """The place of a vector's hash among :attr:`hashes`."""
        return self.hashes.index(vector.hash)


def derive(
    election: Election, style: str, key: bytes, ballot_nonce: Secret[bytes]
) -> tuple[ContestVectors, ...]:
    """The vectors of all contests of a style (equations 112 to 114, 121); ``key`` is H_I.

    Raises ``ValueError`` for a style that the manifest does not declare as pre-encrypted.
    """
    declared = election.manifest.pre_encryption
    if declared is None or style not in declared.styles:
        raise ValueError(f"the election has no pre-encrypted ballots of style {style!r}")
    return tuple(
        ContestVectors(
            contest,
            tuple(
                _vector(election, contest, position, key, ballot_nonce)
                for position in range(1, vectors_of(contest) + 1)
            ),
        )
        for contest in election.manifest.contests_of(style)
    )


def encoded(ciphertexts: Sequence[Ciphertext]) -> list[bytes]:
    """alpha and beta of each, in order."""
    return [part.encode() for each in ciphertexts for part in (each.alpha, each.beta)]


def _vector(
    election: Election, contest: Contest, position: int, key: bytes, ballot_nonce: Secret[bytes]
) -> Vector:
    declared = election.manifest.pre_encryption
    if declared is None:
        raise ValueError("the election has no pre-encrypted ballots")
    nonces = tuple(
        pre_hashes.nonce(election.group, key, contest.index, position, option.index, ballot_nonce.reveal())
        for option in contest.options
    )
    ciphertexts = tuple(
        encrypt_value(election.vote_key, 1 if option.index == position else 0, nonce)
        for option, nonce in zip(contest.options, nonces, strict=True)
    )
    hashed = pre_hashes.selection_hash(key, encoded(ciphertexts))
    label = contest.options[position - 1].label if position <= len(contest.options) else None
    return Vector(position, label, ciphertexts, Secret(nonces), hashed, declared.trimming.short_code(hashed))
