"""Portable evidence that a unit contradicted itself: both signed files, and nothing to believe.

Whoever has the election (manifest and H_E) and, where the files name one, the later rosters, checks it
offline. It shows that the holder of the unit's key signed two versions that cannot both stand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from evote.ballots import Election
from evote.codec import MAX_RETURN_BYTES, AtMost, decode, encode
from evote.errors import DecodeError
from evote.returns.envelope import FileKind, open_file, seal
from evote.returns.merge import MergedReturns, merge_returns
from evote.returns.schemes import BUILT_IN, SignatureSchemes
from evote.returns.standing import Conflict, standings
from evote.returns.verdicts import ReturnError, ReturnVerdict


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """The content of a file of evidence: two returns of one unit, and the rosters that they name."""

    returns: Annotated[tuple[Annotated[bytes, AtMost(MAX_RETURN_BYTES)], ...], AtMost(2)]
    rosters: Annotated[tuple[Annotated[bytes, AtMost(MAX_RETURN_BYTES)], ...], AtMost(1000)]


def make_evidence(merged: MergedReturns, unit: str) -> bytes:
    """The file that shows the conflict of a unit.

    ``ValueError`` if the unit has none, or one that proves nothing: a version that is not here.
    """
    standing = next((each for each in standings(merged) if each.unit == unit), None)
    if standing is None or standing.conflict is None:
        raise ValueError(f"the unit {unit!r} has no conflict")
    if not standing.conflict.proven:
        raise ValueError(f"nothing shows that {unit!r} contradicted itself: {standing.conflict.reason}")
    shown = standing.conflict.files[:2]
    content = EvidenceFile(
        tuple(signed.file.data for signed in shown),
        tuple(
            opened.data
            for digest, opened in sorted(merged.roster_files.items())
            if digest not in merged.rosters.waiting
        ),
    )
    return seal(FileKind.EVIDENCE, unit, encode(content))


def check_evidence(election: Election, data: bytes, schemes: SignatureSchemes = BUILT_IN) -> Conflict:
    """The conflict that a file of evidence shows, every signature checked.

    Raises :class:`ReturnError` if a file in it is not authentic, or if they do not contradict each other.
    """
    opened = open_file(data)
    try:
        if opened.kind is not FileKind.EVIDENCE:
            raise DecodeError(f"a file of kind {opened.kind.name}")
        content = decode(EvidenceFile, opened.body, element_bytes=0, limit=3 * MAX_RETURN_BYTES)
    except DecodeError as error:
        raise ReturnError(ReturnVerdict.MALFORMED, f"no evidence: {error}", unit=opened.unit) from error
    files = [("", each) for each in (*content.rosters, *content.returns)]
    merged, report = merge_returns(election, files, schemes)
    for arrival in report.arrivals:
        if arrival.verdict.exit_code or arrival.verdict is ReturnVerdict.DUPLICATE:
            raise ReturnError(arrival.verdict, arrival.message, unit=opened.unit)
    found = next((each for each in standings(merged) if each.unit == opened.unit), None)
    conflict = None if found is None else found.conflict
    if conflict is None or not conflict.proven:  # a version that is left out shows nothing
        raise ReturnError(ReturnVerdict.MALFORMED, "the files do not contradict each other", unit=opened.unit)
    return conflict
