"""What a box follows from the manifest: its log, when voting ends, how soon a head must cover a ballot."""

from __future__ import annotations

from dataclasses import dataclass

from evote.ballots.election import Election
from evote.board.submission import MAX_SIGNATURES
from evote.manifest.moments import moment_of, seconds_of
from evote.record.layout import largest_ballot, largest_hint
from evote.signing import VerifyKey
from evote.storage.box_schema import Identity

_SUBMISSION_ROOM = 4096 + 1024 + 64 * MAX_SIGNATURES
"""What a submission has around its ballot: decision, context, previous, device, signatures."""


@dataclass(frozen=True, slots=True)
class BoxSetting:
    """One unit's part of the declared board.

    ``closes`` is the moment, in seconds since 1970, from which no ballot is taken; ``merge_delay`` the
    longest time in seconds from an admission to a head that covers it.
    """

    election: Election
    unit: str
    origin: str
    log_key: VerifyKey
    closes: int
    merge_delay: int

    @classmethod
    def of(cls, election: Election, unit: str) -> BoxSetting:
        """The setting that the manifest declares for a unit.

        Raises ``ValueError`` for a manifest without a board and for a unit without a log.
        """
        board = election.manifest.board
        if board is None:
            raise ValueError("the manifest declares no board, so there is no ballot box")
        log = board.units.get(unit)
        if log is None:
            raise ValueError(f"the manifest declares no log for the unit {unit!r}")
        return cls(election, unit, log.origin, log.load(), seconds_of(board.closes), board.merge_delay)

    @property
    def identity(self) -> Identity:
        """Which box it is."""
        return Identity(self.election.extended_hash, self.unit, self.origin, self.log_key.encoded)

    @property
    def largest_submission(self) -> int:
        """No submission of this election has more bytes."""
        election = self.election
        manifest, width = election.manifest, election.group.element_bytes
        return largest_ballot(manifest, width) + largest_hint(manifest, width) + _SUBMISSION_ROOM

    def times(self, now: int) -> tuple[str, str]:
        """Time and deadline of an admission at ``now``: no later than the delay after the end of voting."""
        return moment_of(now), moment_of(min(now, self.closes) + self.merge_delay)
