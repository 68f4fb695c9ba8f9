"""Verifications 10 and 12: each condition fails alone where it can, and forgeries are refused (A8, A42)."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from evote.ballots.values import EncryptedBallot
from evote.decryption import BallotData, FieldSum, examine_data, examine_decryption
from evote.decryption.hashes import tally_challenge
from evote.groups import Element
from evote.tally import DecryptedData, DecryptedField
from tests.decryption.sessions import Closed, run, small


@dataclass(frozen=True)
class Case:
    """A decrypted field with all that its check takes."""

    closed: Closed
    alpha: Element
    beta: Element
    contest: int
    option: int
    field: DecryptedField

    def failed(self, **change: object) -> set[str]:
        case = replace(self, **change)  # type: ignore[arg-type]
        findings, counts = examine_decryption(
            case.closed.kit.election, case.alpha, case.beta, case.contest, case.option, case.field
        )
        assert counts == {"10.A": 1, "10.B": 1, "10.C": 1}
        return {finding.check for finding in findings}

    def field_failed(self, **change: object) -> set[str]:
        return self.failed(field=replace(self.field, **change))  # type: ignore[arg-type]


@functools.cache
def case() -> Case:
    closed = small()
    request = closed.request((1, 2))
    statement = request.statements[5]
    assert isinstance(statement, FieldSum)
    field = run(closed, (1, 2)).cells[1].fields[2]
    assert field.count == 4
    return Case(closed, statement.alpha, statement.beta, 2, 3, field)


def number(data: bytes) -> int:
    return int.from_bytes(data, "big")


def plus_order(data: bytes) -> bytes:
    return (number(data) + case().closed.kit.q).to_bytes(32, "big")


def flip(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def test_an_honest_field_passes() -> None:
    assert case().failed() == set()


def test_a_response_out_of_range_fails_10a_alone() -> None:
    assert case().field_failed(response=plus_order(case().field.response)) == {"10.A"}


def test_a_wrong_proof_fails_10b_alone() -> None:
    field = case().field
    assert case().field_failed(response=flip(field.response)) == {"10.B"}
    assert case().field_failed(challenge=flip(field.challenge)) == {"10.B"}
    assert case().field_failed(challenge=plus_order(field.challenge)) == {"10.B"}
    assert case().field_failed(challenge=b"\xff" * 32) == {"10.B"}


def test_a_wrong_count_fails_10c_alone() -> None:
    assert case().field_failed(count=3) == {"10.C"}
    assert case().field_failed(count=5) == {"10.C"}
    assert case().field_failed(count=2**53 - 1) == {"10.C"}


def test_a_wrong_power_fails_10b_and_10c() -> None:
    kit = case().closed.kit
    group = kit.group
    other = group.power(kit.election.vote_key.base, group.scalar(5))
    assert case().field_failed(power=other.encode()) == {"10.B", "10.C"}
    # Even where the count goes with it: then M is another, and it is in the hash (A8).
    assert case().field_failed(power=other.encode(), count=5) == {"10.B"}


@pytest.mark.parametrize("power", ["negated", "zero", "p", "full", "order-r"])
def test_a_power_outside_the_group_fails_10b_and_10c(power: str) -> None:
    kit = case().closed.kit
    p, size = kit.p, kit.group.element_bytes
    values = {
        "negated": p - number(case().field.power),
        "zero": 0,
        "p": p,
        "full": 2 ** (8 * size) - 1,
        "order-r": pow(3, kit.q, p),
    }
    data = values[power].to_bytes(size, "big")
    assert case().field_failed(power=data) == {"10.B", "10.C"}


def test_everything_in_the_challenge_matters() -> None:
    """Contest, option, A, B and the election each change the challenge (A1)."""
    group = case().closed.kit.group
    element = group.generator
    assert case().failed(contest=1) == {"10.B"}
    assert case().failed(option=2) == {"10.B"}
    assert case().failed(alpha=element) == {"10.B"}
    assert case().failed(beta=element) == {"10.B"}
    other = small(5, 3)
    assert case().failed(closed=other) == {"10.B", "10.C"}


def test_a_factor_chosen_after_the_challenge_is_refused() -> None:
    """A42, A8: without M in the hash, any count could be proven like this."""
    kit = case().closed.kit
    election, group = kit.election, kit.group
    alpha, beta = case().alpha.encode(), case().beta.encode()
    p, q = kit.p, kit.q
    wanted = 1
    power = group.power(election.vote_key.base, group.scalar(wanted))
    combined = number(beta) * pow(number(power.encode()), -1, p) % p
    # The prover fixes a and some b, takes the challenge, and solves for what would satisfy 10.2 and 10.3.
    v = 12345
    for _ in range(3):
        c = number(case().field.challenge)
        a = pow(kit.forge.g, v, p) * pow(kit.forge.vote_key, c, p) % p
        b = pow(number(alpha), v, p) * pow(combined, c, p) % p
        size = group.element_bytes
        new = tally_challenge(
            group,
            election.extended_hash,
            2,
            3,
            alpha,
            beta,
            a.to_bytes(size, "big"),
            b.to_bytes(size, "big"),
            combined.to_bytes(size, "big"),
        ).value
        forged = DecryptedField(
            case().field.option,
            power.encode(),
            wanted,
            new.to_bytes(32, "big"),
            (v % q).to_bytes(32, "big"),
        )
        assert case().failed(field=forged) == {"10.B"}
        v += new


def test_findings_say_where_and_show_both_sides() -> None:
    findings, _ = examine_decryption(
        case().closed.kit.election,
        case().alpha,
        case().beta,
        2,
        3,
        replace(case().field, count=9),
        where="contest 'Council', option 'Kurt'",
    )
    (finding,) = findings
    assert finding.where == "contest 'Council', option 'Kurt'" and "K^9" in finding.message
    assert finding.computed == case().field.power.hex().upper() != finding.expected


# --- contest data --------------------------------------------------------------------------------


@dataclass(frozen=True)
class DataCase:
    closed: Closed
    ballot: EncryptedBallot
    data: DecryptedData

    def failed(self, **change: object) -> set[str]:
        contest = self.closed.kit.manifest.contest(2)
        findings, counts = examine_data(
            self.closed.kit.election,
            self.ballot,
            contest,
            replace(self.data, **change),  # type: ignore[arg-type]
        )
        assert counts == {"12.A": 1, "12.B": 1, "12.C": 1}
        return {finding.check for finding in findings}


@functools.cache
def data_case() -> DataCase:
    closed = small()
    data = run(closed, (1, 2)).data[0]
    return DataCase(closed, _ballot(closed, data.identifier), data)


def _ballot(closed: Closed, identifier: bytes) -> EncryptedBallot:
    return next(made.ballot for made in closed.kit.submitted if made.ballot.identifier == identifier)


def test_honest_contest_data_passes() -> None:
    assert data_case().failed() == set()


@pytest.mark.parametrize(
    ("change", "failed"),
    [
        (lambda d: {"response": plus_order(d.response)}, {"12.A"}),
        (lambda d: {"response": flip(d.response)}, {"12.B"}),
        (lambda d: {"challenge": flip(d.challenge)}, {"12.B"}),
        (lambda d: {"challenge": plus_order(d.challenge)}, {"12.B"}),
        (lambda d: {"plaintext": flip(d.plaintext)}, {"12.C"}),
        (lambda d: {"plaintext": d.plaintext[:-1]}, {"12.C"}),
        (lambda d: {"plaintext": b""}, {"12.C"}),
        (lambda d: {"beta": b"\x00" * len(d.beta)}, {"12.B", "12.C"}),
        (lambda d: {"beta": case().closed.kit.group.generator.encode()}, {"12.B", "12.C"}),
    ],
)
def test_conditions_of_12(change: Callable[[DecryptedData], dict[str, bytes]], failed: set[str]) -> None:
    assert data_case().failed(**change(data_case().data)) == failed


def test_a_shared_value_outside_the_subgroup_fails_12b_even_with_a_proof_that_computes() -> None:
    """-beta passes the bare equations whenever the challenge is even; membership is part of 12.B."""
    kit = data_case().closed.kit
    ballot = data_case().ballot
    encrypted = ballot.contests[1].data
    assert encrypted is not None
    p, q, group = kit.p, kit.q, kit.group
    c0 = number(encrypted.c0)
    beta = p - pow(c0, kit.data_secret, p)
    size = group.element_bytes
    from evote.ballots.hashes import contest_data_key, contest_data_pad
    from evote.decryption.hashes import data_challenge
    from evote.hashing import xor

    u = 0
    while True:
        u += 1
        a, b = pow(kit.forge.g, u, p), pow(c0, u, p)
        challenge = data_challenge(
            group,
            ballot.identifier_hash,
            2,
            encrypted.fields,
            a.to_bytes(size, "big"),
            b.to_bytes(size, "big"),
            beta.to_bytes(size, "big"),
        ).value
        if challenge % 2 == 0:
            break
    response = (u - challenge * kit.data_secret) % q
    assert pow(c0, response, p) * pow(beta, challenge, p) % p == b
    encoded = beta.to_bytes(size, "big")
    pad = contest_data_pad(
        contest_data_key(ballot.identifier_hash, 2, encrypted.c0, encoded), 2, len(encrypted.c1) // 32
    )
    assert data_case().failed(
        beta=encoded,
        challenge=challenge.to_bytes(32, "big"),
        response=response.to_bytes(32, "big"),
        plaintext=xor(encrypted.c1, pad),
    ) == {"12.B"}


def test_contest_data_of_another_ballot_or_contest_is_refused() -> None:
    closed = data_case().closed
    statement = closed.request((1, 2)).statements[7]
    assert isinstance(statement, BallotData)
    other = replace(data_case(), ballot=_ballot(closed, statement.identifier))
    assert other.failed() == {"12.B", "12.C"}
    findings, _ = examine_data(
        closed.kit.election, data_case().ballot, closed.kit.manifest.contest(1), data_case().data
    )
    assert [finding.check for finding in findings] == ["12.C"]
