"""The subjects of the step "verify": ballots of a stored record, one way or another, and whole records.

All read the same record, each ballot from its file. What a subject checks of a ballot is everything
that can be checked of it alone; :class:`VerifyRecord` checks everything that there is.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice

from evote.ballots import Election, SubmittedBallot, examine
from evote.ballots.batch import examine_chunk
from evote.bench.limits import batch_size
from evote.bench.shape import Shape
from evote.bench.stock import Stock
from evote.bench.subject import Base
from evote.errors import DecodeError
from evote.pool import processes
from evote.record.layout import largest_hint
from evote.verifier.verify import verify_reader

PLAIN = "evote, plain"
BATCH = "evote, batch"
_PLAIN_SELECTIONS = 1000
"""Where one selection costs milliseconds, and as many whatever their number."""

_ALONE = 20
"""As few ballots may cost less one by one than in a batch."""


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
        self.findings: list[int] = []
        for submitted in islice(self.submitted(), ballots):
            self.findings.append(len(examine(self.election, submitted).findings))
        return len(self.findings) * self.shape.options

    def submitted(self) -> Iterator[SubmittedBallot]:
        """The ballots of the record."""
        for _, _, submitted in self.reader.ballots():
            if isinstance(submitted, DecodeError):
                raise submitted
            yield submitted

    def check(self) -> None:
        """Something was verified, and nothing was found."""
        self.require(not any(self.findings), "an honest ballot did not verify")
        self.require(len(self.findings) > 0, "nothing was verified")


class BatchBallots(VerifyBallots):
    """Read ballots and hints and examine them in chunks, the equations of a chunk in one combination."""

    def __init__(self, shape: Shape, stock: Stock) -> None:
        super().__init__(shape, stock, BATCH)
        self.most = None

    def run(self, ballots: int) -> int:
        """Examine the first so many ballots of the record."""
        manifest, width = self.election.manifest, self.election.group.element_bytes
        self.warnings: list[str] = []
        self.batched, self.findings = 0, []
        hints = self.reader.hints(limit=largest_hint(manifest, width), warn=self.warnings.append)
        pairs = zip(islice(self.submitted(), ballots), hints, strict=False)
        while portion := list(islice(pairs, batch_size(self.shape))):
            submitted, given = zip(*portion, strict=True)
            found = examine_chunk(self.election, submitted, given)
            self.batched += found.batched
            self.warnings += found.warnings
            self.findings += [len(examination.findings) for examination in found.examinations]
        return len(self.findings) * self.shape.options

    def check(self) -> None:
        """Nothing was found, every hint is right, and a few ballots apart all were decided in batches."""
        super().check()
        self.require(not self.warnings, "; ".join(self.warnings))
        alone = len(self.findings) - self.batched
        self.require(alone <= _ALONE, f"{alone} ballots were examined one by one")


class VerifyRecord(Base):
    """Verify a whole record, as ``evote verify`` does: index, guardians, every ballot, tally, results.

    The ballots are examined in batches. With more than one worker, the processes are started beforehand;
    what they build at first use is in their first round.
    """

    def __init__(self, shape: Shape, *, stock: Stock, workers: int = 1) -> None:
        super().__init__(f"evote verify, {workers} worker{'s' if workers > 1 else ''}")
        self.shape = shape
        self.stock = stock
        self.workers = workers
        self._held = ExitStack()

    def setup(self, ballots: int) -> None:
        """Workers, and records of one ballot, for the cold turn, and of as many as asked for."""
        self.records = {number: self.stock.record(self.shape, number) for number in (1, ballots)}
        self.executor = self._held.enter_context(processes(self.workers))
        if self.executor is not None:
            list(self.executor.map(_wait, [_START] * self.workers))

    def run(self, ballots: int) -> int:
        """Verify the record of so many ballots."""
        reader = self.records[ballots].reader()
        self.report = verify_reader(reader, method="batch", executor=self.executor)
        return self.shape.selections(self.report.counts["ballots"])

    def check(self) -> None:
        """Nothing failed, and a few ballots apart all were decided in batches."""
        self.require(not self.report.failed, f"failed: {', '.join(self.report.failed)}")
        work = self.report.work
        if work is None:
            self.wrong("the report does not say how the ballots were examined")
        self.require(work.plain <= _ALONE, f"{work.plain} ballots were examined one by one")

    def close(self) -> None:
        """End the workers."""
        self._held.close()


_START = 0.3
"""Seconds for which every worker is kept busy, so that each of them is started."""


def _wait(seconds: float) -> None:
    """What workers do at first."""
    time.sleep(seconds)
