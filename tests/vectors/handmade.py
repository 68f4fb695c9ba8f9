"""Ballots made with the oracle: what a case of ``ballots.json`` and its followers contains.

A :class:`Plan` says everything that goes into a ballot, the random numbers included; nothing is
drawn here that it does not name. A value of a selection may lie outside its range and a sign may be
turned: proofs and hashes are then those that a dishonest device would make.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from evote.manifest import Contest
from evote.randomness import Randomness
from evote.testing.randomness import SeededRandomness
from tests.vectors.oracle import (
    ballot_nonce_pad,
    contest_data_pad,
    contest_record,
    context_identifier,
    hashed,
    hashed_number,
    hedged_nonce,
    number,
    range_proof,
    scalar,
    schnorr,
    u4,
    xor,
)
from tests.vectors.setting import World

Pair = dict[str, bytes]
Ballot = dict[str, Any]


@dataclass(frozen=True)
class Vote:
    """What is encrypted in one contest: a value per field, and the contest data's head."""

    values: Sequence[int]
    status: int = 0
    marks: Sequence[int] = ()
    write_ins: Sequence[str] = ()


@dataclass(frozen=True)
class Plan:
    """One ballot to be made; ``votes`` by contest label, in the order of the style."""

    seed: str
    unit: str
    style: str
    votes: Mapping[str, Vote]
    device: str = "device 1"
    last: bytes | None = None
    """The code before, in chaining mode 1; None for the first ballot of a chain, and in mode 0."""
    pseudonym: bytes | None = None
    flips: frozenset[tuple[str, int]] = frozenset()
    """(contest, position from 0): alpha becomes p - alpha, under a proof whose equations still hold."""
    nonces: Mapping[tuple[str, int], int] = field(default_factory=dict)
    """(contest, position from 0): another nonce than the derived one."""


@dataclass(frozen=True)
class Made:
    """A ballot with what its device knew."""

    ballot: Ballot
    context: dict[str, Any]
    nonce: bytes
    device_secret: bytes
    random: dict[str, Any]

    def cast(self) -> dict[str, Any]:
        """The submitted ballot, to be counted."""
        return {"state": "cast", "ballot": self.ballot, "context": self.context}

    def challenged(self) -> dict[str, Any]:
        """The submitted ballot, to be opened."""
        return {"state": "challenged", "ballot": self.ballot, "context": None}


def chain_start(w: World, device: str) -> tuple[bytes, bytes, bytes]:
    """H_DI, B_C,0 and H_0 (72), (75), (74)."""
    hashed_device = hashed("device_hash", w.numbers, key=w.extended_hash, device=device)
    initial = u4(1) + hashed_device
    return (
        hashed_device,
        initial,
        hashed("chain_code", w.numbers, key=w.extended_hash, chaining_field=initial),
    )


def chaining_field(w: World, device: str, last: bytes | None) -> bytes:
    """B_C of the next ballot (73), (76)."""
    hashed_device, _, start = chain_start(w, device)
    if int(w.manifest.chaining) == 0:
        return u4(0) + hashed_device
    return u4(1) + (start if last is None else last)


def make(w: World, plan: Plan) -> Made:
    """The ballot of a plan."""
    rng = SeededRandomness(f"vectors/{plan.seed}")
    device_secret, randomness, fresh = rng.token(32), rng.token(32), rng.token(32)
    identifier = context_identifier(w.extended_hash, plan.unit, plan.style, plan.pseudonym, randomness)
    key = hashed("identifier_hash", w.numbers, key=w.extended_hash, identifier=identifier)
    nonce = hedged_nonce(fresh, device_secret, identifier)
    contests, draws = [], []
    for contest in w.manifest.contests_of(plan.style):
        made, drawn = _contest(w, plan, rng, key, nonce, contest)
        contests.append(made)
        draws.append(drawn)
    sealing, u = rng.below(w.numbers.q), rng.below(w.numbers.q)
    field_ = chaining_field(w, plan.device, plan.last)
    ballot = {
        "identifier": identifier,
        "identifier_hash": key,
        "unit": plan.unit,
        "style": plan.style,
        "weight": w.manifest.style(plan.style).weight,
        "device": plan.device,
        "contests": contests,
        "nonce": sealed_nonce(w, key, nonce, sealing, u),
        "chaining_field": field_,
        "confirmation_code": confirmation_code(w, key, contests, field_),
    }
    random = {
        "context": randomness,
        "ballot_nonce": fresh,
        "contests": draws,
        "nonce": scalar(sealing),
        "nonce_u": scalar(u),
    }
    context = {"pseudonym": plan.pseudonym, "randomness": randomness}
    return Made(ballot, context, nonce, device_secret, random)


def draw_branches(rng: Randomness, q: int, value: int, limit: int) -> tuple[list[int], list[int | None]]:
    """u_j and c_j of a range proof; c_j is None in the branch that holds."""
    honest = min(max(value, 0), limit)
    us, cs = [], []
    for j in range(limit + 1):
        us.append(rng.below(q))
        c = rng.below(q)
        cs.append(None if j == honest else c)
    return us, cs


def branches_as_written(us: Sequence[int], cs: Sequence[int | None]) -> list[dict[str, bytes | None]]:
    """The random numbers of a range proof as a case states them."""
    return [{"u": scalar(u), "c": None if c is None else scalar(c)} for u, c in zip(us, cs, strict=True)]


def selection(
    w: World,
    key: bytes,
    contest: int,
    option: int,
    value: int,
    nonce: int,
    limit: int,
    rng: Randomness,
    *,
    flip: bool = False,
) -> tuple[dict[str, Any], list[dict[str, bytes | None]]]:
    """(31) with its proof (57) to (61), and the random numbers used."""
    n = w.numbers
    alpha, beta = n.power(n.g, nonce), n.power(w.vote_key, (value + nonce) % n.q)
    if flip:
        alpha = n.p - alpha
    encoded = {"alpha": n.element(alpha), "beta": n.element(beta)}

    def challenge(commitments: list[bytes]) -> int:
        return hashed_number(
            "selection_challenge",
            n,
            key=key,
            contest=contest,
            option=option,
            **encoded,
            commitments=commitments,
        )

    while True:
        us, cs = draw_branches(rng, n.q, value, limit)
        proof = range_proof(n, w.vote_key, value, nonce, us, cs, challenge)
        # alpha^c loses the sign of alpha where c is even.
        if not flip or all(number(pair["challenge"]) % 2 == 0 for pair in proof):
            return {"option": option, **encoded, "proof": proof}, branches_as_written(us, cs)


def limit_proof(
    w: World,
    key: bytes,
    contest: int,
    selections: Sequence[Mapping[str, Any]],
    total: int,
    nonce: int,
    limit: int,
    rng: Randomness,
    *,
    even: bool = False,
) -> tuple[list[Pair], list[dict[str, bytes | None]]]:
    """The proof of (62) over the product of ``selections``, and the random numbers used."""
    n = w.numbers
    alpha = beta = 1
    for item in selections:
        alpha = alpha * number(item["alpha"]) % n.p
        beta = beta * number(item["beta"]) % n.p

    def challenge(commitments: list[bytes]) -> int:
        return hashed_number(
            "limit_challenge",
            n,
            key=key,
            contest=contest,
            alpha=n.element(alpha),
            beta=n.element(beta),
            commitments=commitments,
        )

    while True:
        us, cs = draw_branches(rng, n.q, total, limit)
        proof = range_proof(n, w.vote_key, total, nonce % n.q, us, cs, challenge)
        if not even or all(number(pair["challenge"]) % 2 == 0 for pair in proof):
            return proof, branches_as_written(us, cs)


def sealed_nonce(w: World, key: bytes, nonce: bytes, sealing: int, u: int) -> dict[str, Any]:
    """The ballot nonce under the data key (34) to (38)."""
    n = w.numbers
    c0, beta = n.elements(n.power(n.g, sealing), n.power(w.data_key, sealing))
    secret = hashed("ballot_nonce_key", n, key=key, alpha=c0, beta=beta)
    c1 = xor(nonce, ballot_nonce_pad(secret))
    c2 = schnorr(
        n, sealing, u, lambda a: hashed_number("ballot_nonce_challenge", n, key=key, a=a, c0=c0, c1=c1)
    )
    return {"c0": c0, "c1": c1, "c2": c2}


def sealed_data(w: World, key: bytes, contest: int, data: bytes, nonce: int, u: int) -> dict[str, Any]:
    """Contest data under the data key (64) to (69)."""
    n = w.numbers
    c0, beta = n.elements(n.power(n.g, nonce), n.power(w.data_key, nonce))
    secret = hashed("contest_data_key", n, key=key, contest=contest, alpha=c0, beta=beta)
    c1 = xor(data, contest_data_pad(secret, contest, len(data) // 32))
    c2 = schnorr(
        n,
        nonce,
        u,
        lambda a: hashed_number("contest_data_challenge", n, key=key, contest=contest, a=a, c0=c0, c1=c1),
    )
    return {"c0": c0, "c1": c1, "c2": c2}


def contest_hash(w: World, key: bytes, contest: Mapping[str, Any]) -> bytes:
    """(70) of an encrypted contest."""
    data = contest["data"]
    fields = [] if data is None else [data["c0"], data["c1"], data["c2"]["challenge"], data["c2"]["response"]]
    return hashed(
        "contest_hash",
        w.numbers,
        key=key,
        contest=contest["contest"],
        ciphertexts=[[item["alpha"], item["beta"]] for item in contest["selections"]],
        data=fields,
    )


def confirmation_code(w: World, key: bytes, contests: Sequence[Mapping[str, Any]], chaining: bytes) -> bytes:
    """(71)."""
    return hashed(
        "confirmation_code",
        w.numbers,
        key=key,
        contest_hashes=[contest["contest_hash"] for contest in contests],
        chaining_field=chaining,
    )


def rehashed(w: World, ballot: Ballot) -> Ballot:
    """The ballot with its contest hashes and its confirmation code computed again."""
    key = hashed("identifier_hash", w.numbers, key=w.extended_hash, identifier=ballot["identifier"])
    contests = [{**contest, "contest_hash": contest_hash(w, key, contest)} for contest in ballot["contests"]]
    code = confirmation_code(w, key, contests, ballot["chaining_field"])
    return {**ballot, "contests": contests, "confirmation_code": code}


def derived_nonce(w: World, key: bytes, contest: int, option: int, ballot_nonce: bytes) -> int:
    """(33)."""
    return hashed_number(
        "selection_nonce", w.numbers, key=key, contest=contest, option=option, ballot_nonce=ballot_nonce
    )


def data_nonce(w: World, key: bytes, contest: int, ballot_nonce: bytes) -> int:
    """(64)."""
    return hashed_number("contest_data_nonce", w.numbers, key=key, contest=contest, ballot_nonce=ballot_nonce)


def _contest(
    w: World, plan: Plan, rng: Randomness, key: bytes, ballot_nonce: bytes, contest: Contest
) -> tuple[dict[str, Any], dict[str, Any]]:
    vote = plan.votes[contest.label]
    selections, draws, counted = [], [], []
    total = total_nonce = 0
    for position, (option, value) in enumerate(zip(contest.options, vote.values, strict=True)):
        nonce = derived_nonce(w, key, contest.index, option.index, ballot_nonce)
        nonce = plan.nonces.get((contest.label, position), nonce)
        flip = (contest.label, position) in plan.flips
        made, drawn = selection(
            w, key, contest.index, option.index, value, nonce, option.limit, rng, flip=flip
        )
        selections.append(made)
        draws.append(drawn)
        if option.in_limit:
            counted.append(made)
            total, total_nonce = total + value, total_nonce + nonce
    signs = sum((contest.label, position) in plan.flips for position in range(len(contest.selectable)))
    proof, limit_draws = limit_proof(
        w, key, contest.index, counted, total, total_nonce, contest.limit, rng, even=signs % 2 == 1
    )
    data = u = None
    if contest.data is not None:
        u = rng.below(w.numbers.q)
        plaintext = contest_record(vote.status, vote.marks, vote.write_ins, contest.data.blocks)
        nonce = data_nonce(w, key, contest.index, ballot_nonce)
        data = sealed_data(w, key, contest.index, plaintext, nonce, u)
    encrypted: dict[str, Any] = {
        "contest": contest.index,
        "selections": selections,
        "limit_proof": proof,
        "data": data,
        "contest_hash": b"",
    }
    encrypted["contest_hash"] = contest_hash(w, key, encrypted)
    return encrypted, {
        "selections": draws,
        "limit": limit_draws,
        "data_u": None if u is None else scalar(u),
    }
