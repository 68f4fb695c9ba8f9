"""Units that close one by one, and which of their ballots a decrypted figure stands for (rule A51).

A unit is closed by a statement of its head: size and RFC 9162 root over the hashes of its submitted ballots
in the order of the record, or of the log of the unit where the election has a board. A correction is
another statement that names the head before it and a reason. What a correction does depends on one thing:

* before a cell of the unit was decrypted, it replaces the head (:attr:`UnitStates.replaced`);
* afterwards it changes nothing of what is counted. It is a discrepancy (:attr:`UnitStates.discrepancies`),
  published and never decrypted: the difference of the two sums would show the votes in which they differ.

:class:`UnitStates` follows closings and decryptions in their order; guardians, offices and verifiers all
use it. What is left out: whether a head is that of the ballots.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from evote.codec import Path, Text
from evote.errors import VerificationError
from evote.manifest import Cell, Manifest
from evote.merkle import CompactRange, RangeBuilder, leaf_hash
from evote.tally.values import ClosingHead


@dataclass(frozen=True, slots=True)
class UnitHead:
    """A reporting unit, and the head with which it was closed."""

    unit: Path
    head: ClosingHead


@dataclass(frozen=True, slots=True)
class UnitClosing:
    """The statement that a unit is closed, or, with ``previous`` and a reason, that it was closed wrongly."""

    unit: Path
    head: ClosingHead
    previous: ClosingHead | None
    """The head that the statement before it named; None in the first of the unit."""
    reason: Text
    """Why another one follows; empty in the first."""


@dataclass(frozen=True, slots=True)
class UnitChange:
    """A unit that was closed with two heads: one after the other, and why."""

    unit: Path
    old: ClosingHead
    new: ClosingHead
    reason: Text


class UnitStates:
    """Where every unit stands after some closings and decryptions, in their order."""

    __slots__ = ("_heads", "_manifest", "_order", "_stated", "decrypted", "discrepancies", "replaced")

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._order = {path: place for place, path in enumerate(ballot_units(manifest))}
        self._heads: dict[str, ClosingHead] = {}
        self._stated: dict[str, ClosingHead] = {}
        self.decrypted: set[str] = set()
        """Paths of units of which a cell was decrypted, or withheld for good."""
        self.replaced: list[UnitChange] = []
        self.discrepancies: list[UnitChange] = []
        """``old`` is the head that the decrypted figures stand for."""

    @property
    def heads(self) -> Mapping[str, ClosingHead]:
        """Path of every closed unit -> the head that counts."""
        return self._heads

    def stated(self, unit: str) -> ClosingHead | None:
        """The head of the last closing of a unit, None before the first; the next one links to it."""
        return self._stated.get(unit)

    def close(self, closing: UnitClosing) -> None:
        """The next statement.

        Raises :class:`VerificationError` for a unit that does not report, a second statement without a link
        or reason, a link to another head than the last, and one that changes nothing. Then nothing changes.
        """
        unit, stated = closing.unit, self._stated.get(closing.unit)
        if unit not in self._order:
            raise VerificationError("the unit that is closed is none in which ballots are cast", where=unit)
        if closing.previous != stated:
            raise VerificationError(
                "the closing does not name the head of the one before it",
                where=unit,
                expected=_shown(stated),
                computed=_shown(closing.previous),
            )
        if (stated is None) != (not closing.reason):
            raise VerificationError(
                "a first closing has no reason, and every other one says why it is made", where=unit
            )
        if closing.head == stated:
            raise VerificationError("the closing has the head of the one before it", where=unit)
        self._stated[unit] = closing.head
        if unit in self.decrypted:
            change = UnitChange(unit, self._heads[unit], closing.head, closing.reason)
            self.discrepancies.append(change)
            return
        if stated is not None:
            self.replaced.append(UnitChange(unit, stated, closing.head, closing.reason))
        self._heads[unit] = closing.head

    def decrypt(self, cells: Iterable[tuple[str, str]]) -> None:
        """These cells, (contest, cell) by label, are decrypted, or withheld for good.

        Raises :class:`VerificationError` for a cell that the manifest does not have or that is not complete.
        """
        known = dict(manifest_cells(self._manifest))
        for key in cells:
            if key not in known:
                raise VerificationError("the manifest has no such cell", where=cell_name(*key))
            missing = [unit for unit in known[key].units if unit not in self._heads]
            if missing:
                raise VerificationError(
                    f"the cell is decrypted before {missing[0]!r} is closed", where=cell_name(*key)
                )
            self.decrypted.update(known[key].units)

    def complete(self) -> tuple[tuple[str, str], ...]:
        """The cells all of whose units are closed, by their labels, in the order of the manifest."""
        return tuple(
            key
            for key, cell in manifest_cells(self._manifest)
            if all(unit in self._heads for unit in cell.units)
        )

    def units(self) -> tuple[UnitHead, ...]:
        """The closed units with the heads that count, in the order of the manifest."""
        return tuple(UnitHead(unit, self._heads[unit]) for unit in self._order if unit in self._heads)

    def units_of(self, cells: Iterable[tuple[str, str]]) -> tuple[UnitHead, ...]:
        """Those of the closed units that belong to one of these cells, in the order of the manifest."""
        known = dict(manifest_cells(self._manifest))
        wanted = {unit for key in cells if key in known for unit in known[key].units}
        return tuple(one for one in self.units() if one.unit in wanted)


class UnitTrees:
    """The heads of all units over the ballots of a record, in its order; for elections without a board."""

    __slots__ = ("_trees",)

    def __init__(self, manifest: Manifest) -> None:
        self._trees = {path: RangeBuilder() for path in ballot_units(manifest)}

    def add(self, unit: str, ballot: bytes) -> None:
        """The next submitted ballot, by its hash; one of another unit is passed over."""
        tree = self._trees.get(unit)
        if tree is not None:
            tree.append(leaf_hash(ballot))

    def heads(self) -> dict[str, ClosingHead]:
        """Path of every unit with ballots -> size and root so far."""
        return {unit: _head(tree.value()) for unit, tree in self._trees.items()}


def ballot_units(manifest: Manifest) -> tuple[str, ...]:
    """Paths of the units in which ballots are cast, in the order of the manifest; none of kind OPEN."""
    without = manifest.open_paths()
    return tuple(unit.path for unit in manifest.reporting_units() if unit.path not in without)


def manifest_cells(manifest: Manifest) -> Iterator[tuple[tuple[str, str], Cell]]:
    """Every cell with its two labels, in the order of the manifest."""
    for contest in manifest.contests:
        for cell in manifest.cells(contest.index):
            yield (contest.label, cell.label), cell


def cell_name(contest: str, cell: str) -> str:
    """A cell in words."""
    return f"contest {contest!r}, cell {cell!r}"


def _head(covered: CompactRange) -> ClosingHead:
    return ClosingHead(covered.end, covered.root())


def _shown(head: ClosingHead | None) -> str:
    return "none" if head is None else f"{head.size} leaves, root {head.root.hex()}"
