"""Chaining fields and what is published of a device (specification sections 3.4.3, 3.4.4).

Only arithmetic on published values: makers and checkers of chains both use it.
"""

from __future__ import annotations

from evote.ballots.election import Election
from evote.ballots.hashes import chain_code, closing_digest, device_hash
from evote.ballots.values import DeviceRecord
from evote.manifest import ChainingMode


def chaining_field(mode: ChainingMode, digest: bytes) -> bytes:
    """B_C: the mode in 4 bytes and a hash (equations 73, 75, 76, 78)."""
    return int(mode).to_bytes(4, "big") + digest


def initial_of(election: Election, hashed: bytes) -> tuple[bytes, bytes]:
    """B_C,0 and H_0 of a chain (equations 75, 74)."""
    initial = chaining_field(ChainingMode.SIMPLE, hashed)
    return initial, chain_code(election.extended_hash, initial)


def device_record(election: Election, information: str, codes: tuple[bytes, ...]) -> DeviceRecord:
    """The published record of a device whose codes are ``codes``, closing field included."""
    hashed = device_hash(election.extended_hash, information)
    if election.manifest.chaining is ChainingMode.NONE:
        return DeviceRecord(information, hashed, codes, None, None, None, None)
    initial, start = initial_of(election, hashed)
    last = codes[-1] if codes else start
    closing = chaining_field(ChainingMode.SIMPLE, closing_digest(election.extended_hash, last, initial))
    return DeviceRecord(
        information, hashed, codes, initial, start, closing, chain_code(election.extended_hash, closing)
    )
