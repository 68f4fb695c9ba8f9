"""Random weights of batch verification: fresh from the system, or derived from a seed.

A weight is uniform on 2^bits values. What is decided with it must be fixed before it is drawn, by
:class:`FreshWeights` because nobody can know it before, by :class:`DerivedWeights` because the seed
hashes all that is decided (rule A67): whoever changes a bit of the chunk has other weights.

Derived weights can be computed again by anybody, and so tried out by the prover: who can afford 2^k
tries passes a false chunk with probability about 2^(k - bits). They are therefore 192 or 256 bits wide.
"""

from __future__ import annotations

from typing import Final, Protocol

from evote.hashing import DIGEST_BYTES, tagged
from evote.randomness import SYSTEM, Randomness

FRESH_BITS: Final = 128
DERIVED_BITS: Final = (192, 256)


class Weights(Protocol):
    """A source of independent weights, uniform in ``0 <= weight < 2**bits``."""

    bits: int

    def draw(self) -> int:
        """The next weight."""
        ...


class FreshWeights:
    """Weights from a source of randomness, each drawn when it is asked for; nothing is kept in stock.

    ``bits`` is at least 1 (``ValueError``); :class:`~evote.proofs.batch.Batch` takes fewer than 128
    for toy groups only.
    """

    __slots__ = ("_rng", "_shift", "_size", "bits")

    def __init__(self, rng: Randomness = SYSTEM, bits: int = FRESH_BITS) -> None:
        if bits < 1:
            raise ValueError("a weight has at least one bit")
        self.bits = bits
        self._rng = rng
        self._size = (bits + 7) // 8
        self._shift = 8 * self._size - bits

    def draw(self) -> int:
        return int.from_bytes(self._rng.token(self._size), "big") >> self._shift


class DerivedWeights:
    """Weights from a seed of 32 bytes, by a tagged hash in counter mode: the same for everybody.

    Weight number i (from 0) is the first ``bits`` bits of
    ``SHA-256(tag "evote/v1/batch-weight", seed, bits, i)``. ``ValueError`` unless the seed has 32 bytes
    and ``bits`` is 192 or 256.
    """

    __slots__ = ("_next", "_seed", "_width", "bits")

    def __init__(self, seed: bytes, bits: int = 256) -> None:
        if len(seed) != DIGEST_BYTES:
            raise ValueError(f"the seed of weights has {DIGEST_BYTES} bytes, not {len(seed)}")
        if bits not in DERIVED_BITS:
            raise ValueError("weights that anybody can compute have 192 or 256 bits")
        self.bits = bits
        self._seed = seed
        self._width = bits.to_bytes(2, "big")
        self._next = 0

    def draw(self) -> int:
        number = self._next.to_bytes(8, "big")
        self._next += 1
        digest = tagged("evote/v1/batch-weight", self._seed, self._width, number)
        return int.from_bytes(digest[: self.bits // 8], "big")
