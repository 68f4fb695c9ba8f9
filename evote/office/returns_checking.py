"""One return by itself: authentic, in agreement with itself, and with the ballots that it adds up (A50).

Nothing of a return of kind BALLOTS is believed: its totals are products of ballots that are here, on the log
whose head it names, or they are NOT_CHECKED.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from evote.ballots import Election
from evote.manifest import ReturnKind
from evote.office.returns_making import UnitLogSource, sealed_totals
from evote.returns import Finding, ReturnError, Rosters, SignedReturn, check_return, reconcile
from evote.returns.closedlog import check_counts


class TotalsCheck(enum.Enum):
    """What is known of the ciphertext totals of a return."""

    PASS = "PASS"
    FAIL = "FAIL"
    NOT_CHECKED = "NOT_CHECKED"
    NONE = "NONE"
    """The return has plain counts."""


@dataclass(frozen=True, slots=True)
class FileCheck:
    """What was found of one file."""

    signed: SignedReturn | None
    """None where it is not authentic; ``error`` says why."""
    error: ReturnError | None
    totals: TotalsCheck
    differences: tuple[str, ...]
    """Between the return and log and ballots of its unit."""
    findings: tuple[Finding, ...]

    @property
    def exit_code(self) -> int:
        """1 for what is false, 3 for totals that could not be checked, else that of the verdict."""
        if self.error is not None:
            return self.error.verdict.exit_code
        if self.totals is TotalsCheck.FAIL or any(not finding.rule.flag for finding in self.findings):
            return 1
        return 3 if self.totals is TotalsCheck.NOT_CHECKED else 0


def check_file(rosters: Rosters, data: bytes, source: UnitLogSource | None) -> FileCheck:
    """Check one return; ``source`` are log and ballots of its unit, None where they are not here."""
    try:
        signed = check_return(rosters, data)
    except ReturnError as error:
        return FileCheck(None, error, TotalsCheck.NOT_CHECKED, (), ())
    returned = signed.returned
    findings = reconcile(rosters.election, returned)
    if returned.kind is ReturnKind.OPEN:
        return FileCheck(signed, None, TotalsCheck.NONE, (), findings)
    if source is None:
        return FileCheck(signed, None, TotalsCheck.NOT_CHECKED, (), findings)
    differences = compare_with(rosters.election, signed, source)
    totals = TotalsCheck.FAIL if differences else TotalsCheck.PASS
    return FileCheck(signed, None, totals, differences, findings)


def compare_with(election: Election, signed: SignedReturn, source: UnitLogSource) -> tuple[str, ...]:
    """Everything in which a return differs from the log and ballots of its unit, as sentences.

    Raises :class:`~evote.errors.VerificationError` for a ballot that does not hold.
    """
    returned = signed.returned
    found = []
    if source.unit != returned.unit:
        return (f"these are the ballots of {source.unit!r}, not of {returned.unit!r}",)
    if returned.log != source.log:
        found.append(f"the return names the log {returned.log}, and it is {source.log}")
    found += [
        f"style {one.style!r}, {one.name}: the return says {one.stated}, the log {one.expected}"
        for one in check_counts(returned.counts, source.counts)
    ]
    for stated, computed in zip(
        returned.sealed, sealed_totals(election, returned.unit, source.ballots), strict=True
    ):
        for field, right in zip(stated.fields, computed.fields, strict=True):
            if field != right:
                found.append(
                    f"style {stated.style!r}, contest {stated.contest!r}, field {field.label!r}: "
                    "the total is not the product over the counted ballots"
                )
    return tuple(found)
