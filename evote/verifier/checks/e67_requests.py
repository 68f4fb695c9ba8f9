"""E.67 to E.69: the log of requests to decrypt, where the manifest declares one (rule A51).

The log is one of its own: entries and signed heads in the order in which they came about. The last frame is a
head over all entries, cosigned as the manifest demands. With it, that no other quorum decrypted
something else of the same ballots does not rest on the word of the guardians alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from evote.board.checkpoint import open_checkpoint
from evote.board.note import Note
from evote.decryption.requestlog import RequestFrameKind, RequestLog, cell_digest
from evote.errors import DecodeError, VerificationError
from evote.manifest import DeclaredRequests
from evote.record import layout
from evote.record.provisional import ProvisionalResult
from evote.record.values import Stage
from evote.tally import DecryptedCell, TalliedCell
from evote.tally.closings import cell_name
from evote.verifier.state import Verification

LOG, APART, REQUESTED = "E.67", "E.68", "E.69"
REQUESTS = (LOG, APART, REQUESTED)


def check_requests(run: Verification, election: bytes, results: Sequence[ProvisionalResult]) -> None:
    """E.67 to E.69; ``election`` is H_E, ``results`` what was published before the end."""
    declared = None if run.manifest is None else run.manifest.requests
    report = run.report
    if declared is None:
        report.not_applicable(REQUESTS, "the manifest declares no log of requests")
        return
    if not run.reader.has(layout.REQUESTS):
        if run.reaches(Stage.FINAL) or any(result.cells for result in results):
            report.fail("E.15", layout.REQUESTS, "the manifest declares a log of requests, and there is none")
            run.skip(REQUESTS, "the log of requests is declared and missing (E.15)")
        else:
            report.not_applicable(REQUESTS, "nothing was decrypted yet")
        return
    log = _read(run, declared, election)
    if log is None:
        run.skip((APART, REQUESTED), "the log of requests cannot be read (E.67)")
        return
    report.add("requests", len(log.entries))
    report.count(APART, len(log.entries))
    for earlier, later, reason in log.overlaps():
        where = f"{layout.REQUESTS}, entries {earlier} and {later}"
        report.fail(APART, where, f"two requests overlap: {reason}")
    _check_requested(run, log, results)
    if not report.looked(REQUESTED):
        report.not_applicable(REQUESTED, "nothing was decrypted")


def _read(run: Verification, declared: DeclaredRequests, election: bytes) -> RequestLog | None:
    """E.67; None for a log that cannot be read to its end."""
    report, log = run.report, RequestLog(declared, election)
    last: Note | None = None
    where = layout.REQUESTS
    try:
        for position, _, frame in run.reader.requests():
            where = f"{layout.REQUESTS}, frame {position}"
            report.count(LOG)
            if isinstance(frame, DecodeError):
                raise frame
            if frame.kind is RequestFrameKind.ENTRY:
                log.add(frame.body)
                last = None
                continue
            last = Note.parse(frame.body)
            head = open_checkpoint(last, log.key)
            if head.size != log.tree.size or head.root != log.tree.root():
                raise VerificationError(
                    "the head is not that of the entries before it",
                    expected=f"{log.tree.size} entries, root {log.tree.root().hex()}",
                    computed=f"{head.size} entries, root {head.root.hex()}",
                )
        where = layout.REQUESTS
        if last is None:
            raise VerificationError("no head stands behind the last request")
        log.verify(last)
    except VerificationError as error:
        report.fail(LOG, where, error.message, expected=error.expected, computed=error.computed)
    except (DecodeError, ValueError) as error:
        report.count(LOG)
        report.fail(LOG, where, f"this is no part of a log of requests: {error}")
        return None
    if not log.policy.witnessed:
        report.warn("No witness is named for the log of requests: one log for all is taken on trust.")
    return log


def _check_requested(run: Verification, log: RequestLog, results: Sequence[ProvisionalResult]) -> None:
    """E.69: each decrypted cell, and the contest data and nonces, were requested."""
    requested = {(cell.contest, cell.cell, cell.digest) for entry in log.entries for cell in entry.cells}
    places: list[tuple[str, Sequence[DecryptedCell], Sequence[TalliedCell]]] = [
        (f"{layout.PROVISIONAL}, number {result.sequence}", result.cells, result.tally) for result in results
    ]
    if run.reaches(Stage.FINAL) and run.decryption is not None and run.tally is not None:
        places.append((layout.DECRYPTION, run.decryption.cells, run.tally.cells))
        _check_ballots(run, log)
    for where, cells, tally in places:
        sums = {(cell.contest, cell.cell): cell for cell in tally}
        for cell in cells:
            summed = sums.get((cell.contest, cell.cell))
            if summed is None:
                continue  # E.12 or E.60 names it
            run.report.count(REQUESTED)
            values = [side for field in summed.fields for side in (field.alpha, field.beta)]
            digest = cell_digest(cell.contest, cell.cell, values)
            if (cell.contest, cell.cell, digest) not in requested:
                run.report.fail(
                    REQUESTED,
                    f"{where}, {cell_name(cell.contest, cell.cell)}",
                    "the cell was decrypted and is on no request",
                )


def _check_ballots(run: Verification, log: RequestLog) -> None:
    manifest = run.manifest
    if manifest is None:
        return
    opened = (manifest.decrypt_contest_data and run.reader.has(layout.DATA)) or (
        manifest.guardian_opening and run.reader.has(layout.OPENINGS)
    )
    if opened:
        run.report.count(REQUESTED)
        if all(entry.ballots is None for entry in log.entries):
            run.report.fail(
                REQUESTED,
                layout.REQUESTS,
                "single ballots were decrypted or opened, and that is on no request",
            )
