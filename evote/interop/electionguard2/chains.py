"""Verifications 7.D to 7.G, and F.10: the chains of confirmation codes, one per device.

A record says in its configuration whether codes are chained; nothing hashes that word. So for a record
without chains, every ballot must hold the configured bytes as its B_aux (F.10), which a ballot made in a
chain does not.

Links, last codes and closing hashes use the published codes, which 7.B compares.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from evote.interop.electionguard2 import hashes
from evote.interop.electionguard2.checks import CHAINS
from evote.interop.electionguard2.layout import BALLOTS, CHAIN, MAX_FILE_BYTES, Layout
from evote.interop.electionguard2.run import Keys, Run, parsed, twice
from evote.interop.electionguard2.values import Ballot, Chain, Config


@dataclass(frozen=True, slots=True)
class Link:
    """What chains need of a ballot."""

    label: str
    device: str
    aux: bytes
    code: bytes


@dataclass(slots=True)
class Devices:
    """What chains need of the ballots: per folder, B_aux and code by ballot, and the device's name."""

    links: dict[str, dict[str, tuple[bytes, bytes]]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    starts: dict[bytes, str] = field(default_factory=dict)

    def enter(self, run: Run, folder: str, ballot: Link) -> None:
        """One ballot of a folder."""
        name = self.names.setdefault(folder, ballot.device)
        if ballot.device != name:
            run.report.fail(
                "7.D",
                f"ballot {ballot.label!r}",
                "the ballot is in the folder of another device",
                expected=name,
                computed=ballot.device,
            )
        self.links.setdefault(folder, {})[ballot.label] = (ballot.aux, ballot.code)


def check_unchained(run: Run, config: Config, ballot: Ballot, where: str) -> None:
    """F.10, for a ballot of a record that says it has no chains: B_aux is what was configured."""
    run.report.compare(
        "F.10",
        where,
        "the record has no chains, and the ballot holds other bytes than the configured ones",
        expected=config.device_bytes,
        computed=ballot.aux,
    )


def check_chains(run: Run, keys: Keys, config: Config, devices: Devices, *, unread: int) -> None:
    """7.D to 7.G for every device."""
    for folder in sorted(devices.links):
        name = f"{BALLOTS}/{folder}/{CHAIN}" if folder else f"{BALLOTS}/{CHAIN}"
        found = parsed(run, name, MAX_FILE_BYTES, run.reader.chain)
        if found is None:
            run.skip(CHAINS, f"{name} cannot be read")
            continue
        chain = found[1]
        if chain.election is not None:
            run.names_election(chain.election, name)
        device_bytes = config.device_bytes or chain.device.encode("utf-8")
        start = _check_start(run, keys, devices, folder, chain, device_bytes, name)
        if unread:
            run.skip(("7.E", "7.F", "7.G"), "a ballot cannot be read, and links through it are not known")
            continue
        last = _check_links(run, chain, devices.links[folder], start, device_bytes, name)
        _check_end(run, keys, chain, last, device_bytes, name)


def _check_start(
    run: Run, keys: Keys, devices: Devices, folder: str, chain: Chain, device_bytes: bytes, name: str
) -> bytes:
    """7.D; H_0 as computed."""
    report = run.report
    report.count("7.D")
    if chain.device != devices.names[folder]:
        report.fail(
            "7.D",
            name,
            "the chain is another device's",
            expected=devices.names[folder],
            computed=chain.device,
        )
    start = hashes.start_code(keys.extended, device_bytes)
    other = devices.starts.setdefault(device_bytes, folder)
    if other != folder:
        report.fail("7.D", name, f"the device of the folder {other!r} starts with the same bytes")
    wanted = start if run.layout is Layout.MULTIPLATFORM else device_bytes
    if chain.start != wanted:
        report.fail("7.D", name, "the start is wrong", expected=wanted.hex(), computed=chain.start.hex())
    return start


def _check_links(
    run: Run,
    chain: Chain,
    links: dict[str, tuple[bytes, bytes]],
    start: bytes,
    device_bytes: bytes,
    name: str,
) -> bytes:
    """7.E: each ballot holds the code before it, and the chain has exactly the ballots of its device."""
    report = run.report
    for label in twice(chain.ballots):
        report.fail("7.E", name, f"ballot {label!r} stands in the chain twice")
    for label in sorted(set(links) - set(chain.ballots)):
        report.fail("7.E", name, f"ballot {label!r} is not in the chain")
    before, first = start, True
    for label in chain.ballots:
        report.count("7.E")
        if label not in links:
            report.fail("7.E", name, f"ballot {label!r} of the chain is not in the record")
            continue
        aux, code = links[label]
        # The multiplatform program leaves B_aux,0 out of the first link.
        wanted = before if first and run.layout is Layout.MULTIPLATFORM else before + device_bytes
        if aux != wanted:
            report.fail(
                "7.E",
                f"{name}, ballot {label!r}",
                "the ballot does not hold the code of the one before",
                expected=wanted.hex(),
                computed=aux.hex(),
            )
        before, first = code, False
    return before


def _check_end(run: Run, keys: Keys, chain: Chain, last: bytes, device_bytes: bytes, name: str) -> None:
    """7.F and 7.G."""
    report = run.report
    report.compare(
        "7.F", name, "the last code is not that of the last ballot", expected=last, computed=chain.last_code
    )
    report.count("7.G")
    if chain.closing_hash is None:
        report.fail("7.G", name, "the chain is not closed")
        return
    closing = hashes.closing_hash(keys.extended, last, device_bytes)
    if chain.closing_hash != closing:
        report.fail(
            "7.G",
            name,
            "the closing hash is wrong",
            expected=closing.hex(),
            computed=chain.closing_hash.hex(),
        )
