"""Verifying a record from its published files alone.

:func:`verify_record` reads the record in a directory, makes every check of
:mod:`evote.verifier.registry`, collects all findings, and returns the report. A record of another
system is recognised, and read by :mod:`evote.interop`. It trusts nothing in
the record and needs no secret. The order of the work: files, parameters and manifest, guardians,
keys, index, then one pass over the ballots.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from contextlib import nullcontext
from typing import TypeVar

from evote.board.credential import BUILT_IN, CredentialVerifier, Schemes, schemes
from evote.errors import DecodeError
from evote.groups import Profile
from evote.hashing import sha256, tagged
from evote.interop import Request, recognise
from evote.manifest.extensions import INDEX
from evote.record import layout
from evote.record.files import Location
from evote.record.layout import Kind
from evote.record.reader import RecordReader
from evote.record.values import FORMAT, Stage
from evote.report import Report, ReportBuilder, Subject, shown
from evote.verifier.ballots import BallotPass
from evote.verifier.board.ids import BOARD
from evote.verifier.board.roll import check_declared, check_roll
from evote.verifier.checks.e10_index import check_index
from evote.verifier.checks.v01_parameters import check_extensions, check_manifest, check_parameters
from evote.verifier.checks.v02_guardians import check_guardians
from evote.verifier.checks.v03_keys import check_keys
from evote.verifier.foreign import Workers, verify_foreign
from evote.verifier.look import Observer
from evote.verifier.method import Method, Way, require_kernel
from evote.verifier.plan import Options, Plan
from evote.verifier.preparing import StateOptions, finish_state, make_plan, open_state
from evote.verifier.registry import CHECKS, PRE_ENCRYPTION, later_than, reached
from evote.verifier.returns.ids import RETURNS
from evote.verifier.state import Progress, Verification
from evote.verifier.summary import election_summary

FORMAT_NAME = f"evote record {FORMAT}"

NOT_STANDARD = "not the standard 2.1 set"
TOY_SET = "a toy set for tests, not for any election"

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")

T = TypeVar("T")


def verify_record(
    directory: Location,
    *,
    expect: str | None = None,
    stage: Stage = Stage.FINAL,
    zero_ballots_expected: bool = False,
    progress: Progress | None = None,
    method: str = "auto",
    reproducible: bool = False,
    kernel: str = "auto",
    executor: Executor | None = None,
    ahead: int | None = None,
    resume: Location | None = None,
    since: Location | None = None,
    credential_schemes: Iterable[CredentialVerifier] = (),
) -> Report:
    """Verify the record in ``directory`` and report everything that was checked and found.

    ``expect`` is the fingerprint (H_E as 64 hexadecimal digits) known from elsewhere; ``stage`` says
    how far the election is: SETUP checks parameters, manifest, guardians and keys, VOTING also the
    ballots so far, FINAL everything. A record without ballots is INCOMPLETE unless its verified
    closing head, or ``zero_ballots_expected``, says that there are none. ``progress`` is called with
    what is being done, how much is done, and how much there is (0 if not known).

    How it is worked out changes nothing of what is found. ``method`` is "plain" (one equation at a time),
    "batch" or "auto" (ballots with hints in batches); ``reproducible`` derives the weights of the batches
    from the bytes of each stretch, so that anybody can repeat the run; ``kernel`` is "auto" or "gmpy2".
    Stretches of ballots are looked at by the workers of ``executor``, at most ``ahead`` at a time, or here.
    ``resume`` is a file that keeps what was done: an interrupted verification goes on from there;
    ``since`` is such a file of a verification that ended, and what it covers is compared by its digests and
    not looked at again (``specs/resuming.md`` says what these files are trusted for).

    ``credential_schemes`` check credentials that others issue, a national e-ID for example, under the names
    that the manifest declares; of a declared scheme without one, E.17 and E.22 are NOT_CHECKED. They are
    pickled where an executor of other processes works.

    Raises :class:`~evote.errors.StorageError` if there is no record, or a file cannot be read or changes
    while the record is verified, :class:`~evote.errors.RefusedError` for a state of something else,
    :class:`~evote.errors.WorkerError` for a worker that was lost or answered wrongly, and
    ``ValueError`` for an ``expect`` that is no fingerprint, for an unknown method or kernel, and for two
    verifiers of one scheme. What is
    wrong with the record is never raised. Published groups only: a toy group fails 1.B, 1.C and 1.D.
    """
    require_kernel(kernel)
    expect = _fingerprint(expect)
    way = Method(Way(method), reproducible)
    known = schemes(*credential_schemes)
    foreign = recognise(directory)
    if foreign is not None:
        asked = Request(expect, stage, zero_ballots_expected, progress)
        stateful = resume is not None or since is not None
        return verify_foreign(foreign, asked, way, Workers(executor, ahead), stateful=stateful)
    return _verify(
        RecordReader(directory),
        expect=expect,
        stage=stage,
        zero_ballots_expected=zero_ballots_expected,
        progress=progress,
        options=Options(way, executor, ahead),
        state=StateOptions.of(resume, since),
        known=known,
    )


def verify_reader(
    reader: RecordReader,
    *,
    stage: Stage = Stage.FINAL,
    progress: Progress | None = None,
    method: str = "auto",
    executor: Executor | None = None,
    observer: Observer | None = None,
    credential_schemes: Iterable[CredentialVerifier] = (),
) -> Report:
    """:func:`verify_record` for a record that is open already.

    ``observer`` is shown the examination of every ballot, in the order of the record; whoever goes on to
    use the ballots makes verified ones of those without findings
    (:func:`evote.ballots.verified_of`). The work is then done in this process: ``ValueError`` with an
    ``executor`` besides.
    """
    options = Options(Method(Way(method)), executor, observer=observer)
    known = schemes(*credential_schemes)
    return _verify(reader, stage=stage, progress=progress, options=options, known=known)


def _fingerprint(expect: str | None) -> str | None:
    """A fingerprint as its reader wrote it, in its one form."""
    if expect is None:
        return None
    expect = expect.strip().lower()
    if not _FINGERPRINT.fullmatch(expect):
        raise ValueError("a fingerprint has 64 hexadecimal digits")
    return expect


def _verify(
    reader: RecordReader,
    *,
    expect: str | None = None,
    stage: Stage = Stage.FINAL,
    zero_ballots_expected: bool = False,
    progress: Progress | None = None,
    options: Options = Options(),  # noqa: B008 - a frozen value
    state: StateOptions | None = None,
    known: Schemes = BUILT_IN,
) -> Report:
    """:func:`verify_record` for a reader, which decides the groups that are known."""
    expect = _fingerprint(expect)
    reader.watch()
    report = ReportBuilder(CHECKS, format_name=FORMAT_NAME)
    for name in ("ballots", "cast", "challenged", "selections"):
        report.add(name, 0)
    run = Verification(reader, report, stage, expect, zero_ballots_expected, progress, known)
    report.not_applicable(later_than(stage), f"this was checked as far as stage {stage.value!r} only")
    _read_setup(run)
    check_manifest(run)
    if run.manifest is None or run.manifest.pre_encryption is None:
        report.not_applicable(PRE_ENCRYPTION, "the manifest declares no pre-encrypted ballots")
    _bound_stage(run)
    check_parameters(run)
    _read_guardians(run)
    check_extensions(run)
    check_declared(run)
    check_roll(run)
    check_keys(run)
    check_guardians(run)
    with open_state(run, options, state) or nullcontext() as held:
        plan = make_plan(run, options, held)
        check_index(run)
        if run.reaches(Stage.VOTING):
            _check_ballots(run, plan)
        report.subject = _subject(run, stage)
        if run.reaches(Stage.FINAL):
            report.summary = election_summary(run)
        _notes(run)
        if held is not None:
            finish_state(run, held)
    return report.build()


def _bound_stage(run: Verification) -> None:
    """What a declared index does not claim to be there yet is not checked, and not missing either."""
    asked = run.stage
    if run.manifest is None or INDEX not in run.manifest.extensions:
        return
    try:
        latest = run.reader.latest_index()
    except DecodeError:
        return  # E.10 names it
    if latest is not None and not reached(latest.stage, asked):
        run.stage = latest.stage
        reason = f"the record is sealed at stage {latest.stage.value!r}, not {asked.value!r}"
        run.report.skip(later_than(latest.stage) - later_than(asked) - _not_declared(run), reason)
        run.report.warn(f"T{reason[1:]}: what comes later is not there yet.")


def _not_declared(run: Verification) -> frozenset[str]:
    """The checks on pre-encrypted ballots, unless the manifest declares them."""
    declared = run.manifest is not None and run.manifest.pre_encryption is not None
    return frozenset() if declared else frozenset(PRE_ENCRYPTION)


# --- files -------------------------------------------------------------------------------------------


def _read(run: Verification, name: str, read: Callable[[], T]) -> T | None:
    """The value of a file; None, with a finding of E.16, if it is missing or does not decode."""
    run.report.count("E.16")
    if not run.reader.has(name):
        run.report.fail("E.16", name, "the file is missing")
        return None
    try:
        return read()
    except DecodeError as error:
        run.report.fail("E.16", error.where or name, f"the file does not decode: {error.message}")
        return None


def _read_setup(run: Verification) -> None:
    run.manifest_raw = _read(run, layout.MANIFEST, run.reader.manifest_bytes)
    run.parameters = _read(run, layout.PARAMETERS, run.reader.parameters)


def _read_guardians(run: Verification) -> None:
    """What has group elements in it, whose width the parameters decide."""
    reader = run.reader
    if run.parameters is None:
        return
    run.guardians = _read(run, layout.GUARDIANS, reader.guardians)
    run.keys = _read(run, layout.KEYS, reader.keys)
    if run.reaches(Stage.VOTING):
        run.devices = _read(run, layout.DEVICES, reader.devices)
        if run.manifest is not None and run.manifest.board is not None and reader.has(layout.CHECKPOINTS):
            run.checkpoints = _read(run, layout.CHECKPOINTS, reader.checkpoints)
    if run.reaches(Stage.FINAL):
        run.tally = _read(run, layout.TALLY, reader.tally)
        run.decryption = _read(run, layout.DECRYPTION, reader.decryption)
        for name in (layout.RESULT_JSON, layout.RESULT_CSV):
            run.report.count("E.16")
            if not reader.has(name):
                run.report.fail("E.16", name, "the file is missing")


def _check_ballots(run: Verification, plan: Plan | None) -> None:
    if run.election is None or plan is None:
        reason = "parameters, manifest or keys are not known, and nothing can be checked without them"
        ballots = later_than(Stage.SETUP) - _not_declared(run)
        if run.manifest is not None and run.manifest.board is None:
            ballots -= frozenset(BOARD)
        if run.manifest is not None and run.manifest.returns is None:
            ballots -= frozenset(RETURNS)
        run.skip(ballots, reason)
        return
    ballot_pass = BallotPass(run, run.election, plan)
    try:
        ballot_pass.run()
    finally:
        ballot_pass.close()


# --- what the report is about ------------------------------------------------------------------------


def _subject(run: Verification, stage: Stage) -> Subject:
    return Subject(
        digest=_digest(run),
        fingerprint="" if run.fingerprint is None else run.fingerprint.hex(),
        group="" if run.parameters is None else shown(run.parameters.group),
        profile="" if run.group is None else _PROFILES[run.group.profile],
        expected=run.expect,
        election="" if run.manifest is None else run.manifest.label,
        stage=stage.value,
        test=run.manifest is not None and run.manifest.test,
    )


_PROFILES = {Profile.STANDARD: "", Profile.NAMED: NOT_STANDARD, Profile.TOY: TOY_SET}


def _digest(run: Verification) -> str:
    """SHA-256 of the newest index file, or of the list of all files where no index that holds names them."""
    if run.sealed:
        return sha256(run.reader.indexes()[-1][1]).hex()
    fields = []
    for found in run.reader.files():
        if found.regular and layout.kind_of(found.path) in (Kind.SINGLE, Kind.SEGMENT):
            _, digest = run.reader.file_digest(found.path)
            fields += [found.path.encode("utf-8"), digest]
    return tagged("evote/v1/record-files", *fields).hex()


def _notes(run: Verification) -> None:
    """What the reader must know beside the verdict."""
    report, manifest = run.report, run.manifest
    if manifest is not None and manifest.test:
        report.warn("The manifest marks this election as a test: this is a rehearsal.")
    if report.subject.profile:
        report.warn(f"The group {report.subject.group} is {report.subject.profile}.")
    if run.election is not None:
        for sentence in run.election.parameters.warnings():
            report.warn(sentence)
    if run.election is not None and run.election.manifest.requests is None:
        parameters = run.election.parameters
        early = run.reader.has(layout.PROVISIONAL)
        if early or (2 * parameters.quorum <= parameters.guardians and run.reaches(Stage.FINAL)):
            report.warn(
                "The manifest declares no log of requests to decrypt: that no cell was decrypted twice from "
                "different ballots rests on the ledgers of the guardians alone."
            )
    if manifest is not None and run.reaches(Stage.FINAL):
        cells = sum(len(manifest.cells(contest.index)) for contest in manifest.contests)
        if cells > len(manifest.contests):
            report.warn(
                f"Verifications 9 to 11 were made cell by cell: {cells} cells in {len(manifest.contests)} "
                "contests. All other figures are sums of decrypted ones."
            )
