"""The usual method: every power by itself, with 8-bit tables for g and K, as a subject.

Verifiers of ElectionGuard records compute each power of each equation alone and test each membership by
a power of its own. The best that can be had without changing that is a table of 8-bit windows for the two
bases that never change (about 155 µs a power at 4096 bits, against 1.2 ms). This baseline is evote's own
plain verifier, with everything that it reads, decodes, hashes and checks, on a group whose powers are
computed so: what differs from ``evote, plain`` is the powers and nothing else. Per selection with limit 1:
four powers from tables, four and two tests of membership by ``gmpy2.powmod``.
"""

from __future__ import annotations

from collections.abc import Sequence

import gmpy2

from evote.ballots import Election
from evote.bench.shape import Shape
from evote.bench.stock import Stock
from evote.bench.subject import Kind, Registry
from evote.bench.verifying import VerifyBallots
from evote.groups import Claimed, Element, Group, MembershipError, Scalar
from evote.groups.modp import ModPGroup
from evote.manifest import Parameters

NAME = "one power at a time, 8-bit tables"


class OnePowerGroup(ModPGroup):
    """The same subgroup; powers of one base share nothing, and membership is one more power."""

    def powers(self, base: Element, exponents: Sequence[Scalar]) -> list[Element]:
        """One after the other: from the table where the base has one, else by powmod."""
        return [self.power(base, exponent) for exponent in exponents]

    def powers_of_claimed(self, base: Claimed, exponents: Sequence[Scalar]) -> tuple[list[Element], Element]:
        """The same for a value that is not known to be a member, which x^q = 1 shows first."""
        if isinstance(base, Element):
            return self.powers(base, exponents), base
        raw = self._raw(base)
        if gmpy2.powmod(raw, self.order, self.modulus) != 1:
            raise MembershipError("the value is not in the subgroup of order q")
        element = Element(self, raw)
        return self.powers(element, exponents), element


def one_power(group: Group) -> OnePowerGroup:
    """A group over the numbers of ``group``, which is one of integers modulo p (ValueError otherwise)."""
    if not isinstance(group, ModPGroup):
        raise ValueError("the usual method is written for integers modulo p")
    generator = int.from_bytes(group.generator.encode(), "big")
    return OnePowerGroup(group.name, group.profile, p=group.modulus, q=group.order, g=generator)


class OnePower(VerifyBallots):
    """The plain verifier on :class:`OnePowerGroup`."""

    kind: Kind = "baseline"

    def __init__(self, shape: Shape, stock: Stock) -> None:
        super().__init__(shape, stock, NAME)

    def of(self, election: Election) -> Election:
        """The same election, with the tables of its keys, over the other group."""
        group = one_power(election.group)
        parameters = Parameters(group, election.parameters.guardians, election.parameters.quorum)
        keys = (group.decode(key.base.encode()) for key in (election.vote_key, election.data_key))
        return Election.of(parameters, election.manifest, *keys)


def register(registry: Registry, stock: Stock) -> None:
    """Add the baseline to the step of verifying."""
    registry.add("verify", lambda shape: OnePower(shape, stock))
