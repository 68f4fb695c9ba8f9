"""What the checks of one verification share: the builder of the report and what was read so far.

Rules: a value that the verifier computed stands here, not the published one, so that a wrong value
fails the check that speaks of it and no other; what could not be read or computed is None, and the
checks that need it say so (NOT_CHECKED); nothing here outlives the verification.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from evote.ballots import Election
from evote.board.credential import BUILT_IN, Schemes
from evote.board.roll import Roll
from evote.ceremony import GuardianRecords, JointKeys, Setting
from evote.groups import Group
from evote.manifest import Manifest
from evote.record.reader import RecordReader
from evote.record.values import CheckpointsFile, DecryptionFile, DevicesFile, ParametersFile, Stage
from evote.report import ReportBuilder
from evote.returns import ClosedLog
from evote.returns.closedlog import LogCount
from evote.tally import ClosingHead, PublishedTally
from evote.verifier.registry import later_than, reached


@dataclass(frozen=True, slots=True)
class ReadLog:
    """The log of a unit, for what its return says of it."""

    closed: bool
    """Whether it ended as logs end, and the record has every ballot that it names."""
    named: ClosedLog | None
    """Its closing head, as a return names it; None if the checkpoint cannot be read."""
    counts: tuple[LogCount, ...] | None
    """Per style of the unit; None if it cannot be told what counts."""


Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is (0 if not known)."""


@dataclass(slots=True)
class Verification:
    """One verification of one record, while it runs."""

    reader: RecordReader
    report: ReportBuilder
    stage: Stage
    """How far the record is checked: what was asked for, or less if the record is not that far."""
    expect: str | None
    zero_ballots_expected: bool
    progress: Progress | None
    schemes: Schemes = field(default_factory=lambda: BUILT_IN)
    """The schemes of credentials that this program has verifiers for."""

    # Files, None if absent or unreadable.
    manifest_raw: bytes | None = None
    parameters: ParametersFile | None = None
    guardians: GuardianRecords | None = None
    keys: JointKeys | None = None
    devices: DevicesFile | None = None
    tally: PublishedTally | None = None
    decryption: DecryptionFile | None = None
    checkpoints: CheckpointsFile | None = None

    # What was computed from them.
    group: Group | None = None
    manifest: Manifest | None = None
    setting: Setting | None = None
    election: Election | None = None
    fingerprint: bytes | None = None
    """H_E."""
    index_head: ClosingHead | None = None
    """The closing head of the newest index, whose signature E.10 looks at."""
    sealed: bool = False
    """Whether a declared index was checked (E.10) and holds."""
    roll: Roll | None = None
    """The roll, where one is declared and E.22 found nothing."""
    unit_logs: dict[str, ReadLog] | None = None
    """Path of each unit with a log -> what was read of it; None without a board, or if unreadable."""
    unit_heads: dict[str, ClosingHead] | None = None
    """Path of each unit -> head of its log as it was read; None without a board, or if unreadable."""
    closed_units: frozenset[str] | None = None
    """Units that are closed in a record that still takes others; None where all units have to be."""
    unproven: set[int] = field(default_factory=set)
    """Guardians whose keys are not all members."""

    def reaches(self, stage: Stage) -> bool:
        """Whether what belongs to ``stage`` is checked."""
        return reached(self.stage, stage)

    def tell(self, what: str, done: int, total: int = 0) -> None:
        """Report progress, if anybody listens."""
        if self.progress is not None:
            self.progress(what, done, total)

    def skip(self, identifiers: Iterable[str], reason: str) -> None:
        """Something that these checks need could not be had. Checks of a later stage are passed over."""
        later = later_than(self.stage)
        self.report.skip([each for each in identifiers if each not in later], reason)
