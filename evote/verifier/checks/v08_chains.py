"""8.C, 8.E to 8.G, 16.D, 16.F to 16.H and the devices of E.13: device hashes, chains, whose ballots.

Tools that pre-encrypt ballots have the numbers of 16 and hashes of their own, and the same rules.

A device lists the codes of its ballots in the order in which it made them; voters decide in another
order, and that is the order of the record. So a ballot is looked up in the list of its device, and its
link is compared with the code that is listed before it. A chain's start is compared with the
computed device hash, its close with the last listed code. A wrong code, link, start or close thus
fails its own check only.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass

from evote.ballots import DeviceRecord, Election
from evote.ballots.chain import chaining_field, family_of, initial_of
from evote.hashing import DIGEST_BYTES
from evote.manifest import ChainingMode
from evote.record import layout
from evote.record.values import Stage
from evote.verifier.chunk import BallotNote
from evote.verifier.state import Verification

_GAP = "a ballot that cannot be read (E.2) may be of any device"


class CodeList:
    """The codes of one device by place, each to be found once; compact, because there may be millions."""

    __slots__ = ("_codes", "_found", "_seen", "_sorted")

    def __init__(self, codes: tuple[bytes, ...]) -> None:
        self._codes = b"".join(codes)
        # Stable, so that equal codes are found in the order of the list.
        self._sorted = array("Q", sorted(range(len(codes)), key=codes.__getitem__))
        self._seen = bytearray(len(codes))
        # Of codes that are listed several times, by where their run begins: how many were found.
        self._found: dict[int, int] = {}

    def __getitem__(self, place: int) -> bytes:
        return self._codes[place * DIGEST_BYTES : (place + 1) * DIGEST_BYTES]

    def find(self, code: bytes) -> int | None:
        """The first place of the code that was not found yet, which then is; None if there is none."""
        low, high = 0, len(self._sorted)
        while low < high:
            middle = (low + high) // 2
            if self[self._sorted[middle]] < code:
                low = middle + 1
            else:
                high = middle
        found = self._found.get(low, 0)
        at = low + found
        if at >= len(self._sorted) or self[self._sorted[at]] != code or self._seen[self._sorted[at]]:
            return None
        place = self._sorted[at]
        self._seen[place] = 1
        if at + 1 < len(self._sorted) and self[self._sorted[at + 1]] == code:
            self._found[low] = found + 1
        return place

    def not_found(self) -> tuple[int, bytes]:
        """How many codes were never found, and the first of them (empty if there is none)."""
        number = self._seen.count(0)
        return number, self[self._seen.index(0)] if number else b""


@dataclass(frozen=True, slots=True)
class ChainChecks:
    """The numbers of the same statements, for ordinary devices and for those that pre-encrypt."""

    device: str
    link: str
    start: str
    close: str

    @property
    def links(self) -> tuple[str, ...]:
        """What a chain alone has."""
        return self.link, self.start, self.close


ORDINARY = ChainChecks("8.C", "8.E", "8.F", "8.G")
PRE_ENCRYPTING = ChainChecks("16.D", "16.F", "16.G", "16.H")


@dataclass(frozen=True, slots=True)
class _Device:
    start: bytes
    """H_0, computed."""
    codes: CodeList


class Chains:
    """Holds the lists of all devices against the ballots of the record."""

    def __init__(self, run: Verification, election: Election) -> None:
        self._run = run
        self._election = election
        self._chained = election.manifest.chaining is ChainingMode.SIMPLE
        self._devices: dict[str, _Device] | None = None
        self._gap = False
        kinds = (ORDINARY, PRE_ENCRYPTING) if election.manifest.pre_encryption else (ORDINARY,)
        for checks in kinds:
            if not self._chained:
                run.report.not_applicable(checks.links, "the manifest declares no chaining")
        if self._chained:
            run.report.not_applicable(("8.D", "16.E"), "the manifest declares chaining mode 1")
        if run.devices is None:
            for checks in kinds:
                run.skip((checks.device, *self._links(*checks.links)), f"{layout.DEVICES} cannot be read")
            run.skip(("E.13",), f"{layout.DEVICES} cannot be read")
            return
        self._devices = {}
        for record in run.devices.devices:
            self._list(record, self._devices)
        run.report.add("devices", len(run.devices.devices))
        run.devices = None  # the compact lists are enough

    def _links(self, *identifiers: str) -> tuple[str, ...]:
        return identifiers if self._chained else ()

    def _checks(self, device: str) -> ChainChecks:
        return PRE_ENCRYPTING if self._election.manifest.pre_encrypts(device) else ORDINARY

    # --- what is published of a device -----------------------------------------------------------

    def _list(self, record: DeviceRecord, devices: dict[str, _Device]) -> None:
        election, report = self._election, self._run.report
        where = f"device {record.device!r}"
        checks, family = self._checks(record.device), family_of(election, record.device)
        hashed = family.device_hash(election.extended_hash, record.device)
        report.compare(
            checks.device, where, "the device hash is another", expected=hashed, computed=record.device_hash
        )
        report.count("E.13")
        if record.device in devices:
            report.fail("E.13", where, "the device is listed twice")
            return
        initial, start = initial_of(election, hashed, family)
        devices[record.device] = _Device(start, CodeList(record.codes))
        if self._chained:
            self._start_and_close(record, where, initial, start)
        elif record.initial_field is not None:
            report.fail("E.16", where, "the device has a chain, which the manifest does not declare")

    def _start_and_close(self, record: DeviceRecord, where: str, initial: bytes, start: bytes) -> None:
        checks, family = self._checks(record.device), family_of(self._election, record.device)
        if record.initial_field is None:
            self._no_chain(checks, where)
            return
        extended_hash = self._election.extended_hash
        last = record.codes[-1] if record.codes else start
        closing = chaining_field(ChainingMode.SIMPLE, family.closing_digest(extended_hash, last, initial))
        for identifier, what, expected, stated in (
            (checks.start, "the initial chaining field is another", initial, record.initial_field),
            (checks.start, "the start hash is another", start, record.initial_hash),
            (checks.close, "the closing chaining field is another", closing, record.closing_field),
            (
                checks.close,
                "the closing hash is another",
                family.chain_code(extended_hash, closing),
                record.closing_hash,
            ),
        ):
            self._run.report.compare(identifier, where, what, expected=expected, computed=stated or b"")

    def _no_chain(self, checks: ChainChecks, where: str) -> None:
        """A device without chain values: wrong in a closed record, usual in one that still grows."""
        run = self._run
        if run.stage is Stage.FINAL:
            for identifier in (checks.start, checks.close):
                run.report.fail(identifier, where, "the device has no chain, which the manifest declares")
        else:
            run.report.not_applicable(
                (checks.start, checks.close), "chains are published when they are closed"
            )

    # --- ballots ---------------------------------------------------------------------------------

    def see(self, ballot: BallotNote) -> None:
        """The next ballot of the record."""
        if self._devices is None:
            return
        report = self._run.report
        report.count("E.13")
        where = f"ballot {ballot.identifier.hex()[:16]}"
        device = self._devices.get(ballot.device)
        place = None if device is None else device.codes.find(ballot.code)
        if device is None or place is None:
            message = "is not listed" if device is None else "does not list this ballot"
            report.fail("E.13", where, f"the device {ballot.device!r} {message}")
            self._run.skip(
                self._links(self._checks(ballot.device).link),
                "a ballot is not in the list of its device (E.13)",
            )
        elif self._chained:
            before = device.codes[place - 1] if place else device.start
            report.compare(
                self._checks(ballot.device).link,
                where,
                "the chaining field does not continue the chain of the device",
                expected=chaining_field(ChainingMode.SIMPLE, before),
                computed=ballot.chaining_field,
            )

    def tear(self) -> None:
        """A ballot that cannot be read: it may be of any device."""
        self._gap = True

    def finish(self) -> None:
        """All ballots were seen."""
        if self._gap:
            self._run.skip(("E.13",), _GAP)
            return
        if self._run.stage is not Stage.FINAL:
            return  # a voter who has a code may not have decided yet
        for name, device in (self._devices or {}).items():
            number, first = device.codes.not_found()
            if number:
                self._run.report.fail(
                    "E.13",
                    f"device {name!r}",
                    f"the device lists {number} ballots that the record does not have, the first with the "
                    f"code {first.hex()}",
                )
