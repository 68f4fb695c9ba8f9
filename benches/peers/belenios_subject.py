"""belenios-tool as a subject of the harness, and evote on its archives: "verify", ballots of four answers.

Its ballot is :data:`evote.bench.shape.FOUR` but for one thing: Belenios states that the sum lies in
0..2 where a contest of evote has the limit 2, which is the same statement.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from benches.peers import PeerAbsent, belenios
from benches.peers.belenios import Archive, BeleniosError
from evote.bench.shape import FOUR, Shape
from evote.bench.subject import Base, Kind, Registry
from evote.bench.votes import Votes
from evote.record import Stage
from evote.report import Status
from evote.verifier import verify_record

_BALLOTS_PER_ROUND = 60
"""Where a ballot costs tens of milliseconds to verify, and three times that to make."""

_FEW = 4
"""Ballots in the archive that is timed to be taken off."""


class VerifyBallots(Base):
    """``belenios-tool election verify``, per ballot: the difference of two archives of one election."""

    kind: Kind = "peer"
    kernel = "zarith"
    most: int | None = _BALLOTS_PER_ROUND

    def __init__(self, shape: Shape, seed: int = 1) -> None:
        if shape != FOUR:
            raise ValueError("belenios-tool is measured with up to two of four answers only")
        super().__init__(f"belenios-tool {belenios.version()}, {belenios.GROUP}")
        self.votes = Votes(shape, seed)
        self._archive: Archive | None = None

    @property
    def idle(self) -> Callable[[], object] | None:
        """The same on the first ballots only."""
        return self._few

    def setup(self, ballots: int) -> None:
        """The archives: a few ballots; one more, for the cold turn; as many more as asked for; a bad one."""
        archive = self._archive = Archive(_FEW + ballots + 1)
        self.folders = {}
        for number in range(_FEW + ballots):
            if number in (_FEW, _FEW + 1):
                self.folders[number - _FEW] = archive.copy(f"first-{number}")
            archive.add(self._ballot(archive, number))
        self.folders[ballots] = archive.copy("all")
        archive.add(belenios.changed(self._ballot(archive, _FEW + ballots)))
        try:
            self.verify(archive.copy("bad"))
        except BeleniosError:
            return
        self.wrong("a ballot with a changed proof was accepted")

    def verify(self, folder: Path) -> None:
        """Verify the archive in a folder; raises :class:`BeleniosError` where it is refused."""
        belenios.verify(folder)

    def _ballot(self, archive: Archive, number: int) -> str:
        marks = self.votes.marks(number)
        return archive.ballot(number, [marks.get(place, 0) for place in range(belenios.ANSWERS)])

    def _few(self) -> None:
        self.verify(self.folders[0])

    def run(self, ballots: int) -> int:
        """Verify the archive with so many ballots more than the few."""
        try:
            self.verify(self.folders[ballots])
            self.refused = ""
        except BeleniosError as error:
            self.refused = str(error)
        return self.votes.shape.selections(ballots)

    def check(self) -> None:
        """The program accepted the archive."""
        self.require(not self.refused, self.refused)

    def close(self) -> None:
        """Remove the archives."""
        if self._archive is not None:
            self._archive.close()


class VerifyByEvote(VerifyBallots):
    """``evote verify`` on archives of the same kind, that the program made: reading and every check."""

    kind: Kind = "evote"
    kernel = "gmpy2"

    def __init__(self, shape: Shape, seed: int = 1) -> None:
        super().__init__(shape, seed)
        self.name = f"evote, archives of Belenios, {belenios.GROUP}"

    def verify(self, folder: Path) -> None:
        """Verify in this process; the archive ends with the ballots, which is no failure."""
        (file,) = folder.glob("*.bel")
        report = verify_record(file, stage=Stage.VOTING)
        if report.failed:
            raise BeleniosError(f"failed: {', '.join(report.failed)}")
        if report.check("BALLOTS.7").status is not Status.PASS:
            raise BeleniosError("no proof of a ballot was checked")


def register(registry: Registry, seed: int = 1) -> None:
    """Add the peer for its ballot, or note that it is absent and why."""
    try:
        found = belenios.version()
    except PeerAbsent as absent:
        registry.add_absent(belenios.PROGRAM, str(absent))
        return
    registry.add_version(belenios.PROGRAM, found)
    for maker in (VerifyBallots, VerifyByEvote):
        registry.add("verify", partial(maker, seed=seed), fits=lambda shape: shape == FOUR)
