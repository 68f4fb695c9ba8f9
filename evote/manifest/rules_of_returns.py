"""The rules of the declared roster of unit returns (A50, A60).

Every unit of the tree has a key; reporting units have a kind, the others none. Keys that are different
for every duty are tested with those of the board (:mod:`evote.manifest.rules_of_boards`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from evote.errors import DecodeError
from evote.manifest.declarations import ROSTER_ORIGIN, DeclaredReturns, ReturnKind, unit_key_origin
from evote.manifest.extensions import BOARD, RETURNS
from evote.manifest.model import BrokenRule
from evote.manifest.moments import seconds_of
from evote.manifest.texts import quoted

if TYPE_CHECKING:
    from evote.manifest.manifest import Manifest

_RETURNS = f"extension {quoted(RETURNS)}"


def rules_of_returns(manifest: Manifest) -> Iterator[BrokenRule]:
    """The rules that the declared roster breaks, alone and together with tree and board."""
    returns = manifest.returns
    if returns is None:
        return
    fault = returns.authority.fault(manifest.salt, ROSTER_ORIGIN)
    if fault:
        yield BrokenRule(_RETURNS, f"{ROSTER_ORIGIN}: {fault}")
    yield from _moment(manifest, returns)
    yield from _units(manifest, returns)
    ballots = any(unit.kind is ReturnKind.BALLOTS for unit in returns.units.values())
    if ballots and manifest.board is None:
        yield BrokenRule(
            _RETURNS, f"totals of ballots are recomputed from a closed log, so {BOARD!r} is declared too"
        )


def _moment(manifest: Manifest, returns: DeclaredReturns) -> Iterator[BrokenRule]:
    try:
        end = seconds_of(returns.correct_until)
    except DecodeError as error:
        yield BrokenRule(_RETURNS, f"the end of corrections is no date: {error}")
        return
    if manifest.board is None:
        return
    try:
        closes = seconds_of(manifest.board.closes)
    except DecodeError:  # another rule names it
        return
    if end <= closes:
        yield BrokenRule(_RETURNS, "the end of corrections lies after the end of voting")


def _units(manifest: Manifest, returns: DeclaredReturns) -> Iterator[BrokenRule]:
    known = set()
    for unit in (unit for root in manifest.units for unit in root.tree()):
        known.add(unit.path)
        declared = returns.units.get(unit.path)
        if declared is None:
            yield BrokenRule(_RETURNS, f"the unit {quoted(unit.path)} has no key")
        elif unit.reports and declared.kind is None:
            yield BrokenRule(_RETURNS, f"{quoted(unit.path)} reports, so it has a kind")
        elif not unit.reports and declared.kind is not None:
            yield BrokenRule(_RETURNS, f"{quoted(unit.path)} has units below it, so it has no kind")
    for path, declared in returns.units.items():
        if path not in known:
            yield BrokenRule(_RETURNS, f"there is no unit {quoted(path)}")
        fault = declared.fault(manifest.salt, unit_key_origin(path))
        if fault:
            yield BrokenRule(f"{_RETURNS}, unit {quoted(path)}", fault)
