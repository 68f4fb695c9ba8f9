"""Every formula of sections 3.6.3 to 3.6.6 once more, slowly, with plain integers and fractions."""

from __future__ import annotations

import hashlib
import hmac
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from evote.decryption import BallotData, BallotNonce, FieldSum, PublicShares
from evote.decryption.shares import lagrange_coefficient
from evote.groups.modp import ModPGroup
from evote.testing.groups import tiny, toy
from tests.decryption.sessions import Session, small


@given(st.sets(st.integers(1, 60), min_size=1, max_size=7))
def test_lagrange_coefficients_are_the_rational_ones_modulo_q(members: set[int]) -> None:
    guardians = tuple(sorted(members))
    q = toy().order
    for i in guardians:
        weight = Fraction(1)
        for other in guardians:
            if other != i:
                weight *= Fraction(other, other - i)
        expected = weight.numerator * pow(weight.denominator, -1, q) % q
        assert lagrange_coefficient(toy(), guardians, i).value == expected


@given(
    st.lists(st.integers(0, 126), min_size=1, max_size=4),
    st.sets(st.integers(1, 20), min_size=4, max_size=6),
)
def test_lagrange_coefficients_give_the_polynomial_at_zero(
    coefficients: list[int], members: set[int]
) -> None:
    group = tiny()
    guardians = tuple(sorted(members))
    total = group.scalar(0)
    for i in guardians:
        value = sum(c * i**power for power, c in enumerate(coefficients))
        total = total + lagrange_coefficient(group, guardians, i) * group.scalar(value)
    assert total == group.scalar(coefficients[0])


def test_a_session_follows_the_formulas_step_by_step() -> None:
    closed = small(5, 3)
    kit, members = closed.kit, (1, 3, 4)
    group = kit.group
    assert isinstance(group, ModPGroup)
    p, q, g = group.modulus, group.order, kit.forge.g
    size = group.element_bytes

    def num(data: bytes) -> int:
        return int.from_bytes(data, "big")

    def word(number: int) -> bytes:
        return number.to_bytes(4, "big")

    held = Session.begin(closed, closed.request(members))
    held.open()
    held.respond()
    result = held.combine()
    fields = [part for cell in result.cells for part in cell.fields]
    datas = list(result.data)
    weights = {}
    for i in members:
        numerator = denominator = 1
        for other in members:
            if other != i:
                numerator, denominator = numerator * other, denominator * (other - i)
        weights[i] = numerator * pow(denominator, -1, q) % q
    kinds = set()
    for position, statement in enumerate(held.request.statements):
        kinds.add(type(statement))
        base = num(statement.base.encode())
        parts = {message.sender: message.parts[position] for message in held.openings}
        combined = a = b = 1
        for i in members:
            share = kit.shares[i - 1]
            z = share.vote_share if isinstance(statement, FieldSum) else share.data_share
            assert num(parts[i].partial) == pow(base, z.reveal().value, p)  # (84), (96), (107)
            combined = combined * pow(num(parts[i].partial), weights[i], p) % p  # (86), (97), (108)
            a, b = a * num(parts[i].a) % p, b * num(parts[i].b) % p  # (89), (100)
        secret = kit.vote_secret if isinstance(statement, FieldSum) else kit.data_secret
        assert combined == pow(base, secret, p)  # (81)
        members_bytes = word(3) + b"".join(map(word, members))
        if isinstance(statement, FieldSum):
            key = kit.election.extended_hash
            context = word(statement.contest.index) + word(statement.option.index)
            values = statement.alpha.encode() + statement.beta.encode()
            domains = b"\x30", b"\x31"
        elif isinstance(statement, BallotData):
            key = statement.identifier_hash
            context, values = word(statement.contest.index), b"".join(statement.sealed.fields)
            domains = b"\x32", b"\x33"
        else:
            continue
        for message in held.commitments:
            part = parts[message.sender]
            hashed = domains[0] + context + word(message.sender) + values
            hashed += part.a + part.b + part.partial + members_bytes
            assert message.hashes[position] == hmac.new(key, hashed, hashlib.sha256).digest()  # (88), (99)
        hashed = domains[1] + context + values + a.to_bytes(size, "big") + b.to_bytes(size, "big")
        hashed += combined.to_bytes(size, "big")
        c = num(hmac.new(key, hashed, hashlib.sha256).digest()) % q  # (90), (101)
        v = 0
        for answered in held.responses:
            i, answer = answered.sender, num(answered.responses[position])
            v = (v + answer) % q  # (93), (103)
            c_i = c * weights[i] % q  # (91)
            public = 1
            for record in kit.records.guardians:
                keys = record.vote_commitments if isinstance(statement, FieldSum) else record.data_commitments
                for m, coefficient in enumerate(keys):
                    public = public * pow(num(coefficient), i**m, p) % p
            assert num(parts[i].a) == pow(public, c_i, p) * pow(g, answer, p) % p  # (94)
            assert num(parts[i].b) == pow(base, answer, p) * pow(num(parts[i].partial), c_i, p) % p  # (95)
        assert a == pow(g, (v + c * secret) % q, p)
        if isinstance(statement, FieldSum):
            field = fields.pop(0)
            assert (num(field.challenge), num(field.response)) == (c, v)
            power = num(statement.beta.encode()) * pow(combined, -1, p) % p  # (82)
            assert num(field.power) == power == pow(kit.forge.vote_key, field.count, p)
        else:
            data = datas.pop(0)
            assert (num(data.challenge), num(data.response)) == (c, v)
            assert num(data.beta) == combined
    assert kinds == {FieldSum, BallotData, BallotNonce} and not fields and not datas


def test_the_public_counterpart_of_a_share_is_g_to_the_share() -> None:
    closed = small(5, 3)
    kit, group = closed.kit, closed.kit.group
    shares = PublicShares.of(kit.election, closed.guardians)
    from evote.decryption import JointKey

    for share in kit.shares:
        assert shares.of_guardian(JointKey.VOTES, share.index) == group.power(
            group.generator, share.vote_share.reveal()
        )
        assert shares.of_guardian(JointKey.DATA, share.index) == group.power(
            group.generator, share.data_share.reveal()
        )
