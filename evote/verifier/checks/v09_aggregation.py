"""9.A and 9.B: the encrypted sums of the tally are the products over the cast ballots, cell by cell.

The products come from :mod:`evote.verifier.sums`, one part per stretch of ballots.
"""

from __future__ import annotations

from evote.ballots import Election
from evote.errors import DecodeError, WorkerError
from evote.groups import Claimed
from evote.manifest import Cell, Contest
from evote.record import layout
from evote.tally import CellSum, TalliedCell, TalliedField
from evote.verifier.chunk import ChunkResult
from evote.verifier.state import Verification
from evote.verifier.sums import CellKey, CellSums


class Aggregation:
    """The products of one record, while its ballots go by."""

    def __init__(self, run: Verification, election: Election) -> None:
        self._run = run
        self._election = election
        self._cells: dict[CellKey, CellSums] = {}
        self._torn = False
        self.submitted: set[CellKey] = set()
        """Cells that a submitted ballot, cast or challenged, has a contest for."""

    def see(self, result: ChunkResult) -> None:
        """The next stretch; raises :class:`WorkerError` for parts that are none of this election."""
        self.submitted.update((name.contest, name.cell) for name in result.submitted)
        for part in result.cells:
            cell = self._cells.setdefault((part.contest, part.cell), CellSums(self._election.group))
            try:
                cell.merge(part)
            except DecodeError as error:
                raise WorkerError(f"a worker gave sums that are none: {error}") from error

    def tear(self) -> None:
        """A ballot cannot be read; it may be one that was counted."""
        self._torn = True

    def finish(self) -> None:
        """9.A and 9.B against the published tally."""
        run, tally = self._run, self._run.tally
        if tally is None:
            run.skip(("9.A", "9.B"), f"{layout.TALLY} cannot be read")
            return
        if self._torn:
            run.skip(("9.A", "9.B"), "a ballot that may have been cast cannot be read (E.2)")
            return
        published: dict[tuple[str, str], list[TalliedCell]] = {}
        for stated in tally.cells:
            published.setdefault((stated.contest, stated.cell), []).append(stated)
        for contest in self._election.manifest.contests:
            for cell in self._election.manifest.cells(contest.index):
                found = published.get((contest.label, cell.label), [])
                if not found:
                    run.skip(("9.A", "9.B"), "the tally lacks a cell of the manifest (E.12)")
                for stated in found:
                    self._compare(contest, cell, stated)

    @property
    def readable(self) -> bool:
        """Whether every ballot could be read, so that counts of ballots mean something."""
        return not self._torn

    def counts(self, contest: Contest, cell: Cell) -> CellSum:
        """Ballots, weight and classes of a cell; its fields are left out."""
        held = self._cells.get((contest.index, cell.label))
        classes = {} if held is None else held.classes
        return CellSum(
            sum(classes.values()),
            sum(weight * ballots for weight, ballots in classes.items()),
            (),
            tuple(sorted(classes.items())),
        )

    def tallied(self, contest: Contest, cell: Cell) -> TalliedCell | None:
        """A cell as a tally states it; None if a ballot's value is out of range."""
        held = self._cells.get((contest.index, cell.label))
        values, one = {} if held is None else held.fields, self._election.group.identity
        fields = []
        for option in contest.options:
            pair: tuple[Claimed, Claimed] | None = values.get(option.index, (one, one))
            if pair is None:
                return None
            fields.append(TalliedField(option.label, pair[0].encode(), pair[1].encode()))
        counted = self.counts(contest, cell)
        return TalliedCell(contest.label, cell.label, counted.ballots, counted.weight, tuple(fields))

    # --- inside ----------------------------------------------------------------------------------

    def _compare(self, contest: Contest, cell: Cell, stated: TalliedCell) -> None:
        run, one = self._run, self._election.group.identity
        held = self._cells.get((contest.index, cell.label))
        values = {} if held is None else held.fields
        fields = {field.option: field for field in stated.fields}
        for option in contest.options:
            where = f"contest {contest.label!r}, cell {cell.label!r}, option {option.label!r}"
            published = fields.get(option.label)
            if published is None:
                run.skip(("9.A", "9.B"), f"{where}: the tally lacks it (E.12)")
                continue
            pair: tuple[Claimed, Claimed] | None = values.get(option.index, (one, one))
            if pair is None:
                run.skip(("9.A", "9.B"), f"{where}: a ballot's value is out of range (6.A)")
                continue
            for identifier, computed, found in (
                ("9.A", pair[0], published.alpha),
                ("9.B", pair[1], published.beta),
            ):
                run.report.compare(
                    identifier,
                    where,
                    "the encrypted sum is not the product over the cast ballots",
                    expected=computed.encode(),
                    computed=found,
                )
