"""The tally value and the one way to fill it (specification section 3.5, equations 79 and 80).

Rules: a tally names its election and the closing head of the record it counts; it covers
stretches of leaves, kept as compact ranges, so that a complete tally has the head's own root; two
tallies merge only if both agree on election and head and no leaf is in both. Challenged ballots
are covered and not counted. That no identifier stands in two leaves is for those who read the record
(5.A); a tally knows leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import InitVar, dataclass, field

from evote.ballots import Election, VerifiedBallot, VerifiedChallenge
from evote.elgamal import Ciphertext
from evote.errors import DecodeError, RefusedError
from evote.groups import Element
from evote.manifest import Cell, Contest
from evote.merkle import CompactRange, RangeBuilder, leaf_hash
from evote.tally.partial import PartialCell, PartialTally
from evote.tally.values import ClosingHead, PublishedTally, TalliedCell, TalliedField

_TOKEN = object()

CellKey = tuple[int, str]
"""Contest index and cell label."""


@dataclass(frozen=True, slots=True)
class CellSum:
    """What was added for one cell: ballots, their weights, and one ciphertext per field."""

    ballots: int
    weight: int
    fields: tuple[Ciphertext, ...]
    classes: tuple[tuple[int, int], ...]
    """Each weight that occurs, and how many ballots have it, by increasing weight (A70)."""

    @property
    def empty(self) -> bool:
        """Whether no ballot was added."""
        return self.ballots == 0


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Sums of verified ballots over stretches of one closed record. Filled by a :class:`Tallier` only."""

    token: InitVar[object]
    election: Election
    head: ClosingHead
    covered: tuple[CompactRange, ...]
    """Disjoint, sorted, no two adjacent."""
    sums: Mapping[CellKey, CellSum] = field(repr=False)

    def __post_init__(self, token: object) -> None:
        if token is not _TOKEN:
            raise TypeError("a tally is filled by a Tallier, from verified ballots")

    @classmethod
    def empty(cls, election: Election, head: ClosingHead) -> Tally:
        """The neutral tally of a closed record."""
        return cls(_TOKEN, election, head, (), {})

    def merge(self, other: Tally) -> Tally:
        """The tally of both stretches; associative and commutative.

        Raises :class:`RefusedError` for another election or head, or if a leaf is in both.
        """
        if other.election.extended_hash != self.election.extended_hash or other.head != self.head:
            raise RefusedError("tallies of two elections, or of two closing heads, are not merged")
        covered = _join((*self.covered, *other.covered))
        sums = dict(self.sums)
        for key, value in other.sums.items():
            held = sums.get(key)
            sums[key] = value if held is None else _add(held, value)
        return Tally(_TOKEN, self.election, self.head, covered, sums)

    @property
    def complete(self) -> bool:
        """Whether every leaf of the head is covered, and the leaves are those of the head."""
        if self.head.size == 0:
            return not self.covered and self.head.root == CompactRange.empty().root()
        return (
            len(self.covered) == 1
            and self.covered[0].begin == 0
            and self.covered[0].end == self.head.size
            and self.covered[0].root() == self.head.root
        )

    def require_complete(self) -> None:
        """Raises :class:`RefusedError` unless the tally is complete."""
        if not self.complete:
            raise RefusedError(f"the tally does not cover the {self.head.size} ballots of the closing head")

    def cell(self, contest: Contest, cell: Cell) -> CellSum:
        """The sums of one cell; the empty tally's identities where no ballot reached it."""
        held = self.sums.get((contest.index, cell.label))
        if held is not None:
            return held
        one = self.election.group.identity
        return CellSum(0, 0, tuple(Ciphertext(one, one) for _ in contest.options), ())

    def publish(self) -> PublishedTally:
        """The written form; raises :class:`RefusedError` unless the tally is complete."""
        self.require_complete()
        cells = []
        manifest = self.election.manifest
        for contest in manifest.contests:
            for cell in manifest.cells(contest.index):
                held = self.cell(contest, cell)
                fields = tuple(
                    TalliedField(option.label, sums.alpha.encode(), sums.beta.encode())
                    for option, sums in zip(contest.options, held.fields, strict=True)
                )
                cells.append(TalliedCell(contest.label, cell.label, held.ballots, held.weight, fields))
        return PublishedTally(self.head, tuple(cells))


class Tallier:
    """Fills a tally with the submitted ballots from leaf ``begin`` on, one after the other.

    ``head`` may be given at the end only (:meth:`tally`), as when the record is closed by the run
    that counts it.
    """

    __slots__ = ("_cells", "_columns", "_counts", "_election", "_range")

    def __init__(self, election: Election, begin: int = 0) -> None:
        self._election = election
        self._range = RangeBuilder(begin)
        self._columns: dict[CellKey, list[Element]] = {}
        self._counts: dict[CellKey, dict[int, int]] = {}
        manifest = election.manifest
        self._cells: dict[tuple[int, str], CellKey] = {
            (contest.index, unit): (contest.index, cell.label)
            for contest in manifest.contests
            for cell in manifest.cells(contest.index)
            for unit in cell.units
        }

    def add(self, ballot: VerifiedBallot | VerifiedChallenge) -> None:
        """Cover the next leaf; a cast ballot is also counted."""
        if not isinstance(ballot, VerifiedBallot | VerifiedChallenge):
            raise TypeError("only verified ballots enter a tally")
        if ballot.election is not self._election:
            raise RefusedError("the ballot was verified for another election")
        if isinstance(ballot, VerifiedBallot):
            self._count(ballot)
        self._range.append(leaf_hash(ballot.leaf))

    def add_all(self, ballots: Iterable[VerifiedBallot | VerifiedChallenge]) -> None:
        """:meth:`add` for each ballot in order."""
        for ballot in ballots:
            self.add(ballot)

    def partial(self) -> PartialTally:
        """What was added so far, for the one who merges what several workers added."""
        return PartialTally(
            self._election.extended_hash,
            self._range.value(),
            tuple(
                PartialCell(
                    *key,
                    tuple(sorted(self._counts[key].items())),
                    tuple(element.encode() for element in columns),
                )
                for key, columns in self._columns.items()
            ),
        )

    def add_partial(self, partial: PartialTally) -> None:
        """Cover the leaves that a worker of one's own verified and added up; the next ones after these.

        Raises :class:`RefusedError` for another election or other leaves than the next, and
        :class:`~evote.errors.DecodeError` or :class:`~evote.groups.MembershipError` for what is no sum of
        its cells. Nothing is added then.
        """
        if partial.extended_hash != self._election.extended_hash:
            raise RefusedError("the partial tally is one of another election")
        if partial.covered.begin != self._range.end:
            raise RefusedError(
                f"the part starts at leaf {partial.covered.begin}, and leaf {self._range.end} is next"
            )
        group = self._election.group
        known = {
            (contest.index, cell.label): 2 * len(contest.options)
            for contest in self._election.manifest.contests
            for cell in self._election.manifest.cells(contest.index)
        }
        rows: dict[CellKey, list[Element]] = {}
        for cell in partial.cells:
            key = (cell.contest, cell.cell)
            counts = [ballots for _, ballots in cell.classes]
            if (
                key in rows
                or len(cell.products) != known.get(key)
                or len(dict(cell.classes)) != len(counts)
                or min(counts, default=0) < 1
                or sum(counts) > partial.covered.size
            ):
                raise DecodeError("what a worker added up is no sum of a cell", f"cell {key}")
            rows[key] = [group.decode(product) for product in cell.products]
        for cell in partial.cells:
            self._add_row((cell.contest, cell.cell), rows[cell.contest, cell.cell], cell.classes)
        self._range.extend(partial.covered)

    def head(self) -> ClosingHead:
        """Size and root of what was added, which must have begun at leaf 0."""
        covered = self._range.value()
        return ClosingHead(covered.end, covered.root())

    def tally(self, head: ClosingHead) -> Tally:
        """What was added so far, as a tally of the record closed at ``head``."""
        covered = self._range.value()
        if covered.end > head.size:
            raise RefusedError("more ballots were added than the closing head has")
        sums = {
            key: _cell_sum(self._counts[key], tuple(map(Ciphertext, columns[0::2], columns[1::2])))
            for key, columns in self._columns.items()
        }
        return Tally(_TOKEN, self._election, head, (covered,) if covered.size else (), sums)

    def _count(self, ballot: VerifiedBallot) -> None:
        group = self._election.group
        written = ballot.submitted.ballot
        # All cells are looked up before any is changed: a ballot is counted whole or not at all.
        keys = [self._cells[contest.contest, written.unit] for contest in written.contests]
        weight = group.scalar(written.weight)
        for key, fields in zip(keys, ballot.selections, strict=True):
            row = [element for pair in fields for element in (pair.alpha, pair.beta)]
            if written.weight != 1:
                row = [group.power(element, weight) for element in row]
            self._add_row(key, row, ((written.weight, 1),))

    def _add_row(self, key: CellKey, row: list[Element], classes: Iterable[tuple[int, int]]) -> None:
        held = self._columns.get(key)
        self._columns[key] = row if held is None else self._election.group.multiply_columns(held, row)
        counts = self._counts.setdefault(key, {})
        for weight, ballots in classes:
            counts[weight] = counts.get(weight, 0) + ballots


def _join(ranges: Iterable[CompactRange]) -> tuple[CompactRange, ...]:
    joined: list[CompactRange] = []
    for covered in sorted(ranges, key=lambda item: (item.begin, item.end)):
        if not covered.size:
            continue
        if joined and covered.begin < joined[-1].end:
            raise RefusedError(f"leaf {covered.begin} is in both tallies")
        if joined and covered.begin == joined[-1].end:
            joined[-1] = joined[-1].merge(covered)
        else:
            joined.append(covered)
    return tuple(joined)


def _add(left: CellSum, right: CellSum) -> CellSum:
    fields = tuple(
        Ciphertext(
            one.alpha.group.multiply(one.alpha, two.alpha), one.beta.group.multiply(one.beta, two.beta)
        )
        for one, two in zip(left.fields, right.fields, strict=True)
    )
    classes = dict(left.classes)
    for weight, ballots in right.classes:
        classes[weight] = classes.get(weight, 0) + ballots
    return _cell_sum(classes, fields)


def _cell_sum(classes: Mapping[int, int], fields: tuple[Ciphertext, ...]) -> CellSum:
    return CellSum(
        sum(classes.values()),
        sum(weight * ballots for weight, ballots in classes.items()),
        fields,
        tuple(sorted(classes.items())),
    )
