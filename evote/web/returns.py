"""What a collector finds in a file of unit returns: form, election, unit, roster, signatures (A50).

Every file is judged alone, with the rosters that the collector was given: whether versions contradict each
other, and which one counts, is decided by everybody who merges. Files of the kinds that travel with returns,
later rosters, resolutions and merged files, pass when everything in them would be taken.
"""

from __future__ import annotations

from collections.abc import Iterable

from evote.ballots import Election
from evote.returns import MergedReturns, Merger, ReturnError, ReturnVerdict, check_return
from evote.returns.envelope import FileKind, open_file
from evote.web.inspection import Verdict


class ReturnInspection:
    """The inspection of one election; ``rosters`` are files of later versions, in any order.

    Raises ``ValueError`` for an election without unit returns, and :class:`ReturnError` for a roster that is
    none.
    """

    def __init__(self, election: Election, rosters: Iterable[tuple[str, bytes]] = ()) -> None:
        merger = Merger(MergedReturns.empty(election))
        merger.offer_all(rosters)
        self._base, report = merger.finish()
        for refused in report.refused():
            raise ReturnError(refused.verdict, f"{refused.name}: {refused.message}", unit=refused.unit)

    def __call__(self, data: bytes) -> Verdict:
        """The verdict of a file: the worst one of what is in it."""
        try:
            opened = open_file(data)
            if opened.kind is FileKind.RETURN:
                signed = check_return(self._base.rosters, data)
                found = ReturnVerdict.CLOCK_SKEWED if signed.oddity else ReturnVerdict.GOOD
                return Verdict(True, found.value, signed.oddity)
        except ReturnError as error:
            return Verdict(error.verdict.taken, error.verdict.value, str(error))
        merger = Merger(self._base)
        merger.offer("file", data)
        _, report = merger.finish()
        for refused in report.refused():
            return Verdict(False, refused.verdict.value, refused.message)
        return Verdict(True, ReturnVerdict.GOOD.value)
