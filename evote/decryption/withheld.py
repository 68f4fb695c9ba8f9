"""Which cells are not decrypted, because a sum over so few ballots would show votes (A51, A70).

The one place of the rule: guardians and verifiers both ask :func:`withheld`, which looks only at
counts that anybody can take from the record. Decision and examples:
``specs/decisions/withheld-cells.md``.
"""

from __future__ import annotations

from collections.abc import Sequence

from evote.manifest import Manifest
from evote.tally import CellSum, Tally, WithheldCell


def withheld(tally: Tally) -> tuple[WithheldCell, ...]:
    """The cells of a complete tally that are not decrypted, in manifest order, each with its reason.

    Raises :class:`~evote.errors.RefusedError` unless the tally is complete.
    """
    tally.require_complete()
    manifest = tally.election.manifest
    found = []
    for contest in manifest.contests:
        for cell in manifest.cells(contest.index):
            reason = reason_to_withhold(manifest, tally.cell(contest, cell))
            if reason:
                found.append(WithheldCell(contest.label, cell.label, reason))
    return tuple(found)


def reason_to_withhold(manifest: Manifest, held: CellSum) -> str:
    """Why a cell with these sums is not decrypted, in words; empty if it is."""
    return too_few(manifest.minimum_cell, held.classes)


def too_few(minimum: int, classes: Sequence[tuple[int, int]]) -> str:
    """The rule itself, on counts alone; the reason in words, or empty.

    ``classes`` are the weights that occur among the counted ballots of a cell, each with its number of
    ballots. A cell needs ``minimum`` ballots, and as many of every weight that occurs
    in it: a single ballot of a large weight could be read off the total. A cell without any ballot
    is decrypted: it hides nothing, and its counts are zero for all to see.
    """
    total = sum(ballots for _, ballots in classes)
    if 0 < total < minimum:
        return f"{_ballots(total)} counted, and fewer than {minimum} are not decrypted together"
    for weight, ballots in classes:
        if ballots < minimum:
            return (
                f"{_ballots(ballots)} of weight {weight} counted, and fewer than {minimum} of one weight "
                "are not decrypted together"
            )
    return ""


def _ballots(number: int) -> str:
    return "1 ballot is" if number == 1 else f"{number} ballots are"
