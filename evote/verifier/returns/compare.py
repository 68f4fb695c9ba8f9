"""E.36 to E.42: what counts of the unit returns, held against ballots, logs, roll and decryption (A50).

Totals of ballots are recomputed from the ballots of the record, head and counts from its logs. Where ballots
or logs are not there, nothing is taken from the return instead: its totals are NOT_CHECKED.

:class:`Returns` looks on while the ballots go by, and speaks when the logs have been read.
"""

from __future__ import annotations

from evote.ballots import Election
from evote.errors import DecodeError, WorkerError
from evote.groups import Claimed
from evote.manifest import ReturnKind
from evote.record import layout
from evote.record.values import Stage
from evote.returns import (
    Completeness,
    MergedReturns,
    SealedTotal,
    Standing,
    UnitReturn,
    UnitStatus,
    completeness,
    reconcile,
    standings,
)
from evote.returns.closedlog import check_counts
from evote.returns.result import returns_json
from evote.verifier.chunk import ChunkResult
from evote.verifier.returns import ids
from evote.verifier.returns.reading import read_returns
from evote.verifier.state import Verification
from evote.verifier.sums import UnitSums

_NAMED = 20
"""Warnings about figures that somebody should look at."""


class Returns:
    """The unit returns of one record."""

    def __init__(self, run: Verification, election: Election) -> None:
        self._run = run
        self._election = election
        self._sums = UnitSums(election)
        self._torn = ""

    def see(self, result: ChunkResult) -> None:
        """The next stretch of ballots; raises :class:`WorkerError` for sums that are none."""
        for part in result.units:
            try:
                self._sums.merge(part)
            except DecodeError as error:
                raise WorkerError(f"a worker gave sums that are none: {error}") from error

    def tear(self) -> None:
        """A ballot cannot be read; it may be one that was counted."""
        self._torn = "a ballot cannot be read (E.2)"

    def finish(self) -> None:
        """Behind the ballots and the logs."""
        run = self._run
        if self._election.manifest.returns is None:
            return  # not applicable; said where the manifest is read
        if not run.reader.has(layout.RETURNS):
            if run.reaches(Stage.FINAL):
                run.skip(ids.RETURNS, "unit returns are declared and missing (E.15)")
            else:
                run.report.not_applicable(ids.RETURNS, "no unit has reported yet")
            return
        merged = read_returns(run, self._election)
        if merged is None:
            return
        state = completeness(merged)
        found = {standing.unit: standing for standing in standings(merged)}
        for standing in found.values():
            self._stands(standing)
            if standing.counted is not None:
                self._figures(standing.counted.returned)
        for identifier, reason in (
            (ids.PRODUCTS, "no unit has reported totals of ballots"),
            (ids.HEADS, "no unit has reported totals of ballots"),
            (ids.COUNTS, "no unit has reported totals of ballots"),
            (ids.RECONCILED, "no return counts"),
        ):
            if not run.report.looked(identifier):
                run.report.not_applicable((identifier,), reason)
        if run.reaches(Stage.FINAL):
            self._result(merged, state)
        run.report.add("units expected", state.expected)
        run.report.add("units reported", state.reported)

    # --- which version counts ------------------------------------------------------------------------

    def _stands(self, standing: Standing) -> None:
        run = self._run
        if not run.reaches(Stage.FINAL):
            return
        run.report.count(ids.CONFLICTS)
        run.report.count(ids.COMPLETE)
        if standing.conflict is not None:
            run.report.fail(
                ids.CONFLICTS,
                f"unit {standing.unit!r}",
                f"its returns contradict each other: {standing.conflict.reason}",
                expected="one version that counts, or a resolution",
                computed=", ".join(signed.digest.hex() for signed in standing.conflict.files),
            )
        elif standing.status is UnitStatus.MISSING:
            run.skip((ids.COMPLETE,), f"unit {standing.unit!r} has not reported")
        elif standing.status is UnitStatus.UNKNOWN:
            run.skip((ids.COMPLETE,), f"unit {standing.unit!r}: the roster of its return is not here")
        for signed in standing.stale:
            run.report.warn(f"Unit {standing.unit}: {signed.digest.hex()} is signed with a replaced key.")

    # --- figures ---------------------------------------------------------------------------------------

    def _figures(self, returned: UnitReturn) -> None:
        run, warned = self._run, 0
        if run.reaches(Stage.FINAL):
            run.report.count(ids.RECONCILED)
            for finding in reconcile(self._election, returned):
                if not finding.rule.flag:
                    run.report.fail(
                        ids.RECONCILED,
                        ", ".join(
                            part
                            for part in (returned.unit, finding.style, finding.contest, finding.field)
                            if part
                        ),
                        f"figures do not agree: {finding.rule.value}",
                        expected=finding.expected,
                        computed=finding.found,
                    )
                elif warned < _NAMED:
                    warned += 1
                    run.report.warn(f"Look at {finding}.")
        if returned.kind is ReturnKind.BALLOTS:
            self._ballots(returned)

    def _ballots(self, returned: UnitReturn) -> None:
        run, unit = self._run, returned.unit
        read = None if run.unit_logs is None else run.unit_logs.get(unit)
        if read is None or not read.closed:
            run.skip(
                ids.OF_BALLOTS,
                f"the ballots of unit {unit!r} are not here, on a closed log: its totals say nothing by "
                "themselves, and are never decrypted",
            )
            return
        if self._torn:
            run.skip((ids.PRODUCTS,), self._torn)
        else:
            for row in returned.sealed:
                self._products(unit, row)
        self._head(returned)
        if read.counts is None:
            run.skip((ids.COUNTS,), "what counts cannot be told of the logs")
            return
        run.report.count(ids.COUNTS, len(read.counts))
        for one in check_counts(returned.counts, read.counts):
            run.report.fail(
                ids.COUNTS,
                f"unit {unit!r}, style {one.style!r}, {one.name}",
                "the count is not that of the unit's log",
                expected=one.expected,
                computed=one.stated,
            )

    def _products(self, unit: str, row: SealedTotal) -> None:
        run, contest = self._run, self._election.manifest.contest_by_label(row.contest)
        computed = self._sums.fields(unit, row.style, contest.index)
        for stated, pair in zip(row.fields, computed, strict=True):
            where = f"unit {unit!r}, style {row.style!r}, contest {row.contest!r}, field {stated.label!r}"
            if pair is None:
                run.skip((ids.PRODUCTS,), f"{where}: a ballot's value is out of range (6.A)")
                continue
            sides: tuple[tuple[str, Claimed, bytes], ...] = (
                ("A", pair[0], stated.alpha),
                ("B", pair[1], stated.beta),
            )
            for name, wanted, found in sides:
                run.report.compare(
                    ids.PRODUCTS,
                    f"{where}, {name}",
                    "the total is not the product over the counted ballots of the unit",
                    expected=wanted.encode(),
                    computed=found,
                )

    def _head(self, returned: UnitReturn) -> None:
        run, log = self._run, returned.log
        read = None if run.unit_logs is None else run.unit_logs.get(returned.unit)
        if log is None or read is None:
            raise TypeError("a return of ballots names a log, and that log was read")
        if read.named is None:
            run.skip((ids.HEADS,), f"the closing checkpoint of unit {returned.unit!r} cannot be read (E.23)")
            return
        run.report.count(ids.HEADS)
        if log != read.named:
            run.report.fail(
                ids.HEADS,
                f"unit {returned.unit!r}",
                "the return names another closing head than that of the unit's log",
                expected=str(read.named),
                computed=str(log),
            )

    # --- the result ------------------------------------------------------------------------------------

    def _result(self, merged: MergedReturns, state: Completeness) -> None:
        run = self._run
        if run.decryption is None:
            run.skip((ids.RESULT,), f"{layout.DECRYPTION} cannot be read")
            return
        run.report.count(ids.RESULT)
        try:
            wanted = returns_json(merged, state, run.decryption.cells)
        except ValueError as error:
            run.skip((ids.RESULT,), f"the decryption does not have the cells of the manifest: {error}")
            return
        try:
            stated = run.reader.raw(layout.RETURNS_JSON) if run.reader.has(layout.RETURNS_JSON) else None
        except DecodeError as error:
            run.report.fail(ids.RESULT, layout.RETURNS_JSON, error.message)
            return
        if stated is None:
            run.report.fail(ids.RESULT, layout.RETURNS_JSON, "the file is missing")
        elif stated != wanted:
            run.report.fail(
                ids.RESULT,
                layout.RETURNS_JSON,
                "the file does not say what units reported and what was decrypted",
                **_difference(wanted, stated),
            )


def _difference(expected: bytes, stated: bytes) -> dict[str, str]:
    """The first line in which two texts differ."""
    wanted = expected.decode("utf-8", "replace").splitlines()
    found = stated.decode("utf-8", "replace").splitlines()
    for number, (one, two) in enumerate(zip(wanted, found, strict=False), 1):
        if one != two:
            return {"expected": f"line {number}: {one.strip()}", "computed": two.strip()}
    return {"expected": f"{len(expected)} bytes", "computed": f"{len(stated)} bytes"}
