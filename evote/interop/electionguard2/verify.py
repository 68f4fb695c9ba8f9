"""Verifies a 2.0 record: reads its files in order, makes every check, and reports all that was found.

The order of the work: parameters and configuration, manifest, guardians and keys, then one pass over the
ballots, one file at a time, then sums and decryptions. The fingerprint of the report is the extended base
hash H_E, as computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from evote.errors import DecodeError
from evote.groups import named
from evote.hashing import tagged
from evote.interop.contract import Request
from evote.interop.electionguard2.ballots import Seen
from evote.interop.electionguard2.chains import Devices, check_chains
from evote.interop.electionguard2.challenged import Decryptions, check_left
from evote.interop.electionguard2.checks import (
    CHAINS,
    CHALLENGES,
    CHECKS,
    COUNTED_DATA,
    FAMILIES,
    PRE_ENCRYPTION,
    REGULAR,
    later_than,
)
from evote.interop.electionguard2.layout import (
    BALLOT_NAME,
    BALLOTS,
    CHAIN,
    CHALLENGED,
    CONFIG,
    CONSTANTS,
    DECRYPTED,
    DECRYPTED_NAME,
    INITIALIZED,
    KNOWN,
    MANIFEST,
    MAX_FILE_BYTES,
    PRIVATE,
    TALLY,
)
from evote.interop.electionguard2.profile import Profile, published_profile
from evote.interop.electionguard2.read_setup import constants_of, manifest_of
from evote.interop.electionguard2.run import Keys, Run, parsed
from evote.interop.electionguard2.setup import check_hashes, check_keys, check_parameters
from evote.interop.electionguard2.stretch import (
    Repeats,
    Task,
    ballots_of_a_stretch,
    check_stretch,
    merge_seen,
)
from evote.interop.electionguard2.tally import check_result, check_tally
from evote.interop.electionguard2.values import Config, Constants, Decrypted
from evote.record.folder import Folder
from evote.record.values import Stage
from evote.report import (
    CellSummary,
    ContestSummary,
    ElectionSummary,
    FieldSummary,
    Report,
    ReportBuilder,
    Subject,
    shown,
)

SYSTEM = "ElectionGuard 2.0"


def verify(path: Path, request: Request) -> Report:
    """Verify the record in the folder ``path``; see :class:`~evote.interop.contract.Foreign`."""
    return verify_folder(Folder(path), request)


def verify_folder(folder: Folder, request: Request, *, profile: Profile | None = None) -> Report:
    """:func:`verify` for a record in the group of ``profile``; None stands for the published groups."""
    report = ReportBuilder(CHECKS, format_name=SYSTEM, families=FAMILIES)
    for name in ("ballots", "cast", "challenged", "selections"):
        report.add(name, 0)
    run = Run(folder, report, request)
    if request.stage is not Stage.FINAL:
        reason = f"this was checked as far as stage {request.stage.value!r} only"
        report.not_applicable(later_than(request.stage), reason)
    _check_names(run)
    if _read_setup(run, profile):
        check_hashes(run)
        check_keys(run)
        if request.stage is not Stage.SETUP:
            report.summary = _check_ballots_and_sums(run)
    else:
        reason = "the parameters of the record are not known"
        run.skip([check.id for check in CHECKS if check.id != "F.1"], reason)
    layout = "" if run.layout is None else f" (JSON of {run.layout.value})"
    report.name_format(SYSTEM + layout)
    report.subject = _subject(run)
    return report.build()


# --- files -------------------------------------------------------------------------------------------


def _check_names(run: Run) -> None:
    for name in run.folder.names():
        if name not in KNOWN:
            run.report.warn(f"{name} is no part of a record, and was not read.")
        elif name == PRIVATE:
            run.report.warn(f"The folder {name} was not read: nothing private belongs into a record.")


def _read_setup(run: Run, profile: Profile | None) -> bool:
    """The files of the setup, and 1.A to 1.E; False if the group is not known."""
    found = parsed(run, CONSTANTS, MAX_FILE_BYTES, constants_of)
    if found is None:
        return False
    layout, constants = found[1]
    run.layout = layout
    config = parsed(run, CONFIG, MAX_FILE_BYTES, run.reader.config)
    run.config = None if config is None else config[1]
    _read_manifest(run)
    initialized = parsed(run, INITIALIZED, MAX_FILE_BYTES, run.reader.initialized)
    run.initialized = None if initialized is None else initialized[1]
    return check_parameters(run, constants, _profile_of(constants) if profile is None else profile)


def _profile_of(constants: Constants) -> Profile:
    return published_profile(constants.numbers)


def _read_manifest(run: Run) -> None:
    """The bytes of the manifest, which H_M covers, and what they say, each where it can be had."""
    raw = parsed(run, MANIFEST, MAX_FILE_BYTES, bytes)
    if raw is None:
        return
    run.manifest_raw = raw[0]
    try:
        run.manifest = manifest_of(raw[0])
    except DecodeError as error:
        run.report.fail("F.1", f"{MANIFEST}: {error.where}" if error.where else MANIFEST, error.message)


# --- ballots and sums --------------------------------------------------------------------------------


def _check_ballots_and_sums(run: Run) -> ElectionSummary | None:
    """Everything behind the setup, as far as the stage goes; the counts that the record states."""
    if run.keys is None or run.config is None:
        reason = "manifest or keys are not known, and nothing can be checked without them"
        passed = {*later_than(Stage.SETUP)}
        run.skip([check.id for check in CHECKS if check.id in passed], reason)
        return None
    keys, config = run.keys, run.config
    final = run.request.stage is Stage.FINAL
    decryptions = Decryptions(_decryption_names(run) if final else [])
    seen = _check_all_ballots(run, keys, config, decryptions if final else None)
    _note_absent(run, config, seen)
    if not final:
        return None
    check_left(run, decryptions, unread=seen.unread)
    tally = parsed(run, TALLY, MAX_FILE_BYTES, run.reader.tally)
    sums = {}
    if tally is None:
        run.skip(("8.A", "8.B", "F.4"), f"{TALLY} cannot be read")
    else:
        sums = check_tally(run, keys, seen, tally[1])
    found = parsed(run, DECRYPTED, MAX_FILE_BYTES, run.reader.decrypted)
    if found is None:
        names = ("9.A", "9.B", "10.A", "10.B", "10.C", "10.D", "10.E", *COUNTED_DATA, "F.5")
        run.skip(names, f"{DECRYPTED} cannot be read")
        return None
    check_result(run, keys, seen, sums, found[1])
    return _summary(keys, config, seen, found[1])


def _decryption_names(run: Run) -> list[str]:
    names = []
    for name in run.folder.names(CHALLENGED):
        if DECRYPTED_NAME.fullmatch(name):
            names.append(name)
        else:
            run.report.fail("F.1", f"{CHALLENGED}/{name}", "the file has no place in this folder")
    return names


def _check_all_ballots(run: Run, keys: Keys, config: Config, decryptions: Decryptions | None) -> Seen:
    """One pass over all ballots; ``decryptions`` is None where they are not looked at yet."""
    seen, devices = Seen(), Devices()
    paths = _ballot_paths(run)
    done = 0
    with Repeats(paths) as repeats:
        for result in run.request.mapper(check_stretch, _tasks(run, keys, config, paths, decryptions)):
            run.report.merge(result.report)
            run.digests += result.digests
            merge_seen(seen, result, keys.group)
            for folder, link in result.links:
                devices.enter(run, folder, link)
            for place, entries in result.entries:
                repeats.add(place, entries)
            if decryptions is not None:
                decryptions.take_all(result.taken)
            done += result.ballots
            run.tell("ballots", done, len(paths))
        repeats.check(run)
    if config.chained:
        check_chains(run, keys, config, devices, unread=seen.unread)
    return seen


def _tasks(
    run: Run, keys: Keys, config: Config, paths: list[tuple[str, str]], decryptions: Decryptions | None
) -> Iterator[Task]:
    """The ballots, stretch after stretch."""
    size = ballots_of_a_stretch(keys.manifest)
    published = keys.group in (named(name) for name in ("electionguard-4096", "p256"))
    for first in range(0, len(paths), size):
        yield Task(
            str(run.folder.root),
            run.reader.layout,
            tuple(keys.profile.numbers),
            None if published else keys.profile,
            keys.manifest,
            config,
            keys.encoded,
            keys.extended,
            run.request.stage,
            first,
            tuple(paths[first : first + size]),
            None if decryptions is None else tuple(decryptions.names),
        )


def _ballot_paths(run: Run) -> list[tuple[str, str]]:
    """Folder of the device (empty where there is none) and path of every ballot."""
    if not run.folder.exists(BALLOTS):
        run.report.count("F.1")
        run.report.fail("F.1", BALLOTS, "the folder is missing")
        return []
    found: list[tuple[str, str]] = []
    for item in Folder(run.folder.subfolder(BALLOTS)).files():
        parts = item.path.split("/")
        path = f"{BALLOTS}/{item.path}"
        named = BALLOT_NAME.fullmatch(parts[-1]) or parts[-1] == CHAIN
        if not (item.regular and named) or len(parts) > 2 or "\\" in item.path:
            run.report.fail("F.1", path, "the file has no place in this folder")
        elif parts[-1] != CHAIN:
            found.append(("" if len(parts) == 1 else parts[0], path))
    return found


def _note_absent(run: Run, config: Config, seen: Seen) -> None:
    """What the record does not have, and which checks therefore do not apply."""
    report = run.report
    if not config.chained:
        report.not_applicable(CHAINS, "the record says that confirmation codes are not chained")
    else:
        report.not_applicable("F.10", "confirmation codes are chained")
    if not report.looked("17.D"):
        report.not_applicable(PRE_ENCRYPTION, "the record has no pre-encrypted ballots")
    elif not report.looked("7.C"):
        report.not_applicable((*REGULAR, "7.C"), "all ballots of the record are pre-encrypted")
    if not report.counted("challenged"):
        report.not_applicable(CHALLENGES, "the record has no challenged ballots")
    if not report.counted("ballots") and not seen.unread and run.request.zero_ballots_expected:
        names = [check.id for check in CHECKS if check.id in later_than(Stage.SETUP)]
        report.not_applicable(names, "an election without ballots is expected")


# --- what the report is about ------------------------------------------------------------------------


def _subject(run: Run) -> Subject:
    return Subject(
        digest=tagged("evote/v1/foreign-files", *run.digests).hex(),
        fingerprint="" if run.keys is None else run.keys.extended.hex(),
        group="" if run.profile is None else run.profile.group.name,
        profile="" if run.profile is None else run.profile.note,
        expected=run.request.expect,
        election="" if run.manifest is None else shown(run.manifest.label),
        stage=run.request.stage.value,
    )


def _summary(keys: Keys, config: Config, seen: Seen, decrypted: Decrypted) -> ElectionSummary:
    """The counts as the record states them."""
    contests = []
    for contest in decrypted.contests:
        described = keys.manifest.contests.get(contest.label)
        if described is not None:
            ballots = seen.cast_contests.get(contest.label, 0)
            fields = tuple(FieldSummary(each.label, each.label, each.count) for each in contest.options)
            cell = CellSummary("all", (), ballots, ballots, fields)
            contests.append(ContestSummary(contest.label, contest.label, described.limit, (cell,)))
    label = keys.manifest.label
    return ElectionSummary(label, label, tuple(contests), config.guardians, config.quorum, 0)
