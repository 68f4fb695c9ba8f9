"""Files of unit returns from folders and sticks, merged, with what became of each and how the units stand.

A folder is read with everything below it. What is no file of returns there, neither by its first bytes nor by
its name, is passed over; a file that is named by itself is always looked at. A file that cannot be read to
its end counts as torn, never as absent.

What it leaves out: asking people (:mod:`evote.office.returns_paper`), publishing
(:mod:`evote.office.returns_published`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from evote.ballots import Election
from evote.codec import MAX_MERGED_BYTES
from evote.errors import DecodeError, StorageError
from evote.record.files import open_regular, read_limited, sentences
from evote.returns import (
    Arrival,
    Completeness,
    Finding,
    IntakeReport,
    MergedReturns,
    Merger,
    ReturnVerdict,
    Rosters,
    completeness,
    reconcile,
    standings,
)
from evote.returns.envelope import MAGIC
from evote.returns.result import returns_json

SUFFIXES: Final = (".return", ".returns", ".roster", ".resolution")
PARTS: Final = (".part", ".partial", ".tmp", ".crdownload")
"""What programs that copy append to a name until they are done."""


_FRONT: Final = 64 * 1024
_SYSTEM: Final = ("lost+found", "System Volume Information")
"""Folders that file systems keep for themselves on a stick, and that nobody may list."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What a set of files gives: the merged returns, each file's verdict, the tree, and what disagrees."""

    merged: MergedReturns
    files: tuple[Arrival, ...]
    """Each with its verdict among all others: also superseded, stale, conflict."""
    state: Completeness
    findings: tuple[Finding, ...]

    @property
    def exit_code(self) -> int:
        """1 for what is false, contradicts itself or does not add up; else 2, 3 or 0."""
        codes = {arrival.verdict.exit_code for arrival in self.files} | {self.state.exit_code}
        if any(not finding.rule.flag for finding in self.findings):
            codes.add(1)
        return next((code for code in (1, 2, 3) if code in codes), 0)

    def document(self) -> dict[str, object]:
        """Everything as JSON: the tree with sums at every level, files and findings."""
        tree = json.loads(returns_json(self.merged, self.state))
        return {
            **tree,
            "roster_conflict": self.state.forked,
            "files": [
                {
                    "name": arrival.name,
                    "verdict": arrival.verdict.value,
                    "unit": arrival.unit,
                    "version": arrival.version,
                    "file": arrival.digest.hex(),
                    "message": arrival.message,
                }
                for arrival in self.files
            ],
            "findings": [
                {
                    "rule": finding.rule.value,
                    "flag": finding.rule.flag,
                    "unit": finding.unit,
                    "style": finding.style,
                    "contest": finding.contest,
                    "field": finding.field,
                    "expected": finding.expected,
                    "found": finding.found,
                }
                for finding in self.findings
            ],
            "exit": self.exit_code,
        }


def gather(sources: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """Name and content of every file; in a folder only those that are files of returns, or were to be.

    Raises :class:`StorageError` for a source that does not exist.
    """
    for source in sources:
        if source.is_dir():
            unreadable: list[str] = []
            for path in sorted(_below(source, unreadable)):
                if _wanted(path):
                    yield str(path), _content(path)
            for name in unreadable:
                yield name, b""
        elif source.exists():
            yield str(source), _content(source)
        else:
            raise StorageError(f"{source} does not exist")


def take_in(election: Election, files: Iterable[tuple[str, bytes]]) -> Intake:
    """Merge files, by name and content, and say what came out.

    Raises ``ValueError`` for an election without unit returns.
    """
    merger = Merger(MergedReturns.empty(election))
    merger.offer_all(files)
    return intake_of(*merger.finish())


def intake_of(merged: MergedReturns, report: IntakeReport) -> Intake:
    """What merged returns and a report of arrivals say together."""
    found = standings(merged)
    verdicts: dict[bytes, ReturnVerdict] = {}
    for standing in found:
        for signed in (*merged.of_unit(standing.unit), *standing.waiting):
            verdicts[signed.digest] = standing.verdict(signed.digest)
    findings = [
        finding
        for standing in found
        if standing.counted is not None
        for finding in reconcile(merged.election, standing.counted.returned)
    ]
    files = tuple(_judged(arrival, verdicts) for arrival in report.arrivals)
    return Intake(merged, files, completeness(merged, report), tuple(findings))


def read_rosters(election: Election, files: Sequence[Path]) -> Rosters:
    """The manifest's roster and the later versions in these files.

    Raises :class:`~evote.returns.ReturnError` for one that is none of this election.
    """
    merger = Merger(MergedReturns.empty(election))
    merger.offer_all(gather(files))
    merged, report = merger.finish()
    for arrival in report.arrivals:
        if arrival.verdict is not ReturnVerdict.DUPLICATE and arrival.verdict is not ReturnVerdict.GOOD:
            raise DecodeError(f"{arrival.name}: {arrival.verdict.value}: {arrival.message}")
    return merged.rosters


def _judged(arrival: Arrival, verdicts: Mapping[bytes, ReturnVerdict]) -> Arrival:
    """The verdict of a file that was taken is that among all others."""
    if arrival.verdict is ReturnVerdict.DUPLICATE or not arrival.verdict.taken:
        return arrival
    verdict = verdicts.get(arrival.digest, arrival.verdict)
    return Arrival(arrival.name, verdict, arrival.unit, arrival.version, arrival.digest, arrival.message)


def _below(folder: Path, unreadable: list[str]) -> Iterator[Path]:
    """Every file; the names of folders that cannot be listed are added to ``unreadable``."""

    def note(error: OSError) -> None:
        if Path(error.filename).name not in _SYSTEM:
            unreadable.append(str(error.filename))

    for root, _, names in os.walk(folder, onerror=note):
        for name in names:
            path = Path(root) / name
            if path.is_file() and not path.is_symlink():
                yield path


def _wanted(path: Path) -> bool:
    """Whether a file in a folder is one of returns, or was to be; also one that cannot be looked at."""
    name = path.name
    for suffix in PARTS:
        name = name.removesuffix(suffix)
    if name.endswith(SUFFIXES):
        return True
    try:
        data = _beginning(path, len(MAGIC))
    except StorageError:
        return True
    return data != b"" and MAGIC.startswith(data)


def _content(path: Path) -> bytes:
    """The bytes of a file, as far as they can be read: a stick may be pulled at any moment.

    Of a file that is larger than any of returns only the beginning, which is enough to refuse it.
    """
    try:
        try:
            return read_limited(path, MAX_MERGED_BYTES)
        except DecodeError:
            return _beginning(path, _FRONT)
    except StorageError:
        return b""


def _beginning(path: Path, most: int) -> bytes:
    with open_regular(path, 0) as stream, sentences(path, "read"):
        return stream.read(most)
