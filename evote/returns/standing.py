"""Which version of a unit's return counts, or why none does (rules A50, R8; never "the last one wins").

Per unit, over the authentic returns that are here, without those whose key the roster replaced (STALE)
and those that a resolution in force set aside:

* one file for each version, each next version present and naming the file before it: the last counts;
* a first file that is a correction counts as well: it names what it replaced, and what it named may still
  come;
* two files for one version, a gap, a link to another file: CONFLICT, with the files as evidence.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from evote.manifest import Manifest
from evote.returns.merge import MergedReturns
from evote.returns.resolution import Resolution
from evote.returns.signed import SignedReturn
from evote.returns.verdicts import ReturnVerdict


class UnitStatus(enum.Enum):
    """How a unit stands, from best to worst."""

    REPORTED = "REPORTED"
    """A return counts."""
    DUPLICATE = "DUPLICATE"
    """A return counts, and came more than once."""
    MISSING = "MISSING"
    """Nothing came."""
    PARTIAL = "PARTIAL"
    """Only a part of a file came; of a unit above others: some of them have reported."""
    UNKNOWN = "UNKNOWN"
    """What came cannot be placed: its roster, or its unit, is not here."""
    CONFLICT = "CONFLICT"
    """What came contradicts itself, and the authority has not decided."""

    @property
    def counts(self) -> bool:
        """Whether figures of the unit are in the sums."""
        return self in (UnitStatus.REPORTED, UnitStatus.DUPLICATE)

    @property
    def exit_code(self) -> int:
        """0 if it counts, 1 for a conflict, else 3."""
        return 0 if self.counts else 1 if self is UnitStatus.CONFLICT else 3


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why no version counts: a sentence, and the files that show it (at least two, by version and hash)."""

    reason: str
    files: tuple[SignedReturn, ...]
    held: frozenset[bytes]
    """Digests of all files of the unit that do not count because of it."""
    re_signed: bool = False
    """Whether the files have one statement under two signatures."""
    proven: bool = True
    """Whether ``files`` contradict each other whatever else there may be; a version that is merely absent
    between two others proves nothing against the unit."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One unit that reports: what counts of it, and what became of everything else."""

    unit: str
    status: UnitStatus
    counted: SignedReturn | None
    superseded: tuple[SignedReturn, ...]
    """Older versions, linked to the counted one."""
    stale: tuple[SignedReturn, ...]
    rejected: tuple[SignedReturn, ...]
    """Set aside by a resolution."""
    waiting: tuple[SignedReturn, ...]
    """Not checked: the roster that they name is not here."""
    conflict: Conflict | None
    resolutions: tuple[Resolution, ...]
    """Those in force."""

    def verdict(self, digest: bytes) -> ReturnVerdict:
        """What became of one file of the unit; ``ValueError`` for a file that is not here."""
        if self.counted is not None and self.counted.digest == digest:
            return ReturnVerdict.CLOCK_SKEWED if self.counted.oddity else ReturnVerdict.GOOD
        for files, verdict in (
            (self.superseded, ReturnVerdict.SUPERSEDED),
            (self.stale, ReturnVerdict.STALE),
            (self.rejected, ReturnVerdict.SUPERSEDED),
            (self.waiting, ReturnVerdict.UNKNOWN_ROSTER),
        ):
            if any(signed.digest == digest for signed in files):
                return verdict
        if self.conflict is not None and digest in self.conflict.held:
            return ReturnVerdict.RE_SIGNED if self.conflict.re_signed else ReturnVerdict.CONFLICT
        raise ValueError(f"no file of {self.unit!r} has the name {digest.hex()}")


def standings(merged: MergedReturns) -> tuple[Standing, ...]:
    """How every reporting unit stands, in the order of the tree."""
    held: dict[str, list[SignedReturn]] = {}
    waiting: dict[str, list[SignedReturn]] = {}
    for table, source in ((held, merged.returns), (waiting, merged.waiting)):
        for signed in source.values():
            table.setdefault(signed.unit, []).append(signed)
    decided: dict[str, list[Resolution]] = {}
    for _, resolution in merged.resolutions.values():
        decided.setdefault(resolution.unit, []).append(resolution)
    manifest: Manifest = merged.election.manifest
    return tuple(
        _standing(
            merged,
            unit.path,
            _ordered(held.get(unit.path, ())),
            _ordered(waiting.get(unit.path, ())),
            decided.get(unit.path, ()),
        )
        for unit in manifest.reporting_units()
    )


def _standing(
    merged: MergedReturns,
    unit: str,
    files: tuple[SignedReturn, ...],
    waiting: tuple[SignedReturn, ...],
    decided: Sequence[Resolution],
) -> Standing:
    stale = tuple(
        signed for signed in files if merged.rosters.replaced(unit, signed.returned.roster, signed.digest)
    )
    here = {signed.digest for signed in files}
    in_force = tuple(
        sorted(
            (resolution for resolution in decided if resolution.chosen in here),
            key=lambda resolution: (resolution.made_at, resolution.chosen, resolution.rejected),
        )
    )
    aside = {digest for resolution in in_force for digest in resolution.rejected}
    rejected = tuple(signed for signed in files if signed.digest in aside)
    old = {signed.digest for signed in stale}
    live = tuple(signed for signed in files if signed.digest not in old | aside)
    contradiction = [resolution for resolution in in_force if resolution.chosen in aside]
    if contradiction:
        below = _conflict([signed for signed in files if signed.digest not in old])
        proven = below is not None and below.proven
        shown = below.files if below is not None and proven else files
        conflict: Conflict | None = Conflict(
            "two resolutions contradict each other", shown, frozenset(here), proven=proven
        )
    else:
        conflict = _conflict(live)
    if conflict is not None:
        status = UnitStatus.CONFLICT
    elif live:
        status = UnitStatus.REPORTED
    elif waiting:
        status = UnitStatus.UNKNOWN
    else:
        status = UnitStatus.MISSING
    counted = live[-1] if status is UnitStatus.REPORTED else None
    superseded = live[:-1] if counted is not None else ()
    return Standing(unit, status, counted, superseded, stale, rejected, waiting, conflict, in_force)


def _conflict(live: Sequence[SignedReturn]) -> Conflict | None:
    """The first contradiction among files that are sorted by version and hash, or else the first gap."""
    held = frozenset(signed.digest for signed in live)
    gap: Conflict | None = None
    for before, after in pairwise(live):
        if before.version == after.version:
            return _two_files(tuple(signed for signed in live if signed.version == before.version), held)
        if after.version != before.version + 1:
            reason = f"versions {before.version} and {after.version} are here, without what links them"
            gap = gap or Conflict(reason, (before, after), held, proven=False)
        elif after.returned.previous != before.digest:
            reason = f"version {after.version} corrects another file than the version {before.version} here"
            return Conflict(reason, (before, after), held)
    return gap


def _two_files(same: tuple[SignedReturn, ...], held: frozenset[bytes]) -> Conflict:
    first = same[0]
    if len({signed.content.statement for signed in same}) == 1:
        reason = f"version {first.version} was signed again: one statement, two files"
        return Conflict(reason, same, held, re_signed=True)
    if first.returned.corrects and len({signed.returned.previous for signed in same}) == 1:
        return Conflict(f"two corrections of one version {first.version - 1}", same, held)
    return Conflict(f"two different returns are version {first.version}", same, held)


def _ordered(files: Sequence[SignedReturn]) -> tuple[SignedReturn, ...]:
    return tuple(sorted(files, key=lambda signed: (signed.version, signed.digest)))
