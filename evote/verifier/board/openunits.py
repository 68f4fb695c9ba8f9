"""Which units of a board have to be closed: all, or, in a record that grows, those that are said to be.

A record that takes no more ballots, or in which no unit was ever closed by itself, has the logs of all units,
each at its end. Only where the newest index, which the authority signs, says that the record goes on, are the
units those of the statements in ``closings/``; E.23 to E.33 are then about these, E.61 holds the statements
to their logs, and the report says how many units are missing. A record of stage ``final`` is never of this
kind, since its index has a closing head.
"""

from __future__ import annotations

from collections.abc import Sequence

from evote.errors import DecodeError
from evote.manifest.extensions import INDEX
from evote.record import layout
from evote.record.values import Stage
from evote.verifier.board.unitlog import UnitLog
from evote.verifier.state import Verification

CLOSED = "E.61"
"""Units are closed by statements, with the ballots of the record."""

_NAMED = 20
"""Units that a sentence names."""


def closed_units(run: Verification) -> frozenset[str] | None:
    """Paths of the units that are closed in a record that goes on; None where all have to be."""
    reader, manifest = run.reader, run.manifest
    if manifest is None or INDEX not in manifest.extensions or not reader.has(layout.CLOSINGS):
        return None
    try:
        latest = reader.latest_index()
        stated = [closing for _, _, closing in reader.closings()]
    except DecodeError:
        return None  # E.10 and E.61 name it
    if latest is None or latest.head is not None or latest.stage is not Stage.VOTING:
        return None
    units = frozenset(one.unit for one in stated if not isinstance(one, DecodeError))
    wanted = frozenset(unit.path for unit in manifest.ballot_units())
    return None if units >= wanted else units & wanted


def tell_open(run: Verification, unclosed: Sequence[UnitLog]) -> None:
    """Name the units that are open; E.61 if the record has entries of one."""
    if run.closed_units is None:
        return
    report = run.report
    for log in unclosed:
        report.count(CLOSED)
        if log.size:
            report.fail(
                CLOSED,
                f"log of {log.unit!r}",
                "the record has entries of a unit that no statement closes",
                expected="none",
                computed=f"{log.size} entries",
            )
    closed = len(run.closed_units)
    names = ", ".join(log.unit for log in unclosed[:_NAMED])
    more = f" and {len(unclosed) - _NAMED} more" if len(unclosed) > _NAMED else ""
    report.add("units closed", closed)
    report.warn(
        f"{closed} of {closed + len(unclosed)} units are closed, and what is said of logs and ballots is "
        f"said of these. Open: {names}{more}."
    )
