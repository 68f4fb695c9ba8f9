"""8.C, 8.E, 8.F, 8.G and the devices of E.13: device hashes, chains, and whose ballots there are.

The chain of a device is followed in the order of the record. A link is compared with the code that
the ballot before states, a chain's start with the computed device hash; the close with the last
code that the device lists. So a wrong code, link, start or close fails its own check only.
"""

from __future__ import annotations

from dataclasses import dataclass

from evote.ballots import DeviceRecord, Election, EncryptedBallot
from evote.ballots.chain import chaining_field, initial_of
from evote.ballots.hashes import chain_code, closing_digest, device_hash
from evote.hashing import DIGEST_BYTES
from evote.manifest import ChainingMode
from evote.record import layout
from evote.record.values import Stage
from evote.verifier.state import Verification

_OFTEN = "the record has ballots that cannot be read (E.2), so the ballots of a device are not known"


@dataclass(slots=True)
class _Device:
    """What was seen of one device."""

    name: str
    """Empty if the device is not listed: a hostile record may name another one on every ballot."""
    last: bytes
    """The code that the next link has: of the ballot before, or H_0."""
    codes: bytes | None
    """All listed codes, one after the other; None if the device is not listed."""
    seen: int = 0
    lost: bool = False
    """The listed codes and the ballots differ; the first difference was named."""
    after_gap: bool = False


class Chains:
    """Follows every device through the record."""

    def __init__(self, run: Verification, election: Election) -> None:
        self._run = run
        self._election = election
        self._chained = election.manifest.chaining is ChainingMode.SIMPLE
        self._devices: dict[bytes, _Device] = {}  # by device hash
        self._gap = False
        if self._chained:
            run.report.not_applicable("8.D", "the manifest declares chaining mode 1")
        else:
            run.report.not_applicable(("8.E", "8.F", "8.G"), "the manifest declares no chaining")
        if run.devices is None:
            run.skip(("8.C", "E.13"), f"{layout.DEVICES} cannot be read")
            if self._chained:
                run.skip(("8.F", "8.G"), f"{layout.DEVICES} cannot be read")
            return
        for record in run.devices.devices:
            self._list(record)
        run.report.add("devices", len(run.devices.devices))
        run.devices_listed = True
        run.devices = None  # a million codes: only the joined bytes are kept

    # --- what is published of a device -----------------------------------------------------------

    def _list(self, record: DeviceRecord) -> None:
        election, report = self._election, self._run.report
        where = f"device {record.device!r}"
        hashed = device_hash(election.extended_hash, record.device)
        report.compare(
            "8.C", where, "the device hash is another", expected=hashed, computed=record.device_hash
        )
        report.count("E.13")
        if hashed in self._devices:
            report.fail("E.13", where, "the device is listed twice")
            return
        initial, start = initial_of(election, hashed)
        self._devices[hashed] = _Device(record.device, start, b"".join(record.codes))
        if not self._chained:
            if record.initial_field is not None:
                report.fail("E.16", where, "the device has a chain, which the manifest does not declare")
            return
        self._start_and_close(record, where, initial, start)

    def _start_and_close(self, record: DeviceRecord, where: str, initial: bytes, start: bytes) -> None:
        run, extended_hash = self._run, self._election.extended_hash
        if record.initial_field is None or record.initial_hash is None:
            self._no_chain(where)
            return
        report = run.report
        report.compare(
            "8.F", where, "the chain does not start right", expected=initial, computed=record.initial_field
        )
        report.compare(
            "8.F", where, "the start hash is another", expected=start, computed=record.initial_hash
        )
        last = record.codes[-1] if record.codes else start
        closing = chaining_field(ChainingMode.SIMPLE, closing_digest(extended_hash, last, initial))
        for what, expected, stated in (
            ("the closing field is another", closing, record.closing_field),
            ("the closing hash is another", chain_code(extended_hash, closing), record.closing_hash),
        ):
            report.compare("8.G", where, what, expected=expected, computed=stated or b"")

    def _no_chain(self, where: str) -> None:
        """A device without chain values: wrong in a closed record, usual in one that still grows."""
        run = self._run
        if run.stage is Stage.FINAL:
            for identifier in ("8.F", "8.G"):
                run.report.fail(identifier, where, "the device has no chain, which the manifest declares")
        else:
            run.report.not_applicable(("8.F", "8.G"), "chains are published when they are closed")

    # --- ballots ---------------------------------------------------------------------------------

    def see(self, ballot: EncryptedBallot) -> None:
        """The next ballot of the record."""
        where = f"ballot {ballot.identifier.hex()[:16]}"
        hashed = device_hash(self._election.extended_hash, ballot.device)
        device = self._devices.get(hashed)
        if device is None:
            device = _Device("", initial_of(self._election, hashed)[1], None, after_gap=self._gap)
            self._devices[hashed] = device
        if self._chained:
            self._link(device, where, ballot)
        device.last = ballot.confirmation_code
        self._account(device, where, ballot)
        device.seen += 1

    def tear(self) -> None:
        """A ballot that cannot be read: it may be of any device."""
        self._gap = True
        for device in self._devices.values():
            device.after_gap = True

    def finish(self) -> None:
        """All ballots were seen."""
        run = self._run
        if self._gap:
            run.skip(("E.13", *(("8.E",) if self._chained else ())), _OFTEN)
            return
        for device in self._devices.values():
            if device.codes is None or device.lost:
                continue
            listed = len(device.codes) // DIGEST_BYTES
            if listed != device.seen:
                run.report.fail(
                    "E.13",
                    f"device {device.name!r}",
                    "the device lists another number of ballots than the record has",
                    expected=device.seen,
                    computed=listed,
                )

    def _link(self, device: _Device, where: str, ballot: EncryptedBallot) -> None:
        if device.after_gap:
            device.after_gap = False
            return
        field = chaining_field(ChainingMode.SIMPLE, device.last)
        self._run.report.compare(
            "8.E",
            where,
            "the chaining field does not continue the chain of the device",
            expected=field,
            computed=ballot.chaining_field,
        )

    def _account(self, device: _Device, where: str, ballot: EncryptedBallot) -> None:
        report = self._run.report
        if self._gap or device.lost:
            return
        if device.codes is None:
            if self._run.devices_listed:
                device.lost = True
                report.fail("E.13", where, f"the device {ballot.device!r} is not listed")
            return
        report.count("E.13")
        at = device.seen * DIGEST_BYTES
        listed = device.codes[at : at + DIGEST_BYTES]
        if listed != ballot.confirmation_code:
            device.lost = True
            report.fail(
                "E.13",
                where,
                f"ballot {device.seen + 1} of device {ballot.device!r} is not the one that the device lists",
                expected=ballot.confirmation_code.hex(),
                computed=listed.hex() or "none",
            )
