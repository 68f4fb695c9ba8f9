"""A record that grows unit by unit: what it has of units closed before, and what a stopped run left.

A unit is whole in the record when ``checkpoints.msgpack`` has its counted set: that file is written behind
log, ballots, ballots aside and openings. Whatever stands in the record of other units was begun, and is
compared with what is to be written, frame by frame, before the rest is appended. Nothing is written twice and
nothing is changed, whether or not an index has sealed it meanwhile.

The ballots stand in the order of the units' logs: within one closing that of the manifest, units that were
begun first. Left out: whether what is there is true, which a verifier finds out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TypeVar

from evote.ballots import DeviceRecord, Election, device_record
from evote.ballots.hashes import submitted_hash
from evote.board.entries import TYPES, CastEntry, ChallengeEntry, EntryKind, ReissueEntry
from evote.codec import decode, encode
from evote.errors import DecodeError, RefusedError, VerificationError
from evote.office.handover import ClosedUnit
from evote.record import CheckpointsFile, DevicesFile, RecordReader
from evote.record.layout import BALLOTS, CHECKPOINTS, DEVICES, LOG, largest_ballot
from evote.record.segments import read_frames
from evote.record.values import ELECTION_LOG, MAX_ENTRY_BYTES, LogFrame
from evote.record.writer import FrameWriter
from evote.tally import CountedLog

T = TypeVar("T")

_SPEAKING = (EntryKind.CAST, EntryKind.CHALLENGE, EntryKind.REISSUE)
"""Kinds of entries that say what must be known of units that are whole."""


@dataclass(frozen=True, slots=True)
class Grown:
    """What a record has of its units."""

    whole: Mapping[str, CountedLog]
    """Path of every unit that is whole -> its counted set."""
    checkpoints: CheckpointsFile | None
    ballots: frozenset[bytes]
    """Hashes of their ballots."""
    new_keys: Mapping[bytes, str]
    """Keys that re-issues on their logs gave to slots -> path of the unit."""
    begun: tuple[int, ...]
    """Numbers of logs of other units, in the order in which they appear."""

    @classmethod
    def of(cls, election: Election, reader: RecordReader) -> Grown:
        """Read it; raises :class:`DecodeError` and :class:`RefusedError` for a record of something else."""
        board = election.manifest.board
        if board is None:
            raise RefusedError("the election has no board")
        stated = reader.checkpoints() if reader.has(CHECKPOINTS) else None
        origins = {board.units[unit.path].origin: unit.path for unit in election.manifest.ballot_units()}
        whole = {}
        for one in () if stated is None else stated.counted:
            if one.origin not in origins:
                raise RefusedError(f"the record has a counted set of {one.origin!r}, which is no unit's log")
            whole[origins[one.origin]] = one
        units = [unit.path for unit in election.manifest.ballot_units()]
        ballots: set[bytes] = set()
        new_keys: dict[bytes, str] = {}
        begun: dict[int, None] = {}
        for frame in _log(reader):
            if frame.log == ELECTION_LOG:
                continue
            unit = units[frame.log - 1] if frame.log <= len(units) else ""
            if unit not in whole:
                begun[frame.log] = None
            elif frame.kind in _SPEAKING:
                entry = decode(TYPES[frame.kind], frame.body, element_bytes=0, limit=MAX_ENTRY_BYTES)
                if isinstance(entry, CastEntry | ChallengeEntry):
                    ballots.add(entry.ballot)
                elif isinstance(entry, ReissueEntry):
                    new_keys.update(dict.fromkeys(entry.new, unit))
        return cls(whole, stated, frozenset(ballots), new_keys, tuple(begun))

    def ordered(self, units: Iterable[ClosedUnit]) -> tuple[ClosedUnit, ...]:
        """Those units in the order in which they go into the record.

        Raises :class:`RefusedError` if one was begun and is not among them.
        """
        known = {each.number: each for each in units}
        missing = [number for number in self.begun if number not in known]
        if missing:
            raise RefusedError(
                f"the closing of unit number {missing[0]} was begun and stopped; hand it over with these"
            )
        first = [known.pop(number) for number in self.begun]
        return (*first, *(known[number] for number in sorted(known)))

    def require_same(self, unit: ClosedUnit, origin: str) -> None:
        """Raises :class:`VerificationError` unless a unit that is whole was handed over as it is there."""
        held = self.whole[unit.unit]
        if (held.size, held.root) != (unit.head.size, unit.head.root) or held.origin != origin:
            raise VerificationError(
                "the unit is closed in the record with another log: the log of a unit ends once",
                where=unit.unit,
                expected=f"{held.size} leaves, root {held.root.hex()}",
                computed=f"{unit.head.size} leaves, root {unit.head.root.hex()}",
            )


def _log(reader: RecordReader) -> Iterator[LogFrame]:
    for _, _, frame in reader.log() if reader.has(LOG) else ():
        if isinstance(frame, DecodeError):
            raise frame
        yield frame


# --- appending -----------------------------------------------------------------------------------------


def complete_log(
    writer: Callable[[], FrameWriter[LogFrame]],
    reader: RecordReader,
    grown: Grown,
    heads: Iterable[LogFrame],
    units: Sequence[ClosedUnit],
) -> None:
    """Append the heads of the election's log, then the logs of ``units``, as far as they are not there yet.

    Raises :class:`RefusedError` if something else is.
    """
    wanted: dict[int, Iterator[LogFrame]] = {each.number: each.log() for each in units}
    wanted[ELECTION_LOG] = iter(heads)
    for frame in _log(reader):
        if frame.log != ELECTION_LOG and frame.log not in wanted:
            continue  # of a unit that is whole; what was begun is among the wanted
        if next(wanted[frame.log], None) != frame:
            _refuse()
    following = chain(wanted[ELECTION_LOG], *(wanted[each.number] for each in units))
    _append(writer, following)


def complete(writer: Callable[[], FrameWriter[T]], held: Iterable[bytes], wanted: Iterable[T]) -> None:
    """Append the values that are not among the frames ``held``, which are the first of them.

    Raises :class:`RefusedError` if something else is there.
    """
    following = iter(wanted)
    for frame in held:
        value = next(following, None)
        if value is None or encode(value) != frame:
            _refuse()
    _append(writer, following)


def begun_ballots(election: Election, reader: RecordReader, grown: Grown, name: str) -> Iterator[bytes]:
    """The frames of ballots in a folder of the record that belong to no unit that is whole."""
    if not reader.has(name):
        return
    limit = largest_ballot(election.manifest, election.group.element_bytes)
    for _, frame in read_frames(Path(reader.directory) / name, limit=limit):
        if not grown.ballots or submitted_hash(election.extended_hash, frame) not in grown.ballots:
            yield frame


def whole_ballots(election: Election, reader: RecordReader, grown: Grown) -> int:
    """How many ballots of the record proper are of units that are whole; they are the first ones."""
    if not grown.whole or not reader.has(BALLOTS):
        return 0
    limit = largest_ballot(election.manifest, election.group.element_bytes)
    frames = read_frames(Path(reader.directory) / BALLOTS, limit=limit)
    return sum(submitted_hash(election.extended_hash, frame) in grown.ballots for _, frame in frames)


def grown_devices(
    election: Election, reader: RecordReader, grown: Grown, codes: Mapping[str, Sequence[bytes]]
) -> DevicesFile:
    """The devices of the record with the codes of the ballots that came now behind those of whole units."""
    every: dict[str, list[bytes]] = {}
    if grown.whole and reader.has(DEVICES):
        held: tuple[DeviceRecord, ...] = reader.devices().devices
        for device in held:
            now = set(codes.get(device.device, ()))
            every[device.device] = [code for code in device.codes if code not in now]
    for name, made in codes.items():
        every.setdefault(name, []).extend(made)
    return DevicesFile(
        tuple(device_record(election, name, tuple(made)) for name, made in every.items() if made)
    )


def _append(writer: Callable[[], FrameWriter[T]], following: Iterator[T]) -> None:
    first = next(following, None)
    if first is None:
        return
    with writer() as frames:
        for value in chain((first,), following):
            frames.append(value)
        frames.sync()


def _refuse() -> None:
    raise RefusedError("the record has other ballots or entries already; start from a sound copy")
