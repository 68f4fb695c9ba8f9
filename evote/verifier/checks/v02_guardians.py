"""Verification 2 and E.8, E.9, E.18: the guardians' records, round 0, and their common view.

A key outside the subgroup fails 2.A alone: the proofs about it then speak of nothing, and are
reported as not checked.
"""

from __future__ import annotations

from evote.ceremony import (
    GuardianRecords,
    Setting,
    check_binding,
    check_commitment,
    examine_guardian_record,
    guardian_hash,
    key_faults,
)
from evote.errors import VerificationError
from evote.manifest.extensions import ROUND0
from evote.record import layout
from evote.verifier.checks.v03_keys import product
from evote.verifier.state import Verification

_ALL = ("2.A", "2.B", "2.C", "E.8", "E.9", "E.18")


def check_guardians(run: Verification) -> None:
    """All checks on guardian records; leaves behind whose keys are not members."""
    setting, records = run.setting, run.guardians
    if setting is None or records is None:
        what = f"{layout.GUARDIANS} cannot be read" if records is None else "the parameters are not known"
        run.skip(_ALL, what)
        return
    indices = [record.index for record in records.guardians]
    if indices != list(setting.indices):
        run.report.fail(
            "E.16",
            layout.GUARDIANS,
            "there is not one record for each guardian, in order",
            expected=f"1 to {setting.guardians}",
            computed=indices,
        )
    for record in records.guardians:
        run.report.count("2.A", len(record.vote_commitments) + len(record.data_commitments) + 1)
        run.report.count("2.B", len(record.vote_proof.responses) + len(record.data_proof.responses))
        run.report.count("2.C", 2)
        for error in examine_guardian_record(setting, record):
            run.report.fail_with(error)
            if error.check == "2.A":
                run.unproven.add(record.index)
    if run.unproven:
        run.skip(("2.C", "E.9"), f"keys of {_names(run.unproven)} are not in the subgroup (2.A)")
    _check_distinct(run, setting, records)
    _check_confirmations(run, setting, records)
    _check_round0(run, setting, records)


def _check_distinct(run: Verification, setting: Setting, records: GuardianRecords) -> None:
    """E.18: no key is the identity, none occurs twice; a joint key is no identity either."""
    run.report.count("E.18", sum(2 * len(record.vote_commitments) + 1 for record in records.guardians))
    for fault in key_faults(setting, records.guardians):
        run.report.fail("E.18", layout.GUARDIANS, fault.message)
    identity = setting.group.identity.encode()
    for name, keys in (
        ("K", [record.vote_commitments[:1] for record in records.guardians]),
        ("K^", [record.data_commitments[:1] for record in records.guardians]),
    ):
        run.report.count("E.18")
        joint = product(setting.group, [key for part in keys for key in part])
        if joint is not None and joint.encode() == identity:
            run.report.fail("E.18", layout.GUARDIANS, f"the joint key {name} is the identity")


def _check_confirmations(run: Verification, setting: Setting, records: GuardianRecords) -> None:
    """E.8: each guardian confirmed H_G (equation 27) of the published record."""
    group = setting.group
    vote = product(group, [key for record in records.guardians for key in record.vote_commitments[:1]])
    data = product(group, [key for record in records.guardians for key in record.data_commitments[:1]])
    if vote is None or data is None:
        run.skip(("E.8",), "the joint keys cannot be computed")
        return
    computed = guardian_hash(setting.base_hash, vote.encode(), data.encode(), records.guardians)
    run.report.count("E.8", setting.guardians)
    if len(records.confirmations) != setting.guardians:
        run.report.fail(
            "E.8",
            layout.GUARDIANS,
            "there is not one confirmation per guardian",
            expected=setting.guardians,
            computed=len(records.confirmations),
        )
    for index, stated in enumerate(records.confirmations, 1):
        if stated != computed:
            run.report.fail(
                "E.8",
                f"guardian {index}",
                "the guardian confirmed another guardian record (H_G)",
                expected=computed.hex(),
                computed=stated.hex(),
            )


def _check_round0(run: Verification, setting: Setting, records: GuardianRecords) -> None:
    """E.9: each record is the one committed to, and its keys are proven under H_B."""
    if run.manifest is None:
        run.skip(("E.9",), "the manifest, which declares round 0, cannot be read")
        return
    if ROUND0 not in run.manifest.extensions:
        run.report.not_applicable("E.9", "the manifest does not declare round 0")
        return
    if not records.round0:
        run.skip(("E.9",), "round 0 is declared and missing (E.15)")
        return
    report = run.report
    if len(records.round0) != setting.guardians:
        report.fail(
            "E.9",
            layout.GUARDIANS,
            "there is not one commitment per guardian",
            expected=setting.guardians,
            computed=len(records.round0),
        )
    # By position, as the file has them: a record in another guardian's place is not what was committed to.
    for record, commitment in zip(records.guardians, records.round0, strict=False):
        report.count("E.9")
        try:
            check_commitment(setting, record, commitment)
        except VerificationError as error:
            report.fail_with(error, "E.9")
    for record in records.guardians:
        if record.index in run.unproven:
            continue
        report.count("E.9")
        try:
            check_binding(setting, record)
        except VerificationError as error:
            report.fail_with(error, "E.9")


def _names(indices: set[int]) -> str:
    return ", ".join(f"guardian {index}" for index in sorted(indices))
