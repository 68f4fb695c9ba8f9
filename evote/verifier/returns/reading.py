"""E.34 and E.35: the files of unit returns in a record, each authentic by itself, and the rosters they name.

The files are merged here as anybody merges them, so that what the record says of them is not needed. Left
behind are the merged returns; which of them counts is decided by :mod:`evote.returns.standing`.
"""

from __future__ import annotations

from evote.ballots import Election
from evote.errors import DecodeError
from evote.record import layout
from evote.returns import IntakeReport, MergedReturns, Merger, ReturnError, ReturnVerdict, open_file
from evote.returns.envelope import FileKind
from evote.verifier.returns import ids
from evote.verifier.state import Verification

_KINDS = (FileKind.RETURN, FileKind.ROSTER, FileKind.RESOLUTION)


def read_returns(run: Verification, election: Election) -> MergedReturns | None:
    """The merged returns of the record; None if its files cannot be read to their end."""
    merger = Merger(MergedReturns.empty(election))
    position = 0
    try:
        for position, _, frame in run.reader.returns():
            _offer(run, merger, position, frame if isinstance(frame, DecodeError) else frame.file)
    except DecodeError as error:
        run.report.count(ids.FILES)
        run.report.fail(ids.FILES, error.where or layout.RETURNS, f"this is no file: {error.message}")
        run.skip(ids.RETURNS, "the files of unit returns cannot be read to their end (E.34)")
        return None
    merged, report = merger.finish()
    _tell(run, report)
    _rosters(run, merged)
    return merged


def _offer(run: Verification, merger: Merger, position: int, data: bytes | DecodeError) -> None:
    """One frame; files of a kind that holds others have no place among them."""
    where = f"{layout.RETURNS}, frame {position}"
    try:
        if isinstance(data, DecodeError):
            raise ReturnError(ReturnVerdict.MALFORMED, data.message)
        kind = open_file(data).kind
        if kind not in _KINDS:
            raise ReturnError(ReturnVerdict.MALFORMED, f"a file of kind {kind.name} has no place here")
    except ReturnError as error:
        run.report.count(ids.FILES)
        _fail(run, where, error.verdict, error.unit, error.message)
        return
    merger.offer(where, data)


def _tell(run: Verification, report: IntakeReport) -> None:
    for arrival in report.arrivals:
        identifier = ids.ROSTERS if arrival.verdict is ReturnVerdict.BAD_ROSTER else ids.FILES
        run.report.count(identifier)
        if arrival.verdict is ReturnVerdict.DUPLICATE:
            run.report.fail(ids.FILES, arrival.name, "the record has this very file before")
        elif arrival.verdict is ReturnVerdict.UNKNOWN_ROSTER:
            run.skip((ids.ROSTERS,), f"{arrival.name}: {arrival.message}")
        elif arrival.verdict is ReturnVerdict.UNKNOWN_SCHEME:
            run.skip((ids.FILES,), f"{arrival.name}: {arrival.message}")
        elif arrival.verdict is ReturnVerdict.CLOCK_SKEWED:
            run.report.warn(f"Unit {arrival.unit}: {arrival.message}.")
        elif not arrival.verdict.taken:
            _fail(run, arrival.name, arrival.verdict, arrival.unit, arrival.message, identifier)


def _rosters(run: Verification, merged: MergedReturns) -> None:
    run.report.count(ids.ROSTERS, len(merged.rosters.all()))
    for digest in merged.rosters.forks:
        run.report.fail(
            ids.ROSTERS,
            f"roster {digest.hex()}",
            "the authority signed two successors of one version",
            expected="one successor",
        )


def _fail(
    run: Verification,
    where: str,
    verdict: ReturnVerdict,
    unit: str,
    message: str,
    identifier: str = ids.FILES,
) -> None:
    of = f" (of unit {unit!r})" if unit else ""
    run.report.fail(identifier, f"{where}{of}", message, computed=verdict.value)
