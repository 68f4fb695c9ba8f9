"""The ballots of a record, stretch by stretch, and then what speaks of all of them.

Stretches are looked at here, or by workers (:mod:`evote.verifier.look`); what they give is merged in
the order of the record and dropped, so that the report does not depend on who worked, and memory not on
the number of ballots. Openings and contest data are brought to their ballots on the way.
"""

from __future__ import annotations

from collections.abc import Iterator

from evote.ballots import Election
from evote.ballots.preencrypted_opened import CHECKS as UNCAST_CHECKS
from evote.errors import WorkerError
from evote.merkle import CompactRange
from evote.pool import ordered
from evote.record.values import Stage
from evote.verifier.board.reading import BoardPass
from evote.verifier.checks.e11_closing import Closing
from evote.verifier.checks.e12_cells import check_cells
from evote.verifier.checks.e14_results import Results
from evote.verifier.checks.e60_provisional import Provisional
from evote.verifier.checks.e67_requests import check_requests
from evote.verifier.checks.v05_identifiers import Identifiers
from evote.verifier.checks.v08_chains import ORDINARY, PRE_ENCRYPTING, Chains
from evote.verifier.checks.v09_aggregation import Aggregation
from evote.verifier.checks.v10_decryption import check_decryption
from evote.verifier.checks.v12_contest_data import CHECKS as DATA_CHECKS
from evote.verifier.checks.v12_contest_data import ContestData
from evote.verifier.checks.v13_openings import CHECKS as OPENING_CHECKS
from evote.verifier.checks.v13_openings import Openings
from evote.verifier.chunk import ChunkResult
from evote.verifier.join import JoinItem, JoinTask, check_joined
from evote.verifier.look import (
    CAST_CHECKS,
    ORDINARY_CHECKS,
    PRE_CHECKS,
    SHAPED_CHECKS,
    WHOLE_CHECKS,
    tell_broken,
)
from evote.verifier.plan import Plan
from evote.verifier.returns.compare import Returns
from evote.verifier.said import Notebook
from evote.verifier.state import Verification

DEVICE_CHECKS = (ORDINARY.device, *ORDINARY.links)
"""Checks on devices and their chains."""

PRE_DEVICE_CHECKS = (PRE_ENCRYPTING.device, *PRE_ENCRYPTING.links)
"""The same on tools that pre-encrypt ballots."""

_JOIN_BYTES = 16 * 1024 * 1024
"""What stands beside the ballots of one task, and was read for it, has about so many bytes at most."""

_MAX_WARNINGS = 20
"""Sentences about hints in the report."""


class BallotPass:
    """One pass over the ballots of one record."""

    def __init__(self, run: Verification, election: Election, plan: Plan) -> None:
        self._run = run
        self._election = election
        self._plan = plan
        self._identifiers = Identifiers(run)
        self._chains = Chains(run, election)
        self._final = run.reaches(Stage.FINAL)
        self._closing = Closing(run)
        self._aggregation = Aggregation(run, election)
        self._openings = Openings(run, election.manifest)
        self._data = ContestData(run, election)
        self._results = Results(run, election.manifest)
        self._board = BoardPass(run, election, plan, self._identifiers)
        self._returns = Returns(run, election)
        self._provisional = Provisional(run, election)
        self._torn = False
        self._batched = 0
        self._warnings = 0

    def run(self) -> None:
        """Look at every ballot, then at what speaks of all of them."""
        if self._final:
            self._openings.read()
        executor, ahead = self._plan.executor, self._plan.ahead
        for said in ordered(executor, check_joined, self._joined(), ahead=ahead):
            said.tell(self._run)
        self._finish()

    def close(self) -> None:
        """Remove temporary files."""
        self._identifiers.close()
        self._board.close()
        self._openings.close()

    # --- stretches -------------------------------------------------------------------------------

    def _joined(self) -> Iterator[JoinTask]:
        """Merge every stretch; gives tasks for what stands beside its ballots."""
        for result in self._plan.results():
            self._merge(result)
            items: list[JoinItem] = []
            size = 0
            for item in self._items(result):
                items.append(item)
                size += item.size + len(item.opening or b"") + sum(len(one.plaintext) for one in item.data)
                if size > _JOIN_BYTES:
                    yield self._join_task(items)
                    items, size = [], 0
            if items:
                yield self._join_task(items)
        fault = self._plan.survey.fault
        if fault is not None:  # the frames themselves end here
            notebook = Notebook()
            tell_broken(notebook, fault, self._election.manifest)
            notebook.said().tell(self._run)
            self._tear()
            self._board.tear()
            self._closing.tear()

    def _join_task(self, items: list[JoinItem]) -> JoinTask:
        return JoinTask(self._plan.record, self._plan.election, self._plan.limit, tuple(items))

    def _merge(self, result: ChunkResult) -> None:
        """What a stretch gives by itself."""
        result.said.tell(self._run)
        self._warn(result.warnings)
        self._batched += result.batched
        try:
            leaves = CompactRange(result.first, result.first + len(result.notes), result.leaves)
            self._closing.see(leaves)
            self._identifiers.see(result)
            self._board.see(result)
            self._returns.see(result)
        except ValueError as error:
            raise WorkerError(f"a worker gave no result for its part: {error}") from error
        if self._final or self._provisional.wanted:
            self._aggregation.see(result)

    def _warn(self, warnings: tuple[str, ...]) -> None:
        """The first sentences about hints; the others are counted."""
        for sentence in warnings:
            self._warnings += 1
            if self._warnings <= _MAX_WARNINGS:
                self._run.report.warn(sentence)

    def _items(self, result: ChunkResult) -> Iterator[JoinItem]:
        """Go through the ballots of a stretch in their order."""
        for note in result.notes:
            if note is None:
                self._tear()
                continue
            self._chains.see(note)
            self._provisional.see(note)
            if not self._final:
                continue
            self._results.see(note)
            opening = None if note.cast else self._openings.see(note)
            data = tuple(self._data.see(note)) if note.cast else ()
            if opening is not None or data:
                segment = result.pieces[note.piece].segment
                yield JoinItem(segment, note.begin, note.size, note.leaf, opening, data)

    def _tear(self) -> None:
        """A ballot cannot be read."""
        self._torn = True
        self._returns.tear()
        for part in (
            self._chains,
            self._aggregation,
            self._openings,
            self._data,
            self._results,
            self._provisional,
        ):
            part.tear()

    # --- the end ---------------------------------------------------------------------------------

    def _finish(self) -> None:
        run = self._run
        self._openings.tell()
        self._board.finish()
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
        self._returns.finish()
        self._provisional.finish(self._aggregation)
        check_requests(run, self._election.extended_hash, self._provisional.results)
        if not self._torn:
            self._explain_nothing()
        if self._warnings > _MAX_WARNINGS:
            run.report.warn(f"There were {self._warnings - _MAX_WARNINGS} more sentences about hints.")
        ballots = run.report.counted("ballots")
        plain = ballots - self._batched
        run.report.work = self._plan.method.work(self._batched, plain, self._plan.reused)

    def _explain_nothing(self) -> None:
        """Why checks had nothing to look at, where the record shows that there is nothing."""
        counted = self._run.report.counted
        if not counted("ballots"):
            if self._no_ballots_expected():
                checks = (*CAST_CHECKS, *SHAPED_CHECKS, *ORDINARY_CHECKS, *WHOLE_CHECKS, *OPENING_CHECKS)
                self._nothing((*checks, *DEVICE_CHECKS, "E.2", "11.D"), "the election has no ballot")
                self._nothing((*PRE_CHECKS, *UNCAST_CHECKS, *PRE_DEVICE_CHECKS), "the election has no ballot")
                self._nothing((*DATA_CHECKS, "E.20"), "the election has no ballot")
            return
        if not counted("cast"):
            self._nothing(CAST_CHECKS, "no ballot was cast")
        self._explain_kinds()
        if counted("challenged") == counted("uncast"):
            self._nothing(OPENING_CHECKS, "no ballot was challenged")
        self._nothing(("E.5",), "no ballot has a contest with contest data")
        self._nothing(("13.A",), "no challenged ballot has a contest with contest data")

    def _explain_kinds(self) -> None:
        """The same for ballots of one kind alone, where the manifest declares that there are two."""
        if self._election.manifest.pre_encryption is None:
            return
        counted = self._run.report.counted
        if counted("pre_encrypted") == counted("ballots"):
            self._nothing((*ORDINARY_CHECKS, *DEVICE_CHECKS), "every ballot is a pre-encrypted one")
        if not counted("pre_encrypted"):
            self._nothing((*PRE_CHECKS, *PRE_DEVICE_CHECKS), "no ballot is a pre-encrypted one")
        self._nothing(("15.A",), "no contest of a cast pre-encrypted ballot has a limit above 1")
        if not counted("uncast"):
            self._nothing(UNCAST_CHECKS, "no pre-encrypted ballot is left uncast")

    def _nothing(self, identifiers: tuple[str, ...], reason: str) -> None:
        report = self._run.report
        report.not_applicable([each for each in identifiers if not report.looked(each)], reason)

    def _no_ballots_expected(self) -> bool:
        """Whether the caller, or a closing head that was verified, says that there are none."""
        run = self._run
        head = run.index_head
        return run.zero_ballots_expected or (run.sealed and head is not None and head == self._closing.head())
