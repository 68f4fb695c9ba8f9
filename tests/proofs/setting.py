"""What the tests of proofs share: toy statements, challenge functions, the oracle's parameters."""

from __future__ import annotations

from collections.abc import Sequence

from evote.elgamal import Ciphertext, PublicKey, encrypt
from evote.groups import Claimed, Element, Group, Scalar
from evote.groups.modp import ModPGroup
from evote.hashing import hmac, u32
from evote.proofs.relation import Challenge
from evote.secret import Secret
from evote.testing.groups import toy
from tests.oracle import Parameters

GROUP = toy()
KEY = PublicKey.of(GROUP.power(GROUP.generator, GROUP.scalar(0xFEDCBA9876543210)))
IDENTIFIER_HASH = bytes(range(32))
CONTEST, OPTION = 3, 2


def number(value: Claimed) -> int:
    return int.from_bytes(value.encode(), "big")


def parameters(group: Group) -> Parameters:
    assert isinstance(group, ModPGroup)
    return Parameters(group.modulus, group.order, number(group.generator))


def random_element(group: Group = GROUP) -> Element:
    return group.power(group.generator, group.random_scalar())


def claimed(element: Claimed) -> Claimed:
    """The same value as it arrives from outside."""
    return element.group.claim(element.encode())


def negated(element: Claimed) -> Claimed:
    """p - x: a non-member whose even powers are those of x."""
    group = element.group
    assert isinstance(group, ModPGroup)
    return group.claim((group.modulus - number(element)).to_bytes(group.element_bytes, "big"))


def challenge_over(*statement: Claimed | bytes, group: Group = GROUP) -> Challenge:
    """A challenge function that absorbs its statement (and so resists a statement chosen later)."""
    parts = [part if isinstance(part, bytes) else part.encode() for part in statement]

    def challenge(commitments: Sequence[bytes]) -> Scalar:
        return group.scalar_from_digest(hmac(IDENTIFIER_HASH, 0x31, *parts, *commitments))

    return challenge


def range_challenge(
    alpha: Claimed,
    beta: Claimed,
    *,
    context: bytes = IDENTIFIER_HASH,
    contest: int = CONTEST,
    option: int | None = OPTION,
) -> Challenge:
    """Equation 59; without an option, equation 62."""
    place = (u32(contest),) if option is None else (u32(contest), u32(option))
    fields = (*place, alpha.encode(), beta.encode())

    def challenge(commitments: Sequence[bytes]) -> Scalar:
        return alpha.group.scalar_from_digest(hmac(context, 0x24, *fields, *commitments))

    return challenge


def encrypted(value: int, key: PublicKey = KEY) -> tuple[Ciphertext, Secret[Scalar]]:
    nonce = key.group.random_scalar()
    return encrypt(key, value, nonce), Secret(nonce)
