"""CODES.5, CODES.6 and EXTRA.1: what is true of all ballots together, in bounded memory.

Codes, the codes before them, and ciphertexts are entered as digests of 32 bytes, sorted outside of memory
(:mod:`evote.record.unique`), and looked at when all ballots have been read. A chain is unbroken if every
ballot names the start of a device or the code of a ballot as the one before, and no two ballots name the
same; a record does not say on which device a ballot was made.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType

from evote.interop.electionguard1.layout import SUBMITTED
from evote.interop.electionguard1.run import Run
from evote.interop.electionguard1.stretch import Link, code_digest
from evote.record.unique import UniqueKeys

_SELECTIONS = 2**24
"""Places of ciphertexts: ballot number times this, plus the number of the selection."""


class Chains:
    """What all ballots have left; a context manager, for temporary files are behind it."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._files = ExitStack()
        self._codes = self._files.enter_context(UniqueKeys())
        self._links = self._files.enter_context(UniqueKeys())
        self._ciphertexts = self._files.enter_context(UniqueKeys())
        self._ballots = 0
        self._uncoded = False

    def __enter__(self) -> Chains:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.close()

    def add(self, link: Link) -> None:
        """A ballot."""
        self._ballots += 1
        self._codes.add(link.code, link.place)
        self._links.add(link.seed, 2 * link.place + 1)
        if link.computed is None:
            self._uncoded = True
        else:
            self._links.add(link.computed, 2 * link.place)
        for number, digest in enumerate(link.ciphertexts):
            self._ciphertexts.add(digest, link.place * _SELECTIONS + number)

    def check(self, run: Run, *, unread: int) -> None:
        """The checks, when all ballots were added; ``unread`` ballots could not be."""
        report = run.report
        report.count_all({"CODES.5": self._ballots, "EXTRA.1": self._ballots})
        for _, places in self._codes.repeated():
            report.fail("CODES.5", self._where(places), "the ballots have the same confirmation code")
        for _, places in self._ciphertexts.repeated():
            ballots = [place // _SELECTIONS for place in places]
            report.fail("EXTRA.1", self._where(ballots), "the same ciphertext occurs twice")
        if unread or self._uncoded or run.unread_devices:
            run.skip(("CODES.6",), "a code could not be computed, or a device not be read (FILES.1)")
            return
        report.count("CODES.6", self._ballots)
        starts = {code_digest(run.hashes.start(device)) for device in run.devices}
        for key, places in self._links.groups():
            after = [place // 2 for place in places if place % 2]
            before = [place for place in places if not place % 2]
            if len(after) > 1:
                report.fail("CODES.6", self._where(after), "the ballots follow the same code")
            if after and not before and key not in starts:
                report.fail(
                    "CODES.6", self._where(after), "the code before is that of no ballot and of no device"
                )

    def _where(self, places: Sequence[int]) -> str:
        return ", ".join(f"{SUBMITTED}/{self._names[place]}" for place in dict.fromkeys(places))
