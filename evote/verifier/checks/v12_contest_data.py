"""Verification 12 and E.20: contest data, where the manifest has it decrypted.

Decrypted data stands in the order of the cast ballots, contest by contest, each field once; where the
manifest does not have it decrypted, there is none.
"""

from __future__ import annotations

from collections.abc import Iterator

from evote.ballots import Election
from evote.errors import DecodeError
from evote.record import layout
from evote.tally import DecryptedData
from evote.verifier.chunk import BallotNote
from evote.verifier.pairing import Pairing
from evote.verifier.state import Verification

CHECKS = ("12.A", "12.B", "12.C")


class ContestData:
    """Takes the decrypted contest data of each cast ballot as it comes by."""

    def __init__(self, run: Verification, election: Election) -> None:
        self._run = run
        self._election = election
        self._opened = election.manifest.decrypt_contest_data
        self._gap = False
        self._spare: list[tuple[int, str]] = []
        self._pairs: Pairing[DecryptedData] = Pairing(
            run.reader.contest_data(),
            lambda data: (data.identifier, data.contest),
            surplus=self._surplus,
            broken=self._broken,
        )
        if not self._opened:
            run.report.not_applicable((*CHECKS, "E.20"), "the manifest does not have contest data decrypted")

    def see(self, ballot: BallotNote) -> Iterator[DecryptedData]:
        """The next cast ballot; gives the data that belongs to it and can be examined."""
        if not self._opened:
            return
        for encrypted in ballot.contests:
            if not encrypted.data:
                continue
            try:
                contest = self._election.manifest.contest(encrypted.contest)
            except ValueError:
                continue  # E.2 names it
            self._run.report.count("E.20")
            data = self._pairs.take((ballot.identifier, contest.label))
            if data is None:
                self._run.report.fail(
                    "E.20",
                    f"ballot {ballot.identifier.hex()[:16]}, contest {contest.label!r}",
                    "the contest data is not decrypted",
                )
                self._run.skip(CHECKS, "contest data is missing (E.20)")
            elif not ballot.shaped:
                self._run.skip(CHECKS, "a ballot does not have the shape of its style (E.2)")
            else:
                yield data

    def tear(self) -> None:
        """A ballot cannot be read; it may be one that was cast."""
        self._gap = True

    def finish(self) -> None:
        """Name the data that belongs to no cast ballot."""
        self._pairs.finish()
        if self._gap and self._opened:
            reason = "a ballot that may have been cast cannot be read (E.2)"
            self._run.skip(CHECKS, reason)
            if self._spare:
                self._run.skip(("E.20",), reason)
            return
        for position, name in self._spare:
            message = f"no contest data of a cast ballot is left for this: {name}"
            if not self._opened:
                message = "contest data is decrypted, which the manifest does not allow"
            self._run.report.fail("E.20", f"{layout.DATA}, frame {position}", message)
        if not self._pairs.ordered:
            self._run.report.fail("E.20", layout.DATA, "the data does not stand in the order of the ballots")
        if self._opened and self._election_without_data():
            self._run.report.not_applicable((*CHECKS, "E.20"), "no cast ballot carries contest data")

    def _election_without_data(self) -> bool:
        return self._run.report.counted("ballots") > 0 and self._run.report.looked("E.20") == 0

    def _surplus(self, position: int, data: DecryptedData) -> None:
        if len(self._spare) < 1000:
            self._spare.append((position, f"ballot {data.identifier.hex()[:16]}, contest {data.contest!r}"))

    def _broken(self, error: DecodeError) -> None:
        where = error.where or layout.DATA
        self._run.report.fail("E.20", where, f"the data does not decode: {error.message}")
