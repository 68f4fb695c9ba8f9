"""E.22 and what E.15 says of boards and rolls: what is declared is there, and what is there is declared.

The roll is read in one pass, held to its order, its keys to each other, number of slots and root. Whether a
key is a valid one shows when it signs: an invalid key can sign nothing. Where the manifest declares other
schemes of credentials, whoever verifies brings their verifiers; without, what they would say is not checked.
"""

from __future__ import annotations

from collections.abc import Iterator

from evote.board.roll import Roll
from evote.errors import DecodeError, VerificationError
from evote.manifest import Manifest
from evote.manifest.extensions import INDEX
from evote.record import layout
from evote.record.values import Stage
from evote.verifier.board import ids
from evote.verifier.returns.ids import RETURNS
from evote.verifier.state import Verification


def check_declared(run: Verification) -> None:
    """E.15: a declared board and roll are there (A60); E.16: what is there was declared."""
    manifest, report = run.manifest, run.report
    if manifest is None:
        run.skip((*ids.BOARD, *RETURNS), "the manifest cannot be read")
        return
    if manifest.board is None:
        report.not_applicable(ids.BOARD, "the manifest declares no board")
    elif manifest.roll is None:
        report.not_applicable((ids.ROLL, ids.REISSUES), "the manifest declares no roll")
    wanted = []
    if manifest.returns is None:
        report.not_applicable(RETURNS, "the manifest declares no unit returns")
        for name in (layout.RETURNS, layout.RETURNS_JSON):
            if run.reader.has(name):
                report.fail("E.16", name, "this belongs to unit returns, and the manifest declares none")
    else:
        wanted.append((layout.RETURNS, "unit returns, and there are none", Stage.FINAL))
    if manifest.roll is not None:
        wanted.append((layout.ROLL, "a roll", Stage.SETUP))
    if manifest.board is not None:
        wanted.append((layout.LOG, "a board, and there are no logs", Stage.VOTING))
        wanted.append((layout.CHECKPOINTS, "a board, and there are no closing checkpoints", Stage.VOTING))
    for name, what, stage in wanted:
        if run.reaches(stage) and not run.reader.has(name):
            missing = what if "," in what else f"{what}, and there is none"
            report.fail("E.15", name, f"the manifest declares {missing}")
    for name in _undeclared(manifest):
        if run.reader.has(name):
            report.fail("E.16", name, "this belongs to a board or a roll, and the manifest declares none")
    _check_log_of_requests(run, manifest)


def _undeclared(manifest: Manifest) -> Iterator[str]:
    if manifest.roll is None:
        yield layout.ROLL
    if manifest.board is None:
        yield from layout.BOARD


def _check_log_of_requests(run: Verification, manifest: Manifest) -> None:
    """E.16: a log of requests, or provisional results, for which the manifest names no key."""
    undeclared = []
    if manifest.requests is None:
        undeclared.append((layout.REQUESTS, "it declares no log of requests"))
    if INDEX not in manifest.extensions:
        names = (layout.CLOSINGS, layout.PROVISIONAL)
        undeclared += [(name, "it names no authority that could seal this") for name in names]
    for name, reason in undeclared:
        if run.reader.has(name):
            run.report.fail("E.16", name, f"this does not belong to an election of this manifest: {reason}")


def check_roll(run: Verification) -> None:
    """E.22; leaves the roll behind."""
    manifest, report = run.manifest, run.report
    if manifest is None or manifest.roll is None:
        return
    if not run.reader.has(layout.ROLL):
        run.skip((ids.ROLL,), "the roll is declared and missing (E.15)")
        return
    report.count(ids.ROLL)
    try:
        run.roll = Roll.read(manifest, (frame for _, frame, _ in run.reader.roll()))
    except (DecodeError, VerificationError) as error:
        computed = getattr(error, "computed", "")
        expected = getattr(error, "expected", "")
        where = ", ".join(part for part in (layout.ROLL, error.where) if part)
        report.fail(ids.ROLL, where, error.message, expected=expected, computed=computed)
        return
    report.count(ids.ROLL, len(run.roll))
    report.add("slots", len(run.roll))
    for scheme in run.roll.unknown(run.schemes):
        run.skip(
            (ids.ROLL, ids.SIGNATURES),
            f"no verifier is given for credentials of the scheme {scheme!r}, which the manifest declares",
        )
    try:
        run.roll.check_identities(run.schemes)
    except VerificationError as error:
        report.fail(ids.ROLL, f"{layout.ROLL}, {error.where}", error.message, expected=error.expected)
