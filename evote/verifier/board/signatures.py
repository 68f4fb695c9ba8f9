"""E.17: every cast ballot on a log is signed by the credential that its entry names, or by a device.

A signature is over id_B, the ballot's hash and the ballot before it in the slot, for H_E and the unit's
log. Which credential is in force at an entry is known while the log is read; the signatures are then
checked by whoever works (:func:`check_signatures`), with the verifiers of other schemes that were given;
an entry whose scheme has none is not looked at, and E.17 is then not checked
(:mod:`evote.verifier.board.roll`).
"""

from __future__ import annotations

from dataclasses import dataclass

from evote.board.credential import CredentialVerifier, schemes
from evote.board.submission import CAST_TAG, signed_message
from evote.errors import DecodeError, VerificationError


@dataclass(frozen=True, slots=True)
class SignedItem:
    """The signatures of one entry."""

    index: int
    """Of the entry in its log."""
    scheme: str
    keys: tuple[bytes, ...]
    signatures: tuple[bytes, ...]
    identifier: bytes
    ballot: bytes
    previous: bytes


@dataclass(frozen=True, slots=True)
class SignedTask:
    """Entries of one log."""

    unit: str
    origin: str
    election: bytes
    """H_E."""
    items: tuple[SignedItem, ...]
    others: tuple[CredentialVerifier, ...] = ()
    """Those who check other schemes than the built-in one."""


@dataclass(frozen=True, slots=True)
class SignedResult:
    """How many entries were looked at, and index and message of those that are not signed."""

    unit: str
    looked: int
    faults: tuple[tuple[int, str], ...]


def check_signatures(task: SignedTask) -> SignedResult:
    """Check the signatures of a task."""
    known = schemes(*task.others)
    faults, looked = [], 0
    for item in task.items:
        verifier = known.get(item.scheme)
        if verifier is None:
            continue  # a declared scheme, or the roll would not be there
        looked += 1
        fault = _fault(task, item, verifier)
        if fault:
            faults.append((item.index, fault))
    return SignedResult(task.unit, looked, tuple(faults))


def _fault(task: SignedTask, item: SignedItem, verifier: CredentialVerifier) -> str:
    try:
        verifier.verify(
            item.keys,
            item.signatures,
            tag=CAST_TAG,
            election=task.election,
            origin=task.origin,
            message=signed_message(item.identifier, item.ballot, item.previous),
        )
    except (DecodeError, VerificationError) as error:
        return error.message
    return ""
