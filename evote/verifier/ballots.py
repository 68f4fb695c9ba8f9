"""The one pass over the ballots of a record: every check that needs them sees each ballot once.

A ballot is in memory while it is looked at, and no longer. A frame that is no ballot is E.2's, and
everything that speaks of all ballots says that it did not see one.
"""

from __future__ import annotations

from evote.ballots import BallotState, Election, Examination, SubmittedBallot, VerifiedBallot, verified_of
from evote.codec import MAX_FRAME_BYTES
from evote.errors import DecodeError
from evote.record import layout
from evote.record.values import Stage
from evote.verifier.checks.e11_closing import Closing
from evote.verifier.checks.e12_cells import check_cells
from evote.verifier.checks.e14_results import Results
from evote.verifier.checks.v05_identifiers import Identifiers
from evote.verifier.checks.v08_chains import Chains
from evote.verifier.checks.v09_aggregation import Aggregation
from evote.verifier.checks.v10_decryption import check_decryption
from evote.verifier.checks.v12_contest_data import ContestData
from evote.verifier.checks.v13_openings import CHECKS as OPENING_CHECKS
from evote.verifier.checks.v13_openings import Openings
from evote.verifier.state import Verification

CAST_CHECKS = ("6.A", "6.B", "6.C", "6.D", "7.A", "7.B", "7.C", "7.D", "E.1", "E.7")
"""Checks on cast ballots."""

SHAPED_CHECKS = ("8.A", "8.B", "8.D", "E.3", "E.4", "E.5")
"""Checks on all ballots that need a ballot of the right shape."""

DEVICE_CHECKS = ("8.C", "8.E", "8.F", "8.G")
"""Checks on devices and their chains."""

WHOLE_CHECKS = ("5.A", "5.B", "E.6", "E.13")
"""Checks on all ballots of any shape."""


class BallotPass:
    """One pass over the ballots of one record."""

    def __init__(self, run: Verification, election: Election) -> None:
        self._run = run
        self._election = election
        self._identifiers = Identifiers(run)
        self._chains = Chains(run, election)
        self._final = run.reaches(Stage.FINAL)
        self._closing = Closing(run, election.extended_hash)
        self._aggregation = Aggregation(run, election)
        self._openings = Openings(run, election)
        self._data = ContestData(run, election)
        self._results = Results(run, election.manifest)
        self._torn = False

    def run(self) -> None:
        """Look at every ballot, then at what speaks of all of them."""
        if self._final:
            self._openings.read()
        self._read()
        self._finish()

    def close(self) -> None:
        """Remove temporary files."""
        self._identifiers.close()
        self._openings.close()

    # --- reading ---------------------------------------------------------------------------------

    def _read(self) -> None:
        run = self._run
        total = 0 if run.tally is None else run.tally.head.size
        limit = layout.largest_ballot(self._election.manifest, run.reader.element_bytes)
        try:
            for position, frame, value in run.reader.ballots(limit=min(limit, MAX_FRAME_BYTES)):
                self._closing.see(frame)
                if isinstance(value, DecodeError):
                    self._broken(value)
                else:
                    self._see(position, value)
                run.tell("ballots", position + 1, total)
        except DecodeError as error:  # the frames themselves end here
            self._broken(error)
            self._closing.tear()

    def _broken(self, error: DecodeError) -> None:
        """E.2: bytes that are no ballot."""
        report = self._run.report
        report.count("E.2")
        report.fail("E.2", error.where or layout.BALLOTS, f"this is no ballot: {error.message}")
        report.add("unreadable")
        self._run.skip((*CAST_CHECKS, *SHAPED_CHECKS, *WHOLE_CHECKS, "11.D"), "a ballot cannot be read (E.2)")
        self._torn = True
        for part in (self._chains, self._aggregation, self._openings, self._data, self._results):
            part.tear()

    def _see(self, position: int, submitted: SubmittedBallot) -> None:
        report, ballot = self._run.report, submitted.ballot
        examination = self._run.examine(self._election, submitted)
        report.count_all(examination.counts)
        for error in examination.findings:
            report.fail_with(error)
        failed = {error.check for error in examination.findings}
        shaped = "E.2" not in failed
        cast = submitted.state is BallotState.CAST
        self._note_skips(failed, cast)
        report.add("ballots")
        report.add("cast" if cast else "challenged")
        report.add("selections", sum(len(contest.selections) for contest in ballot.contests))
        self._identifiers.see(position, ballot)
        self._chains.see(ballot)
        if not self._final:
            return
        self._aggregation.see(ballot)
        self._results.see(submitted)
        if cast:
            self._count(submitted, examination)
            self._data.see(ballot, shaped=shaped)
        else:
            self._openings.see(ballot, shaped=shaped)

    def _count(self, submitted: SubmittedBallot, examination: Examination) -> None:
        if examination.findings:
            self._aggregation.add_irregular(submitted.ballot)
            return
        verified = verified_of(self._election, submitted, examination)
        if not isinstance(verified, VerifiedBallot):
            raise TypeError("a cast ballot without findings is a verified ballot")
        self._aggregation.add(verified)

    def _note_skips(self, failed: set[str], cast: bool) -> None:
        """What a finding keeps from being looked at."""
        if "E.2" in failed:
            self._run.skip(
                (*SHAPED_CHECKS, *(CAST_CHECKS if cast else ())),
                "a ballot does not have the shape of its style (E.2)",
            )
        if "6.A" in failed:
            self._run.skip(("6.D", "7.D", "E.7"), "a selection is not in the subgroup (6.A)")

    # --- the end ---------------------------------------------------------------------------------

    def _finish(self) -> None:
        run = self._run
        self._identifiers.finish()
        self._chains.finish()
        if self._final:
            self._closing.finish()
            self._aggregation.finish()
            check_cells(run, self._election, self._aggregation)
            check_decryption(run, self._election, self._aggregation)
            self._openings.finish()
            self._data.finish()
            self._results.finish()
        if not self._torn:
            self._explain_nothing()

    def _explain_nothing(self) -> None:
        """Why checks had nothing to look at, where the record shows that there is nothing."""
        counted = self._run.report.counted
        if not counted("ballots"):
            if self._no_ballots_expected():
                self._nothing((*CAST_CHECKS, *SHAPED_CHECKS, *WHOLE_CHECKS), "the election has no ballot")
                self._nothing((*OPENING_CHECKS, *DEVICE_CHECKS, "E.2", "11.D"), "the election has no ballot")
            return
        if not counted("cast"):
            self._nothing(CAST_CHECKS, "no ballot was cast")
        if not counted("challenged"):
            self._nothing(OPENING_CHECKS, "no ballot was challenged")
        self._nothing(("E.5",), "no ballot has a contest with contest data")
        self._nothing(("13.A",), "no challenged ballot has a contest with contest data")

    def _nothing(self, identifiers: tuple[str, ...], reason: str) -> None:
        report = self._run.report
        report.not_applicable([each for each in identifiers if not report.looked(each)], reason)

    def _no_ballots_expected(self) -> bool:
        """Whether the caller, or a closing head that was verified, says that there are none."""
        run = self._run
        head = run.index_head
        return run.zero_ballots_expected or (run.sealed and head is not None and head == self._closing.head())
