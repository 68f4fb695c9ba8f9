"""``selections.json``: one selection or contest limit, encrypted, proven and verified."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from evote.ballots import hashes
from evote.ballots.values import ProofPair
from evote.elgamal import Ciphertext, PublicKey, encrypt
from evote.errors import DecodeError, VerificationError
from evote.groups import MembershipError, Scalar
from evote.proofs.range_prover import prove_range
from evote.proofs.ranges import range_statement
from evote.proofs.relation import DisjunctionProof, RelationProof
from evote.proofs.verify import verify_disjunction
from evote.secret import Secret
from tests.vectors.form import members, plain, read_value
from tests.vectors.run import Kinds, Result
from tests.vectors.scripted import Scripted, branch_numbers
from tests.vectors.setting import package_group

FILE = "selections.json"


def run(params: dict[str, Any], **given: Any) -> Result:
    group = package_group(params["group"])
    return KINDS[params["kind"]](_key(group.name, params["vote_key"]), **given)


@functools.cache
def _key(group: str, encoded: str) -> PublicKey:
    return PublicKey.of(package_group(group).decode(bytes.fromhex(encoded)))


def _challenge(
    public: PublicKey, key: str, contest: int, option: int | None, alpha: bytes, beta: bytes
) -> Callable[[Sequence[bytes]], Scalar]:
    group, h_i = public.group, bytes.fromhex(key)

    def challenge(commitments: Sequence[bytes]) -> Scalar:
        if option is None:
            return hashes.limit_challenge(group, h_i, contest, alpha, beta, commitments)
        return hashes.selection_challenge(group, h_i, contest, option, alpha, beta, commitments)

    return challenge


def _proven(
    public: PublicKey,
    ciphertext: Ciphertext,
    value: int,
    nonce: Scalar,
    limit: int,
    random: list[dict[str, Any]],
    challenge: Callable[[Sequence[bytes]], Scalar],
) -> dict[str, Any]:
    rng = Scripted(numbers=branch_numbers(random))
    proof = prove_range(public, ciphertext, value, Secret(nonce), limit, challenge, rng=rng).proof
    rng.end()
    pairs = [
        {"challenge": branch.challenge.encode(), "response": branch.responses[0].encode()}
        for branch in proof.branches
    ]
    alpha, beta = ciphertext.alpha.encode(), ciphertext.beta.encode()
    return {"alpha": alpha, "beta": beta, "proof": pairs}


def _encrypt(
    public: PublicKey,
    key: str,
    contest: int,
    option: int,
    limit: int,
    value: int,
    nonce: str,
    random: list[dict[str, Any]],
) -> Result:
    scalar = public.group.decode_scalar(bytes.fromhex(nonce))
    made = encrypt(public, value, scalar)
    challenge = _challenge(public, key, contest, option, made.alpha.encode(), made.beta.encode())
    return Result({"option": option, **_proven(public, made, value, scalar, limit, random, challenge)})


def _limit(
    public: PublicKey,
    key: str,
    contest: int,
    limit: int,
    selections: list[dict[str, Any]],
    random: list[dict[str, Any]],
) -> Result:
    group = public.group
    pairs = [members(item, "value", "nonce") for item in selections]
    values = [value for value, _ in pairs]
    nonces = [group.decode_scalar(bytes.fromhex(nonce)) for _, nonce in pairs]
    made = [encrypt(public, value, nonce) for value, nonce in zip(values, nonces, strict=True)]
    total = Ciphertext(group.product(one.alpha for one in made), group.product(one.beta for one in made))
    nonce = group.scalar(0)
    for one in nonces:
        nonce = nonce + one
    challenge = _challenge(public, key, contest, None, total.alpha.encode(), total.beta.encode())
    return Result(_proven(public, total, sum(values), nonce, limit, random, challenge))


def _verify(
    public: PublicKey,
    key: str,
    contest: int,
    option: int | None,
    limit: int,
    alpha: str,
    beta: str,
    proof: list[dict[str, Any]],
) -> Result:
    """The steps of verification 6 or 7 on one ciphertext, in the order of the package's examiner."""
    group, step = public.group, "7" if option is None else "6"
    failed = []
    branches = []
    for member in proof:
        pair = read_value(ProofPair, member, group.element_bytes)
        scalars = []
        for letter, data in (("B", pair.challenge), ("C", pair.response)):
            value = int.from_bytes(data, "big")
            if value >= group.order:
                failed.append(f"{step}.{letter}")
            scalars.append(group.scalar(value))
        branches.append(RelationProof(scalars[0], (scalars[1],)))
    encoded = bytes.fromhex(alpha), bytes.fromhex(beta)
    try:
        claimed = [group.claim(data) for data in encoded]
        statement = range_statement(public, claimed[0], claimed[1], limit)
        challenge = _challenge(public, key, contest, option, *encoded)
        verify_disjunction(group, statement, DisjunctionProof(tuple(branches)), challenge)
    except (DecodeError, MembershipError):
        failed.append(f"{step}.A")
    except VerificationError:
        failed.append(f"{step}.D")
    return Result(plain("verify" if failed else "accept"), tuple(failed))


KINDS: Kinds = {"encrypt": _encrypt, "limit": _limit, "verify": _verify}
