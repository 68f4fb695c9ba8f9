"""Weights of batch verification: uniform and fresh, or the same for everybody."""

from __future__ import annotations

from collections import Counter

import pytest

from evote.hashing import sha256
from evote.proofs.batch import DerivedWeights, FreshWeights
from evote.testing.randomness import SeededRandomness

SEED = bytes(range(32))


@pytest.mark.parametrize("bits", [1, 3, 8, 9, 128, 192])
def test_fresh_weights_take_every_bit_from_the_source(bits: int) -> None:
    class Ones:
        def token(self, size: int) -> bytes:
            return b"\xff" * size

        def below(self, bound: int) -> int:
            raise AssertionError("weights are bits, not numbers below a bound")

    assert FreshWeights(Ones(), bits).draw() == 2**bits - 1
    assert FreshWeights(Ones(), bits).bits == bits


def test_small_fresh_weights_are_uniform() -> None:
    # Chi-square with 7 degrees of freedom: 24.3 is exceeded once in a thousand seeds; the seed is fixed.
    weights = FreshWeights(SeededRandomness("uniform weights"), 3)
    counts = Counter(weights.draw() for _ in range(8 * 500))
    assert set(counts) == set(range(8))
    assert sum((count - 500) ** 2 / 500 for count in counts.values()) < 24.3


def test_fresh_weights_come_from_the_system_by_default_and_are_not_kept_in_stock() -> None:
    drawn = [FreshWeights().draw() for _ in range(50)] + [FreshWeights(bits=128).draw() for _ in range(50)]
    assert len(set(drawn)) == 100
    assert max(drawn).bit_length() > 120

    class Source:
        asked = 0

        def token(self, size: int) -> bytes:
            self.asked += size
            return bytes(size)

        def below(self, bound: int) -> int:
            raise AssertionError("weights are bits, not numbers below a bound")

    source = Source()
    weights = FreshWeights(source, 128)
    assert source.asked == 0
    weights.draw()
    assert source.asked == 16


@pytest.mark.parametrize("bits", [0, -1])
def test_a_weight_without_a_bit_is_refused(bits: int) -> None:
    with pytest.raises(ValueError, match="at least one bit"):
        FreshWeights(bits=bits)


@pytest.mark.parametrize("bits", [192, 256])
def test_derived_weights_are_a_hash_in_counter_mode(bits: int) -> None:
    tag = b"evote/v1/batch-weight"
    expected = []
    for number in range(4):
        fields = (SEED, bits.to_bytes(2, "big"), number.to_bytes(8, "big"))
        message = len(tag).to_bytes(4, "big") + tag + (3).to_bytes(4, "big")
        message += b"".join(len(field).to_bytes(4, "big") + field for field in fields)
        expected.append(int.from_bytes(sha256(message)[: bits // 8], "big"))
    for _ in range(2):
        weights = DerivedWeights(SEED, bits)
        assert [weights.draw() for _ in range(4)] == expected
    assert DerivedWeights(SEED).bits == 256


def test_derived_weights_differ_by_seed_and_width() -> None:
    other = bytes([SEED[0] ^ 1]) + SEED[1:]
    drawn = {DerivedWeights(seed, bits).draw() >> bits - 100 for seed in (SEED, other) for bits in (192, 256)}
    assert len(drawn) == 4


@pytest.mark.parametrize("bits", [0, 64, 128, 191, 193, 255, 512])
def test_weights_that_anybody_can_compute_have_192_or_256_bits(bits: int) -> None:
    """A67."""
    with pytest.raises(ValueError, match="192 or 256"):
        DerivedWeights(SEED, bits)


@pytest.mark.parametrize("size", [0, 16, 31, 33, 64])
def test_a_seed_is_a_hash(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        DerivedWeights(bytes(size))
