"""evote's own subjects: the three steps as a platform and a verifier run them.

=========  ============================  ======================================================
step       subject                       one round does, per ballot
=========  ============================  ======================================================
encrypt    evote                         everything from marks to the stored frame: selections,
                                         range proofs, contest limit, sealed ballot nonce, hashes
verify     evote, plain                  strict decoding of the frame and every check on the ballot
tally      evote                         covering the leaf, and one product per field
each       arithmetic limit              as many multiplications modulo p as the step needs
=========  ============================  ======================================================

The plain verifier takes one ballot at a time and needs nothing but the published bytes. The arithmetic
limit says how fast the machine was during the very run: what a step takes beyond it is not arithmetic.
"""

from __future__ import annotations

from gmpy2 import mpz

from evote.ballots import (
    Election,
    PlaintextBallot,
    PlaintextContest,
    SubmittedBallot,
    VerifiedBallot,
    examine,
)
from evote.ballots.device import Device
from evote.ballots.encrypt import encrypt
from evote.ballots.examine import verify_cast
from evote.bench.shape import Shape
from evote.bench.subject import Registry, WrongResultError
from evote.codec import decode, encode
from evote.elgamal import DiscreteLog
from evote.groups import Element, Group, Scalar, standard_group
from evote.groups.modp import ModPGroup
from evote.manifest import Manifest, Parameters
from evote.randomness import SYSTEM
from evote.tally import Tallier

NAME = "evote"
CONTEST = "measured"
_TALLIED_BALLOTS = 100
"""Where preparing a ballot costs a thousand times what is timed."""


def register(registry: Registry, group: Group | None = None) -> None:
    """Add evote's subjects; ``group`` is the standard one unless another is given."""
    chosen = group or standard_group()
    registry.add("encrypt", lambda shape: EncryptBallots(shape, chosen))
    registry.add("encrypt", lambda shape: ArithmeticLimit(shape, chosen, encrypt_multiplications(shape)))
    registry.add("verify", lambda shape: VerifyBallots(shape, chosen))
    registry.add("verify", lambda shape: ArithmeticLimit(shape, chosen, verify_multiplications(shape)))
    registry.add("tally", lambda shape: TallyBallots(shape, chosen))
    registry.add("tally", lambda shape: ArithmeticLimit(shape, chosen, 2 * shape.options))


class _Subject:
    """An election of the shape, made with a secret that only the check of the tally uses."""

    kernel = "gmpy2"
    most: int | None = None

    def __init__(self, shape: Shape, group: Group, name: str = NAME) -> None:
        self.name = name
        self.shape = shape
        self.group = group
        options = [
            {"label": f"option {number}", "limit": shape.option_limit}
            for number in range(1, shape.options + 1)
        ]
        draft = {
            "label": "Benchmark record",
            "test": True,
            "minimum_cell": 1,
            "contests": [{"label": CONTEST, "limit": shape.selection_limit, "options": options}],
        }
        self.manifest = Manifest.build(draft, salt=SYSTEM.token(32), authority_key=None)

    def setup(self, ballots: int) -> None:
        group = self.group
        self.secret: Scalar = group.random_scalar()
        keys: list[Element] = [
            group.power(group.generator, secret) for secret in (self.secret, group.random_scalar())
        ]
        self.election = Election.of(Parameters(group, 1, 1), self.manifest, *keys)
        self.device = Device(self.election, "bench")
        self.choices = [self._choice(number) for number in range(ballots)]

    def _choice(self, number: int) -> PlaintextBallot:
        option = f"option {number % self.shape.options + 1}"
        return PlaintextBallot("all", "all", {CONTEST: PlaintextContest({option: 1})})

    def frame(self, number: int) -> bytes:
        """A fresh ballot as it is stored."""
        return encode(encrypt(self.device, self.choices[number]).cast())

    def require(self, holds: bool, what: str) -> None:
        if not holds:
            raise WrongResultError(f"{self.name}: {what}")

    def read(self, frame: bytes) -> SubmittedBallot:
        return decode(SubmittedBallot, frame, element_bytes=self.group.element_bytes)


class EncryptBallots(_Subject):
    """Encrypt whole ballots and write them as frames."""

    def run(self, ballots: int) -> int:
        self.frames = [self.frame(number) for number in range(ballots)]
        return self.shape.selections(ballots)

    def check(self) -> None:
        findings = examine(self.election, self.read(self.frames[-1])).findings
        self.require(not findings, "the last ballot does not verify")
        self.require(len(set(self.frames)) == len(self.frames), "two ballots are equal")


class VerifyBallots(_Subject):
    """Decode and examine stored frames, one ballot at a time."""

    def __init__(self, shape: Shape, group: Group) -> None:
        super().__init__(shape, group, f"{NAME}, plain")

    def setup(self, ballots: int) -> None:
        super().setup(ballots)
        self.frames = [self.frame(number) for number in range(ballots)]

    def run(self, ballots: int) -> int:
        self.findings = [
            len(examine(self.election, self.read(frame)).findings) for frame in self.frames[:ballots]
        ]
        return self.shape.selections(ballots)

    def check(self) -> None:
        self.require(not any(self.findings), "an honest ballot did not verify")
        self.require(len(self.findings) > 0, "nothing was verified")


class TallyBallots(_Subject):
    """Add verified ballots to a tally."""

    most: int | None = _TALLIED_BALLOTS

    def setup(self, ballots: int) -> None:
        super().setup(ballots)
        self.verified: list[VerifiedBallot] = [
            verify_cast(self.election, self.read(self.frame(number))) for number in range(ballots)
        ]

    def run(self, ballots: int) -> int:
        self.tallier = Tallier(self.election)
        self.tallier.add_all(self.verified[:ballots])
        self.counted = ballots
        return self.shape.selections(ballots)

    def check(self) -> None:
        group = self.group
        tally = self.tallier.tally(self.tallier.head())
        search = DiscreteLog(self.election.vote_key.base, self.counted)
        total = 0
        for sums in tally.sums.values():
            for pair in sums.fields:
                mask = group.invert(group.power(pair.alpha, self.secret))
                total += search.find(group.multiply(pair.beta, mask))
        self.require(total == self.counted, f"{total} votes were tallied, not {self.counted}")


_EXPONENT_BITS = 256
_TABLE_WINDOW = 8
_SHARED_WINDOW = 4
"""Windows of the tables and of several powers of one base (:mod:`evote.groups.modp`)."""


def encrypt_multiplications(shape: Shape) -> int:
    """Multiplications to encrypt one ballot: a table power per base and commitment, and the products."""
    per_option = 2 + 2 * (shape.option_limit + 1)
    powers = shape.options * per_option + 2 * (shape.selection_limit + 1) + 3
    return powers * _EXPONENT_BITS // _TABLE_WINDOW + 2 * shape.options


def verify_multiplications(shape: Shape) -> int:
    """Multiplications to verify one ballot; shared powers by their average number of digits."""
    branches = shape.options * (shape.option_limit + 1) + shape.selection_limit + 1
    squarings = (2 * shape.options + 2 + 1) * _EXPONENT_BITS
    digits = _EXPONENT_BITS // (_SHARED_WINDOW + 1) + (1 << _SHARED_WINDOW)
    tables = (2 * branches + 1) * _EXPONENT_BITS // _TABLE_WINDOW
    return squarings + (2 * branches + 1) * digits + tables


class ArithmeticLimit(_Subject):
    """Nothing but multiplications modulo p, as many per ballot as a step needs."""

    most: int | None = 20

    def __init__(self, shape: Shape, group: Group, multiplications: int) -> None:
        super().__init__(shape, group, f"arithmetic limit, {multiplications / shape.options:.0f} products")
        if not isinstance(group, ModPGroup):
            raise ValueError("the arithmetic limit is known for integers modulo p")
        self.modulus = mpz(group.modulus)
        self.multiplications = multiplications

    def setup(self, ballots: int) -> None:
        self.factor = mpz(self.modulus - 2 - SYSTEM.below(2**64))

    def run(self, ballots: int) -> int:
        value, factor, modulus = self.factor, self.factor, self.modulus
        for _ in range(ballots * self.multiplications):
            value = value * factor % modulus
        self.value, self.done = value, ballots * self.multiplications
        return self.shape.selections(ballots)

    def check(self) -> None:
        expected = pow(self.factor, self.done + 1, self.modulus)
        self.require(self.value == expected, "the product is wrong")
