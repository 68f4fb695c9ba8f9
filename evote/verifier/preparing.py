"""Before the ballots the state is opened and the segments are surveyed; after them the state is finished."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

from evote.ballots import Election
from evote.codec import MAX_FRAME_BYTES
from evote.errors import DecodeError, RefusedError, StorageError
from evote.hashing import sha256
from evote.record import layout
from evote.record.files import Location
from evote.record.index import open_index
from evote.record.layout import Kind
from evote.record.stretches import Survey
from evote.record.values import Stage
from evote.verifier.chunk import chunk_ballots
from evote.verifier.method import Way
from evote.verifier.plan import Options, Plan
from evote.verifier.resume import Binding, StateFile
from evote.verifier.setting import ElectionData
from evote.verifier.state import Verification


@dataclass(frozen=True, slots=True)
class StateOptions:
    """Where the state of a verification is kept; ``finished`` demands that of one that ended."""

    path: Location
    finished: bool

    @classmethod
    def of(cls, resume: Location | None, since: Location | None) -> StateOptions | None:
        """The state that a caller asks for; raises ``ValueError`` for two of them."""
        if resume is not None and since is not None:
            raise ValueError("one state is continued: give resume or since, not both")
        if since is not None:
            return cls(since, True)
        return None if resume is None else cls(resume, False)


def open_state(run: Verification, options: Options, state: StateOptions | None) -> StateFile | None:
    """The state, bound to this election and method; None without one, or if there is nothing to look at.

    Raises as :class:`StateFile`.
    """
    election = run.election
    if state is None or election is None or not run.reaches(Stage.VOTING):
        return None
    binding = Binding(
        election.fingerprint,
        sha256(election.vote_key.base.encode()).hex(),
        election.group.name,
        options.method.name,
        str(_chunk(run, options)),
    )
    return StateFile(state.path, binding, finished=state.finished)


def make_plan(run: Verification, options: Options, state: StateFile | None) -> Plan | None:
    """Survey the ballots; None if they are not looked at.

    Raises :class:`RefusedError` if the record is not the one that the state was made from, and
    :class:`~evote.errors.StorageError` for files that cannot be read.
    """
    election = run.election
    if election is None or not run.reaches(Stage.VOTING):
        return None
    reader = run.reader
    limit = min(layout.largest_ballot(election.manifest, election.group.element_bytes), MAX_FRAME_BYTES)
    held = {} if state is None else state.prefixes()
    sizes = _sealed_sizes(run)
    for path, (size, _) in held.items():
        sizes.setdefault(path, set()).add(size)
    survey = reader.survey(
        layout.BALLOTS,
        frames=_chunk(run, options),
        limit=limit,
        sizes={path.partition("/")[2]: found for path, found in sizes.items() if _is_ballots(path)},
        progress=lambda done, total: run.tell("bytes of ballots digested", done, total),
    )
    if state is not None:
        found = {f"{layout.BALLOTS}/{name}": digests for name, (_, digests) in survey.files.items()}
        for path in held:
            if not _is_ballots(path) and reader.has(path):
                found[path] = reader.digests(path, sizes[path])[1]
        state.require(found)
    record = reader.directory if options.executor is None else os.path.abspath(reader.directory)
    hints = None if options.method.way is Way.PLAIN else survey_hints(run, election, options, survey.frames)
    data = ElectionData.of(election)
    return Plan(reader, record, data, survey, hints, limit, options, state, run.tell)


def survey_hints(run: Verification, election: Election, options: Options, ballots: int) -> Survey | None:
    """Where the hints are; whatever is wrong with them is a warning. None if there are none."""
    limit = layout.largest_hint(election.manifest, election.group.element_bytes)
    survey = None
    try:
        survey = run.reader.survey(layout.HINTS, frames=_chunk(run, options), limit=limit, most=ballots)
    except StorageError as error:
        run.report.warn(f"Hints cannot be read: {error}")
    held = 0 if survey is None else survey.frames
    if survey is not None and survey.fault is not None:
        run.report.warn(f"The hints end at ballot {held}: {survey.fault}")
    elif survey is not None and 0 < held < ballots:
        run.report.warn(f"There are hints for the first {held} of {ballots} ballots only.")
    if options.method.way is Way.BATCH and not held and ballots:
        run.report.warn(
            "There are no hints, so that nothing was checked in batches; 'evote record hints' makes them."
        )
    return survey if held else None


def finish_state(run: Verification, state: StateFile) -> None:
    """The verification ended: what was read of segments that are no ballots goes into the state too."""
    prefixes = {}
    for found in run.reader.files():
        if found.regular and layout.kind_of(found.path) is Kind.SEGMENT and not _is_ballots(found.path):
            prefixes[found.path] = run.reader.file_digest(found.path)
    state.finish(prefixes)


def _chunk(run: Verification, options: Options) -> int:
    if run.election is None:
        raise RefusedError("without its keys a record has no stretches")
    manifest, width = run.election.manifest, run.election.group.element_bytes
    return options.chunk or chunk_ballots(manifest, width)


def _is_ballots(path: str) -> bool:
    return path.startswith(f"{layout.BALLOTS}/")


def _sealed_sizes(run: Verification) -> dict[str, set[int]]:
    """By path: the sealed lengths of segments, which E.10 will ask for."""
    found: dict[str, set[int]] = {}
    for _, _, sealed in run.reader.indexes():
        if isinstance(sealed, DecodeError):
            continue
        try:
            index = open_index(sealed)
        except DecodeError:
            continue  # E.10 names it
        _gather(found, ((entry.path, entry.size) for entry in index.files))
    return found


def _gather(found: dict[str, set[int]], entries: Iterable[tuple[str, int]]) -> None:
    for path, size in entries:
        if _is_ballots(path):
            found.setdefault(path, set()).add(size)
