"""The subjects of the step "verify": ballots of a stored record, one way or another, and whole records.

All read the same record, each ballot from its file. What a subject checks of a ballot is everything
that can be checked of it alone; :class:`VerifyRecord` checks everything that there is.
"""

from __future__ import annotations

from itertools import islice

from evote.ballots import Election, examine
from evote.bench.shape import Shape
from evote.bench.stock import Stock
from evote.bench.subject import Base
from evote.errors import DecodeError
from evote.groups import Profile
from evote.verifier.verify import verify_reader

PLAIN = "evote, plain"
_PLAIN_SELECTIONS = 1000
"""Where one selection costs milliseconds, and as many whatever their number."""


class VerifyBallots(Base):
    """Read, decode and examine stored ballots, one at a time."""

    most: int | None

    def __init__(self, shape: Shape, stock: Stock, name: str = PLAIN) -> None:
        super().__init__(name)
        self.shape = shape
        self.stock = stock
        self.most = max(1, _PLAIN_SELECTIONS // shape.options)

    def setup(self, ballots: int) -> None:
        """A record with as many ballots."""
        stored = self.stock.at_least(self.shape, ballots)
        self.reader = stored.reader()
        self.election = self.of(stored.election)

    def of(self, election: Election) -> Election:
        """The election as this subject computes with it."""
        return election

    def run(self, ballots: int) -> int:
        """Examine the first so many ballots of the record."""
        self.findings = []
        for _, _, submitted in islice(self.reader.ballots(), ballots):
            if isinstance(submitted, DecodeError):
                raise submitted
            self.findings.append(len(examine(self.election, submitted).findings))
        return len(self.findings) * self.shape.options

    def check(self) -> None:
        """Something was verified, and nothing was found."""
        self.require(not any(self.findings), "an honest ballot did not verify")
        self.require(len(self.findings) > 0, "nothing was verified")


class VerifyRecord(Base):
    """Verify a whole record, as ``evote verify`` does: index, guardians, every ballot, tally, results."""

    def __init__(self, shape: Shape, *, stock: Stock, workers: int = 1) -> None:
        super().__init__(f"evote verify, {workers} worker{'s' if workers > 1 else ''}")
        self.shape = shape
        self.stock = stock
        self.workers = workers

    def setup(self, ballots: int) -> None:
        """Records of one ballot, for the cold turn, and of as many as asked for."""
        self.readers = {n: self.stock.record(self.shape, n).reader() for n in (1, ballots)}

    def run(self, ballots: int) -> int:
        """Verify the record of so many ballots."""
        self.report = verify_reader(self.readers[ballots])
        return self.shape.selections(self.report.counts["ballots"])

    def check(self) -> None:
        """Nothing failed but what fails in every group of tests: the parameters' being the standard ones."""
        failed = set(self.report.failed)
        toy = self.stock.group.profile is Profile.TOY
        self.require(failed <= ({"1.B", "1.C", "1.D"} if toy else set()), f"failed: {sorted(failed)}")
