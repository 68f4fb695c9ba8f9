"""Verifies a 1.x record: reads its files in order, makes every check, and reports all that was found.

The order of the work: parameters, manifest and context, guardians and keys, then one pass over the ballots
in stretches, each with the decryptions of its spoiled ballots, then codes, sums and the tally. The
fingerprint of the report is the extended base hash, as computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from evote.interop.contract import Request
from evote.interop.electionguard1.chains import Chains
from evote.interop.electionguard1.checks import (
    BALLOT_CHECKS,
    CHECKS,
    DECRYPTIONS,
    FAMILIES,
    RESULT_CHECKS,
    SETUP_CHECKS,
    SPOILED_CHECKS,
    later_than,
)
from evote.interop.electionguard1.group import NOTE, Parameters, group_of
from evote.interop.electionguard1.keys import Keys, Setting, keys_of
from evote.interop.electionguard1.layout import (
    COEFFICIENTS,
    CONSTANTS,
    CONTEXT,
    DEVICES,
    ENCRYPTED_TALLY,
    GUARDIANS,
    KNOWN,
    MANIFEST,
    MAX_FILE_BYTES,
    PREFIXES,
    SPOILED,
    SUBMITTED,
    TALLY,
    decrypted_name,
)
from evote.interop.electionguard1.read_manifest import manifest_of
from evote.interop.electionguard1.read_results import decrypted_of, encrypted_tally_of
from evote.interop.electionguard1.read_setup import (
    coefficients_of,
    constants_of,
    context_of,
    device_of,
    guardian_of,
)
from evote.interop.electionguard1.run import Run
from evote.interop.electionguard1.settle import Settling
from evote.interop.electionguard1.setup import check_parameters, check_setup
from evote.interop.electionguard1.stretch import Products, Result, Task, ballots_of_a_stretch, check_stretch
from evote.interop.electionguard1.tally import check_coefficients, check_result, check_tally, sums_of
from evote.interop.electionguard1.values import Decrypted
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

FORMAT_NAME: Final = "ElectionGuard 1.x (JSON of electionguard-python)"

_RECOVERED = tuple(name for name in DECRYPTIONS if name.startswith("RECOVERY") and name != "RECOVERY.6")


def verify(path: Path, request: Request) -> Report:
    """Verify the record in the folder ``path``; see :class:`~evote.interop.contract.Foreign`."""
    return verify_folder(Folder(path), request)


def verify_folder(folder: Folder, request: Request, *, parameters: Parameters | None = None) -> Report:
    """:func:`verify` for a record in the group with ``parameters``; None stands for the published one."""
    return _Verification(folder, request, parameters).report()


class _Verification:
    def __init__(self, folder: Folder, request: Request, parameters: Parameters | None) -> None:
        builder = ReportBuilder(CHECKS, format_name=FORMAT_NAME, families=FAMILIES)
        for name in ("ballots", "cast", "spoiled", "selections"):
            builder.add(name, 0)
        self._run = Run(folder, builder, request, group_of(parameters))
        self._parameters = parameters
        self._cast_contests: dict[str, int] = {}
        self._unread = 0
        self._batched = 0

    def report(self) -> Report:
        run, stage = self._run, self._run.request.stage
        if stage is not Stage.FINAL:
            reason = f"this was checked as far as stage {stage.value!r} only"
            run.report.not_applicable(later_than(stage), reason)
        self._check_names()
        setting = self._setup()
        if setting is None:
            reason = "manifest or keys are not known, and nothing can be checked without them"
            run.skip((*BALLOT_CHECKS, *RESULT_CHECKS), reason)
        elif stage is not Stage.SETUP:
            run.report.summary = self._ballots_and_results(setting)
        run.report.subject = self._subject()
        return run.report.build()

    # --- files -----------------------------------------------------------------------------------

    def _check_names(self) -> None:
        for name in self._run.folder.names():
            if name not in KNOWN:
                self._run.report.warn(f"{name} is no part of a record, and was not read.")

    def _names(self, folder: str) -> list[str]:
        """The files of a folder, in order; what has no place there is a finding."""
        found = []
        for name in self._run.folder.names(folder):
            path = self._run.folder.subfolder(folder) / name
            plain = "\\" not in name and path.is_file() and not path.is_symlink()
            if plain and name.startswith(PREFIXES[folder]) and name.endswith(".json"):
                found.append(name)
            else:
                self._run.report.fail("FILES.1", f"{folder}/{name}", "the file has no place in this folder")
        return found

    # --- setup -----------------------------------------------------------------------------------

    def _setup(self) -> Setting | None:
        run = self._run
        constants = run.parsed(CONSTANTS, MAX_FILE_BYTES, constants_of)
        if constants is None:
            run.skip([f"PARAMETERS.{number}" for number in range(1, 5)], f"{CONSTANTS} cannot be read")
        else:
            check_parameters(run, constants)
        run.context = run.parsed(CONTEXT, MAX_FILE_BYTES, context_of)
        hashes = run.hashes
        run.manifest = run.parsed(MANIFEST, MAX_FILE_BYTES, lambda raw: manifest_of(raw, hashes))
        for name in self._names(GUARDIANS):
            guardian = run.parsed(f"{GUARDIANS}/{name}", MAX_FILE_BYTES, guardian_of)
            if guardian is None:
                run.unread_guardians = True
            else:
                run.guardians.append(guardian)
        if not run.guardians:
            run.skip([name for name in SETUP_CHECKS if name.startswith("GUARDIANS")], "there is no guardian")
        if run.request.stage is not Stage.SETUP:
            for name in self._names(DEVICES):
                device = run.parsed(f"{DEVICES}/{name}", MAX_FILE_BYTES, device_of)
                if device is None:
                    run.unread_devices = True
                else:
                    run.devices.append(device)
        if run.request.stage is Stage.FINAL:
            run.coefficients = run.parsed(COEFFICIENTS, MAX_FILE_BYTES, coefficients_of)
            if run.coefficients is None:
                run.skip((*DECRYPTIONS, *SPOILED_CHECKS, "RESULT.3"), f"{COEFFICIENTS} cannot be read")
        setting = check_setup(run, self._parameters)
        self._compare_fingerprint()
        return setting

    def _compare_fingerprint(self) -> None:
        expected, report = self._run.request.expect, self._run.report
        if expected is None:
            report.not_applicable("FILES.2", "no fingerprint is known from elsewhere")
        elif not self._run.extended:
            report.skip("FILES.2", "the fingerprint could not be computed")
        else:
            message = "the record is of another election"
            report.compare(
                "FILES.2",
                "record",
                message,
                expected=bytes.fromhex(expected),
                computed=bytes.fromhex(self._fingerprint()),
            )

    def _fingerprint(self) -> str:
        return self._run.extended.rjust(64, "0").lower() if self._run.extended else ""

    # --- ballots ---------------------------------------------------------------------------------

    def _ballots_and_results(self, setting: Setting) -> ElectionSummary | None:
        run, final = self._run, self._run.request.stage is Stage.FINAL
        if final and run.coefficients is not None and run.context is not None:
            check_coefficients(run, run.guardians, run.context.quorum)
        keys = keys_of(setting)
        products = self._all_ballots(setting, keys)
        self._note_absent()
        return self._results(keys, products) if final else None

    def _all_ballots(self, setting: Setting, keys: Keys) -> Products:
        """One pass over all ballots; the products over the cast ones."""
        run = self._run
        names = self._names(SUBMITTED)
        products = Products(keys.group)
        results = run.request.mapper(check_stretch, self._tasks(setting, names))
        done = 0
        with Chains(names) as chains:
            for result in results:
                self._merge(result, products, chains)
                done += len(result.links) + result.unread
                run.tell("ballots", min(done, len(names)), len(names))
            if names:
                chains.check(run, unread=self._unread)
        self._check_left(names)
        return products

    def _tasks(self, setting: Setting, names: list[str]) -> Iterator[Task]:
        run = self._run
        final = run.request.stage is Stage.FINAL and run.coefficients is not None
        decrypted = set(run.folder.names(SPOILED)) if final else set()
        size = ballots_of_a_stretch(setting.manifest)
        for number, first in enumerate(range(0, len(names), size)):
            part = tuple(names[first : first + size])
            yield Task(
                str(run.folder.root),
                setting,
                number,
                first,
                part,
                frozenset(name for name in part if decrypted_name(name) in decrypted),
                final,
                run.request.batch,
                run.request.reproducible,
            )

    def _merge(self, result: Result, products: Products, chains: Chains) -> None:
        run = self._run
        run.report.merge(result.report)
        for name, digest in result.files:
            run.digest.add(name, digest)
        products.merge(result.sums)
        for link in result.links:
            chains.add(link)
        for label, count in result.cast_contests.items():
            self._cast_contests[label] = self._cast_contests.get(label, 0) + count
        self._unread += result.unread
        self._batched += result.batched

    def _check_left(self, names: list[str]) -> None:
        """SPOILED.1: no decryption of a ballot that is not there; one of a cast ballot was not looked at."""
        run = self._run
        if run.request.stage is not Stage.FINAL or run.coefficients is None:
            return
        wanted = {decrypted_name(name) for name in names}
        there = self._names(SPOILED)
        for name in there:
            if name not in wanted:
                run.report.fail("SPOILED.1", f"{SPOILED}/{name}", "it is the decryption of no ballot")
        run.report.add("decrypted", len(there))

    def _note_absent(self) -> None:
        report, run = self._run.report, self._run
        none_spoiled = not report.counted("spoiled") and not report.found("SPOILED.1")
        if run.request.stage is Stage.FINAL and none_spoiled and not self._unread:
            report.not_applicable(SPOILED_CHECKS, "the record has no spoiled ballots")
        if not report.counted("ballots") and not self._unread and run.request.zero_ballots_expected:
            report.not_applicable(BALLOT_CHECKS, "an election without ballots is expected")

    # --- results ---------------------------------------------------------------------------------

    def _results(self, keys: Keys, products: Products) -> ElectionSummary | None:
        run = self._run
        encrypted = run.parsed(ENCRYPTED_TALLY, MAX_FILE_BYTES, encrypted_tally_of)
        sums = sums_of(keys, products.encoded())
        if self._unread:
            run.skip(("TALLY.2", "RESULT.2"), "a ballot cannot be read, and may have been cast (FILES.1)")
            sums = dict.fromkeys(sums)
        if encrypted is None:
            run.skip(("TALLY.1", "TALLY.2"), f"{ENCRYPTED_TALLY} cannot be read (FILES.1)")
        else:
            check_tally(run, keys, sums, encrypted)
        result = run.parsed(TALLY, MAX_FILE_BYTES, decrypted_of)
        if result is None:
            names = [name for name in RESULT_CHECKS if name.startswith("RESULT")]
            run.skip((*DECRYPTIONS, *names), f"{TALLY} cannot be read (FILES.1)")
            return None
        if run.coefficients is not None:
            claims = check_result(run, keys, sums, result)
            settling = Settling(keys.public, run.report, *(() if run.request.batch else (None,)))
            settling.decide(claims)
        if not run.report.looked("RECOVERY.1"):
            run.report.not_applicable(_RECOVERED, "all guardians were there")
        return self._summary(keys, result)

    def _summary(self, keys: Keys, result: Decrypted) -> ElectionSummary:
        """The counts as the record states them."""
        contests = []
        for label, options in result.contests.items():
            described = keys.manifest.contests.get(label)
            if described is not None:
                ballots = self._cast_contests.get(label, 0)
                fields = tuple(FieldSummary(name, name, option.count) for name, option in options.items())
                cell = CellSummary("all", (), ballots, ballots, fields)
                contests.append(ContestSummary(label, label, described.limit, (cell,)))
        label = keys.manifest.label
        guardians = len(keys.setting.guardians)
        return ElectionSummary(label, label, tuple(contests), guardians, keys.setting.quorum, 0)

    # --- what the report is about ----------------------------------------------------------------

    def _subject(self) -> Subject:
        run = self._run
        return Subject(
            digest=run.digest.hex(),
            fingerprint=self._fingerprint(),
            group=run.group.name,
            profile=NOTE,
            expected=run.request.expect,
            election="" if run.manifest is None else shown(run.manifest.label),
            stage=run.request.stage.value,
        )
