"""9.A and 9.B: the encrypted sums of the tally are the products over the cast ballots, cell by cell.

Every cast ballot of the record enters the product, weighted, also one that fails another check:
otherwise one wrong proof would make all sums look wrong. Ballots that verify go through a
:class:`~evote.tally.Tallier`; of the others the values enter as they stand, members or not.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from evote.ballots import Election, EncryptedBallot, VerifiedBallot
from evote.errors import DecodeError
from evote.groups import Claimed, Group
from evote.manifest import Cell, Contest
from evote.record import layout
from evote.tally import CellSum, TalliedCell, Tallier, Tally
from evote.verifier.state import Verification

CellKey = tuple[int, str]


@dataclass(slots=True)
class _Irregular:
    """What ballots with findings add to one cell: option index to (A, B), None if out of range."""

    values: dict[int, tuple[Claimed, Claimed] | None] = field(default_factory=dict)
    classes: dict[int, int] = field(default_factory=dict)


class Aggregation:
    """The products of one record, while its ballots go by."""

    def __init__(self, run: Verification, election: Election) -> None:
        self._run = run
        self._election = election
        self._tallier = Tallier(election)
        self._irregular: dict[CellKey, _Irregular] = {}
        self._torn = False
        self._tally: Tally | None = None
        self.submitted: set[CellKey] = set()
        """Cells that a submitted ballot, cast or challenged, has a contest for."""

    def see(self, ballot: EncryptedBallot) -> None:
        """A submitted ballot of either kind."""
        for encrypted in ballot.contests:
            key = self._key(encrypted.contest, ballot.unit)
            if key is not None:
                self.submitted.add(key)

    def add(self, ballot: VerifiedBallot) -> None:
        """A cast ballot without findings."""
        self._tallier.add(ballot)

    def add_irregular(self, ballot: EncryptedBallot) -> None:
        """A cast ballot with findings."""
        for encrypted in ballot.contests:
            key = self._key(encrypted.contest, ballot.unit)
            if key is None:
                continue
            cell = self._irregular.setdefault(key, _Irregular())
            cell.classes[ballot.weight] = cell.classes.get(ballot.weight, 0) + 1
            options = len(self._election.manifest.contest(encrypted.contest).options)
            for selection in encrypted.selections:
                if selection.option > options:
                    continue  # E.2 names it
                self._multiply(cell, selection.option, selection.alpha, selection.beta, ballot.weight)

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
        classes = dict(self._sum(contest, cell).classes)
        irregular = self._irregular.get((contest.index, cell.label))
        for weight, ballots in irregular.classes.items() if irregular else ():
            classes[weight] = classes.get(weight, 0) + ballots
        return CellSum(
            sum(classes.values()),
            sum(weight * ballots for weight, ballots in classes.items()),
            (),
            tuple(sorted(classes.items())),
        )

    # --- inside ----------------------------------------------------------------------------------

    def _key(self, contest: int, unit: str) -> CellKey | None:
        try:
            return contest, self._election.manifest.cell_of(contest, unit).label
        except ValueError:
            return None

    def _multiply(self, cell: _Irregular, option: int, alpha: bytes, beta: bytes, weight: int) -> None:
        group = self._election.group
        try:
            pair = tuple(_power(group, group.claim(value), weight) for value in (alpha, beta))
        except DecodeError:
            cell.values[option] = None
            return
        if option not in cell.values:
            cell.values[option] = pair[0], pair[1]
            return
        held = cell.values[option]
        if held is not None:
            cell.values[option] = (
                group.product_of_claimed((held[0], pair[0])),
                group.product_of_claimed((held[1], pair[1])),
            )

    def _sum(self, contest: Contest, cell: Cell) -> CellSum:
        if self._tally is None:  # asked only after the last ballot
            self._tally = self._tallier.tally(self._tallier.head())
        return self._tally.cell(contest, cell)

    def _compare(self, contest: Contest, cell: Cell, stated: TalliedCell) -> None:
        run, group = self._run, self._election.group
        irregular = self._irregular.get((contest.index, cell.label))
        fields = {field.option: field for field in stated.fields}
        for option, regular in zip(contest.options, self._sum(contest, cell).fields, strict=True):
            where = f"contest {contest.label!r}, cell {cell.label!r}, option {option.label!r}"
            published = fields.get(option.label)
            if published is None:
                run.skip(("9.A", "9.B"), f"{where}: the tally lacks it (E.12)")
                continue
            alpha: Claimed = regular.alpha
            beta: Claimed = regular.beta
            if irregular is not None and option.index in irregular.values:
                held = irregular.values[option.index]
                if held is None:
                    run.skip(("9.A", "9.B"), f"{where}: a ballot's value is out of range (6.A)")
                    continue
                alpha = group.product_of_claimed((alpha, held[0]))
                beta = group.product_of_claimed((beta, held[1]))
            for identifier, computed, found in (
                ("9.A", alpha, published.alpha),
                ("9.B", beta, published.beta),
            ):
                run.report.compare(
                    identifier,
                    where,
                    "the encrypted sum is not the product over the cast ballots",
                    expected=computed.encode(),
                    computed=found,
                )


def _power(group: Group, value: Claimed, exponent: int) -> Claimed:
    """``value ** exponent`` for a small positive exponent, whether or not the value is a member."""
    result = value
    for bit in bin(exponent)[3:]:
        result = group.product_of_claimed((result, result))
        if bit == "1":
            result = group.product_of_claimed((result, value))
    return result
