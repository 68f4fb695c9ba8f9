"""Encryption by a device of the office: plaintext ballots become pending ones.

Each ballot is encrypted and kept, durably, before the next one: whatever stops the program leaves the
ballots so far, and the chain of the device goes on behind them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from evote.ballots import Election, PlaintextBallot
from evote.ballots.device import Device
from evote.ballots.encrypt import encrypt
from evote.storage.pending import PendingStore
from evote.storage.vault import Vault

NONCE = "ballot nonce"
"""What a sealed nonce is sealed as; its owner is the ballot's identifier."""


def encrypt_ballots(
    election: Election,
    store: PendingStore,
    vault: Vault,
    device: str,
    ballots: Iterable[PlaintextBallot],
) -> Iterator[str]:
    """Encrypt on the device of that name, and yield each confirmation code once its ballot is kept.

    Raises ``ValueError`` for a device name or marks that cannot be, the former before the first ballot, and
    :class:`~evote.errors.RefusedError` if another program encrypts for the device at the same time.
    """
    codes = store.codes(device)
    return _encrypt(Device(election, device, codes=codes), store, vault, ballots, len(codes))


def _encrypt(
    machine: Device, store: PendingStore, vault: Vault, ballots: Iterable[PlaintextBallot], first: int
) -> Iterator[str]:
    for place, plaintext in enumerate(ballots, first):
        prepared = encrypt(machine, plaintext)
        ballot, context, nonce = prepared.pending()
        store.add(place, ballot, context, vault.seal(NONCE, ballot.identifier, nonce), prepared.hint())
        yield prepared.code
