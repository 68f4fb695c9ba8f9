"""Whether a return fits the manifest: its unit, kind, styles, contests, fields, log and moments (A50).

Everything here follows from the return and the manifest alone, so that whoever has the file decides
it, offline, and in whatever order files come. What it leaves out: signatures
(:mod:`evote.returns.signed`) and whether figures agree with each other
(:mod:`evote.returns.reconciliation`).
"""

from __future__ import annotations

from typing import Final

from evote.ballots import Election
from evote.errors import DecodeError
from evote.groups import MembershipError
from evote.manifest import ReturnKind, seconds_of
from evote.returns.roster import declared_returns
from evote.returns.unitreturn import PlainTotal, SealedTotal, UnitReturn
from evote.returns.verdicts import ReturnError, ReturnVerdict

SKEW: Final = 24 * 60 * 60
"""Seconds by which the clock of an office may differ from that of the election."""


def check_content(election: Election, returned: UnitReturn) -> None:
    """That a return has exactly what its unit reports.

    Raises :class:`ReturnError`: FOREIGN_ELECTION, UNKNOWN_UNIT, WRONG_UNIT, WRONG_KIND, WRONG_SHAPE. Costs
    one membership test per element of a return of kind BALLOTS.
    """
    manifest = election.manifest
    if returned.election != election.extended_hash:
        raise _false(
            returned,
            ReturnVerdict.FOREIGN_ELECTION,
            "the return is one of another election",
            election.extended_hash.hex(),
            returned.election.hex(),
        )
    try:
        unit = manifest.unit(returned.unit)
    except ValueError as error:
        raise _false(
            returned, ReturnVerdict.UNKNOWN_UNIT, str(error), "a unit of the tree", returned.unit
        ) from None
    kind = declared_returns(election).units[unit.path].kind
    if kind is None:
        raise _false(
            returned,
            ReturnVerdict.WRONG_UNIT,
            "the unit sums up others and reports nothing",
            "a unit that reports",
            "",
        )
    if returned.kind is not kind:
        raise _false(
            returned,
            ReturnVerdict.WRONG_KIND,
            "the unit reports in another way",
            kind.value,
            returned.kind.value,
        )
    _shape(election, returned, unit.styles)
    _log(election, returned)
    _elements(election, returned)


def check_moments(election: Election, returned: UnitReturn, cosigned_at: str | None) -> str:
    """What is odd about the moment of a return, as a sentence; empty if nothing.

    Raises :class:`ReturnError` LATE_CORRECTION or SKEWED_CORRECTION for a correction, whose moments decide
    whether it counts; ``cosigned_at`` is that of the unit above. The moment of a first return decides
    nothing, so a clock that is wrong loses no office.
    """
    manifest, end = election.manifest, seconds_of(declared_returns(election).correct_until)
    begin = None if manifest.board is None else seconds_of(manifest.board.closes) - SKEW
    made = seconds_of(returned.made_at)
    if returned.corrects:
        for moment in (returned.made_at, *([] if cosigned_at is None else [cosigned_at])):
            if seconds_of(moment) > end:
                raise _false(
                    returned,
                    ReturnVerdict.LATE_CORRECTION,
                    "the correction lies after the end of corrections",
                    f"at most {declared_returns(election).correct_until}",
                    moment,
                )
        early = begin is not None and made < begin
        if early or (cosigned_at is not None and seconds_of(cosigned_at) < made - SKEW):
            raise _false(
                returned,
                ReturnVerdict.SKEWED_CORRECTION,
                "the correction lies before what it corrects",
                "after the end of voting, and cosigned after it was made",
                f"{returned.made_at}, cosigned {cosigned_at}",
            )
        return ""
    if begin is not None and made < begin:
        return f"the return says {returned.made_at}, before voting ended; the clock of the office is wrong"
    if made > end:
        return f"the return says {returned.made_at}, after the end of corrections; look at the clock"
    return ""


def _shape(election: Election, returned: UnitReturn, styles: tuple[str, ...]) -> None:
    counted = [each.style for each in returned.counts]
    if counted != list(styles):
        raise _false(
            returned,
            ReturnVerdict.WRONG_SHAPE,
            "the ballot styles are not the unit's, once and in order",
            styles,
            counted,
        )
    manifest = election.manifest
    wanted = [(style, contest) for style in styles for contest in manifest.contests_of(style)]
    rows: tuple[PlainTotal | SealedTotal, ...] = returned.plain or returned.sealed
    found = [(row.style, row.contest) for row in rows]
    names = [(style, contest.label) for style, contest in wanted]
    if found != names:
        raise _false(
            returned,
            ReturnVerdict.WRONG_SHAPE,
            "the totals are not those of styles and contests, in order",
            names,
            found,
        )
    for row, (style, contest) in zip(rows, wanted, strict=True):
        labels = [option.label for option in contest.options]
        fields = [each.label for each in row.fields]
        if fields != labels:
            raise _false(
                returned,
                ReturnVerdict.WRONG_SHAPE,
                f"style {style!r}, contest {contest.label!r}: the fields are not the contest's, in order",
                labels,
                fields,
            )


def _log(election: Election, returned: UnitReturn) -> None:
    if returned.log is None:
        return
    board = election.manifest.board
    if board is None:
        raise ValueError("an election with units of kind BALLOTS has a board")
    origin = board.units[returned.unit].origin
    if returned.log.origin != origin:
        raise _false(
            returned, ReturnVerdict.WRONG_UNIT, "the log is not the unit's", origin, returned.log.origin
        )


def _elements(election: Election, returned: UnitReturn) -> None:
    if returned.kind is not ReturnKind.BALLOTS:
        return
    for row in returned.sealed:
        for each in row.fields:
            for name, encoded in (("A", each.alpha), ("B", each.beta)):
                try:
                    election.group.decode(encoded)
                except (DecodeError, MembershipError) as error:
                    raise _false(
                        returned,
                        ReturnVerdict.WRONG_SHAPE,
                        f"contest {row.contest!r}, field {each.label!r}: {name} is no element of the group",
                        "an element",
                        encoded.hex(),
                    ) from error


def _false(
    returned: UnitReturn, verdict: ReturnVerdict, message: str, expected: object, computed: object
) -> ReturnError:
    return ReturnError(
        verdict, message, unit=returned.unit, expected=_cut(str(expected)), computed=_cut(str(computed))
    )


def _cut(text: str) -> str:
    """Long lists of labels come from a file that anybody may have sent."""
    return text if len(text) <= 500 else text[:500] + "…"
