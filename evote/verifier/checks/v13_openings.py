"""Verifications 13 and 14, and the openings of E.13: challenged ballots are opened, and no others.

Openings stand in the order of the challenged ballots of the record.
"""

from __future__ import annotations

from evote.ballots import Election, EncryptedBallot, OpenedBallot, examine_opening
from evote.errors import DecodeError
from evote.record import layout
from evote.verifier.pairing import Pairing
from evote.verifier.state import Verification

CHECKS = ("13.A", "13.B", "14.A", "14.B", "14.C", "14.D", "14.E", "14.F")


class Openings:
    """Takes the opening of each challenged ballot as it comes by."""

    def __init__(self, run: Verification, election: Election) -> None:
        self._run = run
        self._election = election
        self._pairs: Pairing[OpenedBallot] = Pairing(
            run.reader.openings(),
            lambda opened: opened.identifier,
            surplus=self._surplus,
            broken=self._broken,
        )
        self._gap = False
        self._spare: list[tuple[int, str]] = []

    def see(self, ballot: EncryptedBallot, *, shaped: bool) -> None:
        """The next challenged ballot; ``shaped`` says whether E.2 found nothing."""
        report = self._run.report
        where = f"challenged ballot {ballot.identifier.hex()[:16]}"
        report.count("E.13")
        opened = self._pairs.take(ballot.identifier)
        if opened is None:
            report.fail("E.13", where, "the ballot is not opened")
            self._run.skip(CHECKS, "a challenged ballot is not opened (E.13)")
            return
        if not shaped:
            self._run.skip(CHECKS, "a challenged ballot does not have the shape of its style (E.2)")
            return
        findings, counts = examine_opening(self._election, ballot, opened)
        report.count_all(counts)
        for error in findings:
            report.fail_with(error)
        report.add("opened")

    def tear(self) -> None:
        """A ballot cannot be read; it may be one that was challenged."""
        self._gap = True

    def finish(self) -> None:
        """Name the openings that belong to no challenged ballot."""
        self._pairs.finish()
        if self._gap:
            reason = "a ballot that may have been challenged cannot be read (E.2)"
            self._run.skip(CHECKS, reason)
            if self._spare:
                self._run.skip(("E.13",), reason)
            return
        for position, identifier in self._spare:
            self._run.report.fail(
                "E.13",
                f"{layout.OPENINGS}, frame {position}",
                f"no challenged ballot {identifier} is left for this opening: a ballot was opened twice, or "
                "one that was cast or is not in the record",
            )

    def _surplus(self, position: int, opened: OpenedBallot) -> None:
        if len(self._spare) < 1000:
            self._spare.append((position, opened.identifier.hex()[:16]))

    def _broken(self, error: DecodeError) -> None:
        where = error.where or layout.OPENINGS
        self._run.report.fail("E.13", where, f"the opening does not decode: {error.message}")
