"""One provisional result, and two of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evote.errors import VerificationError
from evote.manifest import Manifest
from evote.record.figures import figures
from evote.record.provisional import (
    FORMAT,
    ProvisionalResult,
    follow_faults,
    form_faults,
    open_provisional,
    seal_provisional,
    verify_provisional,
)
from evote.signing import SigningKey
from evote.tally import (
    ClosingHead,
    DecryptedCell,
    DecryptedField,
    TalliedCell,
    TalliedField,
    UnitChange,
    UnitHead,
)
from evote.testing.randomness import SeededRandomness
from tests.tally.test_closings import DRAFT

MANIFEST = Manifest.build(DRAFT, salt=bytes(32), authority_key=None)
KEY = SigningKey.generate(SeededRandomness("authority of results"))
ELECTION = bytes([7]) * 32
WIDTH = 4


def head(number: int) -> ClosingHead:
    return ClosingHead(number, bytes([number]) * 32)


def tallied(unit: str) -> TalliedCell:
    return TalliedCell("Mayor", unit, 3, 3, (TalliedField("a", bytes(WIDTH), bytes(WIDTH)),))


def decrypted(unit: str, count: int = 2) -> DecryptedCell:
    return DecryptedCell("Mayor", unit, (DecryptedField("a", bytes(WIDTH), count, bytes(32), bytes(32)),))


FIRST = ProvisionalResult(
    FORMAT,
    1,
    None,
    "2026-06-30T20:00:00Z",
    ELECTION,
    1,
    (UnitHead("W", head(1)),),
    (),
    (),
    (1, 2),
    (tallied("W"),),
    (decrypted("W"),),
    (),
)
SECOND = replace(
    FIRST,
    sequence=2,
    previous=bytes(32),
    closings=2,
    units=(UnitHead("W", head(1)), UnitHead("X", head(2))),
    tally=(tallied("W"), tallied("X")),
    cells=(decrypted("W"), decrypted("X")),
)


def checks(earlier: ProvisionalResult, later: ProvisionalResult) -> list[str]:
    return [fault.check for fault in follow_faults(MANIFEST, earlier, later)]


def test_a_result_is_signed_for_its_election() -> None:
    sealed = seal_provisional(FIRST, KEY)
    assert verify_provisional(sealed, KEY.verify_key, ELECTION, WIDTH) == FIRST
    assert open_provisional(sealed, WIDTH) == FIRST
    with pytest.raises(VerificationError, match="another election"):
        verify_provisional(sealed, KEY.verify_key, bytes(32), WIDTH)
    with pytest.raises(VerificationError, match="signature does not hold"):
        verify_provisional(replace(sealed, signature=bytes(64)), KEY.verify_key, ELECTION, WIDTH)


@pytest.mark.parametrize(
    "change",
    [
        {"date": "yesterday"},
        {"previous": bytes(32)},
        {"units": FIRST.units * 2},
        {"guardians": (2, 1)},
        {"guardians": ()},
        {"tally": ()},
        {"cells": FIRST.cells * 2},
    ],
)
def test_a_result_that_breaks_its_form_is_not_sealed(change: dict[str, object]) -> None:
    broken = replace(FIRST, **change)  # type: ignore[arg-type]
    assert [fault.check for fault in form_faults(broken)]
    with pytest.raises(ValueError, match=r".+"):
        seal_provisional(broken, KEY)


def test_a_later_result_has_what_the_earlier_had() -> None:
    assert checks(FIRST, SECOND) == []
    assert checks(SECOND, FIRST)[0] == "E.62"
    assert checks(FIRST, replace(SECOND, units=SECOND.units[1:])) == ["E.62"]
    assert checks(FIRST, replace(SECOND, guardians=(1, 3))) == ["E.62"]
    assert checks(FIRST, replace(SECOND, date="2026-06-30T19:00:00Z")) == ["E.62"]
    assert checks(FIRST, replace(SECOND, closings=0)) == ["E.62"]
    assert checks(FIRST, replace(SECOND, fingerprint=bytes(32))) == ["E.62"]
    assert checks(FIRST, replace(SECOND, cells=(decrypted("W", 1), decrypted("X")))) == ["E.65"]
    assert checks(FIRST, replace(SECOND, tally=SECOND.tally[1:], cells=SECOND.cells[1:])) == ["E.65", "E.65"]


def test_a_head_changes_through_a_link_and_only_before_its_unit_is_decrypted() -> None:
    change = UnitChange("X", head(2), head(3), "a box was found")
    closed = replace(FIRST, units=SECOND.units)
    later = replace(SECOND, units=(SECOND.units[0], UnitHead("X", head(3))), replaced=(change,))
    assert checks(closed, later) == []
    assert checks(closed, replace(later, replaced=())) == ["E.62"]
    assert checks(SECOND, replace(later, sequence=3)) == ["E.62"]
    moved = replace(later, units=(UnitHead("W", head(9)), later.units[1]))
    assert checks(closed, moved) == ["E.62"]
    kept = replace(closed, discrepancies=(UnitChange("W", head(1), head(8), "late"),))
    assert checks(kept, later) == ["E.62"]


def test_figures_are_sums_of_decrypted_cells() -> None:
    found = figures(MANIFEST, SECOND)
    assert (found["reported"], found["units"], found["missing"]) == (2, 2, [])
    mayor, plan = found["contests"]
    assert (mayor["cells"], mayor["of"], mayor["ballots"], mayor["units"]) == (2, 2, 6, 2)
    assert mayor["votes"] == [{"option": "a", "votes": 4}]
    assert (plan["cells"], plan["of"], plan["votes"]) == (0, 1, [{"option": "a", "votes": 0}])
    assert figures(MANIFEST, FIRST)["missing"] == ["X"]
