"""Verifications 13 and 14, 18 and 19, and the openings of E.13: challenged ballots are opened, and no others.

Openings may stand in any order, because a device or the guardians may open a ballot long after it was
submitted; they wait on disk for their ballots.
"""

from __future__ import annotations

from evote.ballots.preencrypted_opened import CHECKS as UNCAST_CHECKS
from evote.errors import DecodeError
from evote.manifest import Manifest
from evote.record import layout
from evote.verifier.chunk import BallotNote
from evote.verifier.state import Verification
from evote.verifier.store import FrameStore

CHECKS = ("13.A", "13.B", "14.A", "14.B", "14.C", "14.D", "14.E", "14.F")

_MOST_LEFT = 1000
"""Openings without a ballot that are named."""


class Openings:
    """Takes the opening of each challenged ballot as it comes by."""

    def __init__(self, run: Verification, manifest: Manifest) -> None:
        self._run = run
        self._manifest = manifest
        self._store = FrameStore()
        self._gap = False
        self._opened = 0

    def read(self) -> None:
        """Read all openings; frames that are none, and ballots opened twice, are E.13's."""
        report = self._run.report
        try:
            for position, frame, value in self._run.reader.openings():
                if isinstance(value, DecodeError):
                    self._broken(value)
                elif not self._store.add(value.identifier, position, frame):
                    report.fail(
                        "E.13",
                        f"{layout.OPENINGS}, frame {position}",
                        f"ballot {value.identifier.hex()[:16]} is opened a second time",
                    )
        except DecodeError as error:  # the frames themselves end here
            self._broken(error)

    def see(self, ballot: BallotNote) -> bytes | None:
        """The next challenged ballot; gives the frame of its opening if it can be examined."""
        report = self._run.report
        report.count("E.13")
        frame = self._store.take(ballot.identifier)
        if frame is None:
            where = f"challenged ballot {ballot.identifier.hex()[:16]}"
            report.fail("E.13", where, "the ballot is not opened")
            self._run.skip(self._checks(ballot), "a challenged ballot is not opened (E.13)")
            return None
        if not ballot.shaped:
            self._run.skip(
                self._checks(ballot), "a challenged ballot does not have the shape of its style (E.2)"
            )
            return None
        self._opened += 1
        return frame

    def tell(self) -> None:
        """Say how many ballots are opened."""
        if self._opened:
            self._run.report.add("opened", self._opened)

    def tear(self) -> None:
        """A ballot cannot be read; it may be one that was challenged."""
        self._gap = True

    def finish(self) -> None:
        """Name the openings that belong to no challenged ballot."""
        left = self._store.left(_MOST_LEFT)
        if self._gap:
            reason = "a ballot that may have been challenged cannot be read (E.2)"
            declared = self._manifest.pre_encryption is not None
            self._run.skip((*CHECKS, *(UNCAST_CHECKS if declared else ()), "E.13"), reason)
            return
        for position, identifier in left:
            self._run.report.fail(
                "E.13",
                f"{layout.OPENINGS}, frame {position}",
                f"ballot {identifier.hex()[:16]} is opened, and the record has no such challenged ballot",
            )

    def close(self) -> None:
        """Remove what is on disk."""
        self._store.close()

    def _checks(self, ballot: BallotNote) -> tuple[str, ...]:
        return UNCAST_CHECKS if self._manifest.pre_encrypts(ballot.device) else CHECKS

    def _broken(self, error: DecodeError) -> None:
        where = error.where or layout.OPENINGS
        self._run.report.fail("E.13", where, f"the opening does not decode: {error.message}")
