"""Chaining fields and what is published of a device (specification sections 3.4.3, 3.4.4, 4.1.4).

Only arithmetic on published values: makers and checkers of chains both use it. A tool that pre-encrypts
ballots has hashes of its own; the manifest says which devices are such tools.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from evote.ballots import hashes, preencrypted_hashes
from evote.ballots.election import Election
from evote.ballots.values import DeviceRecord
from evote.manifest import ChainingMode


@dataclass(frozen=True, slots=True)
class Family:
    """The hashes of a kind of device: of its information, of its chain's ends, inside the closing field."""

    device_hash: Callable[[bytes, str], bytes]
    chain_code: Callable[[bytes, bytes], bytes]
    closing_digest: Callable[[bytes, bytes, bytes], bytes]


ORDINARY: Final = Family(hashes.device_hash, hashes.chain_code, hashes.closing_digest)
"""Equations 72, 74 and 77, 78."""
PRE_ENCRYPTING: Final = Family(
    preencrypted_hashes.device_hash, preencrypted_hashes.chain_code, preencrypted_hashes.closing_digest
)
"""Equations 119, 117 and 118, 120."""


def family_of(election: Election, information: str) -> Family:
    """The hashes of a device by its information string."""
    return PRE_ENCRYPTING if election.manifest.pre_encrypts(information) else ORDINARY


def chaining_field(mode: ChainingMode, digest: bytes) -> bytes:
    """B_C: the mode in 4 bytes and a hash (equations 73, 75, 76, 78)."""
    return int(mode).to_bytes(4, "big") + digest


def initial_of(election: Election, hashed: bytes, family: Family = ORDINARY) -> tuple[bytes, bytes]:
    """B_C,0 and H_0 of a chain (equations 75, 74; 117)."""
    initial = chaining_field(ChainingMode.SIMPLE, hashed)
    return initial, family.chain_code(election.extended_hash, initial)


def device_record(election: Election, information: str, codes: tuple[bytes, ...]) -> DeviceRecord:
    """The published record of a device whose codes are ``codes``, closing field included."""
    family, extended_hash = family_of(election, information), election.extended_hash
    hashed = family.device_hash(extended_hash, information)
    if election.manifest.chaining is ChainingMode.NONE:
        return DeviceRecord(information, hashed, codes, None, None, None, None)
    initial, start = initial_of(election, hashed, family)
    last = codes[-1] if codes else start
    closing = chaining_field(ChainingMode.SIMPLE, family.closing_digest(extended_hash, last, initial))
    return DeviceRecord(
        information, hashed, codes, initial, start, closing, family.chain_code(extended_hash, closing)
    )
