"""E.12: the tally has exactly the cells of the manifest, and only what must be withheld is withheld.

The encrypted tally has every cell of every contest in the manifest's order, each with its options in
order and with the numbers of ballots and weights that the record has. A cell is decrypted unless the
rule of :mod:`evote.decryption.withheld` forbids it. (A cell that was voted on and is missing from
the decryption is 11.D's.)
"""

from __future__ import annotations

from collections import Counter

from evote.ballots import Election
from evote.decryption.withheld import reason_to_withhold
from evote.record import layout
from evote.record.values import DecryptionFile
from evote.tally import PublishedTally
from evote.verifier.checks.v09_aggregation import Aggregation
from evote.verifier.state import Verification

_Key = tuple[str, str]


def check_cells(run: Verification, election: Election, aggregation: Aggregation) -> None:
    """E.12 on the encrypted tally and the decryption."""
    if run.tally is None:
        run.skip(("E.12",), f"{layout.TALLY} cannot be read")
    else:
        _check_tally(run, election, run.tally, aggregation)
    if run.decryption is None:
        run.skip(("E.12",), f"{layout.DECRYPTION} cannot be read")
    else:
        _check_decryption(run, election, run.decryption, aggregation)


def _wanted(election: Election) -> list[_Key]:
    manifest = election.manifest
    return [
        (contest.label, cell.label) for contest in manifest.contests for cell in manifest.cells(contest.index)
    ]


def _check_tally(
    run: Verification, election: Election, tally: PublishedTally, aggregation: Aggregation
) -> None:
    report, manifest = run.report, election.manifest
    wanted = _wanted(election)
    report.count("E.12", len(wanted))
    report.add("cells", len(wanted))
    _check_list(run, layout.TALLY, wanted, [(cell.contest, cell.cell) for cell in tally.cells])
    stated = {(cell.contest, cell.cell): cell for cell in tally.cells}
    for contest in manifest.contests:
        options = [option.label for option in contest.options]
        for cell in manifest.cells(contest.index):
            found = stated.get((contest.label, cell.label))
            if found is None:
                continue
            where = f"{layout.TALLY}, contest {contest.label!r}, cell {cell.label!r}"
            fields = [field.option for field in found.fields]
            if fields != options:
                report.fail("E.12", where, "the options are not those of the contest, once and in order")
            if not aggregation.readable:
                continue
            counted = aggregation.counts(contest, cell)
            for what, expected, computed in (
                ("ballots", counted.ballots, found.ballots),
                ("weight", counted.weight, found.weight),
            ):
                if expected != computed:
                    report.fail(
                        "E.12", where, f"the {what} are another number", expected=expected, computed=computed
                    )
    if not aggregation.readable:
        run.skip(("E.12",), "a ballot that may have been cast cannot be read (E.2)")


def _check_list(run: Verification, where: str, wanted: list[_Key], found: list[_Key]) -> None:
    """The cells are those of the manifest, each once and in its order."""
    if found == wanted:
        return
    before = run.report.found("E.12")
    known, present = set(wanted), set(found)
    for key, times in Counter(found).items():
        if key not in known:
            run.report.fail("E.12", where, f"{_name(key)} is not in the manifest")
        elif times > 1:
            run.report.fail("E.12", where, f"{_name(key)} stands there {times} times")
    for key in wanted:
        if key not in present:
            run.report.fail("E.12", where, f"{_name(key)} is missing")
    if run.report.found("E.12") == before:
        run.report.fail("E.12", where, "the cells are not in the order of the manifest")


def _check_decryption(
    run: Verification, election: Election, decryption: DecryptionFile, aggregation: Aggregation
) -> None:
    report, manifest = run.report, election.manifest
    wanted = _wanted(election)
    _check_order(run, wanted, [(cell.contest, cell.cell) for cell in decryption.cells], "decrypted")
    _check_order(run, wanted, [(cell.contest, cell.cell) for cell in decryption.withheld], "withheld")
    _check_options(run, election, decryption)
    decrypted = {(cell.contest, cell.cell) for cell in decryption.cells}
    withheld = {(cell.contest, cell.cell): cell.reason for cell in decryption.withheld}
    for contest in manifest.contests:
        for cell in manifest.cells(contest.index):
            key = contest.label, cell.label
            where = f"{layout.DECRYPTION}, {_name(key)}"
            report.count("E.12")
            if key in decrypted and key in withheld:
                report.fail("E.12", where, "the cell is decrypted and withheld")
            if not aggregation.readable:
                continue
            reason = reason_to_withhold(manifest, aggregation.counts(contest, cell))
            if reason and key in decrypted:
                report.fail("E.12", where, f"the cell may not be decrypted: {reason}")
            if key in withheld and withheld[key] != reason:
                report.fail(
                    "E.12",
                    where,
                    "the cell is not withheld for the reason that the rule gives",
                    expected=reason or "not withheld",
                    computed=withheld[key],
                )
            voted = (contest.index, cell.label) in aggregation.submitted
            if key not in decrypted and key not in withheld and not voted:
                report.fail("E.12", where, "the cell is neither decrypted nor withheld")


def _check_options(run: Verification, election: Election, decryption: DecryptionFile) -> None:
    """Known options stand once each and in order; unknown and missing ones are 11's."""
    options = {
        contest.label: [option.label for option in contest.options] for contest in election.manifest.contests
    }
    for cell in decryption.cells:
        wanted = options.get(cell.contest, [])
        known = [field.option for field in cell.fields if field.option in wanted]
        if known != [label for label in wanted if label in known]:
            run.report.fail(
                "E.12",
                f"{layout.DECRYPTION}, {_name((cell.contest, cell.cell))}",
                "the options do not stand there once each and in order",
            )


def _check_order(run: Verification, wanted: list[_Key], found: list[_Key], what: str) -> None:
    """Known cells stand once each in the order of the manifest; unknown contests are 11.A's."""
    contests, cells = {contest for contest, _ in wanted}, set(wanted)
    known = []
    for key in found:
        if key in cells:
            known.append(key)
        elif key[0] in contests or what == "withheld":
            run.report.fail("E.12", layout.DECRYPTION, f"{_name(key)} is not in the manifest, and {what}")
    present = set(known)
    if known != [key for key in wanted if key in present]:
        run.report.fail(
            "E.12", layout.DECRYPTION, f"the {what} cells do not stand there once each and in order"
        )


def _name(key: _Key) -> str:
    return f"contest {key[0]!r}, cell {key[1]!r}"
