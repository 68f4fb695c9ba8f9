"""The chain of events, and the data that stands before each ("Public data").

An event names its predecessor by hash, counts its height from 0, and names its payload by hash. The
payload, and what the payload names in turn, are the files right before the event, in a fixed order.
:class:`Chain` is given the files one by one and says what has happened; whatever is out of order is a
finding of ARCHIVE.3 or ARCHIVE.4, and is not handed on.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from evote.errors import DecodeError
from evote.interop.belenios1 import texts
from evote.interop.belenios1.archive import Entry
from evote.report import ReportBuilder


class Kind(enum.Enum):
    """The types of events."""

    SETUP = "Setup"
    BALLOT = "Ballot"
    END_BALLOTS = "EndBallots"
    ENCRYPTED_TALLY = "EncryptedTally"
    SHUFFLE = "Shuffle"
    END_SHUFFLES = "EndShuffles"
    PARTIAL_DECRYPTION = "PartialDecryption"
    RESULT = "Result"


_K = Kind
FOLLOWS: Final[dict[Kind | None, tuple[Kind, ...]]] = {
    None: (_K.SETUP,),
    _K.SETUP: (_K.BALLOT, _K.END_BALLOTS),
    _K.BALLOT: (_K.BALLOT, _K.END_BALLOTS),
    _K.END_BALLOTS: (_K.ENCRYPTED_TALLY,),
    _K.ENCRYPTED_TALLY: (_K.SHUFFLE, _K.END_SHUFFLES, _K.PARTIAL_DECRYPTION),
    _K.SHUFFLE: (_K.SHUFFLE, _K.END_SHUFFLES),
    _K.END_SHUFFLES: (_K.PARTIAL_DECRYPTION,),
    _K.PARTIAL_DECRYPTION: (_K.PARTIAL_DECRYPTION, _K.RESULT),
    _K.RESULT: (),
}
"""Which events may come after which; None stands for the beginning."""

REFERENCES: Final[dict[Kind, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    _K.SETUP: (("election", "trustees", "credentials"), (":credentials_certificate",)),
    _K.ENCRYPTED_TALLY: (("num_tallied", "total_weight", "encrypted_tally"), ()),
    _K.SHUFFLE: (("owner", "payload"), ()),
    _K.PARTIAL_DECRYPTION: (("owner", "payload"), ()),
}
"""The members of the payloads that name further files, required and optional."""

_COUNTS: Final = {"num_tallied", "total_weight", "owner"}
"""Members of those payloads that name no file."""
_WITHOUT_PAYLOAD: Final = (_K.END_BALLOTS, _K.END_SHUFFLES)

MAX_HEIGHT: Final = 2**31


@dataclass(frozen=True, slots=True)
class Step:
    """An event with its data.

    ``payload`` is the file that the event names (empty for events without one); ``named`` are the files
    that the payload names, by the members that name them; ``hash`` is the payload's.
    """

    kind: Kind
    height: int
    hash: str
    payload: bytes
    named: dict[str, bytes]


class Chain:
    """Takes the files of an archive in their order and hands on each event with its data."""

    def __init__(self, report: ReportBuilder, then: Callable[[Step], None]) -> None:
        self._report = report
        self._then = then
        self._waiting: list[Entry] = []
        self._parent: str | None = None
        self._height = 0
        self.last: Kind | None = None
        """The last event that was in order."""

    def take(self, entry: Entry, digest: str) -> None:
        """The next file, and the hash of its bytes."""
        if entry.is_event:
            try:
                self._event(entry, digest)
            finally:
                self._waiting = []
        else:
            self._waiting.append(Entry(digest, False, entry.body, entry.where))

    def end(self) -> None:
        """There is no file more."""
        for entry in self._waiting:
            self._report.fail("ARCHIVE.4", entry.where, "no event names these data")
        if self._waiting:
            self._report.count("ARCHIVE.4", len(self._waiting))

    def _event(self, entry: Entry, digest: str) -> None:
        report = self._report
        report.count("ARCHIVE.3")
        try:
            fields = texts.members(
                texts.read_compact(entry.body), ("height", "type"), ("height:parent", ":payload")
            )
            parent = texts.digest(fields["parent"]) if "parent" in fields else None
            height = fields["height"].integer(0, MAX_HEIGHT)
            kind = _kind(fields["type"].text(64))
            payload = texts.digest(fields["payload"]) if "payload" in fields else None
        except DecodeError as error:
            report.fail("ARCHIVE.3", entry.where, f"the event does not decode: {error}")
            self._parent = digest
            self._height += 1
            return
        where = f"event {height} ({kind.value})"
        if parent != self._parent:
            report.fail(
                "ARCHIVE.3",
                where,
                "the event does not name its predecessor",
                expected=self._parent or "no predecessor",
                computed=parent or "no predecessor",
            )
        if height != self._height:
            report.fail("ARCHIVE.3", where, "the height is wrong", expected=self._height, computed=height)
        self._parent = digest
        self._height = height + 1
        report.count("ARCHIVE.4")
        if kind not in FOLLOWS[self.last]:
            after = f"after {self.last.value}" if self.last else "at the beginning"
            report.fail("ARCHIVE.4", where, f"an event {kind.value} has no place {after}")
            return
        step = self._step(kind, height, payload, where)
        if step is not None:
            self.last = kind
            self._then(step)

    def _step(self, kind: Kind, height: int, payload: str | None, where: str) -> Step | None:
        """The event with its data, if they are exactly those that it has to have."""
        report = self._report
        if kind in _WITHOUT_PAYLOAD:
            if payload is not None or self._waiting:
                report.fail("ARCHIVE.4", where, f"an event {kind.value} has no data")
                return None
            return Step(kind, height, "", b"", {})
        held = {entry.digest: entry.body for entry in self._waiting}
        if payload is None or payload not in held:
            report.fail(
                "ARCHIVE.4", where, "the payload does not stand before its event", expected=payload or ""
            )
            return None
        named: dict[str, str] = {}
        if kind in REFERENCES:
            try:
                fields = texts.members(texts.read_compact(held[payload]), *REFERENCES[kind])
                named = {name: texts.digest(node) for name, node in fields.items() if name not in _COUNTS}
            except DecodeError as error:
                report.fail("ARCHIVE.4", where, f"the payload does not decode: {error}")
                return None
        wanted = [*named.values(), payload]
        if [entry.digest for entry in self._waiting] != wanted:
            report.fail(
                "ARCHIVE.4",
                where,
                "the data before the event are not those that it names, in their order",
                expected=", ".join(wanted),
                computed=", ".join(entry.digest for entry in self._waiting),
            )
            return None
        return Step(kind, height, payload, held[payload], {name: held[ref] for name, ref in named.items()})


def _kind(name: str) -> Kind:
    try:
        return Kind(name)
    except ValueError:
        raise DecodeError(f"{name!r} is no type of an event", "type") from None
