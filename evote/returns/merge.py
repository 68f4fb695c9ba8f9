"""Merging returns: a join of sets of files, so that any road, order and number of copies end alike (R8).

A :class:`MergedReturns` is the set of all files that were taken: returns, later rosters, resolutions,
each by the SHA-256 of its bytes. It is written in one canonical order, and a merged file is itself an
input. Whether a file is taken follows from its own bytes, the election, and the roster that it names by
hash; a return whose roster is not here is kept until that is. More rosters only ever lead to fewer returns,
and always to the same ones, so the join is commutative, associative and idempotent.

How often a file came and which copies were torn is in :class:`IntakeReport`, never in the bytes. Nothing
is ever replaced: what counts among the versions of a unit is decided by :mod:`evote.returns.standing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import InitVar, dataclass, field
from types import MappingProxyType
from typing import Annotated, Final

from evote.ballots import Election
from evote.codec import MAX_MERGED_BYTES, MAX_RETURN_BYTES, AtMost, Digest, decode, encode
from evote.errors import DecodeError
from evote.returns.envelope import FileKind, OpenedFile, open_file, seal
from evote.returns.resolution import Resolution, read_resolution
from evote.returns.roster import Rosters, declared_returns, read_roster
from evote.returns.schemes import BUILT_IN, SignatureSchemes
from evote.returns.signed import SignedReturn, check_signatures, read_return
from evote.returns.verdicts import ReturnError, ReturnVerdict

MAX_FILES: Final = 10_000_000

FileBytes = Annotated[bytes, AtMost(MAX_RETURN_BYTES)]
FileList = Annotated[tuple[FileBytes, ...], AtMost(MAX_FILES)]

_TOKEN = object()


@dataclass(frozen=True, slots=True)
class MergedFile:
    """The content of a merged file: rosters by version and hash, returns by unit, version and hash,
    resolutions by unit and hash."""

    election: Digest
    rosters: FileList
    returns: FileList
    resolutions: FileList


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of one offered file; files inside a merged one are listed one by one."""

    name: str
    verdict: ReturnVerdict
    unit: str
    """The unit that it is of, or claims to be; empty if it does not say."""
    version: int
    """0 for what is no return."""
    digest: bytes
    """SHA-256 of the bytes, empty for what is not complete."""
    message: str
    """Why, as a sentence; empty if there is nothing to say."""


@dataclass(frozen=True, slots=True)
class IntakeReport:
    """Every offered file in the order in which it was offered."""

    arrivals: tuple[Arrival, ...]

    def of(self, verdict: ReturnVerdict) -> tuple[Arrival, ...]:
        """The arrivals with that verdict."""
        return tuple(arrival for arrival in self.arrivals if arrival.verdict is verdict)

    def refused(self) -> tuple[Arrival, ...]:
        """The arrivals that were not taken."""
        return tuple(arrival for arrival in self.arrivals if not arrival.verdict.taken)

    @property
    def exit_code(self) -> int:
        """1 if anything is false, else 2 if anything is unusable, else 3 if anything is missing, else 0."""
        codes = {arrival.verdict.exit_code for arrival in self.arrivals}
        return next((code for code in (1, 2, 3) if code in codes), 0)


@dataclass(frozen=True, slots=True, eq=False)
class MergedReturns:
    """The files that were taken. Made by :meth:`empty`, :meth:`decode` and :class:`Merger` only."""

    token: InitVar[object]
    election: Election
    rosters: Rosters
    roster_files: Mapping[bytes, OpenedFile] = field(repr=False)
    returns: Mapping[bytes, SignedReturn] = field(repr=False)
    """SHA-256 of the file -> the return; those whose roster is not here are in ``waiting``."""
    waiting: Mapping[bytes, SignedReturn] = field(repr=False)
    resolutions: Mapping[bytes, tuple[OpenedFile, Resolution]] = field(repr=False)

    def __post_init__(self, token: object) -> None:
        if token is not _TOKEN:
            raise TypeError("merged returns come out of a Merger, which has checked every file")

    @classmethod
    def empty(cls, election: Election, schemes: SignatureSchemes = BUILT_IN) -> MergedReturns:
        """No file at all; ``ValueError`` for an election without unit returns."""
        declared_returns(election)
        return cls(_TOKEN, election, Rosters(election, schemes), {}, {}, {}, {})

    @classmethod
    def decode(cls, election: Election, data: bytes, schemes: SignatureSchemes = BUILT_IN) -> MergedReturns:
        """The merged returns of one merged file; every file in it is checked again.

        Raises :class:`ReturnError` if it is none, if a file in it is not taken, or if it is not written
        in the canonical order.
        """
        opened = open_file(data)
        if opened.kind is not FileKind.MERGED:
            raise ReturnError(
                ReturnVerdict.MALFORMED, f"this is a file of kind {opened.kind.name}", unit=opened.unit
            )
        merger = Merger(cls.empty(election, schemes))
        merger.offer("", data)
        merged, report = merger.finish()
        for arrival in report.refused():
            raise ReturnError(arrival.verdict, arrival.message, unit=arrival.unit)
        if merged.encode() != data:
            raise ReturnError(ReturnVerdict.MALFORMED, "the merged file is not written in its one order")
        return merged

    def encode(self) -> bytes:
        """The merged file: the same bytes for the same set of files."""
        every = {**self.waiting, **self.returns}
        content = MergedFile(
            self.election.extended_hash,
            tuple(self.roster_files[digest].data for _, digest in self._rosters_in_order()),
            tuple(every[digest].file.data for _, _, digest in self._returns_in_order()),
            tuple(self.resolutions[digest][0].data for _, digest in self._resolutions_in_order()),
        )
        return seal(FileKind.MERGED, "", encode(content))

    def merge(self, other: MergedReturns) -> MergedReturns:
        """The returns of both; ``ValueError`` for another election."""
        if other.election.extended_hash != self.election.extended_hash:
            raise ValueError("returns of two elections are not merged")
        merger = Merger(self)
        merger.offer("", other.encode())
        return merger.finish()[0]

    def files(self) -> Iterator[tuple[bytes, bytes]]:
        """Name and bytes of every file, in the order of the merged file: rosters, returns, resolutions."""
        every = {**self.waiting, **self.returns}
        for _, digest in self._rosters_in_order():
            yield digest, self.roster_files[digest].data
        for _, _, digest in self._returns_in_order():
            yield digest, every[digest].file.data
        for _, digest in self._resolutions_in_order():
            yield digest, self.resolutions[digest][0].data

    def _rosters_in_order(self) -> list[tuple[int, bytes]]:
        return sorted(
            (read_roster(self.election, opened).version, digest)
            for digest, opened in self.roster_files.items()
        )

    def _returns_in_order(self) -> list[tuple[str, int, bytes]]:
        return sorted(
            (signed.unit, signed.version, digest)
            for held in (self.returns, self.waiting)
            for digest, signed in held.items()
        )

    def _resolutions_in_order(self) -> list[tuple[str, bytes]]:
        return sorted((resolution.unit, digest) for digest, (_, resolution) in self.resolutions.items())

    def of_unit(self, unit: str) -> tuple[SignedReturn, ...]:
        """Every authentic return of a unit, by version and hash."""
        found = [signed for signed in self.returns.values() if signed.unit == unit]
        return tuple(sorted(found, key=lambda signed: (signed.version, signed.digest)))


class Merger:
    """Takes files one after the other; the signatures are checked at the end, when all rosters are here.

    ``base`` is what was merged before: its files count as here already, and are not checked again.
    """

    __slots__ = ("_arrived", "_base", "_election", "_resolutions", "_returns", "_rosters", "_seen")

    def __init__(self, base: MergedReturns) -> None:
        self._base = base
        self._election = base.election
        self._rosters: dict[bytes, OpenedFile] = dict(base.roster_files)
        self._returns: dict[bytes, SignedReturn] = {**base.waiting, **base.returns}
        self._resolutions = dict(base.resolutions)
        self._seen = {*self._rosters, *self._returns, *self._resolutions}
        self._arrived: list[Arrival] = []

    def offer(self, name: str, data: bytes) -> None:
        """Take one file of any kind; what becomes of it is in the report of :meth:`finish`."""
        try:
            opened = open_file(data)
            if opened.kind is FileKind.MERGED:
                self._members(name, opened)
            else:
                self._one(name, opened)
        except ReturnError as error:
            self._refuse(name, b"", error)

    def offer_all(self, files: Iterable[tuple[str, bytes]]) -> None:
        """:meth:`offer` for each name and content."""
        for name, data in files:
            self.offer(name, data)

    def finish(self) -> tuple[MergedReturns, IntakeReport]:
        """All files that are taken, and what became of each that was offered."""
        changed = self._rosters.keys() != self._base.roster_files.keys()
        schemes = self._base.rosters.schemes
        rosters = Rosters(self._election, schemes, self._rosters.values()) if changed else self._base.rosters
        refused: dict[bytes, ReturnError] = dict(rosters.refused)
        taken: dict[bytes, SignedReturn] = {}
        waiting: dict[bytes, SignedReturn] = {}
        for digest, signed in self._returns.items():
            if digest in self._base.returns:
                taken[digest] = signed
                continue
            roster = rosters.find(signed.returned.roster)
            if roster is None:
                waiting[digest] = signed
                continue
            try:
                check_signatures(self._election, roster, signed, schemes)
            except ReturnError as error:
                refused[digest] = error
            else:
                taken[digest] = signed
        kept = {digest: opened for digest, opened in self._rosters.items() if digest not in refused}
        merged = MergedReturns(
            _TOKEN,
            self._election,
            rosters,
            MappingProxyType(kept),
            MappingProxyType(taken),
            MappingProxyType(waiting),
            MappingProxyType(dict(self._resolutions)),
        )
        report = IntakeReport(
            tuple(_judged(arrival, refused, waiting, rosters.waiting) for arrival in self._arrived)
        )
        return merged, report

    def _members(self, name: str, opened: OpenedFile) -> None:
        try:
            content = decode(MergedFile, opened.body, element_bytes=0, limit=MAX_MERGED_BYTES)
        except DecodeError as error:
            raise ReturnError(ReturnVerdict.MALFORMED, f"no merged returns: {error}") from error
        if content.election != self._election.extended_hash:
            raise ReturnError(
                ReturnVerdict.FOREIGN_ELECTION,
                "the merged returns are of another election",
                expected=self._election.extended_hash.hex(),
                computed=content.election.hex(),
            )
        for what, files, kind in (
            ("roster", content.rosters, FileKind.ROSTER),
            ("return", content.returns, FileKind.RETURN),
            ("resolution", content.resolutions, FileKind.RESOLUTION),
        ):
            for number, data in enumerate(files, start=1):
                member = f"{name}[{what} {number}]"
                try:
                    inner = open_file(data)
                    if inner.kind is not kind:
                        raise ReturnError(
                            ReturnVerdict.MALFORMED, f"a {what} is wanted here", unit=inner.unit
                        )
                    self._one(member, inner)
                except ReturnError as error:
                    self._refuse(member, b"", error)

    def _one(self, name: str, opened: OpenedFile) -> None:
        digest = opened.digest
        if digest in self._seen:
            held = self._returns.get(digest)
            version = 0 if held is None else held.version
            self._arrived.append(Arrival(name, ReturnVerdict.DUPLICATE, opened.unit, version, digest, ""))
            return
        version, oddity = 0, ""
        try:
            if opened.kind is FileKind.ROSTER:
                read_roster(self._election, opened)
                self._rosters[digest] = opened
            elif opened.kind is FileKind.RESOLUTION:
                self._resolutions[digest] = (opened, read_resolution(self._election, opened))
            elif opened.kind is FileKind.RETURN:
                signed = read_return(self._election, opened)
                self._returns[digest] = signed
                version, oddity = signed.version, signed.oddity
            else:
                raise ReturnError(
                    ReturnVerdict.MALFORMED, "evidence is looked at, and not merged", unit=opened.unit
                )
        except ReturnError as error:
            self._refuse(name, digest, error)
            return
        self._seen.add(digest)
        verdict = ReturnVerdict.CLOCK_SKEWED if oddity else ReturnVerdict.GOOD
        self._arrived.append(Arrival(name, verdict, opened.unit, version, digest, oddity))

    def _refuse(self, name: str, digest: bytes, error: ReturnError) -> None:
        self._arrived.append(Arrival(name, error.verdict, error.unit, 0, digest, error.message))


def _judged(
    arrival: Arrival,
    refused: Mapping[bytes, ReturnError],
    waiting: Mapping[bytes, SignedReturn],
    rosters: frozenset[bytes],
) -> Arrival:
    """The arrival after all files were seen together."""
    error = refused.get(arrival.digest)
    if error is not None:
        return Arrival(
            arrival.name,
            error.verdict,
            arrival.unit or error.unit,
            arrival.version,
            arrival.digest,
            error.message,
        )
    if arrival.verdict is not ReturnVerdict.DUPLICATE and (
        arrival.digest in waiting or arrival.digest in rosters
    ):
        return Arrival(
            arrival.name,
            ReturnVerdict.UNKNOWN_ROSTER,
            arrival.unit,
            arrival.version,
            arrival.digest,
            "the version of the roster that it names is not here",
        )
    return arrival


def merge_returns(
    election: Election, files: Iterable[tuple[str, bytes]], schemes: SignatureSchemes = BUILT_IN
) -> tuple[MergedReturns, IntakeReport]:
    """All these files merged: names, which may be any text, and contents."""
    merger = Merger(MergedReturns.empty(election, schemes))
    merger.offer_all(files)
    return merger.finish()
