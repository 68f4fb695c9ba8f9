"""Where an incomplete formula would be wrong, somebody can choose values so that it is used (rule A69).

Equal, opposite and infinite points are made to meet: in buckets, on a shared chain, in tables, inside a
shared inversion, and then as hints and as ballots of a batch.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest

from evote.ballots import SubmittedBallot, examine
from evote.ballots.batch import examine_chunk
from evote.ballots.election import Election
from evote.ballots.hints import BallotHint
from evote.ballots.rehint import compute_hint
from evote.bench.shape import Shape
from evote.bench.stock import Stock
from evote.errors import DecodeError
from evote.groups import Claimed, curve, named
from evote.groups.curve import LAW, Affine, Jacobian
from evote.proofs.batch import Batch, FreshWeights
from tests.groups.test_curve import SMALL, times

GROUP = named("p256")

PATHS: dict[str, Callable[[Sequence[Affine], Sequence[int]], Jacobian]] = {
    "interleaved": LAW.interleaved,
    "jacobian buckets": LAW.bucketed,
    "affine buckets": lambda points, factors: _by_affine_buckets(points, factors),
}


def _by_affine_buckets(points: Sequence[Affine], factors: Sequence[int]) -> Jacobian:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(curve, "interleaving_pays", lambda _: False)
        return curve.combination(points, factors)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("exponents", [(5, 5, 5, 5), (3, 5, 3, 5), (7, 9, 16, 248), (1, 255, 128, 127)])
def test_points_that_meet_are_added_right_on_every_path(path: str, exponents: tuple[int, ...]) -> None:
    for factors in itertools.product((0, 1, -1, 2), repeat=4):
        wanted = sum(factor * exponent for factor, exponent in zip(factors, exponents, strict=True))
        found = PATHS[path]([SMALL[factor] for factor in factors], exponents)
        assert curve.affine(found) == times(wanted), factors


@pytest.mark.parametrize("path", PATHS)
def test_a_digit_that_carries_over_every_window_is_the_right_multiple(path: str) -> None:
    exponents = [2**256 - 1, 2**255, 2**128 - 1, 2**128, 1, 0, 2**64 - 2**32]
    points = [SMALL[factor] for factor in (1, -1, 2, 3, 0, 5, -2)]
    wanted = 2**256 - 1 - 2**255 + 2 * (2**128 - 1) + 3 * 2**128 - 2 * (2**64 - 2**32)
    assert curve.affine(PATHS[path](points, exponents)) == times(wanted)


@pytest.mark.parametrize("count", [1, 2, 5, curve.SHARED, curve.SHARED + 3])
@pytest.mark.parametrize("factors", [(1, 1), (1, -1), (1, 1, -1), (2, 1, 1, -4), (1, -1, 0, 3)])
def test_sums_by_place_hold_where_points_repeat_cancel_and_vanish(
    count: int, factors: tuple[int, ...]
) -> None:
    """More than share one inversion, so that a chunk is full of pairs that have no slope."""
    points = [SMALL[factor] for factor in factors for _ in range(count)]
    assert curve.gather([0] * len(points), points, 1) == [times(sum(factors) * count)]
    places = [index % 3 for index in range(len(points))]
    wanted = [0, 0, 0]
    for place, index in zip(places, range(len(points)), strict=True):
        wanted[place] += factors[index // count]
    assert curve.gather(places, points, 3) == [times(total) for total in wanted]
    assert curve.total(points) == times(sum(factors) * count)


def test_one_pair_without_a_slope_spoils_no_other_sum_of_its_round() -> None:
    pairs = [(1, 2), (3, 3), (2, -2), (4, 5), (-1, -1), (5, -4), (7, -7)]
    for order in itertools.permutations(pairs, 4):
        lefts = [point for left, _ in order if (point := SMALL[left]) is not None]
        rights = [point for _, right in order if (point := SMALL[right]) is not None]
        assert curve.sums(lefts, rights) == [times(left + right) for left, right in order]
    assert curve.sums([], []) == []


def test_tables_hold_where_a_row_repeats_cancels_or_is_infinite() -> None:
    for first, second, third in itertools.product((0, 1, -1, 2), repeat=3):
        rows = [[None, SMALL[factor]] for factor in (first, second, third)]
        for digits in itertools.product((0, 1), repeat=3):
            wanted = sum(d * factor for d, factor in zip(digits, (first, second, third), strict=True))
            assert curve.affine(LAW.by_table(rows, digits)) == times(wanted)
    table = GROUP.precompute(GROUP.identity, 4)
    assert GROUP.power(table, GROUP.scalar(123456789)) == GROUP.identity


# --- batches -----------------------------------------------------------------------------------------


class Constant:
    """Weights that are all the same: every value of a kind meets in one bucket."""

    bits = 128

    def __init__(self, value: int) -> None:
        self.value = value

    def draw(self) -> int:
        return self.value


ORDER = GROUP.order
NONCES = {
    "equal": [9] * 6,
    "opposite": [9, -9] * 3,
    "infinite": [0] * 6,
    "all of them": [9, 9, -9, 0, 18, -18],
    "that cancel": [1, 2, 3, 4, 5, -15],
}
"""Of proofs that hold: whoever proves may choose them, and their commitments with them."""


@pytest.mark.parametrize("nonces", NONCES)
@pytest.mark.parametrize("images", ["one", "opposite", "several"])
@pytest.mark.parametrize("buckets", [False, True], ids=["interleaved", "buckets"])
@pytest.mark.parametrize("method", ["jacobi", "subsets"])
def test_batches_accept_true_proofs_and_no_false_one_whatever_the_nonces(
    nonces: str, images: str, buckets: bool, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if buckets:
        monkeypatch.setattr(curve, "interleaving_pays", lambda _: False)
    secrets = {"one": [4] * 6, "opposite": [4, -4] * 3, "several": [4, 5, -4, -5, 9, 0]}[images]
    proofs = []
    for index, (nonce, secret) in enumerate(zip(NONCES[nonces], secrets, strict=True)):
        c = (1 << 255) + index // 2
        proofs.append((_claimed(secret), (c % ORDER, (nonce - c * secret) % ORDER), _claimed(nonce)))

    def decided(changed: int | None, weights: Constant | FreshWeights) -> bool:
        batch = Batch(GROUP, weights, method=method)  # type: ignore[arg-type]
        for index, (image, (c, v), commitment) in enumerate(proofs):
            stated = (c, (v + 1) % ORDER) if index == changed else (c, v)
            batch.add_schnorr(GROUP.generator, image, stated, commitment)
        return batch.decide() is not None

    for value in (1, 1 << 127, (1 << 128) - 1):
        assert decided(None, Constant(value))
        assert not decided(3, Constant(value))
    assert decided(None, FreshWeights())
    assert not any(decided(changed, FreshWeights()) for changed in range(len(proofs)))


def _claimed(factor: int) -> Claimed:
    return GROUP.claim(GROUP.power(GROUP.generator, GROUP.scalar(factor)).encode())


Held = tuple[Election, list[SubmittedBallot], list[BallotHint]]


@pytest.fixture(scope="module")
def held() -> Iterator[Held]:
    """An election on the curve, four ballots and their hints."""
    stock = Stock(GROUP)
    stored = stock.record(Shape(options=2), 4)
    ballots = [ballot for _, _, ballot in stored.reader().ballots()]
    kept = [ballot for ballot in ballots if not isinstance(ballot, DecodeError)]
    hints = [hint for ballot in kept if (hint := compute_hint(stored.election, ballot)) is not None]
    yield stored.election, kept, hints
    stock.close()


def test_ballots_of_one_another_are_decided_together_where_all_weights_are_equal(held: Held) -> None:
    """A copied ballot has the points of its model; with these weights all of them meet."""
    election, ballots, hints = held
    for chosen in ([0, 1, 2, 3] * 4, [0] * 16, [0, 0, 1, 1] * 4):
        found = examine_chunk(
            election,
            [ballots[i] for i in chosen],
            [hints[i] for i in chosen],
            weights=lambda: Constant(1 << 127),
        )
        assert (found.batched, found.wrong_hints) == (16, 0)
        assert not any(examination.findings for examination in found.examinations)


def _changed(hint: BallotHint, change: Callable[[bytes], bytes]) -> BallotHint:
    width = GROUP.element_bytes
    data = hint.encode()
    last = data[-width:]
    return BallotHint.decode(data[:-width] + change(last), width)


HINTS: dict[str, Callable[[bytes], bytes]] = {
    "opposite": lambda data: bytes([data[0] ^ 1]) + data[1:],
    "infinite": lambda _: b"\xff" * 33,
    "of the generator": lambda _: GROUP.generator.encode(),
}


@pytest.mark.parametrize("change", HINTS)
def test_chosen_hints_are_a_warning_and_change_no_verdict(held: Held, change: str) -> None:
    election, ballots, hints = held
    many, given = [*ballots] * 4, [*hints] * 4
    chosen = [_changed(hint, HINTS[change]) if index < 3 else hint for index, hint in enumerate(given)]
    found = examine_chunk(election, many, chosen)
    assert found.wrong_hints == 3 and found.plain >= 3
    assert not any(examination.findings for examination in found.examinations)


def test_a_ballot_whose_proof_is_false_is_found_among_its_copies(held: Held) -> None:
    election, ballots, hints = held
    contest, *rest = ballots[0].ballot.contests
    selection, *others = contest.selections
    first, second = selection.proof[:2]
    swapped = replace(selection, proof=(second, first, *selection.proof[2:]))
    bad = replace(
        ballots[0],
        ballot=replace(ballots[0].ballot, contests=(replace(contest, selections=(swapped, *others)), *rest)),
    )
    many = [ballots[0]] * 9 + [bad] + [ballots[1]] * 6
    given = [hints[0]] * 10 + [hints[1]] * 6
    found = examine_chunk(election, many, given)
    assert [bool(examination.findings) for examination in found.examinations] == [i == 9 for i in range(16)]
    assert examine(election, bad).findings
