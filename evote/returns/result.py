"""``returns.json``: what units reported, level by level, beside what was decrypted (R9, A50).

Plain counts of units of kind OPEN and decrypted counts of ballots stand side by side; their sum stands below
them, and only where everything that belongs to it is there. Every figure above a reporting unit is the sum of
the units below it. Whoever has the returns and the decryption computes the same bytes
(``specs/unit-returns.md#the-result``).

A figure of ballots of a unit is known where cells consist of units in and below it and cover all of those
that take ballots for the contest; a withheld cell, or one that reaches further, leaves it null.

What it leaves out: ciphertexts. Totals of ballots are never decrypted from a return.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from evote.ballots import Election
from evote.hashing import sha256
from evote.manifest import Contest, Manifest
from evote.returns.completeness import Completeness, UnitNode
from evote.returns.merge import MergedReturns
from evote.returns.shortcode import short_code
from evote.returns.totals import Counted
from evote.returns.unitreturn import COUNTS
from evote.tally import DecryptedCell

FORMAT: Final = 1

Value = dict[str, object]


@dataclass(frozen=True, slots=True)
class _Decrypted:
    """Decrypted counts by contest and cell, fields in the order of the manifest."""

    manifest: Manifest
    cells: Mapping[tuple[str, str], tuple[int, ...]]

    @classmethod
    def of(cls, manifest: Manifest, cells: Iterable[DecryptedCell]) -> _Decrypted:
        return cls(
            manifest,
            {(cell.contest, cell.cell): tuple(field.count for field in cell.fields) for cell in cells},
        )

    def counts(self, contest: Contest, leaves: frozenset[str]) -> tuple[int, ...] | None:
        """The counts of ballots in these units; None where cells do not give them."""
        sums = (0,) * len(contest.options)
        covered: set[str] = set()
        wanted: set[str] = set()
        for cell in self.manifest.cells(contest.index):
            inside = leaves.intersection(cell.units)
            wanted |= inside
            found = self.cells.get((contest.label, cell.label))
            if found is not None and len(inside) == len(cell.units):
                covered |= inside
                sums = tuple(left + right for left, right in zip(sums, found, strict=True))
        return sums if covered == wanted else None


def returns_json(
    merged: MergedReturns, state: Completeness, decrypted: Iterable[DecryptedCell] | None = None
) -> bytes:
    """The bytes of the file; ``decrypted`` are the cells of the decryption, None before there is one."""
    election = merged.election
    known = None if decrypted is None else _Decrypted.of(election.manifest, decrypted)
    paper = election.manifest.open_paths()
    everywhere = frozenset(unit.path for unit in election.manifest.ballot_units())
    document: Value = {
        "format": FORMAT,
        "election": election.manifest.label,
        "test": election.manifest.test,
        "fingerprint": election.fingerprint,
        "returns": sha256(merged.encode()).hex(),
        "expected": state.expected,
        "reported": state.reported,
        "voters": _voters(state.totals.ballots, state.totals.open),
        "contests": _contests(election, state.totals.plain, known, everywhere, paper),
        "units": [_unit(election, node, known) for node in state.roots],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8") + b"\n"


def _unit(election: Election, node: UnitNode, known: _Decrypted | None) -> Value:
    leaves = frozenset(leaf.path for leaf in node.tree() if not leaf.children)
    ballots = leaves - election.manifest.open_paths()
    value: Value = {
        "unit": node.path,
        "status": node.status.value,
        "expected": node.expected,
        "reported": node.reported,
    }
    counted = None if node.standing is None else node.standing.counted
    if counted is not None:
        log = counted.returned.log
        value |= {
            "kind": counted.returned.kind.value,
            "version": counted.version,
            "file": counted.digest.hex(),
            "short_code": " ".join(short_code(counted.file.data)),
            "head": None if log is None else {"size": log.size, "root": log.root.hex()},
        }
    value["voters"] = _voters(node.totals.ballots, node.totals.open)
    value["contests"] = _contests(election, node.totals.plain, known, ballots, leaves - ballots)
    value["units"] = [_unit(election, child, known) for child in node.children]
    return value


def _voters(ballots: Counted, plain: Counted) -> Value:
    return {
        name: {"units": counted.units, **dict(zip(COUNTS, counted.counts, strict=True))}
        for name, counted in (("ballots", ballots), ("open", plain))
    }


def _contests(
    election: Election,
    plain: Mapping[str, tuple[int, ...]],
    known: _Decrypted | None,
    ballots: frozenset[str],
    paper: frozenset[str],
) -> list[Value]:
    """Per contest: open counts, decrypted counts, and both together where both are known."""
    found: list[Value] = []
    manifest = election.manifest
    styles = {style for path in paper for style in manifest.unit(path).styles}
    counted_on_paper = {contest.label for style in styles for contest in manifest.contests_of(style)}
    for contest in election.manifest.contests:
        given = any(ballots.intersection(cell.units) for cell in election.manifest.cells(contest.index))
        opened = plain.get(contest.label)
        decrypted = known.counts(contest, ballots) if known is not None and given else None
        if opened is None and not given:
            continue
        together: tuple[int, ...] | None = None
        if not given:
            together = opened
        elif decrypted is not None and (opened is not None or contest.label not in counted_on_paper):
            none = (0,) * len(contest.options)
            together = tuple(a + b for a, b in zip(decrypted, opened or none, strict=True))
        found.append(
            {
                "contest": contest.label,
                "options": [option.label for option in contest.options],
                "open": None if opened is None else list(opened),
                "ballots": None if decrypted is None else list(decrypted),
                "sum": None if together is None else list(together),
            }
        )
    return found
