"""What people want to know beside the votes: ballots per unit, and overvotes from opened contest data.

One pass over the ballots, in bounded memory: decrypted contest data stands in the order of the
ballots and of the contests on each (``specs/record-format.md#contest-data``), so that both are read
side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from evote.ballots.values import BallotState, SubmittedBallot
from evote.errors import DecodeError, VerificationError
from evote.manifest import Contest, ContestRecord, ContestStatus, Manifest
from evote.record import layout
from evote.record.reader import Frames, RecordReader
from evote.tally import DecryptedData

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BallotCount:
    """Submitted ballots of one unit."""

    cast: int = 0
    challenged: int = 0


@dataclass(frozen=True, slots=True)
class DataCount:
    """Opened contest data of one cell: readable ones, and the weights of those that say overvote."""

    ballots: int = 0
    overvotes: int = 0


@dataclass(frozen=True, slots=True)
class RecordCounts:
    """The counts of a record."""

    units: Mapping[str, BallotCount]
    """By path; every reporting unit of the manifest, in its order."""
    data: Mapping[tuple[str, str], DataCount]
    """By labels of contest and cell; only where contest data was opened."""


class RecordCounter:
    """Counts ballots one after the other; ``data`` is the decrypted contest data in their order."""

    __slots__ = ("_data", "_manifest", "_next", "_opened", "_units")

    def __init__(self, manifest: Manifest, data: Iterable[DecryptedData] = ()) -> None:
        self._manifest = manifest
        self._units = {unit.path: [0, 0] for unit in manifest.ballot_units()}
        self._opened: dict[tuple[str, str], list[int]] = {}
        self._data = iter(data)
        self._next = next(self._data, None)

    def add(self, submitted: SubmittedBallot) -> None:
        """Count the next ballot of the record.

        Raises :class:`VerificationError` for a unit or contest that the manifest does not have, and for
        contest data of a contest that has none. Data that is no record of its contest is passed over.
        """
        ballot = submitted.ballot
        self.add_ballot(
            ballot.identifier,
            ballot.unit,
            ballot.weight,
            cast=submitted.state is BallotState.CAST,
            contests=[encrypted.contest for encrypted in ballot.contests],
        )

    def add_ballot(
        self, identifier: bytes, unit: str, weight: int, *, cast: bool, contests: Iterable[int]
    ) -> None:
        """:meth:`add` for a ballot of which only this is at hand; ``contests`` are indices."""
        held = self._units.get(unit)
        if held is None:
            raise VerificationError(
                f"there is no reporting unit {unit!r}", where=f"ballot {identifier.hex()[:16]}"
            )
        if not cast:
            held[1] += 1
            return
        held[0] += 1
        for index in contests:
            if self._next is None or self._next.identifier != identifier:
                return
            try:
                contest = self._manifest.contest(index)
                if contest.label == self._next.contest:
                    self._add_data(contest, unit, weight, self._next)
                    self._next = next(self._data, None)
            except (DecodeError, ValueError) as error:
                raise VerificationError(
                    f"contest data: {error}", where=f"ballot {identifier.hex()[:16]}"
                ) from None

    def finish(self) -> RecordCounts:
        """The counts, once every ballot was added.

        Raises :class:`VerificationError` if contest data is left that belongs to none of them, or stands
        in another order.
        """
        if self._next is not None:
            raise VerificationError(
                f"decrypted contest data of {self._next.contest!r} is not in the order of the cast ballots",
                where=f"ballot {self._next.identifier.hex()[:16]}",
            )
        return RecordCounts(
            {unit: BallotCount(*held) for unit, held in self._units.items()},
            {key: DataCount(*held) for key, held in self._opened.items()},
        )

    def _add_data(self, contest: Contest, unit: str, weight: int, data: DecryptedData) -> None:
        cell = self._manifest.cell_of(contest.index, unit)
        held = self._opened.setdefault((contest.label, cell.label), [0, 0])
        try:
            record = ContestRecord.decode(data.plaintext, contest)
        except DecodeError:
            # Nothing proves what a device wrote there: it says nothing, and must not stop the count.
            return
        held[0] += 1
        if record.status is ContestStatus.OVERVOTE:
            held[1] += weight


def count_record(reader: RecordReader, manifest: Manifest) -> RecordCounts:
    """Count a record; raises as :class:`RecordCounter`, and :class:`DecodeError` at the first bad frame."""
    limit = layout.largest_ballot(manifest, reader.element_bytes)
    counter = RecordCounter(manifest, _values(reader.contest_data()))
    for submitted in _values(reader.ballots(limit=limit)):
        counter.add(submitted)
    return counter.finish()


def _values(frames: Frames[T]) -> Iterator[T]:
    for _, _, value in frames:
        if isinstance(value, DecodeError):
            raise value
        yield value
