"""Examines the ballots of one stretch in the way that the task asks for.

Ballots with hints are examined together (:func:`evote.ballots.batch.examine_chunk`), the others one by
one; what is found is the same. Hints are read from their own files, at the places that the survey found
for these ballots, and whatever is wrong with them is a sentence for the report and the plain way.

Reproducible weights (rule A67) come from one seed per stretch: a hash over the version of the method,
the group, H_E, K, the number of the stretch, and all its bytes, ballots and hints. Each batch of the
stretch, the first and those into which a rejected one is taken apart, has weights of its own from it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evote.ballots import Election, Examination, SubmittedBallot, examine
from evote.ballots.batch import examine_chunk
from evote.ballots.hints import BallotHint
from evote.errors import DecodeError, StorageError
from evote.hashing import tagged
from evote.proofs.batch import FreshWeights, Weights
from evote.proofs.weights import DerivedWeights
from evote.record import layout
from evote.record.folder import Folder
from evote.record.stretches import frames_of, read_stretch
from evote.verifier.chunk import MAX_WARNINGS, ChunkTask
from evote.verifier.method import DERIVED_BITS, Way

METHOD_VERSION = 1
"""Enters the seed of reproducible weights; another way of drawing them has another number."""

Tick = Callable[[int], None]
"""Is told how many ballots of the stretch have been examined."""


@dataclass(frozen=True, slots=True)
class Examined:
    """An examination per frame, None where there is no ballot; ``batched`` were accepted in a batch."""

    examinations: tuple[Examination | None, ...]
    batched: int = 0
    warnings: tuple[str, ...] = ()


def examine_all(
    task: ChunkTask,
    election: Election,
    ballots: Sequence[SubmittedBallot | DecodeError],
    read: Sequence[bytes],
    tick: Tick | None,
) -> Examined:
    """Examine every ballot of the stretch; ``read`` are the bytes that they were decoded from."""
    hints = _Hints(task, election, len(ballots))
    if any(hint is not None for hint in hints.values):
        together = _together(task, election, ballots, hints, read)
        if tick is not None:
            tick(len(ballots))
        return together
    found: list[Examination | None] = []
    for number, ballot in enumerate(ballots, 1):
        found.append(None if isinstance(ballot, DecodeError) else examine(election, ballot))
        if tick is not None:
            tick(number)
    return Examined(tuple(found), 0, tuple(hints.warnings))


def _together(
    task: ChunkTask,
    election: Election,
    ballots: Sequence[SubmittedBallot | DecodeError],
    hints: _Hints,
    read: Sequence[bytes],
) -> Examined:
    places = [place for place, ballot in enumerate(ballots) if not isinstance(ballot, DecodeError)]
    there = [ballot for ballot in ballots if not isinstance(ballot, DecodeError)]
    weights: Callable[[], Weights] = FreshWeights
    if task.method.reproducible:
        weights = Derived(chunk_seed(task, election, b"".join(read), hints.data)).weights
    result = examine_chunk(election, there, [hints.values[place] for place in places], weights=weights)
    found: list[Examination | None] = [None] * len(ballots)
    for place, examination in zip(places, result.examinations, strict=True):
        found[place] = examination
    warnings = (*hints.warnings, *result.warnings)[:MAX_WARNINGS]
    return Examined(tuple(found), result.batched, warnings)


class _Hints:
    """The hints of one stretch, as far as there are any."""

    def __init__(self, task: ChunkTask, election: Election, frames: int) -> None:
        self.values: list[BallotHint | None] = [None] * frames
        self.data = b""
        self.warnings: list[str] = []
        if task.hints is None or task.method.way is Way.PLAIN:
            return
        try:
            folder = Folder(task.record).subfolder(layout.HINTS)
            read, pieces = read_stretch(folder, task.hints.pieces)
        except StorageError as error:
            self._warn(f"hints cannot be read: {error}")
            return
        if pieces != task.hints.pieces:
            self._warn(f"the hints of ballots from {task.stretch.first} on were changed and are not used")
            return
        self.data = b"".join(read)
        contents = [content for data in read for _, content in frames_of(data)]
        for place, content in enumerate(contents[:frames]):
            try:
                self.values[place] = BallotHint.decode(content, election.group.element_bytes)
            except DecodeError as error:
                self._warn(f"hint {task.stretch.first + place} is none: {error.message}")

    def _warn(self, sentence: str) -> None:
        if len(self.warnings) < MAX_WARNINGS // 2:
            self.warnings.append(sentence)


class Derived:
    """Sources of weights from one seed: one after the other, each different."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._next = 0

    def weights(self) -> Weights:
        """The source of the next batch."""
        number = self._next.to_bytes(8, "big")
        self._next += 1
        return DerivedWeights(tagged("evote/v1/batch-seed-of-part", self._seed, number), bits=DERIVED_BITS)


def chunk_seed(task: ChunkTask, election: Election, ballots: bytes, hints: bytes) -> bytes:
    """The seed of a stretch, 32 bytes, from all its bytes (rule A67)."""
    return tagged(
        "evote/v1/batch-seed",
        METHOD_VERSION.to_bytes(4, "big"),
        election.group.name.encode("utf-8"),
        election.group.parameter_bytes(),
        election.extended_hash,
        election.vote_key.base.encode(),
        task.stretch.number.to_bytes(8, "big"),
        ballots,
        hints,
    )
