"""Verifications 10 and 11, and E.21: the decrypted cells, their labels, and who decrypted them.

10 speaks of the published sums (A, B), which 9 compares with the ballots. A sum outside the
subgroup, which only a ballot that fails 6.A can cause while 9 holds, has no decryption to check.
"""

from __future__ import annotations

from evote.ballots import Election
from evote.decryption import examine_decryption
from evote.errors import DecodeError, VerificationError
from evote.groups import Element
from evote.manifest import Contest
from evote.record import layout
from evote.record.values import DecryptionFile
from evote.tally import DecryptedCell, DecryptedField, TalliedField
from evote.verifier.checks.v09_aggregation import Aggregation
from evote.verifier.state import Verification

_PROOFS = ("10.A", "10.B", "10.C")
_LABELS = ("11.A", "11.B", "11.C", "11.D")

Published = dict[tuple[str, str, str], TalliedField]


def check_decryption(run: Verification, election: Election, aggregation: Aggregation) -> None:
    """10, 11 and E.21 on ``decryption.msgpack``."""
    decryption = run.decryption
    if decryption is None:
        run.skip((*_PROOFS, *_LABELS, "E.21"), f"{layout.DECRYPTION} cannot be read")
        return
    _check_guardians(run, decryption)
    published: Published = {}
    if run.tally is None:
        run.skip(_PROOFS, f"{layout.TALLY} cannot be read")
    else:
        for cell in run.tally.cells:
            for field in cell.fields:
                published.setdefault((cell.contest, cell.cell, field.option), field)
    for number, decrypted in enumerate(decryption.cells):
        _check_cell(run, election, decrypted, published)
        run.tell("decryptions", number + 1, len(decryption.cells))
    run.report.add("decrypted", len(decryption.cells))
    run.report.add("withheld", len(decryption.withheld))
    _check_complete(run, election, decryption, aggregation)


def _check_guardians(run: Verification, decryption: DecryptionFile) -> None:
    """E.21: the guardians who decrypted are a quorum, in increasing order, each once."""
    if run.setting is None:
        return
    run.report.count("E.21")
    present = decryption.guardians
    if (
        list(present) != sorted(set(present))
        or len(present) < run.setting.quorum
        or any(guardian not in run.setting.indices for guardian in present)
    ):
        run.report.fail(
            "E.21",
            layout.DECRYPTION,
            "those who decrypted are not a quorum of the guardians, in order and each once",
            expected=f"{run.setting.quorum} or more of 1 to {run.setting.guardians}",
            computed=", ".join(map(str, present)) or "none",
        )


def _check_cell(run: Verification, election: Election, cell: DecryptedCell, published: Published) -> None:
    report = run.report
    where = f"contest {cell.contest!r}, cell {cell.cell!r}"
    report.count("11.A")
    try:
        contest = election.manifest.contest_by_label(cell.contest)
    except ValueError as error:
        report.fail("11.A", where, str(error))
        return
    known = {option.label: option.index for option in contest.options}
    for field in cell.fields:
        report.count("11.B")
        place = f"{where}, option {field.option!r}"
        if field.option not in known:
            report.fail("11.B", place, f"the contest has no option {field.option!r}")
            continue
        summed = published.get((cell.contest, cell.cell, field.option))
        if summed is None:
            run.skip(_PROOFS, f"{place}: there is no encrypted sum of it (E.12)")
        else:
            _check_field(run, election, contest, known[field.option], summed, field, place)
    stated = {field.option for field in cell.fields}
    for label in known:
        report.count("11.C")
        if label not in stated:
            report.fail("11.C", where, f"option {label!r} is missing")


def _check_field(
    run: Verification,
    election: Election,
    contest: Contest,
    option: int,
    summed: TalliedField,
    field: DecryptedField,
    where: str,
) -> None:
    """10.A, 10.B and 10.C."""
    sides = _member(election, summed.alpha), _member(election, summed.beta)
    if sides[0] is None or sides[1] is None:
        run.skip(_PROOFS, f"{where}: the encrypted sum is not in the subgroup (6.A or 9)")
        return
    findings, counts = examine_decryption(
        election, sides[0], sides[1], contest.index, option, field, where=where
    )
    run.report.count_all(counts)
    for error in findings:
        run.report.fail_with(error)


def _member(election: Election, data: bytes) -> Element | None:
    try:
        return election.group.decode(data)
    except (DecodeError, VerificationError):
        return None


def _check_complete(
    run: Verification, election: Election, decryption: DecryptionFile, aggregation: Aggregation
) -> None:
    """11.D: every contest on a submitted ballot is decrypted, in the cell of the ballot's unit."""
    report = run.report
    decrypted = {(cell.contest, cell.cell) for cell in decryption.cells}
    withheld = {(cell.contest, cell.cell): cell.reason for cell in decryption.withheld}
    for index, cell in sorted(aggregation.submitted):
        label = election.manifest.contest(index).label
        report.count("11.D")
        if (label, cell) in decrypted:
            continue
        where = f"contest {label!r}, cell {cell!r}"
        reason = withheld.get((label, cell))
        if reason is None:
            report.fail("11.D", where, "it was voted on and is neither decrypted nor withheld")
        else:
            run.skip(("11.D",), f"{len(withheld)} withheld; {where}: {reason}")
