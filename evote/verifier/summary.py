"""The figures that a record states, for the page of the report."""

from __future__ import annotations

from evote.manifest import Cell, Contest, Manifest
from evote.report import CellSummary, ContestSummary, ElectionSummary, FieldSummary
from evote.tally import DecryptedCell
from evote.verifier.state import Verification

_Key = tuple[str, str]


def election_summary(run: Verification) -> ElectionSummary | None:
    """What tally and decryption state; None if manifest, tally or decryption cannot be read.

    Names are in the first language of the manifest. Whether the figures are right is for the report.
    """
    manifest, tally, decryption = run.manifest, run.tally, run.decryption
    if manifest is None or tally is None or decryption is None or run.setting is None:
        return None
    language = manifest.languages[0] if manifest.languages else ""
    ballots = {(cell.contest, cell.cell): (cell.ballots, cell.weight) for cell in tally.cells}
    decrypted = {(cell.contest, cell.cell): cell for cell in decryption.cells}
    withheld = {(cell.contest, cell.cell): cell.reason for cell in decryption.withheld}
    contests = tuple(
        ContestSummary(
            contest.label,
            contest.name(language),
            contest.limit,
            tuple(
                _cell(manifest, contest, cell, language, ballots, decrypted, withheld)
                for cell in manifest.cells(contest.index)
            ),
        )
        for contest in manifest.contests
    )
    return ElectionSummary(
        manifest.label,
        manifest.name(language),
        contests,
        run.setting.guardians,
        run.setting.quorum,
        len(decryption.guardians),
    )


def _cell(
    manifest: Manifest,
    contest: Contest,
    cell: Cell,
    language: str,
    ballots: dict[_Key, tuple[int, int]],
    decrypted: dict[_Key, DecryptedCell],
    withheld: dict[_Key, str],
) -> CellSummary:
    key = contest.label, cell.label
    number, weight = ballots.get(key, (0, 0))
    units = tuple(manifest.unit(path).name(language) for path in cell.units)
    opened = decrypted.get(key)
    counts = {} if opened is None else {field.option: field.count for field in opened.fields}
    if opened is None or any(option.label not in counts for option in contest.options):
        reason = withheld.get(key, "the record does not state all counts of this part")
        return CellSummary(cell.label, units, number, weight, (), reason)
    fields = tuple(
        FieldSummary(option.label, option.name(language), counts[option.label], option.in_limit)
        for option in contest.options
    )
    return CellSummary(cell.label, units, number, weight, fields)
