"""The result sheet of unit returns (``specs/official-formats.md#returns``).

Statuses, voters and the plain counts of OPEN units come from the returns that count; what BALLOTS units
cast is shown only as decrypted by the guardians, so it comes from the sheet of the record, if there is one.
A return that came more than once has reported.

Rules: a style's plain counts are multiplied with its weight, as the decrypted ones were; where both
sources know a number, the return has it, because the unit signed it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from evote.manifest import Contest, FieldKind, Manifest, ReturnKind
from evote.office.official.from_record import sheet_of_record
from evote.office.official.sheet import (
    VOTERS,
    Figures,
    OpenLine,
    ResultSheet,
    Standing,
    UnitKind,
    UnitLine,
    UnitStatus,
)
from evote.record import RecordReader, load_election
from evote.record.layout import DECRYPTION
from evote.returns import Completeness, MergedReturns, UnitNode, UnitReturn, completeness

_NUMBERS = {
    "ballots": "counted",
    "rejected": "rejected",
    "challenged": "challenged",
    "registered": "registered",
    "signed_in": "signed_in",
}
"""Numbers of a unit's line, and the count of a return that each is the sum of over the styles."""


def sheet_of_returns(
    manifest: Manifest,
    returns: Completeness,
    *,
    moment: str,
    first_day: str,
    last_day: str,
    standing: Standing = Standing.PROVISIONAL,
    decrypted: ResultSheet | None = None,
    fingerprint: bytes | None = None,
) -> ResultSheet:
    """The sheet of the returns that are here; ``decrypted`` is that of the record, once it has results.

    Raises as :class:`ResultSheet`, and ``ValueError`` for a manifest without unit returns, for a record of
    another election, and for returns that do not cover the manifest's units.
    """
    if manifest.returns is None:
        raise ValueError("the election has no unit returns")
    if decrypted is not None and decrypted.manifest != manifest:
        raise ValueError("the record and the returns are of different elections")
    nodes = {node.path: node for node in returns.nodes() if not node.children}
    units = {
        path: _line(manifest, node, None if decrypted is None else decrypted.units.get(path))
        for path, node in nodes.items()
    }
    plain = [line for node in nodes.values() for line in _open(manifest, node)]
    return ResultSheet(
        manifest,
        moment,
        first_day,
        last_day,
        standing,
        units,
        () if decrypted is None else decrypted.cells,
        tuple(sorted(plain, key=lambda line: line.contest)),
        fingerprint if decrypted is None else decrypted.fingerprint,
    )


def sheet_of_merged(
    reader: RecordReader,
    data: bytes,
    *,
    moment: str,
    standing: Standing = Standing.PROVISIONAL,
    first_day: str | None = None,
    last_day: str | None = None,
) -> ResultSheet:
    """The sheet of a merged file of returns, with what the record has decrypted, if it has.

    Every return is checked again. Raises as :func:`evote.record.load_election` for the record,
    :class:`~evote.returns.ReturnError` for the file, and as :func:`sheet_of_record`.
    """
    election = load_election(reader, window=1)
    returns = completeness(MergedReturns.decode(election, data))
    board = election.manifest.board
    if last_day is None and board is not None:
        last_day = board.closes[:10]
    if last_day is None:
        raise ValueError("the manifest does not say when voting ended; give the day")
    first_day = first_day or last_day
    decrypted = None
    if reader.has(DECRYPTION):
        decrypted = sheet_of_record(reader, moment=moment, first_day=first_day, last_day=last_day)
    return sheet_of_returns(
        election.manifest,
        returns,
        moment=moment,
        first_day=first_day,
        last_day=last_day,
        standing=standing,
        decrypted=decrypted,
        fingerprint=election.extended_hash,
    )


def _returned(node: UnitNode) -> UnitReturn | None:
    """The return of a unit that counts; None where none does."""
    if node.standing is None or node.standing.counted is None:
        return None
    return node.standing.counted.returned


def _line(manifest: Manifest, node: UnitNode, known: UnitLine | None) -> UnitLine:
    kind = UnitKind.OPEN if node.path in manifest.open_paths() else UnitKind.BALLOTS
    status = UnitStatus.REPORTED if node.status.counts else UnitStatus(node.status.value.lower())
    line = UnitLine(status, kind)
    if known is not None:
        line = dataclasses.replace(line, **{name: getattr(known, name) for name in VOTERS})
    returned = _returned(node)
    if returned is None:
        return line
    numbers = {
        name: sum(getattr(style, count) for style in returned.counts) for name, count in _NUMBERS.items()
    }
    return dataclasses.replace(line, **numbers)


def _open(manifest: Manifest, node: UnitNode) -> Iterator[OpenLine]:
    returned = _returned(node)
    if returned is None or returned.kind is not ReturnKind.OPEN:
        return
    for contest in manifest.contests:
        figures = _figures(manifest, contest, returned)
        if figures is not None:
            yield OpenLine(contest.index, node.path, figures)


def _figures(manifest: Manifest, contest: Contest, returned: UnitReturn) -> Figures | None:
    """What a unit reports of one contest; None if none of its styles has it."""
    ballots = {style.style: style.counted for style in returned.counts}
    found: Figures | None = None
    for row in returned.plain:
        if row.contest == contest.label:
            weight = manifest.style(row.style).weight
            counts = tuple(weight * field.count for field in row.fields)
            field = contest.field(FieldKind.OVERVOTE)
            part = Figures(
                ballots[row.style],
                weight * ballots[row.style],
                counts,
                None if field is None else counts[field.index - 1],
            )
            found = part if found is None else found + part
    return found
