"""What the tests of batch verification share: statements that anybody can spoil, and a slow oracle.

The oracle writes the combined equation down once more with plain integers and ``pow``. It can leave
steps out, so that tests can show what each step is for; the package cannot.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from evote.elgamal import Ciphertext, PublicKey
from evote.groups import Claimed, Group, Scalar
from evote.groups.modp import ModPGroup
from evote.proofs.batch import Accepted, Batch, FreshWeights, Method, Weights
from evote.proofs.range_prover import prove_range
from evote.proofs.relation import DisjunctionProof, RelationProof
from evote.randomness import SYSTEM, Randomness
from evote.secret import Secret
from tests.proofs.setting import KEY, claimed, encrypted, number, parameters, range_challenge

METHODS: tuple[Method, ...] = ("jacobi", "subsets")


@dataclass(frozen=True, slots=True)
class Ranged:
    """A range proof of a product of ciphertexts, with the commitments as somebody states them."""

    key: PublicKey
    alphas: tuple[Claimed, ...]
    betas: tuple[Claimed, ...]
    pairs: tuple[tuple[int, int], ...]
    commitments: tuple[Claimed, ...]

    @property
    def group(self) -> Group:
        return self.key.group

    @property
    def proof(self) -> DisjunctionProof:
        scalar = self.group.scalar
        return DisjunctionProof(tuple(RelationProof(scalar(c), (scalar(v),)) for c, v in self.pairs))

    def add_to(self, batch: Batch) -> None:
        batch.add_range(self.key, self.alphas, self.betas, self.pairs, self.commitments)

    def values(self) -> tuple[Claimed, ...]:
        """Every value by position: alphas, betas, commitments."""
        return (*self.alphas, *self.betas, *self.commitments)

    def changed(self, position: int, change: Callable[[Claimed], Claimed]) -> Ranged:
        """The same with one value changed, counted as in :meth:`values`."""
        values = list(self.values())
        values[position] = change(values[position])
        n = len(self.alphas)
        return dataclasses.replace(
            self,
            alphas=tuple(values[:n]),
            betas=tuple(values[n : 2 * n]),
            commitments=tuple(values[2 * n :]),
        )

    def answered(self, branch: int, challenge: int = 0, response: int = 0) -> Ranged:
        """The same with something added to one challenge or response."""
        q = self.group.order
        pairs = list(self.pairs)
        c, v = pairs[branch]
        pairs[branch] = ((c + challenge) % q, (v + response) % q)
        return dataclasses.replace(self, pairs=tuple(pairs))


def selection(value: int = 0, limit: int = 1, key: PublicKey = KEY) -> Ranged:
    """An honest selection as it arrives from outside."""
    ciphertext, nonce = encrypted(value, key)
    return _proven(key, [ciphertext], value, nonce, limit)


def contest(values: Sequence[int], limit: int, key: PublicKey = KEY) -> list[Ranged]:
    """Selections 0..1 and, last, the limit of their product over the same objects."""
    ballots = [encrypted(value, key) for value in values]
    selections = [_proven(key, [c], v, n, 1) for (c, n), v in zip(ballots, values, strict=True)]
    nonce = Secret(key.group.scalar(sum(n.reveal().value for _, n in ballots)))
    total = _proven(key, [ciphertext for ciphertext, _ in ballots], sum(values), nonce, limit)
    return [
        *selections,
        dataclasses.replace(
            total,
            alphas=tuple(each.alphas[0] for each in selections),
            betas=tuple(each.betas[0] for each in selections),
        ),
    ]


def _proven(
    key: PublicKey, factors: Sequence[Ciphertext], value: int, nonce: Secret[Scalar], limit: int
) -> Ranged:
    group = key.group
    total = Ciphertext(
        group.product(factor.alpha for factor in factors), group.product(factor.beta for factor in factors)
    )
    made = prove_range(key, total, value, nonce, limit, range_challenge(total.alpha, total.beta))
    return Ranged(
        key,
        tuple(claimed(factor.alpha) for factor in factors),
        tuple(claimed(factor.beta) for factor in factors),
        tuple((branch.challenge.value, branch.responses[0].value) for branch in made.proof.branches),
        tuple(claimed(commitment) for commitment in made.commitments),
    )


def decide(
    statements: Iterable[Ranged],
    method: Method = "jacobi",
    *,
    weights: Weights | None = None,
    rng: Randomness = SYSTEM,
    bits: int = 128,
) -> Accepted | None:
    """One batch over the statements."""
    held = list(statements)
    batch = Batch(held[0].group, FreshWeights(rng, bits) if weights is None else weights, method=method)
    for statement in held:
        statement.add_to(batch)
    return batch.decide()


# --- changes ---------------------------------------------------------------------------------------


def times(factor: int) -> Callable[[Claimed], Claimed]:
    """Multiplied by an integer, which need not be a member."""

    def change(value: Claimed) -> Claimed:
        group = modp(value.group)
        return group.claim((number(value) * factor % group.modulus).to_bytes(group.element_bytes, "big"))

    return change


def modp(group: Group) -> ModPGroup:
    if not isinstance(group, ModPGroup):
        raise TypeError("these tests spoil integers mod p")
    return group


def of_order_2(group: Group) -> int:
    return modp(group).modulus - 1


def of_order_r(group: Group) -> int:
    """An element of order r', the large factor of p - 1 beside q."""
    p, q = modp(group).modulus, group.order
    return next(h for x in range(2, 100) if (h := pow(x, 2 * q, p)) != 1)


# --- weights ---------------------------------------------------------------------------------------


class Listed:
    """Weights that a test chose; too few is an error."""

    def __init__(self, numbers: Iterable[int], bits: int) -> None:
        self.bits = bits
        self._numbers: Iterator[int] = iter(numbers)
        self.drawn = 0

    def draw(self) -> int:
        self.drawn += 1
        return next(self._numbers)


def every_draw(count: int, bits: int) -> Iterator[tuple[int, ...]]:
    """All that ``count`` weights can be."""
    return itertools.product(range(1 << bits), repeat=count)


def share(outcomes: Iterable[bool]) -> Fraction:
    """The share of True: an exact probability where all draws are tried."""
    held = list(outcomes)
    return Fraction(sum(held), len(held))


# --- the oracle ------------------------------------------------------------------------------------


def images_of(statements: Sequence[Ranged]) -> list[int]:
    """Every alpha and beta once, in the order in which they come."""
    return list(dict.fromkeys(number(x) for s in statements for x in (*s.alphas, *s.betas)))


def oracle(
    statements: Sequence[Ranged],
    weights: Sequence[int],
    *,
    lifted: bool = True,
    reduced: bool = True,
    symbols: bool = True,
) -> bool:
    """The decision by its definition; the weights of the equations first, then those of the images.

    ``lifted``: images get + q t. ``reduced``: exponents of images are taken modulo q. ``symbols``:
    Jacobi symbols are looked at (by Euler's criterion).
    """
    params = parameters(statements[0].group)
    p, q, g = params.p, params.q, params.g
    if symbols and any(
        pow(number(x), (p - 1) // 2, p) != 1 for statement in statements for x in statement.values()
    ):
        return False
    drawn = iter(weights)
    left = right = 1
    asked = dict.fromkeys(images_of(statements), 0)
    for statement in statements:
        key = number(statement.key.base)
        hints = [number(x) for x in statement.commitments]
        for j, (c, v) in enumerate(statement.pairs):
            e, f = next(drawn), next(drawn)
            left = left * pow(g, e * v % q, p) * pow(key, f * (v - j * c) % q, p) % p
            right = right * pow(hints[2 * j], e, p) * pow(hints[2 * j + 1], f, p) % p
            for x in statement.alphas:
                asked[number(x)] += e * c
            for x in statement.betas:
                asked[number(x)] += f * c
    for value, exponent in asked.items():
        t = next(drawn) if lifted else 0
        # The exponent stands on the side of the commitments, as -exponent modulo q.
        power = (-exponent % q if reduced else -exponent) + q * t
        right = right * pow(value, power, p) % p
    return left == right


def equations_hold(statement: Ranged) -> bool:
    """Every equation of a range as it stands in Z_p*, each by itself."""
    params = parameters(statement.group)
    p, q, g = params.p, params.q, params.g
    key = number(statement.key.base)
    alpha = beta = 1
    for x, y in zip(statement.alphas, statement.betas, strict=True):
        alpha, beta = alpha * number(x) % p, beta * number(y) % p
    hints = [number(x) for x in statement.commitments]
    return all(
        hints[2 * j] == pow(g, v, p) * pow(alpha, c, p) % p
        and hints[2 * j + 1] == pow(key, (v - j * c) % q, p) * pow(beta, c, p) % p
        for j, (c, v) in enumerate(statement.pairs)
    )
