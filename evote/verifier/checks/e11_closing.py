"""E.11: the closing head is that of the ballots.

The leaves are the hashes of the ballots' frames, exactly as stored, in the order of the record, so
that a frame which is no ballot has its leaf too.
"""

from __future__ import annotations

from evote.manifest.extensions import INDEX
from evote.merkle import CompactRange, RangeBuilder
from evote.tally import ClosingHead
from evote.verifier.state import Verification


class Closing:
    """Builds the tree over the frames of one record."""

    def __init__(self, run: Verification) -> None:
        self._run = run
        self._range = RangeBuilder()
        self._torn = False

    def see(self, leaves: CompactRange) -> None:
        """The frames of the next stretch; raises ``ValueError`` for any other stretch."""
        self._range.extend(leaves)

    def tear(self) -> None:
        """The frames cannot be followed further."""
        self._torn = True

    def head(self) -> ClosingHead:
        """Size and root so far."""
        covered = self._range.value()
        return ClosingHead(covered.end, covered.root())

    def finish(self) -> None:
        """Compare with the heads that tally and index state."""
        run = self._run
        if self._torn:
            run.skip(("E.11",), "the ballots cannot be read to their end (E.2)")
            return
        computed = self.head()
        heads = [("tally.msgpack, head", None if run.tally is None else run.tally.head)]
        if run.manifest is not None and INDEX in run.manifest.extensions:
            heads.append(("the newest index, head", run.index_head))
        for where, stated in heads:
            if stated is None:
                run.skip(("E.11",), f"{where}: it cannot be read or states none")
                continue
            run.report.count("E.11")
            if stated != computed:
                run.report.fail(
                    "E.11",
                    where,
                    "the closing head is not that of the ballots",
                    expected=_text(computed),
                    computed=_text(stated),
                )


def _text(head: ClosingHead) -> str:
    return f"{head.size} ballots, root {head.root.hex()}"
