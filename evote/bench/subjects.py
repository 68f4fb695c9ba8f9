"""evote's own subjects: the steps as a platform and a verifier run them.

=========  =======================  =============================================================
step       subject                  one round does, per ballot
=========  =======================  =============================================================
encrypt    evote                    everything from marks to the stored frame and its hint: selections,
                                    range proofs, contest limit, sealed ballot nonce, hashes
encrypt    evote, in bulk           the same as for a file of ballots, with larger tables
verify     evote, plain             reading, strict decoding and every check on the ballot, one by one
verify     evote, batch             the same with hints, the equations of many ballots at once
tally      evote                    covering the leaf, and one product per field
each       arithmetic limit         as many multiplications modulo p as the step needs
verify     evote verify, n workers  a whole record: index, keys, ballots, uniqueness, tally, results
=========  =======================  =============================================================

The plain verifier takes one ballot at a time and needs nothing but the published bytes; the batch reads
hints too. Both read from files. The arithmetic
limit says how fast the machine was during the very run: what a step takes beyond it is not arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from evote.ballots import Election, SubmittedBallot, VerifiedBallot
from evote.ballots.batch import examine_chunk
from evote.ballots.bisection import MAX_BALLOTS
from evote.ballots.device import Device
from evote.ballots.encrypt import PreparedBallot, encrypt
from evote.ballots.examine import verify_cast
from evote.ballots.hints import BallotHint
from evote.bench.limits import (
    ArithmeticLimit,
    batch_multiplications,
    each,
    encrypt_multiplications,
    tally_multiplications,
    verify_multiplications,
)
from evote.bench.shape import Shape
from evote.bench.stock import Stock
from evote.bench.subject import Base, Registry, Step, Subject
from evote.bench.verifying import BatchBallots, VerifyBallots, VerifyRecord
from evote.bench.votes import Votes
from evote.bulk.encrypt import encrypt_ballots
from evote.codec import decode, encode
from evote.elgamal import DiscreteLog
from evote.groups import Element, Group, Scalar
from evote.groups.modp import ModPGroup
from evote.manifest import Parameters
from evote.randomness import SYSTEM
from evote.tally import Tallier

NAME = "evote"
BULK = "evote, in bulk"
_CHECKED_BALLOTS = 20
"""The last ones of a round are checked: all of them would take as long as the round."""
_TALLIED_BALLOTS = 100
"""Where preparing a ballot costs a thousand times what is timed."""


class _Named(Subject, Protocol):
    """A subject whose name can be set."""

    name: str


def register(
    registry: Registry, *, stock: Stock, workers: Sequence[int] = (1,), marked: bool = False
) -> None:
    """Add evote's subjects, which compute in the group of the stock and verify its records.

    ``workers`` are numbers of processes with which whole records are verified too. With ``marked`` the
    names end with the group, so that subjects of several groups stand in one run. An arithmetic limit is
    there for integers modulo p only.
    """
    held, chosen = stock, stock.group

    def add(step: Step, make: Callable[[Shape], _Named], *, limit: bool = False) -> None:
        def made(shape: Shape) -> Subject:
            subject = make(shape)
            if marked:
                subject.name = f"{subject.name}, {chosen.name}"
            return subject

        if not limit or isinstance(chosen, ModPGroup):
            registry.add(step, made)

    add("encrypt", lambda shape: EncryptBallots(shape, chosen, held.seed))
    add("encrypt", lambda shape: EncryptInBulk(shape, chosen, held.seed))
    add("encrypt", lambda shape: ArithmeticLimit(shape, chosen, each(encrypt_multiplications)), limit=True)
    add("verify", lambda shape: VerifyBallots(shape, held))
    add(
        "verify",
        lambda shape: ArithmeticLimit(shape, chosen, each(verify_multiplications), of="plain"),
        limit=True,
    )
    add("verify", lambda shape: BatchBallots(shape, held))
    add(
        "verify",
        lambda shape: ArithmeticLimit(shape, chosen, batch_multiplications, of="batch", most=MAX_BALLOTS),
        limit=True,
    )
    add("tally", lambda shape: TallyBallots(shape, chosen, held.seed))
    add("tally", lambda shape: ArithmeticLimit(shape, chosen, each(tally_multiplications)), limit=True)
    for count in dict.fromkeys(workers):
        add("verify", partial(VerifyRecord, stock=held, workers=count))


class _Own(Base):
    """An election of the shape, made with a secret that only the check of the tally uses."""

    def __init__(self, shape: Shape, group: Group, seed: int) -> None:
        super().__init__(NAME)
        self.shape = shape
        self.group = group
        self.votes = Votes(shape, seed)

    def setup(self, ballots: int) -> None:
        group = self.group
        self.manifest = self.votes.manifest(
            label="Benchmark record", salt=SYSTEM.token(32), authority_key=None
        )
        self.secret: Scalar = group.random_scalar()
        keys: list[Element] = [
            group.power(group.generator, secret) for secret in (self.secret, group.random_scalar())
        ]
        self.election = Election.of(Parameters(group, 1, 1), self.manifest, *keys)
        self.device = Device(self.election, "bench")
        self.choices = [self.votes.ballot(number) for number in range(ballots)]

    def prepared(self, number: int) -> PreparedBallot:
        """A fresh ballot."""
        return encrypt(self.device, self.choices[number])


class EncryptBallots(_Own):
    """Encrypt whole ballots and write them as frames."""

    def run(self, ballots: int) -> int:
        """Encrypt."""
        self.frames, self.hints = [], []
        for number in range(ballots):
            prepared = self.prepared(number)
            self.hints.append(prepared.hint().encode())
            self.frames.append(encode(prepared.cast()))
        return self.shape.selections(ballots)

    def check(self) -> None:
        """The ballots verify by their hints, and no two are equal."""
        width = self.group.element_bytes
        some = slice(-_CHECKED_BALLOTS, None)
        submitted = [decode(SubmittedBallot, frame, element_bytes=width) for frame in self.frames[some]]
        hints = [BallotHint.decode(hint, width) for hint in self.hints[some]]
        found = examine_chunk(self.election, submitted, hints)
        findings = any(examination.findings for examination in found.examinations)
        self.require(not findings, "a ballot does not verify")
        self.require(not found.wrong_hints and None not in hints, "a hint is wrong")
        self.require(len(set(self.frames)) == len(self.frames), "two ballots are equal")


class EncryptInBulk(EncryptBallots):
    """Encrypt as ``evote encrypt`` does with a file of ballots: larger tables, everything looked at again."""

    def __init__(self, shape: Shape, group: Group, seed: int) -> None:
        super().__init__(shape, group, seed)
        self.name = BULK

    def run(self, ballots: int) -> int:
        """Encrypt."""
        self.frames, self.hints = [], []
        for finished in encrypt_ballots(self.election, "bench", self.choices[:ballots]):
            self.hints.append(finished.hint.encode())
            self.frames.append(finished.frame)
        return self.shape.selections(len(self.frames))


class TallyBallots(_Own):
    """Add verified ballots to a tally."""

    most: int | None = _TALLIED_BALLOTS

    def setup(self, ballots: int) -> None:
        """Verified ballots."""
        super().setup(ballots)
        self.verified: list[VerifiedBallot] = [
            verify_cast(self.election, self.prepared(number).cast()) for number in range(ballots)
        ]

    def run(self, ballots: int) -> int:
        """Tally them."""
        self.tallier = Tallier(self.election)
        self.tallier.add_all(self.verified[:ballots])
        self.counted = ballots
        return self.shape.selections(ballots)

    def check(self) -> None:
        """The totals are those of the seed."""
        group, expected = self.group, self.votes.totals(self.counted)
        tally = self.tallier.tally(self.tallier.head())
        search = DiscreteLog(self.election.vote_key.base, self.counted * self.shape.option_limit)
        found = []
        for sums in tally.sums.values():
            for pair in sums.fields:
                mask = group.invert(group.power(pair.alpha, self.secret))
                found.append(search.find(group.multiply(pair.beta, mask)))
        self.require(found == expected, f"the totals are {found}, not {expected}")
