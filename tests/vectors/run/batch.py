"""``batch.json``: derived weights, combinations, the combined equation, decisions by both methods."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from gmpy2 import mpz

from evote.elgamal import PublicKey
from evote.errors import VerificationError
from evote.groups import Claimed, Group, multiexp
from evote.groups.modp import ModPGroup
from evote.proofs.batch import Accepted, Batch, DerivedWeights, Method
from tests.vectors.form import members, outcome
from tests.vectors.run import Kinds, Result
from tests.vectors.setting import package_group

FILE = "batch.json"


class Recording(ModPGroup):
    """A group that keeps the last combination that it was asked for."""

    exponents: Sequence[int] = ()
    combined: Claimed | None = None

    def combination(self, values: Sequence[Claimed], exponents: Sequence[int]) -> Claimed:
        self.exponents, self.combined = exponents, super().combination(values, exponents)
        return self.combined


@functools.cache
def _recording(name: str) -> Recording:
    known = package_group(name)
    if not isinstance(known, ModPGroup):
        raise TypeError(f"{name} is no group of integers")
    g = int.from_bytes(known.generator.encode(), "big")
    return Recording(name, known.profile, p=known.modulus, q=known.order, g=g)


def run(params: dict[str, Any], **given: Any) -> Result:
    if params["kind"] == "weights":
        return _weights(**given)
    if params["kind"] == "combination":
        return _combination(params["group"], **given)
    return KINDS[params["kind"]](params["group"], params["vote_key"], **given)


def _weights(seed: str, bits: int, count: int) -> Result:
    made: list[bytes] = []

    def draw() -> None:
        weights = DerivedWeights(bytes.fromhex(seed), bits)
        made.extend(weights.draw().to_bytes(bits // 8, "big") for _ in range(count))

    word = outcome(draw)
    return Result({"weights": made} if word == "accept" else word)


def _combination(name: str, values: list[str], exponents: list[str], bits: int) -> Result:
    group = package_group(name)
    claimed = [group.claim(bytes.fromhex(value)) for value in values]
    powers = [int(exponent, 16) for exponent in exponents]
    product = group.combination(claimed, powers)
    if not isinstance(group, ModPGroup):
        raise TypeError(f"{name} is no group of integers")
    raws = [mpz(int(value, 16)) for value in values]
    again, subsets = multiexp.combination_and_subsets(mpz(group.modulus), raws, powers, bits)
    if again != int.from_bytes(product.encode(), "big"):
        raise AssertionError("the two ways to a combination differ")
    width = group.element_bytes
    return Result({"product": product.encode(), "subsets": [int(s).to_bytes(width, "big") for s in subsets]})


def _decision(
    group: Group, vote_key: str, seed: str, bits: int, statements: list[dict[str, Any]], method: Method
) -> Accepted | None:
    batch = Batch(group, DerivedWeights(bytes.fromhex(seed), bits), method=method)
    key = _key(group, vote_key)
    for statement in statements:
        alphas, betas, proof, commitments = members(statement, "alphas", "betas", "proof", "commitments")
        pairs = []
        for pair in proof:
            c, v = (
                group.decode_scalar(bytes.fromhex(part)) for part in members(pair, "challenge", "response")
            )
            pairs.append((c.value, v.value))
        a, b, hints = (
            [group.claim(bytes.fromhex(value)) for value in part] for part in (alphas, betas, commitments)
        )
        batch.add_range(key, a, b, pairs, hints)
    return batch.decide()


@functools.cache
def _key(group: Group, encoded: str) -> PublicKey:
    return PublicKey.of(group.decode(bytes.fromhex(encoded)))


def _equation(
    name: str, vote_key: str, seed: str, bits: int, statements: list[dict[str, Any]]
) -> Result:
    group = _recording(name)
    if _decision(group, vote_key, seed, bits, statements, "jacobi") is None or group.combined is None:
        return Result("verify")
    # The combination has the images first, then the commitments.
    count = sum(len(statement["commitments"]) for statement in statements)
    images = len(group.exponents) - count
    weights = DerivedWeights(bytes.fromhex(seed), bits)
    drawn = [weights.draw() for _ in range(count + images)]
    if list(group.exponents[images:]) != drawn[:count]:
        raise AssertionError("the commitments' exponents are not the first weights")
    return Result(
        {
            "weights": [weight.to_bytes(bits // 8, "big") for weight in drawn],
            "exponents": [e.to_bytes(bits // 8 + 32, "big") for e in group.exponents[:images]],
            "product": group.combined.encode(),
        }
    )


def _decide(name: str, vote_key: str, seed: str, bits: int, statements: list[dict[str, Any]]) -> Result:
    group = package_group(name)

    def check(method: Method) -> None:
        if _decision(group, vote_key, seed, bits, statements, method) is None:
            raise VerificationError("the batch does not hold")

    words = {outcome(functools.partial(check, method)) for method in ("jacobi", "subsets")}
    return Result(words.pop() if len(words) == 1 else "the methods differ")


KINDS: Kinds = {"equation": _equation, "decide": _decide}
